"""What a shop needs that is changed a little all day: pieces merged, measures taken, old versions gone."""

import logging
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from time import time
from typing import Final, Literal

from duomo.encode.models import load_encoder
from duomo.settings import Settings
from duomo.shelf.health import TableHealth, health_of, is_table
from duomo.shelf.lance import KEPT, LanceShelf
from duomo.shelf.lock import writing
from duomo.shelf.manifest import NAME, PICTURES, VARIANTS, Manifest
from duomo.shelf.upkeep import ALIKE, fold
from duomo.stock.swap import CHANGED, measured

log = logging.getLogger(__name__)

Need = Literal["", "fold", "optimize", "clean"]

UNINDEXED: Final = 0.1  # of the rows: when an index does not know so many, it is brought up to date
LARGER: Final = (
    1.1  # times the size of its rows that a table may have on disk when nobody has written for long
)
SPARE_BYTES: Final = 10_000_000  # beside that: what LanceDB notes of versions is much of a small table
SMALL_BYTES: Final = 100_000_000  # of pictures: so many are written anew in a second


@dataclass(frozen=True, slots=True, kw_only=True)
class Tended:
    """What was done for a shop."""

    need: Need  # "": nothing was needed
    rows: int = 0  # that were moved
    freed: int = 0  # bytes on disk; negative where the old pieces stay for a while


def need_of(folder: Path, settings: Settings, kept: timedelta = KEPT) -> Need:
    """What a shop needs most; costs some milliseconds.

    Args:
        folder: of the shop.
        settings: of the shop.
        kept: how long old versions stay, for readers that have not moved on.

    Returns:
        "optimize": much has changed since measures were taken; "fold": its rows lie in many small pieces;
        "clean": nobody has written for as long as old versions are kept, and they take up room; "" where it
        needs nothing, no build has ended yet, or one is at work.

    Raises:
        MissingShop, BadSetup: there is no shop, or it cannot be read.
    """
    manifest = Manifest.load(folder)
    if not manifest.served or manifest.building:
        return ""
    health = health_of(folder / VARIANTS)
    indexed = health.rows > settings.exact_rows
    behind = not health.indexes or health.unindexed > UNINDEXED * health.rows
    if manifest.changed > CHANGED * health.rows or (indexed and behind):
        return "optimize"
    if health.fragments > 2 * ALIKE:
        return "fold"
    if time() - (folder / NAME).stat().st_mtime <= kept.total_seconds():
        return ""
    both = [health, *([health_of(folder / PICTURES)] if is_table(folder / PICTURES) else [])]
    return "clean" if any(map(_is_large, both)) else ""


def tend(
    folder: Path, settings: Settings, need: Need, *, wait_s: float = 0.0, kept: timedelta = KEPT
) -> Tended:
    """Do what a shop needs; readers see the same goods before and after, and while it is done.

    Args:
        folder: of the shop.
        settings: of the shop.
        need: as of `need_of`.
        wait_s: how long to wait for another writer, in seconds.
        kept: as of `need_of`.

    Raises:
        ShopBusy: another process is writing to this shop.
        BadSetup: the disk is full, or may not be written.
    """
    if not need:
        return Tended(need="")
    variants = LanceShelf(folder / VARIANTS)
    manifest = Manifest.load(folder)
    fresh = manifest
    if need == "optimize":  # measured before the lock is taken: it takes seconds, and nobody has to wait
        towers = [load_encoder(name, home=folder, key=settings.openai_key) for name in manifest.encoders]
        fresh = measured(manifest, variants.snapshot(version=manifest.served), towers)
    with writing(folder, wait_s, brief=True):
        now = Manifest.load(folder)
        if now.building or (need == "optimize" and not _measured_alike(now, manifest)):
            return Tended(need="")  # a build was cut short, or has ended meanwhile and has measured itself
        variants.serve(now.served)  # the tag, too: a process may have died when it had moved it
        before, moved = health_of(folder / VARIANTS), 0
        if need == "fold":
            moved = fold(folder / VARIANTS)
        else:
            variants.optimize(kept)
            if before.rows > settings.exact_rows:
                variants.build_indexes()  # where they are not all there: a process may have died making them
            tidy_pictures(folder, kept)
            moved = before.rows if before.fragments > 1 else 0
        if moved or fresh is not manifest:
            changed = max(now.changed - manifest.changed, 0) if need == "optimize" else now.changed
            told = replace(now, chances=fresh.chances, probes=fresh.probes, abroad=fresh.abroad)
            replace(told if need == "optimize" else now, changed=changed, served=variants.serve()).save(
                folder
            )
    freed = before.bytes - health_of(folder / VARIANTS).bytes
    log.info("tended the shop (%s): %d rows moved, %d bytes freed", need, moved, freed)
    return Tended(need=need, rows=moved, freed=freed)


def _measured_alike(now: Manifest, before: Manifest) -> bool:
    """Whether nothing but a few rows has been written since."""
    names = ("encoders", "cards", "sources", "order")
    return now.changed >= before.changed and all(getattr(now, n) == getattr(before, n) for n in names)


def tidy_pictures(folder: Path, kept: timedelta = KEPT, gone: int = 0, *, died: bool = False) -> None:
    """Merge the small pieces of the pictures of a shop, and remove old versions where they take up room.

    `optimize` would write every picture anew whenever a few have come.

    Args:
        folder: of the shop; the caller holds the writer lock.
        kept: as of `need_of`.
        gone: how many were taken off just now; LanceDB keeps them on disk until the others are written anew.
        died: a build was cut short: of few pictures what it had not committed goes at once, of many when it
            takes up room.
    """
    if is_table(folder / PICTURES):
        fold(folder / PICTURES)
        health = health_of(folder / PICTURES)
        if _is_large(health) or gone > CHANGED * health.rows or (died and health.live_bytes < SMALL_BYTES):
            LanceShelf(folder / PICTURES).optimize(kept)


def _is_large(health: TableHealth) -> bool:
    return health.bytes > LARGER * health.live_bytes + SPARE_BYTES
