"""The tag of a table that keeps the version which readers see from being tidied away."""

from pathlib import Path
from typing import Any, Final

SERVED: Final = "served"


def tagged(table: Any) -> int | None:
    """The version that bears the tag, None where none does.

    Raises:
        RuntimeError: the tag's file is empty: Lance leaves it so where the disk is full.
    """
    tag = table.tags.list().get(SERVED)
    return None if tag is None else int(tag["version"])


def move_tag(table: Any, path: Path, version: int) -> None:
    """Let a version bear the tag; one that was left empty is made anew.

    Args:
        table: LanceDB's handle.
        path: the folder of the table.
        version: that is to bear it.
    """
    try:
        before = tagged(table)
    except RuntimeError:
        (path / "_refs" / "tags" / f"{SERVED}.json").unlink(missing_ok=True)
        before = None
    if before != version:
        (table.tags.create if before is None else table.tags.update)(SERVED, version)
