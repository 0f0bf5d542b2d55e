"""What a shop folder holds that nobody needs any more."""

import os
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Final

from duomo.files import beside, is_half
from duomo.shelf.tables import connect

_BESIDE: Final = beside(Path("x"))[2:]  # in the name of what is made to take the place of something else


def age_halves(folder: Path) -> None:
    """Let what was half written look as if it had been there for an hour."""
    for path in folder.rglob("*"):
        if any(is_half(part) or _BESIDE in part for part in path.relative_to(folder).parts):
            made = path.stat().st_mtime - 3600
            os.utime(path, (made, made))


def left_behind(folder: Path) -> dict[str, int]:
    """Kind -> number of files: halves of writes, and files in Lance tables that no version speaks of.

    The tables are tidied up by that; versions stay.
    """
    found: Counter[str] = Counter()
    for path in folder.rglob("*"):
        if is_half(path.name):
            found[f"half of {path.name.rsplit('.', 1)[0][1:]}"] += 1
    for table in folder.rglob("*.lance"):
        if not table.is_dir():
            continue
        if not any((table / "_versions").glob("*.manifest")):
            found[f"a {table.name} that never came to be"] += 1
            continue
        before = {path for path in table.rglob("*") if path.is_file()}
        opened = connect(table.parent).open_table(table.stem)
        opened.optimize(cleanup_older_than=timedelta(days=1), delete_unverified=True)
        for path in before:
            if not path.exists():
                found[f"{table.name} {path.relative_to(table).parts[0]}"] += 1
    return dict(found)
