"""The journal: nothing acknowledged is lost, nothing is there twice, whenever the process dies."""

import resource
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duomo.errors import BadSetup, ShopBusy
from duomo.shelf.lock import writing
from duomo.shelf.tables import Tables, connect


def texts(tables: Tables, table: str = "reviews") -> list[str]:
    return [str(text) for text in tables.scan(table)["text"].to_pylist()]


def test_records_are_seen_at_once_and_keep_their_order_when_folded(tmp_path: Path) -> None:
    tables = Tables(tmp_path / "tables")
    assert (len(tables.scan("reviews")), tables.fold("reviews")) == (0, 0)
    tables.append("reviews", [{"text": "a", "rating": 5}, {"text": "b", "tags": ["x", "y"]}])
    assert tables.fold("reviews") == 2
    tables.append("reviews", [{"text": "c\nd\u2028e", "seen": True, "rating": 4.5}])
    tables.append("events", [{"text": "elsewhere"}])
    expected = [
        {"text": "a", "rating": 5.0, "tags": None, "seen": None},
        {"text": "b", "rating": None, "tags": ["x", "y"], "seen": None},
        {"text": "c\nd\u2028e", "rating": 4.5, "tags": None, "seen": True},
    ]
    assert tables.scan("reviews").to_pylist() == expected
    assert tables.fold("reviews") == 1
    assert Tables(tmp_path / "tables").scan("reviews").to_pylist() == expected
    assert texts(tables, "events") == ["elsewhere"]


def test_deleting_reaches_the_journal_too(tmp_path: Path) -> None:
    tables = Tables(tmp_path)
    tables.append("reviews", [{"text": "a", "user": "it's u1"}, {"text": "b", "user": "u2"}])
    tables.fold("reviews")
    tables.append("reviews", [{"text": "c", "user": "it's u1"}, {"text": "d", "stars": 3}])
    assert tables.delete("reviews", "user", "it's u1") == 2
    assert texts(tables) == ["b", "d"]
    assert tables.delete("reviews", "stars", 3) == 1
    assert tables.delete("reviews", "stars", "3") == 0
    assert tables.delete("reviews", "nobody", "x") == 0
    tables.append("reviews", [{"text": "e"}])
    assert texts(tables) == ["b", "e"]


def test_what_is_deleted_is_in_no_file_any_more(tmp_path: Path) -> None:
    def holding(words: str) -> list[Path]:
        files = (path for path in tmp_path.rglob("*") if path.is_file())
        return [path for path in files if words.encode() in path.read_bytes()]

    tables = Tables(tmp_path)
    many = [{"text": f"said {number}", "user": f"u{number}"} for number in range(500)]
    secret = {"text": "I live in Marigold Lane", "user": "ann"}
    tables.append("reviews", [*many, secret])  # one of many, so that no file of Lance goes by itself
    assert holding("Marigold Lane")
    tables.fold("reviews")
    tables.append("reviews", [{"text": "I moved to Saffron Street", "user": "ann"}, {"text": "nameless"}])
    assert holding("Marigold Lane")
    assert holding("Saffron Street")
    assert tables.delete("reviews", "user", "ann") == 2
    assert not holding("Marigold Lane")
    assert not holding("Saffron Street")
    assert texts(tables) == [*(each["text"] for each in many), "nameless"]
    tables.append("reviews", [{"text": "new"}])
    tables.fold("reviews")
    assert texts(tables)[-2:] == ["nameless", "new"]


def test_a_deletion_that_was_cut_short_is_finished_by_the_next(tmp_path: Path) -> None:
    tables = Tables(tmp_path)
    tables.append("reviews", [{"text": "Marigold Lane", "user": "ann"}, {"text": "b", "user": "bob"}])
    tables.fold("reviews")
    connect(tmp_path).open_table("reviews").delete("user = 'ann'")  # as if killed before the clean-up
    assert any(b"Marigold" in path.read_bytes() for path in tmp_path.rglob("*.lance") if path.is_file())
    assert tables.delete("reviews", "user", "nobody") == 0
    assert not any(b"Marigold" in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert texts(tables) == ["b"]


def test_whoever_reads_while_others_are_deleted_sees_the_old_or_the_new(tmp_path: Path) -> None:
    tables = Tables(tmp_path)
    tables.append("reviews", [{"text": f"{n % 20}", "user": f"u{n % 20}"} for n in range(2000)])
    tables.fold("reviews")
    seen: list[int] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.append(len(tables.scan("reviews")))

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for number in range(10):
            assert tables.delete("reviews", "user", f"u{number}") == 100
    finally:
        done.set()
        reader.join()
    assert len(tables.scan("reviews")) == 1000
    assert seen == sorted(seen, reverse=True)
    assert set(seen) <= set(range(1000, 2001, 100))


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ({"text": {"a": 1}}, "reviews: column 'text' cannot hold {'a': 1}"),
        ({"text": 5}, "reviews: column 'text' holds text, not 5"),
        ({"n": float("nan")}, "not JSON compliant"),
        ({"_journal": 1}, "column '_journal' cannot hold 1"),
        ({"a.b": 1}, "column 'a.b' cannot hold 1"),
    ],
)
def test_a_record_that_does_not_fit_is_refused_with_its_whole_batch(
    tmp_path: Path, record: dict[str, object], words: str
) -> None:
    tables = Tables(tmp_path)
    tables.append("reviews", [{"text": "a"}])
    with pytest.raises(ValueError, match=words):
        tables.append("reviews", [{"text": "b"}, record])
    assert texts(tables) == ["a"]


def test_a_table_has_a_plain_name(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"'\.\./x' is not the name of a table"):
        Tables(tmp_path).append("../x", [{"text": "a"}])


def test_a_torn_last_line_is_passed_over_and_then_cut_off(tmp_path: Path) -> None:
    tables = Tables(tmp_path)
    tables.append("reviews", [{"text": "a"}])
    journal = next(tmp_path.glob("reviews.*.jsonl"))
    with journal.open("ab") as file:
        file.write('{"text":"红'.encode()[:-1])  # killed in the middle of a letter
    assert texts(tables) == ["a"]
    tables.append("reviews", [{"text": "b"}])
    assert texts(tables) == ["a", "b"]
    assert journal.read_text("utf-8") == '{"text":"a"}\n{"text":"b"}\n'


def test_a_full_disk_leaves_no_part_of_a_batch(tmp_path: Path) -> None:
    tables = Tables(tmp_path)
    tables.append("reviews", [{"text": "a" * 2000}])
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4000, limits[1]))
    try:
        with pytest.raises(BadSetup, match=r"too large.*Raise the limit"):
            tables.append("reviews", [{"text": "b"}, {"text": "c" * 3000}])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    tables.append("reviews", [{"text": "d"}])
    assert texts(tables) == ["a" * 2000, "d"]


def test_a_fold_cut_short_after_the_commit_doubles_nothing(tmp_path: Path) -> None:
    tables = Tables(tmp_path / "tables")
    tables.append("reviews", [{"text": "a"}, {"text": "b"}])
    journal = next((tmp_path / "tables").glob("reviews.*.jsonl"))
    shutil.copy(journal, tmp_path / "kept")
    tables.fold("reviews")
    shutil.copy(tmp_path / "kept", journal)  # as if killed before the journal was removed
    assert texts(tables) == ["a", "b"]
    tables.append("reviews", [{"text": "c"}])
    assert texts(tables) == ["a", "b", "c"]
    assert tables.fold("reviews") == 1
    assert texts(tables) == ["a", "b", "c"]
    assert not journal.exists()


def test_a_fold_cut_short_before_the_commit_loses_nothing(tmp_path: Path) -> None:
    tables = Tables(tmp_path)
    tables.append("reviews", [{"text": "a"}])
    (tmp_path / "reviews.2.jsonl").touch()  # the next journal is begun, nothing is in Lance yet
    tables.append("reviews", [{"text": "b"}])
    assert texts(tables) == ["a", "b"]
    assert tables.fold("reviews") == 2
    assert texts(tables) == ["a", "b"]


def test_a_fold_cut_short_while_it_makes_the_table_neither_hides_nor_holds_up_anything(
    tmp_path: Path,
) -> None:
    tables = Tables(tmp_path)
    tables.append("reviews", [{"text": "a"}])
    for part in ("_versions", "_transactions", "data"):  # what Lance makes before its first commit
        (tmp_path / "reviews.lance" / part).mkdir(parents=True)
    assert texts(tables) == ["a"]
    tables.append("reviews", [{"text": "b"}])
    assert tables.delete("reviews", "text", "nobody") == 0
    assert texts(tables) == ["a", "b"]
    assert tables.fold("reviews") == 0
    tables.append("reviews", [{"text": "c"}])
    assert tables.fold("reviews") == 1
    assert texts(tables) == ["a", "b", "c"]


@pytest.mark.slow
def test_what_a_dead_fold_had_not_committed_goes_when_many_small_files_are_merged(tmp_path: Path) -> None:
    tables = Tables(tmp_path)
    for number in range(40):
        tables.append("reviews", [{"text": f"{number}"}])
        tables.fold("reviews")
        if not number:
            left = tmp_path / "reviews.lance" / "data" / "never-committed.lance"
            left.write_bytes(b"x" * 100)
    assert not left.exists()
    assert texts(tables) == [f"{number}" for number in range(40)]


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("append"), st.lists(st.sampled_from("abc"), min_size=1, max_size=3)),
        st.tuples(st.just("delete"), st.sampled_from("abc")),
        st.tuples(st.just("fold"), st.none()),
    ),
    max_size=8,
)


@settings(max_examples=settings().max_examples // 5)
@given(steps=STEPS)
def test_whatever_is_appended_folded_and_deleted_the_table_is_a_list(
    tmp_path_factory: pytest.TempPathFactory, steps: list[Any]
) -> None:
    tables, truth = Tables(tmp_path_factory.mktemp("tables")), list[str]()
    tables.append("reviews", [{"text": "start"}])
    for step, content in steps:
        if step == "append":
            tables.append("reviews", [{"text": text} for text in content])
            truth += content
        elif step == "delete":
            assert tables.delete("reviews", "text", content) == truth.count(content)
            truth = [text for text in truth if text != content]
        else:
            tables.fold("reviews")
        assert texts(tables) == ["start", *truth]


def test_two_threads_that_append_do_not_disturb_each_other(tmp_path: Path) -> None:
    def work(name: str) -> None:
        for n in range(15):
            Tables(tmp_path).append("events", [{"text": f"{name}{n}"}])

    threads = [threading.Thread(target=work, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(texts(Tables(tmp_path), "events")) == sorted(
        f"{name}{n}" for name in "ab" for n in range(15)
    )


def test_a_table_that_another_writer_holds_is_busy(tmp_path: Path) -> None:
    with writing(tmp_path), pytest.raises(ShopBusy, match="is writing to"):
        Tables(tmp_path, wait_s=0.1).append("reviews", [{"text": "a"}])


WRITE = """
import sys
from pathlib import Path
from duomo.shelf.tables import Tables
tables = Tables(Path(sys.argv[1]))
for n in range(int(sys.argv[2]), 10**6):
    tables.append("events", [{"text": f"{n}.0"}, {"text": f"{n}.1"}])
    print(n, flush=True)
    if n % 3 == 0:
        tables.fold("events")
"""


@pytest.mark.slow
def test_killing_the_writer_again_and_again_loses_and_doubles_nothing(tmp_path: Path) -> None:
    tables, acknowledged, start = Tables(tmp_path), set[int](), 0
    for round in range(4):
        command = [sys.executable, "-c", WRITE, str(tmp_path), str(start)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout
            for line in writer.stdout:
                acknowledged.add(int(line))
                if len(acknowledged) >= 10 * (round + 1):
                    threading.Event().wait(
                        0.0007 * round
                    )  # so that death comes in the middle of different steps
                    writer.kill()
                    break
            acknowledged |= {int(line) for line in writer.stdout if line.endswith("\n")}
        found = texts(tables, "events")
        assert len(found) == len(set(found))
        assert {f"{n}.{part}" for n in acknowledged for part in "01"} <= set(found)
        start = max(int(text.split(".")[0]) for text in found) + 1
    tables.fold("events")
    assert len(set(texts(tables, "events"))) == len(texts(tables, "events")) >= 80
