"""Small good pictures, and the pieces that hostile ones are put together from."""

import struct
import zlib
from collections.abc import Sequence
from io import BytesIO

import numpy as np
from PIL import Image

PNG = b"\x89PNG\r\n\x1a\n"


def image(width: int = 64, height: int = 48) -> Image.Image:
    """A smooth picture."""
    across = np.linspace(20, 230, width)[None, :] + np.zeros((height, 1))
    down = np.linspace(240, 10, height)[:, None] + np.zeros((1, width))
    return Image.fromarray(np.stack([across, down, (across + down) / 2], axis=2).astype(np.uint8))


def saved(picture: Image.Image, format: str, **options: object) -> bytes:
    """The picture as a file."""
    file = BytesIO()
    picture.save(file, format, **options)
    return file.getvalue()


def jpeg(**options: object) -> bytes:
    """A good JPEG."""
    return saved(image(), "JPEG", **options)


def chunk(kind: bytes, content: bytes = b"", *, length: int | None = None, crc: int | None = None) -> bytes:
    """A chunk of a PNG; length and checksum may lie."""
    size = len(content) if length is None else length
    check = zlib.crc32(kind + content) if crc is None else crc
    return struct.pack(">I", size) + kind + content + struct.pack(">I", check)


def header(width: int, height: int, *, bits: int = 8, color: int = 2, interlaced: int = 0) -> bytes:
    """The first chunk of a PNG."""
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, color, 0, 0, interlaced))


def png(width: int, height: int, *between: bytes, lines: bytes | None = None, color: int = 2) -> bytes:
    """A PNG that is black, with chunks between its header and its pixels."""
    bands = {0: 1, 2: 3, 3: 1, 6: 4}[color]
    pixels = b"\0" * ((1 + width * bands) * height) if lines is None else lines
    body = chunk(b"IDAT", zlib.compress(pixels, 1))
    return PNG + header(width, height, color=color) + b"".join(between) + body + chunk(b"IEND")


def segment(marker: int, content: bytes, *, length: int | None = None) -> bytes:
    """A segment of a JPEG; its length may lie."""
    size = len(content) + 2 if length is None else length
    return bytes([0xFF, marker]) + struct.pack(">H", size) + content


def with_segment(body: bytes, *segments: bytes) -> bytes:
    """A JPEG with further segments behind its first marker."""
    return body[:2] + b"".join(segments) + body[2:]


def tiff(entries: Sequence[tuple[int, int, int, int]], after: bytes = b"", *, following: int = 0) -> bytes:
    """A little-endian TIFF of one directory: (tag, kind, count, value) each, in order."""
    body = b"II*\0" + struct.pack("<IH", 8, len(entries))
    for tag, kind, count, value in entries:
        body += struct.pack("<HHII", tag, kind, count, value)
    return body + struct.pack("<I", following) + after


def plain_tiff(width: int, height: int, *more: tuple[int, int, int, int], bytes_: int | None = None) -> bytes:
    """A grey TIFF of one strip; `more` replaces entries of the same tag."""
    size = width * height if bytes_ is None else bytes_
    entries = {
        0x100: (4, 1, width),
        0x101: (4, 1, height),
        0x102: (3, 1, 8),
        0x103: (3, 1, 1),
        0x106: (3, 1, 1),
        0x111: (4, 1, 4000),
        0x115: (3, 1, 1),
        0x116: (4, 1, height),
        0x117: (4, 1, size),
    } | {tag: (kind, count, value) for tag, kind, count, value in more}
    start = tiff([(tag, *entry) for tag, entry in sorted(entries.items())])
    return start + b"\0" * (4000 - len(start)) + b"\x80" * min(width * height, 1_000_000)


def bmp(
    width: int, height: int, *, bits: int = 24, packed: int = 0, offset: int = 54, colors: int = 0
) -> bytes:
    """The header of a BMP with some pixels behind it."""
    head = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, packed, 0, 2835, 2835, colors, 0)
    return b"BM" + struct.pack("<IHHI", 54, 0, 0, offset) + head + b"\0" * 5000


def exif(entries: Sequence[bytes], *, start: int = 8, count: int | None = None) -> bytes:
    """An EXIF block whose first directory may lie about where it is and how long."""
    number = len(entries) if count is None else count
    return b"Exif\0\0II*\0" + struct.pack("<IH", start, number) + b"".join(entries) + struct.pack("<I", 8)


def riff(*chunks: tuple[bytes, bytes], length: int | None = None) -> bytes:
    """A WebP container."""
    inner = b"WEBP" + b"".join(n + struct.pack("<I", len(c)) + c + b"\0" * (len(c) % 2) for n, c in chunks)
    return b"RIFF" + struct.pack("<I", len(inner) if length is None else length) + inner


def vp8l(width: int, height: int) -> bytes:
    """The beginning of a lossless picture in a WebP."""
    return b"\x2f" + struct.pack("<I", (width - 1) | (height - 1) << 14)


def gif(width: int, height: int, *frames: bytes, comment: bytes = b"") -> bytes:
    """A GIF of two colors; a frame is what `frame` gives."""
    head = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    return head + comment + b"".join(frames) + b";"


def frame(x: int, y: int, width: int, height: int, packed: bytes = b"\x02\x02\x44\x01\x00") -> bytes:
    """One frame of a GIF: where it lies, and its packed pixels (by default two of them)."""
    return b"\x2c" + struct.pack("<HHHHB", x, y, width, height, 0) + packed
