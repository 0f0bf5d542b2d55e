"""What goods are told apart by: the facets that Duomo reads, and the values that each may have.

The values are concepts of the lexicon, so each has names in both languages; its label is the first English
one. Brand, size and quantity have no list of values.
"""

from collections.abc import Mapping
from functools import cache
from typing import Final, Literal, get_args

from duomo.lexicon import Concept, Kind, concepts
from duomo.product import Product

Facet = Literal[
    "color",
    "pattern",
    "material",
    "sleeve",
    "neckline",
    "gender",
    "season",
    "usage",
    "brand",
    "size",
    "quantity",
]

FACETS: Final[tuple[Facet, ...]] = get_args(Facet)
# Facet -> the kind of its concepts, and which of that kind; "": all.
_KINDS: Final[Mapping[Facet, tuple[Kind, str]]] = {
    "color": ("color", ""),
    "pattern": ("pattern", ""),
    "material": ("material", ""),
    "sleeve": (
        "style",
        "sleeveless|short-sleeved|long-sleeved|three-quarter sleeve|half sleeve|cap sleeve|roll-up sleeve|"
        "lantern sleeve|puff sleeve|bell sleeve|batwing sleeve|raglan sleeve",
    ),
    "neckline": (
        "style",
        "round neck|V-neck|square neck|high neck|boat neck|stand collar|lapel|hooded|halter neck|"
        "Peter Pan collar|roll neck|polo collar|scoop neck|sweetheart neck|collarless|off-shoulder|"
        "one-shoulder",
    ),
    "gender": ("person", "men|women|unisex|girls|boys"),
    "season": (
        "season",
        "summer|fall|winter|spring|all seasons|spring and autumn|autumn and winter|spring and summer",
    ),
    "usage": (
        "occasion",
        "casual|sports|ethnic|formal|smart casual|party|travel|home|work|wedding|gym|running|hiking|camping|"
        "beach|outdoor|school|commuting|holiday|dancing|cycling|swimming|skiing|fishing|yoga",
    ),
}
# What the columns of catalogs call a facet, folded; the first is what Duomo calls it.
_COLUMNS: Final[Mapping[Facet, str]] = {
    "color": "color|colour|colors|colours|base_color|base_colour|颜色|色系",
    "pattern": "pattern|print|图案|花纹",
    "material": "material|fabric|composition|材质|面料|材料",
    "sleeve": "sleeve|sleeve_length|sleeve_type|袖长|袖型",
    "neckline": "neckline|neck|collar|neck_type|collar_type|领型|领口",
    "gender": "gender|sex|target_gender|性别|适用性别",
    "season": "season|季节|适用季节",
    "usage": "usage|occasion|activity|用途|场合|适用场景",
    "brand": "brand|品牌",
    "size": "size|sizes|尺码|尺寸|码数",
    "quantity": "quantity|net_weight|net_content|volume|weight|净含量|规格|容量|重量|数量",
}
# The basic color of each: two that share one are no contradiction (Berlin and Kay 1969, and the two metals).
_BASIC: Final = {
    "black": "charcoal|jet black|gunmetal",
    "white": "off-white|cream|ivory|pure white|transparent",
    "grey": "grey melange|steel|light grey|silver grey|dark grey|space grey|silver|metallic",
    "red": "maroon|burgundy|rust|scarlet|wine red|brick red|rose red|terracotta|coral",
    "orange": "amber|copper",
    "yellow": "mustard|lemon yellow|light yellow|neon yellow|gold",
    "green": "olive|sea green|lime green|fluorescent green|dark green|light green|mint green|grass green|"
    "avocado green|emerald green|sage green|forest green|bean green",
    "blue": "navy blue|teal|turquoise blue|light blue|dark blue|sky blue|royal blue|baby blue|ice blue|"
    "denim blue|cobalt blue|Klein blue|haze blue|midnight blue|indigo|aqua",
    "purple": "lavender|mauve|lilac|violet|plum|magenta|fuchsia",
    "pink": "peach|rose|light pink|hot pink|dusty pink|neon pink|rose gold",
    "brown": "tan|bronze|coffee brown|mushroom brown|taupe|camel|chocolate brown|caramel|chestnut|cinnamon|"
    "wood colour|walnut colour",
    "beige": "khaki|skin tone|nude|oatmeal|milk tea colour|champagne|sand",
    "multicolour": "rainbow|black and white|gradient",
}


@cache
def values_of(facet: Facet) -> tuple[Concept, ...]:
    """The values that a facet may have, in the order of the lexicon; none of brand, size and quantity.

    >>> [value.zh[0] for value in values_of("gender")]
    ['男士', '女士', '中性', '女童', '男童']
    """
    if facet not in _KINDS:
        return ()
    kind, names = _KINDS[facet]
    chosen = set(names.split("|")) if names else None
    return tuple(c for c in concepts() if c.kind == kind and (chosen is None or c.en[0] in chosen))


def value_called(facet: Facet, word: str) -> str:
    """The label of the value that a word of either language means; "" where it is none of the facet's.

    >>> value_called("color", "藏蓝色"), value_called("color", "Navy Blue"), value_called("color", "seven")
    ('navy blue', 'navy blue', '')
    """
    return _labels(facet).get(word.strip().casefold(), "")


def basic_color(label: str) -> str:
    """Which of the thirteen basic colors a color is a shade of; a color without one is its own.

    >>> basic_color("navy blue"), basic_color("red")
    ('blue', 'red')
    """
    return _basics().get(label, label)


def given(product: Product, facet: Facet) -> tuple[str, ...]:
    """What a catalog says of a facet itself, of the product or any variant; () where it says nothing.

    >>> from duomo.product import Variant
    >>> mug = Product(id="1", title="Mug", attributes={"Colour": ("Red",)}, variants=(Variant(id="1"),))
    >>> given(mug, "color")
    ('Red',)
    """
    if facet == "brand" and product.brand:
        return (product.brand,)
    names = set(_COLUMNS[facet].split("|"))
    every = (product.attributes, *(variant.attributes for variant in product.variants))
    found = (v for held in every for name, values in held.items() if _folded(name) in names for v in values)
    return tuple(dict.fromkeys(value for value in found if value.strip()))


def _folded(name: str) -> str:
    return "_".join(name.casefold().replace("-", " ").replace("_", " ").split())


@cache
def _labels(facet: Facet) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for value in values_of(facet):
        for word in (*value.en, *value.zh):
            found.setdefault(word.casefold(), value.en[0])
    return found


@cache
def _basics() -> Mapping[str, str]:
    return {shade: basic for basic, shades in _BASIC.items() for shade in shades.split("|")}
