"""Which index a column of a table on disk gets."""

from collections.abc import Mapping
from typing import Any, Final

import pyarrow as pa

from duomo.shelf.base import ID, TOKENS, kind_of
from duomo.shelf.filters import LISTS

INDEX_FROM: Final = 20_000  # rows from which an index over vectors finds faster than comparing all
# The tokens are ours: the index must neither cut, fold nor drop any.
_TOKENS_AS_THEY_ARE: Final[Mapping[str, Any]] = {
    **dict.fromkeys(("stem", "remove_stop_words", "lower_case", "ascii_folding"), False),
    **{"base_tokenizer": "whitespace", "max_token_length": None},
}


def index_of(field: pa.Field, *, large: bool) -> Any:
    """The settings of a column's index, as LanceDB takes them; None: it gets none.

    Args:
        field: made by `base.column`.
        large: whether the table has `INDEX_FROM` rows or more.
    """
    from lancedb.index import FTS, Bitmap, BTree, IvfSq, LabelList

    kind = kind_of(field)
    if field.name == TOKENS:
        return FTS(**_TOKENS_AS_THEY_ARE)
    if kind == "vector" and large:
        # Measured: the default (IVF_PQ) takes 25 times as long to build and finds 78 % of this.
        return IvfSq(distance_type="cosine")
    if kind in LISTS:
        return LabelList()
    if kind == "number" or field.name in (ID, "product_id"):
        return BTree()
    return Bitmap() if kind == "text" else None
