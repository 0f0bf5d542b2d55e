"""Prices that cannot be right, or that lie out of line with those of like goods."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from math import exp, log
from statistics import median
from typing import Final, NamedTuple

from duomo.catalog.health.findings import Both, Finding, Kind, found
from duomo.catalog.health.goods import Goods
from duomo.product import Price, Product, Variant

PEERS: Final = 8  # like goods, at least, before a price is held against theirs
FAR: Final = 5.0  # robust standard deviations from the middle
TIMES: Final = 5.0  # and at least so many times as dear, or as cheap
FEW: Final = 4  # goods in all, at least; up to 8 of them a price must be further off:
TIMES_OF_FEW: Final = 100.0
_NEAR: Final = 1.5  # robust standard deviations within which a price is usual
_LEAST: Final = 0.2  # of the spread of log prices: goods that all cost the same are not exact to a cent
_SHIFTS: Final = (10, 100, 1000)
_MOST: Final = 0.9  # share of a catalog's prices that is in one currency where the others are a slip
_MAD: Final = 1.4826  # makes the median absolute deviation of a normal distribution its standard deviation

ZERO: Final = Kind(
    name="price-zero",
    weight=3,
    loss="bought",
    title=Both("Price is zero", "价格为零"),
    says=Both("is zero", "为零"),
    remedy=Both("Fill in what it costs, unless it is free", "请填写实际价格，除非它真的免费"),
)
NEGATIVE: Final = Kind(
    name="price-negative",
    weight=3,
    loss="bought",
    title=Both("Price is negative", "价格为负"),
    says=Both("is negative", "为负数"),
    remedy=Both("Fill in what it costs", "请填写实际价格"),
)
SHIFTED: Final = Kind(
    name="price-shifted",
    weight=3,
    loss="bought",
    title=Both("Decimal point in the wrong place", "小数点可能错位"),
    says=Both(
        "is {times} times the usual {usual} of {peers}, and right with the point moved by {places}",
        "是{peers}常见价格 {usual} 的 {times} 倍；小数点移动 {places} 位后才合理",
    ),
    remedy=Both("Look for a lost decimal point", "请检查是否漏掉或多写了小数点"),
)
OUTLIER: Final = Kind(
    name="price-out-of-line",
    weight=2,
    loss="bought",
    title=Both("Price out of line with like goods", "价格与同类商品相差悬殊"),
    says=Both("is {times} times the usual {usual} of {peers}", "是{peers}常见价格 {usual} 的 {times} 倍"),
    remedy=Both("See whether it is meant", "请确认这个价格是否正确"),
)
OVER_LIST: Final = Kind(
    name="price-over-list",
    weight=2,
    loss="trust",
    title=Both("Dearer than its own list price", "售价高于原价"),
    says=Both("is above its list price of {usual}", "高于原价 {usual}"),
    remedy=Both("Correct one of the two, or drop the list price", "请改正其中一个，或删除原价"),
)
CURRENCY: Final = Kind(
    name="price-currency",
    weight=2,
    loss="bought",
    title=Both("Price in another currency than the rest", "币种与其他商品不同"),
    says=Both(
        "is in {currency}, nearly all others are in {usual}", "币种为 {currency}，其他几乎都是 {usual}"
    ),
    remedy=Both(
        "Check the currency: filters and sorting compare the bare amounts", "请核对币种：筛选和排序只比较金额"
    ),
)


class _Usual(NamedTuple):
    """What like goods cost."""

    middle: float  # median of the logs
    spread: float  # robust standard deviation of the logs
    goods: int

    def how_far(self, amount: float) -> float:
        """Robust standard deviations from the middle."""
        return abs(log(amount) - self.middle) / self.spread

    def is_far(self, amount: float) -> bool:
        """Whether an amount is out of line; few goods tell little, so that more is asked for there."""
        times = exp(abs(log(amount) - self.middle))
        return self.how_far(amount) >= FAR and times >= (TIMES if self.goods >= PEERS else TIMES_OF_FEW)


def prices(goods: Goods) -> Iterator[Finding]:
    """Prices that are zero, negative, above the list price, in another currency, or out of line.

    Out of line: at least 5 robust standard deviations (median and MAD of the logarithms) and 5 times away
    from the median of at least 8 products of the same category and brand, else of the category, else of one
    above it, else of all in the currency; 100 times where there are fewer than 8 in all. Where the price
    would be usual with the decimal point moved by one, two or three places, that is said.
    """
    amounts: defaultdict[_Peers, dict[str, float]] = defaultdict(dict)
    for product, variant in goods.variants:
        if variant.price and variant.price.minor > 0:
            for peers in _peers(product, variant.price):
                amounts[peers].setdefault(product.id, variant.price.major)
    usual = {peers: _usual(list(each.values())) for peers, each in amounts.items() if _tells(peers, each)}
    told: set[tuple[str, Price | None]] = set()
    for product, variant in goods.variants:
        if (product.id, variant.price) not in told:
            told.add((product.id, variant.price))
            yield from _of(product, variant, usual)
    yield from _currencies(goods)


def _of(product: Product, variant: Variant, usual: Mapping["_Peers", _Usual]) -> Iterator[Finding]:
    price, listed = variant.price, variant.list_price
    if price is None:
        return

    def of(kind: Kind, **values: Both | str) -> Finding:
        return found(
            kind, product, origin=variant.origin, column="price", value=str(price), values=dict(values)
        )

    if price.minor <= 0:
        yield of(NEGATIVE if price.minor < 0 else ZERO)
        return
    if listed and listed.currency == price.currency and listed.minor < price.minor:
        yield of(OVER_LIST, usual=str(listed))
    peers = next((each for each in _peers(product, price) if each in usual), None)
    if peers is None or not usual[peers].is_far(price.major):
        return
    line, middle = usual[peers], exp(usual[peers].middle)
    shifts = (s for s in _SHIFTS if any(line.how_far(price.major * m) < _NEAR for m in (s, 1 / s)))
    shift = next(shifts, 0)
    yield of(
        SHIFTED if shift else OUTLIER,
        times=f"{price.major / middle:.3g}",
        usual=str(Price.of(f"{middle:.4f}", price.currency)),
        peers=" · ".join(part for part in (peers.category, peers.brand) if part)
        or Both("all goods", "全部商品"),
        places=str(len(str(shift)) - 1),
    )


class _Peers(NamedTuple):
    """Like goods: of one currency, and of one category and brand where those are named."""

    currency: str
    category: str = ""
    brand: str = ""


def _peers(product: Product, price: Price) -> list[_Peers]:
    """The likest goods first."""
    path = product.category
    above = [_Peers(price.currency, " > ".join(path[:depth])) for depth in range(len(path), 0, -1)]
    same_brand = [above[0]._replace(brand=product.brand)] if above and product.brand else []
    return [*same_brand, *above, _Peers(price.currency)]


def _tells(peers: _Peers, amounts: Mapping[str, float]) -> bool:
    """Whether there are goods enough to hold a price against."""
    return len(amounts) >= (PEERS if peers.category else FEW)


def _usual(amounts: Sequence[float]) -> _Usual:
    logs = [log(amount) for amount in amounts]
    middle = median(logs)
    spread = _MAD * median(abs(each - middle) for each in logs)
    return _Usual(middle, max(spread, _LEAST), len(logs))


def _currencies(goods: Goods) -> Iterator[Finding]:
    """Variants in another currency than nearly all others."""
    counts = Counter(variant.price.currency for _, variant in goods.variants if variant.price)
    if len(counts) < 2:
        return
    usual, times = counts.most_common(1)[0]
    if times < _MOST * counts.total():
        return  # several markets in one file, not a slip
    for product, variant in goods.variants:
        price = variant.price
        if price and price.currency != usual:
            values = {"currency": price.currency or "?", "usual": usual or "?"}
            yield found(
                CURRENCY, product, origin=variant.origin, column="currency", value=str(price), values=values
            )


KINDS: Final = (ZERO, NEGATIVE, SHIFTED, OUTLIER, OVER_LIST, CURRENCY)
