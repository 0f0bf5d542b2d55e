"""How much of it is sold, as titles say it: "2 x 250 g", "500毫升", "3件装", "12-pack", "1.5L*6瓶".

Each amount has a count, what one holds, and the total in one unit a kind, so that amounts can be compared:
grams, millilitres, pieces. Measures of length, power and storage are no amounts of goods and are left out.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from duomo.shelf.han import HAN

AmountUnit = Literal["g", "ml", "piece"]

# A spelling -> what one of it has of its base unit. Avoirdupois and US liquid measures: NIST Handbook 44, C.
_MEASURES: Final[Mapping[AmountUnit, str]] = {
    "g": "mg 毫克 0.001|g gram grams gm gms gr 克 1|kg kgs kilo kilos kilogram kilograms 千克 公斤 1000|"
    "oz ounce ounces 盎司 28.349523125|lb lbs pound pounds 磅 453.59237|斤 市斤 500|两 50|吨 1000000",
    "ml": "ml mls millilitre millilitres milliliter milliliters 毫升 1|cl 10|dl 100|"
    "l litre litres liter liters 升 公升 1000|fl.oz fl.oz. fluid.ounce fluid.ounces 液量盎司 29.5735295625|"
    "pint pints pt 473.176473|quart quarts qt 946.352946|gallon gallons gal 加仑 3785.411784",
}
_FACTORS: Final = {
    spelling.replace(".", " "): (unit, float(parts[-1]))
    for unit, lines in _MEASURES.items()
    for line in lines.split("|")
    if (parts := line.split(" "))
    for spelling in parts[:-1]
}
# What goods are counted in, pairs and dozens apart; the Chinese ones stand behind a number without a blank.
_COUNTED: Final = (
    "pieces?|pcs?|count|ct|units?|bottles?|cans?|boxes|box|bags?|sachets?|packets?|pouches|pouch|jars?|tubes?|rolls?|"
    "sheets?|tablets?|capsules?|pods?|bars?|cups?|sticks?|pads?|wipes?|diapers?|sets?|pairs?|dozens?"
)
_HAN_COUNTED: Final = "件个只支枝瓶罐盒袋包条双对片张卷块粒颗枚套听桶杯根本抽打"
_MANY: Final = {"dozen": 12, "dozens": 12, "打": 12}
_WORDS: Final[Mapping[str, float]] = {
    word: number + 1
    for number, word in enumerate(
        re.findall(r"\w+", "one two three four five six seven eight nine ten eleven twelve")
    )
} | {"half": 0.5, "a": 1}
_DIGITS: Final[Mapping[str, float]] = {
    digit: number for number, digit in enumerate("零一二三四五六七八九")
} | {"两": 2, "半": 0.5}

_UNIT: Final = "|".join(
    re.escape(spelling).replace(r"\ ", r"[ .]+") + ("" if re.match(f"[{HAN}]", spelling) else r"(?![a-z])")
    for spelling in sorted(_FACTORS, key=len, reverse=True)
)
_PLAIN: Final = r"\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?|\.\d+"
_NUMBER: Final = rf"(?:\d+[ ]\d/\d|\d/\d|{_PLAIN}|[一二两三四五六七八九十半]{{1,3}})"
_SPELT: Final = "|".join(_WORDS)
_TIMES: Final = r"\s*[x×*✕]\s*"
# A number is no part of a longer one, of a code, a price or a Latin word.
_ALONE: Final = r"(?<![a-z0-9_.,/$€£¥#-])"
_MEASURE: Final = rf"(?P<each>{_NUMBER})[ -]?(?P<unit>{_UNIT})"
_NO_YEAR: Final = r"(?!(?:19|20)\d\d(?!\d))"  # "2024 set of 12"
# A count with what is counted: 6瓶, 12 bottles, 12-pack, pack of 3, 三件装, a dozen.
_COUNT: Final = (
    rf"(?:(?P<han%>{_NUMBER})\s*(?P<hanof%>[{_HAN_COUNTED}])(?:装|入|套|组)?"
    rf"|(?:packs?|sets?|box|boxes|case|bundle|lot|bag)\s+of\s+(?P<of%>\d+(?![\d.])|(?:{_SPELT})(?![a-z]))"
    rf"|(?P<pack%>{_NO_YEAR}\d+|(?:{_SPELT})(?=[ -]))[ -]*(?:packs?|pk|(?:piece|pcs?)\s+set)(?![a-z])"
    rf"|(?P<latin%>{_NO_YEAR}(?:{_PLAIN})|(?:{_SPELT})(?=[ -]))[ -]*(?P<latinof%>(?:{_COUNTED})(?![a-z])))"
)
_BARE: Final = rf"(?P<bare>\d{{1,4}})(?!\s*(?:{_UNIT}|[\d/%]|[.,]\d))(?![a-z])"


def _count(number: int) -> str:
    """A pattern of any count; its groups bear a number, because a pattern may hold several counts."""
    return _COUNT.replace("%", str(number))


_PATTERNS: Final = tuple(
    re.compile(_ALONE + pattern)
    for pattern in (
        rf"(?P<times>\d{{1,4}}){_TIMES}{_MEASURE}",  # 2 x 250 g
        rf"{_MEASURE}(?:\s*/\s*[{_HAN_COUNTED}])?{_TIMES}(?:{_count(1)}|{_BARE})",  # 1.5L*6瓶
        rf"{_count(1)}\s*(?:of|[x×*])?\s*{_MEASURE}",  # 6 bottles of 500 ml
        rf"{_MEASURE}(?:\s*[,(（，、/]?\s*|\s+[-–]\s+|\s+per\s+\w+,?\s+){_count(1)}",  # 500 ml (pack of 6)
        _MEASURE,
        rf"{_count(2)}{_TIMES}{_count(1)}",  # 100抽*24包
        _count(1),
    )
)
_MEMORY: Final = re.compile(r"(?:[2-6]|8|16|32|64|128|256|512)G\b")
_OFFER: Final = re.compile(
    r"(?:买|送|满|第|赠|加|前|每|减|近)$|\b(?:buy|get|any|of the|for|under|over|up to)\s+$"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """So much of goods, where it stands in a text."""

    count: float  # how many there are
    each: float  # what one of them holds in the unit; of pieces 1
    unit: AmountUnit
    start: int  # code points before it
    end: int

    @property
    def total(self) -> float:
        """All of it in the unit."""
        return self.count * self.each

    @property
    def label(self) -> str:
        """The total as it is written.

        >>> [amount.label for amount in amounts_in("2 x 0.25 kg")]
        ['500 g']
        """
        return f"{self.total:.10g} {self.unit}"

    def as_dict(self) -> dict[str, object]:
        """With the field names of the machine contract."""
        return {"count": self.count, "each": self.each, "unit": self.unit, "total": self.total}


def amounts_in(text: str) -> list[Amount]:
    """The amounts that a text names, in the order in which they stand there.

    A measure and a count side by side are one amount. An offer ("买2送1") is none, nor is a phone's 5G.

    >>> [(a.count, a.each, a.unit) for a in amounts_in("1.5L*6瓶, 3件装, pack of 12")]
    [(6.0, 1500.0, 'ml'), (3.0, 1.0, 'piece'), (12.0, 1.0, 'piece')]
    """
    folded = "".join(map(_fold, text))
    taken: list[tuple[int, int]] = []
    found: list[Amount] = []
    for pattern in _PATTERNS:
        for match in pattern.finditer(folded):
            start, end = match.span()
            if any(start < last and first < end for first, last in taken):
                continue
            if _OFFER.search(folded, max(start - 8, 0), start) or _MEMORY.fullmatch(text, start, end):
                continue
            if amount := _amount(match):
                taken.append((start, end))
                found.append(amount)
    return sorted(found, key=lambda amount: amount.start)


def _amount(match: re.Match[str]) -> Amount | None:
    """What a match says; None where it counts nothing."""
    said = {name: value for name, value in match.groupdict().items() if value}
    unit: AmountUnit = "piece"
    each = _counted(said, 2)
    if "each" in said:
        unit, factor = _FACTORS[re.sub(r"[ .]+", " ", said["unit"])]
        each = _number(said["each"]) * factor
    count = _number(said.get("times", said.get("bare", "1"))) * _counted(said, 1)
    if count <= 0 or each <= 0:
        return None
    return Amount(count=count, each=round(each, 6), unit=unit, start=match.start(), end=match.end())


def _counted(said: Mapping[str, str], number: int) -> float:
    """How many the count of this number names; 1 where there is none."""
    named = next(
        (said[name] for way in ("han", "of", "pack", "latin") if (name := f"{way}{number}") in said), "1"
    )
    return _number(named) * _MANY.get(said.get(f"hanof{number}", said.get(f"latinof{number}", "")), 1)


def _number(said: str) -> float:
    """What a number says, in digits, as a fraction, in Chinese or in English.

    >>> [_number(said) for said in ("1,000", "1 1/2", "十二", "半", "three")]
    [1000.0, 1.5, 12.0, 0.5, 3.0]
    """
    if said in _WORDS:
        return float(_WORDS[said])
    if "/" in said:
        whole, _, part = said.rpartition(" ")
        top, bottom = part.split("/")
        return float(whole or 0) + (int(top) / int(bottom) if int(bottom) else 0.0)
    if said[0] in "0123456789.":
        return float(said.replace(",", ""))
    if "十" in said:
        tens, _, ones = said.partition("十")
        return float(10 * _DIGITS.get(tens, 1) + _DIGITS.get(ones, 0))
    return float(_DIGITS.get(said, 0))


def _fold(letter: str) -> str:
    """One character in lower case and usual width; places stay as they are."""
    plain = unicodedata.normalize("NFKC", letter).lower()
    return plain if len(plain) == 1 else letter
