"""Traditional characters as simplified ones, and how characters are read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.lexicon import concepts
from duomo.shelf.han import fold_traditional, has_han, pinyin


@pytest.mark.parametrize(
    ("traditional", "simplified"),
    [
        ("紅色連衣裙", "红色连衣裙"),
        ("羽絨服 Nike 鞋", "羽绒服 Nike 鞋"),
        ("價錢不帶無塊", "价钱不带无块"),
        ("頭髮 出發 後面 皇后 乾燥 乾隆", "头发 出发 后面 皇后 干燥 乾隆"),
        ("手錶錶帶", "手表表带"),
    ],
)
def test_traditional_characters_are_simplified_word_by_word(traditional: str, simplified: str) -> None:
    assert fold_traditional(traditional) == simplified


def test_what_is_simplified_or_another_script_stays() -> None:
    names = [name for concept in concepts() for name in concept.zh]
    assert [name for name in names if fold_traditional(name) != name] == []
    for text in ("", "red mug", "こんにちは", "Ёлка", "12 €", "\ud800"):
        assert fold_traditional(text) == text


@given(st.text(max_size=40))
def test_any_text_can_be_folded_and_read(text: str) -> None:
    folded = fold_traditional(text)
    assert has_han(folded) is has_han(text)
    pinyin(text)


def test_words_decide_how_a_character_is_read() -> None:
    assert pinyin("长袖") == ("chang", "xiu")
    assert pinyin("女鞋") == ("nv", "xie")
    assert pinyin("red 红") == ("red ", "hong")
