"""Dates of an export, as people and ad platforms write them."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Final, NamedTuple

_DATE: Final = re.compile(r"(\d{4})\D{0,2}(\d{1,2})\D{0,2}(\d{1,2})(?:日|\D.*)?")
_OTHER: Final = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})(?:\D.*)?")  # 11/30/2026, 30.11.2026
_MONTHS: Final = 12


class Order(NamedTuple):
    """What stands first in the dates of a column that do not begin with the year."""

    day_first: bool
    unsure: str = ""  # the first of them, where nothing tells


def order_of(written: Iterable[str]) -> Order:
    """What the dates of a column begin with, told by all together.

    >>> order_of(["03/04/2026", "13/04/2026"]), order_of(["03/04/2026"])
    (Order(day_first=True, unsure=''), Order(day_first=False, unsure='03/04/2026'))
    """
    found = [match for each in written if (match := _OTHER.fullmatch(each))]
    if any(int(match[1]) > _MONTHS or match[2] == "." for match in found):
        return Order(day_first=True)
    sure = any(int(match[3]) > _MONTHS for match in found)
    return Order(day_first=False, unsure="" if sure or not found else found[0][0])


def day_of(written: str, order: Order) -> int:
    """Days since 1970; raises ValueError where it is no date.

    >>> [day_of(written, Order(day_first=True)) for written in ("1970-01-03", "1970年1月3日", "3/1/1970")]
    [2, 2, 2]
    """
    if match := _DATE.fullmatch(written):
        year, month, day = map(int, match.groups())
    elif match := _OTHER.fullmatch(written):
        first, second, year = int(match[1]), int(match[3]), int(match[4])
        day, month = (first, second) if order.day_first else (second, first)
    else:
        raise ValueError(written)
    return (date(year, month, day) - date(1970, 1, 1)).days
