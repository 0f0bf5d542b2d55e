"""Encoders of a shop that stands: one more beside the others, or a newer version in place of the old."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import pyarrow as pa

from duomo.encode.base import CARD, Towers
from duomo.encode.models import OWN, load_encoder
from duomo.errors import BadSetting, BadSetup, Problem, UnknownEncoder
from duomo.progress import Tick, silent
from duomo.search.goods import products_of
from duomo.settings import Settings
from duomo.shelf.base import ID
from duomo.shelf.columns import dim_of
from duomo.shelf.lance import LanceShelf
from duomo.shelf.layout import Layout
from duomo.shelf.lock import writing
from duomo.shelf.manifest import VARIANTS, Manifest
from duomo.shelf.rows import Good
from duomo.stock.crew import Crew, in_batches
from duomo.stock.swap import begin, serve, vector_columns
from duomo.stock.work import Bench

BASE: Final = "base"  # in a card: the encoder that it was adapted from, and that a rollback goes back to


def add_encoder(folder: Path, name: str, *, settings: Settings, tick: Tick = silent) -> tuple[Problem, ...]:
    """Give every row on the shelf the vectors of one more encoder; nothing else is written anew.

    A build that was cut short before is taken back: it has to be begun again.

    Returns:
        What was wrong with pictures that had to be opened again.

    Raises:
        UnknownEncoder: no encoder has this name.
        ShopBusy: another process is writing to this shop.
        BadSetup: an older Duomo built the shop.
    """
    key = settings.openai_key
    added = load_encoder(name, home=folder, key=key)
    with writing(folder):
        manifest = Manifest.load(folder)
        if name in manifest.encoders:
            return ()
        towers = [*(load_encoder(held, home=folder, key=key) for held in manifest.encoders), added]
        vector_columns(towers)  # raises where two encoders would share a column
        variants = LanceShelf(folder / VARIANTS)
        manifest = begin(folder, manifest, variants, [])
        problems = fill_vectors(folder, variants, added, settings, tick)
        if not manifest.served:  # nothing was built yet: the first build makes all vectors
            replace(manifest, encoders=tuple(tower.name for tower in towers)).save(folder)
        else:
            serve(folder, manifest, variants, towers, settings)
    return problems


def fill_vectors(
    folder: Path, variants: LanceShelf, towers: Towers, settings: Settings, tick: Tick
) -> tuple[Problem, ...]:
    """Make the vectors of one encoder for every row of the newest version of the variants table.

    Raises:
        BadSetup: the shop holds vectors of another dimension under this encoder's name.
    """
    newest = variants.snapshot(latest=True)
    if not len(newest):
        return ()
    layout = Layout((), vector_columns([towers]))
    names_filled = [ID, *(field.name for column in layout.vectors for field in column.fields)]
    for column in layout.vectors:
        held = newest.schema.field(column.column).type if column.column in newest.schema.names else None
        if held is not None and dim_of(held) != column.dim:
            problem = (
                f"the encoder '{towers.name}' now gives {column.dim} numbers, the shop has {dim_of(held)}"
            )
            raise BadSetup(problem, remedy="Build the shop anew in another folder, or name the encoder anew")
    problems: list[Problem] = []
    ids = dict.fromkeys(newest.take(newest.search().rows, ["product_id"])["product_id"].to_pylist())
    done = 0
    with Crew(Bench.of(folder, (towers.name,), settings)) as crew:
        for names in in_batches(list(ids), settings.batch_rows * 10):
            goods = [Good(product, "", "") for product in products_of(newest, names).values()]
            filled = []
            for stocked in crew.stock(in_batches(goods, settings.batch_rows), layout):
                filled.append(stocked.rows.select(names_filled))
                problems += stocked.problems
                done += stocked.products
                tick(f"encoding with {towers.name}", done, len(ids))
            variants.fill(pa.concat_tables(filled))  # few large ones: each brings the key index up to date
    return tuple(problems)


def prefer_encoder(folder: Path, name: str) -> None:
    """Make an encoder that the shop has vectors of the one that is asked first; the others stay beside it.

    Raises:
        UnknownEncoder: the shop is not built with it.
        ShopBusy: another process is writing to this shop.
    """
    with writing(folder):
        manifest = Manifest.load(folder)
        if name not in manifest.encoders:
            known = ", ".join(manifest.encoders)
            raise UnknownEncoder(
                f"this shop has no vectors of the encoder '{name}'", remedy=f"It has: {known}"
            )
        order = (name, *(held for held in manifest.encoders if held != name))
        replace(manifest, encoders=order).save(folder)


def roll_back(folder: Path) -> tuple[str, str]:
    """Let a shop prefer the encoder again that its first one was adapted from; both stay in the shop.

    Returns:
        The encoder that was first, and the one that is first now.

    Raises:
        BadSetting: the first encoder was not adapted from another.
        BadSetup: its card is damaged or gone, and the shop has several others.
        UnknownEncoder: the shop has no vectors of that other one any more.
        ShopBusy: another process is writing to this shop.
    """
    first, *others = Manifest.load(folder).encoders
    base = _base_of(folder / first / CARD, others) if first.startswith(f"{OWN}/") else ""
    if not base:
        problem = (
            f"the shop's first encoder '{first}' was not adapted from another: there is nothing to go back to"
        )
        raise BadSetting(problem, remedy=f"Adapt it first: duomo train align --shop {folder}")
    prefer_encoder(folder, base)
    return first, base


def _base_of(card: Path, others: Sequence[str]) -> str:
    """What a card says that its encoder was adapted from; where it says nothing, the only other one."""
    try:
        return str(json.loads(card.read_text(encoding="utf-8")).get(BASE, ""))
    except (OSError, ValueError, AttributeError) as error:
        if len(others) == 1:
            return others[0]
        problem = f"{card} is damaged or gone: it does not say which of {', '.join(others)} to go back to"
        raise BadSetup(problem, remedy=f"Take {card.parent} from a backup") from error
