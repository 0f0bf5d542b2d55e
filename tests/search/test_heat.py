import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from duomo.arrays import Pixels, Vectors
from duomo.catalog.sample.write import draw_shop
from duomo.encode.base import Encoder
from duomo.encode.hashed_picture import HashedPicture
from duomo.encode.models import load_encoder
from duomo.encode.regions import WHOLE, Box
from duomo.search.heat import HeatMap, heat, hidden, overlay

TOWER = HashedPicture()


def shirt(color: tuple[int, int, int] = (200, 30, 30)) -> Pixels:
    """A block of one color low on the left of white, and a grey one high on the right."""
    picture = np.full((140, 100, 3), 255, np.uint8)
    picture[80:120, 15:43] = color
    picture[20:40, 60:90] = 120
    return picture


def opened(path: Path) -> Pixels:
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"))


def alone() -> Vectors:
    """The red block without the grey one."""
    picture = shirt()
    picture[20:40, 60:90] = 255
    vector: Vectors = TOWER.encode([picture])[0]
    return vector


def beaten(pixels: Pixels, tower: Encoder[Pixels], against: Vectors, rng: np.random.Generator) -> float:
    """How often hiding the peak costs more than hiding one of four other places of its size."""
    peak = heat(pixels, tower, against).peak
    others = [
        Box(x=float(rng.uniform(0, 1 - peak.w)), y=float(rng.uniform(0, 1 - peak.h)), w=peak.w, h=peak.h)
        for _ in range(4)
    ]
    near = tower.encode([hidden(pixels, box) for box in (peak, *others)]) @ against
    return float((near[0] < near[1:]).mean())


# The map


def test_what_the_other_side_shows_is_hot_and_what_it_does_not_show_is_cold() -> None:
    found = heat(shirt(), TOWER, alone())
    assert found.peak.overlap(Box(x=0.15, y=80 / 140, w=0.28, h=40 / 140)) > 0.3
    assert found.cells[4:6, 1:3].max() == found.cells.max() > 0
    assert found.cells[1, 4:6].min() < 0  # without the grey block it would be nearer


def test_bare_background_is_neither_hot_nor_cold() -> None:
    assert not heat(shirt(), TOWER, alone()).cells[6].any()


def test_what_the_map_says_of_its_peak_is_what_hiding_it_costs() -> None:
    found = heat(shirt(), TOWER, alone())
    near = TOWER.encode([shirt(), hidden(shirt(), found.peak)]) @ alone()
    assert found.similarity == pytest.approx(near[0], abs=1e-6)
    assert found.fall == pytest.approx(near[0] - near[1], abs=1e-6)


def test_with_windows_of_one_cell_a_cell_is_the_fall_where_it_is_hidden() -> None:
    found = heat(shirt(), TOWER, alone(), grid=5, window=1)
    near = TOWER.encode([shirt()])[0] @ alone()
    for row, column in np.ndindex(5, 5):
        without = hidden(shirt(), Box(x=column / 5, y=row / 5, w=0.2, h=0.2))
        fall = near - TOWER.encode([without])[0] @ alone()
        painted = bool((without != shirt()).any())
        assert found.cells[row, column] == pytest.approx(fall if painted else 0, abs=1e-6)


def test_the_same_question_gives_the_same_map_and_its_length_does_not_matter() -> None:
    first, again, longer = (heat(shirt(), TOWER, v) for v in (alone(), alone(), 3 * alone()))
    assert (first.cells == again.cells).all()
    assert first.cells == pytest.approx(longer.cells, abs=1e-6)


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 6), st.integers(1, 6))
@settings(max_examples=25)
def test_any_picture_has_a_map_of_finite_numbers_that_can_be_laid_over_it(
    height: int, width: int, grid: int, window: int
) -> None:
    picture = np.random.default_rng(height * width).integers(0, 256, (height, width, 3), dtype=np.uint8)
    found = heat(picture, TOWER, alone(), grid=grid, window=min(grid, window))
    assert found.cells.shape == (grid, grid)
    assert found.cells.dtype == np.float32
    assert np.isfinite(found.cells).all()
    assert np.abs(found.cells).max() <= 2 * grid**2  # a share of a window times its cells
    shown = overlay(picture, found)
    assert shown.shape == picture.shape
    assert shown.dtype == np.uint8


@pytest.mark.parametrize("shape", [(1, 1, 3), (3, 5000, 3), (5000, 3, 3)])
def test_thin_and_tiny_pictures_have_maps_too(shape: tuple[int, ...]) -> None:
    picture = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    found = heat(picture, TOWER, alone())
    assert np.isfinite(found.cells).all()
    assert overlay(picture, found).shape == shape


def test_where_nothing_is_missed_the_map_is_flat_and_its_peak_the_whole_picture() -> None:
    flat = np.full((50, 60, 3), 90, np.uint8)
    for found in (heat(flat, TOWER, alone()), heat(shirt(), TOWER, np.zeros_like(alone()))):
        assert not found.cells.any()
        assert (found.peak, found.fall) == (WHOLE, 0)


def test_a_grid_or_window_that_cannot_be_is_refused() -> None:
    for grid, window in ((0, 1), (4, 5), (4, 0)):
        with pytest.raises(ValueError, match="grid must be at least 1"):
            heat(shirt(), TOWER, alone(), grid=grid, window=window)


# What is shown


def test_hot_parts_keep_their_colors_and_cold_ones_fade_to_paper() -> None:
    picture = shirt()
    shown = overlay(picture, heat(picture, TOWER, alone()))
    assert np.abs(shown[95:105, 25:32].astype(int) - picture[95:105, 25:32]).mean() < 25
    assert shown[25:35, 65:85].min() > 150  # the grey block is paler than it was
    assert (shown == (168, 64, 31)).all(axis=2).any()  # the line around the peak


def test_a_map_with_nothing_in_it_draws_no_line() -> None:
    nothing = HeatMap(cells=np.zeros((7, 7), np.float32), peak=WHOLE, fall=0, similarity=0)
    assert not (overlay(shirt(), nothing) == (168, 64, 31)).all(axis=2).any()


# The law, with benchmarks/heat_maps.py for larger numbers


def test_hiding_the_peak_costs_more_than_hiding_another_part_of_drawn_goods(tmp_path: Path) -> None:
    draw_shop(tmp_path, products=20, seed=21)
    pictures: dict[str, list[Pixels]] = {}
    with (tmp_path / "images.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            pictures.setdefault(row["sku"], []).append(opened(tmp_path / row["image"]))
    rng = np.random.default_rng(1)
    pairs = [each for each in pictures.values() if len(each) > 1]
    rates = [beaten(first, TOWER, TOWER.encode([second])[0], rng) for first, second, *_ in pairs]
    assert len(rates) >= 10
    assert np.mean(rates) >= 0.9


def test_hiding_the_peak_costs_more_to_words_that_found_a_real_picture(data_dir: Path) -> None:
    folder = data_dir / "luma_shop"
    if not (folder / "products.csv").is_file():
        pytest.skip(f"no luma_shop in {folder}: set TEST_DATA_DIR to the folder of the data packs")
    towers = load_encoder("pocket")
    assert towers.text
    assert towers.picture
    rng = np.random.default_rng(1)
    with (folder / "products.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["image"]][::20]
    words = towers.text.encode([row["title"] for row in rows])
    rates = [
        beaten(opened(folder / row["image"]), towers.picture, vector, rng)
        for row, vector in zip(rows, words, strict=True)
    ]
    assert np.mean(rates) >= 0.85  # of 10 pictures; benchmarks/heat_maps.py asks hundreds
