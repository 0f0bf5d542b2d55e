"""What keeps a table on disk quick and small while it is written in small batches."""

from datetime import timedelta
from math import log
from pathlib import Path
from time import time
from typing import Any, Final

import numpy as np
import pyarrow as pa

from duomo.shelf.base import ID
from duomo.shelf.columns import own_schema
from duomo.shelf.commits import committing
from duomo.shelf.tables import connect

ALIKE: Final = 16  # pieces of about one size are merged when there are so many: each row is moved seldom
LARGE: Final = 0.1  # of all rows: a piece that holds more is left to `LanceShelf.optimize`
MOST_ROWS: Final = 1000  # so is one of more rows: what is merged is held in memory, and may be pictures


def fold(path: Path) -> int:
    """Merge the small pieces of a table in one commit; the large ones are not written anew.

    `optimize` merges everything below a million rows: each time it writes such a table as a whole, and the
    old one stays until nobody can be reading it.

    Args:
        path: of a table that is there; the caller holds the writer lock.

    Returns:
        how many rows were moved, 0 where there was nothing to merge.
    """
    with committing(path):
        table: Any = connect(path.parent).open_table(path.stem)
        if table.stats()["fragment_stats"]["num_fragments"] <= ALIKE:
            return 0
        found = table.search().select([ID]).with_row_id(True).to_arrow()["_rowid"]
        rows = np.asarray(found.to_numpy(), np.int64)
        _, place, counts = np.unique(rows >> 32, return_inverse=True, return_counts=True)
        sizes = np.array([int(log(count, ALIKE)) for count in counts])
        sizes[(counts > LARGE * rows.size) | (counts > MOST_ROWS)] = -1
        crowded = [size for size in np.unique(sizes[sizes >= 0]) if np.count_nonzero(sizes == size) >= ALIKE]
        if not crowded:
            return 0
        moved = rows[(sizes <= max(crowded))[place] & (sizes >= 0)[place]]
        held = table.take_row_ids(moved.tolist()).to_arrow()
        whole = pa.table(held.select(table.schema.names).columns, schema=own_schema(table.schema))
        table.merge_insert(ID).when_matched_update_all().execute(whole, on_bad_vectors="null")
        return int(moved.size)


def oldest_kept(table: Any, served: int | None, kept: timedelta) -> timedelta:
    """How old versions may be that stay when a table is cleaned up.

    What counts is when readers last saw a version, not when it was made: so the newest of those that are
    older than `kept` stays as well. Lance refuses to clean up at all if that would take a tagged version. It
    looks at the clock only after merging, which may take long: hence an hour, unless nothing is to be merged.

    Args:
        table: LanceDB's handle.
        served: the version that readers see; it stays, and all after it.
        kept: how long readers may go on with a version that is served no longer.
    """
    if served is None:
        return kept
    now = time()
    made = {each["version"]: each["timestamp"].timestamp() for each in table.list_versions()}
    seen = max((when for when in made.values() if now - when > kept.total_seconds()), default=made[served])
    alone = table.stats()["fragment_stats"]["num_fragments"] <= 1
    margin = timedelta(seconds=2) if alone else timedelta(hours=1)
    return max(kept, margin + timedelta(seconds=now - min(seen, made[served])))
