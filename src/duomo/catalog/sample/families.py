"""The families of goods in the sample shop: what they are called, how they vary, what they cost, who draws them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from duomo.catalog.sample import bags, bottoms, furniture, outer, shoes, tops, vessels, wear
from duomo.catalog.sample.canvas import Canvas
from duomo.catalog.sample.look import Look, Shot, table

Draw = Callable[[Canvas, Look, np.random.Generator], None]

SHOE_SIZES: Final = ("36", "37", "38", "39", "40", "41", "42", "43")
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
        code="SNE", en="sneakers", zh="运动鞋", category="Shoes", subcategory="Sneakers", draw=shoes.draw_sneaker,
        materials=("leather", "canvas", "mesh", "suede", "faux leather"), cuts={"height": ("low-top", "low-top", "high-top")},
        sizes=SHOE_SIZES, price=(35, 140), zoom=1.05,
    ),
    Family(
        code="BOO", en="boots", zh="靴子", category="Shoes", subcategory="Boots", draw=shoes.draw_boot,
        colors=("black", "brown", "camel", "grey", "burgundy", "navy", "olive", "beige", "red", "white"),
        materials=("leather", "leather", "suede", "faux leather"), cuts={"form": ("chelsea", "lace-up", "knee-high")},
        sizes=SHOE_SIZES, price=(55, 220), season=WINTER, small=True, zoom=1.12,
    ),
    Family(
        code="HEE", en="heels", zh="高跟鞋", category="Shoes", subcategory="Heels", draw=shoes.draw_heels,
        materials=("leather", "suede", "faux leather", "velvet"), cuts={"heel": ("stiletto", "block-heel", "kitten-heel")},
        sizes=SHOE_SIZES[:5], price=(40, 180), zoom=1.08,
    ),
    Family(
        code="HAN", en="handbag", zh="手提包", category="Bags", subcategory="Handbags", draw=bags.draw_handbag,
        materials=("leather", "leather", "faux leather", "suede"),
        cuts={"carry": ("top-handle", "shoulder", "crossbody"), "form": ("flap", "flap", "half-moon"), "surface": ("smooth", "smooth", "quilted")},
        price=(39, 260), zoom=1.05,
    ),
    Family(
        code="TOT", en="tote bag", zh="托特包", category="Bags", subcategory="Totes", draw=bags.draw_tote,
        patterns=("solid", "solid", "striped", "floral", "checked", "dotted"), materials=("canvas", "canvas", "cotton", "leather"),
        price=(15, 95),
    ),
    Family(
        code="BAC", en="backpack", zh="双肩包", category="Bags", subcategory="Backpacks", draw=bags.draw_backpack,
        patterns=("solid", "solid", "solid", "camouflage", "plaid"), materials=("nylon", "canvas", "polyester", "leather"),
        cuts={"closure": ("zipped", "zipped", "roll-top")}, price=(29, 150), zoom=1.05,
    ),
    Family(
        code="BOM", en="bomber jacket", zh="飞行员夹克", category="Clothing", subcategory="Jackets", draw=outer.draw_bomber,
        patterns=("solid", "solid", "solid", "camouflage"), materials=("nylon", "leather", "suede", "polyester"), sizes=LETTERS,
        price=(55, 240), season=WINTER, zoom=0.96,
    ),
    Family(
        code="PUF", en="puffer jacket", zh="羽绒服", category="Clothing", subcategory="Jackets", draw=outer.draw_puffer,
        materials=("nylon", "polyester"), cuts={"hood": ("hooded", "collared")}, sizes=LETTERS, price=(60, 260), season=WINTER, zoom=0.94,
    ),
    Family(
        code="DEN", en="denim jacket", zh="牛仔夹克", category="Clothing", subcategory="Jackets", draw=outer.draw_denim_jacket,
        colors=("navy", "blue", "sky blue", "black", "white", "grey"), materials=("denim",), sizes=LETTERS, price=(45, 130),
    ),
    Family(
        code="BLA", en="blazer", zh="西装外套", category="Clothing", subcategory="Jackets", draw=outer.draw_blazer,
        patterns=("solid", "solid", "plaid", "pinstriped", "checked"), materials=("wool", "linen", "corduroy", "velvet"), sizes=LETTERS, price=(70, 280), zoom=0.98,
    ),
    Family(
        code="CAP", en="cap", zh="棒球帽", category="Accessories", subcategory="Hats", draw=wear.draw_cap,
        patterns=("solid", "solid", "solid", "camouflage", "checked"), materials=("cotton", "twill", "corduroy", "denim"),
        price=(12, 40), season=SUMMER, zoom=1.05,
    ),
    Family(
        code="BEA", en="beanie", zh="针织帽", category="Accessories", subcategory="Hats", draw=wear.draw_beanie,
        patterns=("solid", "solid", "striped", "zigzag", "heathered"), materials=("wool", "cashmere", "cotton"), cuts={"top": ("plain", "plain", "pompom")},
        price=(12, 60), season=WINTER, zoom=1.05,
    ),
    Family(
        code="SCA", en="scarf", zh="围巾", category="Accessories", subcategory="Scarves", draw=wear.draw_scarf,
        patterns=("solid", "solid", "plaid", "checked", "striped", "dotted", "floral"), materials=("wool", "cashmere", "silk", "cotton"),
        cuts={"ends": ("hemmed", "fringed")}, price=(15, 110), season=WINTER,
    ),
    Family(
        code="WAT", en="watch", zh="手表", category="Accessories", subcategory="Watches", draw=wear.draw_watch,
        materials=("leather", "leather", "faux leather", "nylon", "suede"),
        cuts={"case": ("gold", "steel", "black"), "form": ("circular", "circular", "square"), "style": ("three-hand", "three-hand", "chronograph")},
        price=(45, 320),
    ),
    Family(
        code="SUN", en="sunglasses", zh="太阳镜", category="Accessories", subcategory="Eyewear", draw=wear.draw_sunglasses,
        materials=("acetate", "acetate", "plastic"), cuts={"form": ("round", "square", "aviator", "cat-eye"), "lens": ("mirrored", "tinted")},
        price=(15, 160), season=SUMMER, zoom=1.05,
    ),
    Family(
        code="CHA", en="chair", zh="椅子", category="Home", subcategory="Chairs", draw=furniture.draw_chair,
        patterns=("solid", "solid", "solid", "checked", "striped"), materials=("linen", "velvet", "leather", "wood", "corduroy"),
        cuts={"back": ("shell", "upholstered", "slatted"), "legs": ("oak", "walnut", "black"), "seat": ("padded", "hard")},
        price=(59, 290),
    ),
    Family(
        code="CUS", en="cushion", zh="抱枕", category="Home", subcategory="Cushions", draw=furniture.draw_cushion,
        patterns=("solid", "solid", "floral", "striped", "checked", "zigzag", "dotted", "plaid"),
        materials=("cotton", "linen", "velvet", "corduroy", "wool"),
        cuts={"form": ("square", "square", "square", "round"), "edge": ("plain", "piped", "tassel", "tufted")},
        price=(12, 65), zoom=1.08,
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
