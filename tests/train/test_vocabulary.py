import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from duomo.train.vocabulary import SPECIAL, alphabet, build_tokenizer

PIECES = {"▁red": -2.0, "▁dress": -3.0, "连": -5.0, "衣": -5.0, "裙": -5.0, "▁ИЗ": -4.0, "▁из": -4.0}


def test_only_pieces_that_the_texts_use_are_kept_and_each_says_where_it_came_from() -> None:
    tokenizer, origins = build_tokenizer([*PIECES], [*PIECES.values()], ["Red dress"], size=8_000)
    held = tokenizer.get_vocab()
    assert {"▁red", "▁dress"} <= held.keys()
    assert not {"▁ИЗ", "▁из"} & held.keys()
    assert origins[held["▁red"]] == [0]
    assert origins[held["<pad>"]] == origins[held["q"]] == []
    assert len(origins) == tokenizer.get_vocab_size()
    assert [held[mark] for mark in SPECIAL] == [0, 1, 2, 3]


def test_a_frequent_word_is_one_piece_made_of_several() -> None:
    words = {"连衣裙": 5, "red": 5}
    tokenizer, origins = build_tokenizer([*PIECES], [*PIECES.values()], ["连衣裙"], words=words, size=8_000)
    assert tokenizer.encode("连衣裙").tokens == ["<s>", "▁", "连衣裙", "</s>"]
    assert origins[tokenizer.get_vocab()["连衣裙"]] == [2, 3, 4]


def test_capitals_wide_letters_ligatures_and_blanks_make_no_difference(tokenizer: Tokenizer) -> None:
    ids = tokenizer.encode("red dress").ids
    for same in ("RED  Dress", " ｒｅｄ dress ", "red\tdress\n", "red\u3000dress"):
        assert tokenizer.encode(same).ids == ids
    assert tokenizer.encode("ﬁt").ids == tokenizer.encode("fit").ids


@given(st.text(st.sampled_from(sorted(alphabet())), min_size=1, max_size=12))
def test_nothing_written_in_the_alphabet_is_unknown(tokenizer: Tokenizer, text: str) -> None:
    assert SPECIAL.index("<unk>") not in tokenizer.encode(text).ids


def test_the_size_is_kept_and_what_is_used_most_stays() -> None:
    least = len(alphabet()) + len(SPECIAL) + 1
    tokenizer, _ = build_tokenizer(["▁red", "▁dress"], [-2.0, -2.0], ["red red dress"], size=least + 1)
    assert tokenizer.get_vocab_size() == least + 1
    assert "▁red" in tokenizer.get_vocab()
    assert "▁dress" not in tokenizer.get_vocab()


def test_pieces_that_are_alike_are_refused() -> None:
    with pytest.raises(ValueError, match="alike"):
        build_tokenizer(["a", "a"], [math.log(0.5)] * 2, [])
