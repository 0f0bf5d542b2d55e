"""Plots of the page on ads as inline SVG: they fit a phone, and take their colors from the page."""

from collections.abc import Sequence
from html import escape
from typing import Final, NamedTuple

from duomo.understand.ads_fatigue import FLOOR, Fatigue

_HEIGHT: Final = 20  # pixels of a row
_CURVE: Final = (320, 140)  # units of a curve
_HEAD: Final = 1.12  # room above a curve


class Scale(NamedTuple):
    """From a value to a place in percent."""

    low: float
    high: float

    def at(self, value: float) -> float:
        """0 to 100, at the rim for what lies beyond."""
        return 100 * min(max((value - self.low) / max(self.high - self.low, 1e-12), 0), 1)


def whisker(
    middle: float,
    low: float,
    high: float,
    scale: Scale,
    *,
    label: str,
    sure: bool = True,
    line: float | None = None,
) -> str:
    """One row: a mark with its interval, filled where it is sure; and a line that it is compared with.

    >>> whisker(1.0, 0.9, 1.1, Scale(0.5, 1.5), label="a question").count("<circle")
    1
    """
    centre = _HEIGHT / 2
    parts = []
    if line is not None:
        even = f"{scale.at(line):.2f}%"
        parts.append(f'<line class="even" x1="{even}" x2="{even}" y1="0" y2="{_HEIGHT}"/>')
    ends = f'x1="{scale.at(low):.2f}%" x2="{scale.at(high):.2f}%"'
    parts.append(f'<line class="reach" {ends} y1="{centre}" y2="{centre}"/>')
    kind = "mark" if sure else "mark open"
    parts.append(f'<circle class="{kind}" cx="{scale.at(middle):.2f}%" cy="{centre}" r="5"/>')
    told = escape(label, quote=True)
    return f'<svg class="whisker" height="{_HEIGHT}" role="img" aria-label="{told}">{"".join(parts)}</svg>'


def curve(one: Fatigue, *, label: str) -> str:
    """The rate of a creative against impressions: what was counted, the model, its band, the floor."""
    width, height = _CURVE
    last = one.points[-1].shown * 1.03
    top = max(max(point.high for point in one.points), max(point.curve_high for point in one.points)) * _HEAD

    def place(shown: float, rate: float) -> str:
        return f"{width * shown / last:.1f},{height * (1 - min(rate / top, 1)):.1f}"

    def line(rates: Sequence[float]) -> list[str]:
        return [place(point.shown, rate) for point, rate in zip(one.points, rates, strict=True)]

    band = line([p.curve_high for p in one.points]) + line([p.curve_low for p in one.points])[::-1]
    floor = height * (1 - FLOOR * one.first / top)
    parts = [
        f'<line class="grid" x1="0" x2="{width}" y1="{height}" y2="{height}"/>',
        f'<polygon class="band" points="{" ".join(band)}"/>',
        f'<line class="floor" x1="0" x2="{width}" y1="{floor:.1f}" y2="{floor:.1f}"/>',
        f'<polyline class="model" points="{" ".join(line([p.curve for p in one.points]))}"/>',
    ]
    for point in one.points:
        x, y = place(point.shown, point.rate).split(",")
        ends = [place(point.shown, rate).split(",")[1] for rate in (point.low, point.high)]
        parts.append(f'<line class="reach" x1="{x}" x2="{x}" y1="{ends[0]}" y2="{ends[1]}"/>')
        parts.append(f'<circle class="mark" cx="{x}" cy="{y}" r="3"/>')
    told = escape(label, quote=True)
    box = f"-4 0 {width + 8} {height + 4}"
    return f'<svg class="curve" viewBox="{box}" role="img" aria-label="{told}">{"".join(parts)}</svg>'
