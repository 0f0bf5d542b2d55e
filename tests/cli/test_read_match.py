"""duomo train match, duomo read match and duomo check --match, from a shop's goods to what contradicts."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.cli.conftest import Duomo
from tests.cli.test_read_category import lines_of

from duomo.arrays import Pixels

COLORS = {"red": (200, 20, 30), "blue": (20, 40, 200), "green": (30, 150, 60)}


def drawn(color: str, kind: str) -> Pixels:
    """A low thing or a high one before a white wall."""
    picture = np.full((40, 40, 3), 255, np.uint8)
    picture[8 : 20 if kind == "mug" else 34, 12:28] = COLORS[color]
    return picture


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, duomo: Duomo) -> Path:
    """The folder of a shop with 90 mugs and boxes; the title of the 60th names another color."""
    folder, rng = tmp_path_factory.mktemp("mugs"), np.random.default_rng(1)
    with (folder / "products.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["sku", "title", "category", "color", "image"])
        for number in range(90):
            color = str(rng.choice([*COLORS]))
            kind = ("mug", "box")[number % 2]
            Image.fromarray(drawn(color, kind)).save(folder / f"{number}.png")
            said = color if number != 60 else ("blue" if color == "red" else "red")
            title = f"{said} {kind} of series {number}"
            writer.writerow([f"P{number}", title, kind.title(), said, f"{number}.png"])
    run = duomo("build", folder, "--shop", folder / "shop", "--encoder", "hashed", "--workers", 0)
    assert run.returncode == 0, run.stderr
    return folder / "shop"


def test_a_shop_is_taught_and_reads_a_file_by_it(duomo: Duomo, shop: Path, tmp_path: Path) -> None:
    told = json.loads(duomo("train", "match", "--shop", shop, "--json").stdout)
    assert set(told["labels"]) == {"category", "color"}
    assert set(told["figures"]["kinds"]) == {*told["labels"], "picture"}
    assert (shop / "heads" / "match" / "card.json").is_file()
    Image.fromarray(drawn("blue", "mug")).save(tmp_path / "blue.png")
    goods = "sku,title,image\nA,Red mug,blue.png\nB,Red mug,\nC,,blue.png\nD,Red mug,none.png\n"
    (tmp_path / "new.csv").write_text(goods, "utf-8")
    run = duomo(
        "read",
        "match",
        tmp_path / "new.csv",
        "--shop",
        shop,
        "--evidence",
        "--out",
        tmp_path / "o.jsonl",
        "--json",
    )
    assert run.returncode == 0, run.stderr
    lines = {line["id"]: line for line in lines_of(tmp_path / "o.jsonl")}
    assert [lines[id].get("doubt") for id in "BCD"] == ["empty"] * 3
    assert lines["A"]["label"] != "match"
    assert (lines["A"]["says"], lines["A"]["shows"]) == ("red", "blue")
    assert [problem["product_id"] for problem in json.loads(run.stdout)["problems"]] == ["D"]


def test_a_check_of_a_shop_tells_what_contradicts(duomo: Duomo, shop: Path) -> None:
    told = json.loads(duomo("check", "--shop", shop, "--json").stdout)
    found = {group["kind"]: group for group in told["findings"]}
    assert "P60" in [p["product_id"] for p in told["problems"] if p["kind"] == "picture-contradicts"]
    assert found["picture-contradicts"]["title"]["zh"] == "图片与文字不符"
    assert "figures" in told["match"]
    without = json.loads(duomo("check", "--shop", shop, "--no-match", "--json").stdout)
    assert "match" not in without
    run = duomo("check", "--shop", shop, "--quick", "--match")
    assert run.returncode == 2
    assert "--quick opens no picture" in run.stderr


def test_a_few_goods_are_read_by_names_and_why_is_said(duomo: Duomo, tmp_path: Path) -> None:
    Image.fromarray(drawn("blue", "mug")).save(tmp_path / "blue.png")
    goods = "sku,title,image\nA,Blue mug,blue.png\nB,Red mug,\nC,Red mug,none.png\n"
    (tmp_path / "new.csv").write_text(goods, "utf-8")
    run = duomo("read", "match", tmp_path / "new.csv")
    assert run.returncode == 0, run.stderr
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    assert [line.get("doubt") for line in lines[1:]] == ["empty", "empty"]
    assert all(line["zero_shot"] for line in lines)
    assert "1 goods have words and a picture, and 60 are needed" in " ".join(run.stderr.split())
    assert run.stderr.count("no such picture") == 1
    run = duomo("check", tmp_path / "new.csv", "--match")
    assert "Pictures were held against names" in run.stderr
