"""duomo label as real processes: make a task, answer it in a terminal, see how far it is, train on it."""

import csv
import json
from pathlib import Path

import pytest
from PIL import Image
from tests.cli.conftest import Duomo

KINDS = (("Cups", "mug", "马克杯"), ("Apparel > Shirts", "shirt", "衬衫"))


@pytest.fixture(scope="module")
def goods(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """40 goods of two kinds; the first four carry their category."""
    folder = tmp_path_factory.mktemp("to-label")
    with (folder / "products.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["sku", "title", "description", "category", "image"])
        for number in range(40):
            category, *names = KINDS[number % 2]
            Image.new("RGB", (40, 40), (5 * number, 90, 60 + 100 * (number % 2))).save(
                folder / f"{number}.png"
            )
            given = category if number < 4 else ""
            writer.writerow([f"P{number}", f"{names[number % 3 == 0]} {number}", "", given, f"{number}.png"])
    return folder


def test_goods_are_labelled_by_two_people_and_learned_from(duomo: Duomo, goods: Path, tmp_path: Path) -> None:
    task = tmp_path / "task"
    made = duomo("label", "new", task, "--of", goods / "products.csv", "--shared", 0.25, "--json")
    assert made.returncode == 0, made.stderr
    told = json.loads(made.stdout)
    assert (told["things"], told["given"]) == (40, 4)
    assert told["labels"] == ["Apparel > Shirts", "Cups"]
    # Enter takes what is expected; the first label where it may not be said; b goes back, s cannot tell.
    ann = duomo("label", "ask", task, "--by", "ann", input="1bs" + "2" * 14 + "q")
    assert ann.returncode == 0, ann.stderr
    assert "Apparel > Shirts" in ann.stdout
    lei = duomo("label", "ask", task, "--by", "李雷", input="1" * 60)
    assert "Nothing is left to label" in lei.stdout
    status = json.loads(duomo("label", "status", task, "--json").stdout)
    assert status["labellers"]["ann"]["answers"] + status["labellers"]["ann"]["skipped"] == 15
    assert status["twice"] >= 3
    assert status["disputed"]
    assert status["alpha"] <= 0.1
    shown = duomo("label", "status", task)
    assert "kappa" in shown.stdout
    assert "--disputed" in shown.stdout
    out = tmp_path / "labels.csv"
    written = duomo("label", "export", task, "--out", out)
    assert written.returncode == 0, written.stderr
    rows = list(csv.DictReader(out.open(encoding="utf-8")))
    assert len(rows) == 4 + status["labelled"]
    assert {row["category"] for row in rows} == {"Apparel > Shirts", "Cups"}
    learned = duomo("train", "classify", out, "--out", tmp_path / "head", "--json")
    assert learned.returncode == 0, learned.stderr
    assert json.loads(learned.stdout)["classes"] == 2


def test_the_goods_of_a_shop_are_labelled_for_a_label_of_its_own(
    duomo: Duomo, goods: Path, tmp_path: Path
) -> None:
    built = duomo("build", goods, "--shop", tmp_path / "shop", "--workers", 0)
    assert built.returncode == 0, built.stderr
    task = tmp_path / "task"
    made = duomo(
        "label", "new", task, "--shop", tmp_path / "shop", "--label", "风格", "--labels", "简约，复古"
    )
    assert made.returncode == 0, made.stderr
    asked = duomo("label", "ask", task, "--by", "a", input="/简\n/新潮\ny\n/潮\nq")
    assert asked.returncode == 0, asked.stderr
    status = json.loads(duomo("label", "status", task, "--json").stdout)
    assert status["labels"] == {"简约": 1, "复古": 0, "新潮": 2}


def test_texts_are_labelled_once_however_often_they_stand_there(duomo: Duomo, tmp_path: Path) -> None:
    table = tmp_path / "reviews.csv"
    called = "快，打电话 13812345678"
    table.write_text(
        f"text,Mood\n很好,good\n很好,\nThe zip broke,\n  ,\n=1+1 太慢了,bad\nfine,so so\n{called},\n", "utf-8"
    )
    made = duomo(
        *("label", "new", tmp_path / "task", "--of", table, "--label", "mood"),
        *("--labels", "good,bad", "--json"),
    )
    told = json.loads(made.stdout)
    # "so so" is none of the labels to choose from: that text is asked about.
    assert (told["things"], told["given"], told["doubles"], told["left_out"]) == (5, 2, 1, 1)
    assert told["redacted"] == 1
    assert "13812345678" not in (tmp_path / "task" / "things.jsonl").read_text("utf-8")
    assert duomo("label", "ask", tmp_path / "task", "--by", "a", input="111").returncode == 0
    out = tmp_path / "labels.csv"
    assert duomo("label", "export", tmp_path / "task", "--out", out, "--json").returncode == 0
    assert out.read_bytes().startswith(b"\xef\xbb\xbf")  # by which Excel knows UTF-8
    rows = list(csv.DictReader(out.open(encoding="utf-8-sig")))
    assert [row["line"] for row in rows] == ["2", "4", "6", "7", "8"]
    assert rows[2]["text"].startswith("'=")  # no formula for a table program
    lines = tmp_path / "labels.jsonl"
    assert duomo("label", "export", tmp_path / "task", "--out", lines).returncode == 0
    assert json.loads(lines.read_text("utf-8").splitlines()[2])["text"] == "=1+1 太慢了"


def test_what_cannot_be_meant_gets_a_sentence(duomo: Duomo, goods: Path, tmp_path: Path) -> None:
    task = tmp_path / "task"
    for arguments, problem, code in (
        ((task,), "a file or a shop is to be labelled", 2),
        ((task, "--of", tmp_path / "no.csv"), "there is no", 3),
        ((task, "--of", goods / "products.csv", "--labels", "a,b," + "x" * 101), "1 to 100 characters", 2),
        ((task, "--of", goods / "products.csv", "--labels", tmp_path / "no.txt"), "there is no file", 3),
        ((task, "--of", goods / "products.csv", "--shared", 2), "from 0 to 1", 2),
        ((task, "--of", goods / "products.csv", "--label", "image"), "for something else", 2),
        ((goods, "--of", goods / "products.csv"), "is there already", 4),
    ):
        run = duomo("label", "new", *arguments)
        assert run.returncode == code, run.stderr
        assert problem in run.stderr
    assert not task.exists()
    assert duomo("label", "status", tmp_path).returncode == 3
    assert duomo("label", "page", tmp_path).returncode == 3
    assert duomo("label", "new", task, "--of", goods / "products.csv").returncode == 0
    nothing = duomo("label", "export", task, "--out", task / "task.json" / "x.csv")
    assert "ends with .csv or .jsonl" not in nothing.stderr
    assert nothing.returncode != 0
    unnamed = duomo("label", "ask", task, "--by", "", input="1")
    assert "has a name" in unnamed.stderr
