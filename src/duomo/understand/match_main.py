"""Goods whose first picture is another product's: a later one fits the words far better, and is unlike it.

Two numbers, in the space of `pocket`: how much nearer a later picture lies to the words than the first does,
and how far the first lies from the later picture that is most like it. How far pictures of one product lie
from each other is a habit of the shop (one thing in several colors, or worn, from behind, in its box), so the
sum is held against that of the shop's other goods.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from duomo.encode.colors import COLORS
from duomo.encode.models import load_encoder
from duomo.encode.onnx_towers import OnnxPicture
from duomo.errors import BadSetup
from duomo.product import Media, Product
from duomo.progress import Tick, silent
from duomo.understand.classify import words_of
from duomo.understand.classify_goods import Opener, features_of
from duomo.understand.gate import Flags, Floats
from duomo.understand.sight import TOWER, Sight

LATER: Final = 4  # further pictures that are looked at
# Chosen by benchmarks/main_picture.py --part chosen.
UNLIKE: Final = 0.4  # what distance between pictures counts beside nearness to the words
FAR: Final = 3.5  # spreads above what is usual in the shop
LEAST: Final = 0.2  # of the sum, in a shop whose goods have much the same picture several times
USUAL: Final = 0.33  # of the sum, in a shop with too few goods with several pictures to tell what is usual
_ENOUGH: Final = 30  # such goods
_SPREAD: Final = 0.84  # quantile that lies one standard deviation above the mean of a normal distribution
_AT_ONCE: Final = 64


def better_pictures(
    products: Sequence[Product],
    opener: Opener,
    *,
    sight: Sight | None = None,
    cache: Path | None = None,
    tick: Tick = silent,
) -> dict[int, int]:
    """Place of a product -> place, from 1 on, of the picture that should come before its first.

    Goods without words or with one picture are left out, and pictures that cannot be opened.

    Args:
        products: the goods.
        opener: of their pictures.
        sight: what sees them; None: the shipped one.
        cache: a file of a shop that keeps what was seen.
        tick: told about the stage "comparing".

    Raises:
        BadSetup: the shipped encoder cannot hold pictures against words.
    """
    towers = load_encoder(TOWER)
    if not (isinstance(towers.picture, OnnxPicture) and towers.picture.heads and towers.text):
        raise BadSetup("the encoder cannot hold pictures against words", remedy="Install Duomo again")
    several = [n for n, product in enumerate(products) if words_of(product) and len(shown_in(product)) > 1]
    sums, better = np.full(len(several), np.nan, np.float32), np.zeros(len(several), np.int64)
    for at in range(0, len(several), _AT_ONCE):
        some = [products[place] for place in several[at : at + _AT_ONCE]]
        pictures = [shown_in(product) for product in some]
        every = [
            replace(product, media=(media,), variants=())
            for product, own in zip(some, pictures, strict=True)
            for media in own
        ]
        seen, opened = features_of(every, opener, sight or Sight.shipped(), cache)
        vectors = towers.picture.heads.pictures(seen[:, :-COLORS], seen[:, -COLORS:])
        ends = np.cumsum([len(each) for each in pictures])[:-1]
        words = towers.text.encode([words_of(product) for product in some])
        parts = zip(words, np.split(vectors, ends), np.split(opened, ends), strict=True)
        for row, (word, own, there) in enumerate(parts, start=at):
            if there[0] and there[1:].any():
                sums[row], better[row] = _compared(word, own, there)
        tick("comparing", min(at + _AT_ONCE, len(several)), len(several))
    far = sums > beyond(sums[~np.isnan(sums)])
    return {several[row]: int(better[row]) for row in np.flatnonzero(far & (better > 0))}


def shown_in(product: Product) -> tuple[Media, ...]:
    """The first pictures of a product and its variants, each once: the first, and LATER more."""
    every = (*product.media, *(media for variant in product.variants for media in variant.media))
    once = {media.hash or media.source: media for media in every if media.kind == "picture"}
    return tuple(once.values())[: 1 + LATER]


def beyond(sums: Floats) -> float:
    """The sum from which on a first picture is told, among those of a shop, most of which are right.

    Args:
        sums: (n,) of goods with several pictures.

    >>> beyond(np.zeros(5, np.float32))
    0.33
    >>> beyond(np.zeros(50, np.float32))
    0.2
    """
    if len(sums) < _ENOUGH:
        return USUAL
    middle = float(np.median(sums))
    return max(LEAST, middle + FAR * (float(np.quantile(sums, _SPREAD)) - middle))


def _compared(word: Floats, own: Floats, there: Flags) -> tuple[float, int]:
    """The sum of both numbers, and the later picture that is nearest to the words; 0: the first is."""
    near = np.where(there, own @ word, -1.0)
    best = 1 + int(near[1:].argmax())
    like = float(np.where(there[1:], own[1:] @ own[0], -1.0).max())
    gain = float(near[best] - near[0])
    return gain + UNLIKE * (1 - like), best if gain > 0 else 0
