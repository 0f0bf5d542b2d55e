"""Clips and speech as questions on the command line, one at a time and in a file."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from duomo.cli.batch import FILES
from duomo.files import hash_bytes

Duomo = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def clip(write_clip: Callable[..., bytes], tmp_path: Path) -> Path:
    """A blue thing that is turned before the camera."""
    path = tmp_path / "turntable.mp4"
    path.write_bytes(write_clip([np.full((64, 64, 3), (0, 0, 200), np.uint8)] * 8))
    return path


@pytest.fixture
def sound(say: Callable[[str], bytes], tmp_path: Path) -> Path:
    """Somebody asks for a green bowl."""
    path = tmp_path / "question.wav"
    path.write_bytes(say("green bowl"))
    return path


def test_a_clip_and_a_sound_are_questions(duomo: Duomo, shop: Path, clip: Path, sound: Path) -> None:
    shown = json.loads(duomo("search", "--shop", shop, "--clip", clip, "-k", 2, "--json").stdout)
    assert {hit["product_id"] for hit in shown["hits"]} == {"M1", "B1"}
    asked = duomo("search", "--shop", shop, "--audio", sound, "-k", 1, "--json")
    said = json.loads(asked.stdout)
    assert said["hits"][0]["product_id"] == "B2"
    heard = said["understood"]["heard"]
    assert {"green", "bowl"} <= set(heard["text"].split())
    assert heard["language"] == "en"
    assert f"heard: {heard['text']}\n" in duomo("search", "--shop", shop, "--audio", sound).stdout
    assert "heard" not in duomo("search", "bowl", "--shop", shop).stdout


def test_a_file_of_questions_names_clips_and_sounds_beside_it(
    duomo: Duomo, shop: Path, clip: Path, sound: Path, tmp_path: Path
) -> None:
    lines = [
        {"qid": "seen", "clip": clip.name, "where": "price < 8"},  # the mugs
        {"qid": "said", "audio": sound.name, "where": "color = 'green'"},
    ]
    (tmp_path / "q.jsonl").write_text("\n".join(map(json.dumps, lines)))
    run = duomo(
        "search", "--shop", shop, "--batch", tmp_path / "q.jsonl", "--run", tmp_path / "r.trec", "-k", 1
    )
    assert run.returncode == 0, run.stderr
    rows = [line.split() for line in (tmp_path / "r.trec").read_text().splitlines()]
    assert [row[:3] for row in rows] == [["seen", "Q0", "M1"], ["said", "Q0", "B2"]]


def test_what_is_no_clip_or_sound_is_a_sentence(
    duomo: Duomo, shop: Path, no_questions: list[tuple[str, bytes, str]], tmp_path: Path
) -> None:
    for part, body, problem in (no_questions[1], no_questions[-2]):  # tests/search has them all
        path = tmp_path / "question.mp4"
        path.write_bytes(body)
        run = duomo("search", "--shop", shop, f"--{part}", path, "--json")
        assert run.returncode == 2
        assert json.loads(run.stdout)["error"]["problem"] == f"{path}: {problem}"
        assert "Traceback" not in run.stderr


def test_a_clip_beside_a_picture_is_a_sentence(duomo: Duomo, goods: Path, shop: Path, clip: Path) -> None:
    run = duomo("search", "--shop", shop, "--clip", clip, "--image", goods / "red.jpg")
    assert run.returncode == 2
    assert "a picture and a clip were both asked for. Ask with one of them." in " ".join(run.stderr.split())


@pytest.mark.parametrize("part", FILES)
def test_a_file_that_is_not_there_is_named(duomo: Duomo, shop: Path, part: str) -> None:
    run = duomo("search", "--shop", shop, f"--{part}", "nowhere.bin", "--json")
    assert run.returncode == 3
    assert "nowhere.bin" in json.loads(run.stdout)["error"]["problem"]


def test_a_picture_that_is_not_the_first_is_named(duomo: Duomo, tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    for name in ("front.png", "back.png", "cap.png"):
        squares = rng.integers(0, 256, (4, 4, 3), dtype=np.uint8).repeat(16, axis=0).repeat(16, axis=1)
        Image.fromarray(squares).save(tmp_path / name)
    rows = "sku,title,image\nBAG,Leather bag,front.png|back.png\nCAP,Woollen cap,cap.png\n"
    (tmp_path / "goods.csv").write_text(rows, "utf-8")
    shop = tmp_path / "shop"
    assert duomo("build", tmp_path / "goods.csv", "--shop", shop, "--workers", 0).returncode == 0
    for name, told in {"front.png": "", "back.png": "; picture 2: back.png"}.items():
        asked = ("search", "--shop", shop, "--image", tmp_path / name, "-k", 1)
        why = json.loads(duomo(*asked, "--json").stdout)["hits"][0]["why"]
        assert why["picture"] == hash_bytes((tmp_path / name).read_bytes())
        explained = " ".join(duomo(*asked, "--explain", env={**os.environ, "COLUMNS": "200"}).stdout.split())
        assert ("; picture" in explained) == bool(told)
        assert told in explained


def test_ticked_values_limit_the_hits_and_not_their_own_facet(duomo: Duomo, shop: Path) -> None:
    ticked = ("--choose", "color=red", "--choose", "color= green ", "--facet", "color")
    shown = json.loads(duomo("search", "mug", "--shop", shop, *ticked, "--json").stdout)
    assert {hit["product_id"] for hit in shown["hits"] if not hit["widened"]} == {"M0", "M2"}
    assert len(shown["facets"]["color"]) > 2
    told = duomo("search", "mug", "--shop", shop, "--choose", "red")
    assert told.returncode == 2
    assert "--choose red: that is no column and its value" in told.stderr


def test_a_file_of_questions_says_what_is_not_wanted(duomo: Duomo, shop: Path, tmp_path: Path) -> None:
    lines = [
        {"qid": "mugs", "text": "mug"},
        {"qid": "rest", "text": "mug", "unlike": ["M0"], "unwanted": "blue"},
        {"qid": "said", "text": "mug not red", "as_words": "not red", "like": []},
    ]
    (tmp_path / "q.jsonl").write_text("\n".join(map(json.dumps, lines)))
    batch = ("search", "--shop", shop, "--batch", tmp_path / "q.jsonl", "--run", tmp_path / "r.trec")
    run = duomo(*batch)
    assert run.returncode == 0, run.stderr
    rows = [line.split() for line in (tmp_path / "r.trec").read_text().splitlines()]
    found = {
        qid: {row[2] for row in rows if row[0] == qid and float(row[4]) > 0}
        for qid in ("mugs", "rest", "said")
    }
    assert found["mugs"] == {"M0", "M1", "M2"}
    assert found["rest"] == {"M2"}
    assert "M0" in found["said"]
    (tmp_path / "q.jsonl").write_text(json.dumps({"qid": "x", "like": [1]}))
    assert "every part must be a text" in duomo(*batch).stderr


def test_a_catalog_without_rows_says_that_there_is_nothing_to_ask(duomo: Duomo, tmp_path: Path) -> None:
    (tmp_path / "none.csv").write_text("sku,title\n", "utf-8")
    built = duomo("build", tmp_path / "none.csv", "--shop", tmp_path / "shop", "--encoder", "hashed")
    assert built.returncode == 0
    assert "Nothing is on the shelf yet" in built.stdout
    assert "Ask it" not in built.stdout
