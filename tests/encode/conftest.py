import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, pre_tokenizers

from duomo.arrays import Pixels
from duomo.encode.base import Encoder, Towers
from duomo.encode.models import load_encoder

DIM = 8
SIZE = 6
TOWERS = (
    *("pocket text", "pocket picture", "pocket-cleared text", "pocket-cleared picture"),
    *("hashed text", "hashed picture", "hashed-1024 text", "folder text", "folder picture"),
)


def save_model(
    path: Path, nodes: list[Any], inputs: list[Any], outputs: list[Any], weights: dict[str, Any]
) -> None:
    tensors = [numpy_helper.from_array(np.asarray(array), name) for name, array in weights.items()]
    graph = helper.make_graph(nodes, "tiny", inputs, outputs, tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def save_text_model(path: Path, scale: float = 1.0) -> None:
    """The sum of the embeddings of the tokens that the mask lets through."""
    table = (scale * np.random.default_rng(1).normal(size=(256, DIM))).astype(np.float32)
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["n", "tokens"])
        for name in ("input_ids", "attention_mask")
    ]
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["embedded"]),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["mask", "last"], ["wide_mask"]),
        helper.make_node("Mul", ["embedded", "wide_mask"], ["kept"]),
        helper.make_node("ReduceSum", ["kept", "middle"], ["vectors"], keepdims=0),
    ]
    weights = {"table": table, "last": np.array([2]), "middle": np.array([1])}
    output = helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["n", DIM])
    save_model(path, nodes, inputs, [output], weights)


def save_picture_model(path: Path, size: int = SIZE, rows: int | str = "n") -> None:
    """All pixels times one matrix, with a first number that is never 0."""
    matrix = np.random.default_rng(2).normal(size=(3 * size * size, DIM)).astype(np.float32)
    shift = np.eye(1, DIM, dtype=np.float32)[0]
    nodes = [
        helper.make_node("Flatten", ["pixels"], ["flat"]),
        helper.make_node("MatMul", ["flat", "matrix"], ["turned"]),
        helper.make_node("Add", ["turned", "shift"], ["vectors"]),
    ]
    pixels = helper.make_tensor_value_info("pixels", TensorProto.FLOAT, [rows, 3, size, size])
    output = helper.make_tensor_value_info("vectors", TensorProto.FLOAT, [rows, DIM])
    save_model(path, nodes, [pixels], [output], {"matrix": matrix, "shift": shift})


def card_of_folder() -> dict[str, Any]:
    return {
        "name": "tiny",
        "space": "tiny-1",
        "licence": "Apache-2.0",
        "source": "these tests",
        "dim": DIM,
        "text": {"file": "text.onnx", "tokenizer": "tokenizer.json", "max_tokens": 64},
        "picture": {"file": "picture.onnx", "size": SIZE, "mean": [0.5, 0.5, 0.5], "std": [0.25, 0.25, 0.25]},
    }


def save_folder(folder: Path, change: Callable[[dict[str, Any]], object] = lambda card: None) -> Path:
    """An encoder folder with both towers; `change` may spoil its card."""
    folder.mkdir(parents=True, exist_ok=True)
    save_text_model(folder / "text.onnx")
    save_picture_model(folder / "picture.onnx")
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {letter: number for number, letter in enumerate(letters)}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.enable_padding(length=99)  # what a training run may leave behind
    tokenizer.save(str(folder / "tokenizer.json"))
    card = card_of_folder()
    change(card)
    (folder / "card.json").write_text(json.dumps(card), encoding="utf-8")
    return folder


def tower_of(towers: Towers, modality: str) -> Encoder[str] | Encoder[Pixels]:
    tower = towers.text if modality == "text" else towers.picture
    assert tower is not None
    return tower


SaveFolder = Callable[[Path, Callable[[dict[str, Any]], object]], Path]


@pytest.fixture(scope="session", name="save_folder")
def _save_folder() -> SaveFolder:
    """Saves an encoder folder, its card spoiled by a function, at a path that it returns."""
    return save_folder


@pytest.fixture(scope="session", name="save_text_model")
def _save_text_model() -> Callable[..., None]:
    return save_text_model


@pytest.fixture(scope="session", name="save_picture_model")
def _save_picture_model() -> Callable[..., None]:
    return save_picture_model


@pytest.fixture(scope="session")
def encoder_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_folder(tmp_path_factory.mktemp("encoders") / "tiny")


@pytest.fixture(scope="session", params=TOWERS)
def tower(request: pytest.FixtureRequest, encoder_folder: Path) -> Encoder[Any]:
    """Every encoder there is, one after the other."""
    name, modality = request.param.split()
    return tower_of(load_encoder(str(encoder_folder) if name == "folder" else name), modality)


@pytest.fixture(scope="session")
def fashion() -> Path:
    """The folder of 37,774 real fashion products, or a skipped test."""
    root = Path(__file__).parents[2] / os.environ.get("TEST_DATA_DIR", "../shared/data")
    folder = root / "fashion_products"
    if not folder.is_dir():
        pytest.skip(f"no fashion products in {root}: set TEST_DATA_DIR to the folder of the data packs")
    return folder
