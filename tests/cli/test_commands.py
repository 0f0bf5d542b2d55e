"""The command line as a script meets it: exit codes, one JSON document, words on stderr."""

import csv
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Duomo = Callable[..., subprocess.CompletedProcess[str]]


def test_the_problems_are_written_as_csv(goods: Path, shop: Path) -> None:
    with (goods / "p.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert {(row["line"], row["column"]) for row in rows} >= {("8", "price"), ("9", "sku")}


def test_a_second_build_says_that_nothing_changed(duomo: Duomo, goods: Path, shop: Path) -> None:
    report = json.loads(duomo("build", goods, "--shop", shop, "--json").stdout)
    assert (report["unchanged"], report["encoded"]) == (7, 0)


def test_search_prints_one_json_document(duomo: Duomo, goods: Path, shop: Path) -> None:
    run = duomo(
        "search", "红色 mug", "--shop", shop, "--facet", "color", "--image", goods / "red.jpg", "--json"
    )
    found = json.loads(run.stdout)
    assert run.stderr == ""
    assert found["hits"][0]["product_id"] == "M0"
    assert {"product_id", "variant_id", "title", "score", "why"} <= found["hits"][0].keys()
    assert {"hits", "total", "facets", "understood", "took_ms"} <= found.keys()
    assert {"value": "red", "count": 2} in found["facets"]["color"]


def test_search_for_people_explains_itself(duomo: Duomo, shop: Path) -> None:
    run = duomo("search", "blue bowl", "--shop", shop, "--where", "price < 20", "--explain")
    assert "Blue bowl" in run.stdout
    assert "keywords #1" in run.stdout
    assert "words: blue, bowl" in " ".join(run.stdout.split())


def test_a_batch_becomes_a_trec_run(duomo: Duomo, goods: Path, shop: Path) -> None:
    lines = [
        {"qid": "q1", "text": "red mug"},
        {"qid": "q2", "image": "blue.jpg"},
        {"qid": "q3", "where": "price > 8"},
    ]
    (goods / "q.jsonl").write_text("\n".join(map(json.dumps, lines)))
    run = duomo(
        "search", "--batch", goods / "q.jsonl", "--run", goods / "r.trec", "--shop", shop, "-k", 3, "--json"
    )
    assert json.loads(run.stdout)["queries"] == 3
    rows = [line.split(" ") for line in (goods / "r.trec").read_text().splitlines()]
    assert {len(row) for row in rows} == {6}
    assert rows[0][:4] == ["q1", "Q0", "M0", "1"]
    for qid in ("q1", "q2", "q3"):
        scores = [float(row[4]) for row in rows if row[0] == qid]
        assert scores == sorted(scores, reverse=True)


def test_similar_and_show_speak_json(duomo: Duomo, shop: Path) -> None:
    similar = json.loads(duomo("similar", "M0", "--shop", shop, "-k", 2, "--json").stdout)
    assert "M0" not in [hit["product_id"] for hit in similar["hits"]]
    product = json.loads(duomo("show", "M0", "--shop", shop, "--json").stdout)
    assert product["variants"][0]["price"] == {"amount": 5.0, "currency": "CNY"}
    held = json.loads(duomo("show", "--shop", shop, "--json").stdout)
    assert held["variants"] == 7
    assert held["columns"]["color"] == "texts"


def test_check_reports_without_building(duomo: Duomo, goods: Path) -> None:
    run = duomo("check", goods, "--json")
    report = json.loads(run.stdout)
    assert (report["products"], report["skipped"]) == (7, 1)
    assert report["errors"] >= 1
    assert duomo("check", goods, "--strict").returncode == 2


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("search", "x", "--shop", "SHOP", "--where", "colour = 'red'"), 2, "Did you mean 'color'?"),
        (("search", "x", "--shop", "SHOP", "--image", "nowhere.jpg"), 3, "nowhere.jpg"),
        (("search", "x", "--shop", "nowhere"), 3, "there is no shop in nowhere. Build one: duomo build"),
        (("similar", "nope", "--shop", "SHOP"), 3, "no product or variant with the id 'nope'"),
        (("search", "x", "--shop", "SHOP", "--encoder", "pocket"), 3, "It has: hashed"),
        (("build", "nowhere.csv", "--shop", "new"), 3, "nowhere.csv"),
        (("build", "GOODS", "--shop", "GOODS"), 4, "is not an empty folder"),
        (("build", "GOODS", "--shop", "new", "--map", "title"), 2, "Write --map title=name"),
        (("build", "GOODS", "--shop", "new", "--encoder", "hashd"), 3, "Did you mean 'hashed'?"),
        (("search", "--batch", "q.jsonl", "--shop", "SHOP"), 2, "--batch and --run go together"),
    ],
)
def test_errors_have_a_sentence_and_an_exit_code(
    duomo: Duomo, arguments: tuple[str, ...], code: int, words: str, goods: Path, shop: Path, tmp_path: Path
) -> None:
    named = [{"SHOP": str(shop), "GOODS": str(goods)}.get(part, part) for part in arguments]
    run = duomo(*named, cwd=tmp_path)
    assert run.returncode == code
    assert words in " ".join(run.stderr.split())
    assert "Traceback" not in run.stderr
    assert list(tmp_path.iterdir()) == []  # nothing half-made is left behind


def test_an_error_is_a_json_document_too(duomo: Duomo, shop: Path) -> None:
    run = duomo("search", "x", "--shop", shop, "--where", "price <", "--json")
    assert run.returncode == 2
    assert json.loads(run.stdout)["error"]["kind"] == "input"


def test_settings_come_from_the_environment_and_unknown_ones_are_refused(duomo: Duomo, shop: Path) -> None:
    run = duomo("search", "x", "--shop", shop, env={**os.environ, "DUOMO_WORKER": "2"})
    assert run.returncode == 2
    assert "no setting is called 'worker'. Did you mean 'workers'?" in run.stderr


def test_help_names_the_extra_that_is_needed(duomo: Duomo) -> None:
    assert "duomo[train]" in "".join(duomo("train", "--help").stdout.split())
    assert "duomo[train]" in duomo("train", "classify", "--help").stdout
