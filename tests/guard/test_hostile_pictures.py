"""Laws of pictures that are damaged by chance; single hostile ones stand in tests/hostile/of_pictures.py."""

from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


def test_the_pixel_limit_is_a_number_of_pixels(files: dict[str, bytes]) -> None:
    for body in files.values():
        assert open_picture(body, megapixels=48 * 36 / 1e6).width in (48, 36)
        with pytest.raises(BadPicture, match=r"more than the limit of 0.001 million"):
            open_picture(body, megapixels=0.001)
