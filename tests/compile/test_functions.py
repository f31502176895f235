"""Every function that compiled code may call does what Python's does, on random and on awkward numbers.

A campaign: `TRIPLEBAR_FUNCTIONS=100000 pytest tests/compile/test_functions.py`.
"""

import math
import os
import random
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import numba
import numpy as np
import pytest

from tests.compile.sources import module_of
from triplebar.strategy.compile.allowed import AS_THEY_ARE, BUILTINS, CHECKED, NUMPY, PAIRS, WHOLE
from triplebar.strategy.compile.link import prepare
from triplebar.strategy.compile.machine.build import _Workshop

NUMBERS = int(os.environ.get("TRIPLEBAR_FUNCTIONS", "400"))
"""Random numbers for each function."""
AWKWARD = (
    0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 1.5, 2.5, -2.5, 2.675, 1e-300, 5e-324, 1e16, 1e18, 1e300, -1e300, 2.0**53,
    -(2.0**62), 9.3e18, 709.0, 710.0, math.inf, -math.inf, math.nan,
)  # fmt: skip

Called = Callable[..., Any]


def outcome(function: Called, *given: Any) -> tuple[str, str]:
    """What a call comes to, to the last bit and with its kind; or what it raises."""
    try:
        found = function(*given)
    except (ArithmeticError, ValueError, TypeError) as problem:
        return type(problem).__name__, str(problem)
    return type(found).__name__, repr(found)


def written(source: str, folder: Path, name: str) -> ModuleType:
    return module_of("import math\n\nimport numpy as np\n\n\n" + source, folder, name)


def compiled(function: Any) -> Called:
    """As a handler's function is, but to be called from Python."""
    prepare()
    made: Called = numba.njit(error_model="python", boundscheck=True)(_Workshop().plain(function))
    return made


def switch(calls: list[str], arguments: str) -> str:
    """A function that makes one of many calls."""
    lines = [f"    if which == {place}:\n        return {call}\n" for place, call in enumerate(calls)]
    return f"def chosen(which, {arguments}):\n{''.join(lines)}    return 0\n"


def reals(count: int, seed: int) -> list[float]:
    dice = random.Random(seed)
    return [*AWKWARD, *(dice.choice((-1, 1)) * 10.0 ** dice.uniform(-12, 12) * dice.random() for _ in range(count))]


def compare(interpreted: Called, made: Called, calls: list[str], rows: list[tuple[Any, ...]]) -> int:
    """How many calls came to the same; the others must be those that say they cannot."""
    same = 0
    for place, call in enumerate(calls):
        for row in rows:
            mine, pythons = outcome(made, place, *row), outcome(interpreted, place, *row)
            if mine == pythons or (mine[0] == pythons[0] == "ZeroDivisionError"):
                same += 1
            else:
                assert cannot(mine, pythons), f"{call} of {row}: {mine}, in Python {pythons}"
    return same


def cannot(mine: tuple[str, str], pythons: tuple[str, str]) -> bool:
    """Whether compiled code said that it cannot, where Python leaves 64 bits, or real numbers, or ints."""
    match mine, pythons:
        case ("OverflowError", said), ("int" | "float", number):
            return "beyond 64 bits" in said and abs(float(number)) >= 2.0**62
        case ("TypeError", said), ("complex" | "OverflowError", _):
            return "complex" in said
        case ("ValueError", said), ("float" | "ZeroDivisionError", _):
            return "write float(base) ** exponent" in said or "more than 22 digits" in said
    return False


def test_functions_of_a_float(tmp_path: Path) -> None:
    calls = [f"math.{name}(x)" for name in (*CHECKED, "fabs", "degrees", "radians")]
    calls += ["math.log(x, 10)", "abs(x)", "float(x)", "x ** 2", "x ** 0.5", "x ** -1", "2 ** x", "(-8.0) ** x"]
    module = written(switch(calls, "x"), tmp_path, "functions_real")
    rows = [(x,) for x in reals(NUMBERS, 1)]
    assert compare(module.chosen, compiled(module.chosen), calls, rows) > 0.9 * len(calls) * len(rows)


def test_functions_that_give_whole_numbers(tmp_path: Path) -> None:
    calls = [*(f"math.{name}(x)" for name in WHOLE), "int(x)", "round(x)"]
    calls += [f"int(math.{name}(x))" for name in ("isnan", "isinf", "isfinite")]
    module = written(switch(calls, "x"), tmp_path, "functions_whole")
    rows = [(x,) for x in reals(NUMBERS, 2)]
    assert compare(module.chosen, compiled(module.chosen), calls, rows) > 0.9 * len(calls) * len(rows)


def test_functions_of_two_floats(tmp_path: Path) -> None:
    calls = [f"math.{name}(x, y)" for name in PAIRS]
    calls += ["math.copysign(x, y)", "math.log(x, y)", "x ** y", "min(x, y)", "max(x, y)", "x // y", "x % y"]
    calls += ["divmod(x, y)[0]", "divmod(x, y)[1]"]
    module = written(switch(calls, "x, y"), tmp_path, "functions_pair")
    rows = [(x, y) for x in AWKWARD for y in AWKWARD] + list(zip(reals(NUMBERS, 3), reals(NUMBERS, 4), strict=True))
    assert compare(module.chosen, compiled(module.chosen), calls, rows) > 0.8 * len(calls) * len(rows)


def test_functions_of_two_ints(tmp_path: Path) -> None:
    calls = ["x ** y", "x << y", "x >> y", "round(x, y)", "math.gcd(x, y)", "x // y", "x % y", "abs(x)", "pow(x, y)"]
    module = written(switch(calls, "x, y"), tmp_path, "functions_int")
    ones = (0, 1, -1, 2, -3, 7, 15, 25, -25, 1000, 2**31, 2**62, 1 - 2**63, 2**63 - 1)
    rows = [(x, y) for x in ones for y in (0, 1, 2, 3, 5, -1, -2, 10, -17, -18, -19, -20, 31, 62, 63, 64, 100)]
    assert compare(module.chosen, compiled(module.chosen), calls, rows) > 0.6 * len(calls) * len(rows)


def ties(count: int) -> list[tuple[float, int]]:
    """Numbers to round: prices, what is nearly between two, what is exactly between, and what is large."""
    dice = random.Random(7)
    rows: list[tuple[float, int]] = []
    for _ in range(count):
        digits = dice.randrange(-4, 24)
        near = float(Decimal(2 * dice.randrange(10 ** dice.randrange(1, 17)) + 1) / 2 / Decimal(10) ** digits)
        rows += [(near, digits), (math.nextafter(near, 0.0), digits), (-math.nextafter(near, math.inf), digits)]
        rows += [(dice.randrange(-(2**40), 2**40) / 2 ** dice.randrange(30), digits), (dice.uniform(0, 1e5), digits)]
        rows += [(2.0 ** dice.randrange(-60, 64) * dice.random(), digits)]
    return rows


def test_round_is_that_of_python(tmp_path: Path) -> None:
    module = written(switch(["round(x, n)", "float(round(x, ndigits=2))"], "x, n"), tmp_path, "functions_round")
    rows = [*ties(NUMBERS), *((x, n) for x in AWKWARD for n in range(-22, 25)), (2.675, 2), (0.5, 0), (1e22, 2)]
    calls = ["round(x, n)", "round(x, 2)"]
    assert compare(module.chosen, compiled(module.chosen), calls, rows) > 1.9 * len(rows)


# ---------------------------------------------------------------------------------------------------------- NumPy

ELEMENTS = ("abs", "absolute", "ceil", "fabs", "floor", "sqrt", "trunc", "isfinite", "isinf", "isnan")
ELEMENT_PAIRS = ("copysign", "maximum", "minimum")
SINGLE = ("argmax", "argmin", "max", "min")
MADE = ("empty_like", "ones_like", "zeros_like", "diff")
NEW = ("empty", "full", "ones", "zeros")
OTHER = ("where", "float64")
ARRAY_CALLS = [
    *(f"out[:] = np.{name}(a)" for name in ELEMENTS),
    *(f"out[:] = np.{name}(a, b)" for name in ELEMENT_PAIRS),
    *(f"out[0] = np.{name}(a)" for name in SINGLE),
    *(f"out[0] = a.{name}()" for name in SINGLE),
    "out[1:] = np.diff(a)",
    "out[:] = np.where(a > b, a, b)",
    "out[:] = np.ones(len(a)) + np.zeros(len(a)) + np.full(len(a), 2.5)",
    "out[:] = np.ones_like(a) + np.zeros_like(a) + len(np.empty(3)) + len(np.empty_like(a))",
    "out[:] = a.copy()",
    "out.fill(a[0])",
    "out[0] = np.float64(a[0])",
]


def arrays(count: int) -> list[np.ndarray[Any, Any]]:
    dice = np.random.default_rng(3)
    made = [dice.normal(0, 10, dice.integers(1, 70)).round(dice.integers(0, 4)) for _ in range(count)]
    for number, each in enumerate(made):
        if number % 3 == 0:
            each[dice.integers(0, len(each))] = (np.nan, np.inf, -np.inf, -0.0, 0.0)[number % 5]
    return made


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_functions_of_numpy(tmp_path: Path) -> None:
    assert set(NUMPY) == {*ELEMENTS, *ELEMENT_PAIRS, *SINGLE, *MADE, *NEW, *OTHER}
    body = "".join(f"    if which == {place}:\n        {call}\n" for place, call in enumerate(ARRAY_CALLS))
    module = written(f"def chosen(which, a, b, out):\n{body}", tmp_path, "functions_arrays")
    made, seen = compiled(module.chosen), 0
    for a in arrays(20):
        b = a[::-1].copy()
        for place, call in enumerate(ARRAY_CALLS):
            one, other = np.zeros(len(a)), np.zeros(len(a))
            module.chosen(place, a, b, one)
            made(place, a, b, other)
            assert one.tobytes() == other.tobytes(), f"{call} of {a!r}: {other!r}, in Python {one!r}"
            seen += 1
    assert seen == 20 * len(ARRAY_CALLS)


def test_every_function_that_is_allowed_is_compared() -> None:
    assert set(AS_THEY_ARE) == {"copysign", "degrees", "fabs", "gcd", "isfinite", "isinf", "isnan", "radians"}
    assert set(BUILTINS) == {"abs", "bool", "divmod", "enumerate", "float", "len", "max", "min", "range", "zip"}
