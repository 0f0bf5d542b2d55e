"""What the page on feedback draws: charts by time, ranges, marked quotes; and how it writes numbers."""

from datetime import datetime
from html import escape
from typing import Final

from duomo.understand.feedback import Theme
from duomo.understand.feedback_quotes import Quote
from duomo.understand.feedback_statistics import Share
from duomo.understand.feedback_words import say

_WIDE: Final = 640  # of a chart, in its own units
_HIGH: Final = 84


def chart(theme: Theme, *, language: str) -> str:
    """Share of remarks by time as bars of SVG, with a line where it changed."""
    if len(theme.series) < 2:
        return ""
    tallest = max((hits / of for _, hits, of in theme.series if of), default=0.0) or 1.0
    width = _WIDE / len(theme.series)
    parts = []
    for number, (start, hits, of) in enumerate(theme.series):
        if not of:
            continue
        height = _HIGH * hits / of / tallest
        said = say("chart.bar", language, date=date_of(start), hits=hits, remarks=of)
        left, broad = number * width + width * 0.08, width * 0.84
        box = f'x="{left:.1f}" y="{_HIGH - height:.1f}" width="{broad:.1f}" height="{max(height, 0.6):.1f}"'
        parts.append(f"<rect {box}><title>{escape(said)}</title></rect>")
    first, last = theme.series[0][0], theme.series[-1][0]
    span = (last - first).total_seconds() or 1.0
    for change in theme.changes:
        x = (change.at - first).total_seconds() / span * (_WIDE - width)
        line = f'x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{_HIGH}"'
        parts.append(f"<line {line}><title>{date_of(change.at)}</title></line>")
    label = escape(say("chart", language, most=percent(tallest)), quote=True)
    kept = f'class="chart {theme.polarity}" viewBox="0 0 {_WIDE} {_HIGH}" preserveAspectRatio="none"'
    ends = (date_of(first), label, date_of(last))
    under = "".join(f"<span>{end}</span>" for end in ends)
    drawing = f'<svg {kept} role="img" aria-label="{label}">{"".join(parts)}</svg>'
    return f"<figure>{drawing}<figcaption>{under}</figcaption></figure>"


def range_of(share: Share, most: float) -> str:
    """A share with its interval as a bar of SVG, on a line from 0 to the largest."""
    value, low, high = (100 * min(each / max(most, 1e-9), 1) for each in share)
    bar = f'<rect x="0" y="4" width="{value:.2f}%" height="6"/>'
    line = f'<line x1="{low:.2f}%" x2="{high:.2f}%" y1="7" y2="7"/>'
    return f'<svg class="range" height="14" aria-hidden="true">{bar}{line}</svg>'


def marked(quote: Quote) -> tuple[str, str, str]:
    """A quote before, in and behind its phrase."""
    return quote.text[: quote.start], quote.text[quote.start : quote.end], quote.text[quote.end :]


def date_of(when: datetime | None) -> str:
    """A day as it is written everywhere: 2026-11-03; "" where it is not known."""
    return when.date().isoformat() if when else ""


def percent(share: float) -> str:
    """A share as a person reads it.

    >>> percent(0.256), percent(0.0123)
    ('26 %', '1.2 %')
    """
    return f"{100 * share:.0f} %" if share >= 0.095 else f"{100 * share:.1f} %"
