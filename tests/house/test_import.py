"""`import triplebar` is lazy: what costs time is loaded by the code that needs it."""

import json
import subprocess
import sys

import pytest

from benches import startup

HEAVY = {"numba", "llvmlite", "pandas", "polars", "duckdb", "plotly", "typer", "rich", "exchange_calendars", "yaml"}
OWN_MODULES_MAX = 12


def modules_after(statement: str) -> set[str]:
    """Run a statement in a fresh interpreter and list what it has loaded."""
    code = f"{statement}\nimport json, sys\nprint(json.dumps(list(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


def test_importing_loads_nothing_heavy() -> None:
    loaded = modules_after("import triplebar")
    assert "triplebar" in loaded
    assert sorted(loaded & HEAVY) == []
    own = {name for name in loaded if name.startswith("triplebar")}
    assert len(own) <= OWN_MODULES_MAX, sorted(own)


def test_a_short_run_loads_nothing_heavy() -> None:
    loaded = modules_after(startup.SHORT_RUN)
    assert "triplebar._native" in loaded
    assert sorted(loaded & HEAVY) == []


@pytest.mark.parametrize("library", ["numba", "pandas"])
def test_a_heavy_library_would_be_noticed(library: str) -> None:
    assert library in modules_after(f"import triplebar, {library}") & HEAVY


def test_every_public_name_is_found_on_demand() -> None:
    code = (
        "import triplebar\nassert len(triplebar.__all__) >= 15\nfor name in triplebar.__all__: getattr(triplebar, name)"
    )
    assert "triplebar" in modules_after(code)


def test_an_unknown_name_is_an_attribute_error() -> None:
    import triplebar

    with pytest.raises(AttributeError, match="no_such_name"):
        _ = triplebar.no_such_name
