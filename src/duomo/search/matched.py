"""Which stretches of a suggestion were typed."""

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate

from duomo.search.completions import LONGEST, units
from duomo.shelf.han import has_han, pinyin

Spans = tuple[tuple[int, int], ...]  # stretches of a text as start and end, in order, apart from each other


def matched(text: str, readings: Sequence[Sequence[str]]) -> tuple[Spans, bool, bool]:
    """Where a phrase holds what was typed; whether a word is just that; whether one is only read so.

    Args:
        text: the phrase as the catalog writes it.
        readings: of each unit typed; the first that stands in the phrase counts.

    >>> matched("Nike T-Shirt 红色", [["nik"], ["tsh"], ["hongs"]])
    (((0, 3), (5, 9), (13, 15)), False, True)
    """
    simple, places = _simple(text)
    spans: list[tuple[int, int]] = []
    is_whole, is_heard = False, False
    for unit_readings in readings:
        for reading in unit_readings:
            if written := _written(simple, reading):
                start, end, whole = written
                is_whole |= whole
            elif heard := _heard(simple, reading):
                start, end = heard
                is_heard = True
            else:
                continue
            spans.append((places[start], places[end - 1] + 1))
            break
    return tuple(_merged(spans)), is_whole, is_heard


def _simple(text: str) -> tuple[str, list[int]]:
    """The text folded letter by letter, and for each letter of that where it stands in the text."""
    found: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text):
        for folded in _folded(letter):
            found.append(folded)
            places.append(place)
    return "".join(found), places


def _folded(letter: str) -> str:
    if letter.isascii():
        return letter.lower()
    return "".join(units(letter)) or letter


def _written(simple: str, reading: str) -> tuple[int, int, bool] | None:
    """Start and end of the first word that begins so, its hyphens apart; whether it is the whole word."""
    if has_han(reading):
        start = simple.find(reading)
        return None if start < 0 else (start, start + len(reading), True)
    inside = r"[-_./'’&+]?".join(map(re.escape, reading))
    found = re.search(rf"(?<![^\W_])({inside})([^\W_])?", simple)
    return None if found is None else (found.start(1), found.end(1), not found[2])


def _heard(simple: str, reading: str) -> tuple[int, int] | None:
    """Start and end of the Chinese characters that are read so, in full or by first letters."""
    for start in (place for place, letter in enumerate(simple) if has_han(letter)):
        syllables = pinyin(simple[start : start + LONGEST])
        for parts in (syllables, [s.replace("v", "u") for s in syllables], [s[0] for s in syllables]):
            if "".join(parts).startswith(reading):
                ends = accumulate(map(len, parts))
                return start, start + next(n for n, end in enumerate(ends, start=1) if end >= len(reading))
    return None


def _merged(spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Stretches in order, those that touch or overlap as one."""
    last: tuple[int, int] | None = None
    for start, end in sorted(spans):
        if last and start <= last[1]:
            last = (last[0], max(last[1], end))
            continue
        if last:
            yield last
        last = (start, end)
    if last:
        yield last
