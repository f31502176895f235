"""Statistics of a run: one registry of definitions, computed with NumPy.

`triplebar.metrics.measure.measure` computes them all; every metric is a number, a text or None with a
reason, never NaN or infinity.
"""
