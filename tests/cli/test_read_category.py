"""duomo train classify and duomo read category, from a shop's goods to lines of answers."""

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.cli.conftest import Duomo

KINDS = [("Cups", "mug", "马克杯"), ("Apparel > Shirts", "shirt", "衬衫"), ("Shoes", "sneaker", "跑鞋")]


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory, duomo: Duomo) -> Path:
    """A folder with 60 goods of three kinds, and the shop that was built from it."""
    folder, rng = tmp_path_factory.mktemp("labelled"), np.random.default_rng(0)
    with (folder / "products.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["sku", "title", "category", "color", "image"])
        for number in range(60):
            category, *names = KINDS[number % 3]
            color = ("red", "blue")[int(rng.integers(2))]
            pixels = np.full((40, 40, 3), 255, np.uint8)
            pixels[8 : 20 + 6 * (number % 3), 12:28] = (200, 0, 0) if color == "red" else (0, 0, 200)
            Image.fromarray(pixels).save(folder / f"{number}.png")
            title = f"{color} {names[number % 2]} {number}"
            writer.writerow([f"P{number}", title, category, color, f"{number}.png"])
    run = duomo("build", folder, "--shop", folder / "shop", "--workers", 0)
    assert run.returncode == 0, run.stderr
    return folder


def lines_of(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_labels_in_another_language_sort_a_product_file_in_its_order(
    duomo: Duomo, labelled: Path, tmp_path: Path
) -> None:
    (tmp_path / "names.txt").write_text("杯子\n衬衫\n鞋\n鞋\n", "utf-8")
    out = tmp_path / "o.jsonl"
    run = duomo(
        "read",
        "category",
        labelled / "products.csv",
        "--labels",
        tmp_path / "names.txt",
        "--out",
        out,
        "--json",
    )
    assert run.returncode == 0, run.stderr
    lines = lines_of(out)
    assert [line["id"] for line in lines] == [f"P{number}" for number in range(60)]
    assert np.mean([line["label"] == ("杯子", "衬衫", "鞋")[n % 3] for n, line in enumerate(lines)]) > 0.8
    assert {"label", "probability", "alternatives"} <= lines[0].keys()
    told = json.loads(run.stdout)
    assert told["rows"] == 60
    assert "is the same label as in line 3" in told["problems"][0]["problem"]


def test_columns_with_names_of_their_own_are_mapped(duomo: Duomo, tmp_path: Path, labelled: Path) -> None:
    goods, names, out = tmp_path / "goods.csv", tmp_path / "names.txt", tmp_path / "o.jsonl"
    goods.write_text("sku,Wording\nA1,Running shoes\n", "utf-8")
    names.write_text("Shoes\nMugs\n", "utf-8")
    asked = ("read", "category", goods, "--labels", names, "--out", out)
    assert duomo(*asked).returncode == 0
    assert [line.get("doubt") for line in lines_of(out)] == ["empty"]
    run = duomo(*asked, "--map", "title=Wording")
    assert run.returncode == 0, run.stderr
    assert [line["label"] for line in lines_of(out)] == ["Shoes"]
    (tmp_path / "photos").mkdir()
    shutil.copy(labelled / "0.png", tmp_path / "photos")
    photos = duomo("read", "category", tmp_path / "photos", *asked[3:], "--map", "title=Wording")
    assert (photos.returncode, "they have no columns" in photos.stderr) == (2, True)
    missing = duomo(*asked, "--map", "title=Words")
    assert (missing.returncode, "Words" in missing.stderr) == (2, True)


def test_a_shop_teaches_a_head_and_it_reads_a_folder_of_pictures(
    duomo: Duomo, labelled: Path, tmp_path: Path
) -> None:
    shop = labelled / "shop"
    untaught = duomo("read", "category", "--shop", shop, "--label", "color", "--out", tmp_path / "u.jsonl")
    assert untaught.returncode == 0, untaught.stderr
    taught = duomo("train", "classify", "--shop", shop, "--label", "color", "--json")
    assert taught.returncode == 0, taught.stderr
    said = json.loads(taught.stdout)
    assert (said["classes"], said["unlabelled"], said["left_out"]) == (2, 0, {})
    assert said["figures"]["accuracy"]["n"] == 60
    assert said["figures"]["accuracy"]["mean"] > 0.9
    assert (shop / "heads" / "color" / "card.json").is_file()
    for name in ("1.png", "2.png"):
        (tmp_path / name).write_bytes((labelled / name).read_bytes())
    run = duomo("read", "category", tmp_path, "--shop", shop, "--label", "color", "--evidence")
    assert run.returncode == 0, run.stderr
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    assert [answer["id"] for answer in answers] == ["1.png", "2.png"]
    assert all(answer["label"] in ("red", "blue") for answer in answers)
    assert "2 answers" in run.stderr
    shown = duomo("train", "classify", "--shop", shop, "--label", "颜色")  # what was seen is kept
    assert "2 classes of 'color' learned" in shown.stdout


def test_goods_of_a_shop_in_the_wrong_category_are_told(duomo: Duomo, labelled: Path, tmp_path: Path) -> None:
    rows = list(csv.reader((labelled / "products.csv").open(encoding="utf-8", newline="")))
    rows[5][2], moved = "Shoes", rows[5][0]
    moved_file = labelled / "moved.csv"
    with moved_file.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    out = tmp_path / "m.jsonl"
    run = duomo("read", "category", moved_file, "--misfiled", "--out", out)
    assert run.returncode == 0, run.stderr
    assert {line["product_id"] for line in lines_of(out)} <= {moved}


def test_a_head_can_be_kept_outside_of_a_shop(duomo: Duomo, labelled: Path, tmp_path: Path) -> None:
    run = duomo("train", "classify", labelled / "products.csv", "--out", tmp_path / "head")
    assert run.returncode == 0, run.stderr
    assert "3 classes of 'category' learned" in run.stdout
    read = duomo("read", "category", labelled / "products.csv", "--head", tmp_path / "head", "--sure", 0.99)
    assert read.returncode == 0, read.stderr
    assert len(read.stdout.splitlines()) == 60


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 2, "there are no goods to read"),
        (("{f}",), 2, "there is nothing to choose from"),
        (("{f}", "--labels", "{d}/none.txt"), 3, "there is no file"),
        (("{f}", "--labels", "{d}/one.txt"), 2, "there is 1 label to choose from, and two are needed"),
        (("{f}", "--head", "{d}/none"), 3, "there is no trained head"),
        (("{f}", "--labels", "{d}/one.txt", "--head", "{d}"), 2, "two sources of labels are named"),
        (("{d}/nowhere.csv", "--labels", "{d}/two.txt"), 3, "there is no file or folder"),
        (("{f}", "--labels", "{d}/two.txt", "--sure", 2), 2, "--sure lies from 0 to 1"),
        (("{f}", "--shop", "{d}/noshop"), 3, "shop"),
        (("{f}", "--shop", "{d}/shop", "--label", "../"), 2, "no label can be called '../'"),
        (("{f}", "--labels", "{d}/two.txt", "--json"), 2, "--json needs a file for the answers"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(
    duomo: Duomo, labelled: Path, arguments: tuple[object, ...], code: int, said: str
) -> None:
    (labelled / "one.txt").write_text("Shoes\n")
    (labelled / "two.txt").write_text("Shoes\nCups\n")
    given = [str(each).format(f=labelled / "products.csv", d=labelled) for each in arguments]
    run = duomo("read", "category", *given)
    assert run.returncode == code, run.stderr
    assert said in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--label", "category"), "there is nothing to learn from"),
        (("--shop", "{d}/shop", "--label", "material"), "too little to learn 'material' from: 0 goods"),
        (("--shop", "{d}/shop", "--label", "title"), "no label can be called"),
        (("--shop", "{d}/shop", "--label", "sentiment"), "is called like a reader of its own"),
        (("{d}/products.csv", "--out", "{d}"), "which is no part of a head and would be lost"),
        (("{d}/products.csv", "--seed", "-1"), "than or equal to 0"),
    ],
)
def test_what_cannot_be_learned_is_one_sentence(
    duomo: Duomo, labelled: Path, arguments: tuple[str, ...], said: str
) -> None:
    run = duomo("train", "classify", *(each.format(d=labelled) for each in arguments))
    assert run.returncode == 2, run.stderr
    assert said in run.stderr
