"""The pairs of a training run as arrays, and the batches that are drawn from them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from duomo.arrays import Vectors
from duomo.train.pairs import KINDS, Pair, codes_of, groups_of
from duomo.train.phrasing import Language, phrase_and_said

TITLES: Final = 0.5  # chance that a product is named by its title, not by a phrase
_LANGUAGES: Final[Sequence[tuple[Language, float]]] = (("en", 0.35), ("zh", 0.45), ("mixed", 0.2))
_NOISE: Final = 0.5  # spread of a prototype's made-up features around its direction, in spreads of real ones


class Said(NamedTuple):
    """What the frozen text tower makes of texts."""

    hidden: NDArray[np.float32]  # (n, words)
    ids: NDArray[np.int32]  # (n, tokens), 0 where a text has no more


Encode = Callable[[Sequence[str]], Said]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sayings:
    """Texts that describe products, each written for one but true of others too."""

    texts: tuple[str, ...]
    owner: NDArray[np.int64]  # (texts,) the pair it was written for
    said: NDArray[np.bool_]  # (texts, kinds) which attributes it names; a title names none
    # (phrases,) the texts after the titles by their owner, and (pairs + 1,) where those of each pair start
    phrases: tuple[NDArray[np.int64], NDArray[np.int64]]

    @classmethod
    def of(
        cls, texts: Sequence[str], owner: Sequence[int], said: Sequence[Sequence[bool]], pairs: int
    ) -> Self:
        """Sayings of so many pairs, whose titles come first, in their order."""
        owners = np.array(owner, np.int64)
        order = np.argsort(owners[pairs:], kind="stable") + pairs
        starts = np.searchsorted(owners[order], np.arange(pairs + 1))
        named = np.array(said, np.bool_).reshape(-1, len(KINDS))
        return cls(texts=tuple(texts), owner=owners, said=named, phrases=(order, starts))


def sayings_of(pairs: Sequence[Pair], *, phrases: int, seed: int = 7) -> Sayings:
    """The title of every pair and so many phrases made of its attributes, in both languages and mixed.

    Args:
        pairs: pairs without a type get no phrases.
        phrases: how many each, before equal ones are dropped.
        seed: where chance begins; a pair's phrases depend on it and on the pair's place.
    """
    kinds = tuple(KINDS)
    texts: list[str] = [pair.title for pair in pairs]
    owner: list[int] = list(range(len(pairs)))
    said: list[list[bool]] = [[False] * len(kinds) for _ in pairs]
    languages, chances = zip(*_LANGUAGES, strict=True)
    for number, pair in enumerate(pairs):
        if "type" not in pair.attributes:
            continue
        rng = np.random.default_rng((seed, number))
        written: set[str] = set()
        for _ in range(phrases):
            language = languages[int(rng.choice(len(languages), p=chances))]
            words, named = phrase_and_said(pair.attributes, language, rng)
            if words not in written:
                written.add(words)
                texts.append(words)
                owner.append(number)
                said.append([kind in named for kind in kinds])
    return Sayings.of(texts, owner, said, len(pairs))


class Batch(NamedTuple):
    """What a step sees."""

    pictures: Tensor  # (n, features and colors)
    places: Tensor  # (n,) of each picture among those of its domain, all views after each other
    words: Tensor  # (m, words)
    ids: Tensor  # (m, tokens)
    relevance: Tensor  # (n, m) at least 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """The pairs of one source, encoded by the frozen towers."""

    name: str
    share: float  # of every batch
    pictures: NDArray[np.float16]  # (views, n, features and colors) of each picture as it is, and altered
    said: Said  # of every text
    sayings: Sayings
    codes: NDArray[np.int32]  # (n, kinds) equal where two pairs have one value; -1: none
    titles: NDArray[np.int32]  # (n,) equal where two pairs have one title
    noise: NDArray[np.float32] | None = None  # (features and colors,) spread to blur with: prototypes

    def __len__(self) -> int:
        return len(self.titles)

    def draw(self, count: int, rng: np.random.Generator) -> Batch:
        """So many pairs, each once, each with one of its texts."""
        chosen = rng.permutation(len(self))[:count]
        view = rng.integers(0, len(self.pictures), len(chosen))
        pictures = self.pictures[view, chosen].astype(np.float32)
        if self.noise is not None:
            pictures += rng.normal(size=pictures.shape).astype(np.float32) * self.noise
        texts = self._texts(chosen, rng)
        return Batch(
            pictures=torch.from_numpy(pictures),
            places=torch.from_numpy(view * len(self) + chosen),
            words=torch.from_numpy(self.said.hidden[texts]),
            ids=torch.from_numpy(self.said.ids[texts]).long(),
            relevance=torch.from_numpy(self.relevance(chosen, texts).astype(np.float32)),
        )

    def _texts(self, chosen: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
        """(n,) a text of each chosen pair: its title, or one of its phrases."""
        order, starts = self.sayings.phrases
        counts = starts[chosen + 1] - starts[chosen]
        places = starts[chosen] + (rng.random(len(chosen)) * counts).astype(np.int64)
        by_phrase = (rng.random(len(chosen)) >= TITLES) & (counts > 0)
        return np.where(
            by_phrase, order[np.minimum(places, len(order) - 1)] if len(order) else chosen, chosen
        )

    def relevance(self, chosen: NDArray[np.int64], texts: NDArray[np.int64]) -> NDArray[np.bool_]:
        """(n, m) whether each text is true of each pair: the same title, or every attribute it names."""
        owner, said = self.sayings.owner[texts], self.sayings.said[texts]
        same = self.codes[chosen][:, None, :] == self.codes[owner][None, :, :]
        fits = np.all(same | ~said[None, :, :], axis=2)
        same_title = self.titles[chosen][:, None] == self.titles[owner][None, :]
        is_phrase = np.any(said, axis=1)
        true: NDArray[np.bool_] = np.where(is_phrase[None, :], fits, same_title)
        return true


def domain_of(
    name: str,
    pairs: Sequence[Pair],
    *,
    share: float,
    pictures: Sequence[Vectors],
    encode: Encode,
    phrases: int = 6,
    seed: int = 7,
) -> Domain:
    """The pairs of one source as arrays.

    Args:
        name: of the source.
        pairs: n of them, all of the split that is to be learned from.
        share: of every batch.
        pictures: (n, features and colors) of the pictures, one array a view.
        encode: the frozen text tower.
        phrases: made for each pair.
        seed: of the phrases.
    """
    sayings = sayings_of(pairs, phrases=phrases, seed=seed)
    distinct = list(dict.fromkeys(sayings.texts))
    place = {text: number for number, text in enumerate(distinct)}
    said = encode(distinct)
    order = [place[text] for text in sayings.texts]
    return Domain(
        name=name,
        share=share,
        pictures=np.stack([view.astype(np.float16) for view in pictures]),
        said=Said(said.hidden[order], said.ids[order]),
        sayings=sayings,
        codes=codes_of(pairs, tuple(KINDS)),
        titles=groups_of([pair.title for pair in pairs]),
    )


def prototypes(
    rows: Vectors,
    typical: Vectors,
    colors: Vectors,
    names: Sequence[Sequence[str]],
    *,
    share: float,
    encode: Encode,
) -> Domain:
    """Free pairs for all that the picture tower knows: rows of its classifier as pictures, and class names.

    A row of the classifier points where features of its class lie; put at the middle of real features, as far
    out as those are, and blurred, it stands for a picture of the class.

    Args:
        rows: (classes, features) of the classifier.
        typical: (n, features) of real pictures, to take middle and spread from.
        colors: (n, colors) of the same; their mean says nothing of any color.
        names: (classes,) the names of each class, in both languages.
        share: of every batch.
        encode: the frozen text tower.
    """
    middle, spread = typical.mean(axis=0), typical.std(axis=0)
    centred = rows - rows.mean(axis=0)
    length = np.linalg.norm(typical - middle, axis=1).mean() * 0.7
    made = middle + centred / np.linalg.norm(centred, axis=1, keepdims=True) * length
    colorless = np.repeat(colors.mean(axis=0)[None], len(names), axis=0)
    firsts = [each[0] for each in names]
    texts = (*firsts, *(name for each in names for name in each))
    owner = [*range(len(names)), *(n for n, each in enumerate(names) for _ in each)]
    said = [[kind == "type" and place >= len(names) for kind in KINDS] for place in range(len(texts))]
    codes = np.full((len(names), len(KINDS)), -1, np.int32)
    codes[:, list(KINDS).index("type")] = np.arange(len(names))
    return Domain(
        name="prototypes",
        share=share,
        pictures=np.concatenate([np.maximum(made, 0), colorless], axis=1)[None].astype(np.float16),
        said=encode(list(texts)),
        sayings=Sayings.of(texts, owner, said, len(names)),
        codes=codes,
        titles=np.arange(len(names), dtype=np.int32),
        noise=np.concatenate([spread * _NOISE, colors.std(axis=0)]).astype(np.float32),
    )


def batch_of(domains: Sequence[Domain], size: int, rng: np.random.Generator) -> Batch:
    """A batch shared out over the domains."""
    return joined(parts_of(domains, size, rng))


def parts_of(domains: Sequence[Domain], size: int, rng: np.random.Generator) -> list[Batch]:
    """What each domain brings to a batch."""
    shares = np.array([domain.share for domain in domains])
    counts = np.maximum(1, np.round(size * shares / shares.sum())).astype(int)
    return [domain.draw(count, rng) for domain, count in zip(domains, counts, strict=True)]


def joined(parts: Sequence[Batch]) -> Batch:
    """One batch of several, in their order; what is true in one is taken for wrong in the others."""
    return Batch(
        pictures=torch.cat([part.pictures for part in parts]),
        places=torch.cat([part.places for part in parts]),
        words=torch.cat([part.words for part in parts]),
        ids=_stacked([part.ids for part in parts]),
        relevance=_block_diagonal([part.relevance for part in parts]),
    )


def _stacked(ids: Sequence[Tensor]) -> Tensor:
    """Rows of ids under each other, filled up to the longest."""
    longest = max(part.shape[1] for part in ids)
    return torch.cat([functional.pad(part, (0, longest - part.shape[1])) for part in ids])


def _block_diagonal(blocks: Sequence[Tensor]) -> Tensor:
    rows, columns = (sum(block.shape[axis] for block in blocks) for axis in (0, 1))
    whole = torch.zeros(rows, columns)
    row = column = 0
    for block in blocks:
        whole[row : row + block.shape[0], column : column + block.shape[1]] = block
        row, column = row + block.shape[0], column + block.shape[1]
    return whole


def counts_of(domains: Sequence[Domain]) -> Mapping[str, int]:
    """How many pairs each domain brings, for the card."""
    return {domain.name: len(domain) for domain in domains}
