"""Which things are asked about next: the laws of a choice, and that it beats a draw."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duomo.understand.labelling_choice import TYPICAL, Guess, choose, guess_of


def blobs(counts: list[int], seed: int = 0, spread: float = 0.25) -> tuple[np.ndarray, list[str]]:
    """Points around as many corners as there are counts, and the name of each corner."""
    rng = np.random.default_rng(seed)
    corner = np.repeat(np.arange(len(counts)), counts)
    points = np.eye(16)[corner] + rng.normal(0, spread, (len(corner), 16))
    order = rng.permutation(len(corner))
    unit = points / np.linalg.norm(points, axis=1, keepdims=True)
    return unit[order].astype(np.float32), [f"kind {place}" for place in corner[order]]


@given(known=st.integers(0, 40), free=st.integers(0, 60), count=st.integers(1, 25), seed=st.integers(0, 5))
@settings(max_examples=40, deadline=None)
def test_a_choice_is_of_free_things_each_once_and_the_same_again(
    known: int, free: int, count: int, seed: int
) -> None:
    vectors, labels = blobs([40, 30, 30], seed)
    told = {place: labels[place] for place in range(known)}
    places = np.arange(known, known + free)
    chosen = choose(vectors, told, places, count, seed=seed)
    assert len(chosen) == len(set(chosen)) == min(count, free)
    assert set(chosen) <= set(places.tolist())
    assert chosen == choose(vectors, told, places, count, seed=seed)


def test_the_first_questions_are_of_different_kinds() -> None:
    vectors, labels = blobs([100, 100, 100, 100])
    first = choose(vectors, {}, np.arange(400), 4)
    assert {labels[place] for place in first} == {f"kind {n}" for n in range(4)}


def test_equal_things_are_chosen_from_as_well() -> None:
    vectors = np.tile(np.eye(4, dtype=np.float32)[:1], (30, 1))
    assert len(choose(vectors, {}, np.arange(30), 10)) == 10


def test_later_questions_lie_where_the_model_does_not_know() -> None:
    rng = np.random.default_rng(1)
    angle = np.concatenate([rng.normal(0.2, 0.05, 300), rng.normal(1.4, 0.05, 300), [0.8] * 20])
    vectors = np.stack([np.cos(angle), np.sin(angle)], axis=1).astype(np.float32)
    known = dict.fromkeys(range(TYPICAL), "flat") | {300 + n: "steep" for n in range(TYPICAL)}
    free = np.array([n for n in range(620) if n not in known])
    assert set(choose(vectors, known, free, 3)) <= set(range(600, 620))


@pytest.mark.parametrize("seed", range(3))
def test_chosen_labels_teach_rare_kinds_that_a_draw_misses(seed: int) -> None:
    """Eight kinds, one of them four fifths of all: 40 answers, against as many drawn ones."""
    vectors, labels = blobs([1600, *[57] * 7], seed)
    asked, pool = np.arange(400), np.arange(400, len(labels))

    def right(known: dict[int, str]) -> float:
        guess = guess_of(vectors, known)
        if guess is None:
            return 0.0
        best = guess.best(vectors[asked])
        kinds = sorted(set(labels))
        hits = [
            np.mean([said == kind for said, place in zip(best, asked, strict=True) if labels[place] == kind])
            for kind in kinds
        ]
        return float(np.mean(hits))  # each kind counts as one

    known: dict[int, str] = {}
    while len(known) < 40:
        free = np.array([place for place in pool if place not in known])
        known |= {place: labels[place] for place in choose(vectors, known, free, 10, seed=seed)}
    drawn = np.random.default_rng(seed).choice(pool, 40, replace=False)
    assert right(known) > right({int(place): labels[place] for place in drawn})


def test_a_guess_of_two_labels_and_of_many_names_the_nearest() -> None:
    vectors, labels = blobs([50, 50, 50], spread=0.05)
    for kinds in (2, 3):
        some = [place for place, label in enumerate(labels) if int(label[-1]) < kinds]
        guess = Guess(vectors[some], [labels[place] for place in some])
        assert guess.scores(vectors[some]).shape == (len(some), kinds)
        assert guess.best(vectors[some]) == [labels[place] for place in some]
    assert guess_of(vectors, {0: "one"}) is None
