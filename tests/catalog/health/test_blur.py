"""How sharp pictures are: told from blurred ones, whatever their size and turn."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image, ImageDraw, ImageFilter

from duomo.arrays import Pixels
from duomo.catalog.check import check
from duomo.catalog.health.blur import BLURRED, sharpness
from duomo.catalog.health.goods import Goods
from duomo.catalog.read import read_catalog


def thing(side: int) -> Image.Image:
    """A drawn cup, as sharp as Pillow draws."""
    image = Image.new("RGB", (side, side), (245, 244, 240))
    draw = ImageDraw.Draw(image)
    draw.ellipse([side * 0.2, side * 0.25, side * 0.7, side * 0.8], fill=(170, 40, 50))
    draw.rectangle([side * 0.7, side * 0.4, side * 0.85, side * 0.6], fill=(40, 40, 90))
    return image


Blur = Callable[[Image.Image], Image.Image]


def out_of_focus(image: Image.Image) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(image.width / 256 * 2.5))


def blown_up(image: Image.Image) -> Image.Image:
    return image.resize((min(image.width // 5, 51),) * 2).resize(image.size, Image.Resampling.BICUBIC)


@pytest.mark.parametrize("spoil", [out_of_focus, blown_up])
@pytest.mark.parametrize("side", [160, 256, 900])
def test_blurred_pictures_are_findings_and_sharp_ones_are_not(tmp_path: Path, spoil: Blur, side: int) -> None:
    thing(side).save(tmp_path / "sharp.jpg", quality=90)
    spoil(thing(side)).save(tmp_path / "soft.jpg", quality=90)
    lines = "sku,title,price,image\nA,Cup,5,sharp.jpg\nB,Mug,6,soft.jpg\n"
    (tmp_path / "goods.csv").write_text(lines, encoding="utf-8")
    groups = check(Goods.of(read_catalog(tmp_path / "goods.csv"), workers=0)).groups
    (group,) = [each for each in groups if each.kind.name == "picture-blurred"]
    assert [finding.problem.product_id for finding in group.findings] == ["B"]


def test_a_picture_without_edges_or_too_small_is_not_judged() -> None:
    assert sharpness(np.full((200, 200, 3), 90, np.uint8)) is None
    assert sharpness(np.asarray(thing(100))) is None


@given(arrays(np.uint8, (5, 6, 3)), st.integers(0, 3), st.booleans())
def test_sharpness_stays_when_a_picture_is_turned_and_mirrored(
    cells: Pixels, turns: int, mirrored: bool
) -> None:
    picture = cells.repeat(30, axis=0).repeat(30, axis=1)
    other = np.rot90(picture[:, ::-1] if mirrored else picture, turns)
    found = sharpness(picture)
    assert found == pytest.approx(sharpness(other))
    assert found is None or found > BLURRED
