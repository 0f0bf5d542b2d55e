"""What a shop's own labelled opinions add to the shipped reader of aspects, in seconds.

Names of aspects are learned beside the weights of the shipped tagger, polarities by a head of the shop's own
that is weighed against the shipped one, groups from the categories that rows carry. Each part is judged on
texts it has not learned from, fold by fold, and left out where it gains nothing. Without PyTorch.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from duomo.errors import BadFile, WorseModel
from duomo.measure.compare import Interval, difference, interval
from duomo.shelf.han import HAN
from duomo.train.aspects_own_names import Named, Score, judged_groups, learn_groups, learn_names
from duomo.understand.aspects import AspectReader, asked_of_each
from duomo.understand.aspects_fitting import fit_blend, fit_polarity
from duomo.understand.aspects_groups import Groups, WordList
from duomo.understand.aspects_own import OwnAspects, OwnPolarity
from duomo.understand.aspects_polarity import POLARITIES, Focus, Span, features
from duomo.understand.aspects_tagger import Ints
from duomo.understand.aspects_tokens import sentences
from duomo.understand.fitting import folds, unseen
from duomo.understand.linear import Floats, LinearWords
from duomo.understand.reading import softmax
from duomo.understand.sentiment_text import language_of, plain

LEAST: Final = 40  # opinions to learn from
_LEAST_OF_A_KIND: Final = 8  # of a polarity
_NAMES: Final[Mapping[str, str]] = {
    name: polarity
    for polarity, names in (
        ("positive", ("positive", "pos", "good", "praise", "1", "+1", "正面", "积极", "好评", "好", "正")),
        ("negative", ("negative", "neg", "bad", "blame", "-1", "负面", "消极", "差评", "差", "负")),
        ("neutral", ("neutral", "neu", "0", "中性", "中立", "一般", "中评", "中")),
    )
    for name in names
}
_UNKNOWN: Final = -1  # the place of a polarity that is none of these
_POLARITY_COST: Final = 0.1  # chosen on tenths of train splits
_POLARITY_KEPT: Final = 30_000


class Labelled(NamedTuple):
    """A row of a table of opinions."""

    text: str
    aspect: str  # as the text names it; "": it does not, or nobody said
    category: str  # the shop's name for it; "": none
    polarity: str


class Learned(NamedTuple):
    """What came of it, judged on texts that were not learned from."""

    own: OwnAspects
    opinions: int
    texts: int
    left_out: Mapping[str, int]  # why -> rows
    majority: float  # share of the commonest polarity
    shipped: Interval  # share of right polarities
    both: Interval
    gain: Interval
    names: Score | None  # None: no row names an aspect
    groups: tuple[float, float] | None  # share of names in their category: the commonest one; as learned

    def figures(self) -> dict[str, object]:
        """For the card of the head, and for `--json`."""
        return {
            "opinions": self.opinions,
            "texts": self.texts,
            "left_out": dict(self.left_out),
            "polarity": {
                "majority": round(self.majority, 4),
                "shipped": [round(each, 4) for each in self.shipped],
                "both": [round(each, 4) for each in self.both],
                "gain": [round(each, 4) for each in self.gain],
                "kept": self.own.polarity is not None,
            },
            "names": self.names
            and {
                "shipped_f1": round(self.names.shipped, 4),
                "both_f1": round(self.names.both, 4),
                "kept": self.own.names is not None,
            },
            "groups": self.groups
            and {
                "names": [each.name for each in self.own.groups],
                "majority": round(self.groups[0], 4),
                "learned": round(self.groups[1], 4),
            },
        }


class _Sentence(NamedTuple):
    """A sentence of a text, with what was labelled in it."""

    text: str  # all of it: texts that are the same share a fold
    words: str
    language: str
    aspects: tuple[Span, ...]  # in order
    right: tuple[int, ...]  # of each its polarity, or _UNKNOWN
    named: bool  # whether these are all that it names


def learn_own(rows: Sequence[Labelled], reader: AspectReader, lists: Sequence[WordList] = ()) -> Learned:
    """Learn from labelled opinions of a shop, in Chinese and English together.

    All rows of a text together are taken to say all that it names.

    Args:
        rows: a row an opinion; those that cannot be learned from are counted by the reason.
        reader: the shipped one.
        lists: groups that the shop has named.

    Raises:
        BadFile: there are too few opinions, or all of one polarity.
        WorseModel: nothing of it gains anything.
    """
    left_out: Counter[str] = Counter()
    named = [(row.aspect, row.category) for row in rows]
    groups = learn_groups(named, lists)
    learned = _sentences(rows, reader.within(Groups(groups)) if groups else reader, left_out)
    taught = _taught(learned, left_out)
    focuses, right, texts = _asked(learned, reader, taught)
    polarity, shipped, shares = _polarity(focuses, right, texts, reader, taught)
    answers = [np.asarray(taught)[each[:, taught].argmax(axis=1)] == right for each in (shipped, shares)]
    gain = difference(*(hits.astype(float) for hits in answers))
    told = [each for each in learned if each.named]
    names, score = learn_names([Named(*each[:4]) for each in told], reader) if told else (None, None)
    own = OwnAspects(names=names, polarity=polarity if gain.mean > 0 else None, groups=groups)
    if own.names is None and own.polarity is None and not groups:
        problem = (
            f"nothing is gained: of {len(right):,} polarities the shipped reader has {interval(answers[0])} "
            f"right, and {interval(answers[1])} with what was learned"
        )
        raise WorseModel(problem, remedy="Nothing was changed. Label more, or other texts")
    return Learned(
        own=own,
        opinions=len(right),
        texts=len({*texts}),
        left_out=left_out,
        majority=float(np.bincount(right).max() / len(right)),
        shipped=interval(answers[0]),
        both=interval(answers[1]),
        gain=gain,
        names=score,
        groups=judged_groups(named, lists),
    )


def _taught(learned: Sequence[_Sentence], left_out: Counter[str]) -> tuple[int, ...]:
    """The polarities that enough texts have; raises BadFile where that is too little to learn from."""
    counts = Counter(place for each in learned for place in each.right if place != _UNKNOWN)
    texts = Counter(place for place, _ in {(place, each.text) for each in learned for place in each.right})
    taught = tuple(sorted(place for place in counts if texts[place] >= _LEAST_OF_A_KIND))
    for place in counts.keys() - set(taught):
        left_out[f"too few {POLARITIES[place]}"] += counts[place]
    opinions = sum(counts[place] for place in taught)
    if opinions < LEAST or len(taught) < 2:
        kinds = ", ".join(f"{counts[place]} {name}" for place, name in enumerate(POLARITIES))
        problem = (
            f"there are too few opinions to learn from ({kinds}): {LEAST} are needed, and "
            f"{_LEAST_OF_A_KIND} texts with each of two polarities"
        )
        why = f"; left out: {', '.join(left_out)}" if left_out else ""
        raise BadFile(
            problem + why, remedy="Label more, or name the columns: --aspect, --category, --polarity"
        )
    return taught


def _sentences(rows: Sequence[Labelled], reader: AspectReader, left_out: Counter[str]) -> list[_Sentence]:
    """The sentences of all texts with what was labelled in them."""
    by_text: defaultdict[str, list[Labelled]] = defaultdict(list)
    for row in rows:
        by_text[row.text].append(row)
    found = []
    for text, some in by_text.items():
        bare = plain(text)
        language = language_of(bare)
        if language not in reader.styles:
            left_out["text in no language that is read"] += len(some)
            continue
        spans, named = _placed(bare, some, reader, language, left_out)
        for start, end in sentences(bare):
            inside = sorted((a - start, b - start, right) for a, b, right in spans if start <= a and b <= end)
            aspects, right = tuple((a, b) for a, b, _ in inside), tuple(place for *_, place in inside)
            if aspects or named:
                found.append(_Sentence(text, bare[start:end], language, aspects, right, named))
    return found


def _placed(
    text: str, rows: Sequence[Labelled], reader: AspectReader, language: str, left_out: Counter[str]
) -> tuple[list[tuple[int, int, int]], bool]:
    """Where each row's aspect stands and its polarity (UNKNOWN: none); whether all that is named is told."""
    taken: set[Span] = set()
    found: list[tuple[int, int, int]] = []
    by_category: dict[str, list[Span]] | None = None
    for row in rows:
        polarity = _NAMES.get(row.polarity.strip().lower(), "")
        if not polarity:
            left_out[f"polarity '{row.polarity.strip()}'"] += 1
        if row.aspect:
            places, absent = _places(text, row.aspect), "aspect not in its text"
        elif row.category:
            by_category = _by_category(text, reader, language) if by_category is None else by_category
            places, absent = by_category.get(row.category, []), "category not named in its text"
        else:
            places, absent = [], "no aspect and no category"
        place = next((span for span in places if span not in taken), None)
        if place:
            taken.add(place)
            found.append((*place, POLARITIES.index(polarity) if polarity else _UNKNOWN))
        elif polarity:
            left_out["labelled twice" if places else absent] += 1
    return found, all(row.aspect for row in rows)


def _places(text: str, aspect: str) -> list[Span]:
    """Where a phrase stands: as whole words, or else wherever it does; large and small letters alike."""
    phrase = r"\s+".join(re.escape(part) for part in aspect.split())
    for pattern in (rf"(?<![^\W{HAN}]){phrase}(?![^\W{HAN}])", phrase):
        if places := [match.span() for match in re.finditer(pattern, text, re.IGNORECASE)]:
            return places
    return []


def _by_category(text: str, reader: AspectReader, language: str) -> dict[str, list[Span]]:
    """The aspects that the reader finds in a text, by the group that their words name."""
    found: defaultdict[str, list[Span]] = defaultdict(list)
    pieces = sentences(text)
    _, marks = reader.marks([text[start:end] for start, end in pieces], reader.styles[language])
    for (start, _), mark in zip(pieces, marks, strict=True):
        for a, b in mark.aspects:
            if group := reader.groups.named(text[start + a : start + b]):
                found[group].append((start + a, start + b))
    return found


def _asked(
    learned: Sequence[_Sentence], reader: AspectReader, taught: Sequence[int]
) -> tuple[list[Focus], Ints, list[str]]:
    """Each aspect whose polarity is taught, as the reader will ask for it, what is right, and its text."""
    asked: list[tuple[Focus, int, str]] = []
    for language in sorted({each.language for each in learned}):
        some = [each for each in learned if each.language == language and each.aspects]
        focuses = asked_of_each(
            reader, [each.words for each in some], [each.aspects for each in some], reader.styles[language]
        )
        for each, several in zip(some, focuses, strict=True):
            asked += [
                (focus, right, each.text)
                for focus, right in zip(several, each.right, strict=True)
                if right in taught
            ]
    return (
        [focus for focus, _, _ in asked],
        np.array([right for _, right, _ in asked], np.int64),
        [text for *_, text in asked],
    )


def _polarity(
    focuses: Sequence[Focus], right: Ints, texts: Sequence[str], reader: AspectReader, taught: Sequence[int]
) -> tuple[OwnPolarity, Floats, Floats]:
    """The head; (n, POLARITIES) what the shipped one says of each, and what both say unseen."""
    if reader.polarity is None:
        raise ValueError("the shipped reader has not learned polarities")
    found = features(focuses, reader.kinds)
    shipped = reader.polarity.scores(found)
    classes = np.searchsorted(np.asarray(taught), right)
    parts = folds(texts)
    heard = np.zeros((len(right), 1 if len(taught) == 2 else len(taught)), np.float32)

    def fit(learned: NDArray[np.bool_]) -> LinearWords:
        return fit_polarity(
            found.some(learned),
            classes[learned],
            most=_POLARITY_KEPT,
            cost=_POLARITY_COST,
            classes=len(taught),
        )

    def head(learned: NDArray[np.bool_]) -> Callable[[NDArray[np.bool_]], Floats]:
        fitted = fit(learned)
        return lambda asked: fitted.scores(found.some(asked))

    for asked, said in unseen(parts, head):
        heard[asked] = said
    both = np.concatenate([shipped, heard], axis=1)

    def blend(learned: NDArray[np.bool_]) -> Callable[[NDArray[np.bool_]], Floats]:
        weights, bias = fit_blend(both[learned], classes[learned])
        return lambda asked: softmax(both[asked] @ weights + bias)

    shares = np.zeros((len(right), len(POLARITIES)), np.float32)
    for asked, said in unseen(parts, blend):
        shares[np.ix_(asked, np.asarray(taught))] = said
    weights, bias = fit_blend(both, classes)
    own = OwnPolarity(head=fit(np.ones(len(right), bool)), taught=tuple(taught), weights=weights, bias=bias)
    return own, shipped, shares
