"""The frame of a page whose pictures are drawn already: head, bar, style, script."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from html import escape
from importlib import resources
from typing import Final

MORE_STYLE: Final = """
.verdict { border-radius: 9px; padding: .8rem 1.1rem; margin-top: 1.2rem; background: var(--raised); }
.verdict { border: 1px solid var(--line); } .verdict b { font-size: 1.15rem; }
.verdict ul { margin: .35rem 0 0; padding-left: 1.1rem; } .verdict p { margin: .2rem 0 0; color: var(--quiet); }
.verdict.edge b { color: var(--gain); } .verdict.other b { color: var(--loss); }
svg polyline:hover { stroke: var(--ink) !important; opacity: 1 !important; stroke-width: 2.4 !important; }
svg rect:hover, svg circle:hover { stroke: var(--ink); opacity: 1 !important; }
input[type="range"] { accent-color: var(--accent); width: min(100%, 18rem); }
.picture svg { min-width: 640px; display: block; }
#parallel-shown { color: var(--quiet); font-size: .8rem; }
"""


def heading(title: str, lines: Iterable[str]) -> str:
    """Write the title, and what there is to say below it.

    >>> heading("a < b", ["", "c"])
    '<header><h1>a &lt; b</h1><p>c</p></header>'
    """
    below = "".join(f"<p>{escape(each)}</p>" for each in lines if each)
    return f"<header><h1>{escape(title)}</h1>{below}</header>"


def framed(title: str, parts: Iterable[str]) -> str:
    """Put the parts of a page into one file that needs no network."""
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>\n{_file('page.css')}{MORE_STYLE}</style>"
    )
    bar = (
        f'<nav class="bar"><div><span>{escape(title)}</span><button id="theme" type="button">dark</button></div></nav>'
    )
    foot = "<footer>Made by triplebar. Times are UTC; nothing is loaded from anywhere.</footer>"
    script = f"<script>(() => {{\n{_file('theme.js')}{_file('study.js')}}})();</script>"
    body = "\n".join([bar, "<main>", *parts, foot, "</main>", script])
    return f'<!doctype html>\n<html lang="en"><head>{head}</head><body>\n{body}\n</body></html>\n'


@cache
def _file(name: str) -> str:
    return (resources.files("triplebar.report") / "web" / name).read_text(encoding="utf-8")
