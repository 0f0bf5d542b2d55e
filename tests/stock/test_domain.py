"""The domain check: fashion is home to the shipped encoder, spare parts are not."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.arrays import Vectors
from duomo.encode.base import KnowsHome, Towers
from duomo.encode.models import load_encoder
from duomo.settings import Settings
from duomo.shelf.manifest import NAME, Manifest
from duomo.shop import Shop
from duomo.stock.domain import FAR, lean_of

HOME = [
    f"{brand} {sex} {color} {kind}"
    for brand in ("Puma", "Nike", "Arrow")
    for sex in ("Men", "Women")
    for color in ("Black", "Navy Blue", "White")
    for kind in ("T-shirt", "Sports Shoes", "Handbag", "Watch")
]
STRANGE = [
    f"{maker} {kind} {size} mm assembly {number}"
    for maker in ("Bosch Rexroth", "Parker Hannifin", "SKF")
    for kind in ("hydraulic valve manifold", "tapered roller bearing", "pneumatic solenoid", "spindle gasket")
    for size in (12, 45)
    for number in ("R9021", "K77-4", "0815")
]


TOWERS = cache(lambda: load_encoder("pocket"))
LEARNED = 256  # numbers of the learned part of a vector, which stands first


def shop_of(titles: list[str], folder: Path) -> Shop:
    folder.mkdir()
    rows = "".join(f"S{number},{title}\n" for number, title in enumerate(titles))
    (folder / "goods.csv").write_text(f"sku,title\n{rows}", "utf-8")
    shop = Shop.create(folder / "shop", encoder="pocket", settings=Settings(workers=0))
    shop.build(folder / "goods.csv")
    return shop


def test_a_shop_is_told_how_far_its_goods_lie_from_what_its_encoder_learned(tmp_path: Path) -> None:
    home, strange, both = (
        shop_of(titles, tmp_path / name)
        for name, titles in (("home", HOME), ("strange", STRANGE), ("both", HOME + STRANGE))
    )
    far = [shop.manifest.abroad["pocket"] for shop in (home, both, strange)]
    assert far == sorted(far)
    assert far[0] < 0.2
    assert far[2] > FAR
    assert abs(far[1] - (far[0] * len(HOME) + far[2] * len(STRANGE)) / len(HOME + STRANGE)) < 0.02


def test_an_unchanged_build_says_the_same_and_encodes_nothing(tmp_path: Path) -> None:
    shop = shop_of(STRANGE, tmp_path / "strange")
    again = shop.build(tmp_path / "strange" / "goods.csv")
    assert again.encoded == 0
    assert again.abroad == shop.manifest.abroad
    assert again.as_dict()["abroad"] == {"pocket": shop.manifest.abroad["pocket"]}


def test_a_manifest_of_before_the_check_still_opens(tmp_path: Path) -> None:
    shop = shop_of(HOME[:6], tmp_path / "home")
    record = json.loads((shop.folder / NAME).read_text())
    del record["abroad"]
    (shop.folder / NAME).write_text(json.dumps(record))
    assert Manifest.load(shop.folder).abroad == {}
    assert Shop.open(shop.folder).search("shoes", k=1)


def test_an_encoder_that_cannot_tell_is_not_asked(tmp_path: Path) -> None:
    (tmp_path / "goods.csv").write_text("sku,title\nA,mug\n")
    shop = Shop.create(tmp_path / "shop", encoder="hashed", settings=Settings(workers=0))
    assert shop.build(tmp_path / "goods.csv").abroad == {}


@pytest.fixture(scope="module")
def words() -> KnowsHome:
    text = load_encoder("pocket").text
    assert isinstance(text, KnowsHome)
    return text


@given(texts=st.lists(st.sampled_from([*HOME, *STRANGE, "", "红色连衣裙", "!?"]), min_size=1, max_size=4))
def test_how_far_a_text_lies_is_a_share_and_depends_on_it_alone(words: KnowsHome, texts: list[str]) -> None:
    far = words.abroad(texts)
    assert far is not None
    assert np.all((far >= 0) & (far <= 1))
    alone = [words.abroad([text]) for text in texts]
    assert np.allclose(far, np.concatenate([each for each in alone if each is not None]), atol=1e-4)


@given(text=st.sampled_from([*HOME, *STRANGE]), least=st.floats(0, 1), more=st.floats(0, 1))
def test_the_farther_a_shop_the_more_the_untrained_part_counts(text: str, least: float, more: float) -> None:
    towers = TOWERS()
    plain = encoded(towers, text)
    parts = [np.linalg.norm(encoded(towers.leaning(s), text)[LEARNED:]) for s in sorted((least, more))]
    assert parts[0] <= parts[1] + 1e-5
    assert np.array_equal(plain, encoded(towers.leaning(0.0), text))


def encoded(towers: Towers, text: str) -> Vectors:
    assert towers.text
    row: Vectors = towers.text.encode([text])[0]
    return row


@given(st.floats(0, 1), st.floats(0, 1))
def test_what_a_shop_leans_by_rises_with_how_far_it_lies(first: float, second: float) -> None:
    near, far = sorted((first, second))
    assert 0 <= lean_of(near) <= lean_of(far) <= 1
