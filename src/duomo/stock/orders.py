"""Learned orders of a shop: written beside each other, one in use, and the way back."""

import json
import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from duomo.encode.models import OWN
from duomo.errors import BadFile, BadSetting, MissingFile
from duomo.files import write_atomic
from duomo.search.rerank import CARD, LearnedOrder
from duomo.shelf.lock import writing
from duomo.shelf.manifest import Manifest

BASE: Final = "base"  # in a card: the order before it; "": the blend alone

log = logging.getLogger(__name__)


def publish_order(folder: Path, order: LearnedOrder, card: Mapping[str, object]) -> str:
    """Write an order into a shop as `models/order-1`, or the next number that is free, and order by it.

    The manifest comes last: a process that dies before leaves the shop as it was.

    Args:
        folder: of the shop.
        order: that was learned; its name is decided here.
        card: what else its card says.

    Returns:
        Its name.

    Raises:
        ShopBusy: another process is writing to this shop.
    """
    with writing(folder):
        manifest = Manifest.load(folder)
        number = 1
        while (folder / OWN / f"order-{number}").exists():
            number += 1
        name = f"{OWN}/order-{number}"
        written = {**replace(order, name=name).as_dict(), **card, BASE: manifest.order}
        write_atomic(folder / name / CARD, json.dumps(written, ensure_ascii=False, indent=1) + "\n")
        replace(manifest, order=name).save(folder)
    return name


def roll_back_order(folder: Path) -> tuple[str, str]:
    """Let a shop order again as it did before its learned order; that stays in its folder.

    Returns:
        The order that was in use, and the one that is now; "": the blend alone.

    Raises:
        MissingShop: there is no shop.
        BadSetting: it has no learned order in use.
        ShopBusy: another process is writing to this shop.
    """
    Manifest.load(folder)  # first: where there is no shop, no lock is made
    with writing(folder):
        manifest = Manifest.load(folder)
        if not manifest.order:
            problem = "the shop has no learned order: there is nothing to go back from"
            raise BadSetting(problem, remedy=f"Learn one: duomo train rank --shop {folder}")
        base = _base_of(folder, manifest.order)
        replace(manifest, order=base).save(folder)
    return manifest.order, base


def order_of(folder: Path, manifest: Manifest) -> LearnedOrder | None:
    """The order in use; None: there is none, or it cannot be used, and then the log says why.

    Shoppers are served by the blend rather than not at all.
    """
    if not manifest.order:
        return None
    try:
        return LearnedOrder.load(folder / manifest.order)
    except (BadFile, MissingFile) as error:
        log.warning("hits stand in the order of the blend: %s", error)
        return None


def _base_of(folder: Path, name: str) -> str:
    """What the card says came before; the blend where it cannot be read, or where that order is gone."""
    try:
        base = str(json.loads((folder / name / CARD).read_text(encoding="utf-8"))[BASE])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return base if base and (folder / base / CARD).is_file() else ""
