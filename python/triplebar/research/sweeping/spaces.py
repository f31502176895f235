"""Parameter spaces for sweeps, under one name: `tb.spaces`.

>>> import triplebar as tb
>>> space = tb.spaces.random({"fast": tb.spaces.integers(5, 45), "band": tb.spaces.log_uniform(1e-4, 1e-1)}, count=100)
>>> len(space), sorted(space[7])
(100, ['band', 'fast'])
"""

from triplebar.research.sweeping.ranges import choice, integers, log_steps, log_uniform, steps, uniform
from triplebar.research.sweeping.space import Grid, Indexed, RandomSpace, Space, grid, indexed, random

__all__ = [
    "Grid",
    "Indexed",
    "RandomSpace",
    "Space",
    "choice",
    "grid",
    "indexed",
    "integers",
    "log_steps",
    "log_uniform",
    "random",
    "steps",
    "uniform",
]
