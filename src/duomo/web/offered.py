"""Which columns make good facets: few enough values, on enough of the products."""

import re
from collections.abc import Mapping
from typing import Final
from weakref import WeakKeyDictionary

from duomo.hits import Facet
from duomo.shelf.layout import INFERRED_COLUMN
from duomo.shop import Shop

FIRST: Final = ("category", "brand", "color", "size")  # always offered where they tell products apart
MOST_OTHERS: Final = 4
MOST_VALUES: Final = 40  # of another column: more are a search of their own
LEAST_COVERED: Final = 0.2  # of the products have a value in another column

# Names, numbers and amounts are looked for, not chosen from; the last ones say again what FIRST says.
_NEVER: Final = frozenset(
    {"id", "product_id", "title", "currency", "price", "list_price", "stock", "gtin", "mpn"}
    | {"colors", "sizes", "brands", "categories", "all_categories"}
)
_TRANSLATION: Final = re.compile(r".+_(en|zh)")  # color_zh says in Chinese what color says
_FLAGS: Final = frozenset({"yes", "no", "true", "false", "0", "1", "是", "否"})  # part a shop too little


class OfferedFacets:
    """The columns that are worth offering; counted once for each version of a shop."""

    def __init__(self) -> None:
        self._names: WeakKeyDictionary[Shop, tuple[str, ...]] = WeakKeyDictionary()

    def names(self, version: Shop) -> tuple[str, ...]:
        """Of a pinned shop, in the order to show them."""
        if version not in self._names:
            known = (name for name in version.columns() if name not in _NEVER)
            columns = tuple(name for name in known if not name.startswith(INFERRED_COLUMN))
            everything = version.search(k=1, facets=columns)
            self._names[version] = choose(everything.facets, everything.total)
        return self._names[version]


def choose(facets: Mapping[str, Facet], total: int) -> tuple[str, ...]:
    """The usual columns, then up to four others: those that most products have.

    Args:
        facets: of every column that could be offered, over the whole shop.
        total: products in the shop.
    """
    usual = tuple(name for name in FIRST if name in facets and len(facets[name].values) > 1)
    others = [
        (-_covered(facet, total), name)
        for name, facet in facets.items()
        if name not in FIRST
        and not _TRANSLATION.fullmatch(name)
        and 1 < len(facet.values) <= MOST_VALUES
        and _covered(facet, total) >= LEAST_COVERED
        and not all(value.value.lower() in _FLAGS for value in facet.values)
    ]
    return usual + tuple(name for _, name in sorted(others)[:MOST_OTHERS])


def _covered(facet: Facet, total: int) -> float:
    """About which share of the products has a value; at most 1, as some have several."""
    return min(1.0, sum(value.count for value in facet.values) / max(total, 1))
