from pathlib import Path

import numpy as np
import pytest
import torch
from tests.encode.test_heads import made_up_parts
from tests.train.test_material import encode, pairs

from duomo.arrays import unit
from duomo.encode.heads import HeadWeights
from duomo.train.align import Exam, Meanings, Recipe, between, centres_of, train_heads
from duomo.train.heads import Heads, HeadShape
from duomo.train.loop import Course
from duomo.train.material import Domain, domain_of

SHAPE = HeadShape(pictures=12, hidden=32, words=16, learned=8, dropout=0.0, pieces=100, bag=6)


def drawn(seed: int = 0) -> Domain:
    """Pairs whose features say type and color, in a mixture that has to be learned."""
    given = pairs(copies=4)
    rng = np.random.default_rng(3)
    types, colors = rng.normal(size=(3, 12)), rng.normal(size=(2, 12))
    shows = [types[n // 8] + colors[n // 4 % 2] for n in range(len(given))]
    noise = np.random.default_rng(seed).normal(size=(len(given), 12)) * 0.2
    features = (np.stack(shows) + noise).astype(np.float32)
    return domain_of("d", given, share=1.0, pictures=[features], encode=encode, seed=seed)


def fresh(domain: Domain, seed: int = 0) -> Heads:
    torch.manual_seed(seed)
    heads = Heads(SHAPE)
    heads.picture.measure(torch.from_numpy(domain.pictures[0].astype(np.float32)))
    heads.text.measure(torch.from_numpy(domain.said.hidden))
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


def test_wordings_of_one_meaning_come_to_lie_together(tmp_path: Path) -> None:
    groups = [("sofa", "couch", "沙发"), ("lamp", "灯"), ("rug", "carpet", "地毯", "mat"), ("cup", "杯子")]
    meanings = Meanings.of(groups, encode)
    course = Course(steps=60, check_every=60, learning_rate=0.01)
    apart = {}
    for weight in (0.0, 1.0):
        heads = fresh(drawn())
        recipe = Recipe(batch=24, meanings=weight)
        train_heads(
            heads,
            [drawn()],
            [Exam(drawn(seed=1))],
            recipe=recipe,
            course=course,
            folder=tmp_path / f"{weight}",
            meanings=meanings,
        )
        torch.manual_seed(0)
        with torch.no_grad():
            apart[weight] = float(meanings.apart(heads, len(groups)))
    assert apart[1.0] < 0.1 < apart[0.0]


def test_two_different_wordings_of_a_meaning_are_drawn() -> None:
    meanings = Meanings.of([("a", "b"), ("c", "d", "e")], encode)
    seen: list[torch.Tensor] = []

    class Listening(Heads):
        def __init__(self) -> None:
            super().__init__(SHAPE)
            self.text.register_forward_pre_hook(lambda _, given: seen.append(given[0]))

    heads = Listening().eval()
    for _ in range(20):
        meanings.apart(heads, 2)
    assert not any(torch.equal(one, other) for one, other in zip(seen[::2], seen[1::2], strict=True))


def test_half_way_between_two_heads_are_the_means_of_their_weights() -> None:
    first, second = fresh(drawn()), fresh(drawn(), seed=1)
    for share, expected in ((0.0, first), (1.0, second)):
        mixed = between(first, second, share).state_dict()
        assert all(torch.equal(mixed[name], value) for name, value in expected.state_dict().items())
    name = "text.inner.weight"
    half, *ends = (heads.state_dict()[name] for heads in (between(first, second, 0.5), first, second))
    assert torch.allclose(half, (ends[0] + ends[1]) / 2)


def test_what_numpy_serves_is_what_pytorch_learned() -> None:
    heads = fresh(drawn()).eval()
    weights = HeadWeights(
        {**made_up_parts(words=16, features=8), **{n: v.numpy() for n, v in heads.state_dict().items()}}
    )
    rng = np.random.default_rng(0)
    pictures, hidden = (
        rng.normal(size=(9, 12)).astype(np.float32),
        rng.normal(size=(9, 16)).astype(np.float32),
    )
    ids = rng.integers(0, 100, (9, 5))
    with torch.no_grad():
        heads.text.pieces.weight.normal_()[0] = 0
        expected = heads(*map(torch.from_numpy, (pictures, hidden, ids)))
    shown = weights.pictures(pictures[:, :8], pictures[:, 8:])
    said = weights.words(hidden, ids)
    for vectors, learned in zip((shown, said), expected, strict=True):
        assert vectors.shape == (9, weights.dim)
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
        assert np.allclose(unit(vectors[:, :8]), learned.numpy(), atol=1e-5)


def test_centres_are_where_the_rows_are() -> None:
    rng = np.random.default_rng(0)
    rows = unit(np.repeat(np.eye(4), 50, axis=0) + rng.normal(size=(200, 4)) * 0.05)
    centres = centres_of(rows, 8)
    assert np.allclose(np.linalg.norm(centres, axis=1), 1)
    assert ((rows @ centres.T).max(axis=1) > 0.95).all()
