"""Aligns heads with a shop's goods: from those in use, held where they stood for all else.

Heads learn the shop's own pairs by units that answer to these goods alone (`units`); of the way from the old
heads to the new ones a share is taken that the validation part likes best and that forgets no more than
allowed (`align.between`).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple, Self

import numpy as np
import torch
from numpy.typing import NDArray

from duomo.encode.heads import HeadWeights
from duomo.lexicon import Concept, concepts
from duomo.progress import Tick
from duomo.train.align import Anchor, Exam, Recipe, between, centres_of, train_heads
from duomo.train.heads import Heads
from duomo.train.lexicon import ClassName, class_names
from duomo.train.loop import Course
from duomo.train.material import Domain, Encode, Said
from duomo.train.parts import Parts
from duomo.train.pocket import Towers, free_pairs, said_by
from duomo.train.units import Inputs, copy_of, with_units
from duomo.train.verdict import served_score
from duomo.train.wordings import name_groups, phrase_groups

COURSE: Final = Course(steps=400, learning_rate=2e-3, weight_decay=0.0, check_every=100)  # see `with_units`
RECIPE: Final = Recipe(batch=512, keep=10.0)
WAYS: Final = (0.25, 0.5, 0.75, 1.0)  # of the way from the old heads to the new ones
_AS_GOOD: Final = 0.01  # MRR on the validation part
_FREE: Final = 0.2  # share of prototypes in every batch; those of the pairs stand in `parts`
_OF_LEXICON: Final = 2000  # groups of phrases, and
_KEPT: Final = 6000  # texts of them and of names that must stay where they are
_BLURS: Final = 3  # pictures that are made of each prototype, to stay where they are
_CENTRES: Final = 64  # of the shop's texts, which are home from now on


class Way(NamedTuple):
    """What an alignment came to."""

    heads: Heads  # at its end
    weights: HeadWeights  # at the best share of the way
    share: float
    score: float  # on the validation part of the shop; 0: more is forgotten than allowed


class Lesson(NamedTuple):
    """What every alignment of a shop goes on from, whichever picture tower sees its goods."""

    old: HeadWeights
    parts: Parts  # as the old tower sees them
    free: Domain
    known: Said  # texts that must stay where they are
    centres: NDArray[np.float32]
    course: Course
    recipe: Recipe
    forget: float
    tick: Tick

    @classmethod
    def of(
        cls,
        old: HeadWeights,
        parts: Parts,
        towers: Towers,
        course: Course,
        recipe: Recipe,
        forget: float,
        tick: Tick,
    ) -> Self:
        """What can be said before a tower is chosen."""
        encode = said_by(towers)
        shop, guard = parts.learned["shop"], parts.learned["guard"]
        typical = np.concatenate([shop.pictures[0], guard.pictures[0]]).astype(np.float32)
        free = free_pairs(towers, typical, share=_FREE, encode=encode)
        known = encode(_known_words(shop.sayings.texts[: len(shop)]))
        centres = _centres(old, encode, shop.sayings.texts)
        return cls(old, parts, free, known, centres, course, recipe, forget, tick)

    def aligned(self, seen: Parts, run: Path) -> Way:
        """Heads for a tower that sees the parts so, from the old ones to the best share of the way."""
        shop, guard = seen.learned["shop"], seen.learned["guard"]
        free = self.free
        blurred = [
            free.draw(len(free), np.random.default_rng(draw)).pictures.numpy() for draw in range(_BLURS)
        ]
        before, now = (
            np.concatenate([*blurred, part.learned["guard"].pictures[0].astype(np.float32)])
            for part in (self.parts, seen)
        )
        own = Inputs(shop.pictures[0].astype(np.float32), np.unique(shop.said.hidden, axis=0))
        heads = with_units(self.old, own, Inputs(now, self.known.hidden))
        start = copy_of(heads)
        train_heads(
            heads,
            [shop, guard, free],
            [Exam(seen.checked["shop"])],
            recipe=self.recipe,
            course=self.course,
            folder=run,
            anchor=Anchor.of(start, before, self.known)._replace(pictures=torch.from_numpy(now)),
            tick=self.tick,
        )
        checked = {name: Exam(domain) for name, domain in seen.checked.items()}
        least = served_score(Exam(self.parts.checked["guard"]), self.old) - self.forget
        ways = [(share, _with_heads(self.old, between(start, heads, share), self.centres)) for share in WAYS]
        allowed = [way for way in ways if served_score(checked["guard"], way[1]) >= least]
        scores = [served_score(checked["shop"], weights) for _, weights in allowed or ways[:1]]
        # the least of those that are as good: farther off more is forgotten that the guard does not show
        best = next(place for place, score in enumerate(scores) if score >= max(scores) - _AS_GOOD)
        share, weights = (allowed or ways)[best]
        return Way(heads, weights, share, scores[best] if allowed else 0.0)


def _known_words(titles: Sequence[str]) -> list[str]:
    """Names and phrases of our own, in both languages, that must stay where they are.

    Some stand behind the first words of the shop's titles: its brands may be asked for with other goods.
    """
    every: list[Concept | ClassName] = [*concepts(), *class_names()]
    groups = [*name_groups(every), *phrase_groups(concepts(), _OF_LEXICON, seed=2)]
    every_text = list(dict.fromkeys(text for group in groups for text in group))
    rng = np.random.default_rng(3)
    chosen = [every_text[place] for place in rng.permutation(len(every_text))[:_KEPT].tolist()]
    behind = []
    for text in chosen:
        words = titles[int(rng.integers(len(titles)))].split()
        first = words[: min(int(rng.integers(1, 4)), len(words) - 1)]  # never a whole title
        behind.append(" ".join([*first, text]))
    return list(dict.fromkeys([*chosen, *behind]))


def _centres(old: HeadWeights, encode: Encode, texts: Sequence[str]) -> NDArray[np.float32]:
    own = old.places(encode(list(dict.fromkeys(texts))).hidden)
    return np.concatenate([old.arrays["gate.centres"], centres_of(own, min(_CENTRES, len(own)))])


def _with_heads(old: HeadWeights, heads: Heads, centres: NDArray[np.float32]) -> HeadWeights:
    """An encoder's numbers with other heads, and with more texts that are home."""
    learned = {name: array.numpy() for name, array in heads.state_dict().items()}
    return HeadWeights({**old.arrays, **learned, "gate.centres": centres})
