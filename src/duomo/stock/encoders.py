"""Encoders of a shop that stands: one more beside the others, or a newer version in place of the old."""

from pathlib import Path

import pyarrow as pa

from duomo.encode.base import Towers
from duomo.encode.models import load_encoder
from duomo.progress import Tick, silent
from duomo.search.goods import products_of
from duomo.settings import Settings
from duomo.shelf.base import ID
from duomo.shelf.lance import LanceShelf
from duomo.shelf.layout import Layout
from duomo.shelf.lock import writing
from duomo.shelf.manifest import VARIANTS, Manifest
from duomo.shelf.rows import Good
from duomo.stock.crew import Crew, in_batches
from duomo.stock.swap import serve, vector_columns
from duomo.stock.work import Bench


def add_encoder(folder: Path, name: str, *, settings: Settings, tick: Tick = silent) -> None:
    """Give every row on the shelf the vectors of one more encoder; nothing else is written anew.

    Raises:
        UnknownEncoder: no encoder has this name.
        ShopBusy: another process is writing to this shop.
    """
    added = load_encoder(name)
    with writing(folder):
        manifest = Manifest.load(folder)
        if name in manifest.encoders:
            return
        variants = LanceShelf(folder / VARIANTS)
        fill_vectors(folder, variants, added, settings, tick)
        serve(folder, manifest, variants, [*map(load_encoder, manifest.encoders), added], settings)


def fill_vectors(folder: Path, variants: LanceShelf, towers: Towers, settings: Settings, tick: Tick) -> None:
    """Make the vectors of one encoder for every row of the newest version of the variants table."""
    newest = variants.snapshot(latest=True)
    if not len(newest):
        return
    layout = Layout((), vector_columns([towers]))
    ids = dict.fromkeys(newest.take(newest.search().rows, ["product_id"])["product_id"].to_pylist())
    done = 0
    with Crew(Bench.of(folder, (towers.name,), settings)) as crew:
        for names in in_batches(list(ids), settings.batch_rows * 10):
            goods = [Good(product, "", "") for product in products_of(newest, names).values()]
            filled = []
            for stocked in crew.stock(in_batches(goods, settings.batch_rows), layout):
                filled.append(stocked.rows.select([ID, *(column.column for column in layout.vectors)]))
                done += stocked.products
                tick(f"encoding with {towers.name}", done, len(ids))
            variants.fill(pa.concat_tables(filled))  # few large ones: each brings the key index up to date
