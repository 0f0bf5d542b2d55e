"""What every encoder promises, checked for every encoder there is."""

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from duomo.encode.base import Encoder
from duomo.encode.models import load_encoder

TEXTS = ["红色连衣裙", "navy blue shirt", "Café 50ml", "", "a", "鞋", "🙂", "x" * 500, "blue shirt " * 50]
# Rows run in another batch may differ in their last bit: a matrix product adds in another order.
ROUNDING = 1e-5


def pictures(count: int = 9) -> list[Any]:
    chance = np.random.default_rng(0)
    sizes = chance.integers(1, 70, size=(count, 2))
    return [chance.integers(0, 256, size=(*size, 3), dtype=np.uint8) for size in sizes]


def examples(tower: Encoder[Any]) -> list[Any]:
    return TEXTS if tower.card.modality == "text" else pictures()


def any_inputs(tower: Encoder[Any]) -> st.SearchStrategy[list[Any]]:
    if tower.card.modality == "text":
        letters = st.characters(exclude_categories=())  # halves of pairs too
        return st.lists(st.text(letters, max_size=30) | st.sampled_from(TEXTS), max_size=6)
    sides = array_shapes(min_dims=2, max_dims=2, max_side=40).map(lambda size: (*size, 3))
    return st.lists(arrays(np.uint8, sides), max_size=6)


def test_no_inputs_give_no_rows_of_the_right_length(tower: Encoder[Any]) -> None:
    vectors = tower.encode([])
    assert vectors.shape == (0, tower.card.dim)
    assert vectors.dtype == np.float32


@settings(max_examples=60, deadline=None)
@given(given_data=st.data())
def test_rows_have_length_one_and_depend_on_their_input_alone(
    tower: Encoder[Any], given_data: st.DataObject
) -> None:
    inputs = given_data.draw(any_inputs(tower))
    order = given_data.draw(st.permutations(range(len(inputs))))
    vectors = tower.encode(inputs)
    assert vectors.shape == (len(inputs), tower.card.dim)
    assert vectors.dtype == np.float32
    lengths = np.linalg.norm(vectors, axis=1)
    assert np.all((np.abs(lengths - 1) < ROUNDING) | (lengths == 0))
    shuffled = tower.encode([inputs[number] for number in order])
    np.testing.assert_allclose(shuffled, vectors[list(order)], atol=ROUNDING)
    for one, row in zip(inputs, vectors, strict=True):
        np.testing.assert_allclose(tower.encode([one]), row[None], atol=ROUNDING)


def test_only_what_says_nothing_has_no_length(tower: Encoder[Any]) -> None:
    inputs = examples(tower)
    said = np.array([not isinstance(one, str) or any(letter.isalnum() for letter in one) for one in inputs])
    lengths = np.linalg.norm(tower.encode(inputs), axis=1)
    np.testing.assert_allclose(lengths[said], 1, atol=ROUNDING)
    if tower.card.modality == "text":
        assert not tower.encode(["", "  \n\t"]).any()


def test_more_inputs_than_a_batch_come_out_in_their_order(tower: Encoder[Any]) -> None:
    inputs = examples(tower) * 150
    vectors = tower.encode(inputs)
    once = tower.encode(examples(tower))
    np.testing.assert_allclose(vectors, np.tile(once, (150, 1)), atol=ROUNDING)


def test_inputs_are_left_as_they_were(tower: Encoder[Any]) -> None:
    inputs = examples(tower)
    before = pickle.dumps(inputs)
    tower.encode(inputs)
    assert pickle.dumps(inputs) == before


def test_a_pickled_encoder_is_the_same_encoder(tower: Encoder[Any]) -> None:
    again = pickle.loads(pickle.dumps(tower))  # noqa: S301 - pickled in the line itself
    assert again.card == tower.card
    np.testing.assert_array_equal(again.encode(examples(tower)), tower.encode(examples(tower)))


def test_a_card_says_where_the_encoder_comes_from(tower: Encoder[Any]) -> None:
    card = tower.card
    assert card.name
    assert card.space
    assert card.licence
    assert card.source
    assert json.loads(card.as_json())["hash"] == card.hash


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_another_process_gives_the_same_vectors(encoder_folder: Path, hash_seed: str) -> None:
    names = ["hashed", "hashed-1024", str(encoder_folder)]
    code = (
        "import sys; from duomo.encode.models import load_encoder\n"
        "for name in sys.argv[1:]:\n"
        "    towers = load_encoder(name)\n"
        "    print(*(card.hash for card in towers.cards))\n"
        "    print(towers.text.encode(['红色 dress shirt']).tobytes().hex())"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, *names],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONIOENCODING": "utf-8"},
    )
    lines = iter(run.stdout.splitlines())
    for name in names:
        towers = load_encoder(name)
        assert towers.text is not None
        assert next(lines).split() == [card.hash for card in towers.cards]
        assert next(lines) == towers.text.encode(["红色 dress shirt"]).tobytes().hex()
