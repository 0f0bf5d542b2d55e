"""Which products are nearly the same thing: of one picture, or of one title but for color and size."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from duomo.search.facets import codes_of
from duomo.search.goods import PRODUCT
from duomo.search.parse.roles import role_of
from duomo.shelf.base import Snapshot, kind_of
from duomo.shelf.columns import lengths_of
from duomo.shelf.filters import fold
from duomo.shelf.layout import hashes_column

_BREAKS: Final = re.compile(r"[\W_]+")
MOST_ALIKE: Final = 50  # products with one picture; more of them show that there is none

Codes = NDArray[np.int64]


def twins_of(snapshot: Snapshot, rows: Codes) -> tuple[Codes, Codes]:
    """(n,) group numbers of the rows by title and by picture; -1: like that of no other product.

    Catalogs that have a product for every color, or bring one twice, flood a page with it.

    Args:
        snapshot: of the variants table.
        rows: (n,) of it.
    """
    products = codes_of(snapshot.take(rows, [PRODUCT])[PRODUCT])[0]
    pictured = _shared(_pictures(snapshot, rows), products, most=MOST_ALIKE)
    return _shared(_titles(snapshot, rows), products), pictured


def _shared(codes: Codes, products: Codes, most: int | None = None) -> Codes:
    """The codes that several products have, no more than so many; -1 in the place of the others."""
    pairs = np.unique(np.stack([codes, products]), axis=1)
    times = np.bincount(pairs[0][pairs[0] >= 0], minlength=int(codes.max(initial=-1)) + 1)
    good = (times >= 2) & (times <= (most or times.max(initial=0)))
    return np.where((codes >= 0) & np.append(good, False)[codes], codes, -1)


def _titles(snapshot: Snapshot, rows: Codes) -> Codes:
    """A code for each brand and title without the row's own colors and sizes."""
    told = [
        field.name
        for field in snapshot.schema
        if role_of(field.name, kind_of(field)) in ("color", "size") and kind_of(field) in ("text", "texts")
    ]
    table = snapshot.take(rows, list(dict.fromkeys(["title", "brand", *told])))
    columns = [_texts(table[name]) for name in (*told, "title", "brand")]
    codes: dict[tuple[str, str], int] = {}
    found = np.full(rows.size, -1)
    for place, (*values, titles, brands) in enumerate(zip(*columns, strict=True)):
        if titles and (bare := without(titles[0], [value for each in values for value in each])):
            found[place] = codes.setdefault((bare, fold(brands[0]) if brands else ""), len(codes))
    return found


def without(title: str, values: Sequence[str]) -> str:
    """A title, folded, without the values that are named in it; "" where nothing else is.

    >>> without("Crew Tee, Navy Blue (M)", ["Navy Blue", "M"]), without("红色连衣裙", ["红色"])
    ('crew tee', '连衣裙')
    """
    left = title.casefold()
    named = [value for each in values if each and (value := each.casefold()) in left]
    for value in sorted(named, key=len, reverse=True):
        left = "".join(_cut(left, value)) if value.isascii() else left.replace(value, " ")
    return _BREAKS.sub(" ", left).strip()


def _cut(text: str, word: str) -> Iterator[str]:
    """The pieces of a text around a word, where it stands as a word."""
    start = 0
    while (at := text.find(word, start)) >= 0:
        end = at + len(word)
        alone = not text[at - 1 : at].isalnum() and not text[end : end + 1].isalnum()
        yield text[start:at] if alone else text[start:end]
        start = end
    yield text[start:]


def _texts(column: pa.ChunkedArray) -> list[tuple[str, ...]]:
    """The texts of each row."""
    if not pa.types.is_list(column.type):
        return [(each,) if each else () for each in column.cast(pa.string()).to_pylist()]
    lists = column.combine_chunks()
    texts = lists.flatten().cast(pa.string()).to_pylist()  # all at once: a list at a time takes long
    ends = np.cumsum(lengths_of(lists)).tolist()
    return [tuple(texts[start:end]) for start, end in zip([0, *ends], ends, strict=False)]


def _pictures(snapshot: Snapshot, rows: Codes) -> Codes:
    """A code for the first picture that each row is found by; -1: it has none."""
    names = [hashes_column(field.name) for field in snapshot.schema if kind_of(field) == "vector"]
    named = next((name for name in names if name in snapshot.schema.names), None)
    if named is None:
        return np.full(rows.size, -1)
    first = [each[0] if each else None for each in snapshot.take(rows, [named])[named].to_pylist()]
    return codes_of(pa.array(first, pa.string()))[0]
