from collections.abc import Sequence

import numpy as np
import pytest

from duomo.arrays import Vectors
from duomo.train.examine import examine, grade
from duomo.train.lexicon import exam


def places(texts: Sequence[str], *, apart: float = 0.0) -> Vectors:
    """Partners stand at one place, those of the second side moved by `apart` along an axis of its own."""
    pairs = exam("translation")
    rows = {pair.a: number for number, pair in enumerate(pairs)}
    partners = {pair.b: number for number, pair in enumerate(pairs)}
    table = np.zeros((len(texts), len(pairs) + 1), dtype=np.float32)
    for row, text in enumerate(texts):
        table[row, rows.get(text, partners.get(text, 0))] = 1
        table[row, -1] = apart if text in partners else 0
    return table


def test_an_encoder_that_knows_every_partner_is_right_each_time() -> None:
    found = examine("translation", places)
    assert found.share == 1
    assert found.asked == 2 * len(exam("translation"))


def test_centring_forgives_that_languages_lie_apart() -> None:
    chance = np.random.default_rng(0).normal(size=(61, 61)).astype(np.float32) * 0.15

    def far(texts: Sequence[str]) -> Vectors:
        moved = places(texts, apart=30)
        return np.asarray(moved @ (np.eye(61, dtype=np.float32) + chance), dtype=np.float32)

    assert examine("translation", far).share < examine("translation", far, centre=True).share == 1


@pytest.mark.parametrize("count", [2, 7])
def test_the_grade_does_not_depend_on_the_length_of_vectors(count: int) -> None:
    rows = np.random.default_rng(count).normal(size=(2, count, 4)).astype(np.float32)
    assert grade(*rows) == grade(7 * rows[0], 0.1 * rows[1])
