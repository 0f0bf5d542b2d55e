import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from random import Random
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from duomo.errors import BadPicture
from duomo.guard.pictures import open_picture, shown

# Pillow says aloud what it finds wrong in a TIFF.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL.TiffImagePlugin")

STARTS = [
    b"",
    b"\xff\xd8\xff",
    b"\x89PNG\r\n\x1a\n",
    b"RIFF\x20\0\0\0WEBP",
    b"GIF89a",
    b"BM",
    b"II*\0",
    b"MM\0*",
]


def opens_or_is_refused(body: bytes) -> None:
    """Either a picture with pixels, or BadPicture; any other exception fails the test."""
    try:
        picture = open_picture(body, side=32, megapixels=0.1)
    except BadPicture:
        return
    height, width, bands = picture.pixels.shape
    assert bands == 3
    assert 1 <= max(height, width) <= 32
    assert shown(body, picture, side=16).startswith(b"\xff\xd8\xff")


@pytest.mark.parametrize("start", STARTS)
@given(rest=st.binary(max_size=300))
def test_random_bytes_never_do_worse_than_being_refused(start: bytes, rest: bytes) -> None:
    opens_or_is_refused(start + rest)


@given(chance=st.randoms(use_true_random=False))
def test_damaged_files_never_do_worse_than_being_refused(files: dict[str, bytes], chance: Random) -> None:
    for original in files.values():
        body = bytearray(original)
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(len(body) if chance.random() < 0.5 else min(len(body), 64))
            match chance.randrange(4):
                case 0:
                    body[at] = chance.randrange(256)
                case 1:
                    body[at : at + 4] = chance.choice(
                        [b"\xff" * 4, b"\0" * 4, b"\x7f\xff\xff\xff", b"\0\0\0\1"]
                    )
                case 2:
                    del body[at : at + chance.randint(1, 20)]
                case _:
                    body[at:at] = body[: chance.randint(1, 20)]
        opens_or_is_refused(bytes(body))


def test_a_file_cut_short_anywhere_is_refused(files: dict[str, bytes]) -> None:
    for name, body in files.items():
        for tenths in range(10):
            if name.endswith("animated") and tenths > 2:
                continue  # the first frame may be whole
            with pytest.raises(BadPicture):
                open_picture(body[: len(body) * tenths // 10])


def test_a_real_photo_cut_short_anywhere_is_refused(data_dir: Path) -> None:
    photos = sorted((data_dir / "luma_shop").rglob("*.jpg"))[::80]
    photos += sorted((data_dir / "street_fashion_ccp").rglob("*.png"))[::200]
    for path in photos:
        body = path.read_bytes()
        for cut in [*(len(body) * tenths // 10 for tenths in range(10)), len(body) - 20]:
            with pytest.raises(BadPicture, match=r"damaged or cut short|empty"):
                open_picture(body[:cut], side=64)


def claiming_60000(name: str, body: bytes) -> bytes:
    """The file with a header that says 60000 x 60000 pixels (16384 x 16384 for WebP, its largest)."""
    made = bytearray(body)
    if name == "jpeg":
        at = body.index(b"\xff\xc0") + 5
        made[at : at + 4] = struct.pack(">HH", 60000, 60000)
    elif name == "png":
        made[16:24] = struct.pack(">II", 60000, 60000)
        made[29:33] = struct.pack(">I", zlib.crc32(made[12:29]))
    elif name == "gif":
        made[6:10] = struct.pack("<HH", 60000, 60000)
    elif name == "bmp":
        made[18:26] = struct.pack("<ii", 60000, 60000)
    elif name == "webp clear":
        made[24:30] = (16383).to_bytes(3, "little") * 2
    elif name == "tiff":
        entries = {0x0100: 60000, 0x0101: 60000}
        (directory,) = struct.unpack_from("<I", body, 4)
        (count,) = struct.unpack_from("<H", body, directory)
        for at in range(directory + 2, directory + 2 + 12 * count, 12):
            (tag,) = struct.unpack_from("<H", body, at)
            if tag in entries:
                struct.pack_into("<HII", made, at + 2, 4, 1, entries[tag])
    return bytes(made)


@pytest.mark.parametrize("name", ["jpeg", "png", "gif", "bmp", "tiff", "webp clear"])
def test_a_bomb_is_refused_by_its_header(files: dict[str, bytes], name: str) -> None:
    body = claiming_60000(name, files[name])
    started = perf_counter()
    with pytest.raises(BadPicture) as refused:
        open_picture(body, side=64)
    assert perf_counter() - started < 0.2
    if name == "webp clear":  # its reader refuses by itself, because the canvas contradicts the picture
        assert "cut short" in str(refused.value) or "more than the limit" in str(refused.value)
    else:
        assert "60000 x 60000 pixels are more than the limit of 100 million" in str(refused.value)
        assert "raise the setting picture_megapixels" in str(refused.value)


def test_the_pixel_limit_is_a_number_of_pixels(files: dict[str, bytes]) -> None:
    for body in files.values():
        assert open_picture(body, megapixels=48 * 36 / 1e6).width in (48, 36)
        with pytest.raises(BadPicture, match=r"more than the limit of 0.001 million"):
            open_picture(body, megapixels=0.001)


def test_a_progressive_jpeg_with_endless_scans_is_refused(save: Callable[..., bytes]) -> None:
    body = save(Image.new("L", (64, 64), 90), "JPEG", progressive=True)
    last = body.rindex(b"\xff\xda")
    with pytest.raises(BadPicture, match=r"damaged"):
        open_picture(body[:-2] + body[last:-2] * 200 + body[-2:])


@pytest.mark.parametrize("body", [b"<html>no picture</html>", b"<svg/>", b"%PDF-1.7", b"RIFF1234WAVE"])
def test_what_is_no_picture_is_called_so(body: bytes) -> None:
    with pytest.raises(BadPicture, match=r"not a picture of a known kind. Save it as JPEG, PNG, WebP or GIF"):
        open_picture(body)


def test_no_bytes_are_no_picture() -> None:
    with pytest.raises(BadPicture, match=r"the picture is empty"):
        open_picture(b"")
