"""Things to label out of a shop, a product file, a folder of pictures or a table of texts, with vectors."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from duomo.arrays import Pixels, Vectors
from duomo.catalog.columns import normal
from duomo.catalog.rows import one
from duomo.catalog.texts import open_texts
from duomo.encode.fuse import fuse
from duomo.encode.models import load_encoder
from duomo.errors import BadFile, BadSetting, Problem
from duomo.guard.archives import Limits
from duomo.guard.redact import redact
from duomo.product import Product
from duomo.progress import Tick, silent
from duomo.settings import Settings
from duomo.understand.classify import words_of
from duomo.understand.classify_goods import Opener, labels_of, pictures_of
from duomo.understand.labelling import Thing, tidy
from duomo.understand.taxonomy import label as written

ENCODER: Final = "pocket"
MOST: Final = 20_000  # things of a task: more are drawn at random from
_AT_ONCE: Final = 64  # things that are encoded together
_MOST_TEXT: Final = 4000  # characters of a text that are read and shown


class Gathered(NamedTuple):
    """What is to be labelled."""

    things: list[Thing]
    vectors: Vectors  # (things, dim)
    labels: tuple[str, ...]  # that some of them carry, the commonest first
    left_out: int  # beyond the most that are wanted, or blank
    doubles: int  # texts that stand there again, which are asked about once
    redacted: int  # texts from which personal data was taken out
    problems: list[Problem]


def of_goods(
    products: Sequence[Product],
    label: str,
    opener: Opener,
    *,
    again: bool = False,
    most: int = MOST,
    seed: int = 0,
    tick: Tick = silent,
) -> Gathered:
    """Goods by their words and their first picture, each side counting as one.

    Args:
        products: to ask about.
        label: as `label_of_goods` gives it; goods that carry it are asked about only with `again`.
        opener: of their pictures.
        again: ask about all.
        most: things, at least 1.
        seed: of the draw.
        tick: told about the stage "encoding".
    """
    full = [each for each in products if words_of(each, without=label) or pictures_of(each)]
    some = [full[place] for place in _drawn(len(full), most, seed)]
    marked = ["" if node is None else tidy(written(node), "goods") for node in labels_of(some, label)]
    things = []
    for product, given in zip(some, marked, strict=True):
        shown = next(iter(pictures_of(product)), None)
        words = words_of(product, without=label).removeprefix(product.title.strip()).strip()
        things.append(
            Thing(
                id=product.id,
                text=words,
                title=product.title.strip(),
                picture=shown.source if shown else "",
                hash=shown.hash if shown and opener.bodies else "",
                given="" if again else given,
            )
        )
    rows = []
    for at in range(0, len(some), _AT_ONCE):
        part = some[at : at + _AT_ONCE]
        rows.append(_vectors([words_of(product, without=label) for product in part], opener.open(part)))
        tick("encoding", at + len(part), len(some))
    return Gathered(
        things, _stacked(rows), _often(marked), len(products) - len(some), 0, 0, [*opener.problems]
    )


def of_texts(
    path: Path,
    label: str,
    column: str = "",
    *,
    settings: Settings,
    again: bool = False,
    most: int = MOST,
    seed: int = 0,
    tick: Tick = silent,
) -> Gathered:
    """The texts of a table, as `open_texts` takes it, without personal data; equal ones are one thing.

    Args:
        path: the table.
        label: the column that is filled; texts that carry it are asked about only with `again`.
        column: where the texts stand; "": by its name.
        settings: for the limits.
        again: ask about all.
        most: things, at least 1.
        seed: of the draw.
        tick: told about the stage "encoding".

    Raises:
        MissingFile, BadFile: as `open_texts`, or it has no text.
        BadSetting: the label is the column of the texts.
    """
    found: dict[str, Thing] = {}
    redacted = 0
    with open_texts(path, column, limits=Limits.of(settings)) as texts:
        rows = list(texts.rows)
        problems = [*texts.warnings, *(row.problem for row in rows if row.problem)]
    named = next((name for name in texts.columns if normal(name) == normal(label)), label)
    if named == texts.column:
        problem = f"'{label}' is the column of the texts themselves"
        raise BadSetting(problem, remedy="Name what is asked with --label, and the texts with --column")
    filled = [row for row in rows if row.text.strip()]
    for row in filled:
        full, given = row.text.strip()[:_MOST_TEXT], tidy(one(row.cells.get(named, "")), "texts")
        text = redact(full)
        redacted += text != full
        if text not in found or (given and not found[text].given):
            found[text] = Thing(id=str(row.line), text=text, given=given)
    if not found:
        raise BadFile(f"{path} has no text to label", remedy="Name the column of texts with --column")
    every = [*found.values()]
    chosen = [every[place] for place in _drawn(len(every), most, seed)]
    labels = _often([thing.given for thing in chosen])
    if again:
        chosen = [Thing(id=thing.id, text=thing.text) for thing in chosen]
    vectors = []
    for at in range(0, len(chosen), _AT_ONCE):
        part = chosen[at : at + _AT_ONCE]
        vectors.append(_vectors([thing.text for thing in part], [None] * len(part)))
        tick("encoding", at + len(part), len(chosen))
    left_out = len(every) - len(chosen) + len(rows) - len(filled)
    doubles = len(filled) - len(every)
    return Gathered(chosen, _stacked(vectors), labels, left_out, doubles, redacted, problems)


def _vectors(texts: Sequence[str], pictures: Sequence[Pixels | None]) -> Vectors:
    """(n, dim) words and picture of each thing fused; zero where there is neither."""
    towers = load_encoder(ENCODER)
    if towers.text is None or towers.picture is None:
        raise BadSetting(f"the encoder '{ENCODER}' has not both towers", remedy="Install Duomo again")
    words = towers.text.encode(texts)
    there = [pixels for pixels in pictures if pixels is not None]
    seen = iter(towers.picture.encode(there))
    found = np.zeros_like(words)
    for place, (row, pixels) in enumerate(zip(words, pictures, strict=True)):
        fused = fuse(row if row.any() else None, [next(seen)] if pixels is not None else [])
        if fused is not None:
            found[place] = fused
    return found


def _stacked(rows: Sequence[Vectors]) -> Vectors:
    return np.concatenate(rows) if rows else np.zeros((0, 1), np.float32)


def _drawn(count: int, most: int, seed: int) -> list[int]:
    """Places of the things that are taken, in order; all where there are no more than that."""
    if count <= most:
        return [*range(count)]
    return sorted(int(place) for place in np.random.default_rng(seed).choice(count, most, replace=False))


def _often(labels: Sequence[str]) -> tuple[str, ...]:
    """Each label once, the commonest first."""
    often = Counter(label for label in labels if label)
    return tuple(sorted(often, key=lambda label: (-often[label], label)))
