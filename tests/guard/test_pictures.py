from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from duomo.arrays import Pixels
from duomo.errors import BadPicture, MissingFile
from duomo.guard.pictures import Picture, open_picture, picture_bytes, read_picture, shown

Save = Callable[..., bytes]


def rmse(a: Pixels, b: Pixels) -> float:
    return float(np.sqrt(np.mean((a.astype(float) - b.astype(float)) ** 2)))


def stored_for(image: Image.Image, orientation: int) -> Image.Image:
    """How a camera held that way stores the picture: what EXIF undoes, done."""
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # values of Image.Transpose
    return image.transpose(Image.Transpose(undo[orientation])) if orientation != 1 else image


def exif(orientation: int) -> Image.Exif:
    block = Image.Exif()
    block[0x0112] = orientation
    return block


@pytest.mark.parametrize(
    ("format", "options"),
    [
        ("PNG", {}),
        ("WEBP", {"lossless": True}),
        ("BMP", {}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
    ],
)
def test_a_lossless_picture_opens_with_every_pixel(
    picture: Image.Image, save: Save, format: str, options: dict[str, object]
) -> None:
    opened = open_picture(save(picture, format, **options))
    assert (opened.width, opened.height, opened.format) == (48, 36, format)
    assert np.array_equal(opened.pixels, np.asarray(picture))


@pytest.mark.parametrize(
    "options", [{}, {"progressive": True}, {"subsampling": 0}, {"restart_marker_rows": 1}]
)
def test_a_jpeg_opens_as_another_library_opens_it(
    picture: Image.Image, save: Save, options: dict[str, object]
) -> None:
    body = save(picture, "JPEG", quality=95, **options)
    opened = open_picture(body)
    assert (opened.width, opened.height, opened.format) == (48, 36, "JPEG")
    assert rmse(opened.pixels, np.asarray(Image.open(BytesIO(body)))) < 1
    assert rmse(opened.pixels, np.asarray(picture)) < 3


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_every_exif_orientation_comes_out_upright(
    picture: Image.Image, save: Save, format: str, orientation: int
) -> None:
    exact: dict[str, dict[str, object]] = {
        "JPEG": {"quality": 100, "subsampling": 0},
        "WEBP": {"lossless": True},
    }
    stored = stored_for(picture, orientation)
    body = save(stored, format, exif=exif(orientation), **exact.get(format, {}))
    opened = open_picture(body)
    assert (opened.width, opened.height) == picture.size
    assert rmse(opened.pixels, np.asarray(picture)) < (2 if format == "JPEG" else 1e-9)
    if format != "TIFF":  # which Pillow turns while it loads
        assert np.array_equal(opened.pixels, np.asarray(ImageOps.exif_transpose(Image.open(BytesIO(body)))))


def test_a_turned_jpeg_is_shrunk_and_turned(save: Save) -> None:
    image = Image.linear_gradient("L").resize((400, 300)).convert("RGB")
    body = save(stored_for(image, 6), "JPEG", quality=95, exif=exif(6))
    opened = open_picture(body, side=40)
    assert (opened.width, opened.height) == (400, 300)
    assert opened.pixels.shape == (30, 40, 3)
    assert rmse(opened.pixels, np.asarray(image.resize((40, 30), Image.Resampling.LANCZOS))) < 2


def test_a_broken_exif_block_does_not_stop_a_good_picture(picture: Image.Image, save: Save) -> None:
    body = save(picture, "JPEG", exif=b"Exif\0\0MM\0*\0\0\xff\xff")
    assert open_picture(body).pixels.shape == (36, 48, 3)


def test_transparency_is_put_on_white(save: Save) -> None:
    image = Image.new("RGBA", (3, 1))
    image.putdata([(200, 0, 0, 255), (200, 0, 0, 0), (200, 0, 0, 51)])
    for format in ("PNG", "WEBP", "TIFF"):
        body = save(image, format, **({"lossless": True, "exact": True} if format == "WEBP" else {}))
        assert open_picture(body).pixels.tolist() == [[[200, 0, 0], [255, 255, 255], [244, 204, 204]]]


def test_a_transparent_palette_colour_is_white(save: Save) -> None:
    image = Image.new("P", (3, 1))
    image.putpalette([10, 20, 30, 40, 50, 60, 70, 80, 90])
    image.putdata([0, 1, 2])
    for format in ("PNG", "GIF"):
        pixels = open_picture(save(image, format, transparency=1)).pixels
        assert pixels.tolist() == [[[10, 20, 30], [255, 255, 255], [70, 80, 90]]]


def test_a_transparent_key_colour_is_white(save: Save) -> None:
    image = Image.new("RGB", (2, 1), (1, 2, 3))
    image.putpixel((0, 0), (9, 9, 9))
    pixels = open_picture(save(image, "PNG", transparency=(1, 2, 3))).pixels
    assert pixels.tolist() == [[[9, 9, 9], [255, 255, 255]]]


def test_sixteen_bit_grey_keeps_its_tones(save: Save) -> None:
    tones = Image.fromarray(np.array([[0, 255, 256, 32768, 65535]], dtype=np.uint16))
    for format in ("PNG", "TIFF"):
        assert open_picture(save(tones, format)).pixels[0, :, 1].tolist() == [0, 0, 1, 128, 255]


def test_grey_and_black_and_white_become_rgb(save: Save) -> None:
    grey = Image.fromarray(np.array([[0, 100, 255]], dtype=np.uint8))
    for format in ("PNG", "BMP", "TIFF", "GIF"):
        assert open_picture(save(grey, format)).pixels.tolist() == [[[0] * 3, [100] * 3, [255] * 3]]
    bits = Image.fromarray(np.array([[0, 255, 0]], dtype=np.uint8)).convert("1")
    for format in ("PNG", "BMP", "TIFF"):
        assert open_picture(save(bits, format)).pixels.tolist() == [[[0] * 3, [255] * 3, [0] * 3]]
    flat = save(Image.new("L", (16, 16), 100), "JPEG")
    assert np.abs(open_picture(flat).pixels.astype(int) - 100).max() <= 1


def test_levels_of_32_bits_are_refused_with_advice(save: Save) -> None:
    body = save(Image.fromarray(np.ones((4, 4), dtype=np.float32)), "TIFF")
    with pytest.raises(BadPicture, match=r"32-bit levels.*Save it with 8 bits"):
        open_picture(body)


def test_cmyk_opens_with_the_colours_it_was_made_of(picture: Image.Image, save: Save) -> None:
    inks = picture.convert("CMYK")
    assert rmse(open_picture(save(inks, "JPEG", quality=95)).pixels, np.asarray(picture)) < 4
    assert rmse(open_picture(save(inks, "TIFF")).pixels, np.asarray(picture)) < 1


def test_cmyk_without_adobes_marker_is_not_inverted(picture: Image.Image, save: Save) -> None:
    inks = Image.merge("CMYK", [ImageOps.invert(band) for band in picture.convert("CMYK").split()])
    body = save(inks, "JPEG", quality=95)
    start = body.index(b"\xff\xee\x00\x0eAdobe")
    plain = body[:start] + body[start + 16 :]
    assert rmse(open_picture(plain).pixels, np.asarray(picture)) < 4


def test_ycck_opens_as_another_library_opens_it(picture: Image.Image, save: Save) -> None:
    body = bytearray(save(picture.convert("CMYK"), "JPEG", quality=95))
    body[body.index(b"Adobe") + 11] = 2  # now the same numbers mean YCCK
    expected = Image.open(BytesIO(body)).convert("RGB")
    assert rmse(open_picture(bytes(body)).pixels, np.asarray(expected)) < 2


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG", "TIFF"])
def test_an_animation_opens_as_its_first_frame(picture: Image.Image, save: Save, format: str) -> None:
    first = picture.convert("L").convert("RGB")
    options = {"lossless": True} if format == "WEBP" else {}
    body = save(first, format, save_all=True, append_images=[ImageOps.invert(first)], **options)
    assert rmse(open_picture(body).pixels, np.asarray(first)) < 1


@given(
    width=st.integers(1, 300),
    height=st.integers(1, 300),
    side=st.integers(1, 200),
    format=st.sampled_from(["JPEG", "PNG"]),
)
def test_the_longest_side_is_the_one_asked_for_and_nothing_is_enlarged(
    width: int, height: int, side: int, format: str
) -> None:
    file = BytesIO()
    Image.new("RGB", (width, height), (200, 30, 90)).save(file, format)
    opened = open_picture(file.getvalue(), side=side)
    scale = min(1.0, side / max(width, height))
    expected = (max(1, round(height * scale)), max(1, round(width * scale)), 3)
    assert opened.pixels.shape == expected
    assert (opened.width, opened.height) == (width, height)
    assert np.abs(opened.pixels.astype(int) - (200, 30, 90)).max() <= 3


@pytest.mark.parametrize("size", [(640, 480), (533, 801), (1001, 77)])
def test_a_scaled_jpeg_looks_like_the_whole_one_made_smaller(save: Save, size: tuple[int, int]) -> None:
    noise = np.random.default_rng(7).integers(
        0, 255, (size[1] // 16 + 1, size[0] // 16 + 1, 3), dtype=np.uint8
    )
    image = Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC)
    for side in (64, 100, 256):
        opened = open_picture(save(image, "JPEG", quality=95, subsampling=0), side=side)
        height, width = opened.pixels.shape[:2]
        assert rmse(opened.pixels, np.asarray(image.resize((width, height), Image.Resampling.LANCZOS))) < 4


@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA", "P", "I;16"])
def test_a_large_picture_is_shrunk_in_strips_as_if_at_once(save: Save, mode: str) -> None:
    noise = np.random.default_rng(7).integers(0, 255, (40, 60, 3), dtype=np.uint8)
    image = Image.fromarray(noise).resize((1403, 1777), Image.Resampling.BICUBIC)
    if mode == "I;16":
        image = Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)
    elif mode == "RGBA":
        image.putalpha(Image.linear_gradient("L").resize(image.size))
    else:
        image = image.convert(mode)
    body = save(image, "PNG", compress_level=1)
    whole = Image.fromarray(open_picture(body).pixels)
    for side in (50, 128):
        opened = open_picture(body, side=side)
        height, width = opened.pixels.shape[:2]
        assert max(height, width) == side
        assert (opened.width, opened.height) == (1403, 1777)
        assert rmse(opened.pixels, np.asarray(whole.resize((width, height), Image.Resampling.LANCZOS))) < 3


def test_a_side_below_one_is_the_callers_slip(files: dict[str, bytes]) -> None:
    with pytest.raises(ValueError, match=r"side must be at least 1, not 0"):
        open_picture(files["png"], side=0)


class TestShown:
    def test_a_small_plain_jpeg_stays_as_it_is(self, files: dict[str, bytes]) -> None:
        for name in ("jpeg", "jpeg grey"):
            body = files[name]
            assert shown(body, open_picture(body, side=64), side=64) is body

    @pytest.mark.parametrize(
        "name", ["jpeg progressive", "jpeg cmyk", "jpeg turned", "png clear", "gif animated"]
    )
    def test_everything_else_becomes_a_plain_jpeg(self, files: dict[str, bytes], name: str) -> None:
        picture = open_picture(files[name], side=64)
        made = shown(files[name], picture, side=64)
        again = open_picture(made)
        assert (again.format, again.width, again.height) == ("JPEG", picture.width, picture.height)
        assert rmse(again.pixels, picture.pixels) < 8
        assert shown(made, again, side=64) is made

    def test_what_is_too_large_becomes_small(self, save: Save) -> None:
        body = save(Image.effect_noise((400, 300), 80), "JPEG", quality=95)
        assert len(body) > 48_000
        picture = open_picture(body)
        for side in (400, 256):
            again = open_picture(shown(body, picture, side=side))
            assert max(again.width, again.height) == side

    def test_nothing_hidden_in_a_jpeg_is_shown(self, picture: Image.Image, save: Save) -> None:
        secret = b"52.5200 north"
        plain = save(picture, "JPEG")
        for body in (
            save(picture, "JPEG", comment=secret),
            save(picture, "JPEG", exif=b"Exif\0\0" + secret),
            save(picture, "JPEG", icc_profile=secret),
            plain + secret,
            plain + b"\xff\xe1" + secret,
            plain[:-2] + b"\xff\xfe\0\x0f" + secret + b"\xff\xd9",
        ):
            assert secret in body
            assert secret not in shown(body, open_picture(body), side=64)


class TestReading:
    def test_a_file_opens_like_its_bytes(self, tmp_path: Path, files: dict[str, bytes]) -> None:
        (tmp_path / "a.webp").write_bytes(files["webp"])
        assert picture_bytes(tmp_path / "a.webp") == files["webp"]
        picture: Picture = read_picture(tmp_path / "a.webp", side=20)
        assert np.array_equal(picture.pixels, open_picture(files["webp"], side=20).pixels)

    def test_a_missing_file_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(MissingFile, match=r"mug\.jpg: no such picture. Correct its path"):
            read_picture(tmp_path / "mug.jpg")

    def test_a_broken_file_is_named(self, tmp_path: Path, files: dict[str, bytes]) -> None:
        (tmp_path / "mug.jpg").write_bytes(files["jpeg"][:200])
        with pytest.raises(BadPicture, match=r"mug\.jpg: the picture is damaged or cut short. Save it again"):
            read_picture(tmp_path / "mug.jpg")

    def test_a_file_over_the_limit_is_not_opened(self, tmp_path: Path, files: dict[str, bytes]) -> None:
        path = tmp_path / "mug.bmp"
        path.write_bytes(files["bmp"])
        size_mb = len(files["bmp"]) / 1e6
        assert read_picture(path, picture_mb=size_mb).format == "BMP"
        with pytest.raises(BadPicture, match=r"mug\.bmp: larger than the limit of 0.005 MB"):
            read_picture(path, picture_mb=0.005)

    @pytest.mark.parametrize("name", [".", "x" * 300 + ".jpg"])
    def test_what_is_no_file_is_refused(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(BadPicture, match=r"not a file|cannot be read"):
            read_picture(tmp_path / name)


def test_real_photos_open_as_another_library_opens_them(data_dir: Path) -> None:
    for pack in ("luma_shop", "demo_shops", "clothing_photos", "grocery_store", "tryon_samples"):
        photos = sorted((data_dir / pack).rglob("*.jpg"))
        for path in photos[:: max(1, len(photos) // 40)]:
            expected = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
            opened = read_picture(path)
            assert (opened.width, opened.height) == expected.size
            assert rmse(opened.pixels, np.asarray(expected)) < 2
