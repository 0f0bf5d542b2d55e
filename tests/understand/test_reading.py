"""What every reader answers."""

import numpy as np
import pytest

from duomo.encode.regions import Box
from duomo.understand.reading import Evidence, Reading, chosen, softmax


def test_a_reading_has_a_label_or_says_why_not() -> None:
    with pytest.raises(ValueError, match="says why"):
        Reading(label=None, probability=0.2)
    with pytest.raises(ValueError, match="says why"):
        Reading(label="shoe", probability=0.2, doubt="unsure")


def test_the_likeliest_label_is_chosen_and_the_others_follow() -> None:
    found = chosen(np.array([0.1, 0.6, 0.3]), ["a", "b", "c"], others=1)
    assert found.as_dict() == {
        "label": "b",
        "probability": 0.6,
        "alternatives": [{"label": "c", "probability": 0.3}],
    }


def test_below_what_an_answer_needs_the_best_is_an_alternative() -> None:
    found = chosen(np.array([0.4, 0.6]), ["a", "b"], least=0.7)
    assert found.as_dict() == {
        "label": None,
        "probability": 0.6,
        "alternatives": [{"label": "b", "probability": 0.6}, {"label": "a", "probability": 0.4}],
        "doubt": "unsure",
    }


def test_evidence_tells_where_it_stands() -> None:
    words = Evidence(part="words", weight=1.25, text="红", start=2, end=3)
    place = Evidence(part="picture", weight=0.5, box=Box(x=0.1, y=0.2, w=0.3, h=0.4))
    assert words.as_dict() == {"part": "words", "weight": 1.25, "text": "红", "start": 2, "end": 3}
    assert place.as_dict() == {"part": "picture", "weight": 0.5, "box": [0.1, 0.2, 0.3, 0.4]}


def test_shares_sum_to_one_however_large_the_scores() -> None:
    shares = softmax(np.array([[1e4, 0.0], [-1e4, -1e4]]))
    assert shares.sum(axis=1).tolist() == [1, 1]
