"""Metrics of labels beside scikit-learn, and the calibration error beside its definition."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from duomo.measure.labels import accuracy, area_under_curve, calibration_error, log_loss, macro_f1


@given(st.integers(1, 200), st.integers(2, 6), st.integers(0, 99))
def test_metrics_are_those_of_scikit_learn(rows: int, classes: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    given = rng.dirichlet(np.ones(classes), rows)
    right = rng.integers(0, classes, rows)
    guessed = given.argmax(axis=1)
    assert accuracy(given, right) == pytest.approx(metrics.accuracy_score(right, guessed))
    assert macro_f1(guessed, right) == pytest.approx(
        metrics.f1_score(right, guessed, average="macro", zero_division=0)
    )
    assert log_loss(given, right) == pytest.approx(
        metrics.log_loss(right, given, labels=range(classes)), rel=1e-6
    )
    positive, scores = right == 0, given[:, 0].round(1)
    if 0 < positive.sum() < rows:
        assert area_under_curve(scores, positive) == pytest.approx(metrics.roc_auc_score(positive, scores))


def test_confidence_that_holds_has_no_error_and_boasting_has() -> None:
    rng = np.random.default_rng(0)
    sure = rng.uniform(0.5, 1, 50_000)
    hit = rng.uniform(size=sure.size) < sure
    both = np.stack([1 - sure, sure], axis=1)
    assert calibration_error(both, hit.astype(int)) < 0.01
    boast = np.stack([np.full(10, 0.01), np.full(10, 0.99)], axis=1)
    assert calibration_error(boast, np.array([0, 1] * 5)) == pytest.approx(0.49)


@pytest.mark.parametrize("measure", [accuracy, calibration_error, log_loss])
def test_nothing_cannot_be_measured(measure: object) -> None:
    with pytest.raises(ValueError, match="at least one"):
        measure(np.zeros((0, 2)), np.zeros(0, int))  # type: ignore[operator]  # one of three functions


def test_an_area_needs_both_kinds() -> None:
    with pytest.raises(ValueError, match="both kinds"):
        area_under_curve(np.array([0.1, 0.2]), np.array([True, True]))
