"""Text laid over single pictures: what the net sees, and what a check tells of it."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image, ImageDraw, ImageFont

from duomo.arrays import Pixels
from duomo.catalog.check import check
from duomo.catalog.health.goods import Goods
from duomo.errors import BadFile
from duomo.product import Media, Product, Variant
from duomo.understand.heads import save_head
from duomo.understand.overlaid import CELL, FORM, LEAST_SIDE, RUN, Overlaid, convolved, texts_on_pictures

Floats = np.ndarray[tuple[int, ...], np.dtype[np.float32]]


def photo(seed: int) -> Image.Image:
    """A soft thing on a soft ground, as a photo has them."""
    rng = np.random.default_rng(seed)
    ground = Image.fromarray(rng.integers(120, 230, (6, 6, 3), np.uint8)).resize(
        (256, 256), Image.Resampling.BICUBIC
    )
    thing = Image.fromarray(rng.integers(20, 140, (4, 4, 3), np.uint8)).resize(
        (120, 150), Image.Resampling.BICUBIC
    )
    ground.paste(thing, (70, 60))
    return ground


def written(image: Image.Image, text: str = "SALE 50%") -> Image.Image:
    image = image.copy()
    draw = ImageDraw.Draw(image)
    draw.rectangle((20, 10, 236, 50), fill="#c01020")
    draw.text((128, 30), text, font=ImageFont.load_default(28), fill="white", anchor="mm")
    return image


def test_a_banner_is_told_and_where_it_is(tmp_path: Path) -> None:
    for number in range(6):
        image = written(photo(number)) if number == 4 else photo(number)
        image.save(tmp_path / f"{number}.png")
    products = [
        Product(
            id=f"P{n}",
            title=f"Thing {n}",
            media=(Media(source=str(tmp_path / f"{n}.png")),),
            variants=(Variant(id=f"P{n}"),),
        )
        for n in range(6)
    ]
    goods = Goods(products, body=lambda media: Path(media.source).read_bytes(), workers=0)
    (group,) = check(goods, [texts_on_pictures]).groups
    assert group.kind.name == "picture-text"
    (finding,) = group.findings
    assert finding.products == ("P4",)
    assert "(top" in finding.said.en
    assert "上似乎叠加了文字" in finding.said.zh


def test_small_pictures_and_plain_ones_bear_no_text() -> None:
    net = Overlaid.shipped()
    assert net.score(np.zeros((LEAST_SIDE - 1, 200, 3), np.uint8)) == -np.inf
    for level in (0, 128, 255):
        assert net.score(np.full((160, 200, 3), level, np.uint8)) < net.cut


@given(arrays(np.uint8, st.tuples(st.integers(LEAST_SIDE, 140), st.integers(LEAST_SIDE, 140), st.just(3))))
def test_one_number_is_said_of_each_cell_and_the_box_lies_on_the_picture(pixels: Pixels) -> None:
    net = Overlaid.shipped()
    heat = net.heat(pixels)
    assert heat.shape == tuple(-(-side // CELL) for side in pixels.shape[:2])
    score, (left, top, right, bottom) = net.surest(pixels)
    assert score <= float(heat.max()) + 1e-4
    assert 0 <= left < right <= 1 + CELL / 100
    assert 0 <= top < bottom <= 1 + CELL / 100
    assert right - left == pytest.approx(RUN * CELL / pixels.shape[1])


@given(
    arrays(np.float32, (9, 12, 2), elements=st.floats(-1, 1, width=32)),
    st.sampled_from([(1, 1), (2, 1), (1, 2)]),
)
def test_layers_are_those_of_torch(plane: Floats, way: tuple[int, int]) -> None:
    torch = pytest.importorskip("torch")
    stride, dilation = way
    kernel = np.random.default_rng(1).normal(size=(4, 2, 3, 3)).astype(np.float32)
    asked = torch.from_numpy(plane).permute(2, 0, 1)[None]
    want = torch.nn.functional.conv2d(asked, torch.from_numpy(kernel), None, stride, dilation, dilation)
    got = convolved(plane, kernel, stride, dilation)
    assert np.allclose(got, want[0].permute(1, 2, 0).numpy(), atol=1e-4)


def test_a_damaged_head_is_told(tmp_path: Path) -> None:
    save_head(tmp_path / "head", {"form": FORM, "cut": 1.0}, {"kernel.0": np.zeros(3, np.float32)})
    with pytest.raises(BadFile, match="cannot be used"):
        Overlaid.load(tmp_path / "head")
