"""What a family of goods is: its names, how it varies, what it costs, when it sells, who draws it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from duomo.catalog.sample.canvas import Canvas
from duomo.catalog.sample.look import Look

Draw = Callable[[Canvas, Look, np.random.Generator], None]

SHOE_SIZES: Final = ("36", "37", "38", "39", "40", "41", "42", "43")
LETTERS: Final = ("XS", "S", "M", "L", "XL")
ALL: Final = (
    "black",
    "white",
    "grey",
    "navy",
    "blue",
    "sky blue",
    "red",
    "burgundy",
    "pink",
    "orange",
    "yellow",
    "green",
    "olive",
    "mint",
    "teal",
    "purple",
    "lavender",
    "brown",
    "camel",
    "beige",
)
YEAR: Final = (1.0,) * 12
SUMMER: Final = (0.4, 0.5, 0.8, 1.1, 1.6, 2.0, 2.0, 1.7, 1.0, 0.6, 0.4, 0.4)
WINTER: Final = (2.0, 1.6, 1.0, 0.6, 0.4, 0.25, 0.25, 0.4, 0.9, 1.5, 2.1, 2.3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One kind of goods."""

    code: str  # the first letters of its SKUs
    en: str
    zh: str
    category: str
    subcategory: str
    draw: Draw
    colors: tuple[str, ...] = ALL
    patterns: tuple[str, ...] = ("solid",)
    materials: tuple[str, ...] = ("cotton",)
    cuts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sizes: tuple[str, ...] = ()
    price: tuple[float, float]  # USD
    season: tuple[float, ...] = YEAR  # demand by month, January first
    small: bool = False  # runs small: a planted complaint
    zoom: float = 1.0  # how near the camera stands
