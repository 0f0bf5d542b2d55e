"""The pairs of a shop and of its guard set as arrays: what is learned from, checked, and asked once."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from duomo.catalog.read import read_catalog
from duomo.catalog.sample import draw_shop
from duomo.progress import Tick, silent
from duomo.train.features import features_of
from duomo.train.material import Domain, domain_of
from duomo.train.pairs import Pair, Split, pairs_of, split_families
from duomo.train.pocket import Towers, said_by

SHARES: Final = {"shop": 0.7, "guard": 0.1}  # of every batch; the rest are prototypes
GUARD: Final = 150  # products of the sample shop that is drawn as guard
_GUARD_SEED: Final = 2026  # another shop than the one that shipped encoders learned from
_PHRASES: Final = 6  # a product
_EXAM_SEED: Final = 99  # of the phrases that held-out products are asked by


class Parts(NamedTuple):
    """The pairs of each source, "shop" and "guard", by what is done with them."""

    learned: Mapping[str, Domain]
    checked: Mapping[str, Domain]  # these say which of several models is taken
    asked: Mapping[str, Domain]  # once, to judge the one that was taken


BySource = Mapping[str, Sequence[Pair]]


def draw_guard(folder: Path, *, tick: Tick = silent) -> list[Pair]:
    """The pairs of the sample shop that is drawn as guard, split by families; drawn once into the folder."""
    if not (folder / "truth.json").is_file():  # written last
        draw_shop(folder, products=GUARD, seed=_GUARD_SEED, tick=tick)
    pairs = pairs_of(read_catalog(folder).products, domain="guard")
    return split_families(pairs, val=0.3, test=0.4)


def parts_of(pairs: BySource, towers: Towers, work: Path, *, seed: int, tick: Tick = silent) -> Parts:
    """What frozen towers say of the pairs of each source.

    Args:
        pairs: of each source, split.
        towers: frozen.
        work: for the cache of features.
        seed: of the phrases that are learned from.
        tick: told about the stages "features" and "colors".
    """
    encode = said_by(towers)

    def domains(split: Split) -> Mapping[str, Domain]:
        return {
            name: domain_of(
                name,
                some := of_split(every, split),
                share=SHARES[name],
                pictures=[
                    features_of([pair.picture for pair in some], work, model=towers.picture, tick=tick)
                ],
                encode=encode,
                phrases=_PHRASES,
                seed=seed if split == "train" else _EXAM_SEED,
            )
            for name, every in pairs.items()
        }

    return Parts(domains("train"), domains("val"), domains("test"))


def seen_by(picture: Path, parts: Parts, pairs: BySource, work: Path, *, tick: Tick = silent) -> Parts:
    """The same parts with the features of another picture tower.

    Args:
        picture: the ONNX file of that tower.
        parts: of the pairs.
        pairs: of each source, split.
        work: for the cache of features.
        tick: told about the stage "features".
    """

    def seen(domains: Mapping[str, Domain], split: Split) -> Mapping[str, Domain]:
        found = {}
        for name, domain in domains.items():
            sources = [pair.picture for pair in of_split(pairs[name], split)]
            features = features_of(sources, work, model=picture, tick=tick)
            found[name] = replace(domain, pictures=features[None].astype(np.float16))
        return found

    return Parts(seen(parts.learned, "train"), seen(parts.checked, "val"), seen(parts.asked, "test"))


def of_split(pairs: Sequence[Pair], split: Split) -> list[Pair]:
    """Those of the pairs that are in one split, in their order."""
    return [pair for pair in pairs if pair.split == split]
