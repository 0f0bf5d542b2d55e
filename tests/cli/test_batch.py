"""A file of questions becomes a TREC run that sorts as it stands."""

import json
import subprocess
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.cli.batch import falling, in_one_word
from duomo.hits import Hit
from duomo.product import Product, Variant
from duomo.shop import Shop

Duomo = Callable[..., subprocess.CompletedProcess[str]]
MUG = Product(id="A1", title="Mug", variants=(Variant(id="A1"),))
SCORES = st.lists(st.floats(0, 1, width=32) | st.sampled_from([0.0, 0.5, 0.5 + 1e-12]), max_size=30)


@given(SCORES, st.integers(0, 5))
def test_printed_scores_fall_from_hit_to_hit_and_stay_near_the_real_ones(
    scores: list[float], widened: int
) -> None:
    scores = sorted(scores, reverse=True)
    hits = [Hit(product=MUG, variant=MUG.variants[0], score=score) for score in scores]
    hits += [Hit(product=MUG, variant=MUG.variants[0], score=0.9, widened=True)] * widened
    printed = [float(score) for score in falling(hits)]
    assert all(after < before for before, after in pairwise(printed))
    assert printed[: len(scores)] == pytest.approx(scores, abs=1e-6)
    assert all(score < 0 for score in printed[len(scores) :])


def test_a_tie_in_a_run_keeps_its_order(duomo: Duomo, shop: Path, tmp_path: Path) -> None:
    (tmp_path / "q.jsonl").write_text(json.dumps({"qid": "all"}))
    duomo("search", "--batch", tmp_path / "q.jsonl", "--run", tmp_path / "r.trec", "--shop", shop)
    rows = [line.split(" ") for line in (tmp_path / "r.trec").read_text().splitlines()]
    assert len(rows) == 7
    assert sorted(rows, key=lambda row: -float(row[4])) == rows
    assert len({row[4] for row in rows}) == 7


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("mug",), "TEXT"),
        (("--where", "price < 5"), "--where"),
        (("--image", "a.jpg", "--skip", "3"), "--image, --skip"),
        (("--like", "M0", "--facet", "color"), "--like, --facet"),
    ],
)
def test_what_a_batch_would_not_hear_is_refused(
    duomo: Duomo, shop: Path, tmp_path: Path, arguments: tuple[str, ...], named: str
) -> None:
    (tmp_path / "q.jsonl").write_text(json.dumps({"qid": "q1", "text": "mug"}))
    batch = ("--batch", tmp_path / "q.jsonl", "--run", tmp_path / "r.trec")
    run = duomo("search", *arguments, *batch, "--shop", shop)
    assert run.returncode == 2
    assert f"with --batch there is no place for {named}. Write text" in " ".join(run.stderr.split())
    assert not (tmp_path / "r.trec").exists()


def test_a_batch_that_is_not_utf_8_is_a_sentence(duomo: Duomo, shop: Path, tmp_path: Path) -> None:
    (tmp_path / "q.jsonl").write_bytes('{"qid": "q1", "text": "马克杯"}'.encode("gb18030"))
    run = duomo("search", "--batch", tmp_path / "q.jsonl", "--run", tmp_path / "r.trec", "--shop", shop)
    assert run.returncode == 2
    assert "q.jsonl is not UTF-8" in run.stderr
    assert "Traceback" not in run.stderr


@given(st.text())
def test_an_id_in_a_run_is_one_word_and_can_be_had_back(id: str) -> None:
    written = in_one_word(id)
    assert written.split() == [written][: len(id)]
    assert unquote(written) == id
    assert written == id or any(char.isspace() or char == "%" for char in id)


def test_a_product_whose_id_has_blanks_is_one_column_of_a_run(duomo: Duomo, tmp_path: Path) -> None:
    (tmp_path / "goods.csv").write_text("sku,title\nMug 50% off,Red mug\n马克 杯,蓝色马克杯\n", "utf-8")
    Shop.create(tmp_path / "shop", encoder="hashed").build(tmp_path / "goods.csv")
    (tmp_path / "q.jsonl").write_text(json.dumps({"qid": "q1"}))
    run = ("--batch", tmp_path / "q.jsonl", "--run", tmp_path / "r.trec")
    assert duomo("search", *run, "--shop", tmp_path / "shop").returncode == 0
    rows = [line.split() for line in (tmp_path / "r.trec").read_text("utf-8").splitlines()]
    assert [len(row) for row in rows] == [6, 6]
    assert {unquote(row[2]) for row in rows} == {"Mug 50% off", "马克 杯"}


def test_a_run_does_not_replace_its_questions(duomo: Duomo, shop: Path, tmp_path: Path) -> None:
    question = json.dumps({"qid": "q1", "text": "mug"})
    (tmp_path / "q.jsonl").write_text(question)
    run = duomo("search", "--batch", tmp_path / "q.jsonl", "--run", "q.jsonl", "--shop", shop, cwd=tmp_path)
    assert run.returncode == 2
    assert "--run q.jsonl is the file that is read. Name another file." in " ".join(run.stderr.split())
    assert (tmp_path / "q.jsonl").read_text() == question
