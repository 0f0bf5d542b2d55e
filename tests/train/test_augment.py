from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from duomo.arrays import Pixels
from duomo.errors import MissingFile
from duomo.train.augment import altered, goods_mask, write_altered

RED = (190, 20, 30)


def disc(color: tuple[int, int, int] = RED, ground: int = 250, side: int = 96) -> Pixels:
    """A round thing of one color in the middle of a plain ground."""
    pixels = np.full((side, side, 3), ground, np.uint8)
    down, across = np.mgrid[0:side, 0:side] - (side - 1) / 2
    pixels[np.hypot(down, across) < side / 3] = color
    return pixels


def test_the_mask_is_where_the_goods_are() -> None:
    pixels = disc()
    pixels[40:50, 40:50] = 250  # a white print on it
    mask = goods_mask(pixels.astype(np.float32))
    assert mask is not None
    goods = np.any(disc() != 250, axis=2)
    assert np.mean((mask > 0.5) == goods) > 0.99


def test_a_picture_without_a_plain_ground_has_no_mask() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (60, 60, 3)).astype(np.float32)
    assert goods_mask(noise) is None
    assert goods_mask(np.full((60, 60, 3), 255, np.float32)) is None


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_goods_keep_their_color_wherever_they_are_put(seed: int) -> None:
    shown = altered(disc(), np.random.default_rng(seed)).astype(int)
    red = (shown[..., 0] > 110) & (shown[..., 1] < 75) & (shown[..., 2] < 85)
    assert red.mean() > 0.15


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 90), st.integers(1, 90))
def test_any_picture_can_be_altered_and_chance_decides_all(seed: int, height: int, width: int) -> None:
    pixels = np.random.default_rng(seed).integers(0, 255, (height, width, 3)).astype(np.uint8)
    first, again = (altered(pixels, np.random.default_rng(seed)) for _ in range(2))
    assert first.dtype == np.uint8
    assert first.ndim == 3
    assert max(first.shape) <= 224
    assert np.array_equal(first, again)


def test_altered_files_come_in_order_and_are_made_once(tmp_path: Path) -> None:
    sources = []
    for number, color in enumerate([RED, (20, 30, 190), (20, 160, 40)]):
        sources.append(tmp_path / f"{number}.png")
        Image.fromarray(disc(color)).save(sources[-1])
    made = write_altered(sources, tmp_path / "altered")
    assert len(set(made)) == 3
    times = [path.stat().st_mtime_ns for path in made]
    assert write_altered(sources[::-1], tmp_path / "altered") == made[::-1]
    assert [path.stat().st_mtime_ns for path in made] == times
    assert not set(write_altered(sources, tmp_path / "altered", seed=8)) & set(made)
    with pytest.raises(MissingFile):
        write_altered([tmp_path / "none.png"], tmp_path / "altered")
