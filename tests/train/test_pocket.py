"""The whole recipe on tiny towers and the drawn shop: out comes an encoder that a shop can be built with."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer

from duomo.catalog.read import read_catalog
from duomo.catalog.sample import draw_shop
from duomo.encode.models import load_encoder
from duomo.errors import BadFile, MissingFile
from duomo.settings import Settings
from duomo.shop import Shop
from duomo.train.align import Recipe
from duomo.train.features import save_tower
from duomo.train.heads import HeadShape
from duomo.train.loop import Course
from duomo.train.packs import DRAWN
from duomo.train.pocket import PROJECTIONS, Towers, make, said_by, save_towers
from duomo.train.towers.picture import PictureTower
from duomo.train.towers.text import TextShape, TextTower, encode_texts
from duomo.train.towers.text import save_tower as save_text_tower

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def towers(tmp_path_factory: pytest.TempPathFactory, tokenizer: Tokenizer) -> Towers:
    """Towers that nobody trained."""
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("towers")
    sizes = {"narrow": 8, "width": 16, "layers": 1, "heads": 2, "inner": 24, "e5": 6, "minilm": 5}
    words = TextTower(TextShape(pieces=tokenizer.get_vocab_size(), **sizes)).eval()
    pictures = PictureTower().eval()
    save_text_tower(words, tokenizer, folder / "float")
    save_tower(pictures, folder / "float.onnx")
    return save_towers(words, tokenizer, folder / "float.onnx", pictures.classify, folder)


def test_what_is_said_in_training_is_what_the_tower_says(towers: Towers) -> None:
    texts = ["red dress", "红色", "blue shirt, red dress", "blue"]
    said = said_by(towers)(texts)
    expected = encode_texts(towers.text.parent / "float", texts).hidden
    assert np.allclose(said.hidden, expected, atol=0.05)  # its weights have 8 bits
    words = Tokenizer.from_file(str(towers.tokenizer))
    for text, row in zip(texts, said.ids.tolist(), strict=True):
        ids = words.encode(text).ids
        assert row[: len(ids)] == ids
        assert not any(row[len(ids) :])


def test_damaged_towers_are_told(tmp_path: Path, towers: Towers) -> None:
    for path in towers.text.parent.glob("*.*"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    assert Towers.in_folder(tmp_path).pieces == towers.pieces
    (tmp_path / PROJECTIONS).write_bytes(b"no tensors")
    with pytest.raises(BadFile, match=r"holds no projections .* Write the towers anew"):
        Towers.in_folder(tmp_path)
    (tmp_path / "text.onnx").unlink()
    with pytest.raises(MissingFile, match=r"there is no .*text\.onnx"):
        Towers.in_folder(tmp_path)


def test_the_recipe_gives_an_encoder_that_finds_what_it_was_shown(tmp_path: Path, towers: Towers) -> None:
    draw_shop(tmp_path / "work" / DRAWN, products=30)
    fitted = make(
        tmp_path / "no data",
        tmp_path / "work",
        tmp_path / "out",
        towers,
        cleared=True,
        course=Course(steps=30, check_every=10, learning_rate=3e-3),
        recipe=Recipe(batch=64),
        shape=HeadShape(pieces=towers.pieces, words=16, hidden=64, learned=32, bag=8),
    )
    assert fitted.steps == 30
    assert fitted.history[-1]["loss"] < fitted.history[1]["loss"]
    folder = tmp_path / "out" / "pocket-cleared"
    card = json.loads((folder / "card.json").read_text())
    assert card["licence"] == "Apache-2.0"
    assert "drawn" in card["training"]
    assert "prototypes 1000" in card["training"]
    encoder = load_encoder(str(folder))
    assert encoder.text
    assert encoder.picture
    assert encoder.text.card.space == encoder.picture.card.space
    shop = Shop.create(tmp_path / "shop", encoder=str(folder), settings=Settings(workers=0))
    assert shop.build(tmp_path / "work" / DRAWN).skipped == 0
    product = read_catalog(tmp_path / "work" / DRAWN).products[0]
    hits = shop.search(image=product.media_of(product.variants[0])[0].source, k=3)
    assert product.id in [hit.product.id for hit in hits]
