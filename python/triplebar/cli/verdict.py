"""A verdict for people."""

from __future__ import annotations

from typing import Final

from rich.console import Console

from triplebar.research.validation.verdict import EDGE, NO_EDGE, Verdict

STYLES: Final = {EDGE: "bold green", NO_EDGE: "bold red"}


def print_verdict(verdict: Verdict, console: Console) -> None:
    """Print the word, how much was tried, and every reason."""
    word, *lines = str(verdict).splitlines()
    console.print(f"verdict: {word}", style=STYLES.get(verdict.kind, "bold yellow"), highlight=False)
    for each in lines:
        console.print(each, markup=False, highlight=False, soft_wrap=True)
