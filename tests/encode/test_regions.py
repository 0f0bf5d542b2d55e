import csv
import json
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from duomo.arrays import Pixels
from duomo.catalog.sample.write import draw_shop
from duomo.encode.hashed_picture import HashedPicture
from duomo.encode.regions import WHOLE, Box, box_of, cut, focus, focused, main_object, regions
from duomo.errors import BadQuery
from duomo.guard.pictures import open_picture

SIDES = st.integers(1, 90)
SPANS = st.lists(st.integers(0, 5000), min_size=2, max_size=2, unique=True).map(sorted)


def noise(height: int, width: int, seed: int = 0) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def disc(box: Box, *, size: tuple[int, int] = (160, 120), busy: bool = True) -> Pixels:
    """A red disc in a box, before muddled grey or before white."""
    width, height = size
    grounds = np.random.default_rng(3).integers(90, 150, (12, 16), np.uint8)
    image = Image.fromarray(grounds).resize(size, Image.Resampling.BICUBIC).convert("RGB")
    if not busy:
        image = Image.new("RGB", size, "white")
    corners = (box.x * width, box.y * height, (box.x + box.w) * width, (box.y + box.h) * height)
    ImageDraw.Draw(image).ellipse(corners, fill=(190, 20, 30))
    return np.asarray(image)


# Boxes


@given(SPANS, SPANS, st.integers(0, 9), st.integers(0, 9))
def test_a_box_in_pixels_cuts_just_those_pixels(
    across: list[int], down: list[int], right: int, below: int
) -> None:
    width, height = across[1] + right, down[1] + below
    pixels = np.broadcast_to(np.zeros(3, np.uint8), (height, width, 3))
    asked = (across[0], down[0], across[1] - across[0], down[1] - down[0])
    if max(asked) > 1:  # all of them 0 or 1: shares
        box = box_of(",".join(map(str, asked)), width=width, height=height)
        assert cut(pixels, box).shape == (asked[3], asked[2], 3)


@given(SIDES, SIDES, st.tuples(*[st.floats(0.001, 0.5)] * 4))
def test_a_cut_holds_at_least_one_pixel_and_all_that_the_box_covers(
    height: int, width: int, sides: tuple[float, ...]
) -> None:
    x, y, w, h = sides
    part = cut(noise(height, width), Box(x=x, y=y, w=w, h=h))
    assert part.size
    assert part.shape[0] >= min(h * height - 1e-3, height)
    assert part.shape[1] >= min(w * width - 1e-3, width)


def test_the_whole_box_cuts_nothing_off() -> None:
    picture = noise(7, 5)
    assert (cut(picture, WHOLE) == picture).all()
    assert (cut(picture, box_of("0 0 1 1", width=5, height=7)) == picture).all()
    assert (
        cut(
            picture,
            box_of("0\N{FULLWIDTH COMMA}0\N{FULLWIDTH COMMA}5\N{FULLWIDTH COMMA}7", width=5, height=7),
        )
        == picture
    ).all()


def test_shares_whose_sum_is_one_but_for_rounding_lie_on_the_picture() -> None:
    assert box_of("0.7,0.1,0.3,0.9", width=10, height=10).x == 0.7


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the box '' is not four numbers"),
        ("1,2,3", "is not four numbers"),
        ("0,0,1,1,1", "is not four numbers"),
        ("0,0,half,1", "'0,0,half,1' is not four numbers"),
        ("nan,0,1,1", "has a number that is not finite"),
        ("0,0,inf,1", "has a number that is not finite"),
        ("0,0,0,1", "has no area"),
        ("0.5,0.5,-0.2,0.2", "has no area"),
        ("0.5,0,0.6,1", "reaches beyond the picture of 80 x 60 pixels"),
        ("-0.1,0,0.6,1", "reaches beyond the picture"),
        ("0,0,81,60", "reaches beyond the picture of 80 x 60 pixels"),
        ("0,0,1.5,1", "reaches beyond the picture"),
        ("9" * 400 + ",0,1,1", "is not four numbers|not finite|reaches beyond"),
        ("x" * 10_000, "…' is not four numbers"),
    ],
)
def test_a_box_that_is_none_is_told_in_one_sentence_that_says_what_to_write(text: str, said: str) -> None:
    with pytest.raises(BadQuery, match=said) as told:
        box_of(text, width=80, height=60)
    assert len(str(told.value)) < 250
    assert "0.25,0,0.5,1" in str(told.value)


def test_a_box_made_by_hand_must_lie_on_the_picture() -> None:
    for sides in ((0, 0, 0, 1), (0.5, 0, 0.6, 1), (float("nan"), 0, 0.5, 0.5), (-0.1, 0, 0.5, 0.5)):
        with pytest.raises(ValueError, match="lies on the picture"):
            Box(**dict(zip("xywh", sides, strict=True)))


def test_overlap_is_symmetric_one_with_itself_and_nothing_apart() -> None:
    left, right = Box(x=0, y=0, w=0.4, h=1), Box(x=0.5, y=0, w=0.5, h=1)
    assert left.overlap(right) == 0
    assert left.overlap(left) == pytest.approx(1)
    assert left.overlap(WHOLE) == WHOLE.overlap(left) == pytest.approx(0.4)


# What is found


@pytest.mark.parametrize("busy", [False, True])
@pytest.mark.parametrize(
    "box",
    [Box(x=0.3, y=0.3, w=0.4, h=0.5), Box(x=0.15, y=0.2, w=0.3, h=0.4), Box(x=0.5, y=0.4, w=0.35, h=0.5)],
)
def test_the_box_of_a_disc_is_found_before_white_and_before_a_muddle(box: Box, busy: bool) -> None:
    assert main_object(disc(box, busy=busy)).overlap(box) > 0.6


@given(SIDES, SIDES, st.integers(0, 5))
def test_any_picture_has_regions_that_lie_on_it_and_are_not_the_same(
    height: int, width: int, seed: int
) -> None:
    found = regions(noise(height, width, seed))
    assert 1 <= len(found) <= 5
    assert found[0] == main_object(noise(height, width, seed))
    assert len(set(map(str, found))) == len(found)


@pytest.mark.parametrize("shape", [(1, 1), (3, 5000), (5000, 3), (15, 15), (1, 400)])
def test_a_picture_too_small_to_tell_things_apart_is_its_own_main_object(shape: tuple[int, int]) -> None:
    assert regions(noise(*shape)) == (WHOLE,)
    assert focus(noise(*shape)) is None


@pytest.mark.parametrize("shade", [0, 128, 255])
def test_a_picture_of_nothing_is_its_own_main_object(shade: int) -> None:
    flat = np.full((90, 120, 3), shade, np.uint8)
    faint = flat - (noise(90, 120) % 2).astype(np.uint8) if shade else flat
    assert main_object(flat) == main_object(faint) == WHOLE


def test_the_same_picture_at_another_size_has_about_the_same_box() -> None:
    small = disc(Box(x=0.3, y=0.3, w=0.4, h=0.5))
    large = np.asarray(Image.fromarray(small).resize((800, 600), Image.Resampling.BICUBIC))
    assert main_object(small).overlap(main_object(large)) > 0.85


def test_a_mirrored_picture_has_a_mirrored_box() -> None:
    picture = disc(Box(x=0.15, y=0.2, w=0.3, h=0.4))
    box, other = main_object(picture), main_object(np.ascontiguousarray(picture[:, ::-1]))
    assert Box(x=1 - other.x - other.w, y=other.y, w=other.w, h=other.h).overlap(box) > 0.85


def test_grey_and_transparent_pictures_come_in_as_opened() -> None:
    grey = np.full((90, 120), 250, np.uint8)
    grey[30:60, 40:80] = 30
    see_through = np.zeros((90, 120, 4), np.uint8)
    see_through[30:60, 40:80] = (10, 60, 160, 255)
    for array in (grey, see_through):
        body = BytesIO()
        Image.fromarray(array).save(body, "PNG")
        found = main_object(open_picture(body.getvalue()).pixels)
        assert found.overlap(Box(x=1 / 3, y=1 / 3, w=1 / 3, h=1 / 3)) > 0.6


def test_no_regions_cannot_be_asked_for() -> None:
    with pytest.raises(ValueError, match="most must be at least 1"):
        regions(noise(30, 30), most=0)


# What is searched with


def test_a_catalog_picture_is_looked_at_as_a_whole_and_a_photo_at_its_object_too() -> None:
    tower, box = HashedPicture(), Box(x=0.3, y=0.3, w=0.4, h=0.5)
    plain, photo = disc(box, busy=False), disc(box)
    assert focus(plain) is None
    assert (focused(plain, tower) == tower.encode([plain])[0]).all()
    found = focus(photo)
    assert found is not None
    both = tower.encode([photo, cut(photo, found)])
    assert np.linalg.norm(focused(photo, tower)) == pytest.approx(1, abs=1e-6)
    assert focused(photo, tower) == pytest.approx(both.sum(0) / np.linalg.norm(both.sum(0)), abs=1e-6)


def test_drawn_goods_before_their_backdrop_are_left_whole(tmp_path: Path) -> None:
    draw_shop(tmp_path, products=12, seed=5)
    pictures = [np.asarray(Image.open(p).convert("RGB")) for p in sorted((tmp_path / "images").glob("*.jpg"))]
    assert np.mean([focus(picture) is None for picture in pictures]) > 0.8


def test_people_on_the_street_are_found(data_dir: Path) -> None:
    folder = data_dir / "street_fashion_ccp"
    if not (folder / "products.csv").is_file():
        pytest.skip(f"no street photos in {folder}: set TEST_DATA_DIR to the folder of the data packs")
    with (folder / "products.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if "masks/" in row["attributes_json"]][:80]
    found, middle = [], []
    for row in rows:
        with Image.open(folder / json.loads(row["attributes_json"])["mask"]) as mask:
            down, across = np.nonzero(np.asarray(mask))
            height, width = mask.height, mask.width
        person = Box(
            x=across.min() / width,
            y=down.min() / height,
            w=(across.max() + 1 - across.min()) / width,
            h=(down.max() + 1 - down.min()) / height,
        )
        with Image.open(folder / row["image"]) as photo:
            found.append(main_object(np.asarray(photo.convert("RGB"))).overlap(person))
        middle.append(person.area)  # what the whole picture has
    assert np.mean(found) > np.mean(middle) + 0.15
