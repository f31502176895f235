"""What the tests of NautilusTrader share."""

import pytest

from triplebar.engines.nautilus.versions import installed_version


@pytest.fixture
def version() -> str:
    """The installed version."""
    return installed_version()
