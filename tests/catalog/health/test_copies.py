from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

from duomo.catalog.health.altered import altered, is_altered
from duomo.catalog.health.copies import BITS, copies, likely
from duomo.catalog.health.sights import SIDE, Sight, box_of, fingerprint, sight_of
from duomo.guard.pictures import open_picture


def drawn(seed: int, color: tuple[int, int, int] = (180, 40, 60)) -> Image.Image:
    """A thing with a pattern of its own on white."""
    chance = np.random.default_rng(seed)
    image = Image.new("RGB", (300, 400), "white")
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((70, 60, 230, 350), 30, fill=color)
    for _ in range(14):
        x, y = int(chance.integers(75, 200)), int(chance.integers(70, 320))
        w, h = (int(v) for v in chance.integers(8, 45, 2))
        draw.ellipse(
            (x, y, min(x + w, 228), min(y + h, 345)), fill=tuple(int(v) for v in chance.integers(0, 255, 3))
        )
    return image


def body(image: Image.Image, quality: int = 85) -> bytes:
    made = BytesIO()
    image.save(made, "JPEG", quality=quality)
    return made.getvalue()


def found(bodies: list[bytes]) -> set[tuple[int, int]]:
    return set(
        copies([sight_of(each) for each in bodies], lambda n: open_picture(bodies[n], side=SIDE).pixels)
    )


WAYS = {
    "saved again": lambda image: body(image, 35),
    "smaller": lambda image: body(image.resize((120, 160))),
    "larger": lambda image: body(image.resize((450, 600))),
    "cropped": lambda image: body(image.crop((9, 12, 291, 388))),
    "tinted": lambda image: body(Image.fromarray((np.asarray(image) * [0.9, 1.0, 0.94]).astype(np.uint8))),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_copy_is_found_among_pictures_that_are_like_it(way: str) -> None:
    pictures = [drawn(seed) for seed in range(8)]
    assert found([*map(body, pictures), WAYS[way](pictures[3])]) == {(3, 8)}


def test_a_picture_set_on_more_white_is_the_same() -> None:
    wide = Image.new("RGB", (380, 480), "white")
    wide.paste(drawn(2), (50, 30))
    assert found([body(drawn(1)), body(drawn(2)), body(wide)]) == {(1, 2)}


def test_the_same_thing_in_another_color_is_no_copy() -> None:
    assert found([body(drawn(5)), body(drawn(5, (40, 60, 180))), body(drawn(5, (30, 30, 30)))]) == set()


def test_blank_pictures_are_no_copies_of_each_other() -> None:
    assert found([body(Image.new("RGB", size, "white")) for size in ((99, 99), (100, 100))]) == set()


def sight(prints: NDArray[np.uint64], contrast: float = 200.0) -> Sight:
    return Sight(
        hash="",
        width=9,
        height=9,
        format="PNG",
        frames=1,
        contrast=contrast,
        color=(9, 9, 9),
        prints=prints,
        small=np.zeros((2, 32, 32), np.uint8),
    )


@given(
    st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=6),
    st.lists(st.lists(st.integers(0, 63), max_size=10), max_size=12),
)
def test_all_that_differ_in_few_bits_are_looked_at_and_no_others(
    fronts: list[int], flips: list[list[int]]
) -> None:
    made = list(fronts)
    for number, bits in enumerate(flips):
        value = fronts[number % len(fronts)]
        for bit in bits:
            value ^= 1 << bit
        made.append(value)
    far = np.uint64(0)
    prints = [np.array([value, far, far, far], np.uint64) for value in made]
    for number, each in enumerate(prints):  # the other fingerprints of each are unlike all others
        each[1:] = np.random.default_rng(number).integers(0, 2**63, 3, dtype=np.uint64)
    pairs = {(int(a), int(b)) for a, b in likely([sight(each) for each in prints])}
    near = {
        (a, b): (made[a] ^ made[b]).bit_count()
        for a in range(len(made))
        for b in range(a + 1, len(made))
        if (made[a] ^ made[b]).bit_count() <= BITS
    }
    assert pairs <= near.keys()
    if all(sum(place in pair for pair in near) <= 3 for place in range(len(made))):
        assert pairs == near.keys()


@given(st.floats(0.5, 1.5), st.floats(-20, 20))
def test_a_fingerprint_does_not_change_with_light_and_contrast(gain: float, offset: float) -> None:
    grid = np.asarray(drawn(3).convert("L").resize((32, 32)), np.float32)
    assert (fingerprint(grid) ^ fingerprint((grid * gain + offset).astype(np.float32))).bit_count() <= 2


def test_the_box_of_a_thing_on_plain_ground_is_its_own_and_else_the_whole() -> None:
    left, top, right, bottom = box_of(np.asarray(drawn(1)))
    assert (left, top, right, bottom) == pytest.approx((70 / 300, 60 / 400, 231 / 300, 351 / 400), abs=0.01)
    noise = np.random.default_rng(1).integers(0, 255, (40, 40, 3), np.uint8)
    assert box_of(noise) == (0.0, 0.0, 1.0, 1.0)


def told_as_altered(bodies: list[bytes]) -> set[tuple[int, int]]:
    return set(
        altered([sight_of(each) for each in bodies], lambda n: open_picture(bodies[n], side=SIDE).pixels)
    )


def turned(image: Image.Image) -> bytes:
    hue, *rest = image.convert("HSV").split()
    return body(Image.merge("HSV", (hue.point(lambda level: (level + 30) % 256), *rest)).convert("RGB"))


def signed(image: Image.Image) -> bytes:
    signed = image.copy()
    ImageDraw.Draw(signed).rectangle((240, 15, 290, 45), fill="navy")
    return body(signed)


ALTERED = {
    "hue": turned,
    "light": lambda image: body(
        ImageEnhance.Contrast(ImageEnhance.Brightness(image).enhance(0.8)).enhance(0.8)
    ),
    "mirrored": lambda image: body(ImageOps.mirror(image)),
    "sign": signed,
}


@pytest.mark.parametrize("way", ALTERED)
def test_an_altered_photo_is_found_among_pictures_that_are_like_it(way: str) -> None:
    pictures = [drawn(seed) for seed in range(8)]
    assert told_as_altered([*map(body, pictures), ALTERED[way](pictures[3])]) == {(3, 8)}


def test_other_things_are_no_altered_photos_nor_are_blank_ones() -> None:
    other = [body(drawn(seed, color)) for seed in (5, 6) for color in ((180, 40, 60), (40, 60, 180))]
    assert told_as_altered(other) <= {(0, 1), (2, 3)}
    assert (
        told_as_altered([body(Image.new("RGB", size, "white")) for size in ((99, 99), (100, 100))]) == set()
    )
    assert told_as_altered([body(drawn(1))]) == told_as_altered([]) == set()


@given(st.integers(0, 40), st.floats(0.6, 1.6), st.floats(-30, 30))
def test_a_photo_is_itself_under_any_map_of_its_colors(seed: int, gain: float, offset: float) -> None:
    pixels = np.asarray(drawn(seed).resize((72, 96)))
    mapped = (pixels[:, :, ::-1] * (gain * 0.6) + offset + 30).clip(0, 255).astype(np.uint8)
    assert is_altered(pixels, pixels)
    assert is_altered(mapped, pixels)
