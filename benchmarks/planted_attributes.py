"""Texts with attributes whose values and places are known, in both languages; the same for the same seed."""

from collections.abc import Iterator
from typing import Final, Literal

import numpy as np

from duomo.lexicon import Concept
from duomo.understand.facets import Facet, values_of

Language = Literal["en", "zh"]
Truth = set[tuple[str, str, int, int]]  # facet, label, start, end

_TYPES: Final = {
    "en": (
        "shirt",
        "dress",
        "jacket",
        "sweater",
        "T-shirt",
        "coat",
        "handbag",
        "sneakers",
        "trousers",
        "scarf",
    ),
    "zh": ("衬衫", "连衣裙", "夹克", "毛衣", "T恤", "大衣", "手提包", "凉鞋", "长裤", "围巾"),
}
_MAKERS: Final = {
    "en": (
        "Turtle",
        "Kestrel & Co",
        "Red Tape",
        "White Stuff",
        "Black Coffee",
        "Old Navy",
        "Arvo",
        "Nordlys",
    ),
    "zh": ("云杉", "蓝月亮", "红蜻蜓", "白猫", "远山", "禾木", "青石巷", "金典"),
}
# Facets in the order in which a title names them.
_ORDER: Final[dict[Language, tuple[Facet, ...]]] = {
    "en": ("gender", "season", "color", "pattern", "material", "neckline", "sleeve"),
    "zh": ("season", "gender", "color", "pattern", "material", "neckline", "sleeve"),
}
_ASIDE: Final = {
    "en": (" - goes well with {} shoes", ", pairs with a {} belt", " with {} buttons"),
    "zh": ("，搭配{}鞋子", "，配上{}腰带"),
}
_DENIALS: Final = {
    "en": (", not {}", ", without any {}", ", {}-free"),
    "zh": ("，非{}", "，不含{}"),
}
_MATERIALS: Final = ("leather", "silk", "wool", "polyester", "cotton", "nylon")
_SIZES: Final = ("S", "M", "L", "XL", "36", "42")


def planted_texts(count: int, language: Language, rng: np.random.Generator) -> Iterator[tuple[str, Truth]]:
    """Titles of goods that name values in any of their names, with what is named and where.

    A third deny a material, a third speak of a color of something else, and a third bear a brand with a value
    in its name.
    """
    for _ in range(count):
        text = ""
        truth: Truth = set()
        between = " " if language == "en" else ""
        maker = _MAKERS[language][int(rng.integers(len(_MAKERS[language])))]
        if rng.random() < 0.6:
            text = maker + " "
        for facet in _ORDER[language]:
            if rng.random() < 0.45:
                continue
            value = _drawn(facet, rng)
            name = _name(value, language, rng)
            truth.add((facet, value.en[0], len(text), len(text) + len(name)))
            text += name + (between or ("的" if rng.random() < 0.1 else " " if rng.random() < 0.3 else ""))
        text += _TYPES[language][int(rng.integers(len(_TYPES[language])))]
        if rng.random() < 0.3:
            size = _SIZES[int(rng.integers(len(_SIZES)))]
            before = ", Size " if language == "en" else " "
            truth.add(("size", size, len(text) + len(before), len(text) + len(before) + len(size)))
            text += before + size + ("" if language == "en" else "码")
        if rng.random() < 0.33:
            denied = _one_of(_MATERIALS, rng)
            material = next(value for value in values_of("material") if value.en[0] == denied)
            text += _one_of(_DENIALS[language], rng).format(
                material.en[0] if language == "en" else material.zh[0]
            )
        if rng.random() < 0.33:
            color = _drawn("color", rng)
            text += _one_of(_ASIDE[language], rng).format(color.en[0] if language == "en" else color.zh[0])
        yield text, truth


def planted_amounts(
    count: int, language: Language, rng: np.random.Generator
) -> Iterator[tuple[str, tuple[float, str, int, int]]]:
    """Titles with one amount: its total, unit and place."""
    units = {
        "en": (
            ("g", 1, "g"),
            ("kg", 1000, "g"),
            ("ml", 1, "ml"),
            ("L", 1000, "ml"),
            ("oz", 28.349523125, "g"),
        ),
        "zh": (("克", 1, "g"), ("公斤", 1000, "g"), ("毫升", 1, "ml"), ("升", 1000, "ml"), ("斤", 500, "g")),
    }[language]
    packs = {
        "en": ("{m} x {n}", "{n} x {m}", "{m} (pack of {n})", "{n} bottles of {m}", "{m}, {n}-pack"),
        "zh": ("{m}*{n}瓶", "{m}×{n}袋", "{m}x{n}盒", "{n}袋x{m}", "{m} {n}件装"),
    }[language]
    pieces = {
        "en": ("{n}-pack", "pack of {n}", "set of {n}", "{n} pcs", "{n} pairs"),
        "zh": ("{n}件装", "{n}双装", "{n}条", "{n}片装", "{n}只装"),
    }[language]
    goods = {
        "en": ("Coffee beans", "Shampoo mint", "Cotton socks", "Green tea 2024"),
        "zh": ("咖啡豆", "洗发水", "纯棉袜", "2024新茶"),
    }[language]
    for _ in range(count):
        number, size = int(rng.integers(2, 25)), int(rng.integers(2, 900))
        unit, factor, base = units[int(rng.integers(len(units)))]
        measure = f"{size}{' ' if language == 'en' and rng.random() < 0.5 else ''}{unit}"
        way = rng.random()
        if way < 0.3:
            said, total, base = _one_of(pieces, rng).format(n=number), float(number), "piece"
        elif way < 0.6:
            said, total = measure, size * factor
        else:
            said, total = _one_of(packs, rng).format(m=measure, n=number), number * (size * factor)
        before = _one_of(goods, rng) + " "
        end = len(before) + len(said) - said.endswith(")")
        each = round(size * factor, 6)
        total = total if base == "piece" else each * (number if way >= 0.6 else 1)
        yield (
            f"{before}{said}, new" if language == "en" else f"{before}{said} 新款",
            (total, base, len(before), end),
        )


def _drawn(facet: Facet, rng: np.random.Generator) -> Concept:
    values = values_of(facet)
    return values[int(rng.integers(len(values)))]


def _name(value: Concept, language: Language, rng: np.random.Generator) -> str:
    """Any of its names in the language; of one character only with what shows that it is a word."""
    names = value.en if language == "en" else tuple(name for name in value.zh if len(name) > 1)
    return str(names[int(rng.integers(len(names)))]) if names else value.zh[0]


def _one_of(ways: tuple[str, ...], rng: np.random.Generator) -> str:
    return ways[int(rng.integers(len(ways)))]
