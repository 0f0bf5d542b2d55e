"""Tokens of goods and questions, and BM25 against a second library."""

import csv
import re
import unicodedata
from pathlib import Path
from time import process_time
from typing import Any

import bm25s
import numpy as np
import pyarrow as pa
import pytest
import rjieba
from hypothesis import given, settings
from hypothesis import strategies as st

from duomo.shelf import keywords
from duomo.shelf.keywords import needed, question, tokens
from duomo.shelf.postings import Postings


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Women's Running SHOES", "women run shoe"),
        ("T-Shirt tshirts t-shirt", "tshirt tshirt tshirt"),
        ("v-neck half-sleeve black/white", "vneck half sleev black white"),
        ("HP dv7-1211ea", "hp dv71211ea dv7 1211ea"),
        ("3.5mm 1,299.00 EUR, 500ml", "3.5mm 1299.00 eur 500ml"),
        ("Café CRÈME Ünder", "cafe creme under"),
        ("ＡＢＣ　１２", "abc 12"),
        ("红色连衣裙", "红色 连衣 衣裙 连衣裙"),
        ("Nike男士跑鞋42码", "nike 男士 跑鞋 42 码"),
        ("手机壳 iPhone15", "手机 壳 iphone15"),
        ("the cat is in", "the cat is in"),
        ("!!! ... --", ""),
        ("", ""),
    ],
)
def test_text_is_cut_folded_and_stemmed(text: str, expected: str) -> None:
    assert " ".join(tokens(text)) == expected


def folded(text: str) -> str:
    """Case, width and accents gone, for any text: the slow and obvious way."""
    decomposed = unicodedata.normalize("NFKD", text.encode("utf-8", "ignore").decode("utf-8")).casefold()
    return unicodedata.normalize("NFKC", re.sub("[\u0300-\u036f]", "", decomposed))


def parts_of(compound: str) -> list[str]:
    """The tokens of words that are held together."""
    bare = re.sub("['’]", "", re.sub(r"['’]s\b", "", compound))
    parts = [part for part in re.split(r"[-_./&+]", bare) if part]
    whole = "".join(parts)
    if len(parts) == 1 or (not any(map(str.isdigit, whole)) and min(map(len, parts)) == 1):
        return [keywords._stem(whole)]
    stems = [keywords._stem(part) for part in parts]
    return [whole, *stems] if not whole.isalpha() and not whole.isdigit() else stems


def tokens_at_once(text: str) -> list[str]:
    """The tokens of the whole text, piece by piece, with nothing remembered but stems."""
    found: list[str] = []
    for piece in keywords._PIECES.finditer(folded(text)):
        if piece.lastgroup == "han":
            found += rjieba.cut_for_search(piece[0])
        elif piece.lastgroup == "number":
            found += [re.sub(r",(?=\d{3}(?!\d))", "", piece[0])]
        else:
            found += parts_of(piece[0])
    return found


@given(
    st.text()
    | st.text(st.sampled_from("aBsé'’.,-_/&+19 \t\x1c\u00a0\u3000\u0301\u00a8\ufeffßﬁ①红色连衣裙Ａ²\ud800"))
    | st.text(st.characters(max_codepoint=127))
)
def test_tokens_are_those_of_the_whole_text_cut_at_once(text: str) -> None:
    assert tokens(text) == tokens_at_once(text)


def test_a_long_chinese_word_counts_once_in_a_question() -> None:
    assert question("红色连衣裙 red Red dv7-1") == ("红色", "连衣裙", "red", "dv71", "dv7", "1")


@given(st.text())
def test_every_word_of_a_question_is_a_token_of_the_same_text(text: str) -> None:
    assert set(question(text)) <= set(tokens(text))


@given(st.text())
def test_tokens_can_be_joined_by_blanks_and_cut_again(text: str) -> None:
    found = tokens(text)
    assert " ".join(found).split(" ") == (found or [""])
    assert all(token and token.split() == [token] for token in found)


@given(st.text(alphabet=st.characters(categories=["Lu", "Ll", "Nd", "Zs"], max_codepoint=0x24F)))
def test_case_and_width_make_no_difference(text: str) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)
    assert tokens(text) == tokens(wide)


@given(st.integers(0, 1000))
def test_needed_is_two_thirds_rounded_up_but_all_of_two(count: int) -> None:
    assert needed(count) == (count if count <= 2 else int(np.ceil(np.round(count * 2 / 3, 9))))


@settings(max_examples=settings().max_examples // 2)
@given(
    texts=st.lists(st.lists(st.sampled_from("abcdefg"), min_size=1, max_size=9), min_size=2, max_size=12),
    question=st.lists(st.sampled_from("abcdefg"), min_size=1, max_size=4, unique=True),
)
def test_scores_are_those_of_bm25s(texts: list[list[str]], question: list[str]) -> None:
    postings = Postings(pa.array([" ".join(text) for text in texts]))
    witness = bm25s.BM25(k1=1.2, b=0.75, method="lucene")
    witness.index(texts, show_progress=False)
    known = [token for token in question if any(token in text for text in texts)]
    theirs = witness.get_scores(known) if known else np.zeros(len(texts))
    enough = [len(set(question) & set(text)) >= needed(len(question)) for text in texts]
    rows, scores = postings.search(question)
    assert rows.tolist() == np.flatnonzero(enough).tolist()
    assert scores == pytest.approx(theirs[rows], rel=1e-5)


def test_rows_without_tokens_are_never_found_but_count_for_the_mean() -> None:
    postings = Postings(pa.array(["red", None, "", "red red blue"]))
    rows, scores = postings.search(["red"])
    assert rows.tolist() == [0, 3]
    rarity = np.log(1 + (4 - 2 + 0.5) / (2 + 0.5))
    assert scores[0] == pytest.approx(rarity / (1 + 1.2 * (0.25 + 0.75 * 1 / 1.0)))
    assert Postings(pa.array([], pa.string())).search(["red"])[0].size == 0


@pytest.mark.slow
def test_thirty_eight_thousand_titles_are_cut_and_indexed_in_a_blink(data_dir: Path) -> None:
    path = data_dir / "fashion_products" / "products.csv"
    if not path.is_file():
        pytest.skip(f"the fashion products are not here: {path}")
    with path.open(encoding="utf-8", newline="") as file:
        titles = [row["title"] for row in csv.DictReader(file)]
    tokens("warm up the segmenter 红色")
    started = process_time()
    column: Any = pa.array([" ".join(tokens(title)) for title in titles])
    cut = process_time()
    postings = Postings(column)
    indexed = process_time()
    assert len(titles) == 37_774
    assert len(postings.search(tokens("navy blue shirts"))[0]) > 100
    assert cut - started < 2.0  # seconds of this process alone, whatever else the machine does
    assert indexed - cut < 0.5
