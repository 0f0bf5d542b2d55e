"""What a shopper does not want: rows that say they have it are left out, those that deny it are not."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from duomo.search.parse import Meaning, tells_of
from duomo.search.reader import unwanted
from duomo.shelf.base import TOKENS, Snapshot
from duomo.shelf.filters import Compare, Filter, IsNull, columns_of, leaves
from duomo.shelf.keywords import BREAK, Word
from duomo.shelf.postings import Postings

READ: Final = 5000  # rows whose texts are read to see whether they deny what they name

Rows = NDArray[np.int64]


def refused(snapshot: Snapshot, meanings: Sequence[Meaning]) -> Rows:
    """The rows that have what one of the meanings does not want, ascending.

    Names, categories and values say that a row has something; a title or a description as well, unless it
    denies it: a jacket "without hood" has none. Where a filter settles what is not wanted, rows that say
    nothing in its columns are read as well: a "Red dress" without a color is not "not red".
    """
    found = [_having(snapshot, meaning) for meaning in meanings if meaning.unwanted]
    found += [_unsaid(snapshot, m, m.filter) for m in meanings if m.kind == "without" and m.filter]
    return np.unique(np.concatenate([np.zeros(0, np.int64), *found]))


def _having(snapshot: Snapshot, meaning: Meaning) -> Rows:
    words = list(unwanted(meaning))
    met = [snapshot.search(keywords=(word,)).rows for word in words if word.spellings]
    rows = np.unique(np.concatenate([np.zeros(0, np.int64), *met]))
    if not 0 < rows.size <= READ:
        return rows
    table = snapshot.take(rows, ["title", "description", TOKENS])
    texts = zip(table["title"].to_pylist(), table["description"].to_pylist(), strict=True)
    named = _named(table[TOKENS].to_pylist(), words)
    return rows[[said or any(tells_of(text, meaning) for text in both if text)
                 for said, both in zip(named, texts, strict=True)]]  # fmt: skip


def _unsaid(snapshot: Snapshot, meaning: Meaning, filter: Filter) -> Rows:
    """The rows without a value in the columns of a filter whose texts tell of one that it refuses."""
    values = [(leaf.value,) if isinstance(leaf, Compare) else leaf.values
              for leaf in leaves(filter) if not isinstance(leaf, IsNull)]  # fmt: skip
    names, *others = dict.fromkeys(str(value) for each in values for value in each)
    rows = _having(snapshot, replace(meaning, unwanted=names, spellings=tuple(others)))
    if not rows.size:
        return rows
    table = snapshot.take(rows, columns_of(filter))
    silent = [
        pc.equal(pc.coalesce(pc.list_value_length(each), 0), 0)
        if pa.types.is_list(each.type)
        else pc.is_null(each)
        for each in table.columns
    ]
    return rows[np.all([each.to_numpy() for each in silent], axis=0)]


def _named(tokens: Iterable[str | None], words: Iterable[Word]) -> Iterator[bool]:
    """Whether each row holds a word outside its title and description."""
    fields = [(text or "").split(f"{BREAK}") for text in tokens]
    kept = [" ".join(part.strip() for at, part in enumerate(each) if at not in (0, 2)) for each in fields]
    postings = Postings(pa.array(kept, pa.string()))
    held = np.zeros(len(kept), np.bool_)
    for word in words:
        if word.spellings:
            held[postings.holding(word)] = True
    yield from held.tolist()
