"""Pictures as a shopper might have taken them: other backgrounds, slanted, cut off, in other light.

Product pictures stand upright in the middle of white. Towers and heads that see nothing else learn the white,
and photos of the same goods on a floor or a bed are strange to them.
"""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from duomo.arrays import Pixels
from duomo.files import hash_bytes, write_atomic
from duomo.guard.pictures import picture_bytes, read_picture
from duomo.progress import Tick, silent

_PLAIN: Final = 0.85  # share of the rim that must have one color to be taken for a background
_NEAR: Final = 14  # levels that a pixel of the background may be off, of 255
_SIDE: Final = 224  # longest side of what is made
_OTHER_PLACE: Final = 0.65  # chance of another background, where there is a plain one
_SLANT: Final = 18.0  # largest angle, in degrees
_LEAST_SHOWN: Final = 0.72  # of each side that a cut leaves

Plane = NDArray[np.float32]


def altered(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """The goods of a picture in another picture: place, angle, cut, side and light by chance.

    Colors stay what a shopper would call them: light changes by at most a fifth, its warmth by a twentieth.

    Args:
        pixels: (height, width, 3) uint8.
        rng: decides everything.

    Returns:
        (height, width, 3) uint8, the longest side 224 before the cut.

    >>> rng = np.random.default_rng(0)
    >>> altered(np.full((60, 80, 3), 200, np.uint8), rng).dtype
    dtype('uint8')
    """
    image = Image.fromarray(pixels)
    scale = _SIDE / max(image.size)
    image = image.resize([max(8, round(side * scale)) for side in image.size], Image.Resampling.BILINEAR)
    rgb = np.asarray(image, np.float32)
    mask = goods_mask(rgb)
    if mask is None:
        place, shown = _rim_color(rgb) + np.zeros_like(rgb), np.ones(rgb.shape[:2], np.float32)
    else:
        other = rng.random() < _OTHER_PLACE
        place = _background(rgb.shape[:2], rng) if other else _rim_color(rgb) + np.zeros_like(rgb)
        shown = mask
    angle = float(rng.uniform(-_SLANT, _SLANT)) * (rng.random() < 0.7)
    goods, shown = _turned(rgb, shown, angle)
    whole = goods * shown[..., None] + place * (1 - shown[..., None])
    if rng.random() < 0.5:
        whole = whole[:, ::-1]
    return _lit(_cut(whole, rng), rng)


def goods_mask(rgb: Plane) -> Plane | None:
    """(height, width) 1 where the goods are, 0 on the background, between at the edge; None: none is plain.

    Args:
        rgb: (height, width, 3), 0 to 255.
    """
    rim = np.concatenate([rgb[0], rgb[-1], rgb[:, 0], rgb[:, -1]])
    near_rim = np.abs(rim - _rim_color(rgb)).max(axis=1) <= _NEAR
    if near_rim.mean() < _PLAIN:
        return None
    away = np.abs(rgb - _rim_color(rgb)).max(axis=2) > _NEAR
    # Holes inside the goods are goods: a white print on a red shirt is no window.
    inside = np.minimum.reduce(
        [
            np.maximum.accumulate(away, axis=0),
            np.maximum.accumulate(away[::-1], axis=0)[::-1],
            np.maximum.accumulate(away, axis=1),
            np.maximum.accumulate(away[:, ::-1], axis=1)[:, ::-1],
        ]
    )
    if not 0.02 < inside.mean() < 0.98:
        return None
    soft = Image.fromarray((inside * 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(0.8))
    return np.asarray(np.asarray(soft) / 255, np.float32)


def write_altered(sources: Sequence[Path], folder: Path, *, seed: int = 7, tick: Tick = silent) -> list[Path]:
    """One altered picture of each, as JPEG files; those that are there already stay.

    Args:
        sources: (n,) picture files.
        folder: made if absent.
        seed: with the content of a picture it decides how it is altered.
        tick: told of every picture, as stage "altering".

    Returns:
        (n,) the files, in the order of the sources.

    Raises:
        MissingFile, BadPicture: a source cannot be opened.
    """
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for number, source in enumerate(sources):
        key = hash_bytes(str(seed).encode(), picture_bytes(source))
        path = folder / f"{key[:20]}.jpg"
        if not path.is_file():
            chance = np.random.default_rng(int(key[:12], 16))
            body = BytesIO()
            pixels = altered(read_picture(source, side=_SIDE).pixels, chance)
            Image.fromarray(pixels).save(body, "JPEG", quality=int(chance.integers(60, 93)))
            write_atomic(path, body.getvalue())
        made.append(path)
        tick("altering", number + 1, len(sources))
    return made


def _rim_color(rgb: Plane) -> Plane:
    rim = np.concatenate([rgb[0], rgb[-1], rgb[:, 0], rgb[:, -1]])
    return np.asarray(np.median(rim, axis=0), np.float32)


def _background(size: tuple[int, int], rng: np.random.Generator) -> Plane:
    """A floor, a wall, cloth or planks: a muted color, uneven light, grain, and lines on some."""
    height, width = size
    color = rng.uniform(40, 235) + rng.normal(0, 18, 3)
    down, across = np.mgrid[0:height, 0:width].astype(np.float32) / max(size)
    angle = rng.uniform(0, np.pi)
    along = down * np.sin(angle) + across * np.cos(angle)
    light = rng.uniform(-35, 35) * (along - along.mean())
    for cells, strength in ((3, 14), (9, 9), (40, 7)):
        light = light + _clouds(size, cells, rng) * strength * rng.uniform(0.2, 1)
    if rng.random() < 0.45:  # planks, tiles, folds, stripes
        waves = np.sin(along * rng.uniform(4, 40) * 2 * np.pi)
        sharp = np.sign(waves) * np.abs(waves) ** rng.uniform(0.1, 1)
        light = light + sharp * rng.uniform(4, 28)
    tint = 1 + rng.normal(0, 0.15, 3)
    return np.asarray(np.clip(color + light[..., None] * tint, 0, 255), np.float32)


def _clouds(size: tuple[int, int], cells: int, rng: np.random.Generator) -> Plane:
    """(height, width) smooth noise of so many cells each way."""
    grid = rng.normal(0, 1, (cells, cells)).astype(np.float32)
    smooth = Image.fromarray(grid).resize((size[1], size[0]), Image.Resampling.BICUBIC)
    return np.asarray(smooth, np.float32)


def _turned(rgb: Plane, mask: Plane, angle: float) -> tuple[Plane, Plane]:
    """Both turned; what turns in from outside is background."""
    if not angle:
        return rgb, mask
    filled = tuple(int(value) for value in _rim_color(rgb))
    picture = Image.fromarray(rgb.astype(np.uint8)).rotate(angle, Image.Resampling.BILINEAR, fillcolor=filled)
    shape = Image.fromarray((mask * 255).astype(np.uint8)).rotate(angle, Image.Resampling.BILINEAR)
    return np.asarray(picture, np.float32), np.asarray(shape, np.float32) / np.float32(255)


def _cut(rgb: Plane, rng: np.random.Generator) -> Plane:
    """Part of a picture, most of each side."""
    height, width = rgb.shape[:2]
    tall, wide = (max(1, round(side * rng.uniform(_LEAST_SHOWN, 1))) for side in (height, width))
    top, left = int(rng.integers(0, height - tall + 1)), int(rng.integers(0, width - wide + 1))
    return rgb[top : top + tall, left : left + wide]


def _lit(rgb: Plane, rng: np.random.Generator) -> Pixels:
    """In another light: brighter or darker, flatter or harder, a little warmer or colder; and some grain."""
    warmth = 1 + rng.uniform(-0.05, 0.05) * np.array([1, 0, -1], np.float32)
    middle = rgb.mean()
    lit = ((rgb - middle) * rng.uniform(0.8, 1.15) + middle) * rng.uniform(0.8, 1.15) * warmth
    lit = lit + rng.normal(0, rng.uniform(0, 5), rgb.shape)
    return np.asarray(np.clip(np.rint(lit), 0, 255), np.uint8)
