"""One version of a table as files of its own, taken while others write: Lance's files never change."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from duomo.errors import BadSetup
from duomo.shelf.commits import words_of
from duomo.shelf.health import health_of, manifests_of
from duomo.shelf.tables import connect
from duomo.shelf.tags import move_tag

_VERSIONS, _REFS = "_versions", "_refs"


@dataclass(frozen=True, slots=True)
class Frozen:
    """What was taken of a table."""

    version: int
    rows: int


def freeze(path: Path, into: Path, *, version: int = 0) -> Frozen:
    """Put the files of one version of a table into a folder: as links where the disk can, else copied.

    Only what this version is made of is taken, and then every row of it is read: what is there when this
    returns can be opened.

    Args:
        path: of the table.
        into: a folder that is not there yet.
        version: which one; in the copy it bears the tag `tags.SERVED`, whichever bears it here. 0: the
            newest, without a tag.

    Raises:
        FileNotFoundError: a file went away meanwhile, because the version is no longer kept.
        BadSetup: what was taken cannot be read.
    """
    table: Any = connect(path.parent).open_table(path.stem)
    asked, version = version, version or int(table.version)
    manifest = _manifest_of(path, version)
    said = manifest.read_bytes()
    take(manifest, into / _VERSIONS / manifest.name)
    for file in sorted(path.rglob("*")):
        inner = file.relative_to(path)
        if file.is_file() and _belongs(inner, version, said):
            take(file, into / inner)
    frozen = _read(into, version, path)
    if asked:
        move_tag(connect(into.parent).open_table(into.stem), into, asked)
    return frozen


def take(file: Path, to: Path) -> None:
    """Have a file that never changes under another name, too; copied where the disk has no links."""
    to.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(file, to)
    except FileNotFoundError:
        raise
    except OSError:  # another disk, one without links, or a file of another user
        shutil.copyfile(file, to)


def _manifest_of(path: Path, version: int) -> Path:
    if (found := manifests_of(path).get(version)) is None:
        raise FileNotFoundError(2, "no such version of the table", str(path))
    return found


def _belongs(inner: Path, version: int, said: bytes) -> bool:
    """Whether a file of a table may be part of a version; its manifest names data files and indexes."""
    kind, name = inner.parts[0], inner.name
    if kind == "data" or kind == "_transactions":
        return name.encode() in said
    if kind == "_deletions":  # fragment-version-number.arrow
        parts = name.split("-")
        return len(parts) < 2 or not parts[1].isdigit() or int(parts[1]) <= version
    if kind == "_indices":
        try:
            return UUID(inner.parts[1]).bytes in said or inner.parts[1].encode() in said
        except ValueError:
            return True
    return kind not in (_VERSIONS, _REFS)


def _read(into: Path, version: int, path: Path) -> Frozen:
    """Open what was taken and read it to the end."""
    try:
        health = health_of(into)
        rows = sum(
            batch.num_rows for batch in connect(into.parent).open_table(into.stem).search().to_batches()
        )
    except (RuntimeError, OSError, ValueError) as error:
        problem = f"version {version} of the table {path} cannot be read whole ({words_of(error)})"
        raise BadSetup(
            problem, remedy="Run duomo doctor; if the disk is well, build the shop anew"
        ) from error
    if (health.version, rows) != (version, health.rows):
        raise BadSetup(
            f"version {version} of the table {path} gave {rows} of {health.rows} rows", remedy="Try again"
        )
    return Frozen(version, rows)
