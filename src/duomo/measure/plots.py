"""Plots of the report as inline SVG: places in percent, so that they fit a phone, colors from the page."""

from collections.abc import Sequence
from html import escape
from typing import Final

from duomo.measure.compare import Duel, Interval

ROW: Final = 16  # pixels for a system
_SPREAD: Final = 5  # pixels from the middle of a mark to its edge
_MARKS: Final = ("circle", "square", "diamond")  # systems differ in shape, too, not in color alone


def dots(means: Sequence[Interval | None], chance: float | None, names: Sequence[str]) -> str:
    """One kind of question: a mark and an interval for each system on a line from 0 to 1.

    Args:
        means: (systems,) None: the system was not asked.
        chance: what an order by chance has; None: not known.
        names: (systems,) told to who cannot see it.

    >>> dots([Interval(0.5, 0.25, 0.75)], None, ["hybrid"]).count("<circle")
    1
    """
    height = ROW * len(means) + 8
    parts = [f'<line class="grid" x1="{x}%" x2="{x}%" y1="0" y2="{height}"/>' for x in (0, 25, 50, 75, 100)]
    if chance is not None:
        parts.append(f'<line class="chance" x1="{chance:.2%}" x2="{chance:.2%}" y1="0" y2="{height}"/>')
    told = []
    for number, (mean, name) in enumerate(zip(means, names, strict=True)):
        if mean is None:
            continue
        middle = 4 + ROW * number + ROW // 2
        told.append(f"{name} {mean.mean:.2f}")
        line = f'x1="{mean.low:.2%}" x2="{mean.high:.2%}" y1="{middle}" y2="{middle}"'
        parts.append(f'<g class="s{number}"><title>{escape(f"{name}: {mean}")}</title><line {line}/>')
        parts.append(f"{mark(number, f'{mean.mean:.2%}', middle)}</g>")
    label = escape(", ".join(told), quote=True)
    return f'<svg class="dots" height="{height}" role="img" aria-label="{label}">{"".join(parts)}</svg>'


def mark(number: int, x: str, y: int) -> str:
    """The mark of a system at a place: a circle, a square or a diamond."""
    shape = _MARKS[number % len(_MARKS)]
    if shape == "circle":
        return f'<circle cx="{x}" cy="{y}" r="{_SPREAD}"/>'
    side = 2 * _SPREAD - 1
    square = f'<rect x="{-side / 2}" y="{-side / 2}" width="{side}" height="{side}"'
    turn = ' transform="rotate(45)"' if shape == "diamond" else ""
    return f'<svg x="{x}" y="{y}" overflow="visible">{square}{turn}/></svg>'


def balance(found: Duel, words: tuple[str, str, str]) -> str:
    """Won, equal and lost questions as one bar.

    Args:
        found: the counts.
        words: for won, equal, lost.

    >>> balance(Duel(1, 1, 2, Interval(0, 0, 0)), ("won", "equal", "lost")).count("<rect")
    3
    """
    total = found.wins + found.ties + found.losses
    parts, start = [], 0.0
    counts = (("won", found.wins), ("equal", found.ties), ("lost", found.losses))
    for (name, count), word in zip(counts, words, strict=True):
        share = count / total
        if count:
            parts.append(
                f'<rect class="{name}" x="{start:.2%}" y="0" width="{share:.2%}" height="22">'
                f"<title>{escape(word)}: {count}</title></rect>"
            )
        if share >= 0.07:  # narrower ones have no room for their number
            parts.append(f'<text class="{name}" x="{start + share / 2:.2%}" y="15.5">{count}</text>')
        start += share
    label = ", ".join(f"{word} {count}" for (_, count), word in zip(counts, words, strict=True))
    return (
        f'<svg class="balance" height="22" role="img" aria-label="{escape(label, quote=True)}">'
        f"{''.join(parts)}</svg>"
    )
