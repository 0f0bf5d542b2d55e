"""The gate over words and picture: it survives a part that is missing, and one that is wrong."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.errors import BadFile
from duomo.measure.labels import calibration_error
from duomo.understand.gate import SIGNS, Floats, Gate, Said, signs
from duomo.understand.gate_fitting import fit_gate
from duomo.understand.reading import softmax

CLASSES = 6


def drawn_gate(seed: int) -> Gate:
    rng = np.random.default_rng(seed)
    return Gate(
        inner=rng.normal(0, 2, (8, SIGNS)).astype(np.float32),
        inner_bias=rng.normal(0, 1, 8).astype(np.float32),
        outer=rng.normal(0, 2, (3, 8)).astype(np.float32),
        outer_bias=np.array([1, 1, 0], np.float32),
        prior=np.full(CLASSES, 1 / CLASSES, np.float32),
    )


def told(right: np.ndarray, accuracy: float, rng: np.random.Generator) -> Floats:
    """Probabilities of a part that is right so often, and surer where it is."""
    hit = rng.random(len(right)) < accuracy
    guess = np.where(hit, right, (right + rng.integers(1, CLASSES, len(right))) % CLASSES)
    scores = rng.normal(0, 0.5, (len(right), CLASSES))
    scores[np.arange(len(right)), guess] += np.where(hit, 4.0, 2.0) + rng.normal(0, 0.7, len(right))
    return softmax(scores)


def said_of(count: int, seed: int, words: float = 0.9, picture: float = 0.75) -> tuple[Said, np.ndarray]:
    rng = np.random.default_rng(seed)
    right = rng.integers(0, CLASSES, count)
    there = np.ones(count, bool)
    known = np.ones(count, np.float32)
    parts = told(right, words, rng), told(right, picture, rng)
    return Said(words=parts[0], picture=parts[1], has_words=there, has_picture=there, known=known), right


def accuracy(shares: Floats, right: np.ndarray) -> float:
    return float((shares.argmax(axis=1) == right).mean())


@given(st.integers(0, 2**32 - 1))
def test_a_missing_part_changes_nothing_of_what_the_other_thinks_likeliest(seed: int) -> None:
    said, _ = said_of(20, seed)
    gate, none = drawn_gate(seed), np.zeros(20, bool)
    words = Said(
        words=said.words, picture=said.picture, has_words=said.has_words, has_picture=none, known=said.known
    )
    weights = gate.weights(words)
    assert (weights[:, 1] == 0).all()
    assert (weights[:, 0] >= 0).all()
    # the prior is the same for all classes here, so the order is that of the words
    assert (gate.probabilities(words).argmax(axis=1) == said.words.argmax(axis=1)).all()
    other = Said(
        words=said.words,
        picture=said.picture[::-1],
        has_words=said.has_words,
        has_picture=none,
        known=said.known,
    )
    assert np.array_equal(gate.probabilities(words), gate.probabilities(other))


def test_without_any_part_the_shares_of_the_classes_are_the_answer() -> None:
    said, _ = said_of(5, 1)
    none = np.zeros(5, bool)
    bare = Said(words=said.words, picture=said.picture, has_words=none, has_picture=none, known=said.known)
    gate = drawn_gate(1)
    assert np.allclose(gate.probabilities(bare), gate.prior, atol=1e-6)


@pytest.mark.parametrize(("words", "picture"), [(0.9, 0.75), (0.6, 0.85), (0.97, 0.5)])
def test_both_together_are_better_than_each_and_hardly_worse_when_a_picture_is_wrong(
    words: float, picture: float
) -> None:
    learned, right = said_of(3000, 3, words, picture)
    prior = np.full(CLASSES, 1 / CLASSES, np.float32)
    gate = fit_gate(learned, right, prior)
    asked, answers = said_of(3000, 4, words, picture)
    both = accuracy(gate.probabilities(asked), answers)
    assert both >= max(accuracy(asked.words, answers), accuracy(asked.picture, answers)) - 0.005
    other = np.random.default_rng(5).permutation(len(answers))
    wrong = Said(
        words=asked.words,
        picture=asked.picture[other],
        has_words=asked.has_words,
        has_picture=asked.has_picture,
        known=asked.known,
    )
    if words > picture:
        plain = accuracy(wrong.words * wrong.picture, answers)  # the product, each part counting alike
        survived = accuracy(gate.probabilities(wrong), answers)
        assert survived >= accuracy(asked.words, answers) - 0.06
        assert survived > plain + 0.1


def test_words_that_know_nothing_take_nothing_from_the_picture() -> None:
    chance = 1 / CLASSES
    learned, right = said_of(3000, 3, words=chance, picture=0.6)
    gate = fit_gate(learned, right, np.full(CLASSES, chance, np.float32))
    asked, answers = said_of(3000, 4, words=chance, picture=0.6)
    together = gate.probabilities(asked)
    assert accuracy(together, answers) >= accuracy(asked.picture, answers) - 0.005
    assert calibration_error(together, answers) < 0.06


def test_the_signs_lie_between_0_and_1_and_a_missing_part_has_none() -> None:
    said, _ = said_of(50, 6)
    seen = signs(said)
    assert seen.shape == (50, SIGNS)
    assert seen.min() >= 0
    assert seen.max() <= 1 + 1e-5
    none = np.zeros(50, bool)
    bare = Said(words=said.words, picture=said.picture, has_words=none, has_picture=none, known=said.known)
    assert not signs(bare).any()


def test_a_gate_is_the_same_from_its_arrays_and_damaged_ones_are_refused() -> None:
    gate, (said, _) = drawn_gate(2), said_of(9, 2)
    arrays = gate.as_arrays("gate.")
    assert np.array_equal(Gate.of_arrays(arrays, "gate.").probabilities(said), gate.probabilities(said))
    with pytest.raises(BadFile, match="the gate lacks"):
        Gate.of_arrays({name: array for name, array in arrays.items() if "outer_bias" not in name}, "gate.")
    with pytest.raises(BadFile, match="'inner' has another shape"):
        Gate.of_arrays({**arrays, "gate.inner": np.zeros((8, 3), np.float32)}, "gate.")
