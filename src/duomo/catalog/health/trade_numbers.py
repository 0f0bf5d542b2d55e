"""Global trade item numbers that are wrong, are no global ones, or stand for several goods."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from duomo.catalog.gtin import gtin14
from duomo.catalog.health.findings import Both, Finding, Kind, found, named
from duomo.catalog.health.goods import Goods
from duomo.product import Product, Variant

WRONG: Final = Kind(
    name="gtin-wrong",
    weight=2,
    loss="words",
    title=Both("Wrong trade item number", "商品条码错误"),
    says=Both("{why}", "{why}"),
    remedy=Both("Copy it from the package once more, or leave it blank", "请对照包装重新抄录，或留空"),
)
RESTRICTED: Final = Kind(
    name="gtin-restricted",
    weight=1,
    loss="words",
    title=Both("Number for use within a shop, not a global one", "店内码，不是全球通用条码"),
    says=Both(
        "begins with {prefix}, which GS1 keeps for use within a company or region",
        "以 {prefix} 开头，GS1 将其保留给店内或区域使用",
    ),
    remedy=Both("Give the maker's own number, or leave it blank", "请填写厂商条码，或留空"),
)
SHARED: Final = Kind(
    name="gtin-shared",
    weight=2,
    loss="trust",
    title=Both("One trade item number on several goods", "同一条码用于多件商品"),
    says=Both("is the number of {n} goods ({ids})", "被 {n} 件商品共用（{ids}）"),
    remedy=Both(
        "Each buyable form has a number of its own: correct them", "每个可售规格都有自己的条码，请改正"
    ),
)

# GS1 General Specifications, 1.4.2: restricted circulation (02, 04, 2), of a GTIN-8 those beginning with 0 or
# 2; coupons and refunds (98, 99). As they stand after the first of 14 digits.
_RESTRICTED: Final = ("02", "04", "2", "98", "99")


def trade_numbers(goods: Goods) -> Iterator[Finding]:
    """Numbers with a wrong check digit or length, with a restricted prefix, or on several goods."""
    users: defaultdict[str, dict[str, tuple[Product, Variant]]] = defaultdict(dict)
    for product, variant in goods.variants:
        if not variant.gtin:
            continue
        try:
            number = gtin14(variant.gtin)
        except ValueError as error:
            values = {"why": Both(str(error), _in_chinese(str(error)))}
            yield found(
                WRONG, product, origin=variant.origin, column="gtin", value=variant.gtin, values=values
            )
            continue
        users[number].setdefault(variant.id, (product, variant))
        if prefix := restricted_prefix(number):
            marks = {"prefix": prefix}
            yield found(
                RESTRICTED, product, origin=variant.origin, column="gtin", value=variant.gtin, values=marks
            )
    for number, each in users.items():
        if len(each) > 1:
            product, variant = next(iter(each.values()))
            users_of = {"n": str(len(each)), "ids": named(list(each))}
            yield found(
                SHARED,
                product,
                origin=variant.origin,
                column="gtin",
                value=number.lstrip("0"),
                others=[other.id for other, _ in each.values()],
                values=users_of,
            )


def restricted_prefix(number: str) -> str:
    """The prefix for which a number of 14 digits is no global one; "": it is.

    >>> restricted_prefix("02012345678903"), restricted_prefix("04006381333931")
    ('20', '')
    """
    if number.startswith("000000"):  # a GTIN-8
        return number[6] if number[6] in "02" else ""
    found = next((prefix for prefix in _RESTRICTED if number[1:].startswith(prefix)), "")
    return number[1:3] if found else ""


def _in_chinese(why: str) -> str:
    """What `gtin14` says, in Chinese."""
    numbers = [word for word in why.replace(":", "").split() if word.isdigit()]
    if why.startswith("has the wrong check digit"):
        return f"校验位错误，应为 {numbers[0]}"
    if why.startswith("has"):
        return f"有 {numbers[0]} 位数字，应为 8、12、13 或 14 位"
    return "不是一串数字"


KINDS: Final = (WRONG, RESTRICTED, SHARED)
