"""Metrics of many curves at once: Numba kernels, loaded only when many curves are asked for."""
