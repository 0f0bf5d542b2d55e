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
from hypothesis import given, settings
from hypothesis import strategies as st

from duomo.shelf import keywords
from duomo.shelf.han import fold_traditional
from duomo.shelf.keywords import Spelling, Word, question, row_tokens, tokens
from duomo.shelf.postings import FIELDS, HELD, K1, B, Counted, Postings, matching, rarity


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
        ("红色连衣裙", "红 色 连 衣 裙 红色 色连 连衣 衣裙"),
        ("Nike男士跑鞋42码", "nike 男 士 跑 鞋 男士 士跑 跑鞋 42 码"),
        ("壳 iPhone15", "壳 iphone15"),
        ("紅裙", "红 裙 红裙"),
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
    return fold_traditional(unicodedata.normalize("NFKC", re.sub("[\u0300-\u036f]", "", decomposed)))


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
            run = piece[0]
            found += [*run, *(run[at : at + 2] for at in range(len(run) - 1))]
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
    assert [word.said for word in question("红色连衣裙 red Red dv7-1 half-sleeve")] == [
        *("红色", "连衣裙", "red", "dv7-1", "half", "sleev")
    ]


def test_a_code_is_held_with_and_without_its_hyphens() -> None:
    (asked,) = question("dv7-1211ea")
    postings = Postings(
        pa.array([" ".join(tokens(t)) for t in ("DV7-1211EA", "dv7 1211ea", "dv71211ea", "dv7")])
    )
    assert postings.holding(asked).tolist() == [0, 1, 2]


@given(st.text())
def test_every_token_of_a_question_is_a_token_of_the_same_text(text: str) -> None:
    there = set(tokens(text))
    for word in question(text):
        for spelling in word.spellings:
            assert {*spelling.tokens, *spelling.scored} <= there
            assert spelling.tokens


@given(st.text())
def test_a_row_holds_every_word_of_its_own_text(text: str) -> None:
    words = question(text)
    postings = Postings(pa.array([row_tokens(tokens(text)), "other"]))
    assert all(postings.holding(word).tolist() == [0] for word in words if word.said != "other")


@given(st.text())
def test_tokens_can_be_joined_by_blanks_and_cut_again(text: str) -> None:
    found = tokens(text)
    assert " ".join(found).split(" ") == (found or [""])
    assert all(token and token.split() == [token] for token in found)


@given(st.text(alphabet=st.characters(categories=["Lu", "Ll", "Nd", "Zs"], max_codepoint=0x24F)))
def test_case_and_width_make_no_difference(text: str) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)
    assert tokens(text) == tokens(wide)


LETTERS = st.lists(st.sampled_from("abcdefg"), max_size=6)


def asking(letters: list[str]) -> list[Word]:
    return [Word(letter, (Spelling((letter,)),)) for letter in letters]


@settings(max_examples=settings().max_examples // 2)
@given(
    texts=st.lists(st.lists(st.sampled_from("abcdefg"), min_size=1, max_size=9), min_size=2, max_size=12),
    asked=st.lists(st.sampled_from("abcdefg"), min_size=1, max_size=4, unique=True),
)
def test_scores_of_titles_are_those_of_bm25s(texts: list[list[str]], asked: list[str]) -> None:
    # A mention in a title counts three times: the witness is given every title three times over.
    postings = Postings(pa.array([" ".join(text) for text in texts]))
    witness = bm25s.BM25(k1=K1, b=B, method="lucene")
    witness.index([text * round(FIELDS[0]) for text in texts], show_progress=False)
    known = [token for token in asked if any(token in text for text in texts)]
    theirs = witness.get_scores(known) if known else np.zeros(len(texts))
    assert postings.scores(asking(asked)) == pytest.approx(theirs, rel=1e-5)


@given(st.lists(st.tuples(LETTERS, LETTERS, LETTERS, LETTERS), min_size=1, max_size=8), LETTERS)
def test_scores_are_the_formula_over_weighted_fields(
    rows: list[tuple[list[str], ...]], asked: list[str]
) -> None:
    asked = list(dict.fromkeys(asked))
    column = pa.array([row_tokens(*fields) for fields in rows])
    lengths = [sum(w * len(field) for w, field in zip(FIELDS, fields, strict=True)) for fields in rows]
    mean = sum(lengths) / len(rows) or 1.0
    expected = np.zeros(len(rows))
    for letter in asked:
        counts = [sum(w * f.count(letter) for w, f in zip(FIELDS, fs, strict=True)) for fs in rows]
        rare = np.log(1 + (len(rows) - sum(map(bool, counts)) + 0.5) / (sum(map(bool, counts)) + 0.5))
        expected += [
            rare * n / (n + K1 * (1 - B + B * length / mean)) if n else 0.0
            for n, length in zip(counts, lengths, strict=True)
        ]
    postings = Postings(column)
    assert postings.scores(asking(asked)) == pytest.approx(expected, rel=1e-5)


@given(st.lists(st.tuples(LETTERS, LETTERS), min_size=1, max_size=8), LETTERS)
def test_rows_match_that_hold_most_of_what_the_best_row_holds(
    rows: list[tuple[list[str], list[str]]], asked: list[str]
) -> None:
    asked = list(dict.fromkeys(asked))
    postings = Postings(pa.array([row_tokens(*fields) for fields in rows]))
    there = [{token for field in fields for token in field} for fields in rows]
    rare = {a: float(rarity(sum(a in each for each in there), len(rows))) for a in asked}
    held = np.array([sum(rare[a] for a in asked if a in each) for each in there])
    found, scores = postings.search(asking(asked))
    assert found.tolist() == np.flatnonzero((held > 0) & (held >= HELD * held.max() - 1e-9)).tolist()
    assert scores.tolist() == postings.scores(asking(asked))[found].tolist()


def test_of_several_spellings_the_best_counts() -> None:
    postings = Postings(pa.array(["sofa", "couch", "couch sofa", "chair"]))
    either = Word("sofa", (Spelling(("sofa",)), Spelling(("couch",), weight=0.5)))
    rows, scores = postings.search([either])
    assert rows.tolist() == [0, 1, 2]
    alone = postings.scores([Word("couch", (Spelling(("couch",)),))])
    assert scores[1] == pytest.approx(alone[1] / 2)
    assert scores[2] == postings.scores([Word("sofa", (Spelling(("sofa",)),))])[2]


def test_nothing_matches_where_nothing_is_held() -> None:
    assert not matching(np.zeros(3)).any()
    assert Postings(pa.array(["red"])).search(asking(["z"]))[0].size == 0
    assert Postings(pa.array(["red"])).search([])[0].size == 0


def test_rows_without_tokens_are_never_found_but_count_for_the_mean() -> None:
    postings = Postings(pa.array(["red", None, "", "red red blue"]))
    rows, scores = postings.search(asking(["red"]))
    assert rows.tolist() == [0, 3]
    rare = np.log(1 + (4 - 2 + 0.5) / (2 + 0.5))
    assert scores[0] == pytest.approx(rare * 3 / (3 + 1.2 * (0.25 + 0.75 * 3 / 3.0)))
    assert Postings(pa.array([], pa.string())).search(asking(["red"]))[0].size == 0


def test_the_fields_of_a_row_are_told_apart() -> None:
    counted = Counted(pa.array([row_tokens(["a"], [], ["b", "a"], ["c"]), None, row_tokens([], ["d"])]))
    weighed = zip(counted.codes.tolist(), counted.parents.tolist(), counted.counts.tolist(), strict=True)
    found = [(counted.words[code], row, count) for code, row, count in weighed]
    assert found == [("a", 0, 3.0), ("b", 0, 1.0), ("a", 0, 1.0), ("c", 0, 0.5), ("d", 2, 2.0)]
    assert counted.lengths.tolist() == [5.5, 0.0, 2.0]


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
    assert len(postings.search(question("navy blue shirts"))[0]) > 100
    assert cut - started < 2.0  # seconds of this process alone, whatever else the machine does
    assert indexed - cut < 0.5
