"""What products lack: title, price, picture, description, category, brand, stock."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from duomo.catalog.health.findings import Both, Finding, Kind, found
from duomo.catalog.health.goods import Goods
from duomo.product import Origin, Product

_SAYS: Final = Both("is missing from product '{product}'", "缺失（商品“{product}”）")
_SHOWN: Final = 80  # letters of a title in a sentence
_ALL: Final = Both("is missing for all {n} products", "全部 {n} 件商品都没有")

TITLE: Final = Kind(
    name="missing-title",
    weight=3,
    loss="words",
    title=Both("No title", "没有标题"),
    says=_SAYS,
    remedy=Both("Shoppers find products by it: fill it in", "顾客靠标题找商品，请填写"),
)
PRICE: Final = Kind(
    name="missing-price",
    weight=3,
    loss="bought",
    title=Both("No price", "没有价格"),
    says=_SAYS,
    remedy=Both(
        "Fill it in, or name its column with --map price=COLUMN", "请填写，或用 --map price=列名 指明价格列"
    ),
)
PICTURE: Final = Kind(
    name="missing-picture",
    weight=3,
    loss="pictures",
    title=Both("No picture", "没有图片"),
    says=_SAYS,
    remedy=Both("Name one: it is then found by pictures, too", "请补上图片，这样以图也能搜到它"),
)
DESCRIPTION: Final = Kind(
    name="missing-description",
    weight=1,
    loss="words",
    title=Both("No description", "没有描述"),
    says=_SAYS,
    remedy=Both(
        "Say what it is made of and for whom: shoppers search by it", "写明材质和适用人群，顾客会据此搜索"
    ),
)
CATEGORY: Final = Kind(
    name="missing-category",
    weight=2,
    loss="words",
    title=Both("No category", "没有类目"),
    says=_SAYS,
    remedy=Both(
        "Put it into one: menus and filters leave it out else", "请归入类目，否则菜单和筛选里找不到它"
    ),
)
BRAND: Final = Kind(
    name="missing-brand",
    weight=1,
    loss="words",
    title=Both("No brand", "没有品牌"),
    says=_SAYS,
    remedy=Both(
        "Fill it in where it has one: who filters by brand misses it else",
        "有品牌的请填写，否则按品牌筛选时会漏掉它",
    ),
)
STOCK: Final = Kind(
    name="missing-stock",
    weight=1,
    loss="bought",
    title=Both("No stock or availability", "没有库存信息"),
    says=_SAYS,
    remedy=Both("Say how many there are, or whether it is in stock", "请填写库存数量或供货状态"),
)


def _priced(product: Product) -> bool:
    return all(variant.price is not None for variant in product.variants)


def _stocked(product: Product) -> bool:
    return all(variant.stock is not None or variant.availability for variant in product.variants)


# Column -> kind, whether a product has it, whether it is a finding that not one product has it.
_COLUMNS: Final[Mapping[str, tuple[Kind, Callable[[Product], object], bool]]] = MappingProxyType(
    {
        "title": (TITLE, lambda p: p.title, True),
        "price": (PRICE, _priced, True),
        "image": (PICTURE, lambda p: p.media or any(variant.media for variant in p.variants), True),
        "description": (DESCRIPTION, lambda p: p.description, True),
        "category": (CATEGORY, lambda p: p.category, True),
        "brand": (BRAND, lambda p: p.brand, False),
        "stock": (STOCK, _stocked, False),
    }
)


def missing(goods: Goods) -> Iterator[Finding]:
    """What products lack; where not one of several has a thing, that is one finding."""
    for column, (kind, has, needed) in _COLUMNS.items():
        lacking = [product for product in goods.products if not has(product)]
        if len(lacking) == len(goods.products) and (len(lacking) > 1 or not needed):
            if needed:
                yield _everywhere(kind, column, goods)
            continue
        for product in lacking:
            called = (product.title or product.id)[:_SHOWN]
            yield found(kind, product, column=column, values={"product": called})


def filled(goods: Goods) -> dict[str, int]:
    """Column -> how many products have it."""
    return {column: sum(map(bool, map(has, goods.products))) for column, (_, has, _) in _COLUMNS.items()}


def _everywhere(kind: Kind, column: str, goods: Goods) -> Finding:
    """One finding about all products."""
    first, *others = goods.products
    told = found(
        replace(kind, says=_ALL),
        first,
        origin=Origin(file=first.origin.file or goods.file),
        column=column,
        others=[product.id for product in others],
        values={"n": len(goods.products)},
    )
    return replace(told, problem=replace(told.problem, product_id=""))


KINDS: Final = (TITLE, PRICE, PICTURE, DESCRIPTION, CATEGORY, BRAND, STOCK)
