"""What the picture tower of `pocket` sees of pictures: the numbers that heads on pictures are made of."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from duomo.arrays import Pixels
from duomo.encode.colors import COLORS, color_histogram
from duomo.encode.models import SHIPPED, load_encoder
from duomo.encode.onnx import OnnxSession
from duomo.encode.onnx_towers import OnnxPicture, square_picture
from duomo.errors import BadFile, BadSetup
from duomo.files import hash_file

TOWER: Final = "pocket"
LEAST_SIDE: Final = 16  # pixels: smaller pictures show nothing
_AT_ONCE: Final = 4  # pictures of a run; with more, the planes leave the cache of a core

Floats = NDArray[np.float32]


class Sight:
    """Features, means over quarters and colors of pictures (decision 13), on every core that is free.

    Args:
        session: pictures (n, size, size, 3) uint8 to (n, seen).
        size: side of the square that it takes, in pixels.
        version: hash of its weights: heads say which they were trained with.
        threads: how many runs go on at once; None: one a core.
    """

    def __init__(self, session: OnnxSession, size: int, version: str, threads: int | None = None) -> None:
        self._session = session
        self._size = size
        self.version = version
        (self._input,) = session.inputs
        self._threads = threads or os.cpu_count() or 1

    @classmethod
    @cache  # one is enough for all heads of a process
    def shipped(cls) -> Self:
        """The tower that Duomo brings along; raises BadSetup where it is not there."""
        tower = load_encoder(TOWER).picture
        if not isinstance(tower, OnnxPicture):
            raise BadSetup(
                f"the encoder {SHIPPED / TOWER} has no picture tower", remedy="Install Duomo again"
            )
        return cls(tower.session, tower.size, hash_file(tower.session.path))

    @classmethod
    def of(cls, file: Path) -> Self:
        """A tower in a file of its own, as `duomo.train.classify_deep` writes it; raises BadFile."""
        session = OnnxSession(file, batch=_AT_ONCE)
        (shape,) = session.inputs.values()
        if len(shape) != 4 or len(session.outputs) != 1 or not shape[1]:
            raise BadFile(f"{file} is no picture tower", remedy="Train the head again")
        return cls(session, shape[1], hash_file(file))

    @property
    def dim(self) -> int:
        """How many numbers it says of a picture."""
        (seen, *_) = self._session.outputs.values()
        return int(seen[1] or 0) + COLORS

    def see(self, pictures: Sequence[Pixels]) -> Floats:
        """(n,) pictures of any size, (height, width, 3) uint8 RGB -> (n, dim)."""
        parts = [pictures[at : at + _AT_ONCE] for at in range(0, len(pictures), _AT_ONCE)]
        if not parts:
            return np.zeros((0, self.dim), np.float32)
        with ThreadPoolExecutor(self._threads) as pool:
            return np.concatenate([*pool.map(self._some, parts)])

    def _some(self, pictures: Sequence[Pixels]) -> Floats:
        squares = np.stack([square_picture(pixels, self._size) for pixels in pictures])
        seen, *_ = self._session.run({self._input: squares})
        return np.concatenate([seen, color_histogram(pictures)], axis=1).astype(np.float32)
