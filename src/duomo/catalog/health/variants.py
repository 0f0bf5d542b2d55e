"""Variants of one product that do not fit together."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from duomo.catalog.health.findings import Both, Finding, Kind, found, named
from duomo.catalog.health.goods import Goods
from duomo.product import Product

_SPREAD: Final = 5.0  # times: forms of one product hardly differ more in price

ALIKE: Final = Kind(
    name="variants-alike",
    weight=2,
    loss="bought",
    title=Both("Variants that nothing tells apart", "规格无法区分"),
    says=Both("has {n} variants that no attribute tells apart ({ids})", "有 {n} 个规格属性完全相同（{ids}）"),
    remedy=Both("Give each its own size, color or the like", "请给每个规格写明各自的尺码、颜色等"),
)
GAPS: Final = Kind(
    name="variants-gaps",
    weight=2,
    loss="bought",
    title=Both("Variants without an option that the others have", "规格缺少选项值"),
    says=Both(
        "has variants without '{option}', which the others have ({ids})", "有规格缺少“{option}”（{ids}）"
    ),
    remedy=Both(
        "Fill it in: a shopper who chooses by it cannot choose these", "请填写，否则顾客选不到这些规格"
    ),
)
CURRENCIES: Final = Kind(
    name="variants-currencies",
    weight=3,
    loss="bought",
    title=Both("Variants in several currencies", "同一商品的规格币种不同"),
    says=Both("has variants in {currencies}", "的规格使用了 {currencies}"),
    remedy=Both("Price all variants in one currency", "请统一币种"),
)
SPREAD: Final = Kind(
    name="variants-price-spread",
    weight=1,
    loss="bought",
    title=Both("Variants with widely different prices", "同一商品的规格价格相差悬殊"),
    says=Both("has variants from {low} to {high}", "的规格价格从 {low} 到 {high}"),
    remedy=Both(
        "See whether one of the prices is a slip, or what explains it", "请确认是否有价格写错，或说明差价原因"
    ),
)


def variants(goods: Goods) -> Iterator[Finding]:
    """What does not fit together in products with several variants."""
    for product in goods.products:
        if len(product.variants) > 1:
            yield from _alike(product)
            yield from _gaps(product)
            yield from _prices(product)


def _alike(product: Product) -> Iterator[Finding]:
    groups: defaultdict[frozenset[tuple[str, tuple[str, ...]]], list[str]] = defaultdict(list)
    for variant in product.variants:
        groups[frozenset(product.attributes_of(variant).items())].append(variant.id)
    for group in groups.values():
        if len(group) > 1:
            values = {"n": str(len(group)), "ids": named(group)}
            yield found(ALIKE, product, value=product.title, values=values)


def _gaps(product: Product) -> Iterator[Finding]:
    """Options that more than half of the variants have."""
    options = dict.fromkeys(name for variant in product.variants for name in variant.attributes)
    for option in options:
        without = [v for v in product.variants if option not in product.attributes_of(v)]
        if without and 2 * len(without) < len(product.variants):
            values = {"option": option, "ids": named([variant.id for variant in without])}
            yield found(
                GAPS,
                product,
                origin=without[0].origin,
                column=option,
                value=product.title,
                values=values,
            )


def _prices(product: Product) -> Iterator[Finding]:
    priced = [variant.price for variant in product.variants if variant.price and variant.price.minor > 0]
    currencies = sorted({price.currency for price in priced})
    if len(currencies) > 1:
        values = {"currencies": ", ".join(each or "?" for each in currencies)}
        yield found(CURRENCIES, product, column="price", value=product.title, values=values)
    elif priced and max(priced).minor >= _SPREAD * min(priced).minor:
        values = {"low": str(min(priced)), "high": str(max(priced))}
        yield found(SPREAD, product, column="price", value=product.title, values=values)


KINDS: Final = (ALIKE, GAPS, CURRENCIES, SPREAD)
