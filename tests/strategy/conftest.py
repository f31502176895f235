"""Every test that runs a strategy runs it on each engine."""

import pytest


@pytest.fixture(params=["reference", "custom"])
def engine(request: pytest.FixtureRequest) -> str:
    """The name of an engine."""
    return str(request.param)
