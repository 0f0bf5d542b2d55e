"""What alignment learns from: products with a picture, what may be said of each, and splits without leaks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from duomo.files import hash_bytes
from duomo.product import Product, is_address

Split = Literal["train", "val", "test"]
_IN_TIME: Final[tuple[Split, ...]] = ("train", "val", "test")

# What phrases are made of (`phrasing.ATTRIBUTES`) -> attributes of a catalog that say it, the best first.
KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "type": ("article_type", "product_type", "type", "family", "kind"),
    "color": ("color",),
    "pattern": ("pattern",),
    "material": ("material",),
    "gender": ("gender",),
    "season": ("season",),
    "usage": ("usage", "occasion"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A picture of a product and what may be said of it."""

    id: str  # of the product
    picture: Path
    title: str
    attributes: Mapping[
        str, str
    ]  # kind -> value as the catalog has it; a kind with several values is left out
    domain: str  # what the batch is shared out by: the name of a pack or a shop
    split: Split = "train"


def pairs_of(products: Iterable[Product], *, domain: str, alt: bool = False) -> list[Pair]:
    """One pair for every product that has a title and a picture file; with alt one for each of its pictures.

    A column called "split" decides the split, as benchmark data has it; without one everything is "train"
    until `split_families` deals it out. Pictures at addresses are left out.
    """
    pairs: list[Pair] = []
    for product in products:
        if not product.title:
            continue
        shown: dict[str, Mapping[str, tuple[str, ...]]] = {}
        for variant in product.variants:
            for media in product.media_of(variant):
                if media.kind == "picture" and not is_address(media.source):
                    own = media in variant.media  # a picture of one variant is of that variant's color
                    said = product.attributes_of(variant) if own else product.attributes
                    shown.setdefault(media.source, said)
        for source, said in list(shown.items())[: None if alt else 1]:
            pairs.append(
                Pair(
                    id=product.id,
                    picture=Path(source),
                    title=product.title,
                    attributes=_kinds(said, product.category),
                    domain=domain,
                    split=_split(said),
                )
            )
    return pairs


def split_families(pairs: Sequence[Pair], *, val: float, test: float, seed: int = 7) -> list[Pair]:
    """The pairs dealt out so that no family of products stands in two splits.

    Products with one title (folded), one id or one picture file by content are one family, and so is whatever
    hangs together through them.

    Args:
        pairs: of one catalog.
        val: share of the families, 0 to 1.
        test: share of the families, 0 to 1.
        seed: another seed, another deal; the same family goes the same way whatever else is there.
    """
    family = _families(pairs)
    cuts = (test, test + val)
    dealt: list[Pair] = []
    for pair, name in zip(pairs, family, strict=True):
        place = int(hash_bytes(f"{seed}".encode(), name.encode())[:12], 16) / 16**12
        split: Split = "test" if place < cuts[0] else "val" if place < cuts[1] else "train"
        dealt.append(replace(pair, split=split))
    return dealt


def split_times(pairs: Sequence[Pair], times: Sequence[float], *, val: float, test: float) -> list[Pair]:
    """The pairs dealt out by time, the newest to be asked: no family in two splits, none that saw the future.

    A family is as old as its oldest pair. Newer pairs of a family in an older split are left out: they would
    tell training of a time that it is examined on.

    Args:
        pairs: of one catalog.
        times: (n,) when each began to be sold, was clicked or bought; any unit that grows.
        val: share of the families, 0 to 1: the newest but for those of test.
        test: share of the families, 0 to 1: the newest.

    Raises:
        ValueError: there is not one finite time for each pair.
    """
    made = np.asarray(times, np.float64)
    if made.shape != (len(pairs),) or not np.isfinite(made).all():
        raise ValueError(f"{len(pairs)} pairs need as many finite times, not {made.shape}")
    if not pairs:
        return []
    names = _families(pairs)
    first: dict[str, float] = {}
    for name, time in zip(names, made.tolist(), strict=True):
        first[name] = min(time, first.get(name, time))
    order = sorted(first.values())
    ends = (len(order) - round(len(order) * share) for share in (val + test, test))
    cuts = [order[end] if end < len(order) else np.inf for end in ends]
    dealt: list[Pair] = []
    for pair, name, time in zip(pairs, names, made.tolist(), strict=True):
        place = sum(first[name] >= cut for cut in cuts)
        if time < (*cuts, np.inf)[place]:
            dealt.append(replace(pair, split=_IN_TIME[place]))
    return dealt


def without_leaks(pairs: Sequence[Pair]) -> list[Pair]:
    """The pairs without those whose family has a member in a stricter split: test before val before train."""
    family = _families(pairs)
    strictness = {"train": 0, "val": 1, "test": 2}
    strictest: dict[str, int] = {}
    for pair, name in zip(pairs, family, strict=True):
        strictest[name] = max(strictest.get(name, 0), strictness[pair.split])
    return [p for p, name in zip(pairs, family, strict=True) if strictness[p.split] == strictest[name]]


def codes_of(pairs: Sequence[Pair], kinds: Sequence[str]) -> NDArray[np.int32]:
    """(n, kinds) a number for each value of a kind, equal for equal values; -1 where a pair has none."""
    codes = np.full((len(pairs), len(kinds)), -1, np.int32)
    for place, kind in enumerate(kinds):
        known: dict[str, int] = {}
        for row, pair in enumerate(pairs):
            if value := pair.attributes.get(kind):
                codes[row, place] = known.setdefault(value.casefold(), len(known))
    return codes


def groups_of(texts: Sequence[str]) -> NDArray[np.int32]:
    """(n,) a number for each text, equal for texts that are equal when case and blanks are folded.

    >>> groups_of(["Red mug", "red  Mug", "Jug"]).tolist()
    [0, 0, 1]
    """
    known: dict[str, int] = {}
    return np.array([known.setdefault(folded(text), len(known)) for text in texts], np.int32)


def folded(text: str) -> str:
    """A text for comparison: case and blanks do not count."""
    return " ".join(text.casefold().split())


def _kinds(said: Mapping[str, tuple[str, ...]], category: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for kind, names in KINDS.items():
        values = next((said[name] for name in names if said.get(name)), ())
        if len(values) == 1:
            found[kind] = values[0]
    if "type" not in found and category:
        found["type"] = category[-1]
    return found


def _split(said: Mapping[str, tuple[str, ...]]) -> Split:
    named = said.get("split", ("train",))[0]
    return "val" if named == "val" else "test" if named == "test" else "train"


def _families(pairs: Sequence[Pair]) -> list[str]:
    """(n,) the name of each pair's family: the least key of all that hangs together."""
    parent: dict[str, str] = {}

    def root(key: str) -> str:
        while parent.setdefault(key, key) != key:
            parent[key] = key = parent[parent[key]]
        return key

    firsts: list[str] = []
    for pair in pairs:
        keys = [f"title:{folded(pair.title)}", f"id:{pair.id}", f"file:{_content(pair.picture)}"]
        least = min(map(root, keys))
        for key in keys:
            parent[root(key)] = least
        firsts.append(keys[0])
    return [root(key) for key in firsts]


def _content(picture: Path) -> str:
    try:
        return hash_bytes(picture.read_bytes())
    except OSError:  # whoever opens it says what is wrong
        return str(picture)
