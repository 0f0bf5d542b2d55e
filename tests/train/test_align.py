from pathlib import Path

import numpy as np
import pytest
import torch
from tests.train.test_material import encode, pairs

from duomo.arrays import unit
from duomo.train.align import Exam, Recipe, between, centres_of, train_heads
from duomo.train.heads import CLASSES_SEEN, Conse, Gate, Heads, HeadShape, joined
from duomo.train.loop import Course
from duomo.train.material import Domain, domain_of

SHAPE = HeadShape(features=12, colors=4, hidden=32, words=16, learned=8, dropout=0.0)


def drawn(seed: int = 0) -> Domain:
    """Pairs whose features say type and color, in a mixture that has to be learned."""
    given = pairs(copies=4)
    rng = np.random.default_rng(3)
    types, colors = rng.normal(size=(3, 12)), rng.normal(size=(2, 12))
    shows = [types[n // 8] + colors[n // 4 % 2] for n in range(len(given))]
    noise = np.random.default_rng(seed).normal(size=(len(given), 12)) * 0.2
    features = (np.stack(shows) + noise).astype(np.float32)
    return domain_of(
        "d", given, share=1.0, features=[features], colors=[features[:, :4]], encode=encode, seed=seed
    )


def fresh(domain: Domain, seed: int = 0) -> Heads:
    torch.manual_seed(seed)
    heads = Heads(SHAPE)
    features, colors = (torch.from_numpy(x[0].astype(np.float32)) for x in (domain.features, domain.colors))
    heads.fit_inputs(features, colors, torch.from_numpy(domain.words))
    return heads


def test_heads_learn_to_find_pictures_by_words_and_back(tmp_path: Path) -> None:
    heads, exam = fresh(drawn()), Exam(drawn(seed=1))
    before = exam.score(heads)
    course = Course(steps=80, check_every=20, learning_rate=0.01)
    fitted = train_heads(heads, [drawn()], [exam], recipe=Recipe(batch=24), course=course, folder=tmp_path)
    assert fitted.best_score == pytest.approx(exam.score(heads))
    assert exam.score(heads) > max(0.8, before)
    assert {name: ranks.min() for name, ranks in exam.ranks(heads).items()} == {
        "titles": 1,
        "phrases": 1,
        "pictures": 1,
    }


def test_half_way_between_two_heads_are_the_means_of_their_weights() -> None:
    first, second = fresh(drawn()), fresh(drawn(), seed=1)
    for share, expected in ((0.0, first), (1.0, second)):
        mixed = between(first, second, share).state_dict()
        assert all(torch.equal(mixed[name], value) for name, value in expected.state_dict().items())
    name = "text.layers.0.weight"
    half, *ends = (heads.state_dict()[name] for heads in (between(first, second, 0.5), first, second))
    assert torch.allclose(half, (ends[0] + ends[1]) / 2)


def test_the_conse_part_is_the_mean_of_the_best_names_by_their_shares() -> None:
    names = torch.nn.functional.normalize(
        torch.randn(30, 6, generator=torch.Generator().manual_seed(0)), dim=1
    )
    scores = torch.randn(5, 30, generator=torch.Generator().manual_seed(1)) * 3
    for row, found in zip(scores.softmax(dim=1), Conse(names)(scores), strict=True):
        best = row.argsort(descending=True)[:CLASSES_SEEN]
        expected = torch.nn.functional.normalize((row[best, None] * names[best]).sum(dim=0), dim=0)
        assert torch.allclose(found, expected, atol=1e-6)


def test_the_gate_trusts_what_was_learned_at_home_and_the_class_names_abroad() -> None:
    rng = np.random.default_rng(0)
    home = unit(rng.normal(size=(200, 8)) * 0.1 + np.eye(8)[0])
    gate = Gate(torch.from_numpy(centres_of(home, 10)), near=0.9, far=0.5, at_home=(1, 0), abroad=(0.2, 0.7))
    abroad = unit(rng.normal(size=(20, 8)) * 0.1 - np.eye(8)[0])
    assert torch.allclose(gate(torch.from_numpy(home)), torch.tensor([1.0, 0.0]), atol=0.1)
    assert torch.allclose(gate(torch.from_numpy(abroad)), torch.tensor([0.2, 0.7]))
    with pytest.raises(ValueError, match="at least 5 centres"):
        Gate(torch.eye(3), near=1, far=0)


def test_joined_parts_count_by_their_weights() -> None:
    rng = np.random.default_rng(0)
    learned, conse = (torch.from_numpy(unit(rng.normal(size=(4, dim)))) for dim in (3, 5))
    whole = joined(learned, conse, torch.tensor([1.0, 0.5]))
    assert torch.allclose(whole.norm(dim=1), torch.ones(4))
    expected = (learned @ learned.T + 0.25 * conse @ conse.T) / 1.25
    assert torch.allclose(whole @ whole.T, expected, atol=1e-6)


def test_centres_are_where_the_rows_are() -> None:
    rng = np.random.default_rng(0)
    rows = unit(np.repeat(np.eye(4), 50, axis=0) + rng.normal(size=(200, 4)) * 0.05)
    centres = centres_of(rows, 8)
    assert np.allclose(np.linalg.norm(centres, axis=1), 1)
    assert ((rows @ centres.T).max(axis=1) > 0.95).all()
