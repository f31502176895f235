"""Strategies compiled to machine code: the same class, the same decisions, without Python in the loop.

`on_start` and `on_stop` run in Python. In between, the attributes of the strategy lie in flat memory, and `on_bar`,
`on_slice`, `on_fill`, `on_order` and `on_timer` are C functions that the core's loop calls.
"""

from triplebar.strategy.compile.compiler import Compiled, program_for
from triplebar.strategy.compile.errors import CompileError

__all__ = ["CompileError", "Compiled", "program_for"]
