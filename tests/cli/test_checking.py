"""duomo check as scripts and merchandisers meet it: before a build and after it, as a table, CSV and page."""

import csv
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Duomo = Callable[..., subprocess.CompletedProcess[str]]


def test_the_document_keeps_its_fields_and_says_what_each_kind_costs(duomo: Duomo, goods: Path) -> None:
    told = json.loads(duomo("check", goods, "--json").stdout)
    old = {"format", "rows", "products", "variants", "skipped", "errors", "warnings", "problems"}
    assert told.keys() == old | {"findings", "columns"}
    assert {"file", "line", "column", "value", "problem", "remedy", "severity", "product_id"} < told[
        "problems"
    ][0].keys()
    assert (told["products"], told["errors"], told["columns"]["price"]) == (7, 1, {"filled": 6, "of": 7})
    kinds = {found["kind"]: found for found in told["findings"]}
    assert (kinds["missing-picture"]["products"], kinds["missing-picture"]["share"]) == (1, 0.1429)
    assert (kinds["same-picture"]["times"], kinds["same-picture"]["products"]) == (3, 6)
    assert kinds["same-picture"]["title"] == {
        "en": "Several products with one picture",
        "zh": "多件商品使用同一张图片",
    }
    costs = [found["cost"] for found in told["findings"]]
    assert costs == sorted(costs, reverse=True)
    pair = next(problem for problem in told["problems"] if problem["kind"] == "same-picture")
    assert pair["products"] == ["M0", "B0"]


def test_a_person_sees_a_table_with_the_dearest_first(duomo: Duomo, goods: Path) -> None:
    run = duomo("check", goods)
    assert "7 products (7 variants) from 8 rows of format own: 1 error," in run.stdout
    said = run.stderr
    assert said.index("No picture") < said.index("Several products with one picture") or "cost" in said
    assert "--report FILE.html" in " ".join(said.split())


def test_every_finding_is_a_row_of_the_csv_file_and_formulas_are_disarmed(
    duomo: Duomo, tmp_path: Path
) -> None:
    (tmp_path / "goods.csv").write_text("sku,title,price\nA,=1+1 TEST,5\nB,TBD,5\nC,TBD,6\n", "utf-8")
    report = json.loads(
        duomo("check", tmp_path / "goods.csv", "--json", "--problems", tmp_path / "p.csv").stdout
    )
    with (tmp_path / "p.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(report["problems"]) > 3
    twice = next(row for row in rows if row["kind"] == "same-title")
    assert (twice["products"], twice["value"], twice["line"]) == ("B|C", "TBD", "3")
    assert not [cell for row in rows for cell in row.values() if cell.startswith("=")]


@pytest.mark.parametrize(("language", "words"), [("en", "What to mend first"), ("zh", "先修哪些")])
def test_the_page_is_one_file_with_its_pictures_in_it(
    duomo: Duomo, goods: Path, tmp_path: Path, language: str, words: str
) -> None:
    run = duomo("check", goods, "--report", tmp_path / "health.html", "--lang", language)
    assert run.returncode == 0, run.stderr
    page = (tmp_path / "health.html").read_text(encoding="utf-8")
    assert words in page
    assert "Red mug 马克杯" in page
    assert "data:image/jpeg;base64," in page
    assert not re.findall(r'(?:src|href)="(?!data:|#)', page)
    assert "<script" not in page


def test_what_a_merchant_writes_is_text_on_the_page_and_nothing_else(duomo: Duomo, tmp_path: Path) -> None:
    (tmp_path / "goods.csv").write_text(
        'sku,title,price\n"<i id=x>",TBD <script>alert(1)</script>,5\n', "utf-8"
    )
    duomo("check", tmp_path / "goods.csv", "--report", tmp_path / "health.html")
    page = (tmp_path / "health.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "<i id=x>" not in page
    assert "&lt;i id=x&gt;" in page


def test_a_shop_is_checked_as_it_stands_on_the_shelf_without_its_catalog(
    duomo: Duomo, shop: Path, tmp_path: Path
) -> None:
    run = duomo("check", "--shop", shop, "--json", "--report", tmp_path / "health.html")
    told = json.loads(run.stdout)
    assert (told["format"], told["rows"], told["products"], told["errors"]) == ("shop", 7, 7, 0)
    kinds = {found["kind"]: found["products"] for found in told["findings"]}
    assert (kinds["missing-picture"], kinds["missing-price"], kinds["same-picture"]) == (1, 1, 6)
    assert "data:image/jpeg;base64," in (tmp_path / "health.html").read_text(encoding="utf-8")


def test_quick_leaves_pictures_out(duomo: Duomo, goods: Path) -> None:
    kinds = {
        found["kind"] for found in json.loads(duomo("check", goods, "--json", "--quick").stdout)["findings"]
    }
    assert "picture-tiny" not in kinds
    assert "same-picture" in kinds  # the file names say so


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ((), 2, "a catalog or a shop is to be checked, one of them"),
        (("GOODS", "--shop", "SHOP"), 2, "a catalog or a shop is to be checked, one of them"),
        (("--shop", "nowhere"), 3, "there is no shop in nowhere"),
        (("GOODS/products.csv", "--report", "GOODS/products.csv"), 2, "is the file that is read"),
    ],
)
def test_what_cannot_be_checked_is_told_in_one_sentence(
    duomo: Duomo, goods: Path, shop: Path, arguments: tuple[str, ...], code: int, words: str
) -> None:
    run = duomo(
        "check", *(part.replace("GOODS", str(goods)).replace("SHOP", str(shop)) for part in arguments)
    )
    assert run.returncode == code
    assert words in " ".join(run.stderr.split())
    assert "Traceback" not in run.stderr
