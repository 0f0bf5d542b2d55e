"""Stock, availability, links and categories that cannot be right."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from duomo.catalog.health.findings import Both, Finding, Kind, found
from duomo.catalog.health.goods import Goods

_MUCH: Final = 1_000_000  # pieces of one variant: no shop counts so many
_DEEP: Final = 6  # levels of a category: a menu has room for fewer
_COMMON: Final = 10  # products a category, on average, before one that holds a single one is a finding
_LINK: Final = re.compile(r"https?://[^\s/?#.]+\.[^\s/?#]+([/?#]\S*)?", re.IGNORECASE)

STOCK: Final = Kind(
    name="stock-out-of-range",
    weight=2,
    loss="bought",
    title=Both("Stock that cannot be", "库存数量不合理"),
    says=Both("is no number of pieces", "不是合理的件数"),
    remedy=Both("Count again: below zero counts as none", "请核对库存；负数按无货处理"),
)
CONTRADICTION: Final = Kind(
    name="stock-contradiction",
    weight=2,
    loss="bought",
    title=Both("Stock and availability contradict each other", "库存与供货状态矛盾"),
    says=Both("says {availability}, and {stock} are in stock", "写着 {availability}，库存却是 {stock}"),
    remedy=Both("Correct one of the two", "请改正其中一个"),
)
LINK: Final = Kind(
    name="link-broken",
    weight=2,
    loss="bought",
    title=Both("Link that is none", "链接无效"),
    says=Both("is no address of a page", "不是网页地址"),
    remedy=Both("Write it in full, like https://shop.example/mug", "请写完整，例如 https://shop.example/mug"),
)
DEEP: Final = Kind(
    name="category-deep",
    weight=1,
    loss="words",
    title=Both("Category with many levels", "类目层级过深"),
    says=Both("has {n} levels", "有 {n} 级"),
    remedy=Both("Cut it to six levels: nobody clicks through more", "请压缩到六级以内，没有人会点那么多层"),
)
LONELY: Final = Kind(
    name="category-of-one",
    weight=1,
    loss="words",
    title=Both("Category with a single product", "类目下只有一件商品"),
    says=Both("holds this product alone", "下只有这一件商品"),
    remedy=Both(
        "See whether it is a slip of spelling; else put it one level higher",
        "请检查是否拼写有误，否则归入上一级",
    ),
)


def offers(goods: Goods) -> Iterator[Finding]:
    """Stock out of range, stock against availability, links that are none."""
    for product, variant in goods.variants:
        stock, said = variant.stock, variant.availability
        if stock is not None and not 0 <= stock < _MUCH:
            yield found(STOCK, product, origin=variant.origin, column="stock", value=str(stock))
        elif stock is not None and (
            (said == "in_stock" and stock == 0) or (said == "out_of_stock" and stock > 0)
        ):
            values = {"availability": said, "stock": str(stock)}
            yield found(CONTRADICTION, product, origin=variant.origin, column="availability", values=values)
        if variant.url and not _LINK.fullmatch(variant.url):
            yield found(LINK, product, origin=variant.origin, column="url", value=variant.url)
    for product in goods.products:
        if product.url and not _LINK.fullmatch(product.url):
            yield found(LINK, product, column="url", value=product.url)


def categories(goods: Goods) -> Iterator[Finding]:
    """Categories with too many levels, or with a single product."""
    counts = Counter(product.category for product in goods.products)
    for product in goods.products:
        value = " > ".join(product.category)
        if len(product.category) > _DEEP:
            yield found(
                DEEP, product, column="category", value=value, values={"n": str(len(product.category))}
            )
        elif value and counts[product.category] == 1 and len(goods.products) >= _COMMON * len(counts):
            yield found(LONELY, product, column="category", value=value)


KINDS: Final = (STOCK, CONTRADICTION, LINK, DEEP, LONELY)
