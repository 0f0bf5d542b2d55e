"""Agreement beside scikit-learn, beside published figures, and its laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from duomo.measure.agreement import cohens_kappa, krippendorffs_alpha

# Krippendorff, "Computing Krippendorff's alpha-reliability" (2011), section C: four observers, twelve units.
OBSERVED = (
    ("1", "2", "3", "3", "2", "1", "4", "1", "2", "", "", ""),
    ("1", "2", "3", "3", "2", "2", "4", "1", "2", "5", "", "3"),
    ("", "3", "3", "3", "2", "3", "4", "2", "2", "5", "1", ""),
    ("1", "2", "3", "3", "2", "4", "4", "1", "2", "5", "1", ""),
)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1, max_size=60))
def test_kappa_is_that_of_scikit_learn(pairs: list[tuple[str, str]]) -> None:
    one, other = zip(*pairs, strict=True)
    if len(set(one) | set(other)) > 1:
        assert cohens_kappa(one, other) == pytest.approx(cohen_kappa_score(one, other))
    else:
        assert cohens_kappa(one, other) == 1


def test_alpha_is_the_published_one() -> None:
    things = [
        {str(number): labels[unit] for number, labels in enumerate(OBSERVED) if labels[unit]}
        for unit in range(12)
    ]
    assert krippendorffs_alpha(things) == pytest.approx(0.743, abs=5e-4)


def test_labels_by_chance_have_an_alpha_of_about_nothing() -> None:
    rng = np.random.default_rng(0)
    things = [{name: str(rng.integers(3)) for name in "abc"} for _ in range(3000)]
    assert krippendorffs_alpha(things) == pytest.approx(0, abs=0.02)


def test_where_nothing_was_labelled_twice_there_is_no_agreement() -> None:
    assert krippendorffs_alpha([{"a": "x"}, {}, {"b": "y"}]) is None
    with pytest.raises(ValueError, match="at least one"):
        cohens_kappa([], [])
