"""A tower for words that remembers what it was asked last: shoppers ask the same, again and again."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from threading import Lock
from typing import Final

import numpy as np

from duomo.arrays import Vectors
from duomo.encode.base import Encoder, EncoderCard, Towers

MOST: Final = 5_000  # texts: some 8 MB of vectors


class Remembered:
    """An encoder of words, with the vectors of what it was last asked for; any number of threads may ask.

    >>> from duomo.encode.hashed_text import HashedText
    >>> tower = Remembered(HashedText(256))
    >>> bool((tower.encode(["red mug"]) == HashedText(256).encode(["red mug"])).all())
    True
    """

    def __init__(self, encoder: Encoder[str], most: int = MOST) -> None:
        """Remember what an encoder says of up to `most` texts; those not asked for longest go first."""
        self._encoder, self._most = encoder, most
        self._held: OrderedDict[str, Vectors] = OrderedDict()
        self._lock = Lock()  # of what is held, not of the encoder: threads encode side by side

    @property
    def card(self) -> EncoderCard:
        """That of the encoder."""
        return self._encoder.card

    def encode(self, inputs: Sequence[str]) -> Vectors:
        """(n,) texts -> (n, card.dim) float32 rows, as the encoder gives them."""
        with self._lock:
            known = {text: self._held[text] for text in inputs if text in self._held}
        fresh = [text for text in dict.fromkeys(inputs) if text not in known]
        if fresh:
            known |= zip(fresh, self._encoder.encode(fresh), strict=True)
        with self._lock:
            for text in inputs:
                self._held[text] = known[text]
                self._held.move_to_end(text)
            while len(self._held) > self._most:
                self._held.popitem(last=False)
        return np.stack([known[text] for text in inputs]) if inputs else self._encoder.encode(inputs)


def remembering(towers: Towers) -> Towers:
    """The same towers; those that questions of words are asked with remember them."""
    text, asks = (tower and Remembered(tower) for tower in (towers.text, towers.asks_goods))
    return replace(towers, text=text, asks_goods=asks)
