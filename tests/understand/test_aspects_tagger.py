"""Spans: the best path, tags and spans, sentences, words, and what a field learns."""

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from duomo.errors import BadFile
from duomo.understand.aspects_fitting import choose_features, fit_tagger, rows_for
from duomo.understand.aspects_tagger import FORBIDDEN, INSIDE, TAGS, SpanTagger, best_tags, spans_in, tags_of
from duomo.understand.aspects_tokens import FEATURES, features, sentences, tokens_of, words_of
from duomo.understand.aspects_words import WordKinds, word_hash

TEXTS = st.text(st.sampled_from("好差味道很 ab'C9.!?。！，\n👍é"), max_size=40)
NUMBERS = st.floats(-5, 5, width=32)


def kinds_of(moods: dict[str, int]) -> WordKinds:
    ids = {word_hash(form) - 1: mood for form, mood in moods.items()}
    order = sorted(ids)
    ones = np.ones(len(order), np.uint8)
    return WordKinds(
        ids=np.array(order, np.uint32), used=ones, meant=ones, mood=np.array([ids[n] for n in order], np.int8)
    )


@given(
    scores=arrays(np.float32, st.tuples(st.integers(1, 5), st.just(TAGS)), elements=NUMBERS),
    steps=arrays(np.float32, (TAGS + 1, TAGS), elements=NUMBERS),
)
def test_the_best_path_is_the_best_of_all(scores: np.ndarray, steps: np.ndarray) -> None:
    def reached(path: tuple[int, ...]) -> float:
        before = (TAGS, *path[:-1])
        return float(
            sum(
                scores[n, tag] + steps[was, tag]
                for n, (was, tag) in enumerate(zip(before, path, strict=True))
            )
        )

    found = best_tags(scores, steps, np.array([0, len(scores)]))
    best = max(reached(path) for path in product(range(TAGS), repeat=len(scores)))
    assert reached(tuple(found.tolist())) == pytest.approx(best, abs=1e-3)


@given(lengths=st.lists(st.integers(0, 6), min_size=1, max_size=8), seed=st.integers(0, 99))
def test_sentences_do_not_touch_one_another(lengths: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    ptr = np.cumsum([0, *lengths])
    scores = rng.normal(size=(ptr[-1], TAGS)).astype(np.float32)
    steps = rng.normal(size=(TAGS + 1, TAGS)).astype(np.float32)
    together = best_tags(scores, steps, ptr)
    for start, end in pairwise(ptr):
        alone = best_tags(scores[start:end], steps, np.array([0, end - start]))
        assert together[start:end].tolist() == alone.tolist()


@given(tags=st.lists(st.sampled_from(range(TAGS)), max_size=12))
def test_spans_become_the_tags_they_came_from(tags: list[int]) -> None:
    legal = [tag for n, tag in enumerate(tags) if tag != INSIDE or (n and tags[n - 1])]
    spans = spans_in(np.array(legal, np.int64))
    places = np.arange(len(legal))
    assert spans_in(tags_of(spans, places, places + 1)) == spans


@given(text=TEXTS)
def test_sentences_hold_all_that_can_be_seen_once(text: str) -> None:
    spans = sentences(text)
    assert "".join("".join(text[start:end].split()) for start, end in spans) == "".join(text.split())
    assert all(before[1] <= after[0] for before, after in pairwise(spans))


@given(text=TEXTS)
def test_words_and_tokens_stand_where_they_say(text: str) -> None:
    words = words_of(text)
    assert all(text[word.start : word.end].lower() == word.form for word in words)
    tokens = tokens_of([text])
    assert [text[a:b].lower() for a, b in zip(tokens.starts, tokens.ends, strict=True)] == [*tokens.forms]
    assert "".join(tokens.forms) == "".join(word.form for word in words)


@given(texts=st.lists(TEXTS, min_size=1, max_size=4))
def test_features_of_a_sentence_do_not_depend_on_the_others(texts: list[str]) -> None:
    kinds = kinds_of({"好": 40, "差": -40})
    tokens = tokens_of(texts)
    together = features(tokens, texts, kinds, "terms")
    assert together.shape == (len(tokens.word), FEATURES)
    alone = [features(tokens_of([text]), [text], kinds, "terms") for text in texts]
    assert together.tolist() == np.concatenate(alone).tolist()


def test_a_field_learns_spans_that_a_token_alone_does_not_tell() -> None:
    # Behind a 1 comes a span of two; a 2 by itself is outside.
    sequences = [[0, 1, 2, 2, 0], [2, 0, 1, 2, 2], [1, 2, 2, 2], [0, 2, 0], [1, 2, 2, 0, 2]] * 4
    right = [[0, 0, 1, 2, 0], [0, 0, 0, 1, 2], [0, 1, 2, 0], [0, 0, 0], [0, 1, 2, 0, 0]] * 4
    shown = [
        np.stack([np.array(each), np.array([9, *each[:-1]]) + 10, np.array([9, 9, *each[:-2]]) + 30], axis=1)
        for each in sequences
    ]
    seen = np.concatenate(shown).astype(np.uint32)
    tags, ptr = np.concatenate([np.array(each) for each in right]), np.cumsum([0, *map(len, right)])
    kept = choose_features(seen, tags, ptr, most=9)
    assert len(kept) == 9
    weights, steps = fit_tagger(rows_for(seen, kept), tags, ptr, cost=10.0)
    assert steps[0, INSIDE] < FORBIDDEN / 2
    tagger = SpanTagger.of(kept, [weights, weights], [steps, steps])
    found = tagger.tags(seen, ptr)
    assert found["aspect"].tolist() == found["opinion"].tolist() == tags.tolist()


def test_a_tagger_comes_back_from_its_arrays_and_a_broken_one_is_told() -> None:
    ones = np.ones((2, TAGS), np.float32)
    steps = np.zeros((TAGS + 1, TAGS), np.float32)
    tagger = SpanTagger.of(np.array([3, 7], np.uint32), [ones, -ones], [steps, steps])
    arrays_ = tagger.as_arrays("t/")
    again = SpanTagger.from_arrays(arrays_, prefix="t/", file="w")
    assert again.weights.tolist() == tagger.weights.tolist()
    with pytest.raises(BadFile, match="w lacks"):
        SpanTagger.from_arrays({}, prefix="t/", file="w")
    with pytest.raises(BadFile, match="do not fit together"):
        SpanTagger.from_arrays({**arrays_, "t/ids": np.zeros(1, np.uint32)}, prefix="t/", file="w")


def test_a_table_of_words_knows_its_words_alone() -> None:
    kinds = kinds_of({"good": 80, "bad": -80})
    again = WordKinds.from_arrays(kinds.as_arrays("k/"), prefix="k/", file="w")
    hashes = np.array([word_hash(form) for form in ("bad", "good", "chair")], np.uint64)
    used, meant, mood = again.of(hashes)
    assert (used.tolist(), meant.tolist(), mood.tolist()) == ([1, 1, 0], [1, 1, 0], [-80, 80, 0])
    with pytest.raises(BadFile, match="w lacks"):
        WordKinds.from_arrays({}, prefix="k/", file="w")
