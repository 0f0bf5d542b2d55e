"""What may be wrong with an installation and with a shop, looked at one by one, and what to do about it."""

import glob
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import numpy as np
from filelock import FileLock, Timeout

from duomo.encode.models import OWN, REMOTE, load_encoder
from duomo.errors import DuomoError
from duomo.files import beside
from duomo.search.rerank import LearnedOrder
from duomo.settings import Settings
from duomo.shelf.base import ID, Snapshot, kind_of
from duomo.shelf.health import TableHealth, bytes_in, health_of, is_table
from duomo.shelf.lance import LanceShelf
from duomo.shelf.manifest import NAME, PICTURES, TABLES, VARIANTS, Manifest
from duomo.shelf.rows import pictures_shown
from duomo.shelf.tables import Tables
from duomo.stock.installed import Finding, Status, installation
from duomo.stock.outcome import Failure
from duomo.stock.swap import vector_columns

_FREE_MB: Final = 50.0  # with less than this nothing can be committed
_UNINDEXED: Final = 0.1  # share of the rows that an index need not know
_FRAGMENTS: Final = 64
_SAMPLE: Final = 1000  # rows whose pictures are looked for, unless all are
_SKEW_S: Final = 60.0
_KEY: Final = 16  # characters that a key for writing should have
_MB: Final = 1e6


def examine(folder: Path | None, settings: Settings, *, every: bool = False) -> Iterator[Finding]:
    """Look at the installation, and at a shop where one is named; writes nothing that stays.

    Args:
        folder: of the shop; None: the installation alone.
        settings: of the shop.
        every: look for the pictures of every row, not of a thousand.
    """
    yield from installation()
    if folder is None:
        return
    yield from _guarded("folder", lambda: _place(folder, settings))
    if not (folder / NAME).exists():
        remedy = f"Name a shop's folder, or build one: duomo build CATALOG --shop {folder}"
        yield Finding(what="manifest", status="error", said=f"there is no {NAME} in {folder}", remedy=remedy)
        return
    try:
        manifest = Manifest.load(folder)
    except DuomoError as error:
        yield Finding(what="manifest", status="error", said=error.args[0], remedy=error.remedy)
        return
    looks: list[tuple[str, Callable[[], Iterator[Finding]]]] = [
        ("writer", lambda: _writer(folder, manifest)),
        ("tables", lambda: _tables(folder, settings, manifest)),
        ("rows", lambda: _rows(folder, manifest, every)),
        ("models", lambda: _models(folder, manifest, settings)),
        ("journal", lambda: _journals(folder / TABLES)),
        ("leftovers", lambda: _leftovers(folder)),
        ("clock", lambda: _clock(folder)),
    ]
    for what, look in looks:
        yield from _guarded(what, look)


def _guarded(what: str, look: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """The findings of a look; one that cannot be finished is a finding, too."""
    try:
        yield from look()
    except (DuomoError, OSError, RuntimeError, ValueError, KeyError) as error:
        said, remedy = (error.args[0], error.remedy) if isinstance(error, DuomoError) else (str(error), "")
        remedy = remedy or "Restore the shop from a backup, or build it anew in another folder"
        yield Finding(what=what, status="error", said=str(said).partition("\n")[0], remedy=remedy)


def _place(folder: Path, settings: Settings) -> Iterator[Finding]:
    """Whether the folder can be used, and the room on its disk."""
    if not folder.is_dir():
        yield Finding(what="folder", status="error", said=f"{folder} is no folder", remedy="Correct --shop")
        return
    if not os.access(folder, os.R_OK | os.X_OK):
        remedy = f"Let this user read it: chmod, or run as its owner ({folder.owner()})"
        yield Finding(what="folder", status="error", said=f"{folder} cannot be read", remedy=remedy)
        return
    if os.access(folder, os.W_OK):
        yield Finding(what="folder", status="ok", said=f"{folder.resolve()} can be read and written")
    else:
        remedy = "Run as its owner, or make the disk writable, to build; searching works"
        yield Finding(what="folder", status="warning", said=f"{folder} can be read only", remedy=remedy)
    free = shutil.disk_usage(folder).free / _MB
    needed = _FREE_MB + sum(bytes_in(path) for path in folder.glob("*.lance")) / _MB
    said = f"{free:.0f} MB free; a build writes up to {needed:.0f} MB before it takes old files away"
    status: Status = "error" if free < _FREE_MB else "warning" if free < needed else "ok"
    yield Finding(
        what="space", status=status, said=said, remedy="" if status == "ok" else "Make room on this disk"
    )
    if settings.write_key and len(settings.write_key) < _KEY:
        said = f"write_key has {len(settings.write_key)} characters"
        yield Finding(
            what="keys", status="warning", said=said, remedy=f"Set one of {_KEY} random ones or more"
        )


def _writer(folder: Path, manifest: Manifest) -> Iterator[Finding]:
    """Who writes, and whether a build was cut short."""
    lock, note = folder / ".writer.lock", folder / ".writer.json"
    holder = ""
    try:
        said = json.loads(note.read_text("utf-8"))
        holder = f"process {said['process']} ({said['command']}, since {said['since']})"
    except (OSError, ValueError, KeyError, TypeError):
        pass
    if lock.exists() and os.access(lock, os.W_OK):
        try:
            with FileLock(lock, timeout=0):
                pass
        except Timeout:
            yield Finding(what="writer", status="ok", said=f"{holder or 'another process'} is writing")
            return
    if holder:
        remedy = "Nothing needs to be done: it died, and holds up nobody; the next build takes its note away"
        yield Finding(
            what="writer", status="warning", said=f"nobody is writing; {holder} left a note", remedy=remedy
        )
    else:
        yield Finding(what="writer", status="ok", said="nobody is writing")
    if "" in manifest.building:  # rows that were put have no name
        remedy = "Send them again; what was half done is not served, and the next build takes it back"
        said = "rows that were being put were cut short, and not acknowledged"
        yield Finding(what="build", status="warning", said=said, remedy=remedy)
    elif manifest.building:
        said = f"a build of {', '.join(manifest.building)} was cut short"
        yield Finding(
            what="build", status="warning", said=said, remedy="Run it again: it goes on where it was"
        )
    if failure := Failure.of(folder):
        said = f"the last build, which ended at {failure.when}, failed: {failure.problem}"
        yield Finding(what="build", status="warning", said=said, remedy=failure.remedy)


def _tables(folder: Path, settings: Settings, manifest: Manifest) -> Iterator[Finding]:
    """Whether the tables open, the served version is there, and what their indexes know."""
    remedy = "Restore the shop from a backup, or build it anew in another folder"
    if not manifest.served:
        run = f"Run: duomo build CATALOG --shop {folder}"
        yield Finding(what="served", status="warning", said="no build has ended yet", remedy=run)
        return
    for name in (VARIANTS, PICTURES):
        if not is_table(folder / name):
            yield Finding(what=name, status="error", said=f"{folder / name} is gone", remedy=remedy)
            return
    snapshot = LanceShelf(folder / VARIANTS).snapshot()
    status: Status = "ok" if snapshot.version == manifest.served else "warning"
    said = f"version {snapshot.version} with {len(snapshot)} variants; the manifest names {manifest.served}"
    again = "" if status == "ok" else "Run the last build again"
    yield Finding(what="served", status=status, said=said, remedy=again)
    for path in (folder / VARIANTS, folder / PICTURES, *sorted((folder / TABLES).glob("*.lance"))):
        yield _table(
            health_of(path), searched_by=path.name == VARIANTS and len(snapshot) > settings.exact_rows
        )
    if len(snapshot) > settings.exact_rows:
        indexed = [field.name for field in snapshot.schema if kind_of(field) == "vector"]
        untuned = [name for name in indexed if name not in manifest.probes]
        if untuned:
            said = f"how many parts of its index a search looks at was never measured: {', '.join(untuned)}"
            yield Finding(what="probes", status="warning", said=said, remedy="Run the last build again")


def _table(health: TableHealth, *, searched_by: bool) -> Finding:
    """`searched_by`: whether questions go to the table on disk, and not to memory."""
    said = (
        f"{health.rows} rows in {health.fragments} pieces, {health.bytes / _MB:.1f} MB, "
        f"{health.indexes} indexes, {health.unindexed} rows not indexed"
    )
    behind = searched_by and (not health.indexes or health.unindexed > _UNINDEXED * health.rows)
    if behind or health.fragments > _FRAGMENTS:
        remedy = "Keep duomo serve running, which looks after it, or run a build"
        return Finding(what=health.name, status="warning", said=said, remedy=remedy)
    return Finding(what=health.name, status="ok", said=said)


def _rows(folder: Path, manifest: Manifest, every: bool) -> Iterator[Finding]:
    """Whether each row is there once, has its vectors, and names pictures that are there."""
    if not manifest.served:
        return
    snapshot = LanceShelf(folder / VARIANTS).snapshot()
    rows = snapshot.search().rows
    remedy = "Build the shop anew in another folder, and tell Duomo's makers"
    twice = len(rows) - len(set(snapshot.take(rows, [ID])[ID].to_pylist()))
    said = f"{len(rows)} rows, each once" if not twice else f"{twice} of {len(rows)} rows are there twice"
    yield Finding(what="rows", status="error" if twice else "ok", said=said, remedy=remedy if twice else "")
    for column in sorted(manifest.cards):
        if column not in snapshot.schema.names:
            run = "Run the last build again: it makes them"
            yield Finding(what="vectors", status="error", said=f"the column {column} is gone", remedy=run)
    yield _pictures(folder, snapshot, rows, every)


def _pictures(folder: Path, snapshot: Snapshot, rows: np.ndarray, every: bool) -> Finding:
    looked_at = rows if every or len(rows) <= _SAMPLE else rows[:: len(rows) // _SAMPLE]
    named: set[str] = set()
    named.update(*map(pictures_shown, snapshot.take(looked_at, ["shown"])["shown"].to_pylist()))
    pictures = LanceShelf(folder / PICTURES).snapshot(latest=True)
    held = set(pictures.take(pictures.search().rows, [ID])[ID].to_pylist()) if len(pictures) else set()
    lost = named - held
    whose = "all rows" if len(looked_at) == len(rows) else f"{len(looked_at)} rows"
    if lost:
        said = f"{len(lost)} of {len(named)} pictures that {whose} name are gone"
        remedy = "Build the shop anew in another folder, or restore it from a backup"
        return Finding(what="pictures", status="error", said=said, remedy=remedy)
    said = f"all {len(named)} pictures that {whose} name are there" if named else f"{whose} name no picture"
    return Finding(what="pictures", status="ok", said=said)


def _models(folder: Path, manifest: Manifest, settings: Settings) -> Iterator[Finding]:
    """Whether the encoders and the learned order open, and are those that the shop was built with."""
    for name in manifest.encoders:
        if name.startswith(REMOTE):
            yield Finding(what="model", status="ok", said=f"{name}: its server was not asked")
            continue
        towers = load_encoder(name, home=folder, key=settings.openai_key)
        if manifest.served:
            manifest.check_vectors(name, vector_columns([towers]))
        whose = "of the shop" if name.startswith(f"{OWN}/") else "beside the shop"
        yield Finding(what="model", status="ok", said=f"{name}, {whose}, opens, and made the shop's vectors")
    if manifest.order:
        LearnedOrder.load(folder / manifest.order)
        yield Finding(what="model", status="ok", said=f"the learned order {manifest.order} opens")


def _journals(folder: Path) -> Iterator[Finding]:
    """Whether every line of reviews, events and the like can be read."""
    if not folder.is_dir():
        return
    names = sorted({path.name.partition(".")[0] for path in folder.iterdir()} - {""})
    for name in names:
        for path in sorted(folder.glob(f"{name}.*.jsonl")):
            body = path.read_bytes()
            for number, line in enumerate(body.splitlines(keepends=True), start=1):
                if not line.endswith(b"\n"):
                    remedy = (
                        "Nothing needs to be done: it was not acknowledged, and the next write takes it away"
                    )
                    said = f"{path} line {number} was cut short"
                    yield Finding(what="journal", status="warning", said=said, remedy=remedy)
                    continue
                try:
                    json.loads(line)
                except ValueError as error:
                    remedy = "Delete the line, or restore the shop from a backup"
                    said = f"{path} line {number} is not JSON ({error})"
                    yield Finding(what="journal", status="error", said=said, remedy=remedy)
                    return
        yield Finding(what="journal", status="ok", said=f"{name}: {len(Tables(folder).scan(name))} records")


def _leftovers(folder: Path) -> Iterator[Finding]:
    """Work files of processes that died."""
    known = {".writer.lock", ".writer.json", ".backup.lock", ".tending.lock"}
    paths = [path for path in (*folder.glob(".*"), *(folder / TABLES).glob(".*")) if path.name not in known]
    paths += folder.resolve().parent.glob(f"{glob.escape(beside(folder.resolve()))}*")
    old = [path for path in paths if time.time() - path.lstat().st_mtime > 3600]
    size = sum(bytes_in(path) if path.is_dir() else path.lstat().st_size for path in old) / _MB
    cache = bytes_in(folder / "cache") / _MB
    if old:
        names = ", ".join(str(path) for path in old[:5])
        said = f"{len(old)} work files of processes that died, {size:.1f} MB: {names}"
        yield Finding(
            what="leftovers", status="warning", said=said, remedy="Delete them when nobody is writing"
        )
    else:
        yield Finding(what="leftovers", status="ok", said=f"none; the cache has {cache:.1f} MB")


def _clock(folder: Path) -> Iterator[Finding]:
    """Whether this machine and the disk agree on the time: old versions go by their age."""
    ahead = (folder / NAME).stat().st_mtime - time.time()
    if os.access(folder, os.W_OK) and sys.platform != "win32":
        with tempfile.TemporaryFile(dir=folder) as file:
            ahead = max(ahead, abs(os.fstat(file.fileno()).st_mtime - time.time()), key=abs)
    if ahead > _SKEW_S:
        said = f"the shop's files are {ahead:.0f} s ahead of this machine's clock"
        yield Finding(what="clock", status="warning", said=said, remedy="Set the clocks by NTP")
    else:
        yield Finding(what="clock", status="ok", said="this machine and the disk agree")
