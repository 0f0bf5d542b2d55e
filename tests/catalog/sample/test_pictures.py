from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from duomo.catalog.sample.canvas import SIZE
from duomo.catalog.sample.families import FAMILIES, draw
from duomo.catalog.sample.family import Family
from duomo.catalog.sample.look import BACKDROPS, Look, Shot
from duomo.catalog.sample.palette import COLORS, MATERIALS, PATTERNS
from duomo.catalog.sample.plan import Plan, plan_product


def lab(rgb: NDArray[np.uint8]) -> NDArray[np.float64]:
    """CIE L*a*b* (D65) of sRGB values (..., 3); written here, to share no code with the painter."""
    value = rgb.astype(np.float64) / 255
    light = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    matrix = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = light @ matrix.T / np.array([0.9505, 1.0, 1.089])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], -1)


def colors_seen(family: Family, look: Look, shot: Shot) -> Counter[str]:
    """How many of every fifth pixel of the product are nearest to each color; lightness counts less."""
    canvas = draw(family, look, shot)
    pixels = canvas.finish(np.random.default_rng(shot.seed))[canvas.mask() > 0.9][::5]
    named = lab(np.array([color.rgb for color in COLORS.values()], dtype=np.uint8))
    weight = np.array([0.6, 1.0, 1.0])
    nearest = (((lab(pixels)[:, None] - named[None]) * weight) ** 2).sum(-1).argmin(1)
    return Counter({list(COLORS)[place]: count for place, count in Counter(nearest.tolist()).items()})


def first_shot(plan: Plan, color: str) -> Shot:
    return next(shot for named, _, shot in plan.shots if named == color)


def test_there_are_at_least_twelve_families_with_names_of_their_own() -> None:
    assert len(FAMILIES) >= 12
    assert len({family.en for family in FAMILIES}) == len({family.zh for family in FAMILIES}) == len(FAMILIES)
    assert len({family.code for family in FAMILIES}) == len(FAMILIES)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.en)
def test_the_named_color_is_the_commonest_color_of_the_drawn_product(family: Family) -> None:
    plan = plan_product(FAMILIES.index(family), 7)
    for color in plan.colors:
        seen = colors_seen(family, plan.look(color), first_shot(plan, color))
        assert seen.most_common(1)[0][0] == color, f"{plan.sku} in {color}: {seen.most_common(3)}"


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.en)
def test_every_color_of_a_family_can_be_measured_in_its_pictures(family: Family) -> None:
    plan = plan_product(FAMILIES.index(family) + 3 * len(FAMILIES), 7)
    for color in family.colors:
        seen = colors_seen(family, plan.look(color), plan.shots[0][2])
        assert seen.most_common(1)[0][0] == color, f"{plan.sku} in {color}: {seen.most_common(3)}"


@pytest.mark.slow
def test_nearly_every_picture_of_the_whole_shop_shows_its_named_color_most() -> None:
    plans = [plan_product(index, 7) for index in range(0, 600, 4)]
    looks = [(plan, color) for plan in plans for color in plan.colors]
    right = sum(
        colors_seen(plan.family, plan.look(color), first_shot(plan, color)).most_common(1)[0][0] == color
        for plan, color in looks
    )
    assert right / len(looks) >= 0.98


def test_every_picture_opens_and_shows_a_product_against_its_background(small_shop: Path) -> None:
    pictures = sorted((small_shop / "images").glob("*.jpg"))
    assert len(pictures) >= len(FAMILIES)
    for path in pictures:
        with Image.open(path) as image:
            assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (SIZE, SIZE))
            tones = np.asarray(image.convert("L"), dtype=np.float64)
        assert tones.std() > 4, path.name
        assert np.ptp(tones) > 50, path.name


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.en)
def test_a_product_fills_its_picture_and_stands_in_the_middle(family: Family) -> None:
    plan = plan_product(FAMILIES.index(family), 7)
    mask = draw(family, plan.look(plan.colors[0]), Shot()).mask()
    assert 0.06 < mask.mean() < 0.75
    rows, columns = np.nonzero(mask > 0.5)
    assert abs(rows.mean() - SIZE / 2) < SIZE * 0.12
    assert abs(columns.mean() - SIZE / 2) < SIZE * 0.12


def test_colors_differ_but_the_form_stays_within_one_product() -> None:
    plan = plan_product(0, 7)
    red, green = (draw(plan.family, plan.look(color), Shot()) for color in ("red", "green"))
    assert np.array_equal(red.mask(), green.mask())
    assert not np.array_equal(red.rgb, green.rgb)


def test_two_products_of_a_family_are_cut_differently() -> None:
    one, other = plan_product(0, 7), plan_product(len(FAMILIES), 7)
    assert one.family is other.family
    masks = [draw(plan.family, plan.look("red"), Shot()).mask() for plan in (one, other)]
    assert np.abs(masks[0] - masks[1]).mean() > 0.005


def test_the_tables_of_words_and_looks_fit_together() -> None:
    for family in FAMILIES:
        assert set(family.colors) <= set(COLORS)
        assert set(family.patterns) <= set(PATTERNS)
        assert set(family.materials) <= set(MATERIALS)
        assert len(family.season) == 12
    assert {Shot.of(np.random.default_rng(seed)).backdrop for seed in range(200)} == set(BACKDROPS)
