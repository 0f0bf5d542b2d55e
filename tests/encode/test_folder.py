import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.encode.conftest import DIM, card_of_folder, save_folder
from tests.encode.test_heads import PLACES, made_up

from duomo.encode.base import Towers
from duomo.encode.colors import COLORS
from duomo.encode.folder import open_folder
from duomo.encode.heads import HeadWeights
from duomo.encode.onnx_towers import OnnxPicture, OnnxText, prepare_picture
from duomo.errors import BadFile, MissingFile
from duomo.files import hash_file

Change = Callable[[dict[str, Any]], object]
SaveFolder = Callable[[Path, Change], Path]


def test_a_folder_gives_both_towers_and_what_its_card_says(encoder_folder: Path) -> None:
    towers = open_folder(encoder_folder)
    assert towers.name == "tiny"
    assert towers.shared
    for card in towers.cards:
        assert (card.name, card.space, card.licence, card.source) == (
            "tiny",
            "tiny-1",
            "Apache-2.0",
            "these tests",
        )
        assert card.weights_hash


@pytest.mark.parametrize(("absent", "there"), [("text", "picture"), ("picture", "text")])
def test_one_tower_is_enough(tmp_path: Path, save_folder: SaveFolder, absent: str, there: str) -> None:
    towers = open_folder(save_folder(tmp_path, lambda card: card.pop(absent)))
    assert [card.modality for card in towers.cards] == [there]


def test_a_card_may_say_more(tmp_path: Path, save_folder: SaveFolder) -> None:
    more = {"version": "3", "training": "fashion titles", "quality": "r1 0.5"}
    card = open_folder(save_folder(tmp_path, lambda card: card.update(more))).cards[0]
    assert (card.version, card.training, card.quality) == ("3", "fashion titles", "r1 0.5")


def text_hash(towers: Towers) -> str:
    assert towers.text is not None
    return towers.text.card.hash


def test_the_hash_follows_weights_tokenizer_and_preparation(
    tmp_path: Path, save_folder: SaveFolder, save_text_model: Callable[..., None]
) -> None:
    save_folder(tmp_path, lambda card: None)
    hashes = [text_hash(open_folder(tmp_path))]
    tokenizer = json.loads((tmp_path / "tokenizer.json").read_text(encoding="utf-8"))
    (tmp_path / "tokenizer.json").write_text(json.dumps({**tokenizer, "padding": None}), encoding="utf-8")
    hashes.append(text_hash(open_folder(tmp_path)))
    save_text_model(tmp_path / "text.onnx", scale=2.0)
    hashes.append(text_hash(open_folder(tmp_path)))
    save_folder(tmp_path, lambda card: card["text"].update(max_tokens=32))
    hashes.append(text_hash(open_folder(tmp_path)))
    assert len(set(hashes)) == 4


def test_the_hash_does_not_follow_the_place(tmp_path: Path, save_folder: SaveFolder) -> None:
    here, there = (save_folder(tmp_path / name, lambda card: None) for name in ("here", "there"))
    assert text_hash(open_folder(here)) == text_hash(open_folder(there))


def test_words_beyond_the_limit_are_not_read(tmp_path: Path, save_folder: SaveFolder) -> None:
    towers = open_folder(save_folder(tmp_path, lambda card: card["text"].update(max_tokens=4)))
    assert isinstance(towers.text, OnnxText)
    same, longer, shorter = towers.text.encode(["abcd", "abcdefgh", "abc"])
    np.testing.assert_array_equal(same, longer)
    assert not np.allclose(same, shorter)


def test_a_picture_is_shown_whole_on_white() -> None:
    tall = np.zeros((8, 2, 3), np.uint8)
    seen = prepare_picture(tall, 4, mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5))
    assert seen.shape == (3, 4, 4)
    np.testing.assert_array_equal(seen[0], [[1, -1, 1, 1]] * 4)


def test_channels_keep_their_order_and_their_numbers() -> None:
    orange = np.full((3, 3, 3), [255, 102, 0], np.uint8)
    seen = prepare_picture(orange, 2, mean=(0.0, 0.4, 0.5), std=(1.0, 0.1, 0.25))
    np.testing.assert_allclose(seen[:, 0, 0], [1, 0, -2], atol=1e-6)


def test_a_picture_tower_sees_colors(encoder_folder: Path) -> None:
    tower = open_folder(encoder_folder).picture
    assert isinstance(tower, OnnxPicture)
    red, also_red, blue = (
        np.full((5, 9, 3), color, np.uint8) for color in ([255, 0, 0], [250, 5, 0], [0, 0, 255])
    )
    vectors = tower.encode([red, also_red, blue])
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda card: card.pop("space"), "'space' is missing"),
        (lambda card: card.update(dim="8"), "'dim' must be a whole number, not \"8\""),
        (lambda card: card.update(dim=True), "'dim' must be a whole number, not true"),
        (lambda card: card.update(dim=0), "'dim' must be at least 1, not 0"),
        (lambda card: card.update(licence=["MIT"]), "'licence' must be text"),
        (lambda card: card.update(text="text.onnx"), "'text' must be an object"),
        (lambda card: [card.pop("text"), card.pop("picture")], "neither 'text' nor 'picture' is there"),
        (lambda card: card["text"].pop("tokenizer"), "'tokenizer' is missing"),
        (lambda card: card["text"].update(file="../text.onnx"), "'file' must name a file beside the card"),
        (lambda card: card["text"].update(file="/etc/passwd"), "'file' must name a file beside the card"),
        (lambda card: card["text"].update(tokenizer="text.onnx"), "text.onnx is no tokenizer"),
        (lambda card: card["text"].update(file="picture.onnx"), "picture.onnx is not what its card says"),
        (lambda card: card["picture"].update(file="tokenizer.json"), "tokenizer.json is no ONNX model"),
        (
            lambda card: card["picture"].update(mean=[0.5, 0.5]),
            "'mean' must be three numbers, not \\[0.5, 0.5\\]",
        ),
        (lambda card: card["picture"].update(std=[0.5, 0, 0.5]), "'std' must be above 0"),
        (lambda card: card["picture"].update(size=7), "picture.onnx is not what its card says"),
        (lambda card: card.update(dim=9), "gave vectors of shape \\(1, 8\\), expected \\(1, 9\\)"),
    ],
)
def test_a_wrong_card_is_told_in_words(
    tmp_path: Path, save_folder: SaveFolder, change: Change, words: str
) -> None:
    with pytest.raises(BadFile, match=words):
        open_folder(save_folder(tmp_path, change))


def test_a_missing_file_is_named(tmp_path: Path, save_folder: SaveFolder) -> None:
    folder = save_folder(tmp_path, lambda card: None)
    (folder / "tokenizer.json").unlink()
    with pytest.raises(
        MissingFile, match=r"card\.json names tokenizer\.json, which is not there\. Copy the whole"
    ):
        open_folder(folder)


def test_a_missing_card_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingFile, match=r"there is no .*card\.json"):
        open_folder(tmp_path)


@pytest.mark.parametrize("body", ["", "{", "[1]", json.dumps("card")])
def test_a_card_that_is_no_object_is_refused(tmp_path: Path, body: str) -> None:
    (tmp_path / "card.json").write_text(body)
    with pytest.raises(BadFile, match=r"card\.json is not (a )?JSON"):
        open_folder(tmp_path)


def test_heads_make_vectors_of_what_the_models_say(tmp_path: Path) -> None:
    towers, folder = save_folder(tmp_path / "towers"), tmp_path / "headed"
    arrays = dict(made_up(words=DIM, pictures=DIM + COLORS, learned=3, features=DIM, pieces=256))
    folder.mkdir()
    HeadWeights(arrays).save(folder / "heads.safetensors")
    card = {**card_of_folder(), "dim": 3 + PLACES, "heads": "heads.safetensors", "towers": "../towers"}
    card["hashes"] = {name: hash_file(towers / name) for name in ("text.onnx", "picture.onnx")}
    (folder / "card.json").write_text(json.dumps(card))
    headed = open_folder(folder)
    assert headed.text
    assert headed.picture
    vectors = headed.text.encode(["red mug", "red", ""])
    assert vectors.shape == (3, 3 + PLACES)
    assert np.allclose(headed.text.encode(["red"]), vectors[1], atol=1e-6)
    assert not vectors[2].any()
    picture = np.random.default_rng(0).integers(0, 256, (20, 12, 3), dtype=np.uint8)
    assert headed.picture.encode([picture]).shape == (1, 3 + PLACES)
    before = text_hash(headed)
    HeadWeights({**arrays, "gate.near": np.array(0.8, np.float32)}).save(folder / "heads.safetensors")
    assert text_hash(open_folder(folder)) != before
    (towers / "text.onnx").write_bytes(b"another")
    with pytest.raises(BadFile, match=r"text\.onnx is not the file that .*card\.json was written for"):
        open_folder(folder)
