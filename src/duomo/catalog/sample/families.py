"""The families of goods in the sample shop: what they are called, how they vary, what they cost, who draws them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from duomo.catalog.sample import bottoms, tops, vessels
from duomo.catalog.sample.canvas import Canvas
from duomo.catalog.sample.look import Look, Shot, table

Draw = Callable[[Canvas, Look, np.random.Generator], None]

LETTERS: Final = ("XS", "S", "M", "L", "XL")
DARK: Final = ("black", "navy", "grey", "brown", "olive", "burgundy")
ALL: Final = (
    "black", "white", "grey", "navy", "blue", "sky blue", "red", "burgundy", "pink", "orange", "yellow", "green",
    "olive", "mint", "teal", "purple", "lavender", "brown", "camel", "beige",
)  # fmt: skip
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


FAMILIES: Final[tuple[Family, ...]] = (
    Family(
        code="TSH", en="t-shirt", zh="T恤", category="Clothing", subcategory="T-shirts", draw=tops.draw_tshirt,
        patterns=("solid", "solid", "solid", "striped", "heathered", "dotted", "camouflage", "floral"),
        materials=("cotton", "cotton", "polyester", "linen"),
        cuts={"sleeve": ("short-sleeve", "short-sleeve", "long-sleeve"), "neck": ("crew neck", "V-neck", "scoop neck")},
        sizes=LETTERS, price=(9, 35), season=SUMMER, zoom=1.08,
    ),
    Family(
        code="SHI", en="shirt", zh="衬衫", category="Clothing", subcategory="Shirts", draw=tops.draw_shirt,
        patterns=("solid", "solid", "striped", "pinstriped", "checked", "plaid", "floral", "dotted"),
        materials=("cotton", "cotton", "linen", "silk", "denim"),
        cuts={"sleeve": ("long-sleeve", "long-sleeve", "short-sleeve")}, sizes=LETTERS, price=(22, 75), zoom=1.02,
    ),
    Family(
        code="SWE", en="sweater", zh="毛衣", category="Clothing", subcategory="Sweaters", draw=tops.draw_sweater,
        patterns=("solid", "solid", "solid", "striped", "zigzag", "heathered"), materials=("wool", "cashmere", "cotton"),
        cuts={"neck": ("crew neck", "V-neck", "turtleneck")}, sizes=LETTERS, price=(32, 140), season=WINTER, zoom=1.02,
    ),
    Family(
        code="HOO", en="hoodie", zh="连帽卫衣", category="Clothing", subcategory="Hoodies", draw=tops.draw_hoodie,
        patterns=("solid", "solid", "solid", "heathered", "camouflage"), materials=("cotton", "fleece", "polyester"),
        cuts={"front": ("pullover", "zip-up")}, sizes=LETTERS, price=(25, 80), season=WINTER, zoom=1.02,
    ),
    Family(
        code="DRE", en="dress", zh="连衣裙", category="Clothing", subcategory="Dresses", draw=bottoms.draw_dress,
        patterns=("solid", "solid", "floral", "floral", "dotted", "striped", "checked"),
        materials=("cotton", "silk", "linen", "polyester"),
        cuts={"sleeve": ("sleeveless", "short-sleeve", "long-sleeve"), "neck": ("V-neck", "crew neck"), "length": ("mini", "midi", "maxi")},
        sizes=LETTERS, price=(28, 150), season=SUMMER, small=True,
    ),
    Family(
        code="SKI", en="skirt", zh="半身裙", category="Clothing", subcategory="Skirts", draw=bottoms.draw_skirt,
        patterns=("solid", "solid", "plaid", "floral", "dotted", "checked"), materials=("cotton", "wool", "silk", "denim", "corduroy"),
        cuts={"length": ("mini", "midi", "maxi"), "form": ("A-line", "pleated", "pencil")}, sizes=LETTERS, price=(20, 90), zoom=1.05,
    ),
    Family(
        code="TRO", en="trousers", zh="长裤", category="Clothing", subcategory="Trousers", draw=bottoms.draw_trousers,
        patterns=("solid", "solid", "solid", "pinstriped", "plaid", "checked"), materials=("cotton", "wool", "linen", "twill", "corduroy"),
        cuts={"fit": ("slim-fit", "straight-leg", "tapered-leg", "wide-leg")}, sizes=LETTERS, price=(30, 110),
    ),
    Family(
        code="JEA", en="jeans", zh="牛仔裤", category="Clothing", subcategory="Jeans", draw=bottoms.draw_jeans,
        colors=("navy", "blue", "sky blue", "black", "grey", "white"), materials=("denim",),
        cuts={"fit": ("slim-fit", "straight-leg", "tapered-leg", "wide-leg"), "wash": ("clean", "clean", "ripped")}, sizes=LETTERS, price=(28, 120),
    ),
    Family(
        code="SHO", en="shorts", zh="短裤", category="Clothing", subcategory="Shorts", draw=bottoms.draw_shorts,
        patterns=("solid", "solid", "solid", "checked", "floral", "camouflage", "striped"), materials=("cotton", "linen", "denim", "twill", "polyester"),
        cuts={"fit": ("regular-fit",)}, sizes=LETTERS, price=(15, 55), season=SUMMER, zoom=1.15,
    ),
    Family(
        code="MUG", en="mug", zh="马克杯", category="Home", subcategory="Mugs", draw=vessels.draw_mug,
        patterns=("solid", "solid", "solid", "dotted", "striped", "floral", "zigzag"),
        materials=("ceramic", "ceramic", "stoneware", "porcelain", "enamel"),
        cuts={"form": ("straight", "tapered", "round", "barrel"), "finish": ("plain", "plain", "two-tone", "dipped")},
        price=(7, 28), zoom=1.45,
    ),
    Family(
        code="VAS", en="vase", zh="花瓶", category="Home", subcategory="Vases", draw=vessels.draw_vase,
        patterns=("solid", "solid", "solid", "striped", "floral", "zigzag", "dotted"),
        materials=("ceramic", "stoneware", "porcelain"),
        cuts={"form": ("bottle", "round", "trumpet", "cylinder", "gourd", "amphora"), "finish": ("plain", "plain", "plain", "dipped")},
        price=(15, 85), zoom=1.15,
    ),
    Family(
        code="BTL", en="water bottle", zh="水杯", category="Outdoor", subcategory="Bottles", draw=vessels.draw_bottle,
        patterns=("solid", "solid", "solid", "camouflage", "floral", "striped"),
        materials=("stainless steel", "stainless steel", "plastic"),
        cuts={"form": ("slim", "wide-mouth", "tumbler"), "cap": ("steel", "black", "matching")},
        price=(10, 42), zoom=1.2, season=SUMMER,
    ),
    Family(
        code="BWL", en="bowl", zh="碗", category="Home", subcategory="Bowls", draw=vessels.draw_bowl,
        patterns=("solid", "solid", "striped", "dotted", "floral", "zigzag"),
        materials=("ceramic", "stoneware", "porcelain"),
        cuts={"form": ("footed", "straight", "round", "flared"), "finish": ("plain", "plain", "two-tone")},
        price=(8, 38), zoom=1.2,
    ),
    Family(
        code="LMP", en="table lamp", zh="台灯", category="Home", subcategory="Lamps", draw=vessels.draw_lamp,
        patterns=("solid", "solid", "solid", "striped", "checked", "floral", "pinstriped"),
        materials=("linen", "cotton", "velvet"),
        cuts={"foot": ("brass", "copper", "steel", "wooden", "matching"), "stem": ("slim", "gourd", "tapered"), "shade": ("cone", "drum", "empire"), "pleats": ("plain", "plain", "pleated")},
        price=(29, 160), season=(1.2, 1.1, 1, 0.9, 0.8, 0.7, 0.7, 0.8, 1, 1.2, 1.4, 1.4),
    ),
)  # fmt: skip
BY_NAME: Final[Mapping[str, Family]] = {family.en: family for family in FAMILIES}


def draw(family: Family, look: Look, shot: Shot) -> Canvas:
    """The painted canvas of a look; `finish` makes the picture of it."""
    canvas = table(replace(shot, zoom=shot.zoom * family.zoom))
    family.draw(canvas, look, np.random.default_rng([look.shape_seed, 3]))
    return canvas
