"""Makes the table of what words are like: used alike, meant alike, praising or blaming, from reviews alone.

Words that stand beside the same words (ratios of how often, halved in rank by singular values; Levy and
Goldberg, NeurIPS 2014) are used alike; words whose vectors of the shipped text tower lie together mean alike,
in both languages. The mood of a word is its weight in telling good reviews from bad ones; where reviews hold
it seldom, it is what its vector predicts, so that each language lends the other its moods.
"""

import itertools
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from duomo.encode.base import Encoder
from duomo.train.opinion_texts import Opinion
from duomo.understand.aspects_groups import WordList
from duomo.understand.aspects_tokens import words_of
from duomo.understand.aspects_words import MOOD_STEP, WordKinds, word_hash

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Floats = NDArray[np.float32]
Docs = Sequence[Sequence[str]]
_LEAST: Final = 8  # times that reviews must hold a word
_LONGEST: Final = 20  # characters of a word
_CONTEXTS: Final = 1_500  # words whose neighbourhood tells how others are used
_SMOOTHED: Final = 0.75  # power of how often a context is seen (Levy et al., TACL 2015)
_RANK: Final = 60
_KINDS: Final = 250  # of use, and of meaning
_READ: Final = 1_000  # characters of a review
_MOST_MOOD: Final = 8.0  # weight of a word
_SEED_MOOD: Final = 2.5  # of a word that the lists call praise or blame, in usual moods
_DOUBTED: Final = 80  # times seen, at which a word's own weight counts as much as what its vector predicts
_ENOUGH: Final = 20  # times seen, from which a word teaches what vectors predict


def make_kinds(
    opinions: Sequence[Opinion], more: Sequence[str], lists: Sequence[WordList], encoder: Encoder[str]
) -> WordKinds:
    """The table for the words of reviews, and for further ones.

    Args:
        opinions: reviews; those whose `positive` is known teach moods.
        more: further words, whose meaning and mood their vectors tell.
        lists: the rows "praise" and "blame" begin the moods.
        encoder: of words.
    """
    docs = [[word.form for word in words_of(each.text[:_READ])] for each in opinions]
    counts = Counter(form for doc in docs for form in doc)
    common = [form for form, count in counts.most_common() if count >= _LEAST and form[0].isalpha()]
    common = [form for form in common if len(form) <= _LONGEST]
    seeds = {
        word: (1 if each.kind == "praise" else -1)
        for each in lists
        if each.kind in ("praise", "blame")
        for word in (*each.en, *each.zh)
    }
    words = [*common, *sorted({*more, *seeds} - {*common})]
    vectors = np.concatenate([encoder.encode(words[at : at + 512]) for at in range(0, len(words), 512)])
    used = np.zeros(len(words), np.uint8)
    used[: len(common)] = _clusters(_used_like(docs, common, counts))
    own = np.zeros(len(words), np.float32)
    for chinese in (False, True):
        rows = [n for n, each in enumerate(opinions) if (each.language == "zh") == chinese]
        known = [n for n in rows if opinions[n].positive is not None]
        good = np.array([opinions[n].positive for n in known], bool)
        own[: len(common)] += _moods([docs[n] for n in known], good, common, counts)
    times = np.array([counts[form] if n < len(common) else 0 for n, form in enumerate(words)], np.float32)
    mood = _shared_moods(words, vectors, own, times, seeds)
    ids = np.array([word_hash(form) - 1 for form in words], np.uint32)
    ids, first = np.unique(ids, return_index=True)
    return WordKinds(
        ids=ids,
        used=used[first],
        meant=_clusters(vectors)[first],
        mood=np.clip(np.rint(mood[first] * 2 * MOOD_STEP), -127, 127).astype(np.int8),
    )


def _used_like(docs: Docs, words: Sequence[str], counts: Counter[str]) -> Floats:
    """(words, _RANK) unit rows: which words stand ahead of each, and which behind."""
    from scipy.sparse import csr_matrix
    from sklearn.decomposition import TruncatedSVD

    row_of = {form: n for n, form in enumerate(words)}
    column_of = {form: n for n, (form, _) in enumerate(counts.most_common(_CONTEXTS))}
    rows: list[NDArray[np.int64]] = []
    columns: list[NDArray[np.int64]] = []
    for doc in docs:
        own = np.array([row_of.get(form, -1) for form in doc], np.int64)
        near = np.array([column_of.get(form, -1) for form in doc], np.int64)
        for one, other, shift in ((own[:-1], near[1:], 0), (own[1:], near[:-1], _CONTEXTS)):
            both = (one >= 0) & (other >= 0)
            rows.append(one[both])
            columns.append(other[both] + shift)
    row, column = np.concatenate(rows), np.concatenate(columns)
    pairs = csr_matrix((np.ones(len(row), np.float32), (row, column)), (len(words), 2 * _CONTEXTS)).tocoo()
    of_word = np.bincount(row, minlength=len(words)) + 1.0
    of_context = (np.bincount(column, minlength=2 * _CONTEXTS) + 1.0) ** _SMOOTHED
    ratio = np.log(pairs.data * of_context.sum() / (of_word[pairs.row] * of_context[pairs.col]))
    kept = csr_matrix((np.maximum(ratio, 0).astype(np.float32), (pairs.row, pairs.col)), pairs.shape)
    found = TruncatedSVD(_RANK, random_state=0).fit_transform(kept)
    return np.asarray(found / (np.linalg.norm(found, axis=1, keepdims=True) + 1e-6), np.float32)


def _clusters(vectors: Floats) -> NDArray[np.uint8]:
    """(n,) numbers from 1 to _KINDS."""
    from sklearn.cluster import MiniBatchKMeans

    model = MiniBatchKMeans(_KINDS, random_state=0, n_init=1, batch_size=4_096, max_iter=60)
    return np.asarray(model.fit_predict(vectors) + 1, np.uint8)


def _moods(docs: Docs, good: NDArray[np.bool_], words: Sequence[str], counts: Counter[str]) -> Floats:
    """(words,) weights for good, learned beside those of pairs of words; their usual size is 1."""
    from sklearn.linear_model import LogisticRegression

    if len(np.unique(good)) < 2:
        return np.zeros(len(words), np.float32)
    rows, columns = _words_and_pairs(docs)
    often = np.asarray((rows > 0).sum(axis=0)).ravel() >= _LEAST - 3
    rows = rows[:, np.flatnonzero(often)]
    sizes = np.sqrt(np.asarray(rows.sum(axis=1)).ravel() + 1)
    rows = rows.multiply(1 / sizes[:, None]).tocsr()
    model = LogisticRegression(C=10, solver="liblinear", class_weight="balanced").fit(rows, good)
    place = dict(zip(np.flatnonzero(often).tolist(), model.coef_[0].tolist(), strict=True))
    found = np.array([place.get(columns.get(form, -1), 0.0) for form in words], np.float32)
    found = np.clip(found, -_MOST_MOOD, _MOST_MOOD)
    common = np.array([counts[form] > 50 and weight != 0 for form, weight in zip(words, found, strict=True)])
    return found / (found[common].std() if common.any() else 1)


def _words_and_pairs(docs: Docs) -> tuple["csr_matrix", dict[str, int]]:
    from scipy.sparse import csr_matrix

    columns: dict[str, int] = {}
    places: list[int] = []
    ptr = [0]
    for doc in docs:
        there = {*doc, *(f"{one} {other}" for one, other in itertools.pairwise(doc))}
        places.extend(columns.setdefault(form, len(columns)) for form in sorted(there))
        ptr.append(len(places))
    return csr_matrix((np.ones(len(places), np.float32), places, ptr), (len(docs), len(columns))), columns


def _shared_moods(
    words: Sequence[str], vectors: Floats, own: Floats, times: Floats, seeds: dict[str, int]
) -> Floats:
    """(words,) moods: a word's own where it is seen often, what its vector predicts where not."""
    from sklearn.linear_model import Ridge

    seeded = np.array([_SEED_MOOD * seeds.get(form, 0) for form in words], np.float32)
    weight = np.where(seeded != 0, 8.0, np.minimum(times / 100, 2.0))
    taught = (seeded != 0) | (times >= _ENOUGH)
    model = Ridge(alpha=1.0)
    model.fit(vectors[taught], np.where(seeded != 0, seeded, own)[taught], sample_weight=weight[taught])
    mood = (times * own + _DOUBTED * model.predict(vectors)) / (times + _DOUBTED)
    return np.asarray(np.where(seeded != 0, (mood + 2 * seeded) / 3, mood), np.float32)
