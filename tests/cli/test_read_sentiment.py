"""duomo read sentiment: a table of reviews in, a line a row out."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from tests.cli.conftest import Duomo
from tests.understand.test_match import drawn as made
from tests.understand.test_match import goods

from duomo.arrays import Pixels
from duomo.understand.classify import HEADS
from duomo.understand.match import NAME
from duomo.understand.match_fitting import fit_matcher
from duomo.understand.sight import Sight

ROWS = [
    ("1", "质量太差了，穿一次就破了，再也不买了", "5"),
    ("2", "", "3"),
    ("3", "I love this red mug, it is perfect", "5"),
    ("4", "とても良い商品です", "4"),
    ("5", "👍", ""),
    ("6", "The blue bowl is terrible, it broke at once. Waste of money", "many"),
]


@pytest.fixture
def reviews(tmp_path: Path) -> Path:
    path = tmp_path / "reviews.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("id", "words", "stars"), *ROWS])
    return path


def lines_of(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("mode", [(), ("--fast",)], ids=["full", "fast"])
def test_every_row_has_a_line_in_its_order(
    duomo: Duomo, reviews: Path, tmp_path: Path, mode: tuple[str, ...]
) -> None:
    out = tmp_path / "o.jsonl"
    run = duomo("read", "sentiment", reviews, "--column", "words", "--out", out, *mode)
    assert run.returncode == 0, run.stderr
    lines = lines_of(out)
    assert [line["label"] for line in lines] == ["negative", None, "positive", None, "positive", "negative"]
    assert [line.get("doubt") for line in lines] == [None, "empty", None, "language", None, None]
    assert all(0 <= float(str(line["positive"])) <= 1 for line in lines)
    assert "6 rows read" in run.stderr
    assert "language: 1" in run.stderr


def test_ratings_that_contradict_their_texts_are_flagged_and_counted(
    duomo: Duomo, reviews: Path, tmp_path: Path
) -> None:
    out = tmp_path / "o.jsonl"
    run = duomo("read", "sentiment", reviews, "--column", "words", "--rating", "stars", "--out", out)
    assert lines_of(out)[0]["flags"] == ["rating"]
    assert "1 text against their rating" in run.stderr


def test_a_column_of_ratings_that_is_not_there_is_named(duomo: Duomo, reviews: Path) -> None:
    run = duomo("read", "sentiment", reviews, "--column", "words", "--rating", "score")
    assert run.returncode == 2
    assert "has no column 'score'" in run.stderr


def test_broken_rows_have_their_line_and_do_not_hide_a_column_of_ratings(
    duomo: Duomo, tmp_path: Path
) -> None:
    broken, out = tmp_path / "broken.csv", tmp_path / "o.jsonl"
    broken.write_text("text,stars\ngood,5,6\n", "utf-8")
    run = duomo("read", "sentiment", broken, "--rating", "stars", "--out", out)
    assert run.returncode == 0, run.stderr
    assert [line["doubt"] for line in lines_of(out)] == ["broken"]
    none = tmp_path / "none.csv"
    none.write_text("text,stars\n", "utf-8")
    assert "0 rows read (it has none)" in duomo("read", "sentiment", none).stderr
    assert "no column 'score'" in duomo("read", "sentiment", none, "--rating", "score").stderr


def test_words_that_decide_and_goods_that_are_spoken_of_are_told_where_asked_for(
    duomo: Duomo, reviews: Path, shop: Path, tmp_path: Path
) -> None:
    out = tmp_path / "o.jsonl"
    run = duomo("read", "sentiment", reviews, "--column", "words", "--evidence", "--shop", shop, "--out", out)
    assert run.returncode == 0, run.stderr
    lines = lines_of(out)
    assert [[each["product_id"] for each in line["mentions"]] for line in lines] == [  # type: ignore[attr-defined]  # JSON
        *([], [], ["M0"], [], [], ["B1"])
    ]
    assert all(line["evidence"] for line in lines if line["label"])


def test_what_a_shop_learned_from_its_own_reviews_is_read_with(duomo: Duomo, tmp_path: Path) -> None:
    labelled, shop, out = tmp_path / "labelled.csv", tmp_path / "shop", tmp_path / "o.jsonl"
    rows = [
        (f"they {'buffed' if number % 2 else 'nerfed'} the mug {number}", ("差评", "好评")[number % 2])
        for number in range(80)
    ]
    with labelled.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "said"), *rows, ("who knows", "maybe")])
    catalog = tmp_path / "products.csv"
    catalog.write_text("id,title\nM1,Blue mug\n", "utf-8")
    assert duomo("build", catalog, "--shop", shop, "--encoder", "hashed", "--workers", 0).returncode == 0
    run = duomo("train", "sentiment", labelled, "--label", "said", "--shop", shop, "--json")
    assert run.returncode == 0, run.stderr
    told = json.loads(run.stdout)
    assert (told["good"], told["bad"], told["left_out"]) == (40, 40, {"maybe": 1})
    assert told["both"][0] > 0.95
    posts = tmp_path / "posts.txt"
    posts.write_text("they nerfed the cup\nthey buffed the cup\n", "utf-8")
    assert duomo("read", "sentiment", posts, "--shop", shop, "--out", out).returncode == 0
    assert [line["label"] for line in lines_of(out)] == ["negative", "positive"]
    nowhere = duomo("train", "sentiment", labelled, "--label", "said", "--shop", tmp_path / "nowhere")
    assert nowhere.returncode == 3
    assert "there is no shop in" in nowhere.stderr
    assert not (tmp_path / "nowhere").exists()
    missing = duomo("train", "sentiment", labelled, "--label", "mood", "--shop", shop)
    assert missing.returncode == 2
    assert "has no column 'mood'" in missing.stderr


def test_pictures_of_reviews_are_linked_and_what_cannot_be_opened_is_counted(
    duomo: Duomo, tmp_path: Path
) -> None:
    shop, out = tmp_path / "shop", tmp_path / "o.jsonl"
    rows = ["sku,title,color,image"]
    for number, color in enumerate(["red", "navy", "gold"]):
        Image.fromarray(drawn(color, number)).save(tmp_path / f"{color}.png")
        rows.append(f"P{number},{color} thing {number},{color},{color}.png")
    (tmp_path / "products.csv").write_text("\n".join(rows), "utf-8")
    built = duomo("build", tmp_path / "products.csv", "--shop", shop, "--encoder", "pocket", "--workers", 0)
    assert built.returncode == 0, built.stderr
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    posts = tmp_path / "posts.jsonl"
    pictures = [
        "navy.png",
        "none.jpg;gold.png",
        "broken.jpg",
        "",
        "https://example.com/a.jpg",
        "../../etc/x.png",
    ]
    lines = [{"text": "" if n == 0 else "so nice", "photo": each} for n, each in enumerate(pictures)]
    posts.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    asked = ("read", "sentiment", posts, "--shop", shop, "--picture", "photo", "--out", out, "--json")
    run = duomo(*asked)
    assert run.returncode == 0, run.stderr
    told = json.loads(run.stdout)
    assert told["pictures"] == {"read": 2, "linked": 2, "missing": 1, "broken": 2, "not fetched": 1}
    assert len(told["problems"]) == 4
    said = lines_of(out)
    assert [[each["product_id"] for each in line["mentions"]] for line in said] == [  # type: ignore[attr-defined]  # JSON
        *(["P1"], ["P2"], [], [], [], [])
    ]
    assert said[0]["doubt"] == "empty"
    assert {each["via"] for each in said[0]["mentions"]} == {"picture"}  # type: ignore[attr-defined]  # JSON


def test_pictures_of_another_thing_than_was_sold_are_counted(duomo: Duomo, tmp_path: Path) -> None:
    shop, out = tmp_path / "shop", tmp_path / "o.jsonl"
    Image.fromarray(made("red", "mug", np.random.default_rng(1))).save(tmp_path / "red.png")
    catalog, posts = tmp_path / "products.csv", tmp_path / "posts.csv"
    catalog.write_text(
        "sku,title,color,image\nR1,Velo red mug 7,red,red.png\nB1,Velo blue mug 7,blue,", "utf-8"
    )
    assert duomo("build", catalog, "--shop", shop, "--encoder", "pocket", "--workers", 0).returncode == 0
    posts.write_text(
        "text,photo,sold\nfine,red.png,R1\nwrong,red.png,B1\nodd,red.png,X9\nbare,,B1\n", "utf-8"
    )
    asked = ("read", "sentiment", posts, "--column", "text", "--shop", shop, "--picture", "photo")
    untaught = duomo(*asked, "--product", "sold", "--out", out)
    assert "once the shop is taught" in untaught.stderr
    assert not any("picture" in line for line in lines_of(out))
    texts, pictures, labels = goods(160)
    sight = Sight.shipped()
    fitted = fit_matcher(texts, sight.see(pictures), np.ones(160, bool), labels, tower=sight.version)
    fitted.matcher.save(shop / HEADS / NAME)
    taught = duomo(*asked, "--product", "sold", "--out", out)
    assert "wrong: 1" in taught.stderr
    assert "of no product: 1" in taught.stderr
    right, wrong, odd, bare = (line.get("picture") for line in lines_of(out))
    assert isinstance(right, dict)
    assert right["label"] == "match"
    assert isinstance(wrong, dict)
    assert (wrong["product_id"], wrong["part"], wrong["says"], wrong["shows"]) == (
        "B1",
        "color",
        "blue",
        "red",
    )
    assert odd == {"product_id": "X9", "label": None, "doubt": "unknown"}
    assert bare is None


def test_pictures_need_a_shop_that_was_built_to_see(duomo: Duomo, reviews: Path, shop: Path) -> None:
    alone = duomo("read", "sentiment", reviews, "--column", "words", "--picture", "photo")
    assert (alone.returncode, "goods of a shop" in alone.stderr) == (2, True)
    hashed = duomo("read", "sentiment", reviews, "--column", "words", "--picture", "words", "--shop", shop)
    assert "built without 'pocket'" in hashed.stderr
    held = duomo("read", "sentiment", reviews, "--column", "words", "--product", "words", "--shop", shop)
    assert "--picture" in held.stderr


def drawn(color: str, number: int) -> Pixels:
    """A thing of a form of its own on white."""
    image = Image.new("RGB", (160, 160), "white")
    pen = ImageDraw.Draw(image)
    draw = (pen.ellipse, pen.rectangle, pen.polygon)[number]
    draw([(30, 40), (130, 40), (80, 140)] if number == 2 else [(30, 30), (130, 120)], fill=color)
    return np.asarray(image)
