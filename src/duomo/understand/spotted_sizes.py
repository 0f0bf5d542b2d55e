"""Sizes of what is worn, as texts name them: letters, numbers of a scale, ages and ranges of them."""

import re
from collections.abc import Iterator
from typing import Final

_LETTERS: Final = r"(?:x{1,4}[sl]|[2-6]x[sl]|[sml])"
_NUMBER: Final = r"\d{1,3}(?:\.5)?"
_ALONE: Final = r"(?<![\w.'’&/+-])"
_NO_MORE: Final = r"(?![\w'’&/+-]|\.\d)"
_TO: Final = r"\s*(?:-|–|~|～|至|到|\bto\b)\s*"
_SCALE: Final = r"(?:eur?|us|uk|欧码?|美码?|英码?)"
_WORDS: Final = r"one size(?: fits (?:all|most))?|free size|plus size|均码|大码|加大码|小码|中码"
_ONE: Final = rf"(?:{_LETTERS}|{_SCALE}?\s*{_NUMBER}|small|medium|large)"
_RANGE: Final = rf"{_ONE}(?:{_TO}{_ONE})?"
_PATTERNS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?<![a-z])(?:sizes?|sz)\s*[:=]?\s*(?P<size>{_RANGE}){_NO_MORE}|(?:尺码|码数|鞋码|尺寸)\s*[:：是为]?\s*(?P<han>{_RANGE})码?",
        rf"{_ALONE}(?P<size>{_LETTERS}{_TO}{_LETTERS}|{_NUMBER}{_TO}{_NUMBER}(?=\s*码)){_NO_MORE}?码?",
        rf"{_ALONE}(?P<size>{_SCALE}\s*{_NUMBER}(?:{_TO}{_NUMBER})?){_NO_MORE}",
        rf"(?<![\d.])(?P<size>{_NUMBER}|{_LETTERS})\s*码(?![头率数])",
        rf"{_ALONE}(?P<size>x{{1,4}}[sl]|[2-6]x[sl]){_NO_MORE}",
        rf"(?<![a-z])(?P<size>{_WORDS})(?![a-z])",
        r"(?<![\d.-])(?P<size>\d{1,2}\s*(?:-|–|~|to)\s*\d{1,2}\s*(?:months?|years?|yrs?|岁|个月))(?![a-z])",
        r"(?:[,(|]|\s-)\s*(?P<size>[sml])\s*\)?\s*$",  # ", M" at the end of a title
    )
)
_NAMES: Final = {
    "small": "S",
    "medium": "M",
    "large": "L",
    "小码": "S",
    "中码": "M",
    "大码": "plus size",
    "加大码": "plus size",
    "均码": "one size",
    "free size": "one size",
}
_SCALES: Final = {"欧": "EU", "美": "US", "英": "UK", "e": "EU", "u": ""}


def sizes_in(text: str, folded: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and label of each size that a text names; letters alone only in capitals.

    Args:
        text: as it is written.
        folded: the same in lower case, character by character.

    >>> text = "Dress, Size: M or EU 36-42, 2XL"
    >>> [size for _, _, size in sizes_in(text, text.lower())]
    ['M', 'EU 36-42', 'XXL']
    """
    taken: list[tuple[int, int]] = []
    for pattern in _PATTERNS:
        for match in pattern.finditer(folded):
            name = "size" if match["size"] else "han"
            start, end = match.span(name)
            if any(start < last and first < end for first, last in taken):
                continue
            if re.fullmatch(_LETTERS, match[name]) and text[start:end].islower() and match.start() == start:
                continue
            taken.append((start, end))
            yield start, end, _label(match[name])


def _label(size: str) -> str:
    """A size as it is written most.

    >>> [_label(size) for size in ("2xl", "eur 42", "medium", "s - xl", "6-12 months")]
    ['XXL', 'EU 42', 'M', 'S-XL', '6-12 months']
    """
    size = " ".join(size.split())
    if size in _NAMES:
        return _NAMES[size]
    if size.startswith("one size"):
        return "one size"
    if re.search(r"month|year|yr|岁|个月|plus", size):
        return size
    first, *rest = re.split(_TO, size)
    return "-".join([_one(first), *map(_one, rest)])


def _one(size: str) -> str:
    if size in _NAMES:
        return _NAMES[size]
    if match := re.fullmatch(r"([2-6])x([sl])", size):
        return "X" * int(match[1]) + match[2].upper()
    if match := re.fullmatch(rf"({_SCALE})\s*({_NUMBER})", size):
        scale = match[1]
        return f"{_SCALES.get(scale[0]) or scale.upper()} {match[2]}"
    return size.upper()
