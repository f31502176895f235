"""Sweeps: parameter spaces by number, blocks of sets on many cores or machines, summaries into a store."""
