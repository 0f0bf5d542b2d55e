"""The packs of pairs that shipped encoders learn from, and what of each is learned and what held out."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from duomo.catalog.read import read_catalog
from duomo.catalog.sample import draw_shop
from duomo.progress import Tick, silent
from duomo.train.augment import write_altered
from duomo.train.pairs import Pair, pairs_of, split_families, without_leaks

DRAWN: Final = "drawn"  # the sample shop, drawn into the work folder
ALTERED: Final = "altered"  # pictures as `augment` alters them, in the work folder


@dataclass(frozen=True, slots=True)
class Pack:
    """A source of pairs: how much of a batch it is, and whether its licence is clear."""

    name: str
    share: float
    phrases: int  # a product
    cleared: bool
    alt: bool = False  # take every picture of a product, not the first alone
    altered: int = 0  # altered pictures of each (`augment`)


# Groceries, furniture and the photos of clothes stay out: they are exams.
PACKS: Final = (
    Pack("fashion_products", 0.52, 4, cleared=False),
    Pack("fashion_products_224", 0.20, 8, cleared=False, altered=2),
    Pack("luma_shop", 0.04, 8, cleared=True, alt=True, altered=1),
    Pack("demo_shops", 0.03, 4, cleared=True),
    Pack(DRAWN, 0.05, 8, cleared=True, alt=True),
)


class Pairs(NamedTuple):
    """The pairs of a pack."""

    pack: Pack
    learned: Sequence[Pair]
    checked: Sequence[Pair]  # held out; no family of products is in both

    def views(self, work: Path, tick: Tick = silent) -> list[list[Path]]:
        """The pictures that are learned from, as they are, and then altered as often as the pack says."""
        plain = [pair.picture for pair in self.learned]
        other = (
            write_altered(plain, work / ALTERED, seed=number, tick=tick)
            for number in range(self.pack.altered)
        )
        return [plain, *other]


def read_packs(data: Path, work: Path, *, cleared: bool, tick: Tick = silent) -> list[Pairs]:
    """The pairs of every pack that is there; one without a split of its own is dealt out by families.

    Args:
        data: the folder of packs.
        work: where the drawn shop is, or will be drawn.
        cleared: only packs with a clear licence.
        tick: told how far the drawing is.
    """
    found = []
    for pack in PACKS:
        if cleared and not pack.cleared:
            continue
        folder = work / DRAWN if pack.name == DRAWN else data / pack.name
        if pack.name == DRAWN and not (folder / "products.csv").is_file():
            draw_shop(folder, tick=tick)
        if not (folder / "products.csv").is_file():
            continue
        catalog = read_catalog(folder if pack.alt else folder / "products.csv")
        pairs = without_leaks(pairs_of(catalog.products, domain=pack.name, alt=pack.alt))
        if all(pair.split == "train" for pair in pairs):
            pairs = split_families(pairs, val=0.1, test=0.0)
        learned, checked = ([pair for pair in pairs if pair.split == split] for split in ("train", "val"))
        if learned and checked:
            found.append(Pairs(pack, learned, checked))
    return found
