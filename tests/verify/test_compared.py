"""The page that compares the engines says what they do."""

import pytest

from tests.verify.compared import BEGIN, END, PAGE, SITUATIONS, situations_table, versions


def part(name: str) -> list[str]:
    text = PAGE.read_text(encoding="utf-8")
    return text.partition(BEGIN.format(name) + "\n")[2].partition(END.format(name))[0].splitlines()


@pytest.mark.feature("F-141")
def test_the_table_of_situations_is_what_the_engines_do() -> None:
    if part("versions") != [versions()]:
        pytest.skip(f"the page was made with {part('versions')}, here is {versions()}")
    assert len(SITUATIONS) >= 15
    assert part("situations") == situations_table(), "python -m tests.verify.compared --update"


@pytest.mark.feature("F-141")
def test_the_page_shows_differences_and_explains_them() -> None:
    rows = [line.split("|")[2:5] for line in part("situations")[2:]]
    assert sum(len(set(map(str.strip, row))) > 1 for row in rows) >= 5
    strategies = part("strategies")[2:]
    assert len(strategies) == 20
    assert all(line.rstrip(" |").rpartition("|")[2].strip() in {"0", "0.00%"} for line in strategies)
