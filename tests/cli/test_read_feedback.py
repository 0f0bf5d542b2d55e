"""duomo read feedback as merchandisers and scripts meet it."""

import csv
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

Duomo = Callable[..., subprocess.CompletedProcess[str]]

SAID: tuple[tuple[str, str, int], ...] = (
    ("The size runs small", "尺码偏小", -2),
    ("Delivery was terribly slow", "物流太慢了", -2),
    ("The fabric is soft and lovely", "面料很舒服", 0),
)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A year of reviews in both languages: shirt 3 runs small, delivery is slow from August on."""
    rng = np.random.default_rng(0)
    path = tmp_path_factory.mktemp("feedback") / "reviews.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["评论内容", "评分", "日期", "商品编号", "country"])
        for number in range(400):
            month, shirt, chinese = int(rng.integers(1, 13)), int(rng.integers(6)), int(number % 2)
            shares = (0.6 if shirt == 3 else 0.05, 0.5 if month >= 8 else 0.05, 0.4)
            chosen = [said for said, share in zip(SAID, shares, strict=True) if rng.uniform() < share]
            stars = max(1, 5 + sum(lost for _, _, lost in chosen))
            text = ("。" if chinese else ". ").join(zh if chinese else en for en, zh, _ in chosen)
            date = f"2026-{month:02}-{rng.integers(1, 28):02}"
            writer.writerow(
                [
                    text or ("不错" if chinese else "Nice"),
                    stars,
                    date,
                    f"SHIRT-{shirt}",
                    "CN" if chinese else "US",
                ]
            )
        writer.writerow(
            [
                "Call Jane Porter at 415-555-2671 about the size, it runs small",
                1,
                "2026-03-01",
                "SHIRT-3",
                "US",
            ]
        )
        writer.writerow(["Fine", "eleven", "soon", "SHIRT-1", "US"])
        writer.writerow(["", 5, "2026-03-01", "SHIRT-1", "US"])
    return path


def test_a_table_becomes_a_document_a_page_and_a_csv(duomo: Duomo, table: Path) -> None:
    page, out = table.with_name("page.html"), table.with_name("themes.csv")
    run = duomo("read", "feedback", table, "--report", page, "--lang", "zh", "--out", out, "--json")
    assert run.returncode == 0, run.stderr
    told = json.loads(run.stdout)
    blamed = {theme["topic"]: theme for theme in told["themes"] if theme["polarity"] == "negative"}
    assert {"size", "delivery"} <= blamed.keys()
    assert [one["id"] for one in blamed["size"]["products"]] == ["SHIRT-3"]
    assert blamed["size"]["stars_lost"]["low"] > 0
    assert blamed["delivery"]["changes"][0]["at"].startswith("2026-0")
    assert told["outcome"] == {"rows": 403, "blank": 1, "redacted": 1, "unrated": 1, "undated": 1}
    assert [problem["value"] for problem in told["problems"]] == ["eleven", "soon"]
    assert "Porter" not in run.stdout
    assert "先解决什么" in page.read_text(encoding="utf-8")
    assert "Porter" not in page.read_text(encoding="utf-8")
    with out.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["topic"] for row in rows} == {theme["topic"] for theme in told["themes"]}


def test_a_person_is_told_what_to_do_first(duomo: Duomo, table: Path) -> None:
    run = duomo("read", "feedback", table, "--segment", "country")
    assert run.returncode == 0, run.stderr
    assert "What to do first" in run.stdout
    assert "SHIRT-3" in run.stdout
    assert "eleven" in run.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "one of them"),
        (("none.csv",), "there is no file"),
        (("FILE", "--segment", "shop"), "has no column 'shop' to compare by"),
        (("FILE", "--map", "time=when"), "has no column 'when'"),
        (("FILE", "--aspects", "none.txt"), "there is no file none.txt"),
    ],
)
def test_what_cannot_be_read_is_told_in_a_sentence(
    duomo: Duomo, table: Path, arguments: tuple[str, ...], said: str
) -> None:
    run = duomo("read", "feedback", *(table if each == "FILE" else each for each in arguments))
    assert run.returncode in (2, 3)
    assert said in run.stderr.replace("\n", " ")
    assert "Traceback" not in run.stderr
