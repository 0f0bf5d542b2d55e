"""JPEG: what stands before the pixels, and the pixels decoded no larger than needed."""

import math
import re
from dataclasses import dataclass
from typing import Final

import numpy as np
import simplejpeg

from duomo.arrays import Pixels
from duomo.guard.exif import orientation
from duomo.guard.pixels import shrunk

# Decoding to 1.5 times the wanted side and then shrinking is within 1.5 grey levels (RMSE, medians over 12
# garment photos in three sizes) of shrinking the whole picture, at a sixth to a half of the time; decoding
# to just the side is up to 3 off.
HEADROOM: Final = 1.5
MAX_SCANS: Final = 100  # a progressive file has about ten; each one more costs a pass over all pixels
FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
ALONE: Final = frozenset({0x01, *range(0xD0, 0xD9)})  # markers that carry no length
INSIDE_A_SCAN: Final = re.compile(rb"\xff[^\x00\xd0-\xd7]")  # stuffed zeros and restarts are part of it


@dataclass(frozen=True, slots=True, kw_only=True)
class JpegHeader:
    """What a JPEG says of itself before its pixels."""

    width: int  # as stored, before any turning
    height: int
    components: int  # 1 grey, 3 colour, 4 CMYK or YCCK
    baseline: bool
    progressive: bool
    orientation: int  # of EXIF, 1 to 8
    adobe: bool  # Adobe's marker: CMYK is stored inverted
    bare: bool  # nothing but what decoding needs: no EXIF, no profile, no comment
    scan: int  # where the first scan begins in the file


def read_header(body: bytes) -> JpegHeader:
    """The header of a JPEG; raises ValueError or IndexError for one that is broken.

    Source: ITU-T T.81, annex B.
    """
    found: dict[str, int] = {}
    turn, adobe, bare = 1, False, True
    at = 2  # after the start-of-image marker
    while True:
        if body[at] != 0xFF:
            raise ValueError(f"no marker at byte {at}")
        while body[at] == 0xFF:
            at += 1
        marker, at = body[at], at + 1
        if marker in ALONE:
            continue
        length = int.from_bytes(body[at : at + 2])
        segment = body[at + 2 : at + length]
        at += length
        if marker == 0xD9 or len(segment) + 2 != length:
            raise ValueError("the file ends before its pixels")
        if marker == 0xDA:
            break
        if marker in FRAMES:
            found = {
                "height": int.from_bytes(segment[1:3]),
                "width": int.from_bytes(segment[3:5]),
                "components": segment[5],
                "frame": marker,
            }
        elif marker == 0xE1 and segment.startswith(b"Exif\0\0") and turn == 1:
            turn = orientation(segment)
        elif marker == 0xEE and segment.startswith(b"Adobe"):
            adobe = True
        known = (marker == 0xE0 and length <= 16) or (marker == 0xEE and length <= 14)
        bare = bare and (known or not (0xE0 <= marker <= 0xEF or marker == 0xFE))
    if not found:
        raise ValueError("no frame before the first scan")
    frame = found.pop("frame")
    return JpegHeader(
        **found,
        baseline=frame == 0xC0,
        progressive=frame in (0xC2, 0xC6, 0xCA, 0xCE),
        orientation=turn,
        adobe=adobe,
        bare=bare,
        scan=at,
    )


def decode(body: bytes, header: JpegHeader, side: int | None) -> Pixels:
    """The pixels as stored (not turned), their longest side at most `side`.

    Whatever the decoder warns of (missing or damaged data) is an error here.

    Raises:
        ValueError: the file is cut short, damaged, or of a kind that cannot be decoded.
    """
    if header.progressive and body.count(b"\xff\xda") > MAX_SCANS:
        raise ValueError("too many scans")
    longest = max(header.width, header.height)
    shrinks = side is not None and longest > side
    least = math.ceil(side * HEADROOM) if side is not None else 0
    if not shrinks or longest < 2 * least:
        least = 0  # every pixel: scaling by 5 to 7 eighths takes longer than that
    wide = header.width >= header.height
    pixels: Pixels = simplejpeg.decode_jpeg(
        body,
        "CMYK" if header.components == 4 else "RGB",
        min_width=least if wide else 0,
        min_height=0 if wide else least,
        strict=True,
    )
    if header.components == 4:
        pixels = _rgb(pixels if header.adobe else 255 - pixels)
    if side is None or not shrinks:
        return pixels
    return shrunk(pixels, side, covered=_covered(header, pixels))


def is_plain(body: bytes, header: JpegHeader) -> bool:
    """Whether any browser shows this file upright and it carries nothing but its picture."""
    if not (header.baseline and header.bare and header.orientation == 1 and header.components in (1, 3)):
        return False
    end = INSIDE_A_SCAN.search(body, header.scan)  # one scan, then the end: nothing hidden behind it
    return end is not None and body[end.start() :] == b"\xff\xd9"


def _covered(header: JpegHeader, pixels: Pixels) -> tuple[float, float]:
    """Width and height that the picture has in the scaled pixels, whose count was rounded up.

    Taking the rounded count instead moves the far edge by up to a pixel: 12 grey levels off in a fine
    pattern.
    """
    height, width = pixels.shape[:2]
    for eighths in range(8, 0, -1):  # the decoder scales by eighths
        real = header.width * eighths / 8, header.height * eighths / 8
        if (math.ceil(real[0]), math.ceil(real[1])) == (width, height):
            return real
    return float(width), float(height)


def _rgb(inverted_cmyk: Pixels) -> Pixels:
    """(h, w, 4) inverted CMYK -> (h, w, 3) RGB, without a profile: light is what neither ink takes."""
    light = inverted_cmyk.astype(np.uint16)
    return ((light[..., :3] * light[..., 3:] + 127) // 255).astype(np.uint8)
