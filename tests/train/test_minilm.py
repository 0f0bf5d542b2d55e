import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, pre_tokenizers

from duomo.errors import BadFile
from duomo.train.starts.minilm import load_minilm, load_words

CONFIG = {
    "hidden_size": 8,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 16,
    "vocab_size": 5,
    "max_position_embeddings": 10,
    "type_vocab_size": 2,
    "layer_norm_eps": 1e-12,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model 8 wide, under the names that BERT's files use."""
    torch.manual_seed(0)
    dense = {
        "attention.self.query": (8, 8),
        "attention.self.key": (8, 8),
        "attention.self.value": (8, 8),
        "attention.output.dense": (8, 8),
        "intermediate.dense": (16, 8),
        "output.dense": (8, 16),
    }
    weights = {f"encoder.layer.0.{name}.weight": torch.randn(size) for name, size in dense.items()}
    weights |= {f"encoder.layer.0.{name}.bias": torch.randn(size[0]) for name, size in dense.items()}
    norms = (
        "embeddings.LayerNorm",
        "encoder.layer.0.attention.output.LayerNorm",
        "encoder.layer.0.output.LayerNorm",
    )
    weights |= {f"{name}.{kind}": torch.randn(8) for name in norms for kind in ("weight", "bias")}
    for name, rows in (("word", 5), ("position", 10), ("token_type", 2)):
        weights[f"embeddings.{name}_embeddings.weight"] = torch.randn(rows, 8)
    save_file(weights, tmp_path / "model.safetensors")
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    words = {"[UNK]": 0, "red": 1, "dress": 2, "##es": 3, "a": 4}
    tokenizer = Tokenizer(models.WordPiece(words))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    return tmp_path


def test_a_folder_of_weights_encodes_each_text_to_length_one(folder: Path) -> None:
    rows = load_minilm(folder).encode(["red dress", "red", "a dresses"])
    assert rows.shape == (3, 8)
    assert np.linalg.norm(rows, axis=1) == pytest.approx(np.ones(3), abs=1e-5)


def test_the_vocabulary_gives_its_whole_words(folder: Path) -> None:
    assert load_words(folder) == ["dress", "red"]


def test_weights_of_another_shape_are_refused(folder: Path) -> None:
    (folder / "config.json").write_text(json.dumps({**CONFIG, "hidden_size": 16}))
    with pytest.raises(BadFile, match="is no folder of MiniLM weights"):
        load_minilm(folder)


@pytest.mark.weights
@pytest.mark.slow
@pytest.mark.usefixtures("teachers")
def test_the_real_weights_know_that_a_couch_is_a_sofa() -> None:
    couch, sofa, laptop = load_minilm().encode(["couch", "sofa", "laptop"])
    assert couch @ sofa > 0.8 > couch @ laptop  # 0.86, as published models say
