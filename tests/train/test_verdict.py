"""When an adapted model is refused, and what the judgement counts."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from duomo.encode.heads import HeadWeights
from duomo.errors import WorseModel
from duomo.measure.compare import Interval
from duomo.train.align import Exam
from duomo.train.heads import Heads, HeadShape
from duomo.train.material import Domain, Said, domain_of
from duomo.train.pairs import Pair
from duomo.train.space import head_weights
from duomo.train.verdict import Compared, by_title, compare, refuse_worse, served_score

FEATURES, COLORS, WORDS = 12, 216, 16


def said(texts: Sequence[str]) -> Said:
    """What a tower would say that knows nothing but which text it is."""
    rows = np.stack([np.random.default_rng(sum(text.encode())).normal(size=WORDS) for text in texts])
    return Said(rows.astype(np.float32), np.array([[1 + len(text) % 5] for text in texts], np.int32))


@pytest.fixture(scope="module")
def weights() -> HeadWeights:
    """Heads that nobody trained."""
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    projections = {
        "e5.weight": rng.normal(size=(6, WORDS)),
        "e5.bias": np.zeros(6),
        "minilm.weight": rng.normal(size=(5, WORDS)),
        "minilm.bias": np.zeros(5),
        "classify.weight": rng.normal(size=(1000, FEATURES)),
        "classify.bias": np.zeros(1000),
    }
    shape = HeadShape(pictures=FEATURES + COLORS, words=WORDS, hidden=24, learned=8, pieces=9, bag=4)
    return head_weights(
        Heads(shape).eval(),
        {name: array.astype(np.float32) for name, array in projections.items()},
        said,
        learned_from=[f"text {number}" for number in range(600)],
        held_out=["dress", "shirt"],
        places=6,
    )


@pytest.fixture(scope="module")
def held_out() -> Domain:
    """Thirty products, every third under one title."""
    pairs = [
        Pair(
            id=f"{number}",
            picture=Path(f"{number}.jpg"),
            title="red dress" if number % 3 == 0 else f"shirt {number}",
            attributes={"type": "dress" if number % 3 == 0 else "shirt"},
            domain="shop",
        )
        for number in range(30)
    ]
    pictures = np.random.default_rng(1).random((30, FEATURES + COLORS)).astype(np.float32)
    return domain_of("shop", pairs, share=1, pictures=[pictures], encode=said, phrases=2)


def compared(exam: str, mean: float, low: float) -> Compared:
    figures = {"r1": 0.1, "r5": 0.2, "r10": 0.3, "mrr": 0.2}
    gain = Interval(mean, low, mean + (mean - low))
    return Compared(exam=exam, products=80, before=figures, after={**figures, "mrr": 0.25}, gain=gain)


def test_a_gain_that_is_sure_at_a_price_that_is_allowed_is_taken() -> None:
    refuse_worse(compared("shop", 0.05, 0.01), compared("guard", -0.01, -0.03), 0.02)


def test_a_gain_that_may_be_chance_is_refused_with_its_figures() -> None:
    words = (
        "the aligned model is refused: on 80 held-out products of this shop its MRR changed by "
        "0.050 [-0.010, 0.110], which may be chance (titles alone: 0.200 before, 0.250 after). "
        "Nothing was changed. More products with titles and pictures help."
    )
    with pytest.raises(WorseModel) as caught:
        refuse_worse(compared("shop", 0.05, -0.01), compared("guard", 0.0, -0.01), 0.02)
    assert str(caught.value) == words


def test_a_gain_that_is_sure_and_not_worth_new_vectors_is_refused() -> None:
    with pytest.raises(WorseModel, match=r"rose by 0\.001 .* less than the 0\.005"):
        refuse_worse(compared("shop", 0.001, 0.0005), compared("guard", 0.0, -0.01), 0.02)


def test_a_model_that_forgets_too_much_is_refused_with_what_it_gained() -> None:
    words = (
        "the aligned model is refused: on the guard set its MRR fell by 0.030, more than the 0.02 allowed; "
        "on 80 held-out products of this shop it changed by 0.050 [0.010, 0.090]. "
        "Nothing was changed. Take fewer --steps, or allow more with --forget."
    )
    with pytest.raises(WorseModel) as caught:
        refuse_worse(compared("shop", 0.05, 0.01), compared("guard", -0.03, -0.04), 0.02)
    assert str(caught.value) == words


def test_products_of_one_title_are_judged_as_one(weights: HeadWeights, held_out: Domain) -> None:
    exam = Exam(held_out)
    found = by_title(exam, weights)
    assert len(found) == 21  # twenty shirts and one red dress
    ranks, families = exam.ranks_served(weights), exam.families()
    assert {kind: len(about) for kind, about in families.items()} == {k: len(r) for k, r in ranks.items()}
    dress = [np.mean([1 / rank for rank in ranks[kind][families[kind] == 0]]) for kind in ranks]
    assert found[0] == pytest.approx(np.mean(dress))
    assert served_score(exam, weights) == pytest.approx(found.mean())


def test_an_encoder_gains_nothing_over_itself(weights: HeadWeights, held_out: Domain) -> None:
    judged = compare("shop", held_out, weights, weights)
    assert judged.gain == Interval(0.0, 0.0, 0.0)
    assert judged.before == judged.after
    assert judged.as_dict()["products"] == 30
