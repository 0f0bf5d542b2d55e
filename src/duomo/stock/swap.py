"""Let readers see what was stocked: tidy up, measure the cuts, move the tag, then write the manifest."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from duomo.encode.base import Towers
from duomo.settings import Settings
from duomo.shelf.lance import LanceShelf
from duomo.shelf.layout import VectorColumn, vector_column
from duomo.shelf.manifest import Manifest
from duomo.stock.calibrate import cuts_of


def vector_columns(towers: Sequence[Towers]) -> tuple[VectorColumn, ...]:
    """One column per encoder and part."""
    return tuple(
        VectorColumn(t.name, card.modality, vector_column(t.name, card.modality), card.dim, card.hash)
        for t in towers
        for card in t.cards
    )


def serve(
    folder: Path, manifest: Manifest, variants: LanceShelf, towers: Sequence[Towers], settings: Settings
) -> None:
    """Put the newest version of the variants table in front of the readers.

    The manifest is written last and in one step: until then readers see the old version, with the old cuts.
    """
    if len(variants.snapshot(latest=True)) > settings.exact_rows:  # else it is searched in memory
        variants.build_indexes()
    variants.optimize()
    newest = variants.snapshot(latest=True)
    replace(
        manifest,
        encoders=tuple(tower.name for tower in towers),
        cards={column.column: column.card for column in vector_columns(towers)},
        cuts=cuts_of(newest, towers),
        served=variants.serve(),
    ).save(folder)
