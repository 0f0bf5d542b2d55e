"""Pictures: cut short, mislabelled, of two kinds at once, bombs, and odd ones that are none of it."""

import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from drawn import (
    PNG,
    bmp,
    chunk,
    exif,
    frame,
    gif,
    header,
    image,
    jpeg,
    plain_tiff,
    png,
    riff,
    saved,
    segment,
    tiff,
    vp8l,
    with_segment,
)
from duomo.errors import DuomoError
from duomo.guard.pictures import open_picture, read_picture, shown
from table import Case

DAMAGED = r"BadPicture: the picture is damaged or cut short\. Save it again as JPEG or PNG\."
UNKNOWN = r"BadPicture: not a picture of a known kind\. Save it as JPEG, PNG, WebP or GIF\."
TOO_MANY = r"BadPicture: {} pixels are more than the limit of 100 million\. Make it smaller, or raise .*"
OPENS = r"opened {}, .*"


def told(body: bytes) -> str:
    """What is said of these bytes; of a picture, its size and how many bytes are kept to show."""
    try:
        picture = open_picture(body, side=320)
    except DuomoError as error:
        return f"{type(error).__name__}: {error}"
    kept = shown(body, picture, side=320)
    assert kept.startswith(b"\xff\xd8\xff")
    assert b"<script" not in kept
    return f"opened {picture.width} x {picture.height}, {len(kept)} bytes kept"


def of(name: str, make: Callable[[], bytes], says: str, most_mb: float = 60.0) -> Case:
    """A case of bytes."""
    return Case(name=name, make=lambda folder: make(), meet=told, says=says, most_mb=most_mb)


def at(name: str, make: Callable[[Path], Path], says: str) -> Case:
    """A case of a path."""

    def meet(path: Path) -> str:
        try:
            picture = read_picture(path, side=320)
        except DuomoError as error:
            return f"{type(error).__name__}: {error}"
        return f"opened {picture.width} x {picture.height}, a {picture.format}"

    return Case(name=name, make=make, meet=meet, says=says)


def _changed(body: bytes, place: int, new: bytes) -> bytes:
    return body[:place] + new + body[place + len(new) :]


def _frame_of(body: bytes, **changes: int) -> bytes:
    """A JPEG with another frame: height, width, bits, components or marker."""
    at = next(at for at in (body.find(b"\xff\xc0"), body.find(b"\xff\xc2")) if at > 0)
    made = bytearray(body)
    if "marker" in changes:
        made[at + 1] = changes["marker"]
    if "bits" in changes:
        made[at + 4] = changes["bits"]
    if "height" in changes:
        made[at + 5 : at + 7] = struct.pack(">H", changes["height"])
    if "width" in changes:
        made[at + 7 : at + 9] = struct.pack(">H", changes["width"])
    if "components" in changes:
        made[at + 9] = changes["components"]
    if "sampling" in changes:
        made[at + 11] = changes["sampling"]
    return bytes(made)


def _scans(count: int) -> bytes:
    body = saved(Image.new("L", (2000, 2000), 90), "JPEG", progressive=True)
    last = body.rindex(b"\xff\xda")
    return body[:-2] + body[last:-2] * count + body[-2:]


def _animated(format: str, count: int, **options: object) -> bytes:
    frames = [Image.new("P", (300, 300), number % 7) for number in range(count)]
    more = {"save_all": True, "append_images": frames[1:], "duration": 20}
    return saved(frames[0], format, **more, **options)


def _huffman(body: bytes) -> bytes:
    at = body.index(b"\xff\xc4")
    return _changed(body, at + 5, b"\xff" * 16)  # more codes than there are


def _without(body: bytes, marker: bytes) -> bytes:
    while marker in body:
        at = body.index(marker)
        body = body[:at] + body[at + 2 + int.from_bytes(body[at + 2 : at + 4]) :]
    return body


ENTRY = struct.pack("<HHII", 0x0112, 3, 1, 6)
LOOP = struct.pack("<HHII", 0x8769, 4, 1, 8)  # a directory inside itself
ZIP = b"PK\x03\x04" + b"\0" * 26 + b"PK\x05\x06" + b"\0" * 18
SCRIPT = b"<script>alert(1)</script>"

BOMBS = [
    of(
        "a PNG that claims 60000 x 60000",
        lambda: PNG + header(60000, 60000) + chunk(b"IEND"),
        TOO_MANY.format("60000 x 60000"),
    ),
    of(
        "a PNG that claims 2 billion x 2 billion",
        lambda: PNG + header(2**31 - 1, 2**31 - 1) + chunk(b"IEND"),
        TOO_MANY.format(r"\d+ x \d+"),
    ),
    of(
        "a JPEG that claims 65500 x 65500",
        lambda: _frame_of(jpeg(), width=65500, height=65500),
        TOO_MANY.format("65500 x 65500"),
    ),
    of(
        "a GIF that claims 65535 x 65535",
        lambda: gif(65535, 65535, frame(0, 0, 2, 1)),
        TOO_MANY.format("65535 x 65535"),
    ),
    of(
        "a GIF whose frame claims 65535 x 65535",
        lambda: gif(8, 8, frame(0, 0, 65535, 65535)),
        DAMAGED,
    ),
    of("a BMP that claims 60000 x 60000", lambda: bmp(60000, 60000), TOO_MANY.format("60000 x 60000")),
    of("a BMP that claims 2 billion x 1", lambda: bmp(2**31 - 1, 1), TOO_MANY.format(r"\d+ x 1")),
    of(
        "a TIFF that claims 60000 x 60000", lambda: plain_tiff(60000, 60000), TOO_MANY.format("60000 x 60000")
    ),
    of(
        "a lossless WebP that claims 16383 x 16383",
        lambda: riff((b"VP8L", vp8l(16383, 16383) + b"\0" * 30)),
        DAMAGED,
    ),
    of(
        "a WebP whose canvas claims 16 million x 16 million",
        lambda: riff((b"VP8X", b"\x10\0\0\0" + b"\xff\xff\xff" * 2), (b"VP8L", vp8l(8, 8))),
        DAMAGED,
    ),
    of(
        "a PNG of 900 million black pixels in 100 kB",
        lambda: (
            PNG
            + chunk(b"IHDR", struct.pack(">IIBBBBB", 30000, 30000, 1, 0, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(b"\0" * (3751 * 30000), 9))
            + chunk(b"IEND")
        ),
        TOO_MANY.format("30000 x 30000"),
        most_mb=300,
    ),
    of(
        "a PNG of 99 million black pixels, just under the limit",
        lambda: png(9949, 9949, color=0),
        OPENS.format("9949 x 9949"),
        most_mb=900,
    ),
    of(
        "a text chunk that unpacks to 200 MB",
        lambda: png(4, 4, chunk(b"zTXt", b"a\0\0" + zlib.compress(b"\0" * 200_000_000, 1))),
        DAMAGED,
        most_mb=300,
    ),
    of(
        "a colour profile that unpacks to 200 MB",
        lambda: png(4, 4, chunk(b"iCCP", b"a\0\0" + zlib.compress(b"\0" * 200_000_000, 1))),
        DAMAGED,
        most_mb=300,
    ),
    of(
        "pixels that unpack to 300 MB in a PNG of 4 x 4",
        lambda: png(4, 4, lines=b"\0" * 300_000_000),
        OPENS.format("4 x 4"),
        most_mb=400,
    ),
    of(
        "200,000 text chunks",
        lambda: png(4, 4, *[chunk(b"tEXt", b"a\0b")] * 200_000),
        OPENS.format("4 x 4"),
        most_mb=200,
    ),
    of(
        "100,000 empty pieces of pixels",
        lambda: (
            PNG
            + header(4, 4)
            + chunk(b"IDAT") * 100_000
            + chunk(b"IDAT", zlib.compress(b"\0" * 52))
            + chunk(b"IEND")
        ),
        OPENS.format("4 x 4"),
    ),
    of("a progressive JPEG of 4 megapixels with 2,000 scans", lambda: _scans(2000), DAMAGED),
    of(
        "a progressive JPEG that claims 99 megapixels and has none",
        lambda: _frame_of(jpeg(progressive=True), width=9949, height=9949),
        DAMAGED,
        most_mb=700,
    ),
    of("a progressive JPEG that repeats its last scan", lambda: _scans(60), DAMAGED),
    of(
        "an animated GIF of 3,000 frames",
        lambda: _animated("GIF", 3000),
        OPENS.format("300 x 300"),
        most_mb=400,
    ),
    of(
        "an animated WebP of 300 frames",
        lambda: _animated("WEBP", 300),
        OPENS.format("300 x 300"),
        most_mb=400,
    ),
    of(
        "an animated PNG of 300 frames", lambda: _animated("PNG", 300), OPENS.format("300 x 300"), most_mb=400
    ),
    of(
        "a packed BMP that writes far outside",
        lambda: bmp(64, 64, bits=8, packed=1, colors=2)[:62] + b"\0\x02\xff\xff" * 2000,
        OPENS.format("64 x 64"),
    ),
    of(
        "a TIFF of 10,000 pages",
        lambda: (
            plain_tiff(8, 8)[:-64] + b"\x80" * 64 + b"".join(plain_tiff(8, 8)[8:126] for _ in range(10_000))
        ),
        OPENS.format("8 x 8"),
    ),
    of(
        "a TIFF whose strip unpacks to 200 MB",
        lambda: _packed_tiff(),
        OPENS.format("8 x 8"),
        most_mb=300,
    ),
]


def _packed_tiff() -> bytes:
    packed = zlib.compress(b"\x80" * 200_000_000, 1)
    body = plain_tiff(8, 8, (0x103, 3, 1, 8), bytes_=len(packed))
    return body[:4000] + packed


CUT = [
    of("half a JPEG", lambda: jpeg()[:400], DAMAGED),
    of("a JPEG without its last 20 bytes", lambda: jpeg()[:-20], DAMAGED),
    of("the start of a JPEG alone", lambda: b"\xff\xd8\xff", DAMAGED),
    of("a JPEG of start and end alone", lambda: b"\xff\xd8\xff\xd9", DAMAGED),
    of("half a PNG", lambda: saved(image(), "PNG")[:200], DAMAGED),
    of("a PNG without its end", lambda: saved(image(), "PNG")[:-12], DAMAGED),
    of("a PNG without pixels", lambda: PNG + header(8, 8) + chunk(b"IEND"), DAMAGED),
    of("half a lossless WebP", lambda: saved(image(), "WEBP", lossless=True)[:60], DAMAGED),
    of("half a lossy WebP", lambda: saved(image(), "WEBP")[:60], DAMAGED),
    of("half a GIF", lambda: saved(image().quantize(32), "GIF")[:300], DAMAGED),
    of("half a BMP", lambda: saved(image(), "BMP")[:300], DAMAGED),
    of("half a TIFF", lambda: saved(image(), "TIFF")[:300], DAMAGED),
]
BROKEN = [
    of(
        "a wrong checksum of a PNG's text",
        lambda: png(4, 4).replace(b"IEND", b"tEXt\0\0\0\0\0\0\0\0\0IEND"),
        OPENS.format("4 x 4"),
    ),
    of(
        "a header of a PNG with a wrong checksum",
        lambda: (
            PNG
            + chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0), crc=1)
            + chunk(b"IDAT", zlib.compress(b"\0" * 200))
            + chunk(b"IEND")
        ),
        DAMAGED,
    ),
    of("a PNG of 0 x 0", lambda: png(4, 4)[:8] + header(0, 0) + png(4, 4)[33:], DAMAGED),
    of(
        "a PNG of 7 bits",
        lambda: PNG + header(8, 8, bits=7) + chunk(b"IDAT", zlib.compress(b"\0" * 200)) + chunk(b"IEND"),
        DAMAGED,
    ),
    of(
        "a chunk of a PNG that claims 4 GB",
        lambda: PNG + header(8, 8) + chunk(b"tEXt", b"a\0b", length=2**32 - 1) + chunk(b"IEND"),
        DAMAGED,
    ),
    of(
        "a palette that a PNG does not have",
        lambda: png(4, 4, color=3),
        DAMAGED,
    ),
    of(
        "pixels of a PNG that point outside its palette",
        lambda: png(4, 4, chunk(b"PLTE", b"\0\0\0"), lines=b"\0\xff\xff\xff\xff" * 4, color=3),
        OPENS.format("4 x 4"),
    ),
    of(
        "pixels of a PNG that are no zlib",
        lambda: PNG + header(8, 8) + chunk(b"IDAT", b"hello" * 20) + chunk(b"IEND"),
        DAMAGED,
    ),
    of(
        "pixels of an interlaced PNG that are too few",
        lambda: (
            PNG + header(64, 64, interlaced=1) + chunk(b"IDAT", zlib.compress(b"\0" * 20)) + chunk(b"IEND")
        ),
        DAMAGED,
    ),
    of(
        "two headers in a PNG",
        lambda: (
            PNG
            + header(8, 8)
            + header(60000, 60000)
            + chunk(b"IDAT", zlib.compress(b"\0" * 200))
            + chunk(b"IEND")
        ),
        TOO_MANY.format("60000 x 60000"),
    ),
    of("a Huffman table that holds too much", lambda: _huffman(jpeg()), DAMAGED),
    of(
        "a JPEG without Huffman tables",
        lambda: _without(jpeg(), b"\xff\xc4"),
        OPENS.format("64 x 48"),
    ),
    of("a JPEG without quantization tables", lambda: _without(jpeg(), b"\xff\xdb"), DAMAGED),
    of(
        "a scan overwritten with noise",
        lambda: _changed(jpeg(), jpeg().index(b"\xff\xda") + 20, np.random.default_rng(5).bytes(300)),
        DAMAGED,
    ),
    of("a JPEG of height 0", lambda: _frame_of(jpeg(), height=0), DAMAGED),
    of("a JPEG of 12 bits", lambda: _frame_of(jpeg(), bits=12), DAMAGED),
    of("a lossless JPEG", lambda: _frame_of(jpeg(), marker=0xC3), DAMAGED),
    of("an arithmetically coded JPEG", lambda: _frame_of(jpeg(), marker=0xC9), DAMAGED),
    of("a JPEG of 255 components", lambda: _frame_of(jpeg(), components=255), DAMAGED),
    of("a JPEG of no components", lambda: _frame_of(jpeg(), components=0), DAMAGED),
    of("sampling factors of 15", lambda: _frame_of(jpeg(), sampling=0xFF), DAMAGED),
    of(
        "a segment of a JPEG of length 0", lambda: with_segment(jpeg(), segment(0xE5, b"", length=0)), DAMAGED
    ),
    of(
        "a segment of a JPEG that runs past the end",
        lambda: with_segment(jpeg()[:200], segment(0xE5, b"", length=65535)),
        DAMAGED,
    ),
    of(
        "ten million fill bytes before a marker",
        lambda: with_segment(jpeg(), b"\xff" * 10_000_000),
        OPENS.format("64 x 48"),
    ),
    of("a GIF of 0 x 0", lambda: gif(0, 0, frame(0, 0, 0, 0)), DAMAGED),
    of("a GIF without frames", lambda: gif(8, 8), DAMAGED),
    of(
        "a frame of a GIF that lies outside it",
        lambda: gif(8, 8, frame(60000, 60000, 2, 1)),
        DAMAGED,
    ),
    of(
        "codes of a GIF that were never made",
        lambda: gif(64, 64, frame(0, 0, 64, 64, b"\x02\xff" + b"\xff" * 255 + b"\0")),
        DAMAGED,
    ),
    of("a code size of 255 in a GIF", lambda: gif(8, 8, frame(0, 0, 8, 8, b"\xff\x02\x44\x01\0")), DAMAGED),
    of(
        "a comment of a GIF that never ends",
        lambda: gif(8, 8, comment=b"!\xfe" + (b"\xff" + b"a" * 255) * 40_000),
        DAMAGED,
    ),
    of("a BMP whose pixels lie beyond its end", lambda: bmp(8, 8, offset=2**31), DAMAGED),
    of("a BMP of 0 bits", lambda: bmp(8, 8, bits=0), DAMAGED),
    of(
        "a BMP of 4 billion colours",
        lambda: bmp(8, 8, bits=8, colors=2**32 - 1),
        DAMAGED,
    ),
    of("a BMP of negative width", lambda: bmp(-8, 8), TOO_MANY.format("4294967288 x 8")),
    of("a text that begins with BM", lambda: b"BMW, a maker of cars", DAMAGED),
    of("a directory of a TIFF that leads to itself", lambda: tiff([(0x100, 3, 1, 8)], following=8), DAMAGED),
    of(
        "a TIFF that says it has 65,535 entries",
        lambda: b"II*\0" + struct.pack("<IH", 8, 65535) + b"\0" * 100,
        DAMAGED,
    ),
    of("a strip of a TIFF beyond its end", lambda: plain_tiff(8, 8, (0x111, 4, 1, 2**31)), DAMAGED),
    of(
        "an entry of a TIFF of 4 billion values", lambda: plain_tiff(8, 8, (0x111, 4, 2**32 - 1, 10)), DAMAGED
    ),
    of("a TIFF of 1,000 samples a pixel", lambda: plain_tiff(8, 8, (0x115, 3, 1, 1000)), DAMAGED),
    of(
        "tiles of a TIFF of 2 billion pixels",
        lambda: tiff(
            [
                (0x100, 3, 1, 8),
                (0x101, 3, 1, 8),
                (0x102, 3, 1, 8),
                (0x103, 3, 1, 1),
                (0x106, 3, 1, 1),
                (0x142, 4, 1, 2**31 - 1),
                (0x143, 4, 1, 2**31 - 1),
                (0x144, 4, 1, 8),
            ]
        ),
        DAMAGED,
    ),
    of("LZW of a TIFF that is noise", lambda: plain_tiff(8, 8, (0x103, 3, 1, 5)), DAMAGED),
    of("a JPEG inside a TIFF that is none", lambda: plain_tiff(8, 8, (0x103, 3, 1, 7)), DAMAGED),
    of(
        "a TIFF of 32-bit levels",
        lambda: saved(Image.new("F", (8, 8)), "TIFF"),
        r"BadPicture: the picture has 32-bit levels, of which none is white\. Save it with 8 bits\.",
    ),
    of("a WebP whose length lies", lambda: riff((b"VP8L", vp8l(8, 8)), length=2**32 - 9), DAMAGED),
    of("a WebP without a picture", lambda: riff((b"EXIF", b"II*\0")), DAMAGED),
    of(
        "a WebP whose alpha is noise",
        lambda: riff(
            (b"VP8X", b"\x10\0\0\0" + b"\x3f\0\0" + b"\x2f\0\0"),
            (b"ALPH", b"\xff" * 40),
            (b"VP8 ", saved(image(), "WEBP")[20:]),
        ),
        DAMAGED,
    ),
]
MISLABELLED = [
    of("nothing", lambda: b"", r"BadPicture: the picture is empty\. Save it as JPEG, PNG, WebP or GIF\."),
    of(
        "an SVG with a script",
        lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        UNKNOWN,
    ),
    of(
        "an SVG with entities",
        lambda: b'<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><svg>&b;</svg>',
        UNKNOWN,
    ),
    of("a page of HTML", lambda: b"<!doctype html><title>404</title>" + SCRIPT, UNKNOWN),
    of("a PDF", lambda: b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript>>>>", UNKNOWN),
    of("PostScript", lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n(/etc/passwd) run", UNKNOWN),
    of("a ZIP", lambda: ZIP, UNKNOWN),
    of("a program for Windows", lambda: b"MZ" + b"\0" * 200, UNKNOWN),
    of("a program for Linux", lambda: b"\x7fELF" + b"\0" * 200, UNKNOWN),
    of("a HEIC", lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", UNKNOWN),
    of("an icon that holds a PNG", lambda: b"\0\0\1\0\1\0\x10\x10\0\0\1\0\x20\0" + png(4, 4), UNKNOWN),
    of("a Photoshop file", lambda: b"8BPS\0\1" + b"\0" * 200, UNKNOWN),
    of("a JPEG 2000", lambda: b"\0\0\0\x0cjP  \r\n\x87\n" + b"\0" * 99, UNKNOWN),
    of("a sound that begins as a WebP does", lambda: b"RIFF\x24\0\0\0WAVEfmt ", UNKNOWN),
    of("a JPEG behind a byte-order mark", lambda: b"\xef\xbb\xbf" + jpeg(), UNKNOWN),
    of("a JPEG in base64", lambda: b"/9j/4AAQSkZJRgABAQ", UNKNOWN),
    of("a pickle", lambda: b"\x80\x04\x95cos\nsystem\n(S'id'\ntR.", UNKNOWN),
]
POLYGLOTS = [
    of("a JPEG with a ZIP behind it", lambda: jpeg() + ZIP, OPENS.format("64 x 48")),
    of(
        "a JPEG with a page in its comment",
        lambda: with_segment(jpeg(), segment(0xFE, SCRIPT)),
        OPENS.format("64 x 48"),
    ),
    of("a JPEG with a page behind its end", lambda: jpeg() + SCRIPT, OPENS.format("64 x 48")),
    of(
        "a PNG with a page in its text",
        lambda: png(64, 48, chunk(b"tEXt", b"a\0" + SCRIPT)),
        OPENS.format("64 x 48"),
    ),
    of(
        "a PNG with a program behind its end",
        lambda: png(64, 48) + b"\x7fELF" + SCRIPT,
        OPENS.format("64 x 48"),
    ),
    of(
        "a GIF that is a script as well",
        lambda: gif(8, 8, frame(0, 0, 2, 1)).replace(b";", b"/*" + SCRIPT + b"*/=1;"),
        DAMAGED,
    ),
    of("a JPEG in a JPEG", lambda: with_segment(jpeg(), segment(0xE1, jpeg())), OPENS.format("64 x 48")),
]
ODD = [
    of("one pixel", lambda: saved(image(1, 1), "JPEG"), OPENS.format("1 x 1")),
    of("1 x 60000", lambda: saved(image(1, 60000), "PNG"), OPENS.format("1 x 60000")),
    of("60000 x 1", lambda: saved(image(60000, 1), "JPEG"), OPENS.format("60000 x 1")),
    of(
        "CMYK without Adobe's mark",
        lambda: _without(saved(image().convert("CMYK"), "JPEG"), b"\xff\xee"),
        OPENS.format("64 x 48"),
    ),
    of(
        "16 bits of grey",
        lambda: saved(Image.fromarray(np.arange(48 * 64, dtype=np.uint16).reshape(48, 64) * 21), "PNG"),
        OPENS.format("64 x 48"),
    ),
    of(
        "an EXIF directory that leads to itself",
        lambda: jpeg(exif=exif([LOOP, ENTRY])),
        OPENS.format("48 x 64"),
    ),
    of(
        "an EXIF directory of 65,535 entries",
        lambda: with_segment(jpeg(), segment(0xE1, exif([LOOP] * 5000, count=65535))),
        OPENS.format("64 x 48"),
    ),
    of(
        "an EXIF directory beyond the block",
        lambda: with_segment(jpeg(), segment(0xE1, exif([ENTRY], start=2**32 - 8))),
        OPENS.format("64 x 48"),
    ),
    of(
        "an EXIF orientation of 65535",
        lambda: with_segment(jpeg(), segment(0xE1, exif([struct.pack("<HHII", 0x0112, 3, 1, 65535)]))),
        OPENS.format("64 x 48"),
    ),
    of(
        "200 EXIF blocks",
        lambda: with_segment(jpeg(), *[segment(0xE1, exif([ENTRY]) + b"\0" * 60_000)] * 200),
        OPENS.format("48 x 64"),
        most_mb=100,
    ),
    of(
        "255 pieces of a colour profile that are noise",
        lambda: with_segment(
            jpeg(),
            *[segment(0xE2, b"ICC_PROFILE\0" + bytes([n, 255]) + b"\xff" * 900) for n in range(1, 256)],
        ),
        OPENS.format("64 x 48"),
    ),
    of("a colour profile cut short", lambda: jpeg(icc_profile=b"\0\0\x0c\x48appl"), OPENS.format("64 x 48")),
    of(
        "a PNG whose transparency names a colour beyond 8 bits",
        lambda: png(4, 4, chunk(b"tRNS", b"\xff\xff\xff\xff\xff\xff")),
        OPENS.format("4 x 4"),
    ),
]


def _made(body: bytes, name: str = "a.jpg") -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        (folder / name).write_bytes(body)
        return folder / name

    return make


def _sparse(folder: Path) -> Path:
    path = folder / "a.jpg"
    with path.open("wb") as file:
        file.write(b"\xff\xd8\xff")
        file.truncate(1_000_000_000)
    return path


def _pipe(folder: Path) -> Path:
    os.mkfifo(folder / "a.jpg")
    return folder / "a.jpg"


def _link(to: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        (folder / "a.jpg").symlink_to(to)
        return folder / "a.jpg"

    return make


PATHS = [
    at("a PNG that is called a.jpg", _made(saved(image(), "PNG")), "opened 64 x 48, a PNG"),
    at(
        "a file of 1 GB",
        _sparse,
        r"BadPicture: FOLDER/a\.jpg: larger than the limit of 30 MB\. .*picture_mb\.",
    ),
    at(
        "a pipe that nobody writes to",
        _pipe,
        r"BadPicture: FOLDER/a\.jpg: not a file\. Name a picture file\.",
    ),
    at(
        "a device that never ends",
        lambda folder: Path("/dev/zero"),
        r"BadPicture: /dev/zero: not a file\. .*",
    ),
    at("a folder", lambda folder: folder, r"BadPicture: FOLDER: not a file\. .*"),
    at("a link to itself", _link("a.jpg"), r"(BadPicture|MissingFile): FOLDER/a\.jpg: .*"),
    at("a link to a device", _link("/dev/zero"), r"BadPicture: FOLDER/a\.jpg: not a file\. .*"),
    at("a link to nothing", _link("/nowhere/a.jpg"), r"MissingFile: FOLDER/a\.jpg: no such picture\. .*"),
    at("a name with a NUL", lambda folder: folder / "a\0.jpg", r"(BadPicture|MissingFile): .*"),
    at("a name of 5,000 letters", lambda folder: folder / ("a" * 5000), r"(BadPicture|MissingFile): .*"),
    at(
        "a path through a file", lambda folder: _made(b"x")(folder) / "b.jpg", r"(BadPicture|MissingFile): .*"
    ),
]

CASES = [*BOMBS, *CUT, *BROKEN, *MISLABELLED, *POLYGLOTS, *ODD, *PATHS]
