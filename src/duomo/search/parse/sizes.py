"""Sizes in a question: by their letters, after a word for size, before 码, after a shoe; those a shop has."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from duomo.search.parse.folded import plain
from duomo.shelf.han import HAN

_WORDS: Final[Mapping[str, str]] = {
    "extra small": "xs",
    "x small": "xs",
    "small": "s",
    "medium": "m",
    "large": "l",
    "extra large": "xl",
    "x large": "xl",
    "double xl": "xxl",
    "triple xl": "xxxl",
    "小号": "s",
    "中号": "m",
    "大号": "l",
    "加大": "xl",
    "加小": "xs",
    "均码": "one size",
    "free size": "one size",
    "onesize": "one size",
    "os": "one size",
}
_SCALES: Final = {"eur": "eu", "欧码": "eu", "欧": "eu", "美码": "us", "美": "us", "英码": "uk", "英": "uk"}
_NUMBER: Final = r"\d{1,3}(?:\.\d{1,2})?"
_NO_MORE: Final = (
    r"(?![\w.%/\"']|\s*[x*-]\s*\d)"  # after a number: it is no part of a larger amount or measure
)
_LETTER: Final = r"\d?x{1,4}[sl]|[2-6]l|[sml]"
_SCALE: Final = r"eur?|us|uk|欧码?|美码?|英码?"
_ONE: Final = (
    rf"(?:(?:{_SCALE})\s*)?{_NUMBER}{_NO_MORE}|(?:{_LETTER})(?![a-z0-9])"
    r"|(?:extra[ -]|x-)?(?:small|large)\b|medium\b|one size\b"
)
_LIST: Final = rf"(?:{_ONE})(?:\s*(?:/|、|\bor\b|\band\b|或者?|和)\s*(?:{_ONE}))*"
_BEFORE: Final = r"(?<![a-z0-9_./&'-])(?<!\d,)"  # a number or letter is no part of a longer code
_PATTERNS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:\bin\s+)?(?:(?<![a-z])(?:sizes?|sz\.?)(?![a-z])\s*(?:is|:|=|#)?|尺码|码数|鞋码)\s*(?:[是为:]\s*)?(?P<size>{_LIST})(?:\s*[码号])?",
        rf"(?<![a-z0-9])(?P<size>(?:{_SCALE})\s*{_NUMBER}){_NO_MORE}(?:\s*[码号])?",
        rf"{_BEFORE}(?P<size>{_LETTER}|(?:extra )?(?:small|large)|medium)\s+size\b(?! of)",
        rf"{_BEFORE}(?P<size>{_LETTER})\s*(?:码|号(?![码线机]))",
        rf"{_BEFORE}(?P<size>{_NUMBER})\s*码(?![头率数])",
        # 43号 is a house, too: so nothing that is not worn may stand before it.
        rf"{_BEFORE}(?<![{HAN}])(?<![{HAN}] )(?P<size>{_NUMBER})\s*号(?=$|[\s,.的])",
        rf"(?<=[鞋靴裤衣裙衫装])\s*(?P<size>{_NUMBER})\s*号(?=$|[\s,.的])",
        r"(?P<shoe>shoes?|sneakers?|boots?|trainers?|sandals?|heels|flats|loafers?|slippers?|鞋子?|靴子?)\s+(?:in\s+)?"
        rf"(?P<size>{_NUMBER})(?=\s*(?:$|[,;]|(?:for|with|in|under|below)\b))",
        rf"{_BEFORE}(?P<size>\d?x{{1,4}}[sl])(?![\w.&/'-]|\s*\d)",
    )
)
_ONE_FOUND: Final = re.compile(_ONE)
_ALONE: Final = re.compile(r"(?<=\s)(?P<size>[sml])[\s,;、]*$")


@dataclass(frozen=True, slots=True)
class Sized:
    """Sizes where they stand in a folded text, and where the catalog has them."""

    start: int
    end: int
    places: tuple[tuple[str, tuple[str | float, ...]], ...]


def size_keys(value: str | float) -> tuple[str, ...]:
    """What a size that a catalog holds is asked by, the plain way first.

    >>> size_keys("2XL"), size_keys("EU 42"), size_keys(10.5), size_keys("Medium")
    (('xxl',), ('eu 42', '42'), ('10.5',), ('m',))
    """
    if isinstance(value, float | int):
        return (f"{value:g}",)
    text = " ".join(plain(value).replace("-", " ").split())
    text = re.sub(r"(?<=.)\s*[码号]$", "", text) if not re.fullmatch(r"[小中大]号|均码", text) else text
    if found := re.fullmatch(rf"(eur?|us|uk|欧码?|美码?|英码?)\s*({_NUMBER})", text):
        number = f"{float(found[2]):g}"
        return (f"{_SCALES.get(found[1], found[1])[:2]} {number}", number)
    if re.fullmatch(_NUMBER, text):
        return (f"{float(text):g}",)
    if found := re.fullmatch(r"([2-6])x?([l])|([2-4])x(s)", text):
        count = int(found[1] or found[3])
        return ("x" * (count if "x" in text else count - 1) + (found[2] or found[4]),)
    return (_WORDS.get(text, text),) if text else ()


def sizes_in(
    text: str, written: str, known: Mapping[str, Sequence[tuple[str, str | float]]]
) -> Iterator[Sized]:
    """The sizes that a folded text asks for and the catalog has.

    A letter alone (S, M, L) counts only in capitals at the end of a question that is not all capitals.

    Args:
        text: folded.
        written: the character each one of the text was folded from.
        known: `Known.sizes`.
    """
    if not known:
        return
    for pattern in _PATTERNS:
        for found in pattern.finditer(text):
            if places := _places([each[0] for each in _ONE_FOUND.finditer(found["size"])], known):
                start = found.end("shoe") if "shoe" in pattern.groupindex else found.start()
                yield Sized(start, found.end(), places)
    alone = _ALONE.search(text)
    if alone and alone["size"].upper() == written[alone.start("size")]:
        places = _places([alone["size"]], known)
        if places and not written.isupper():
            yield Sized(alone.start("size"), alone.end("size"), places)


def _places(
    each: Iterable[str], known: Mapping[str, Sequence[tuple[str, str | float]]]
) -> tuple[tuple[str, tuple[str | float, ...]], ...]:
    """Where the catalog has all of the sizes; () where it lacks one: then the words are no size here."""
    found: dict[str, dict[str | float, None]] = {}
    for said in each:
        keys = size_keys(said)
        met = next((known[key] for key in keys if key in known), None)
        if met is None:
            return ()
        for column, value in met:
            found.setdefault(column, {})[value] = None
    return tuple((column, tuple(values)) for column, values in found.items())
