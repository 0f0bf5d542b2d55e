"""What a mistyped question is read as."""

from functools import cache

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.measure.typos import one_typo
from duomo.search.repair import Speller
from duomo.search.vocabulary import Vocabulary
from duomo.shelf.exact import ExactShelf
from duomo.shelf.keywords import tokens
from duomo.shelf.layout import FIXED

TITLES = (
    *["Nike Men Blue T-Shirt", "Nike Women Red Skirt", "Adidas Sneakers", "Yellow Windbreaker"] * 3,
    *["Red Shirt", "Leather Backpack", "Collar shirt", "Running shoes with cushion"] * 2,
    "Samsung Galaxy Headphones",
    "红色连衣裙 女",
    "男士羽绒服",
    "运动鞋",
    "HP dv7-1211ea Notebook",
)


@cache
def speller() -> Speller:
    rows = [
        {"id": f"{n:03}", "product_id": f"{n:03}", "title": t, "tokens": " ".join(tokens(t))}
        for n, t in enumerate(TITLES)
    ]
    shelf = ExactShelf()
    shelf.upsert(pa.Table.from_pylist(rows, schema=pa.schema(FIXED)))
    return Speller(Vocabulary.of(shelf.snapshot()))


def read(text: str) -> str:
    return " ".join(group.best for group in speller().repair(text))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("yelow windbreaker", "yellow windbreaker"),
        ("addidas snekaers", "adidas sneakers"),
        ("red shrit", "red shirt"),
        ("lether bagpack", "leather backpack"),
        ("wind breaker", "windbreaker"),
        ("runningshoes", "running shoes"),
        ("back pack", "backpack"),
        ("nkie men", "nike men"),
        ("HEADFONES", "headphones"),  # two slips, in a word of nine letters
        ("红色连衣群", "红色 连衣裙"),
        ("紅色連衣裙", "红色 连衣裙"),
        ("lianyiqun", "连衣裙"),
        ("羽容服", "羽绒服"),
        ("nike 运动协", "nike 运动鞋"),
    ],
)
def test_a_slip_is_read_as_the_words_of_the_shop(typed: str, meant: str) -> None:
    assert read(typed) == meant


@pytest.mark.parametrize(
    "text",
    [
        "red skirt",
        "t-shirt",
        "shirts",  # plurals are the same word
        "xl",
        "dv7-1211eb",  # codes have a key of their own
        "zeppelin",
        "rde",  # three letters
        "连衣裙",
        "红色 羽绒服",
        "iphone12",
    ],
)
def test_what_is_known_short_a_code_or_like_nothing_stays(text: str) -> None:
    assert all(group.best == group.said for group in speller().repair(text))


def test_t_shirt_in_any_spelling_is_the_shops() -> None:
    joined = speller().repair("t shirt")
    assert [a.text for a in joined[0].alternatives] == ["t-shirt", "t shirt"]
    assert len(speller().repair("tshirt")) == 1
    assert speller().vocabulary.knows("tshirt")


def test_a_known_word_beside_one_two_hundred_times_as_frequent_offers_it_second() -> None:
    rows = [{"id": str(n), "product_id": str(n), "title": "shoes"} for n in range(250)]
    rows += [
        {"id": "x", "product_id": "x", "title": "shoer"},
        {"id": "y", "product_id": "y", "title": "shoe"},
    ]
    shelf = ExactShelf()
    shelf.upsert(pa.Table.from_pylist(rows, schema=pa.schema(FIXED)))
    found = Speller(Vocabulary.of(shelf.snapshot())).alternatives("shoer")
    assert found[0].text == "shoer"
    assert {a.text for a in found[1:]} & {"shoes", "shoe"}
    assert all(a.weight < 0.5 for a in found[1:])


def test_neighbours_in_the_question_decide_between_words_that_are_as_near() -> None:
    titles = ["cotton towel"] * 5 + ["tool trowel"] * 5
    rows = [{"id": str(n), "product_id": str(n), "title": t} for n, t in enumerate(titles)]
    shelf = ExactShelf()
    shelf.upsert(pa.Table.from_pylist(rows, schema=pa.schema(FIXED)))
    own = Speller(Vocabulary.of(shelf.snapshot()))
    assert own.repair("cotton trwel")[1].best == "towel"
    assert own.repair("tool towwel")[1].best == "towel"  # a doubled letter is a smaller slip
    assert own.repair("tool troel")[1].best == "trowel"


@given(st.text(max_size=60) | st.text("红色连衣裙群t -shirnke123", max_size=30))
def test_any_text_is_read_and_what_was_asked_stays_among_the_alternatives(text: str) -> None:
    for group in speller().repair(text):
        assert group.said in [a.text for a in group.alternatives]
        assert all(0 < a.weight <= 1 for a in group.alternatives)
        assert len({a.text for a in group.alternatives}) == len(group.alternatives)


@given(st.sampled_from(sorted(speller().vocabulary.words)))
def test_a_known_word_is_its_own_first_alternative(word: str) -> None:
    assert speller().alternatives(word)[0].text == word
    assert speller().alternatives(word)[0].weight == 1


@given(st.integers(0, 10_000), st.sampled_from(["sneakers", "windbreaker", "backpack", "headphones"]))
def test_one_slip_in_a_long_word_is_always_repaired(seed: int, word: str) -> None:
    typed = one_typo(word, np.random.default_rng(seed))
    assert word in [a.text for a in speller().alternatives(typed)] or speller().vocabulary.knows(typed)


def test_a_question_of_ten_thousand_words_is_read_as_it_is_beyond_the_first() -> None:
    assert len(speller().repair("snekaers " * 10_000)) == 10_000
