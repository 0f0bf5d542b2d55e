import json
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from torch import Tensor, nn

from duomo.encode.folder import open_folder
from duomo.encode.onnx_towers import square_picture
from duomo.train.export import export_text
from duomo.train.quantize import save_int8_tower
from duomo.train.towers.picture import SEEN, SIDE, PictureTower

pytestmark = pytest.mark.slow  # PyTorch's exporter takes a while
CARD = {"name": "t", "space": "t", "licence": "Apache-2.0", "source": "these tests", "dim": 16}


class Words(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.pieces = nn.Embedding(300, 32)
        self.one = nn.Linear(32, 160)
        self.two = nn.Linear(160, 16)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        shares = attention_mask.float()[..., None]
        mean = (self.pieces(input_ids) * shares).sum(1) / shares.sum(1)
        out: Tensor = self.two(torch.relu(self.one(mean)))
        return out


def cosines(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    return np.asarray((one * other).sum(axis=1) / lengths)


def test_a_tower_in_int8_says_nearly_what_it_says_in_float(tmp_path: Path) -> None:
    torch.manual_seed(0)
    tower = PictureTower().eval()
    chance = np.random.default_rng(0)
    pictures = [chance.integers(0, 256, (9, 20, 3), dtype=np.uint8).repeat(16, 0) for _ in range(8)]
    save_int8_tower(tower, pictures, tmp_path / "picture.onnx")
    assert (tmp_path / "picture.onnx").stat().st_size < 4.2e6
    card = {**CARD, "dim": SEEN, "picture": {"file": "picture.onnx", "size": SIDE}}
    (tmp_path / "card.json").write_text(json.dumps(card))
    serving = open_folder(tmp_path).picture
    assert serving is not None
    rows = serving.encode(pictures)
    np.testing.assert_allclose(serving.encode(pictures[3:4])[0], rows[3], atol=1e-5)
    squares = np.stack([square_picture(one, SIDE) for one in pictures])
    with torch.no_grad():
        wanted = tower(torch.from_numpy(squares))[0].numpy()
    assert cosines(rows, wanted).min() > 0.9


def test_words_in_8_bits_stay_what_they_were_and_do_not_depend_on_the_batch(tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = Words().eval()
    letters = {letter: n for n, letter in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    tokenizer = Tokenizer(models.BPE(vocab=letters, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    export_text(model, tokenizer, tmp_path)
    assert (tmp_path / "text.onnx").stat().st_size < 30_000  # of 70,000 in float
    card = {**CARD, "text": {"file": "text.onnx", "tokenizer": "tokenizer.json", "max_tokens": 64}}
    (tmp_path / "card.json").write_text(json.dumps(card))
    serving = open_folder(tmp_path).text
    assert serving is not None
    texts = ["red dress", "红色连衣裙", "a", "a much longer text about shoes"]
    rows = serving.encode(texts)
    for text, row in zip(texts, rows, strict=True):
        np.testing.assert_allclose(serving.encode([text])[0], row, atol=1e-5)
        ids = torch.tensor([tokenizer.encode(text).ids])
        with torch.no_grad():
            wanted = model(ids, torch.ones_like(ids)).numpy()
        assert cosines(row[None], wanted)[0] > 0.999
