"""duomo read aspects: a table of reviews in, a line a row out."""

import csv
import json
from pathlib import Path

import pytest
from tests.cli.conftest import Duomo

ROWS = [
    ("1", "屏幕非常清晰，就是价格太贵了"),
    ("2", ""),
    ("3", "The battery life is terrible."),
    ("4", "とても良い商品です"),
]


@pytest.fixture
def reviews(tmp_path: Path) -> Path:
    path = tmp_path / "reviews.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("id", "words"), *ROWS])
    return path


def test_every_row_has_a_line_in_its_order(duomo: Duomo, reviews: Path, tmp_path: Path) -> None:
    out = tmp_path / "o.jsonl"
    run = duomo("read", "aspects", reviews, "--column", "words", "--out", out)
    assert run.returncode == 0, run.stderr
    lines = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [line.get("doubt") for line in lines] == [None, "empty", None, "language"]
    groups = [{each["group"] for each in line["opinions"]} for line in lines]
    assert groups[0] >= {"screen", "price"}
    assert groups[2] == {"battery"}
    assert "4 rows read" in run.stderr
    assert "battery: 1" in run.stderr


def test_a_shop_names_its_own_aspects(duomo: Duomo, reviews: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.txt"
    own.write_text("power pack|battery|电池\n", encoding="utf-8")
    run = duomo("read", "aspects", reviews, "--column", "words", "--aspects", own)
    assert run.returncode == 0, run.stderr
    third = json.loads(run.stdout.splitlines()[2])
    assert {each["group"] for each in third["opinions"]} == {"power pack"}


def test_a_file_of_aspects_that_is_not_there_is_told(duomo: Duomo, reviews: Path, tmp_path: Path) -> None:
    run = duomo("read", "aspects", reviews, "--aspects", tmp_path / "none.txt")
    assert run.returncode != 0
    assert "there is no file" in run.stderr


def test_a_shop_is_taught_and_reads_by_it(duomo: Duomo, shop: Path, tmp_path: Path) -> None:
    labelled = tmp_path / "labelled.jsonl"
    with labelled.open("w", encoding="utf-8") as file:
        for number in range(80):
            mood, polarity = [("busted", "positive"), ("washed", "negative")][number % 2]
            text = f"since patch {number} the wombo meta is {mood}"
            row = {"text": text, "aspect": "wombo meta", "kind": "play", "polarity": polarity}
            file.write(json.dumps(row) + "\n")
        file.write("{broken\n")
    run = duomo("train", "aspects", labelled, "--shop", shop, "--category", "kind", "--json")
    assert run.returncode == 0, run.stderr
    told = json.loads(run.stdout)
    assert told["opinions"] == 80
    assert told["broken"] == 1
    assert told["polarity"]["both"][0] > told["polarity"]["shipped"][0]
    posts = tmp_path / "posts.txt"
    posts.write_text("I say the wombo meta is washed\n", encoding="utf-8")
    (said,) = json.loads(duomo("read", "aspects", posts, "--shop", shop).stdout)["opinions"]
    assert (said["group"], said["polarity"]) == ("play", "negative")


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (("--polarity", "mood"), "has no column 'mood'"),
        (("--aspect", "part"), "has no column 'part'"),
        ((), "neither a column 'aspect' nor one 'category'"),
    ],
)
def test_columns_that_are_not_there_are_told(
    duomo: Duomo, shop: Path, tmp_path: Path, asked: tuple[str, ...], told: str
) -> None:
    labelled = tmp_path / "labelled.csv"
    labelled.write_text("text,polarity\ngood screen,positive\n", encoding="utf-8")
    run = duomo("train", "aspects", labelled, "--shop", shop, *asked)
    assert run.returncode == 2
    assert told in run.stderr
