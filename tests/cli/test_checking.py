"""duomo check as scripts and merchandisers meet it: before a build and after it, as a table, CSV and page."""

import csv
import json
import re
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from duomo.settings import Settings
from duomo.shop import Shop

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
    with (tmp_path / "p.csv").open(encoding="utf-8-sig", newline="") as file:
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


@contextmanager
def at_an_address(folder: Path) -> Iterator[str]:
    """A server of the files in a folder."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_feed_at_an_address_is_looked_at_like_a_file(
    duomo: Duomo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "feed.csv").write_text("sku,title,price\nA,Red mug,5\nB,碗,twelve\n", "utf-8")
    (tmp_path / "bad.csv.gz").write_bytes(b"\x1f\x8b no gzip")
    with at_an_address(tmp_path) as url:
        refused = duomo("check", f"{url}/feed.csv")
        assert (refused.returncode, "fetch_private" in refused.stderr) == (2, True)
        monkeypatch.setenv("DUOMO_FETCH_PRIVATE", "true")
        told = json.loads(duomo("check", f"{url}/feed.csv", "--json", "--report", tmp_path / "r.html").stdout)
        assert (told["products"], {each["file"] for each in told["problems"]}) == (2, {f"{url}/feed.csv"})
        assert f"{url}/feed.csv" in (tmp_path / "r.html").read_text("utf-8")
        gone = duomo("check", f"{url}/none.csv")
        assert "none.csv: the server answered 404. Check the address." in gone.stderr
        packed = duomo("check", f"{url}/bad.csv.gz")
        assert (packed.returncode, url in packed.stderr, "/duomo-" in packed.stderr) == (2, True, False)


def test_pictures_of_an_archive_are_called_as_they_are_called_in_it(duomo: Duomo, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "shop.zip", "w") as packed:
        packed.writestr("products.csv", "sku,title,image\nA,Red mug,a.jpg\nB,碗,a.jpg\n")
        packed.writestr("images/a.jpg", b"no picture")
    told = json.loads(duomo("check", tmp_path / "shop.zip", "--json").stdout)
    assert {each["value"] for each in told["problems"] if each["column"] == "image"} == {"images/a.jpg"}
    shop = Shop.create(tmp_path / "shop", encoder="hashed", settings=Settings(workers=0))
    for _ in range(2):  # the second one is told what the first one found
        problems = shop.build(tmp_path / "shop.zip").problems
        assert [each.value for each in problems if each.column == "image"] == ["images/a.jpg"] * 2


def test_a_shelf_is_not_read_as_a_format(duomo: Duomo, tmp_path: Path) -> None:
    run = duomo("check", "--shop", tmp_path, "--format", "google", "--map", "title=name")
    assert (run.returncode, "no place for --format, --map. Leave it out" in run.stderr) == (2, True)


def test_a_page_that_cannot_be_written_is_named(goods: Path, tmp_path: Path) -> None:
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "from duomo.cli.main import main; main()"
    )
    page = tmp_path / "page.html"
    command = [sys.executable, "-c", code, "check", str(goods), "--quick", "--report", str(page)]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 5
    assert f"{page} cannot be read or written (File too large). Raise the limit" in run.stderr
    assert list(tmp_path.iterdir()) == []


def test_text_laid_over_pictures_is_looked_for_where_asked(duomo: Duomo, tmp_path: Path) -> None:
    soft = np.random.default_rng(1).integers(90, 200, (5, 4, 3), np.uint8)
    image = Image.fromarray(soft).resize((240, 250), Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(image)
    draw.rectangle((10, 10, 230, 55), fill="#c01020")
    draw.text((120, 32), "SALE 50%", font=ImageFont.load_default(30), fill="white", anchor="mm")
    image.save(tmp_path / "a.png")
    (tmp_path / "goods.csv").write_text("sku,title,price,image\nA1,Mug,5,a.png\n", encoding="utf-8")

    def kinds(*asked: str) -> set[str]:
        run = duomo("check", tmp_path / "goods.csv", "--json", *asked)
        return {found["kind"] for found in json.loads(run.stdout)["findings"]}

    assert "picture-text" not in kinds()
    assert "picture-text" in kinds("--text-on-pictures")
    refused = duomo("check", tmp_path / "goods.csv", "--quick", "--text-on-pictures")
    assert refused.returncode == 2
    assert "text is looked for on them" in refused.stderr
