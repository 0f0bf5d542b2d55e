import json
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer

from duomo.errors import BadFile, MissingFile
from duomo.train.starts.bert import padded
from duomo.train.towers.text import TextShape, TextTower, encode_texts, load_tower, save_tower


def small_tower(tokenizer: Tokenizer) -> TextTower:
    torch.manual_seed(1)
    shape = TextShape(
        pieces=tokenizer.get_vocab_size(),
        narrow=8,
        width=16,
        layers=2,
        heads=2,
        inner=24,
        tokens=12,
        e5=6,
        minilm=5,
    )
    return TextTower(shape).eval()


@pytest.fixture
def folder(tokenizer: Tokenizer, tmp_path: Path) -> Path:
    save_tower(small_tower(tokenizer), tokenizer, tmp_path / "tower")
    return tmp_path / "tower"


def test_a_tower_comes_back_from_its_folder_as_it_was(folder: Path, tokenizer: Tokenizer) -> None:
    tower, words = load_tower(folder)
    assert words.encode("Red dress").ids == tokenizer.encode("Red dress").ids
    ids, mask = padded([[1, 5, 9, 2], [1, 7, 2]])
    torch.testing.assert_close(tower(ids, mask), small_tower(tokenizer)(ids, mask))


def test_texts_have_three_places_and_none_depends_on_its_neighbours(folder: Path) -> None:
    texts = ["red dress", "红色", "", "blue shirt " * 40, "Red Dress"]
    found = encode_texts(folder, texts)
    assert (found.hidden.shape, found.e5.shape, found.minilm.shape) == ((5, 16), (5, 6), (5, 5))
    alone = np.concatenate([encode_texts(folder, [text]).e5 for text in texts])
    np.testing.assert_allclose(found.e5, alone, atol=1e-5)
    np.testing.assert_allclose(found.e5[4], found.e5[0], atol=1e-6)
    assert np.linalg.norm(found.e5, axis=1) == pytest.approx(np.ones(5), abs=1e-5)
    assert encode_texts(folder, []).hidden.shape == (0, 16)


def test_what_is_filled_up_changes_nothing(tokenizer: Tokenizer) -> None:
    tower = small_tower(tokenizer)
    ids, mask = padded([[1, 5, 9, 2], [1, 7, 2]])
    other = ids.clone()
    other[1, 3] = 11
    torch.testing.assert_close(tower(ids, mask), tower(other, mask))


def test_a_missing_file_and_a_damaged_one_are_named(folder: Path) -> None:
    shape = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**shape, "width": 32}))
    with pytest.raises(BadFile, match="holds no text tower"):
        load_tower(folder)
    (folder / "tokenizer.json").unlink()
    with pytest.raises(MissingFile, match=r"tokenizer\.json"):
        load_tower(folder)
