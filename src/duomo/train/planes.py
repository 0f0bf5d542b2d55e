"""What the lower blocks of the picture tower make of pictures: never trained, so computed once and kept."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from duomo.encode.onnx import OnnxSession
from duomo.encode.onnx_towers import square_picture
from duomo.files import hash_bytes, write_atomic
from duomo.guard.pictures import picture_bytes, read_picture
from duomo.progress import Tick, silent
from duomo.settings import Settings
from duomo.train.export import save_onnx
from duomo.train.towers.picture import FROZEN, PLACES, SIDE, WIDTH, PictureTower

_SHARD: Final = 512  # pictures a file: what a sudden end costs
_AT_ONCE: Final = 4  # see `features`: with more, the planes leave the cache of a core
_OPENED_AT: Final = Settings().picture_side  # what a shop decodes pictures to before they are encoded

Planes = NDArray[np.float16]  # (n, WIDTH, PLACES, PLACES)


class Lower(nn.Module):
    """Pixels to the planes of the last frozen block.

    >>> tuple(Lower(PictureTower())(torch.zeros(2, 224, 224, 3, dtype=torch.uint8)).shape)
    (2, 112, 14, 14)
    """

    def __init__(self, tower: PictureTower) -> None:
        super().__init__()
        self.tower = tower.eval()

    def forward(self, pixels: Tensor) -> Tensor:
        """(n, SIDE, SIDE, 3) uint8 -> (n, WIDTH, PLACES, PLACES)."""
        tower = self.tower
        rows: Tensor = tower.stem(pixels.permute(0, 3, 1, 2).to(torch.float32) * tower.scale + tower.shift)
        below: Tensor = tower.blocks[:FROZEN](rows)
        return below


class Upper(nn.Module):
    """Planes of the last frozen block to features: the part of a tower that is trained.

    It holds the tower's own blocks, not copies. Batch normalisation keeps the means and spreads it came with:
    those of a batch of one shop would be those of no other.
    """

    def __init__(self, tower: PictureTower) -> None:
        super().__init__()
        self.blocks = tower.blocks[FROZEN:]
        self.top = tower.top
        nn.Module.to(self, memory_format=torch.channels_last)  # type: ignore[call-overload]  # two thirds of the time of a step

    def train(self, mode: bool = True) -> "Upper":
        """Stay in evaluation mode, whatever is asked."""
        super().train(False)
        return self

    def forward(self, planes: Tensor) -> Tensor:
        """(n, WIDTH, PLACES, PLACES) -> (n, FEATURES)."""
        near = planes.contiguous(memory_format=torch.channels_last)
        rows: Tensor = self.top(self.blocks(near)).mean(dim=(2, 3))
        return rows


class PlaneFile:
    """Planes of many pictures on disk, more than memory should hold; rows are read when asked for."""

    def __init__(self, shards: Sequence[Path], count: int) -> None:
        """Use `planes_of`."""
        self._shards = [np.load(path, mmap_mode="r") for path in shards]
        self._count = count

    def __len__(self) -> int:
        return self._count

    def take(self, rows: NDArray[np.int64]) -> Planes:
        """(n,) places, in the order of the pictures -> their planes."""
        found = np.empty((len(rows), WIDTH, PLACES, PLACES), np.float16)
        for place, row in enumerate(rows.tolist()):
            found[place] = self._shards[row // _SHARD][row % _SHARD]
        return found


def planes_of(
    sources: Sequence[Path], tower: PictureTower, folder: Path, *, tick: Tick = silent
) -> PlaneFile:
    """The planes of picture files, opened and squared as in serving; files that are there stay.

    Args:
        sources: n picture files.
        tower: its lower blocks are asked.
        folder: gets a file for every so many pictures (44 kB a picture), named by what it was made from.
        tick: told of every file written, as stage "planes".

    Raises:
        MissingFile, BadPicture: a source cannot be opened.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lower = _weights(tower)
    session: OnnxSession | None = None
    shards: list[Path] = []
    for start in range(0, len(sources), _SHARD):
        some = sources[start : start + _SHARD]
        named = hash_bytes(lower.encode(), *(hash_bytes(picture_bytes(path)).encode() for path in some))
        shard = folder / f"{named[:20]}.npy"
        if not shard.is_file():
            session = session or lower_session(tower, folder)
            write_atomic(shard, _saved(_planes(some, session)))
            tick("planes", start + len(some), len(sources))
        shards.append(shard)
    return PlaneFile(shards, len(sources))


def _planes(sources: Sequence[Path], session: OnnxSession) -> Planes:
    rows = np.empty((len(sources), WIDTH, PLACES, PLACES), np.float16)
    for start in range(0, len(sources), _AT_ONCE):
        some = sources[start : start + _AT_ONCE]
        squares = [square_picture(read_picture(path, side=_OPENED_AT).pixels, SIDE) for path in some]
        rows[start : start + len(some)] = session.run({"pixels": np.stack(squares)})[0]
    return rows


def _saved(rows: Planes) -> bytes:
    content = io.BytesIO()
    np.save(content, rows)
    return content.getvalue()


def lower_session(tower: PictureTower, folder: Path) -> OnnxSession:
    """The lower blocks as an ONNX model, `pixels` to `planes`; its file is written into the folder."""
    file = folder / "lower.onnx"
    save_onnx(Lower(tower), {"pixels": torch.zeros((2, SIDE, SIDE, 3), dtype=torch.uint8)}, ("planes",), file)
    return OnnxSession(file, batch=_AT_ONCE)


def _weights(tower: PictureTower) -> str:
    """Names the weights of the frozen blocks."""
    parts = {**tower.stem.state_dict(prefix="stem."), **tower.blocks[:FROZEN].state_dict(prefix="blocks.")}
    return hash_bytes(*(part for name in parts for part in (name.encode(), parts[name].numpy().tobytes())))
