"""PNG, WebP, GIF, BMP and TIFF: opened by their header first, then turned into RGB on white."""

import math
from collections.abc import Callable, Mapping
from io import BytesIO
from types import MappingProxyType
from typing import Final

import numpy as np
from PIL import Image, ImageFile
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from duomo.arrays import Pixels
from duomo.errors import BadPicture
from duomo.guard.exif import orientation
from duomo.guard.pixels import shrunk

# The readers themselves and not Image.open, which guesses among all formats and has a pixel limit of its own.
READERS: Final[Mapping[str, Callable[[BytesIO], ImageFile.ImageFile]]] = MappingProxyType(
    {
        "PNG": PngImageFile,
        "WEBP": WebPImageFile,
        "GIF": GifImageFile,
        "BMP": BmpImageFile,
        "TIFF": TiffImageFile,
    }
)

STRIP_PIXELS: Final = 1_000_000
PNG_END: Final = b"IEND\xaeB`\x82"


def open_raster(format: str, body: bytes) -> ImageFile.ImageFile:
    """The picture with its header read and no pixel decoded; raises what Pillow's readers raise."""
    if format == "PNG" and PNG_END not in body:
        raise ValueError("the file ends before its end")  # Pillow does not miss the end, nor its checksum
    return READERS[format](BytesIO(body))


def decode(image: ImageFile.ImageFile, side: int | None) -> tuple[Pixels, int]:
    """The first frame as (h, w, 3) RGB on white, and the EXIF orientation that remains to be undone.

    Args:
        image: opened by `open_raster`.
        side: what the longest side may be; larger pictures are shrunk. None: every pixel.

    Raises:
        BadPicture: the picture has 32-bit levels. Anything else that Pillow's readers raise passes through.
    """
    image.load()  # a PNG may name its orientation behind the pixels
    turn = 1 if image.format == "TIFF" else orientation(image.info.get("exif", b""))  # TIFF: turned by load
    factor = max(image.size) // (2 * side) if side is not None else 0
    if side is None or factor < 2:
        pixels = np.asarray(_on_white(image))
        return (pixels if side is None else shrunk(pixels, side)), turn
    small = np.asarray(_reduced(image, factor))
    return shrunk(small, side, covered=(image.width / factor, image.height / factor)), turn


def _reduced(image: Image.Image, factor: int) -> Image.Image:
    """RGB on white, each square of factor x factor pixels made one.

    Strip by strip, because a second and third copy of a whole picture of 100 million pixels would take
    another gigabyte and a half.
    """
    made = Image.new("RGB", (math.ceil(image.width / factor), math.ceil(image.height / factor)))
    rows = factor * max(1, STRIP_PIXELS // (image.width * factor))
    for top in range(0, image.height, rows):
        strip = image.crop((0, top, image.width, min(top + rows, image.height)))
        made.paste(_on_white(strip).reduce(factor), (0, top // factor))
    return made


def _on_white(image: Image.Image) -> Image.Image:
    """The picture as RGB; what is transparent becomes white."""
    if image.mode in ("I", "F"):
        raise BadPicture(
            "the picture has 32-bit levels, of which none is white", remedy="Save it with 8 bits"
        )
    if image.mode.startswith("I;16"):
        levels = np.asarray(image)
        grey = (levels >> 8).astype(np.uint8)  # convert() would cut everything above 255 to white
        if (clear := image.info.get("transparency")) is not None:
            grey[levels == clear] = 255
        return Image.fromarray(grey).convert("RGB")
    if not image.has_transparency_data:
        return image.convert("RGB")
    clear = image.convert("RGBA")
    white = Image.new("RGB", clear.size, "white")
    white.paste(clear, mask=clear.getchannel("A"))
    return white
