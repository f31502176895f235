"""Every test that runs a strategy runs it on each engine; held to our conventions, the guests do the same."""

import pytest


@pytest.fixture(params=["reference", "custom", "backtrader", "nautilus"])
def engine(request: pytest.FixtureRequest) -> str:
    """The name of an engine."""
    return str(request.param)
