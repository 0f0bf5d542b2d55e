"""A first picture that is another product's, where a later one fits the words."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from tests.understand.test_match import drawn

from duomo.product import Media, Product, Variant
from duomo.settings import Settings
from duomo.understand.classify_goods import Opener
from duomo.understand.match_main import FAR, LATER, LEAST, USUAL, better_pictures, beyond, shown_in


def pictured(folder: Path, id: str, title: str, *shown: tuple[str, str], of_variant: bool = False) -> Product:
    """A product with drawn pictures, those after the first perhaps of its variant."""
    media = []
    for number, (color, kind) in enumerate(shown):
        path = folder / f"{id}-{number}.png"
        Image.fromarray(drawn(color, kind, np.random.default_rng([len(id), number]))).save(path)
        media.append(Media(source=str(path)))
    first, rest = (tuple(media[:1]), tuple(media[1:])) if of_variant else (tuple(media), ())
    return Product(id=id, title=title, media=first, variants=(Variant(id=id, media=rest),))


@pytest.mark.parametrize("title", ["Red mug", "红色马克杯"])
@pytest.mark.parametrize("of_variant", [False, True])
def test_a_later_picture_that_fits_comes_before_a_wrong_first(
    tmp_path: Path, title: str, of_variant: bool
) -> None:
    wrong = pictured(
        tmp_path, "a", title, ("black", "bag"), ("red", "mug"), ("red", "mug"), of_variant=of_variant
    )
    right = pictured(
        tmp_path, "b", title, ("red", "mug"), ("red", "mug"), ("black", "bag"), of_variant=of_variant
    )
    assert list(better_pictures([right, wrong], Opener(Settings()))) == [1]
    assert better_pictures([wrong], Opener(Settings()))[0] in (1, 2)


def test_goods_without_words_or_further_pictures_and_broken_ones_are_left_out(tmp_path: Path) -> None:
    one = pictured(tmp_path, "a", "Red mug", ("black", "bag"))
    wordless = pictured(tmp_path, "b", "", ("black", "bag"), ("red", "mug"))
    broken = pictured(tmp_path, "c", "Red mug", ("black", "bag"), ("red", "mug"))
    Path(broken.media[0].source).write_bytes(b"no picture")
    assert better_pictures([one, wordless, broken], Opener(Settings())) == {}
    assert better_pictures([], Opener(Settings())) == {}


def test_a_picture_that_stands_twice_is_shown_once_and_a_few_are_looked_at() -> None:
    media = [Media(source=f"{n % 7}.png") for n in range(20)]
    product = Product(
        id="a", title="Mug", media=tuple(media), variants=(Variant(id="a", media=tuple(media)),)
    )
    assert [each.source for each in shown_in(product)] == [f"{n}.png" for n in range(1 + LATER)]


@given(st.lists(st.floats(0, 1), min_size=30, max_size=80), st.floats(0, 1))
def test_what_is_told_lies_above_what_is_usual_in_the_shop(sums: list[float], shift: float) -> None:
    rows = np.array(sums, np.float32)
    told = beyond(rows)
    assert told >= max(LEAST, float(np.median(rows)) - 1e-6)
    assert beyond(rows[:29]) == USUAL
    spread = float(np.quantile(rows, 0.84) - np.median(rows))
    assert beyond(rows + np.float32(1 + shift)) == pytest.approx(
        float(np.median(rows)) + 1 + shift + FAR * spread, abs=1e-4
    )
