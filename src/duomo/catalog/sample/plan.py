"""What the sample shop sells: every product decided from the seed and its own number before it is drawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from duomo.catalog.sample.families import FAMILIES
from duomo.catalog.sample.family import Family
from duomo.catalog.sample.look import Look, Shot

BRANDS: Final[Mapping[str, tuple[str, ...]]] = {
    "Clothing": ("Velmira", "Ostrano", "Quillmere", "Tarnwick"),
    "Shoes": ("Pellgrove", "Strydane", "Velmira"),
    "Bags": ("Corvanne", "Ostrano", "Hollbeck & Dune"),
    "Accessories": ("Corvanne", "Quillmere", "Tarnwick"),
    "Home": ("Lumehaus", "Fenbrook Clay", "Odelholm"),
    "Outdoor": ("Tarnwick", "Kestrova"),
}
# Shops stock more of the quiet colors.
_COMMON: Final = {
    "black": 2.4,
    "white": 2.0,
    "grey": 1.7,
    "navy": 1.8,
    "beige": 1.5,
    "brown": 1.3,
    "purple": 0.7,
    "orange": 0.7,
    "yellow": 0.7,
}
_DARK: Final = {
    "black",
    "navy",
    "blue",
    "red",
    "burgundy",
    "green",
    "olive",
    "teal",
    "purple",
    "brown",
    "grey",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One product of the shop as it was decided."""

    index: int
    sku: str
    family: Family
    brand: str
    colors: tuple[str, ...]  # the first is that of the main picture
    accent: str
    pattern: str
    material: str
    cut: Mapping[str, str]
    sizes: tuple[str, ...]
    price_cents: int
    stock: Mapping[tuple[str, str], int]  # (color, size) -> pieces
    quality: float  # how much better or worse than its kind it is, stars
    appeal: float  # how often it is looked at, relative to its kind
    shape_seed: int
    shots: tuple[tuple[str, str, Shot], ...]  # (color, kind as in images.csv, how it is photographed)

    def look(self, color: str) -> Look:
        """What is drawn for one of its colors."""
        accent = self.accent if self.accent != color else ("white" if color != "white" else "navy")
        return Look(
            color=color,
            accent=accent,
            pattern=self.pattern,
            material=self.material,
            cut=self.cut,
            shape_seed=self.shape_seed,
        )

    def picture(self, color: str, kind: str) -> str:
        """Path of a picture in the shop's folder."""
        tail = "-alt" if kind.endswith("alt") else ""
        return f"images/{self.sku.lower()}-{color.replace(' ', '-')}{tail}.jpg"


def plan_product(index: int, seed: int) -> Plan:
    """The product of a number; it does not depend on how many others there are.

    Families take turns, so that the first len(FAMILIES) products are of one family each.
    """
    random = np.random.default_rng([seed, index])
    family = FAMILIES[index % len(FAMILIES)]
    count = min(int(random.choice([1, 2, 3], p=[0.45, 0.35, 0.2])), len(family.colors))
    weight = np.array([_COMMON.get(color, 1.0) for color in family.colors])
    colors = tuple(
        str(name) for name in random.choice(family.colors, count, replace=False, p=weight / weight.sum())
    )
    accents = (
        ("white", "beige", "yellow", "pink", "sky blue")
        if colors[0] in _DARK
        else ("navy", "brown", "red", "teal", "black")
    )
    accent = _pick(random, accents[:3] if random.random() < 0.8 else accents)
    cut = {name: _pick(random, choices) for name, choices in family.cuts.items()}
    pattern, material = _pick(random, family.patterns), _pick(random, family.materials)
    low, high = family.price
    cents = int(np.exp(random.uniform(np.log(low), np.log(high)))) * 100 + int(
        random.choice([0, 50, 90, 95, 99])
    )
    sizes = family.sizes
    if len(sizes) > 3:
        start = int(random.integers(0, 2))
        sizes = sizes[start : len(sizes) - int(random.integers(0, 2))]
    stock = {
        (color, size): 0 if random.random() < 0.09 else int(random.gamma(2.0, 9.0)) + 1
        for color in colors
        for size in (sizes or ("",))
    }
    shots: list[tuple[str, str, Shot]] = []
    for place, color in enumerate(colors):
        shots.append((color, "main" if place == 0 else "variant", Shot.of(random)))
        if random.random() < (0.4 if place == 0 else 0.15):
            shots.append((color, "alt" if place == 0 else "variant_alt", Shot.of(random, close=True)))
    return Plan(
        index=index,
        sku=f"{family.code}-{index:04d}",
        family=family,
        brand=_pick(random, BRANDS[family.category]),
        colors=colors,
        accent=accent,
        pattern=pattern,
        material=material,
        cut=cut,
        sizes=sizes,
        price_cents=cents,
        stock=stock,
        quality=float(random.normal(0, 0.35)),
        appeal=float(np.exp(random.normal(0, 0.6))),
        shape_seed=int(random.integers(0, 2**31)),
        shots=tuple(shots),
    )


def _pick(random: np.random.Generator, options: tuple[str, ...]) -> str:
    return options[int(random.integers(0, len(options)))]
