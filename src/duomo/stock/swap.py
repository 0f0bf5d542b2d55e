"""Let readers see what was stocked: tidy up, measure chance and indexes, move the tag, write the manifest."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from duomo.encode.base import Towers
from duomo.errors import BadSetup
from duomo.files import hash_bytes
from duomo.settings import Settings
from duomo.shelf.base import ID, Snapshot
from duomo.shelf.lance import LanceShelf
from duomo.shelf.layout import VectorColumn, vector_column
from duomo.shelf.manifest import Manifest
from duomo.shelf.rows import pictures_shown
from duomo.stock.calibrate import chances_of, probes_of
from duomo.stock.domain import how_far, lean_of

CHANGED: Final = (
    0.1  # of the rows: when so many were written, chances and indexes are due to be measured anew
)


def vector_columns(towers: Sequence[Towers]) -> tuple[VectorColumn, ...]:
    """One column per encoder and part, and one of fused vectors where words and pictures share a space.

    Raises:
        BadSetup: two encoders have names that would give one column.
    """
    columns = [
        VectorColumn(t.name, card.modality, vector_column(t.name, card.modality), card.dim, card.hash)
        for t in towers
        for card in (tower.card for tower in (t.kept, t.picture) if tower)
    ]
    for tower in (tower for tower in towers if tower.shared):
        both = hash_bytes(*(card.hash.encode() for card in tower.cards))
        name = vector_column(tower.name, "fused")
        columns.append(VectorColumn(tower.name, "fused", name, tower.cards[0].dim, both))
    by_name = {column.column: column for column in columns}
    for column in columns:
        if (other := by_name[column.column]).encoder != column.encoder:
            problem = f"the encoders '{column.encoder}' and '{other.encoder}' are too alike in name"
            raise BadSetup(problem, remedy="Rename the folder of one of them")
    return tuple(columns)


def begin(folder: Path, manifest: Manifest, variants: LanceShelf, names: Sequence[str]) -> Manifest:
    """Note that a build has begun; if another one was cut short before, take back what it had done.

    A build of the same catalogs goes on with what is there. Any other would serve half of the old one.
    """
    take_back(manifest, variants, names)
    begun = replace(manifest, building=tuple(names))
    begun.save(folder)
    return begun


def take_back(manifest: Manifest, variants: LanceShelf, names: Sequence[str]) -> None:
    """Undo what another build did that was cut short.

    Partial catalogs have no names, and what they hold may be anything: such a build is never gone on with.
    """
    if 0 < manifest.served <= variants.snapshot(latest=True).version:
        variants.serve(manifest.served)  # a process may have died when it had moved the tag, or was moving it
    if "" in manifest.building or not set(manifest.building) <= set(names):
        variants.roll_back()


def too_much(manifest: Manifest, rows: int, of: int) -> bool:
    """Whether so many rows are written, of so many, that what was measured may no longer be true."""
    return manifest.changed + rows > 2 * CHANGED * of


def serve_changes(folder: Path, manifest: Manifest, variants: LanceShelf, rows: int) -> Manifest:
    """The same as `serve` after few rows have been written: nothing is merged, indexed or measured anew.

    What was measured stays true for as long as few rows have changed; `tend` sees to the rest.

    Args:
        folder: of the shop.
        manifest: as it was before; a build has ended before.
        variants: its table.
        rows: how many rows were written.
    """
    served = replace(manifest, building=(), changed=manifest.changed + rows, served=variants.serve())
    served.save(folder)
    return served


def serve(
    folder: Path,
    manifest: Manifest,
    variants: LanceShelf,
    towers: Sequence[Towers],
    settings: Settings,
    *,
    ended: bool = True,
) -> Manifest:
    """Put the newest version of the variants table in front of the readers; return the manifest that says so.

    The manifest is written last and in one step, and it names the version: until then readers see the old
    one, with its old cuts. The tag only keeps a version from being tidied away.

    `ended`: False: what readers no longer need is yet to go; the manifest says the build goes on.
    """
    variants.optimize()  # before there are indexes: rows that move would have to be found in all of them
    if len(variants.snapshot(latest=True)) > settings.exact_rows:  # else it is searched in memory
        variants.build_indexes()
    served = replace(
        measured(manifest, variants.snapshot(latest=True), towers),
        building=() if ended else manifest.building,
        encoders=tuple(tower.name for tower in towers),
        cards={column.column: column.card for column in vector_columns(towers)},
        served=variants.serve(),
    )
    served.save(folder)
    return served


def measured(manifest: Manifest, newest: Snapshot, towers: Sequence[Towers]) -> Manifest:
    """The manifest with what is measured on the goods: chances, probes, and how far they lie from home."""
    abroad = {tower.name: far for tower in towers if (far := how_far(newest, tower)) is not None}
    asked = [tower.leaning(lean_of(abroad.get(tower.name, 0.0))) for tower in towers]
    chances, probes = chances_of(newest, asked), probes_of(newest, asked)
    return replace(manifest, chances=chances, probes=probes, abroad=abroad, changed=0)


def drop_unshown(variants: LanceShelf, pictures: LanceShelf) -> int:
    """Take pictures off the shelf that no row of the newest version shows; return how many."""
    rows, held = variants.snapshot(latest=True), pictures.snapshot(latest=True)
    shown: set[str] = set()
    if len(rows):
        shown.update(*map(pictures_shown, rows.take(rows.search().rows, ["shown"])["shown"].to_pylist()))
    if not len(held):
        return 0
    every = held.take(held.search().rows, [ID])[ID].to_pylist()
    return pictures.delete([name for name in every if name not in shown])
