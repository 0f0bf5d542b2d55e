"""A tower that remembers says what the tower says, whoever asks, and does not grow without end."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from duomo.arrays import Vectors
from duomo.encode.base import EncoderCard
from duomo.encode.hashed_text import HashedText
from duomo.encode.models import load_encoder
from duomo.encode.remembered import Remembered, remembering

PLAIN = HashedText(256)


class Counting:
    """A tower that notes what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    @property
    def card(self) -> EncoderCard:
        return PLAIN.card

    def encode(self, inputs: Sequence[str]) -> Vectors:
        self.asked += inputs
        return PLAIN.encode(inputs)


@given(
    asked=st.lists(
        st.lists(st.sampled_from(("red", "red mug", "", "红色", "a", "b")), max_size=4), max_size=12
    ),
    most=st.integers(1, 3),
)
def test_what_is_remembered_is_what_the_tower_says(asked: list[list[str]], most: int) -> None:
    tower = Remembered(PLAIN, most)
    for inputs in asked:
        vectors = tower.encode(inputs)
        assert np.array_equal(vectors, PLAIN.encode(inputs))
        vectors[:] = 7  # whoever is given vectors may change them


def test_a_text_is_encoded_once_until_others_have_taken_its_place() -> None:
    plain = Counting()
    tower = Remembered(plain, 2)
    for text in ("a", "b", "a", "c", "a", "b"):  # b goes for c, as a was asked for since
        tower.encode([text])
    assert plain.asked == ["a", "b", "c", "b"]
    tower.encode(["d", "d", "b"])
    assert plain.asked == ["a", "b", "c", "b", "d"]


def test_many_threads_are_told_what_one_is() -> None:
    tower = Remembered(PLAIN, 5)
    texts = [f"shirt {number % 11}" for number in range(400)]
    with ThreadPoolExecutor(8) as threads:
        told = list(threads.map(lambda text: tower.encode([text])[0], texts))
    assert np.array_equal(np.stack(told), PLAIN.encode(texts))


def test_towers_that_ask_with_words_remember_them_and_others_stay_as_they_are() -> None:
    hashed = load_encoder("hashed")
    towers = remembering(hashed)
    assert isinstance(towers.text, Remembered)
    assert (towers.asks_goods, towers.picture, towers.cards) == (None, hashed.picture, hashed.cards)
    assert remembering(load_encoder("pocket")).asks_goods is not None
