"""What the columns of a merchant's file mean: the canonical fields and the names they go by."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from duomo.catalog.prices import Mark
from duomo.errors import BadFile

if TYPE_CHECKING:
    from opencc import OpenCC

_HAN: Final = re.compile("[\u4e00-\u9fff]")
# Field -> the names it goes by, written as `normal` writes them, Chinese ones in simplified characters. Of
# several that a file has, the first in the list is meant; the others become attributes.
FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "id": (
        *("sku", "id", "item_id", "sku_id", "sku编码", "variant_sku", "variant_id"),
        *("商品编号", "商品编码", "商品id", "货号", "编号", "编码"),
    ),
    "product_id": (
        *("product_id", "item_group_id", "parent_sku", "parent_id", "spu_id", "spu"),
        *("spu编码", "款号"),
    ),
    "title": (
        *("title", "name", "product_name", "product_title", "item_name", "product_display_name"),
        *("商品名称", "商品标题", "标题", "产品名称", "名称", "品名"),
    ),
    "description": (
        *("description", "desc", "product_description", "long_description", "body_html", "body"),
        "rich_text_description",
        *("商品描述", "描述", "商品详情", "详情", "产品描述"),
    ),
    "brand": ("brand", "brand_name", "vendor", "manufacturer", "品牌", "品牌名称", "厂商"),
    "category": (
        *("category", "category_path", "categories", "category_name", "product_type"),
        *("商品分类", "商品类目", "类目", "分类", "类别", "品类"),
    ),
    "subcategory": ("subcategory", "sub_category", "二级类目", "二级分类", "子类目", "子分类"),
    "google_product_category": ("google_product_category", "fb_product_category"),
    "price": ("price", "selling_price", "current_price", "价格", "售价", "销售价", "单价", "现价"),
    "list_price": (
        *("list_price", "regular_price", "original_price", "compare_at_price", "msrp", "rrp"),
        *("原价", "市场价", "吊牌价"),
    ),
    "sale_price": ("sale_price", "special_price", "促销价", "折扣价", "活动价", "优惠价", "特价"),
    "sale_from": ("sale_price_from", "sale_from", "special_price_from_date", "special_from_date"),
    "sale_until": ("sale_price_until", "sale_until", "special_price_to_date", "special_to_date"),
    "sale_dates": ("sale_price_effective_date",),
    "currency": ("currency", "currency_code", "price_currency", "货币", "币种", "币别"),
    "stock": (
        *("stock", "stock_quantity", "quantity", "qty", "inventory", "inventory_quantity"),
        *("quantity_to_sell_on_facebook", "sell_on_google_quantity", "库存", "库存数量"),
    ),
    "availability": ("availability", "stock_status", "库存状态", "供货状态"),
    "gtin": (
        *("gtin", "gtin14", "gtin13", "gtin12", "gtin8", "ean", "upc", "barcode", "isbn"),
        *("条形码", "条码", "国际条码"),
    ),
    "mpn": ("mpn", "manufacturer_part_number", "part_number", "制造商编号"),
    "url": ("url", "link", "product_url", "product_link", "商品链接", "链接", "商品连结", "连结", "网址"),
    "image": (
        *("image", "image_link", "image_url", "images", "image_path", "main_image", "picture", "photo"),
        *("主图", "商品图片", "图片", "图片地址", "图片链接"),
    ),
    "more_images": (
        *("additional_image_link", "additional_images", "additional_image_urls"),
        *("附图", "更多图片"),
    ),
    "attributes_json": ("attributes_json", "attributes", "属性", "商品属性"),
    "product_detail": ("product_detail",),
}
VARIANT_FIELDS: Final = (
    *("price", "list_price", "sale_price", "sale_from", "sale_until", "sale_dates", "currency"),
    *("stock", "availability"),
    *("gtin", "mpn", "url", "image", "more_images", "attributes_json"),
)

_ATTRIBUTES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("colour", "颜色", "颜色分类"), "color"),
    **dict.fromkeys(("尺码", "尺寸"), "size"),
    **dict.fromkeys(("材质", "面料"), "material"),
    **dict.fromkeys(("图案", "花纹"), "pattern"),
    **dict.fromkeys(("性别", "适用性别"), "gender"),
    **dict.fromkeys(("季节", "适用季节"), "season"),
    **dict.fromkeys(("风格",), "style"),
}
# What an attribute must not be called: a product, or a row of the shelf, has a field of that name.
RESERVED: Final = frozenset(
    (
        *("id", "product_id", "title", "description", "brand", "category", "price", "list_price"),
        *("currency", "stock", "availability", "gtin", "mpn", "url", "media", "variants", "attributes"),
        *("tokens", "text", "picture", "fused"),
    )
)


@lru_cache(maxsize=10_000)
def normal(header: str) -> str:
    """A header for comparison: folded case, without the prefix ``g:``, other signs as one underscore.

    >>> normal(" g:Image Link"), normal("商品 名称"), normal("Size (EU)")
    ('image_link', '商品_名称', 'size_eu')
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", header).casefold())
    plain = folded.strip("\ufeff \t\r\n").removeprefix("g:")
    kept = (char if unicodedata.category(char)[0] in "LNM" else " " for char in plain)
    return "_".join("".join(kept).split())


@lru_cache(maxsize=10_000)
def _meant(name: str) -> str:
    """A name as the tables here have it: in simplified characters, where it stands in them so."""
    if name in _KNOWN or not _HAN.search(name):
        return name
    simple = _simplify().convert(name)
    return simple if simple in _KNOWN else name


@cache
def _simplify() -> "OpenCC":
    from opencc import OpenCC  # here, as most files name no column in traditional characters

    return OpenCC("t2s")


def _folded(columns: Collection[str]) -> dict[str, str]:
    """Name as it is compared -> column, the first of several; one in traditional characters has two."""
    names = ((normal(column), column) for column in reversed(tuple(columns)))
    return {key: column for name, column in names if name for key in (_meant(name), name)}


def field_of(name: str) -> str:
    """The field that a column of this name is; "" where it is an attribute.

    >>> field_of("product type"), field_of("類別"), field_of("颜色")
    ('category', 'category', '')
    """
    return _FIELD_OF.get(_meant(normal(name)), "")


@lru_cache(maxsize=10_000)
def attribute_name(name: str) -> str:
    """What an attribute is called in Duomo; "" where nothing is left of the name.

    >>> attribute_name("颜色"), attribute_name("plant type"), attribute_name("Title")
    ('color', 'plant_type', 'other_title')
    """
    plain = normal(name)
    plain = _ATTRIBUTES.get(_meant(plain), plain)
    return f"other_{plain}" if plain in RESERVED else plain


class Doubt(NamedTuple):
    """Something about a column that a merchant should know."""

    column: str
    problem: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Habits:
    """How a file writes its prices, told by many of its rows."""

    marks: Mapping[str, Mark] = field(default_factory=dict)  # column -> what begins its decimals
    delimiter: str = ""  # ";": most likely the comma begins the decimals, or it would part the cells
    yen: str = ""  # what ¥ stands for: "JPY", "CNY", or "" where nothing tells


@dataclass(frozen=True, slots=True)
class Plan:
    """Which column of a file is which field, and which are attributes."""

    fields: Mapping[str, str]  # field -> column of the file
    attributes: Mapping[str, str]  # column of the file -> name of the attribute
    doubts: Sequence[Doubt] = ()  # columns that are not read as their names may make one think
    habits: Habits | None = None  # None: not looked at


def recognized(columns: Iterable[str]) -> int:
    """How many columns have a name that a field or a common attribute goes by."""
    return sum(_meant(normal(column)) in _KNOWN for column in columns)


def plan(
    columns: Collection[str],
    *,
    path: Path,
    mapping: Mapping[str, str] | None = None,
    fields: Iterable[str] = tuple(FIELDS),
    fixed: Mapping[str, str] | None = None,
) -> Plan:
    """Find out what the columns mean.

    Args:
        columns: the file's columns as it names them.
        path: the file, for complaints.
        mapping: field or attribute -> column, as the merchant says; goes before every guess.
        fields: which fields the file may have; other columns are attributes.
        fixed: field -> column that the reader knows already.

    Raises:
        BadFile: a mapped column is not there.
    """
    chosen: dict[str, str] = dict(fixed or {})
    attributes: dict[str, str] = {}
    exact = {column.strip(): column for column in columns}
    folded = _folded(columns)
    for target, wanted in (mapping or {}).items():
        column = exact.get(wanted.strip()) or folded.get(normal(wanted))
        if column is None:
            problem = f"{path}: there is no column '{wanted}' to take '{target}' from"
            raise BadFile(problem, remedy=f"Its columns are: {listed(columns)}")
        if field := field_of(target):
            chosen[field] = column
        else:
            attributes[column] = attribute_name(target)
    taken = {*chosen.values(), *attributes}
    for field in fields:
        if field not in chosen:
            column = next(
                (folded[name] for name in FIELDS[field] if folded.get(name, "") not in ("", *taken)), None
            )
            if column is not None:
                chosen[field] = column
                taken.add(column)
    doubts: list[Doubt] = []
    first = {name: column for column, name in attributes.items()}
    for column in columns:
        if column in taken:
            continue
        if not (name := attribute_name(column)):
            problem = "has no letter or digit in its name and is not read"
            doubts.append(
                Doubt(column, problem, f"Give it a name, or say what it is with --map color={column}")
            )
            continue
        attributes[column] = name
        if (other := first.setdefault(name, column)) != column:
            problem = (
                f"is read as the attribute '{name}', as is column '{other}'; their values are kept together"
            )
            doubts.append(Doubt(column, problem, "Give each a name of its own, or say what it is with --map"))
    return Plan(chosen, attributes, doubts)


def listed(columns: Iterable[str]) -> str:
    """Columns for a sentence: the first thirty, each cut to forty letters."""
    names = list(columns)
    more = f" and {len(names) - 30} more" if len(names) > 30 else ""
    return ", ".join(name if len(name) <= 40 else f"{name[:39]}…" for name in names[:30]) + more


def pick(
    columns: Collection[str], *, path: Path, wanted: Mapping[str, tuple[str, ...]], needed: Iterable[str]
) -> dict[str, str]:
    """Name -> column for a small file with known columns; raises BadFile where a needed one is missing."""
    folded = _folded(columns)
    found: dict[str, str] = {}
    for name, aliases in wanted.items():
        column = next(
            (folded[a] for a in (name, *aliases) if a in folded and folded[a] not in found.values()), None
        )
        if column is not None:
            found[name] = column
    if missing := [name for name in needed if name not in found]:
        problem = f"{path}: there is no column '{missing[0]}'"
        raise BadFile(problem, remedy=f"Its columns are: {listed(columns)}")
    return found


_FIELD_OF: Final = {name: field for field, names in FIELDS.items() for name in (field, *names)}
_KNOWN: Final = {*_FIELD_OF, *_ATTRIBUTES, *_ATTRIBUTES.values(), "split"}
