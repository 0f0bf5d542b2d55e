"""Measures in a question, 500ml or 10 inch, and the other ways to write them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

# Each line is one unit: the spelling that is written without a blank, then the others.
_UNITS: Final = tuple(
    tuple(line.split("|"))
    for line in (
        "ml|millilitre|milliliter|millilitres|milliliters|毫升",
        "l|litre|liter|litres|liters|升",
        "oz|ounce|ounces|盎司",
        "g|gram|grams|克",
        "kg|kilo|kilos|kilogram|kilograms|千克|公斤",
        "lb|lbs|pound|pounds|磅",
        "mm|millimetre|millimeter|millimetres|millimeters|毫米",
        "cm|centimetre|centimeter|centimetres|centimeters|厘米|公分",
        "m|metre|meter|metres|meters|米",
        'in|inch|inches|"|英寸|寸',
        "ft|foot|feet|'|英尺",
        "yd|yard|yards",
        "gal|gallon|gallons|加仑",
        "qt|quart|quarts|夸脱",
        "pt|pint|pints|品脱",
        "w|watt|watts|瓦",
        "v|volt|volts|伏|伏特",
        "a|amp|amps|ampere|安",
        "mah|毫安时|毫安",
        "hz|赫兹",
        "ghz|mhz",
        "gb|g|gigabyte",
        "tb|t|terabyte",
        "mb|megabyte",
        "mp|megapixel|megapixels|百万像素|万像素",
        "ct|carat|carats|克拉",
        "sqft|sq ft|square feet|平方英尺",
        "sqm|m2|square metres|square meters|平方米|平米",
        "btu|btus",
        "gpm",
        "psi",
        "rpm",
        "degree|degrees|度",
        "jin|斤",
        "pcs|pc|piece|pieces|件",
        "pack|packs|pk",
    )
)
# What a number may count besides, so that it is no price: persons, ages, times, and Chinese measure words.
_COUNTED: Final = (
    "people|persons?|users?|kids|years?|yrs?|yo|months?|mos?|weeks?|days?|hours?|hrs?|minutes?|mins?|seconds?|miles?|"
    "km|mph|cups?|sets?|boxes|box|bags?|bottles?|rolls?|sheets?|pairs?|lights?|bulbs?|doors?|drawers?|shelves|tiers?|"
    "stars?|pages?|ports?|channels?|cores?|speeds?|stages?|tons?|tonnes?|items?|words?|colou?rs?|players?|pin|pins|"
    "gauge|awg|cfm|grit|lumens?|lm|db|th|st|nd|rd|dpi|fps|hp|x|by|mil|cu|sq|cubic|square|pound|lbs?|wide|tall|long|deep|thick|high"
)
_HAN_COUNTED: Final = (
    "岁寸码号斤克升毫米厘公分两个件双条只张片包袋盒瓶支枝根人年月日天级度瓦伏安层格匹吨平方孔粒页本集节版代点位座台部套组串颗"
    "对卷罐桶箱杯碗盘把顶口间栋楼期课门季周时秒次倍折脚轮速核英尺里步针股目档管线路头排联色元块"
)
_SORTED: Final = "|".join(sorted((re.escape(u) for unit in _UNITS for u in unit), key=len, reverse=True))
_MEASURE: Final = re.compile(
    rf"(?<![\w.,/$£€¥-])(?P<number>\d+(?:\.\d+)?(?:[ -]\d+/\d+|/\d+)?)(?P<gap>[ -]?)(?P<unit>{_SORTED})"
    r"(?:(?<=[㐀-鿿])|(?![a-z0-9]))(?P<dot>\.?)"
)
_SPELT: Final = "|".join(u for u in _SORTED.split("|") if u.isascii() and u[0].isalpha())
_UNIT_AT: Final = re.compile(
    rf"\s*-?\s*(?:(?:{_SPELT}|{_COUNTED})(?![a-z])"
    rf"|[{_HAN_COUNTED}])"
)
_UNIT_OF: Final = {spelling: unit for unit in reversed(_UNITS) for spelling in unit}
MOST_SPELLINGS: Final = 8


@dataclass(frozen=True, slots=True)
class Measured:
    """A measure where it stands in a folded text, with other ways to write it."""

    start: int
    end: int
    spellings: tuple[str, ...]


def is_unit(text: str, place: int) -> bool:
    """Whether a folded text goes on with something that a number before this place counts.

    >>> is_unit("under 5 feet", 7), is_unit("under 50", 8), is_unit("300克以内", 3)
    (True, False, True)
    """
    found = _UNIT_AT.match(text, place)
    # "in" is an inch and a preposition; before a word that is no measure it is the latter.
    return bool(found) and not re.match(r"\s+in (?!\.|x\b|by\b|\d|$)[a-z]{3}", text[place:])


def measures_in(text: str) -> Iterator[Measured]:
    """The measures that a folded text names.

    >>> [measure.spellings[:4] for measure in measures_in("16oz mug, 1/2 in. valve")]
    [('16oz', '16 oz', '16 ounce', '16 ounces'), ('1/2in', '1/2 in', '1/2 inch', '1/2 inches')]
    """
    for found in _MEASURE.finditer(text):
        if (
            found["unit"] in ("in", "a", "k", "m", "l", "g", "w", "v", "t")
            and found["gap"]
            and _goes_on(text, found)
        ):
            continue
        unit = _UNIT_OF[found["unit"]]
        others = [u for u in unit[1:] if u.isascii() and u[0].isalpha()]
        marks = [u for u in unit[1:] if u not in others]
        number = found["number"]
        written = [f"{number}{unit[0]}", f"{number} {unit[0]}", *(f"{number} {u}" for u in others)]
        written += [f"{number}{mark}" for mark in marks]
        yield Measured(found.start(), found.end(), tuple(written[:MOST_SPELLINGS]))


def _goes_on(text: str, found: re.Match[str]) -> bool:
    """Whether a letter after a blank is a word of its own: "10 in red", "5 a day"."""
    return bool(re.match(r" +[a-z]{2}", text[found.end() :])) and not found["dot"]
