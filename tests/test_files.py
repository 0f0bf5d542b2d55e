"""Files are written whole or not at all, hashed by content, and read line by line with line numbers."""

import math
import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.errors import BadFile
from duomo.files import (
    beside,
    drop_dead,
    hash_bytes,
    hash_file,
    json_line,
    read_json_lines,
    take_place,
    write_atomic,
    write_json_lines,
)

plain = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
records = st.dictionaries(st.text(), plain | st.lists(plain, max_size=3), max_size=4)


def test_writing_makes_the_folders_and_replaces_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "shop.json"
    write_atomic(path, "old and much longer")
    write_atomic(path, "新")
    assert path.read_text(encoding="utf-8") == "新"
    assert [file.name for file in path.parent.iterdir()] == ["shop.json"]


def test_a_failed_write_leaves_the_old_file_and_no_rubbish(tmp_path: Path) -> None:
    path = tmp_path / "shop"
    path.mkdir()  # a file cannot take the place of a folder
    with pytest.raises(OSError, match="shop"):
        write_atomic(path, "new")
    assert [file.name for file in tmp_path.iterdir()] == ["shop"]


@pytest.mark.skipif(os.name != "posix", reason="permissions of this kind are POSIX's")
def test_a_written_file_has_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("x")
    write_atomic(tmp_path / "atomic", "x")
    assert (tmp_path / "atomic").stat().st_mode == (tmp_path / "plain").stat().st_mode


@given(st.lists(st.binary(max_size=8), max_size=4), st.lists(st.binary(max_size=8), max_size=4))
def test_equal_hashes_mean_equal_parts(one: list[bytes], other: list[bytes]) -> None:
    assert (hash_bytes(*one) == hash_bytes(*other)) == (one == other)


def test_hashes_stay_what_they_were_for_shops_that_keep_them(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert hash_file(tmp_path / "empty") == "cae66941d9efbd404e4d88758ea67670"  # BLAKE2b-128 of nothing
    assert hash_bytes(b"duomo") == "922039107b88f1287281dcd0aa2d59ae"


@given(lines=st.lists(records, max_size=5))
def test_json_lines_come_back_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, lines: list[dict[str, object]]
) -> None:
    path = tmp_path_factory.mktemp("lines") / "records.jsonl"
    assert write_json_lines(path, lines) == len(lines)
    assert [record for _, record in read_json_lines(path)] == lines


def test_chinese_stays_readable_in_json_lines() -> None:
    assert json_line({"title": "红色连衣裙"}) == '{"title":"红色连衣裙"}\n'


def test_what_json_cannot_say_is_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        json_line({"score": math.nan})


def test_blank_lines_and_a_byte_order_mark_do_not_shift_line_numbers(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    path.write_text('\ufeff{"a":1}\n\n  \n{"a":2}', encoding="utf-8")
    assert list(read_json_lines(path)) == [(1, {"a": 1}), (4, {"a": 2})]


@pytest.mark.parametrize(
    ("line", "complaint"), [("{'a': 1}", r"line 2: not JSON \("), ("[1]", r"line 2: not a JSON object")]
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, complaint: str) -> None:
    path = tmp_path / "records.jsonl"
    path.write_text(f'{{"a":1}}\n{line}\n', encoding="utf-8")
    with pytest.raises(BadFile, match=complaint) as caught:
        list(read_json_lines(path))
    assert "Write one object a line." in str(caught.value)


def thing(path: Path, kind: str, content: str) -> Path:
    """A file, a folder or a link to a folder, with a content that `said` finds again."""
    if kind == "file":
        path.write_text(content, encoding="utf-8")
    elif kind == "folder":
        (path / "inner").mkdir(parents=True)
        (path / "inner" / "说").write_text(content, encoding="utf-8")
    elif kind == "link":
        path.symlink_to(thing(path.with_name(f"{content} itself"), "folder", content))
    return path


def said(path: Path) -> str:
    return (path if path.is_file() else path / "inner" / "说").read_text(encoding="utf-8")


@pytest.mark.parametrize("there", ["nothing", "file", "folder", "link"])
@pytest.mark.parametrize("new", ["file", "folder"])
def test_what_takes_a_place_is_there_alone(new: str, there: str, tmp_path: Path) -> None:
    path = thing(tmp_path / "shop", there, "old")
    take_place(thing(tmp_path / "new", new, "new"), path)
    assert said(path) == "new"
    assert not path.is_symlink()
    assert {each.name for each in tmp_path.iterdir()} - {"old itself"} == {"shop"}
    if there == "link":
        assert said(tmp_path / "old itself") == "old"


@pytest.mark.parametrize("there", ["file", "folder"])
def test_who_cannot_take_a_place_leaves_it_as_it_was(there: str, tmp_path: Path) -> None:
    path = thing(tmp_path / "shop", there, "old")
    with pytest.raises(FileNotFoundError):
        take_place(tmp_path / "none", path)
    assert said(path) == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["shop"]


def test_a_place_that_nothing_can_be_moved_from_has_no_rubbish_beside_it(tmp_path: Path) -> None:
    inner = thing(tmp_path / "shop", "folder", "old") / "inner"
    with pytest.raises(OSError, match=r"\.\."):
        take_place(thing(tmp_path / "new", "folder", "new"), inner / "..")
    assert [each.name for each in inner.iterdir()] == ["说"]


def test_what_dead_processes_made_beside_a_path_goes_and_what_others_have_stays(tmp_path: Path) -> None:
    dead = [thing(tmp_path / f"{beside(tmp_path / 'a[b].tar')}k3x_9ab{n}", kind, "half")
            for n, kind in enumerate(["file", "folder"])]  # fmt: skip
    young = thing(tmp_path / f"{beside(tmp_path / 'a[b].tar')}young_00", "folder", "half")
    others = [
        thing(tmp_path / name, "file", "kept")
        for name in ("a[b].tar", ".a[b].tar.settings", f"{beside(tmp_path / 'ab.tar')}k3x_9ab0")
    ]
    for path in tmp_path.rglob("*"):
        os.utime(path, (0, 0))
    os.utime(young / "inner" / "说", (time.time(), time.time()))
    drop_dead(tmp_path / "a[b].tar")
    assert {*tmp_path.iterdir()} == {young, *others}
    assert not any(path.exists() for path in dead)
