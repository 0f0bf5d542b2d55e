"""What a teacher says about many texts, kept in a folder that may be filled in several goes.

A shard is `0000.txt`, one text a line, and `0000.npy`, (lines, dim) float16 in the same order; the vectors
are written last, so a shard without them does not count. A process that is killed loses the shard it was at.
"""

import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from duomo.arrays import Vectors
from duomo.errors import BadFile
from duomo.files import write_atomic
from duomo.progress import Tick, silent


class Teaches(Protocol):
    """What a teacher of texts must do."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """(n,) texts -> (n, dim) float32 rows of length 1."""


def write_targets(
    teacher: Teaches, texts: Sequence[str], folder: Path, *, shard: int = 2048, tick: Tick = silent
) -> int:
    """Encode those texts that the folder does not hold yet; return how many that were.

    Args:
        teacher: asked once a shard.
        texts: without line breaks; a text that comes twice is encoded once.
        folder: made if it is not there; what it holds is kept.
        shard: how many texts are lost at most when the process dies.
        tick: called after each shard.
    """
    known = {text for path in _shards(folder) for text in _texts(path)}
    fresh = [text for text in dict.fromkeys(texts) if text not in known]
    number = max((int(path.stem) for path in folder.glob("*.txt")), default=-1) + 1
    for start in range(0, len(fresh), shard):
        chosen = fresh[start : start + shard]
        content = io.BytesIO()
        np.save(content, teacher.encode(chosen).astype(np.float16))
        name = folder / f"{number + start // shard:04d}"
        write_atomic(name.with_suffix(".txt"), "".join(f"{text}\n" for text in chosen))
        write_atomic(name.with_suffix(".npy"), content.getvalue())
        tick("targets", min(start + shard, len(fresh)), len(fresh))
    return len(fresh)


def read_targets(folder: Path) -> dict[str, Vectors]:
    """Every text of the folder and its (dim,) float32 vector; an absent folder holds none.

    Raises:
        BadFile: a shard's texts and vectors do not belong together.
    """
    found: dict[str, Vectors] = {}
    for path in _shards(folder):
        texts, vectors = _texts(path), np.load(path).astype(np.float32)
        if len(texts) != len(vectors):
            raise BadFile(
                f"{path} holds {len(vectors)} vectors for {len(texts)} texts",
                remedy="Delete both files and write the targets again",
            )
        found.update(zip(texts, vectors, strict=True))
    return found


def _shards(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.glob("*.npy")) if path.with_suffix(".txt").is_file())


def _texts(path: Path) -> list[str]:
    return path.with_suffix(".txt").read_text(encoding="utf-8").split("\n")[:-1]
