"""What is seen in one picture: size, kind, contrast, and the fingerprints that its copies have as well."""

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from duomo.arrays import Pixels
from duomo.catalog.health.blur import SIDE as EDGES_SIDE
from duomo.catalog.health.blur import sharpness
from duomo.files import hash_bytes
from duomo.guard.pictures import open_picture

SIDE: Final = 96  # pixels that a picture is opened with: a JPEG is decoded several times faster so
GRID: Final = 32  # of the small picture that others are laid over
CROPS: Final = (0.04, 0.08)  # cut from every side, for a fingerprint that a cropped copy has as a whole
CENTRE: Final = 0.2  # cut from every side: what a sign in a corner does not reach
_PLAIN: Final = 12  # levels that a plain background may vary by
_MARGIN: Final = 24  # levels that things stand out from it by
_RIM: Final = 0.75  # share of the rim that is plain, for the background to count as plain
_LIGHT: Final = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601

Box = tuple[float, float, float, float]  # left, top, right, bottom in shares of the picture


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sight:
    """What is known of a picture once it has been opened; about 2.3 kB."""

    hash: str  # of the file
    width: int
    height: int
    format: str
    frames: int  # above 1: it moves
    contrast: float  # levels between its darkest and lightest parts, the largest of the colors
    color: tuple[int, int, int]  # its mean
    # Fingerprints: whole, without its plain margin, without 4, 8 and 20 in 100 all around, mirrored.
    prints: NDArray[np.uint64]
    small: NDArray[np.uint8]  # (2, GRID, GRID) grey: whole, without its plain margin
    sharpness: float | None = None  # of its edges (`blur.sharpness`)


def sight_of(body: bytes, *, megapixels: float = 100.0) -> Sight:
    """What is seen in a picture file; raises BadPicture."""
    picture = open_picture(body, side=SIDE, megapixels=megapixels)
    pixels = picture.pixels
    box = box_of(pixels)
    parts = [
        pixels,
        cut(pixels, box),
        *(cut(pixels, (share, share, 1 - share, 1 - share)) for share in (*CROPS, CENTRE)),
    ]
    grids = [grid_of(part) for part in parts]
    grids.append(grids[0][:, ::-1])
    low, high = np.percentile(pixels.reshape(-1, 3), (2, 98), axis=0)
    mean = pixels.reshape(-1, 3).mean(axis=0)
    return Sight(
        hash=hash_bytes(body),
        width=picture.width,
        height=picture.height,
        format=picture.format,
        frames=_frames(picture.format, body),
        contrast=float((high - low).max()),
        color=(int(mean[0]), int(mean[1]), int(mean[2])),
        prints=np.array([fingerprint(grid) for grid in grids], np.uint64),
        small=np.stack(grids[:2]).round().clip(0, 255).astype(np.uint8),
        sharpness=sharpness(open_picture(body, side=EDGES_SIDE, megapixels=megapixels).pixels),
    )


def box_of(pixels: Pixels) -> Box:
    """The part of a picture that is not plain margin; all of it where its rim is not plain.

    Args:
        pixels: (h, w, 3).
    """
    levels = pixels.astype(np.int16)
    rim = np.concatenate([levels[0], levels[-1], levels[:, 0], levels[:, -1]])
    background = np.median(rim, axis=0)
    if np.mean(np.abs(rim - background).max(axis=1) <= _PLAIN) < _RIM:
        return (0.0, 0.0, 1.0, 1.0)
    stands_out = np.abs(levels - background).max(axis=2) > _MARGIN
    height, width = stands_out.shape
    rows = np.flatnonzero(stands_out.sum(axis=1) >= max(1, width / 50))
    columns = np.flatnonzero(stands_out.sum(axis=0) >= max(1, height / 50))
    if len(rows) < height / 12 or len(columns) < width / 12:
        return (0.0, 0.0, 1.0, 1.0)
    return (
        float(columns[0] / width),
        float(rows[0] / height),
        float((columns[-1] + 1) / width),
        float((rows[-1] + 1) / height),
    )


def cut(pixels: Pixels, box: Box) -> Pixels:
    """The part of a picture in a box, at least one pixel of it."""
    height, width = pixels.shape[:2]
    left, top = round(box[0] * width), round(box[1] * height)
    return pixels[top : max(top + 1, round(box[3] * height)), left : max(left + 1, round(box[2] * width))]


def grid_of(pixels: Pixels) -> NDArray[np.float32]:
    """A picture as (GRID, GRID) grey levels, whatever its shape."""
    small = Image.fromarray(pixels).resize((GRID, GRID), Image.Resampling.LANCZOS)
    return np.asarray(np.asarray(small, np.float32) @ _LIGHT, np.float32)


def fingerprint(grid: NDArray[np.float32]) -> int:
    """64 bits that copies of a picture have nearly alike: whether each low frequency is above their median.

    The perceptual hash of Zauner, "Implementation and benchmarking of perceptual image hash functions"
    (2010), section 3.2.1, with the mean left out.

    Args:
        grid: (GRID, GRID) grey levels.
    """
    waves = _cosines()
    low = (waves @ grid @ waves.T).ravel()[1:65]
    return int(np.packbits(low > np.median(low)).view(np.uint64)[0])


@cache
def _cosines() -> NDArray[np.float32]:
    """(9, GRID): the nine lowest waves of the discrete cosine transform."""
    places = np.arange(GRID, dtype=np.float32)
    return np.asarray(np.cos(np.pi * (2 * places + 1) * places[:9, None] / (2 * GRID)), np.float32)


def _frames(format: str, body: bytes) -> int:
    """How many pictures a file holds one after the other; 2 stands for several."""
    if format == "GIF":
        return _gif_frames(body)
    if format == "WEBP":
        return 2 if body[12:16] == b"VP8X" and body.count(b"ANMF") > 1 else 1
    if format == "PNG":
        return 2 if b"acTL" in body[:4096] and body.count(b"fcTL") > 1 else 1
    return 1


def _gif_frames(body: bytes) -> int:
    """1, or 2 for several. Source: GIF89a specification, sections 15 to 27."""
    frames, at = 0, 13 + _table(body, 10)
    while at < len(body) and body[at] in (0x21, 0x2C) and frames < 2:
        if body[at] == 0x2C:  # an image: its place, its colors, the size of its codes
            frames += 1
            at += 11 + _table(body, at + 9)
        else:
            at += 2
        while at < len(body) and body[at]:  # blocks of data, each after its length
            at += body[at] + 1
        at += 1
    return max(1, frames)


def _table(body: bytes, at: int) -> int:
    """The bytes of a table of colors, if the flags at this place say that there is one."""
    flags = body[at] if at < len(body) else 0
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0
