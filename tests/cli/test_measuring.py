import json
from pathlib import Path

import numpy as np
from PIL import Image
from tests.cli.conftest import Duomo
from tests.encode.conftest import save_folder


def catalog(folder: Path, count: int = 6) -> Path:
    """Goods in plain colors; the last one's picture is broken, the first two share a title."""
    lines = ["sku,title,image"]
    for number in range(count):
        title = "Mug 0" if number < 2 else f"Mug {number}"
        pixels = np.full((9, 9, 3), number * 40, np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")
        lines.append(f"A{number},{title},{number}.png")
    (folder / f"{count - 1}.png").write_bytes(b"no picture")
    (folder / "products.csv").write_text("\n".join(lines) + "\n")
    return folder / "products.csv"


def test_an_encoder_is_measured_on_the_pictures_and_titles_of_a_catalog(tmp_path: Path, duomo: Duomo) -> None:
    save_folder(tmp_path / "encoder")
    ran = duomo(
        "measure",
        "encoder",
        "--encoder",
        str(tmp_path / "encoder"),
        "--pairs",
        str(catalog(tmp_path)),
        "--json",
    )
    assert ran.returncode == 0, ran.stderr
    said = json.loads(ran.stdout)
    assert (said["n"], said["titles"], said["skipped"]) == (5, 4, 1)
    assert "not a picture of a known kind" in said["problems"][0]["problem"]
    for way in ("text_to_image", "image_to_text"):
        assert set(said[way]) == {"r1", "r5", "r10", "mrr"}
        assert 0 <= said[way]["r1"] <= said[way]["r5"] <= said[way]["r10"] == 1
    assert said["chance_r10"] == 1
    plain = duomo(
        "measure",
        "encoder",
        "--encoder",
        str(tmp_path / "encoder"),
        "--pairs",
        str(tmp_path / "products.csv"),
    )
    assert "5 pictures, 4 titles" in plain.stdout
    assert "MRR" in plain.stdout


def test_the_encoder_of_a_shop_is_measured(tmp_path: Path, duomo: Duomo) -> None:
    goods, shop = catalog(tmp_path), tmp_path / "shop"
    assert duomo("build", str(goods), "--shop", str(shop), "--encoder", "hashed").returncode == 0
    save_folder(shop / "models" / "own")
    asked = ("measure", "encoder", "--shop", str(shop), "--pairs", str(goods))
    held = duomo(*asked, "--encoder", "models/own", "--json")
    assert held.returncode == 0, held.stderr
    assert json.loads(held.stdout)["n"] == 5
    first = duomo(*asked)
    assert "the encoder 'hashed' does not bring words and pictures into one space" in first.stderr
    none = ("--shop", str(tmp_path / "none"), "--encoder", "pocket")
    gone = duomo("measure", "encoder", *none, "--pairs", str(goods))
    assert gone.returncode == 3
    assert "there is no shop" in gone.stderr


def test_what_cannot_be_measured_is_told(tmp_path: Path, duomo: Duomo) -> None:
    goods = catalog(tmp_path)
    apart = duomo("measure", "encoder", "--encoder", "hashed", "--pairs", str(goods))
    assert apart.returncode == 2
    assert "does not bring words and pictures into one space" in apart.stderr
    save_folder(tmp_path / "encoder")
    (tmp_path / "bare.csv").write_text("sku,title\nA,Mug\n")
    few = duomo(
        "measure", "encoder", "--encoder", str(tmp_path / "encoder"), "--pairs", str(tmp_path / "bare.csv")
    )
    assert few.returncode == 2
    assert "0 products with a title and a picture" in few.stderr
