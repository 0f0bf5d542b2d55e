from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from duomo.arrays import unit
from duomo.encode.heads import CLASSES_SEEN, HeadWeights, conse
from duomo.errors import BadFile

PLACES = 6  # numbers of the ConSE part
IDS = np.random.default_rng(9).integers(0, 20, (20, 4))


def made_up_parts(words: int, features: int = 5, seed: int = 0) -> dict[str, NDArray[np.float32]]:
    """Everything of heads but the layers, drawn by chance."""
    rng = np.random.default_rng(seed)
    arrays = {
        **{f"{name}.weight": rng.normal(size=(10, words)) for name in ("e5", "minilm")},
        **{f"{name}.bias": rng.normal(size=10) for name in ("e5", "minilm")},
        "conse.middle": rng.normal(size=20) * 0.1,
        "conse.turn": rng.normal(size=(20, PLACES)),
        "classify.weight": rng.normal(size=(30, features)),
        "classify.bias": rng.normal(size=30),
        "conse.names": unit(rng.normal(size=(30, PLACES))),
        "gate.centres": unit(rng.normal(size=(12, PLACES))),
        "gate.near": np.array(0.9),
        "gate.far": np.array(0.5),
        "parts.picture": np.array([1.0, 0.5]),
        "parts.home": np.array([1.0, 0.0]),
        "parts.abroad": np.array([0.2, 0.7]),
    }
    return {name: np.asarray(array, np.float32) for name, array in arrays.items()}


def made_up(
    words: int = 5, pictures: int = 7, learned: int = 4, features: int = 5, pieces: int = 20
) -> Mapping[str, NDArray[np.float32]]:
    """Whole heads, drawn by chance."""
    rng, arrays = np.random.default_rng(1), made_up_parts(words, features)
    arrays["text.pieces.weight"] = rng.normal(size=(pieces, 3)).astype(np.float32)
    arrays["text.pieces.weight"][0] = 0
    arrays["text.bag.weight"] = rng.normal(size=(9, 3)).astype(np.float32)
    for side, size in (("picture", pictures), ("text", words)):
        shapes = {"mean": (size,), "spread": (size,), "inner.weight": (9, size), "inner.bias": (9,)}
        for name, shape in {**shapes, "outer.weight": (learned, 9), "outer.bias": (learned,)}.items():
            arrays[f"{side}.{name}"] = np.abs(rng.normal(size=shape)).astype(np.float32)
    return arrays


@given(st.integers(0, 99), st.integers(1, 30))
def test_the_conse_part_is_the_mean_of_the_best_names_by_their_shares(seed: int, classes: int) -> None:
    rng = np.random.default_rng(seed)
    scores, names = rng.normal(size=(3, classes)).astype(np.float32) * 3, unit(rng.normal(size=(classes, 6)))
    for row, found in zip(scores.astype(np.float64), conse(scores, names), strict=True):
        best = sorted(range(classes), key=lambda c: -row[c])[:CLASSES_SEEN]
        expected = sum(np.exp(row[c]) * names[c] for c in best)
        assert np.allclose(found, expected / np.linalg.norm(expected), atol=1e-4)


def test_the_farther_words_lie_from_those_trained_on_the_more_the_conse_part_counts() -> None:
    weights = HeadWeights(made_up())
    hidden = np.random.default_rng(2).normal(size=(200, 5)).astype(np.float32)
    near = weights.closeness(weights.places(hidden))
    share = np.linalg.norm(weights.words(hidden, IDS[:1].repeat(200, axis=0))[:, 4:], axis=1)
    assert np.allclose(share[near >= 0.9], 0)
    assert np.allclose(share[near <= 0.5], 0.7 / np.hypot(0.2, 0.7), atol=1e-5)
    assert (np.diff(share[np.argsort(-near)]) >= -1e-6).all()


def test_a_vector_of_a_picture_has_its_parts_by_their_weights() -> None:
    weights = HeadWeights(made_up())
    rng = np.random.default_rng(3)
    vectors = weights.pictures(*(rng.normal(size=(4, size)).astype(np.float32) for size in (5, 2)))
    assert vectors.shape == (4, weights.dim) == (4, 4 + PLACES)
    assert np.allclose(np.linalg.norm(vectors[:, 4:], axis=1) / np.linalg.norm(vectors[:, :4], axis=1), 0.5)


def test_ids_that_fill_up_change_nothing() -> None:
    weights, hidden = HeadWeights(made_up()), np.random.default_rng(5).normal(size=(20, 5)).astype(np.float32)
    filled = np.concatenate([IDS, np.zeros((20, 3), IDS.dtype)], axis=1)
    assert np.allclose(weights.words(hidden, IDS), weights.words(hidden, filled), atol=1e-6)


def test_heads_are_kept_in_16_bits_and_their_tables_in_8_and_read_back(tmp_path: Path) -> None:
    heads = HeadWeights(made_up())
    heads.save(tmp_path / "heads.safetensors")
    found = HeadWeights.load(tmp_path / "heads.safetensors").arrays
    assert found.keys() == heads.arrays.keys()
    for name, array in heads.arrays.items():
        assert found[name].shape == array.shape
        table = name in ("text.pieces.weight", "classify.weight") or ("inner.w" in name or "outer.w" in name)
        largest = np.abs(array).max(axis=1, keepdims=True) if table else 0
        assert np.all(np.abs(found[name] - array) <= largest / 250 + np.abs(array) * 1e-3 + 1e-6), name
    assert not found["text.pieces.weight"][0].any()


@pytest.mark.parametrize("damage", ["cut", "gone", "lacking"])
def test_damaged_heads_are_told(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "heads.safetensors"
    arrays = dict(made_up())
    if damage == "lacking":
        del arrays["gate.near"]
    HeadWeights(arrays).save(path)
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:-50])
    elif damage == "gone":
        path.unlink()
    with pytest.raises(
        BadFile, match=r"heads\.safetensors (holds no heads|lacks 'gate).*Install Duomo again"
    ):
        HeadWeights.load(path)
