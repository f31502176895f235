"""Small pictures in SVG, made of shapes with a word on each; colors follow the theme of the page."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

WIDTH: Final = 1_000.0
GREY: Final = "var(--quiet)"
ACCENT: Final = "var(--accent)"
SHARES: Final = frozenset({"total_return", "cagr", "volatility", "max_drawdown", "win_rate"})
STRENGTH_MIN: Final = 0.06
STRENGTH_MAX: Final = 0.9


@dataclass(frozen=True)
class Scale:
    """Values onto pixels.

    >>> Scale(0.0, 10.0, 100.0, 200.0)(5.0)
    150.0
    """

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Where a value lies."""
        if self.high == self.low:
            return (self.start + self.end) / 2.0
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    @classmethod
    def around(cls, values: Iterable[float], start: float, end: float) -> Scale:
        """From the smallest to the largest value, with a little room; from -1 to 1 if there is none."""
        known = [each for each in values if math.isfinite(each)]
        low, high = (min(known), max(known)) if known else (-1.0, 1.0)
        room = 0.04 * (high - low) or max(abs(high), 1.0) * 0.1
        return cls(low - room, high + room, start, end)

    def ticks(self, most: int = 5) -> list[float]:
        """Round values that lie inside.

        >>> Scale(0.0, 10.0, 0.0, 1.0).ticks(5)
        [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]
        """
        raw = (self.high - self.low) / max(most, 1)
        if raw <= 0:
            return [self.low]
        power = 10.0 ** math.floor(math.log10(raw))
        step = next(each * power for each in (1, 2, 5, 10) if each * power >= raw * (1 - 1e-9))
        first = math.ceil(self.low / step - 1e-9)
        count = math.floor(self.high / step + 1e-9) - first + 1
        return [round((first + place) * step, 12) for place in range(count)]


def svg(width: float, height: float, parts: Iterable[str], name: str) -> str:
    """Put shapes into a picture that is as wide as there is room.

    >>> svg(10, 5, ["<g/>"], "nothing")
    '<div class="wide picture"><svg viewBox="0 0 10 5" width="100%" role="img" aria-label="nothing"><g/></svg></div>'
    """
    label = escape(name, quote=True)
    frame = f'viewBox="0 0 {width:g} {height:g}" width="100%" role="img" aria-label="{label}"'
    return f'<div class="wide picture"><svg {frame}>{"".join(parts)}</svg></div>'


def text(x: float, y: float, words: str, *, anchor: str = "start", size: float = 12.5, strong: bool = False) -> str:
    """Write words; strong ones can be read on a color."""
    style = f' style="font-size:{size:g}px{";fill:var(--ink)" if strong else ""}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{style}>{escape(words)}</text>'


def rect(x: float, y: float, size: tuple[float, float], fill: str, words: str = "", extra: str = "") -> str:
    """Draw a box."""
    title = f"<title>{escape(words)}</title>" if words else ""
    shape = f'x="{x:.1f}" y="{y:.1f}" width="{max(size[0], 0.5):.1f}" height="{max(size[1], 0.5):.1f}"'
    return f'<rect {shape} style="fill:{fill}"{extra}>{title}</rect>'


def dot(x: float, y: float, fill: str, words: str, *, radius: float = 3.5, opacity: float = 0.6) -> str:
    """Draw a point."""
    shape = f'cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}"'
    return f'<circle {shape} style="fill:{fill};opacity:{opacity:g}"><title>{escape(words)}</title></circle>'


def line(x1: float, y1: float, x2: float, y2: float, *, mark: bool = False) -> str:
    """Draw a straight line; a mark is dashed."""
    kind = ' class="mark"' if mark else ""
    return f'<line{kind} x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def path(
    points: Sequence[tuple[float, float]], stroke: str, *, width: float = 1.6, extra: str = "", words: str = ""
) -> str:
    """Draw a line through points."""
    along = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    title = f"<title>{escape(words)}</title>" if words else ""
    style = f'style="fill:none;stroke:{stroke};stroke-width:{width:g}"'
    return f'<polyline points="{along}" {style}{extra}>{title}</polyline>'


def tone(value: float | None, low: float, high: float) -> str:
    """The color of a value: green above zero and red below if both may be, else the deeper the larger.

    >>> tone(1.0, -1.0, 2.0), tone(5.0, 5.0, 9.0)
    ('rgba(var(--heat-gain), 0.48)', 'color-mix(in srgb, var(--accent) 6%, transparent)')
    """
    if value is None or not math.isfinite(value):
        return "none"
    if low < 0 < high or high <= 0:
        most = max(abs(low), abs(high)) or 1.0
        strength = STRENGTH_MIN + (STRENGTH_MAX - STRENGTH_MIN) * min(1.0, abs(value) / most)
        return f"rgba(var(--heat-{'gain' if value > 0 else 'loss'}), {strength:.2f})"
    share = (value - low) / (high - low) if high > low else 0.0
    return f"color-mix(in srgb, var(--accent) {100 * (STRENGTH_MIN + 0.84 * share):.0f}%, transparent)"


def number(value: float | None) -> str:
    """Write a number shortly.

    >>> number(0.12345), number(123456.0), number(-0.000012), number(None)
    ('0.123', '123,456', '-1.2e-05', '-')
    """
    if value is None or not math.isfinite(value):
        return "-"
    if abs(value) >= 1_000:
        return f"{value:,.0f}"
    if 0 < abs(value) < 0.001:
        return f"{value:.1e}"
    return f"{value:.3f}".rstrip("0").rstrip(".") if value else "0"


def shown(metric: str, value: float | None) -> str:
    """Write a metric: shares as percent.

    >>> shown("total_return", -0.0214), shown("sharpe", 1.5), shown("win_rate", None)
    ('-2.14 %', '1.5', '-')
    """
    if value is None or metric not in SHARES:
        return number(value)
    decimals = 2 if abs(value) >= 0.001 or not value else 4
    return f"{100 * value:.{decimals}f} %"
