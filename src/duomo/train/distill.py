"""Teaches the small text tower what two large ones know (Hinton et al. 2015), and what means the same.

Each teacher's vectors are centred by the mean of their language first: multilingual-e5-small puts every text
within a narrow cone, and Chinese and English into two parts of it, and neither is worth learning.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional

from duomo.arrays import Vectors, unit
from duomo.errors import BadSetting
from duomo.files import hash_bytes
from duomo.progress import Tick, silent
from duomo.train.corpus import Line
from duomo.train.loop import Course, Fitted, fit
from duomo.train.losses import info_nce
from duomo.train.starts.bert import padded
from duomo.train.towers.text import TextShape, TextTower, save_tower

log = logging.getLogger(__name__)

_HELD_OUT: Final = 50  # one line in so many is never learned from
_POOL: Final = 8  # batches that are sorted by length together, so that little is filled up


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """How much each part of the loss counts."""

    e5: float = 1.0  # one minus the cosine to the teacher
    minilm: float = 1.0
    relations: float = 0.15  # of each teacher: who is near whom in the batch
    wordings: float = 0.1  # wordings of one meaning find each other
    relation_scale: float = 10.0  # cosine times this, then softmax
    wording_scale: float = 20.0


@dataclass(frozen=True, slots=True)
class Lessons:
    """Texts as tokens, and what the teachers say about them."""

    tokens: Sequence[Sequence[int]]
    e5: Tensor  # (n, 384) centred, length 1
    minilm: Tensor  # (n, 384) centred, length 1; zeros where it says nothing
    groups: Sequence[Sequence[int]]  # positions of texts that mean the same
    learned: NDArray[np.int64]  # positions of texts that are learned from
    held_out: NDArray[np.int64]  # and of those that only say how good the student is


class Batch(NamedTuple):
    """Positions of texts of one step."""

    lines: NDArray[np.int64]  # (n,)
    pairs: NDArray[np.int64]  # (2, m): two wordings of m meanings


def lessons(
    tokenizer: Tokenizer,
    e5: Mapping[str, Vectors],
    minilm: Mapping[str, Vectors],
    groups: Sequence[Sequence[str]],
) -> Lessons:
    """Put texts, targets and wordings together.

    A text of a group learns the place between its own and the group's mean: all of its wordings are pulled
    to one another, and a Chinese one gets from its English wordings what only the English teacher knows.

    Args:
        tokenizer: the student's.
        e5: text -> vector of multilingual-e5-small, for every text to learn from.
        minilm: text -> vector of all-MiniLM-L6-v2, for the English ones.
        groups: texts that mean the same; those without a target are left out.

    Raises:
        BadSetting: there are no targets.
    """
    if not e5 or not minilm:
        raise BadSetting("there are no targets to learn", remedy="Let both teachers write theirs first")
    texts = [*e5]
    place = {text: number for number, text in enumerate(texts)}
    chinese = np.array([Line(text, "").language == "zh" for text in texts])
    own = _centred(np.stack([e5[text] for text in texts]), chinese)
    english = np.zeros((len(texts), len(next(iter(minilm.values())))), dtype=np.float32)
    spoken = [number for number, text in enumerate(texts) if text in minilm]
    english[spoken] = _centred(np.stack([minilm[texts[n]] for n in spoken]), chinese[spoken])
    found = [[place[text] for text in dict.fromkeys(group) if text in place] for group in groups]
    found = [members for members in found if len(members) > 1]
    shared, known = own.copy(), english.copy()
    for members in found:
        shared[members] += unit(own[members].mean(axis=0))
        known[members] += unit(english[members].mean(axis=0))  # rows of zeros change no direction
    in_groups = {number for members in found for number in members}
    apart = np.array([number not in in_groups and _is_held_out(text) for number, text in enumerate(texts)])
    tokens = [encoding.ids for encoding in tokenizer.encode_batch(texts)]
    return Lessons(
        tokens,
        torch.from_numpy(unit(shared)),
        torch.from_numpy(unit(known)),
        found,
        np.flatnonzero(~apart),
        np.flatnonzero(apart),
    )


def start_tower(shape: TextShape, *tables: Vectors, seed: int = 0) -> TextTower:
    """A tower whose piece embeddings begin as the main directions of what large models say of the pieces.

    Args:
        shape: of the tower.
        tables: (pieces, wide) each, from `piece_rows`; rows of zeros where a model says nothing of a piece.
            Each counts the same, whatever its width and scale.
        seed: of what is drawn.
    """
    torch.manual_seed(seed)
    tower = TextTower(shape)
    rows = np.concatenate([_levelled(table) for table in tables], axis=1)
    _, directions = np.linalg.eigh(rows.T @ rows)
    main = rows @ directions[:, ::-1][:, : shape.narrow]
    with torch.no_grad():
        tower.pieces.weight.copy_(torch.from_numpy(np.ascontiguousarray(main / main[main.any(axis=1)].std())))
        nn.init.orthogonal_(tower.raise_up.weight)
    return tower


def piece_rows(origins: Sequence[Sequence[int]], table: Vectors) -> Vectors:
    """For each piece the mean of those rows of a large model's word table that it is made of; else zeros.

    >>> piece_rows([[0, 1], []], np.array([[2.0, 0.0], [0.0, 2.0]], np.float32)).tolist()
    [[1.0, 1.0], [0.0, 0.0]]
    """
    rows = np.zeros((len(origins), table.shape[1]), dtype=np.float32)
    for number, parts in enumerate(origins):
        if parts:
            rows[number] = table[list(parts)].mean(axis=0)
    return rows


def _levelled(table: Vectors) -> Vectors:
    """The rows that are not zero less their mean, over the mean of their lengths."""
    said = table.any(axis=1)
    moved = table.copy()
    moved[said] -= moved[said].mean(axis=0)
    length = np.linalg.norm(moved[said], axis=1).mean() if said.any() else 1.0
    return np.asarray(moved / length, dtype=np.float32)


def distill(
    tower: TextTower,
    tokenizer: Tokenizer,
    taught: Lessons,
    *,
    course: Course,
    run: Path,
    result: Path,
    weights: Weights | None = None,
    batch: int = 256,
    pairs: int = 64,
    tick: Tick = silent,
) -> Fitted:
    """Train a tower in place; the best so far always stands in the result folder.

    Args:
        tower: from `start_tower`, or of an earlier run.
        tokenizer: kept beside the tower.
        taught: what `lessons` made.
        course: how long, how fast, from which seed.
        run: checkpoints and log of this run; one that was cut short goes on.
        result: the folder for `encode_texts`.
        weights: of the parts of the loss.
        batch: texts a step.
        pairs: pairs of wordings a step.
        tick: told about the stage "training".

    Raises:
        BadFile, RunExists, BadSetting: as `loop.fit`.
    """
    parts = weights or Weights()
    best = -np.inf

    def score_of(module: nn.Module) -> float:
        nonlocal best
        score = agreement(_text_tower(module), taught)
        if score > best:
            best = score
            save_tower(_text_tower(module), tokenizer, result)
        return score

    fitted = fit(
        tower,
        batch_of=batches(taught, batch, pairs, seed=course.seed),
        loss_of=lambda module, chosen: loss(_text_tower(module), taught, chosen, parts),
        score_of=score_of,
        course=course,
        folder=run,
        tick=tick,
    )
    save_tower(tower, tokenizer, result)
    return fitted


def batches(
    taught: Lessons, batch: int, pairs: int, *, seed: int
) -> Callable[[int, np.random.Generator], Batch]:
    """What step takes which texts: each epoch every text once, those of like length together."""
    lengths = np.array([len(ids) for ids in taught.tokens])
    size = min(batch, len(taught.learned))
    a_epoch = len(taught.learned) // size

    @lru_cache(maxsize=2)
    def order(epoch: int) -> NDArray[np.int64]:
        chance = np.random.default_rng((seed, epoch))
        mixed = chance.permutation(taught.learned)[: a_epoch * size]
        pools = [
            pool[np.argsort(lengths[pool], kind="stable")]
            for pool in np.split(mixed, range(_POOL * size, len(mixed), _POOL * size))
        ]
        rows = np.concatenate(pools).reshape(a_epoch, size)
        return rows[chance.permutation(a_epoch)]

    def batch_of(step: int, chance: np.random.Generator) -> Batch:
        epoch, place = divmod(step, a_epoch)
        count = min(pairs, len(taught.groups))
        groups = (
            [taught.groups[n] for n in chance.choice(len(taught.groups), count, replace=False)]
            if count
            else []
        )
        drawn = [chance.choice(group, 2, replace=False) for group in groups]
        return Batch(order(epoch)[place], np.array(drawn, dtype=np.int64).reshape(-1, 2).T)

    return batch_of


def loss(tower: TextTower, taught: Lessons, chosen: Batch, weights: Weights) -> Tensor:
    """Distance to both teachers, of places and of relations, and between wordings of one meaning."""
    _, e5, minilm = tower.spaces(*padded([taught.tokens[n] for n in chosen.lines.tolist()]))
    places = torch.from_numpy(chosen.lines)
    spoken = taught.minilm[places].any(dim=1)
    total = weights.e5 * _distance(e5, taught.e5[places], weights)
    total = total + weights.minilm * _distance(minilm[spoken], taught.minilm[places][spoken], weights)
    if chosen.pairs.size:
        both = tower.spaces(*padded([taught.tokens[n] for n in chosen.pairs.reshape(-1).tolist()]))
        right = torch.eye(chosen.pairs.shape[1])
        count = len(right)
        for space in (both.e5, both.minilm):
            apart = info_nce(space[:count], space[count:], right, weights.wording_scale)
            total = total + weights.wordings * apart / 2
    return total


def agreement(tower: TextTower, taught: Lessons, *, at_most: int = 2_000, batch: int = 128) -> float:
    """Mean cosine to the two teachers on texts that are not learned from, each weighing the same, -1 to 1."""
    chosen = sorted(taught.held_out[:at_most], key=lambda number: len(taught.tokens[number]))
    e5, minilm = [], []
    for start in range(0, len(chosen), batch):
        places = torch.tensor(chosen[start : start + batch])
        found = tower.spaces(*padded([taught.tokens[n] for n in places.tolist()]))
        spoken = taught.minilm[places].any(dim=1)
        e5.append((found.e5 * taught.e5[places]).sum(dim=1))
        minilm.append((found.minilm * taught.minilm[places]).sum(dim=1)[spoken])
    means = [
        torch.cat(cosines).mean().item() for cosines in (e5, minilm) if cosines and torch.cat(cosines).numel()
    ]
    return float(np.mean(means)) if means else 0.0


def _distance(ours: Tensor, theirs: Tensor, weights: Weights) -> Tensor:
    """One minus the cosine, and the divergence of who is near whom (Park et al. 2019, as distributions)."""
    if len(ours) < 2:
        return ours.sum() * 0
    itself = torch.eye(len(ours), dtype=torch.bool)
    near, wanted = (
        (rows @ rows.T * weights.relation_scale).masked_fill(itself, -1e4).log_softmax(dim=1)
        for rows in (ours, theirs)
    )
    relations = functional.kl_div(near, wanted, reduction="batchmean", log_target=True)
    return (1 - (ours * theirs).sum(dim=1)).mean() + weights.relations * relations


def _centred(rows: Vectors, chinese: NDArray[np.bool_]) -> Vectors:
    """Each language less its own mean, at length 1."""
    moved = rows.copy()
    for language in (chinese, ~chinese):
        if language.any():
            moved[language] -= moved[language].mean(axis=0)
    return unit(moved)


def _is_held_out(text: str) -> bool:
    return int(hash_bytes(text.casefold().encode())[:8], 16) % _HELD_OUT == 0


def _text_tower(module: nn.Module) -> TextTower:
    """The tower itself, whatever a trainer wrapped around it."""
    inner = getattr(module, "module", module)
    if not isinstance(inner, TextTower):
        raise TypeError(f"a text tower is wanted, not {type(inner).__name__}")
    return inner
