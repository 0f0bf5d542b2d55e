"""How a table on disk is: its rows, the pieces they lie in, what indexes do not know yet. Reads no rows."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from duomo.shelf.tables import connect


@dataclass(frozen=True, slots=True, kw_only=True)
class TableHealth:
    """One version of a table."""

    name: str
    version: int
    rows: int
    fragments: int  # pieces that the rows lie in; every commit adds one until they are merged
    indexes: int
    unindexed: (
        int  # rows that the index that is furthest behind does not know; they are looked through one by one
    )
    bytes: int  # of the files in its folder, older versions included
    live_bytes: int  # of the files that the version needs


def is_table(path: Path) -> bool:
    """Whether a Lance table is there, with a version that has been committed."""
    return any((path / "_versions").glob("*.manifest"))


def health_of(path: Path) -> TableHealth:
    """How the newest version of the table in a folder is; costs some milliseconds, however many rows it has.

    Raises:
        RuntimeError, OSError, ValueError: LanceDB cannot open it.
    """
    table: Any = connect(path.parent).open_table(path.stem)
    rows, stats = table.count_rows(), table.stats()
    indexes = [table.index_stats(index.name) for index in table.list_indices()]
    return TableHealth(
        name=path.stem,
        version=table.version,
        rows=rows,
        fragments=stats["fragment_stats"]["num_fragments"],
        indexes=len(indexes),
        unindexed=max((each.num_unindexed_rows for each in indexes if each), default=0),
        bytes=bytes_in(path),
        live_bytes=stats["total_bytes"],
    )


def bytes_in(folder: Path) -> int:
    """The sizes of all files in a folder and below; one that goes meanwhile counts nothing."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except OSError:  # tidied up since it was listed
            continue
    return total
