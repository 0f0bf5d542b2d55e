"""Pictures from anywhere, opened safely: upright RGB, within limits, or BadPicture."""

import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import simplejpeg
from PIL.Image import DecompressionBombError

from duomo.arrays import Pixels
from duomo.errors import BadPicture, MissingFile
from duomo.guard import jpeg, rasters
from duomo.guard.pixels import shrunk, turned

SHOWN_BYTES: Final = 48_000  # a small file up to here is shown as it is
SHOWN_QUALITY: Final = 85

# What decoders raise for hostile bytes; Pillow's readers let pass whatever their parsing trips over.
BROKEN: Final = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    DecompressionBombError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    Warning,  # an exception where the program says so
    struct.error,
    zlib.error,
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Picture:
    """One opened picture, upright. Its pixels may be fewer than the original's; nobody writes to them."""

    pixels: Pixels  # (h, w, 3) RGB; what was transparent is white
    width: int  # of the original, upright
    height: int
    format: str  # "JPEG", "PNG", "WEBP", "GIF", "BMP" or "TIFF"


def open_picture(body: bytes, *, side: int | None = None, megapixels: float = 100.0) -> Picture:
    """The picture in these bytes, turned upright by its EXIF, the first frame of an animation.

    A colour profile is not applied. The limit is checked before any pixel is decoded.

    Args:
        body: a whole file: JPEG, PNG, WebP, GIF, BMP or TIFF.
        side: the longest side, in pixels, that is wanted; larger pictures are shrunk (a JPEG while it is
            decoded, which is several times cheaper), smaller ones stay as they are. None: every pixel.
        megapixels: how many million pixels a picture may have.

    Raises:
        BadPicture: the bytes are no picture, are damaged or cut short, or hold too many pixels; whatever
            the bytes are, nothing else is raised.
        ValueError: side is below 1.

    >>> open_picture(b"GIF89a")
    Traceback (most recent call last):
        ...
    duomo.errors.BadPicture: the picture is damaged or cut short. Save it again as JPEG or PNG.
    """
    if side is not None and side < 1:
        raise ValueError(f"side must be at least 1, not {side}")
    format = _format(body)
    try:
        if format == "JPEG":
            header = jpeg.read_header(body)
            _check_size(header.width, header.height, megapixels)
            pixels, turn = jpeg.decode(body, header, side), header.orientation
            width, height = header.width, header.height
        else:
            image = rasters.open_raster(format, body)
            _check_size(image.width, image.height, megapixels)
            pixels, turn = rasters.decode(image, side)
            width, height = image.size
    except BROKEN as error:
        problem = "the picture is damaged or cut short"
        raise BadPicture(problem, remedy="Save it again as JPEG or PNG") from error
    if turn >= 5:
        width, height = height, width
    return Picture(pixels=turned(pixels, turn), width=width, height=height, format=format)


def format_of(body: bytes) -> str:
    """The format that the first bytes, twelve are enough, claim for a picture; "" where they claim none.

    >>> format_of(bytes.fromhex("ffd8ffe0")), format_of(b"<html>")
    ('JPEG', '')
    """
    if body.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if body.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if body.startswith(b"RIFF") and body[8:12] == b"WEBP":
        return "WEBP"
    if body.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if body.startswith(b"BM"):
        return "BMP"
    if body.startswith((b"II*\0", b"MM\0*")):
        return "TIFF"
    return ""


def shown(body: bytes, picture: Picture, *, side: int) -> bytes:
    """The small JPEG a shop keeps to show, its longest side at most `side` pixels.

    The original bytes stay untouched where they are that already: a baseline JPEG of at most 48 kB, upright,
    with nothing in it but the picture (a photo's EXIF can tell where its owner lives).

    Args:
        body: the bytes that the picture was opened from.
        picture: opened with this side or a larger one.
        side: at least 1.
    """
    small = max(picture.width, picture.height) <= side and len(body) <= SHOWN_BYTES
    if small and picture.format == "JPEG" and jpeg.is_plain(body, jpeg.read_header(body)):
        return body
    pixels = shrunk(picture.pixels, side)
    made: bytes = simplejpeg.encode_jpeg(pixels, SHOWN_QUALITY, "RGB", "420")
    return made


def picture_bytes(path: Path, *, picture_mb: float = 30.0) -> bytes:
    """The bytes of a picture file of at most `picture_mb` million bytes.

    Raises:
        MissingFile: there is no such file.
        BadPicture: it is larger, is not a plain file, or the system does not let it be read.
    """
    limit = int(picture_mb * 1e6)
    try:
        if not path.exists():
            raise MissingFile(f"{path}: no such picture", remedy="Correct its path")
        if not path.is_file():  # a folder; or a pipe or device, which may never end
            raise BadPicture(f"{path}: not a file", remedy="Name a picture file")
        with path.open("rb") as file:
            body = file.read(limit + 1)
    except (OSError, ValueError) as error:  # ValueError: the name itself is impossible
        problem = f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})"
        raise BadPicture(problem, remedy="Check its name and its permissions") from error
    if len(body) > limit:
        problem = f"{path}: larger than the limit of {picture_mb:g} MB"
        raise BadPicture(problem, remedy="Make it smaller, or raise the setting picture_mb")
    return body


def read_picture(
    path: Path, *, side: int | None = None, megapixels: float = 100.0, picture_mb: float = 30.0
) -> Picture:
    """The picture in a file; see `open_picture`.

    Raises:
        MissingFile: there is no such file.
        BadPicture: it cannot be opened as a picture, or is larger than the limits; names the path.
    """
    body = picture_bytes(path, picture_mb=picture_mb)
    try:
        return open_picture(body, side=side, megapixels=megapixels)
    except BadPicture as error:
        raise BadPicture(f"{path}: {error.args[0]}", remedy=error.remedy) from error


def _format(body: bytes) -> str:
    """The format that the first bytes claim."""
    if format := format_of(body):
        return format
    problem = "not a picture of a known kind" if body else "the picture is empty"
    raise BadPicture(problem, remedy="Save it as JPEG, PNG, WebP or GIF")


def _check_size(width: int, height: int, megapixels: float) -> None:
    """Raise unless the picture has pixels, and no more than the limit."""
    if width < 1 or height < 1:
        raise ValueError("no pixels")
    if width * height > megapixels * 1e6:
        problem = f"{width} x {height} pixels are more than the limit of {megapixels:g} million"
        raise BadPicture(problem, remedy="Make it smaller, or raise the setting picture_megapixels")
