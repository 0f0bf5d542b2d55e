import csv
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.encode.hashed_text import HashedText

TOWER = HashedText(256)


def similarity(one: str, other: str, tower: HashedText = TOWER) -> float:
    vectors = tower.encode([one, other])
    return float(vectors[0] @ vectors[1])


def test_a_typing_error_stays_near_and_another_thing_is_far() -> None:
    assert similarity("running shoes", "runing shoes") > 0.7
    assert similarity("running shoes", "wooden table") < 0.2


@pytest.mark.parametrize("dim", [256, 1024])
def test_chinese_words_in_another_order_stay_near(dim: int) -> None:
    tower = HashedText(dim)
    assert similarity("红色连衣裙", "连衣裙 红色", tower) > 0.85
    assert similarity("红色连衣裙", "黑色皮鞋", tower) < 0.3


def test_chinese_shares_words_with_the_latin_beside_it() -> None:
    assert similarity("nike运动鞋", "NIKE 运动鞋") == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Blue SHIRT", "blue shirt"),
        ("Ｎｉｋｅ　１２", "nike 12"),
        ("straße", "STRASSE"),
        ("ﬁne", "fine"),
        ("a-b", "a, b!"),
    ],
)
def test_case_width_and_punctuation_do_not_matter(one: str, other: str) -> None:
    np.testing.assert_array_equal(TOWER.encode([one]), TOWER.encode([other]))


@given(st.lists(st.text(max_size=12), max_size=6))
def test_the_order_of_latin_words_does_not_matter(words: list[str]) -> None:
    forwards, backwards = " ".join(words), " ".join(reversed(words))
    np.testing.assert_array_equal(TOWER.encode([forwards]), TOWER.encode([backwards]))


def test_a_word_said_four_times_weighs_twice() -> None:
    once, other, both = HashedText(4096).encode(["鞋", "裙", "鞋 鞋 鞋 鞋 裙"])
    assert both @ once == pytest.approx(2 * (both @ other), rel=1e-5)


def test_pieces_that_cancel_out_still_say_something() -> None:
    # In two buckets many a pair of words has the same bucket and opposite signs.
    tower = HashedText(2)
    texts = [f"{chr(0x4E00 + i)} {chr(0x4F00 + i)}" for i in range(200)]
    np.testing.assert_allclose(np.linalg.norm(tower.encode(texts), axis=1), 1, atol=1e-6)


def test_the_vectors_are_the_same_on_every_machine() -> None:
    # Written down once: whoever changes them must raise the card's version.
    row = HashedText(16).encode(["红裙 dress"])[0]
    plus, minus, none = 0.2093, -0.2093, 0.0
    expected = [plus, none, plus, -0.5053, minus, none, none, none, 0.6279]
    expected += [minus, none, minus, plus, none, minus, minus]
    np.testing.assert_allclose(row, expected, atol=1e-4)


def test_the_real_catalog_takes_a_few_seconds_at_most(fashion: Path) -> None:
    with (fashion / "products.csv").open(encoding="utf-8", newline="") as file:
        titles = [row["title"] for row in csv.DictReader(file)]
    started = time.process_time()
    vectors = TOWER.encode(titles)
    assert time.process_time() - started < 5  # 0.7 s where it was written
    assert vectors.shape == (37_774, 256)
    assert vectors.any(axis=1).all()
