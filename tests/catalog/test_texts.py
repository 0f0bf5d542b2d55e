"""Columns of texts out of tables: every row that stands there is a row, in order."""

import gzip
from pathlib import Path

import pytest

from duomo.catalog.texts import open_texts
from duomo.errors import BadFile, MissingFile


def texts_of(path: Path, column: str = "") -> list[tuple[int, str]]:
    with open_texts(path, column) as texts:
        return [(row.line, row.text) for row in texts.rows]


def test_blank_cells_and_broken_rows_keep_their_place(tmp_path: Path) -> None:
    file = tmp_path / "r.csv"
    file.write_text('id,评论\n1,很好\n2,\n3,a,b,c\n,""\n\n5,差\n', encoding="utf-8")
    with open_texts(file) as texts:
        rows = list(texts.rows)
    assert texts.column == "评论"
    assert [(row.line, row.text) for row in rows] == [(2, "很好"), (3, ""), (4, ""), (5, ""), (7, "差")]
    assert [bool(row.problem) for row in rows] == [False, False, True, False, False]


def test_the_only_column_may_be_called_anything_and_blank_texts_count(tmp_path: Path) -> None:
    file = tmp_path / "r.csv"
    file.write_text('said\ngood\n""\nbad\n', encoding="utf-8")
    assert texts_of(file) == [(2, "good"), (3, ""), (4, "bad")]


def test_json_lines_without_the_column_are_blank(tmp_path: Path) -> None:
    file = tmp_path / "r.jsonl"
    file.write_text('{"text":"good"}\n{}\n{"stars":3}\nnot json\n', encoding="utf-8")
    with open_texts(file) as texts:
        rows = list(texts.rows)
    assert [row.text for row in rows] == ["good", "", "", ""]
    assert rows[3].problem
    assert "JSON" in rows[3].problem.problem


def test_a_table_packed_with_gzip_is_read_and_called_by_its_own_name(tmp_path: Path) -> None:
    file = tmp_path / "r.csv.gz"
    file.write_bytes(gzip.compress("text\n好\n".encode()))
    assert texts_of(file) == [(2, "好")]
    with pytest.raises(BadFile, match=r"r\.csv\.gz has no column 'said'"), open_texts(file, "said"):
        pass


def test_a_plain_file_has_a_text_a_line(tmp_path: Path) -> None:
    file = tmp_path / "r.txt"
    file.write_text("good\n\n差\n", encoding="utf-8")
    assert texts_of(file) == [(1, "good"), (2, ""), (3, "差")]


def test_columns_that_could_be_meant_are_named(tmp_path: Path) -> None:
    file = tmp_path / "r.csv"
    file.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(BadFile, match="--column; it has: a, b"), open_texts(file):
        pass
    with pytest.raises(MissingFile), open_texts(tmp_path / "none.csv"):
        pass


def test_a_column_is_found_by_its_name_whatever_its_case(tmp_path: Path) -> None:
    file = tmp_path / "r.csv"
    file.write_text("Review Text;stars\nfine;3\n", encoding="utf-8")
    assert texts_of(file) == [(2, "fine")]
    assert texts_of(file, "REVIEW_TEXT") == [(2, "fine")]
