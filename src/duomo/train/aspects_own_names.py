"""How a shop names aspects: a field beside the shipped tagger's, and the groups that its categories make."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from duomo.encode.models import load_encoder
from duomo.understand.aspects import AspectReader
from duomo.understand.aspects_fitting import fit_tagger, rows_for
from duomo.understand.aspects_groups import GROUP, Groups, WordList, shipped_lists
from duomo.understand.aspects_own import OwnNames
from duomo.understand.aspects_polarity import Span
from duomo.understand.aspects_tagger import BEGIN, LAYERS, OUTSIDE, TAGS, Ints, best_tags, spans_in, tags_of
from duomo.understand.aspects_tokens import features, tokens_of
from duomo.understand.fitting import folds
from duomo.understand.linear import Floats

_FEATURES: Final = 60_000  # that names are learned from, at most
_COST: Final = 0.5  # chosen on tenths of train splits
_ROUNDS: Final = 30
_LEANS: Final = (0.0, 0.3, 0.6, 0.9, 1.2, 1.6, 2.0)  # log odds that are tried
_ASPECT: Final = LAYERS.index("aspect")

Flags = NDArray[np.bool_]


class Named(NamedTuple):
    """A sentence all of whose aspects are known."""

    text: str  # that it stands in: texts that are the same share a fold
    words: str
    language: str
    aspects: tuple[Span, ...]


class Score(NamedTuple):
    """How exactly names are found: the harmonic mean of recall and precision (F1)."""

    shipped: float
    both: float


@dataclass(frozen=True, slots=True)
class _Tagged:
    """The tokens of sentences, and what the shipped tagger makes of them."""

    features: NDArray[np.uint32]  # (t, f)
    tags: Ints  # (t,) right ones
    ptr: Ints  # (n + 1,)
    shipped: Floats  # (t, TAGS)
    steps: Floats  # of the shipped tagger

    def tokens(self, chosen: Flags) -> tuple[Flags, Ints]:
        """(t,) those of chosen sentences, and where these begin among them."""
        lengths = np.diff(self.ptr)
        return np.repeat(chosen, lengths), np.cumsum([0, *lengths[chosen].tolist()])

    def fit(self, chosen: Flags) -> OwnNames:
        """What chosen sentences teach."""
        some, ptr = self.tokens(chosen)
        seen, times = np.unique(self.features[some], return_counts=True)
        often = np.flatnonzero(times > 1)
        kept = np.sort(seen[often[np.argsort(-times[often], kind="stable")[:_FEATURES]]])
        weights, steps = fit_tagger(
            rows_for(self.features[some], kept),
            self.tags[some],
            ptr,
            cost=_COST,
            rounds=_ROUNDS,
            beside=(self.shipped[some], self.steps),
        )
        return OwnNames(ids=kept, weights=weights, steps=steps)

    def spans(self, chosen: Flags, scores: Floats, steps: Floats) -> set[tuple[int, Span]]:
        """The spans of chosen sentences, each with the number of its sentence."""
        _, ptr = self.tokens(chosen)
        return self.spans_of(np.flatnonzero(chosen), best_tags(scores, steps, ptr), ptr)

    def wanted(self) -> set[tuple[int, Span]]:
        """The right spans of all."""
        return self.spans_of(np.arange(len(self.ptr) - 1), self.tags, self.ptr)

    @staticmethod
    def spans_of(numbers: Ints, tags: Ints, ptr: Ints) -> set[tuple[int, Span]]:
        """Spans of tokens, each with the number of its sentence."""
        return {
            (number, span)
            for place, number in enumerate(numbers.tolist())
            for span in spans_in(tags[ptr[place] : ptr[place + 1]])
        }


def learn_names(sentences: Sequence[Named], reader: AspectReader) -> tuple[OwnNames | None, Score]:
    """What sentences teach of names, None where it gains nothing; and how exactly names are found.

    Both taggers are judged on sentences that were not learned from. How far the shop's leans towards spans is
    chosen on these, too.
    """
    tagged = _tagged(sentences, reader)
    wanted = tagged.wanted()
    parts = folds([each.text for each in sentences])
    every = np.ones(len(sentences), bool)
    shipped = _f1(wanted, tagged.spans(every, tagged.shipped, tagged.steps))
    found: dict[float, set[tuple[int, Span]]] = {lean: set() for lean in _LEANS}
    for part in np.unique(parts):
        own = tagged.fit(parts != part)
        some, _ = tagged.tokens(parts == part)
        scores = tagged.shipped[some] + rows_for(tagged.features[some], own.ids) @ own.weights
        for lean in _LEANS:
            found[lean] |= tagged.spans(parts == part, scores, _leaning(own.steps, lean))
    reached = {lean: _f1(wanted, spans) for lean, spans in found.items()}
    best = max(_LEANS, key=lambda lean: reached[lean])
    score = Score(shipped, reached[best])
    if score.both <= score.shipped:
        return None, score
    own = tagged.fit(every)
    return OwnNames(ids=own.ids, weights=own.weights, steps=_leaning(own.steps, best)), score


def _tagged(sentences: Sequence[Named], reader: AspectReader) -> _Tagged:
    rows: list[NDArray[np.uint32]] = [np.zeros((0, 0), np.uint32)] * len(sentences)
    tags: list[Ints] = [np.zeros(0, np.int64)] * len(sentences)
    for language in sorted({each.language for each in sentences}):
        chosen = [number for number, each in enumerate(sentences) if each.language == language]
        texts = [sentences[number].words for number in chosen]
        tokens = tokens_of(texts)
        whole = features(tokens, texts, reader.kinds, reader.styles[language])
        for place, number in enumerate(chosen):
            part = slice(tokens.ptr[place], tokens.ptr[place + 1])
            rows[number] = whole[part]
            tags[number] = tags_of(sentences[number].aspects, tokens.starts[part], tokens.ends[part])
    every = np.concatenate(rows)
    return _Tagged(
        features=every,
        tags=np.concatenate(tags),
        ptr=np.cumsum([0, *map(len, tags)]),
        shipped=reader.tagger.scores(every)["aspect"],
        steps=reader.tagger.steps[_ASPECT],
    )


def _leaning(steps: Floats, lean: float) -> Floats:
    leaning = steps.copy()
    leaning[[OUTSIDE, TAGS], BEGIN] += lean
    return leaning


def _f1(wanted: set[tuple[int, Span]], found: set[tuple[int, Span]]) -> float:
    return 2 * len(wanted & found) / max(len(wanted) + len(found), 1)


def learn_groups(named: Sequence[tuple[str, str]], lists: Sequence[WordList]) -> tuple[WordList, ...]:
    """The groups of a shop: its lists, and its categories with the names that were put into them.

    A category that alone is called like a shipped group ("price", 价格) has the words of that, too.

    Args:
        named: a name of an aspect, or "", and its category.
        lists: groups that the shop has named.

    >>> groups = learn_groups([("zipper", "hardware"), ("buckle", "hardware")], ())
    >>> groups[0].name, Groups(groups).named("the zipper")
    ('hardware', 'hardware')
    """
    categories = tuple(dict.fromkeys(category for _, category in named if category))
    if not categories:
        return tuple(lists)
    votes: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for name, category in named:
        if name and category:
            votes[name.casefold()][category] += 1
    words = {category: [category] for category in categories}
    own = {each.name: each for each in lists}
    for category in categories:
        words[category] += _words(own.get(category))
    for name, counts in votes.items():
        words[counts.most_common(1)[0][0]].append(name)
    shipped = Groups(shipped_lists())
    claims = Counter(filter(None, map(shipped.named, categories)))
    by_name = {each.name: each for each in shipped_lists() if each.kind == GROUP}
    for category in categories:
        group = shipped.named(category)
        if group and claims[group] == 1:
            words[category] += _words(by_name[group])
    made = [WordList.of([*dict.fromkeys(some)]) for some in words.values()]
    return (*made, *(each for each in lists if each.name not in words))


def judged_groups(named: Sequence[tuple[str, str]], lists: Sequence[WordList]) -> tuple[float, float] | None:
    """Share of names that come to their category: by the commonest one; as learned from the other names.

    None where no row has both.
    """
    pairs = sorted({(name.casefold(), category) for name, category in named if name and category})
    if not pairs:
        return None
    parts, hits = folds([name for name, _ in pairs]), 0
    for part in np.unique(parts):
        others = [pair for pair, own in zip(pairs, parts.tolist(), strict=True) if own != part]
        asked = [pair for pair, own in zip(pairs, parts.tolist(), strict=True) if own == part]
        groups = Groups(learn_groups(others, lists), load_encoder("pocket").text)
        said = groups.of([name for name, _ in asked], [""] * len(asked))
        hits += sum(each.group == category for each, (_, category) in zip(said, asked, strict=True))
    commonest = Counter(category for _, category in pairs).most_common(1)[0][1]
    return commonest / len(pairs), hits / len(pairs)


def _words(group: WordList | None) -> list[str]:
    return [*group.en, *group.zh] if group else []
