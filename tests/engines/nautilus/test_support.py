"""The page of what NautilusTrader does is what it does (F-124)."""

import pytest

from tests.engines.nautilus.support import PAGE, Row, order, page, rows, strict


@pytest.mark.feature("F-124", "F-129")
def test_the_page_is_what_is_found_by_trying() -> None:
    made = page()
    assert PAGE.read_text(encoding="utf-8") == made, "python -m tests.engines.nautilus.support --update"
    assert made.count("| equal: ") == len(list(rows())) > 20
    assert "DIFFERS" not in made


@pytest.mark.feature("F-124")
def test_the_page_would_say_if_something_differed(monkeypatch: pytest.MonkeyPatch) -> None:
    from triplebar.engines.nautilus.floor import NautilusFloor

    monkeypatch.setattr(NautilusFloor, "fee", lambda *_: 1)
    assert strict(Row("market", (order(),))).startswith("DIFFERS: market")
