"""From a question to words: codes, refusals, synonyms; on rows written by hand."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from duomo.errors import BadFile
from duomo.search.codes import MOST, SHORTEST, TWO_SLIPS, Codes
from duomo.search.reader import Reader, hard, literally
from duomo.search.refusals import refused
from duomo.search.synonyms import read_synonyms
from duomo.shelf.base import Snapshot, column
from duomo.shelf.exact import ExactShelf
from duomo.shelf.filters import squeeze
from duomo.shelf.keywords import question, row_tokens, tokens
from duomo.shelf.layout import FIXED

SCHEMA = pa.schema([*FIXED, column("part", pa.list_(pa.string()), "texts")])


def stocked(*rows: dict[str, object]) -> Snapshot:
    shelf = ExactShelf()
    whole = []
    for number, row in enumerate(rows):
        fields = (str(row.get("title", "")), str(row.get("mpn", "")), str(row.get("description", "")))
        parts = row.get("part", [])
        assert isinstance(parts, list)
        keywords = row_tokens(*map(tokens, fields), tokens(" ".join(parts)))
        whole.append({"id": f"{number}", "product_id": f"{number}", "tokens": keywords, **row})
    shelf.upsert(pa.Table.from_pylist(whole, schema=SCHEMA))
    return shelf.snapshot()


def found(snapshot: Snapshot, text: str, folder: Path | None = None) -> list[int]:
    words = Reader(snapshot, folder).read(text).words
    rows: list[int] = snapshot.search(keywords=words).rows.tolist()
    return rows


@pytest.mark.parametrize(
    "text",
    ["dv7 1211 ea", "dv 7-1211ea", "DV71211EA", "hp dv7 1211ea laptop", "dv71211e", "dv71211", "dv7l211ea"],
)
def test_a_code_is_found_however_it_is_spelt_and_with_a_slip(text: str) -> None:
    snapshot = stocked(
        {"title": "HP Pavilion laptop", "mpn": "DV7-1211EA"},
        {"title": "HP Compaq laptop", "mpn": "NX9420"},
        {"title": "Canon camera", "mpn": "EOS-550D"},
    )
    words = Reader(snapshot).read(text).words
    scores = snapshot.relevance(np.arange(3), words)
    assert scores.argmax() == 0
    assert scores[0] > 0


@given(
    codes=st.lists(st.text("0123abcéß", min_size=1, max_size=12), min_size=1, max_size=30),
    asked=st.text("0123abcéß", min_size=1, max_size=12),
)
def test_a_mistyped_code_is_what_comparing_it_with_every_code_says(codes: list[str], asked: str) -> None:
    held = {squeeze(code): code for code in codes if any(letter.isdigit() for letter in squeeze(code))}
    key = squeeze(asked)
    slips = 1 if len(key) < TWO_SLIPS else 2
    cost = {code: OSA.distance(key, code) * (0.5 if code.startswith(key) else 1) for code in held}
    near = sorted(
        (cost[code], code)
        for code in held
        if len(code) >= SHORTEST and OSA.distance(key, code) <= 2 and cost[code] <= slips
    )
    wrong = len(key) >= SHORTEST and any(letter.isdigit() for letter in key) and key not in held
    rows: list[dict[str, object]] = [{"mpn": code, "title": code} for code in codes]
    found = Codes(stocked(*rows)).near(asked)
    weights = [1 / (1 + slip) for slip, _ in near[:MOST]] if wrong else []
    assert [spelling.weight for spelling in found] == weights


def test_a_short_code_is_taken_at_its_word() -> None:
    codes = Codes(stocked({"title": "Camera", "mpn": "550D"}, {"title": "Lens", "mpn": "X1"}))
    assert codes.near("551D") == ()
    assert codes.near("camera") == ()
    assert codes.pieces(["size", "10", "shoe"]) == []


def test_a_shop_without_rows_or_codes_reads_any_question() -> None:
    for snapshot in (stocked({"title": ""}), ExactShelf().snapshot()):
        assert [word.said for word in Reader(snapshot).read("dv7 1211").words] == ["dv7", "1211"]


def test_who_denies_to_have_it_is_not_refused() -> None:
    snapshot = stocked(
        {"title": "Rain jacket with hood"},
        {"title": "Jacket", "description": "A warm one, without a hood."},
        {"title": "夹克", "description": "无帽设计"},
        {"title": "连帽夹克"},
        {"title": "Plain jacket"},
    )
    for text in ("jacket without hood", "夹克不带帽"):
        limits = hard(Reader(snapshot).read(text).reading)
        assert [limit.unwanted != "" for limit in limits] == [True]
        assert refused(snapshot, limits).tolist() == [0, 3]


def test_where_a_column_is_silent_the_title_is_read() -> None:
    snapshot = stocked(
        {"title": "Jacket with hood"},
        {"title": "Jacket", "part": ["hood"]},
        {"title": "Jacket with hood", "part": ["belt"]},
        {"title": "Jacket without hood"},
    )
    (limit,) = hard(Reader(snapshot).read("jacket without hood").reading)
    assert limit.where == "not part = 'hood'"
    assert refused(snapshot, [limit]).tolist() == [0]


def test_a_synonym_of_the_shop_finds_like_the_word_itself_and_both_ways_of_an_equal_line(
    tmp_path: Path,
) -> None:
    (tmp_path / "synonyms.txt").write_text("settee, sofa\nperch => bar stool\n", "utf-8")
    snapshot = stocked({"title": "Blue sofa"}, {"title": "Bar stool"}, {"title": "Wooden chair"})
    assert found(snapshot, "settee", tmp_path) == [0]
    assert found(snapshot, "perch", tmp_path) == [1]
    assert found(snapshot, "settee") == []


def test_a_broken_file_of_synonyms_stops_no_shopper_and_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "synonyms.txt").write_text("a => b => c\n", "utf-8")
    assert found(stocked({"title": "Blue sofa"}), "sofa", tmp_path) == [0]
    assert "searching without the shop's synonyms" in caplog.text
    (tmp_path / "synonyms.txt").unlink()
    (tmp_path / "synonyms.txt").mkdir()
    with pytest.raises(BadFile, match=r"synonyms\.txt cannot be read"):
        read_synonyms(tmp_path)


def test_words_of_both_languages_find_each_other() -> None:
    snapshot = stocked({"title": "Red dress"}, {"title": "蓝色衬衫"}, {"title": "Green mug"})
    assert found(snapshot, "红色的连衣裙") == [0]
    assert found(snapshot, "blue shirt") == [1]


def test_taken_at_its_word_a_question_is_its_words() -> None:
    wording = literally("yelow under 50")
    assert wording.words == question("yelow under 50")
    assert wording.text == "yelow under 50"
    assert not wording.reading.meanings
