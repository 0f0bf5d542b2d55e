"""Colors of the goods on a picture and not of what is around them; drawn pictures, real code."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from duomo.encode.regions import WHOLE
from duomo.errors import BadFile
from duomo.understand.facets import basic_color, value_called
from duomo.understand.seen import SEEN, SHIPPED, Eyes, features, object_box
from duomo.understand.seen_colors import COLORS_NAMED, named_colors
from duomo.understand.sight import Sight

Pixels = NDArray[np.uint8]
SHADES = {"red": (195, 30, 40), "blue": (35, 80, 180), "green": (45, 135, 70), "black": (22, 22, 24)}


def drawn(color: tuple[int, int, int], background: tuple[int, int, int] = (250, 250, 250)) -> Pixels:
    """A T-shirt of a color before a plain background."""
    pixels = np.full((120, 90, 3), background, np.uint8)
    pixels[30:105, 25:65] = color
    pixels[30:55, 10:80] = color
    return pixels


def best(eyes: Eyes, *pictures: Pixels) -> list[str]:
    """The color that is seen on each."""
    said = eyes.look(pictures).said["color"]
    return [basic_color(said.labels[place]) for place in said.probabilities.argmax(axis=1)]


@pytest.mark.parametrize("background", [(250, 250, 250), (60, 160, 70), (200, 180, 40)])
def test_the_color_is_that_of_the_goods_and_not_of_the_background(background: tuple[int, int, int]) -> None:
    shown = [drawn(SHADES[name], background) for name in ("red", "blue", "black")]
    assert best(Eyes(), *shown) == ["red", "blue", "black"]


@pytest.mark.parametrize("background", [(250, 250, 250), (60, 160, 70), (200, 180, 40)])
def test_heads_name_the_colors_of_goods_before_any_plain_background(background: tuple[int, int, int]) -> None:
    names = ["red", "blue", "black"]
    assert best(Eyes.of(), *(drawn(SHADES[name], background) for name in names)) == names


def test_every_place_in_the_table_of_colors_is_named_by_its_own_color() -> None:
    for name in COLORS_NAMED:
        assert value_called("color", name) == name


@given(st.tuples(*[st.integers(0, 255)] * 3), st.integers(1, 60), st.integers(1, 60))
def test_shares_of_colors_sum_to_one_whatever_is_shown(
    color: tuple[int, int, int], height: int, width: int
) -> None:
    shares = named_colors([np.full((height, width, 3), color, np.uint8)], [WHOLE])
    assert shares.sum() == pytest.approx(1, abs=1e-4)
    assert shares.min() >= 0


def test_goods_without_a_picture_or_with_one_too_small_show_nothing() -> None:
    looked = Eyes().look([None, np.zeros((4, 4, 3), np.uint8), drawn(SHADES["red"])])
    assert [box is None for box in looked.boxes] == [True, True, False]
    assert Eyes().look([None]).said == {}


def test_what_is_seen_does_not_depend_on_what_else_is_looked_at() -> None:
    shown = [drawn(shade) for shade in SHADES.values()]
    together = Eyes.of().look(shown).said["color"].probabilities
    alone = np.concatenate([Eyes.of().look([each]).said["color"].probabilities for each in shown])
    assert np.allclose(together, alone, atol=1e-4)


def test_a_shop_of_cleared_data_gets_no_head_of_unverified_data(tmp_path: Path) -> None:
    assert Eyes.of(tmp_path, ["pocket-cleared"]).heads == {}
    assert set(Eyes.of(tmp_path, ["pocket"]).heads) == set(SEEN)


def test_a_head_that_a_shop_has_trained_is_used_whatever_its_encoder(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED / "color", tmp_path / "heads" / "color")
    assert set(Eyes.of(tmp_path, ["pocket-cleared"]).heads) == {"color"}
    card = tmp_path / "heads" / "color" / "card.json"
    card.write_text(card.read_text("utf-8").replace('"tower": "', '"tower": "other'), "utf-8")
    with pytest.raises(BadFile, match="trained with another picture tower"):
        Eyes.of(tmp_path)


def test_the_heads_that_are_shipped_are_small_say_where_they_come_from_and_fit_the_tower() -> None:
    files = [path for path in SHIPPED.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 500_000
    sight = Sight.shipped()
    box = object_box(drawn(SHADES["red"]))
    seen = features(sight, [drawn(SHADES["red"])], [box])
    for facet, trained in Eyes.of().heads.items():
        head = trained.head
        assert head.card.tower == sight.version
        assert head.picture is not None
        assert head.picture.mean.shape == (seen.shape[1],)
        assert head.card.label == facet
        assert "train" in str(head.card.lineage["pack"])
        assert head.card.lineage["licence"]
