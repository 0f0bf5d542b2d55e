"""Marks that many pictures share are found; what goods have in common is none."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from duomo.arrays import Pixels
from duomo.catalog.check import check
from duomo.catalog.health.goods import Goods
from duomo.catalog.health.marks import LEAST, MARKED, Mark, Strokes, mark_in, shape_of, squares
from duomo.catalog.health.overlays import place_of
from duomo.catalog.read import read_catalog

SHAPE = (256, 192)
PICTURES = 40


def photo(number: int) -> Image.Image:
    """Something in front of something: rough, and of another color and place in each picture."""
    rng = np.random.default_rng(number)
    rough = rng.integers(0, 256, (32, 24, 3), dtype=np.uint8)
    image = Image.fromarray(rough).resize(SHAPE[::-1], Image.Resampling.BICUBIC)
    left, top = (int(each) for each in rng.integers(10, 90, 2))
    color = tuple(int(each) for each in rng.integers(0, 256, 3))
    ImageDraw.Draw(image).ellipse([left, top, left + 90, top + 110], fill=color)
    return image


def marked(image: Image.Image, color: int, opacity: float = 0.5) -> Image.Image:
    """With a mark of bars at the bottom right."""
    layer = Image.new("RGBA", image.size, (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)
    for bar in range(8):
        draw.rectangle(
            [110 + bar * 9, 215, 112 + bar * 9, 240], fill=(color, color, color, round(255 * opacity))
        )
    return Image.alpha_composite(image.convert("RGBA"), layer).convert("RGB")


def pixels(image: Image.Image) -> Pixels:
    return np.asarray(image)


@pytest.mark.parametrize("color", [255, 0])
def test_a_mark_is_found_in_the_pictures_that_have_it(color: int) -> None:
    plain = [photo(number) for number in range(PICTURES)]
    mixed = [marked(each, color) if number % 4 else each for number, each in enumerate(plain)]
    mark = mark_in([pixels(each) for each in mixed], SHAPE)
    assert mark
    left, top, right, bottom = mark.box
    assert left >= 105 / 192
    assert right <= 180 / 192
    assert top >= 210 / 256
    assert bottom <= 245 / 256
    shown = [float(mark.shown(Strokes.of(pixels(each), SHAPE))) for each in mixed]
    having = [number for number, share in enumerate(shown) if share > MARKED]
    assert set(having) <= {number for number in range(PICTURES) if number % 4}
    assert len(having) > 25


def test_a_grey_mark_is_darker_on_light_and_lighter_on_dark() -> None:
    mark = mark_in([pixels(marked(photo(number), 128, 0.6)) for number in range(60)], SHAPE)
    assert mark
    assert mark.box[1] > 0.8


def test_nothing_is_found_in_pictures_without_a_mark_and_in_too_few() -> None:
    plain = [pixels(photo(number)) for number in range(PICTURES)]
    assert mark_in(plain, SHAPE) is None
    assert mark_in([pixels(marked(photo(number), 255)) for number in range(LEAST - 1)], SHAPE) is None


def test_strokes_at_one_place_of_many_goods_are_no_mark_unless_blended_alike() -> None:
    rng = np.random.default_rng(0)
    seams = [
        pixels(marked(photo(number), 255, opacity=float(rng.uniform(0, 1)) ** 3))
        for number in range(PICTURES)
    ]
    assert mark_in(seams, SHAPE) is None


def test_a_check_tells_the_mark_and_its_place(tmp_path: Path) -> None:
    lines = ["sku,title,price,image"]
    for number in range(PICTURES):
        image = photo(number)
        (marked(image, 255) if number >= 5 else image).save(tmp_path / f"{number}.jpg", quality=92)
        lines.append(f"A{number},Thing {number},5,{number}.jpg")
    (tmp_path / "goods.csv").write_text("\n".join(lines), encoding="utf-8")
    groups = check(Goods.of(read_catalog(tmp_path / "goods.csv"), workers=0)).groups
    (group,) = [each for each in groups if each.kind.name == "picture-watermark"]
    found = {finding.problem.product_id for finding in group.findings}
    assert found <= {f"A{number}" for number in range(5, PICTURES)}
    assert len(found) > 30
    said = group.findings[0].said
    assert ("(bottom right)" in said.en, "（右下）" in said.zh) == (True, True)


def test_the_reach_of_a_square_is_that_of_each_pixel() -> None:
    levels = np.random.default_rng(1).integers(0, 256, (20, 31), dtype=np.uint8)
    for side in (3, 5, 7, 9):
        padded = np.pad(levels, side // 2, mode="edge")
        windows = np.lib.stride_tricks.sliding_window_view(padded, (side, side))
        assert (squares(levels, np.maximum, side) == windows.max((-2, -1))).all()
        assert (squares(levels, np.minimum, side) == windows.min((-2, -1))).all()


def test_shapes_and_places() -> None:
    assert shape_of(1200, 1600) == (256, 192)
    assert shape_of(60, 80) is None
    assert place_of((0.4, 0.4, 0.6, 0.6)).en == "middle"
    mark = Mark((10, 10), np.array([0, 11, 22]), np.ones(3, np.float32), False)
    assert mark.box[2] <= 0.3
