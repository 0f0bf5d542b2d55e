"""What a frozen picture tower and the color histogram say of picture files, computed once and kept."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import numpy as np
import torch

from duomo.arrays import Pixels, Vectors
from duomo.encode.base import EncoderCard
from duomo.encode.cache import VectorCache
from duomo.encode.colors import COLORS, color_histogram
from duomo.encode.onnx import OnnxSession
from duomo.encode.onnx_towers import square_picture
from duomo.files import hash_bytes, hash_file
from duomo.guard.pictures import picture_bytes, read_picture
from duomo.progress import Tick, silent
from duomo.settings import Settings
from duomo.train.export import save_onnx
from duomo.train.starts.lite0 import PACKAGE, SHA256, load_lite0
from duomo.train.towers.picture import SEEN, SIDE, PictureTower

_CACHE: Final = "features.sqlite"
_KEEP_EVERY: Final = 64  # pictures computed before they are written down
_OPENED_AT: Final = Settings().picture_side  # what a shop decodes pictures to before they are encoded

Encode = Callable[[Sequence[Pixels]], Vectors]


def features_of(
    sources: Sequence[Path],
    folder: Path,
    *,
    tower: PictureTower | None = None,
    model: Path | None = None,
    tick: Tick = silent,
) -> Vectors:
    """What picture heads learn from: what the tower sees, then the color histogram.

    Args:
        sources: (n,) picture files.
        folder: as for `tower_features`.
        tower: as for `tower_features`.
        model: as for `tower_features`.
        tick: told of every picture computed, as stage "features" and then "colors".

    Returns:
        (n, SEEN + COLORS), in the order of the sources; a model of another make may see fewer numbers.

    Raises:
        MissingFile, BadPicture: a source cannot be opened.
    """
    card = EncoderCard(
        name="color-histogram",
        modality="picture",
        dim=COLORS,
        space="color-histogram",
        licence="Apache-2.0",
        source="duomo.encode.colors",
    )
    features = tower_features(sources, folder, tower=tower, model=model, tick=tick)
    colors = _kept(sources, VectorCache(folder / _CACHE), card, lambda: color_histogram, tick, "colors")
    return np.concatenate([features, colors], axis=1)


def tower_features(
    sources: Sequence[Path],
    folder: Path,
    *,
    tower: PictureTower | None = None,
    model: Path | None = None,
    tick: Tick = silent,
) -> Vectors:
    """What the tower sees of picture files; what is in the folder's cache is not computed again.

    Pictures are opened and squared as they are in serving. What was computed before a sudden end is there
    at the next call, and several processes may fill one folder.

    Args:
        sources: (n,) picture files.
        folder: holds the cache and the tower as an ONNX file; made if absent.
        tower: in evaluation mode; None: the published Lite0.
        model: an ONNX file from `pixels` to `features` that is asked instead: heads learn best from what they
            will be given in serving, rounding included.
        tick: told of every picture computed, as stage "features".

    Returns:
        (n, SEEN) or as many as the model gives, in the order of the sources.

    Raises:
        MissingFile, BadPicture: a source cannot be opened.
    """
    weights = hash_file(model) if model else _hash(tower) if tower else SHA256
    card = EncoderCard(
        name="picture-tower",
        modality="picture",
        dim=_dim(model),
        space=f"features-{weights[:12]}",
        licence="Apache-2.0",
        source=PACKAGE,
        weights_hash=weights,
    )
    asked = model or folder / f"tower-{weights[:12]}.onnx"

    def encoder() -> Encode:
        # ONNX Runtime takes a fifth of PyTorch's time here. Four pictures at once: with more, the planes
        # leave the cache of a core and a picture takes twice as long.
        if not model and not asked.is_file():
            folder.mkdir(parents=True, exist_ok=True)
            save_tower(tower or load_lite0(), asked)
        session = OnnxSession(asked, batch=4)
        return lambda pictures: session.run(
            {"pixels": np.stack([square_picture(pixels, SIDE) for pixels in pictures])}
        )[0]

    return _kept(sources, VectorCache(folder / _CACHE), card, encoder, tick, "features")


def save_tower(tower: PictureTower, path: Path) -> None:
    """Write a tower as an ONNX file from `pixels` to `features` and `scores`, in one step."""
    half = path.with_suffix(".half")
    pixels = torch.zeros((2, SIDE, SIDE, 3), dtype=torch.uint8)
    save_onnx(tower, {"pixels": pixels}, ("features", "scores"), half)
    half.replace(path)


def _kept(
    sources: Sequence[Path],
    cache: VectorCache,
    card: EncoderCard,
    encoder: Callable[[], Encode],
    tick: Tick,
    stage: str,
) -> Vectors:
    """(n,) files -> (n, card.dim), from the cache where they are there, computed and kept where not."""
    keys = [hash_bytes(picture_bytes(source)) for source in sources]
    found = cache.get(card, keys)
    missing = {key: source for key, source in zip(keys, sources, strict=True) if key not in found}
    if missing:
        encode = encoder()
        todo = list(missing)
        handfuls = [todo[start : start + _KEEP_EVERY] for start in range(0, len(todo), _KEEP_EVERY)]

        def computed(some: Sequence[str]) -> Vectors:
            return encode([read_picture(missing[key], side=_OPENED_AT).pixels for key in some])

        done = 0
        # Threads, as decoders and ONNX Runtime let go of the interpreter: as many as there are cores.
        with cache.held_open(), ThreadPoolExecutor(os.cpu_count()) as pool:
            try:
                for some, rows in zip(handfuls, pool.map(computed, handfuls), strict=True):
                    cache.put(card, some, rows)
                    found.update(zip(some, rows, strict=True))
                    done += len(some)
                    tick(stage, done, len(todo))
            finally:
                pool.shutdown(cancel_futures=True)  # after a broken picture nobody wants the rest
    rows = np.empty((len(keys), card.dim), dtype=np.float32)
    for number, key in enumerate(keys):
        rows[number] = found[key]
    return rows


def _dim(model: Path | None) -> int:
    """How many numbers a model gives of a picture."""
    if model is None:
        return SEEN
    shape, *_ = OnnxSession(model).outputs.values()
    return shape[1] or SEEN


def _hash(tower: PictureTower) -> str:
    """Names the weights of a tower."""
    state = tower.state_dict()
    return hash_bytes(*(part for name in state for part in (name.encode(), state[name].numpy().tobytes())))
