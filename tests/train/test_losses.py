import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from duomo.train.losses import info_nce, nt_xent, relevance_of


def rows(count: int, seed: int, dim: int = 5) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.nn.functional.normalize(torch.randn(count, dim, generator=generator), dim=1)


def by_hand(similarity: Tensor, relevance: Tensor, scale: float) -> float:
    """Cross-entropy a row at a time, in plain arithmetic."""
    losses = []
    for near, wanted in zip((similarity * scale).tolist(), relevance.tolist(), strict=True):
        if sum(wanted) > 0:
            total = math.log(sum(map(math.exp, near)))
            losses.append(sum(w / sum(wanted) * (total - s) for w, s in zip(wanted, near, strict=True)))
    return sum(losses) / len(losses) if losses else 0.0


@given(st.integers(1, 6), st.integers(1, 7), st.floats(0.5, 20), st.integers(0, 999))
def test_info_nce_is_the_cross_entropy_of_both_directions(n: int, m: int, scale: float, seed: int) -> None:
    pictures, texts = rows(n, seed), rows(m, seed + 1)
    relevance = torch.tensor(np.random.default_rng(seed).integers(0, 3, (n, m)), dtype=torch.float32)
    expected = (
        by_hand(pictures @ texts.T, relevance, scale) + by_hand(texts @ pictures.T, relevance.T, scale)
    ) / 2
    assert info_nce(pictures, texts, relevance, scale).item() == pytest.approx(expected, abs=1e-4)


def test_pairs_alone_give_what_cross_entropy_against_the_diagonal_gives() -> None:
    pictures, texts = rows(8, 1), rows(8, 2)
    logits, places = pictures @ texts.T * 10, torch.arange(8)
    both = [torch.nn.functional.cross_entropy(each, places).item() for each in (logits, logits.T)]
    assert info_nce(pictures, texts, torch.eye(8), 10.0).item() == pytest.approx(sum(both) / 2)


def test_equal_texts_are_not_held_against_each_other() -> None:
    pictures, text = rows(2, 3), rows(1, 4)
    texts = text.repeat(2, 1)
    as_pairs = info_nce(pictures, texts, torch.eye(2), 10.0)
    as_equals = info_nce(pictures, texts, torch.ones(2, 2), 10.0)
    assert as_equals < as_pairs or torch.isclose(as_equals, as_pairs)
    assert relevance_of(torch.tensor([7, 7]), torch.tensor([7, 7])).tolist() == [[1, 1], [1, 1]]


def test_hardness_makes_near_negatives_count_more_and_none_when_all_are_alike() -> None:
    pictures = torch.eye(4)
    texts = torch.nn.functional.normalize(torch.eye(4) + 0.8 * torch.eye(4).roll(1, 0), dim=1)
    assert info_nce(pictures, texts, torch.eye(4), 5.0, hardness=5.0) > info_nce(
        pictures, texts, torch.eye(4), 5.0
    )
    alike = torch.eye(4)
    plain, hard = (info_nce(alike, alike, torch.eye(4), 5.0, hardness=h) for h in (0.0, 5.0))
    assert plain.item() == pytest.approx(hard.item(), abs=1e-6)


def test_a_further_negative_makes_it_harder_and_asks_nothing() -> None:
    pictures, texts = rows(4, 5), rows(4, 6)
    more, wanted = torch.cat([texts, pictures[:1]]), torch.cat([torch.eye(4), torch.zeros(4, 1)], dim=1)
    assert info_nce(pictures, more, wanted, 10.0) > info_nce(pictures, texts, torch.eye(4), 10.0)


def test_nothing_relevant_gives_zero_and_a_gradient() -> None:
    pictures = rows(2, 7).requires_grad_()
    loss = info_nce(pictures, rows(2, 8), torch.zeros(2, 2), 10.0)
    loss.backward()  # type: ignore[no-untyped-call]  # torch's own
    assert loss.item() == 0


@given(st.integers(2, 6), st.integers(0, 999))
def test_nt_xent_is_the_mean_over_both_views_of_all_things(n: int, seed: int) -> None:
    first, second = rows(n, seed), rows(n, seed + 1)
    both = torch.cat([first, second]).double()
    near = torch.exp(both @ both.T * 4)
    total = 0.0
    for place in range(2 * n):
        twin = (place + n) % (2 * n)
        total -= math.log(near[place, twin] / (near[place].sum() - near[place, place]))
    assert nt_xent(first, second, 4.0).item() == pytest.approx(total / (2 * n), abs=1e-4)
