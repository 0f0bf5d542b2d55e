"""Trains the heads that bring pictures and words into one space, and examines them on held-out pairs."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from duomo.arrays import Vectors
from duomo.encode.heads import HeadWeights
from duomo.measure.ranking import first_ranks, mean_reciprocal
from duomo.progress import Tick, silent
from duomo.train.heads import Heads
from duomo.train.loop import Course, Fitted, fit
from duomo.train.losses import info_nce, nt_xent
from duomo.train.material import Batch, Domain, Encode, Said, batch_of
from duomo.train.wordings import Wordings

_MEANINGS: Final = 256  # of a step
_MEANINGS_SCALE: Final = 20.0  # one over the temperature
MOST_ASKED: Final = 1500  # texts a check asks at most: it must not take longer than the training


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How heads are trained, besides the course of the loop."""

    batch: int = 768
    hardness: float = 0.0  # how much near negatives weigh more; see `info_nce`
    blur: float = 0.0  # spread of noise added to the pictures, in their own spreads
    keep: float = 0.0  # how much it counts that vectors of what was known before stay where they were
    meanings: float = 0.0  # how much it counts that wordings of one meaning find each other


class Exam:
    """Held-out pairs of one domain: titles and phrases must find their pictures, pictures their titles."""

    def __init__(self, held_out: Domain, *, seed: int = 7) -> None:
        """Take pairs that are not learned from; at most so many of their texts are asked."""
        rng = np.random.default_rng(seed)
        count = len(held_out)
        titles = np.unique(held_out.titles, return_index=True)[1].astype(np.int64)
        phrases = np.arange(count, len(held_out.sayings.texts))
        self._titles = np.sort(rng.permutation(titles)[:MOST_ASKED])
        self._phrases = np.sort(rng.permutation(phrases)[:MOST_ASKED])
        self._pictures = torch.from_numpy(held_out.pictures[0].astype(np.float32))
        self._words = torch.from_numpy(held_out.said.hidden)
        self._ids = torch.from_numpy(held_out.said.ids).long()
        everything = np.arange(count)
        self._by_title = held_out.relevance(everything, self._titles)
        self._by_phrase = held_out.relevance(everything, self._phrases)
        self._titled = held_out.titles
        self._owner = held_out.sayings.owner

    def ranks(self, heads: Heads, *, features: Tensor | None = None) -> dict[str, NDArray[np.int64]]:
        """The rank of the first right answer of every question, by the kind of question.

        Args:
            heads: that are examined.
            features: (n, features) of the pictures, by a tower that is being trained; None: as given.
        """
        heads.eval()
        with torch.no_grad():
            shown = self._pictures
            if features is not None:
                shown = torch.cat([features, shown[:, features.shape[1] :]], dim=1)
            pictures = heads.picture(shown).numpy()
            titles, phrases = (
                heads.text(self._words[asked], self._ids[asked]).numpy()
                for asked in map(torch.from_numpy, (self._titles, self._phrases))
            )
        return self._found(pictures, titles, phrases)

    def ranks_served(self, weights: HeadWeights) -> dict[str, NDArray[np.int64]]:
        """The same of whole vectors as they are served: the ConSE part and the gate included."""
        shown = self._pictures.numpy()
        features = weights.arrays["classify.weight"].shape[1]
        pictures = weights.pictures(shown[:, :features], shown[:, features:])
        titles, phrases = (
            weights.words(self._words[asked].numpy(), self._ids[asked].numpy())
            for asked in map(torch.from_numpy, (self._titles, self._phrases))
        )
        return self._found(pictures, titles, phrases)

    def _found(self, pictures: Vectors, titles: Vectors, phrases: Vectors) -> dict[str, NDArray[np.int64]]:
        found = {"titles": first_ranks(titles @ pictures.T, self._by_title.T)}
        if len(phrases):
            found["phrases"] = first_ranks(phrases @ pictures.T, self._by_phrase.T)
        answered = self._by_title.any(axis=1)
        if answered.any():
            found["pictures"] = first_ranks(pictures[answered] @ titles.T, self._by_title[answered])
        return found

    def families(self) -> dict[str, NDArray[np.int32]]:
        """Which title every question of `ranks` is about, by the kind of question; equal titles are one."""
        asked = {"titles": self._titles, "phrases": self._phrases}
        about = {kind: self._titled[self._owner[texts]] for kind, texts in asked.items() if len(texts)}
        answered = self._by_title.any(axis=1)
        return about | ({"pictures": self._titled[answered]} if answered.any() else {})

    def score(self, heads: Heads, *, features: Tensor | None = None) -> float:
        """The mean of the MRR of every kind of question, 0 to 1."""
        found = self.ranks(heads, features=features)
        return float(np.mean([mean_reciprocal(ranks) for ranks in found.values()]))


class Anchor(NamedTuple):
    """What heads made of pictures and texts before they are trained further."""

    pictures: Tensor  # (n, features and colors)
    shown: Tensor  # (n, learned) where the heads put them
    words: Tensor  # (m, words)
    ids: Tensor  # (m, tokens)
    said: Tensor  # (m, learned) where the heads put them

    @classmethod
    def of(cls, heads: Heads, pictures: Vectors, said: Said) -> Self:
        """Where heads put pictures and texts now."""
        rows, words = torch.from_numpy(pictures), torch.from_numpy(said.hidden)
        ids = torch.from_numpy(said.ids).long()
        with torch.no_grad():
            heads.eval()
            return cls(rows, heads.picture(rows), words, ids, heads.text(words, ids))

    def moved(self, heads: Heads, count: int) -> Tensor:
        """How far some of them, drawn by chance, are from there: mean of one minus the cosine, both sides."""
        shown, said = (torch.randint(len(rows), (count,)) for rows in (self.pictures, self.words))
        pictures = (heads.picture(self.pictures[shown]) * self.shown[shown]).sum(dim=1)
        words = (heads.text(self.words[said], self.ids[said]) * self.said[said]).sum(dim=1)
        apart: Tensor = (1 - pictures).mean() + (1 - words).mean()
        return apart


class Meanings(NamedTuple):
    """Wordings that mean the same, as the frozen tower says them."""

    words: Tensor  # (n, words)
    ids: Tensor  # (n, tokens)
    members: Tensor  # (groups, most) places of texts, filled up with anything
    counts: Tensor  # (groups,) how many of them are members, 2 or more

    @classmethod
    def of(cls, groups: Sequence[Wordings], encode: Encode) -> Self:
        """Groups of two or more texts; a text may stand in several."""
        texts = list(dict.fromkeys(text for group in groups for text in group))
        place = {text: number for number, text in enumerate(texts)}
        said = encode(texts)
        members = np.zeros((len(groups), max(map(len, groups))), np.int64)
        for row, group in enumerate(groups):
            members[row, : len(group)] = [place[text] for text in group]
        return cls(
            torch.from_numpy(said.hidden),
            torch.from_numpy(said.ids).long(),
            torch.from_numpy(members),
            torch.tensor([len(group) for group in groups]),
        )

    def apart(self, heads: Heads, count: int) -> Tensor:
        """How badly two wordings of so many meanings, drawn by chance, find each other (`nt_xent`)."""
        chosen = torch.randperm(len(self.counts))[:count]
        counts = self.counts[chosen]
        first = (torch.rand(len(chosen)) * counts).long()
        second = (first + 1 + (torch.rand(len(chosen)) * (counts - 1)).long()) % counts
        one, other = (
            heads.text(self.words[texts], self.ids[texts])
            for texts in (self.members[chosen, first], self.members[chosen, second])
        )
        return nt_xent(one, other, _MEANINGS_SCALE)


def train_heads(
    heads: Heads,
    domains: Sequence[Domain],
    exams: Sequence[Exam],
    *,
    recipe: Recipe,
    course: Course,
    folder: Path,
    anchor: Anchor | None = None,
    meanings: Meanings | None = None,
    tick: Tick = silent,
) -> Fitted:
    """Train heads in place on pairs of several domains.

    Args:
        heads: fresh ones whose inputs were measured (`Head.measure`), or ones to go on from.
        domains: what is learned from, each with its share of every batch.
        exams: held-out pairs; the best mean of their scores decides which weights are kept.
        recipe: batch size and the like.
        course: steps, learning rate, seed.
        folder: for checkpoints and the log.
        anchor: what must stay where it is, as strongly as the recipe says (learning without forgetting, Li
            and Hoiem, ECCV 2016); None: nothing.
        meanings: wordings that should find each other, as strongly as the recipe says; None: none.
        tick: told about the stage "training".

    Raises:
        BadFile, RunExists: see `fit`.
    """
    spread = heads.picture.spread

    def loss_of(module: nn.Module, batch: Batch) -> Tensor:
        shown = batch.pictures
        if recipe.blur:
            shown = shown + torch.randn_like(shown) * spread * recipe.blur
        pictures, words = module(shown, batch.words, batch.ids)
        loss = info_nce(pictures, words, batch.relevance, heads.scale, hardness=recipe.hardness)
        if anchor:
            loss = loss + recipe.keep * anchor.moved(heads, recipe.batch // 2)
        if meanings:
            loss = loss + recipe.meanings * meanings.apart(heads, _MEANINGS)
        return loss

    return fit(
        heads,
        batch_of=lambda step, rng: batch_of(domains, recipe.batch, rng),
        loss_of=loss_of,
        score_of=lambda _: float(np.mean([exam.score(heads) for exam in exams])),
        course=course,
        folder=folder,
        tick=tick,
    )


def between(before: Heads, after: Heads, share: float) -> Heads:
    """Heads whose weights lie between two, `share` of the way (WiSE-FT, Wortsman et al., CVPR 2022).

    Heads that were trained on one domain from others' weights forget less so than those at the far end, and
    often are better than both.

    Args:
        before: the heads at 0.
        after: the heads at 1, of the same shape.
        share: 0 to 1.
    """
    mixed = Heads(before.shape)
    ends = before.state_dict(), after.state_dict()
    mixed.load_state_dict({name: torch.lerp(ends[0][name], ends[1][name], share) for name in ends[0]})
    return mixed.eval()


def centres_of(words: Vectors, count: int, *, seed: int = 7, rounds: int = 12) -> Vectors:
    """(n, d) rows of length 1 -> (count, d) centres of them, rows of length 1 (spherical k-means)."""
    rng = np.random.default_rng(seed)
    centres = words[rng.permutation(len(words))[:count]].copy()
    for _ in range(rounds):
        nearest = np.argmax(words @ centres.T, axis=1)
        for place in range(len(centres)):
            own = words[nearest == place]
            if len(own):
                centres[place] = own.mean(axis=0)
        centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    return centres
