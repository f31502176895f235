"""Engines by name: those that are not there say how to get them."""

import sys

import pytest

import triplebar as tb
from triplebar.research.factory import GUESTS, create_engine


@pytest.mark.feature("F-122")
@pytest.mark.parametrize("name", GUESTS)
def test_a_guest_that_is_not_installed_says_how_to_install_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, GUESTS[name], None)
    assert name not in tb.available_engines()
    with pytest.raises(
        tb.EngineNotAvailableError, match=rf"engine '{name}' needs a package.*pip install 'triplebar\[{name}\]'"
    ):
        create_engine(name)


@pytest.mark.feature("F-122")
def test_a_version_that_is_not_known_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    import backtrader

    monkeypatch.setattr(backtrader, "__version__", "2.0.1")
    with pytest.raises(
        tb.EngineNotAvailableError, match=r"'backtrader' is version 2\.0\.1.*known: 1\.9\.78.*pip install"
    ):
        create_engine("backtrader")
