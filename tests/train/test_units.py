"""Units that are added to heads: silent at first, then awake for the shop's own goods alone."""

from pathlib import Path

import numpy as np
import pytest
import torch

from duomo.encode.heads import HeadWeights
from duomo.train.heads import Heads, HeadShape, heads_of
from duomo.train.units import AWAKE, Inputs, copy_of, with_units

SHAPE = HeadShape(pictures=40, words=24, hidden=16, learned=8, pieces=30, bag=4, dropout=0.0)
NEW = 12


@pytest.fixture
def weights(tmp_path: Path) -> HeadWeights:
    torch.manual_seed(0)
    state = Heads(SHAPE).state_dict()
    return HeadWeights({name: array.numpy() for name, array in state.items()})


def inputs(seed: int, *, aside: float) -> Inputs:
    """Two hundred of each kind, off the middle by so much in the first numbers."""
    rng = np.random.default_rng(seed)
    rows = [rng.normal(size=(200, size)).astype(np.float32) for size in (SHAPE.pictures, SHAPE.words)]
    for each in rows:
        each[:, :6] += aside
    return Inputs(*rows)


OWN, OTHERS, STRANGE = inputs(1, aside=3.0), inputs(2, aside=0.0), inputs(3, aside=0.0)


def vectors(heads: Heads, some: Inputs) -> torch.Tensor:
    ids = torch.arange(200).reshape(200, 1) % SHAPE.pieces
    with torch.no_grad():
        return torch.cat(heads(torch.from_numpy(some.pictures), torch.from_numpy(some.words), ids))


def test_new_units_change_no_vector_before_they_have_learned(weights: HeadWeights) -> None:
    heads = with_units(weights, OWN, OTHERS, count=NEW)
    assert heads.shape.hidden == SHAPE.hidden + NEW
    for some in (OWN, OTHERS):
        assert torch.allclose(vectors(heads, some), vectors(heads_of(weights), some), atol=1e-6)


def test_what_is_learned_of_the_own_goods_leaves_others_where_they_were(weights: HeadWeights) -> None:
    heads = with_units(weights, OWN, OTHERS, count=NEW)
    before = copy_of(heads)
    goal = torch.nn.functional.normalize(torch.randn(400, SHAPE.learned), dim=1)
    optimizer = torch.optim.AdamW(heads.parameters(), lr=1e-2, weight_decay=0.0)
    rows, words = torch.from_numpy(OWN.pictures), torch.from_numpy(OWN.words)
    for _ in range(60):
        made = torch.cat(heads(rows, words, torch.zeros(200, 1, dtype=torch.long)))
        optimizer.zero_grad()
        (1 - (made * goal).sum(dim=1)).mean().backward()  # type: ignore[no-untyped-call]  # torch gives it no types
        optimizer.step()
    heads.eval()
    moved = {
        name: 1 - (vectors(heads, some) * vectors(before, some)).sum(dim=1).mean().item()
        for name, some in (("own", OWN), ("strange", STRANGE))
    }
    assert moved["own"] > 0.1
    assert moved["strange"] < moved["own"] / 5
    old, state = SHAPE.hidden, heads.state_dict()
    for name, value in before.state_dict().items():
        if "pieces" in name or name == "log_scale":
            continue
        after = state[name]
        stood = (
            (after[:, :old], value[:, :old]) if name.endswith("outer.weight") else (after[:old], value[:old])
        )
        assert torch.equal(*stood), name


def test_a_unit_wakes_for_few_others(weights: HeadWeights) -> None:
    heads = with_units(weights, OWN, OTHERS, count=NEW)
    for side, own, others in (
        (heads.picture, OWN.pictures, OTHERS.pictures),
        (heads.text, OWN.words, OTHERS.words),
    ):
        awake = [
            (
                torch.from_numpy(rows) @ side.inner.weight[SHAPE.hidden :].T + side.inner.bias[SHAPE.hidden :]
                > 0
            )
            .float()
            .mean()
            .item()
            for rows in (own, others)
        ]
        assert awake[0] > 0.5
        assert awake[1] == pytest.approx(AWAKE, abs=0.01)


def test_there_are_no_more_units_than_goods(weights: HeadWeights) -> None:
    few = Inputs(OWN.pictures[:5], OWN.words[:9])
    assert with_units(weights, few, OTHERS, count=NEW).shape.hidden == SHAPE.hidden + 5
