"""How a table on disk is: its rows, the pieces they lie in, what indexes do not know yet. Reads no rows."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from duomo.shelf.tables import connect

_DATA_FILE: Final = re.compile(rb"[0-9A-Za-z_-]+\.lance")
_END: Final = b"LANC"  # of every file that Lance has written to its end
_NEWEST_FIRST: Final = 20  # digits of a version's name that counts down from 2**64


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


def manifests_of(path: Path) -> dict[int, Path]:
    """Version -> Lance's own manifest of it, by either of its ways to name them."""
    found = [file for file in (path / "_versions").glob("*.manifest") if file.stem.isdigit()]
    numbers = [(int(file.stem), len(file.stem)) for file in found]
    versions = [2**64 - 1 - number if digits == _NEWEST_FIRST else number for number, digits in numbers]
    return dict(zip(versions, found, strict=True))


def is_whole(path: Path, version: int = 0) -> bool:
    """Whether all files of rows of a version are there, and none is cut short; 0: of the newest version.

    Only their last bytes are looked at: some milliseconds, where loading LanceDB takes a second.
    """
    manifests = manifests_of(path)
    manifest = manifests.get(version or max(manifests, default=0))
    if manifest is None or not _is_ended(manifest):
        return False
    names = {name.decode() for name in _DATA_FILE.findall(manifest.read_bytes())}
    # Before a name stands its length, which may look like a letter of it.
    return all(_is_ended(path / "data" / name) or _is_ended(path / "data" / name[1:]) for name in names)


def _is_ended(file: Path) -> bool:
    try:
        with file.open("rb") as opened:
            opened.seek(-len(_END), os.SEEK_END)
            return opened.read() == _END
    except OSError:  # it is gone, or shorter than that
        return False


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
