"""What a column of a catalog is about, told by its name; and which values can be read in a question."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal

from duomo.search.parse.folded import plain
from duomo.shelf.base import ColumnKind
from duomo.shelf.layout import INFERRED_COLUMN

Role = Literal["color", "gender", "size", "category", "brand", "attribute", ""]

# The fixed columns of a shop that no question is read by, beside those that hold codes and whole sentences.
_CODES: Final = frozenset(
    re.findall(
        r"\S+",
        "id product_id names title description category_path currency availability gtin mpn source sku "
        "ean upc asin isbn barcode shown tokens product_hash split image images picture pictures",
    )
)
_SENTENCES: Final = re.compile(
    r"title|description|(?:^|_)(?:name|url|link|slug|hash|date|note|notes|summary|keywords)(?:_|$)|标题|描述|名称|链接"
)
_ROLES: Final[Sequence[tuple[Role, re.Pattern[str]]]] = (
    ("color", re.compile(r"colou?rs?(?:_|$)|(?:^|_)colou?r|颜色|色系|^色$")),
    (
        "size",
        re.compile(
            r"^(?:size|sizes|size_name|(?:shoe|ring|clothing|apparel|garment)_sizes?)$|尺码|鞋码|码数"
        ),
    ),
    ("gender", re.compile(r"gender|^sex$|^department$|^audience$|^age_group$|性别|适用人群|^人群$|适用对象")),
    ("brand", re.compile(r"^(?:brand|brand_name|manufacturer|maker|vendor)$|品牌|厂商|制造商")),
    (
        "category",
        re.compile(
            r"(?:^|_)(?:article|product|item|garment|sub)_?(?:type|category)$|^(?:type|kind|category)(?:_|$)|categor|类目|类别|品类|分类"
        ),
    ),
)
_LETTERS: Final = re.compile(r"(?:\d?x{0,4}[sl]|[sml]|small|medium|large)", re.IGNORECASE)
MOST_WORDS: Final = 6  # of a value that is looked for
MOST_LETTERS: Final = 60
# What a value of one word may not be, since it is a word of the language first.
COMMON: Final = frozenset(
    re.findall(
        r"\S+",
        "a an the and or not no yes none any all other others more less most least under over below above "
        "up down to of for from in on at by as is it its be with without within non n/a na new old on off "
        "one two three set true false unknown various assorted multi default standard regular normal size "
        "free best good this that i you he she we they me my your his her our their do does can will so "
        "if but than too very just only what which who how when where why "
        "是 否 有 无 其他 其它 默认 普通 标准 无品牌 通用",
    )
)


def role_of(column: str, kind: ColumnKind) -> Role:
    """What a column is about; "" for one that no question is read by.

    >>> role_of("base_colour", "texts"), role_of("适用性别", "texts"), role_of("title_zh", "texts")
    ('color', 'gender', '')
    """
    name = plain(column)
    if kind == "path":
        return "category"
    if kind not in ("text", "texts") or name in _CODES or _SENTENCES.search(name):
        return ""
    if column.startswith(INFERRED_COLUMN):  # asked for by its name alone
        return ""
    return next((role for role, pattern in _ROLES if pattern.search(name)), "attribute")


def looks_like_sizes(values: Sequence[str]) -> bool:
    """Whether most values are sizes in letters: then the column holds sizes, whatever its name.

    >>> looks_like_sizes(("S", "M", "L", "One Size")), looks_like_sizes(("Red", "Blue"))
    (True, False)
    """
    fitting = sum(bool(_LETTERS.fullmatch(value.strip())) for value in values[:100])
    return fitting >= 2 and 2 * fitting > len(values[:100])


def main_columns(columns: Iterable[str]) -> tuple[str, ...]:
    """The columns of one role, the plainest name first, without those that repeat another for all variants.

    A product says in "colors" which of them it comes in; what one variant is says "color" alone.

    >>> main_columns(["printing_colours", "colors", "color"])
    ('color', 'printing_colours')
    """
    named = sorted(columns, key=lambda name: (len(name), name))
    return tuple(name for name in named if name[:-1] not in named or not name.endswith("s"))


def can_be_said(value: str) -> bool:
    """Whether a value is short enough and enough of a name to be looked for in questions."""
    return (
        0 < len(value) <= MOST_LETTERS
        and plain(value).strip() not in COMMON
        and any(letter.isalpha() for letter in value)
        and " > " not in value
    )


def grouped(roles: Mapping[str, Role]) -> dict[Role, tuple[str, ...]]:
    """The columns of each role, the plainest first."""
    return {
        role: main_columns(name for name, each in roles.items() if each == role)
        for role in set(roles.values())
    }
