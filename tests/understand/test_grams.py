"""The n-grams of texts: the same everywhere, with their places, whatever stands beside them."""

import itertools
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.understand.grams import grams, word_spans

TEXTS = st.text(st.sampled_from("好不质量很 aBé1'！👍\ud800\n。x"), max_size=30)


def seen(text: str) -> set[str]:
    found = grams([text])
    return {text[start:end] for start, end in zip(found.starts, found.ends, strict=True)}


def test_a_chinese_text_gives_its_characters_up_to_four_and_its_words() -> None:
    assert {"质", "质量", "质量不", "质量不好", "不好"} <= seen("质量不好")


def test_an_english_text_gives_pieces_of_words_and_words_up_to_three() -> None:
    found = seen("does not fit well")
    assert {"not", "does not fit", "fit well", "wel"} <= found
    assert "n" not in found


def test_marks_and_emoji_are_grams_of_their_own() -> None:
    assert {"👍", "👍👍", "!"} <= seen("ok👍👍!")


def test_both_languages_in_one_text_each_give_their_own_grams() -> None:
    assert {"nike", "鞋", "nike 鞋子", "鞋子"} <= seen("nike 鞋子")


def test_width_and_case_make_no_difference() -> None:
    assert grams(["ＮＩＫＥ！"]).ids.tolist() == grams(["nike!"]).ids.tolist()


@given(st.lists(TEXTS, max_size=5))
def test_a_text_gives_the_same_grams_whatever_stands_beside_it(texts: list[str]) -> None:
    together = grams(texts)
    assert len(together) == len(texts)
    for number, text in enumerate(texts):
        alone, part = grams([text]), slice(together.ptr[number], together.ptr[number + 1])
        assert sorted(together.ids[part]) == sorted(alone.ids)
        assert (together.ends[part] <= len(text)).all()
        assert (together.starts[part] >= 0).all()


@given(st.lists(TEXTS, max_size=5))
def test_distinct_grams_are_those_that_stand_there_each_once(texts: list[str]) -> None:
    found = grams(texts)
    ids, ptr = found.distinct()
    for number in range(len(texts)):
        part = found.ids[found.ptr[number] : found.ptr[number + 1]]
        assert ids[ptr[number] : ptr[number + 1]].tolist() == np.unique(part).tolist()


@given(TEXTS)
def test_the_words_of_a_text_are_all_of_it_but_blanks(text: str) -> None:
    spans = word_spans(text)
    assert all(start < end for start, end in spans)
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(spans))
    left = "".join(text[a:b] for a, b in spans)
    assert [char for char in text if char.isalnum()] == [char for char in left if char.isalnum()]


def test_hashes_are_the_same_in_every_process() -> None:
    code = "from duomo.understand.grams import grams; print(grams(['好 nike']).ids.tolist())"
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert other.stdout.strip() == str(grams(["好 nike"]).ids.tolist())


@pytest.mark.parametrize("texts", [[], [""], ["", " \n"]])
def test_nothing_gives_no_grams(texts: list[str]) -> None:
    found = grams(texts)
    assert len(found) == len(texts)
    assert found.ids.size == 0


def test_different_texts_hardly_ever_share_a_hash() -> None:
    words = [f"word{number}" for number in range(20_000)]
    found = grams(words)
    whole = (found.ends - found.starts) == np.repeat([len(word) for word in words], np.diff(found.ptr))
    by_word = np.unique(found.ids[whole & (found.starts == 0)])
    assert by_word.size >= 19_990
