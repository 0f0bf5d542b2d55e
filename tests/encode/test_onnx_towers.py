"""Picture models that take bytes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from duomo.encode.folder import open_folder
from duomo.encode.onnx_towers import OnnxPicture, square_picture
from duomo.errors import BadFile

SIZE = 6
SaveFolder = Callable[[Path, Callable[[dict[str, Any]], object]], Path]


def save_bytes_model(path: Path) -> None:
    """The mean of all bytes, and a one beside it."""
    nodes = [
        helper.make_node("Cast", ["pixels"], ["wide"], to=TensorProto.FLOAT),
        helper.make_node("Flatten", ["wide"], ["flat"]),
        helper.make_node("ReduceMean", ["flat", "last"], ["mean"]),
        helper.make_node("Concat", ["mean", "one"], ["vectors"], axis=1),
    ]
    nodes.insert(3, helper.make_node("Sub", ["mean", "mean"], ["none"]))
    nodes.insert(4, helper.make_node("Exp", ["none"], ["one"]))
    puts = [helper.make_tensor_value_info("pixels", TensorProto.UINT8, ["n", SIZE, SIZE, 3])]
    out = helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["n", 2])
    last = numpy_helper.from_array(np.array([1]), "last")
    graph = helper.make_graph(nodes, "bytes", puts, [out], [last])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9), path)


@pytest.fixture
def bytes_folder(tmp_path: Path, save_folder: SaveFolder) -> Path:
    def change(card: dict[str, Any]) -> None:
        card.pop("text")
        card.update(dim=2, picture={"file": "picture.onnx", "size": SIZE})

    save_folder(tmp_path, change)
    save_bytes_model(tmp_path / "picture.onnx")
    return tmp_path


def test_a_model_of_bytes_gets_the_square_as_it_is(bytes_folder: Path) -> None:
    tower = open_folder(bytes_folder).picture
    assert isinstance(tower, OnnxPicture)
    chance = np.random.default_rng(0)
    pictures = [chance.integers(0, 256, (side, 7, 3), dtype=np.uint8) for side in range(3, 14)]
    wanted = [[square_picture(one, SIZE).mean(), 1.0] for one in pictures]
    rows = tower.encode(pictures)
    np.testing.assert_allclose(rows, wanted / np.linalg.norm(wanted, axis=1, keepdims=True), atol=1e-5)
    assert tower.encode([]).shape == (0, 2)


def test_a_mean_without_a_standard_deviation_is_refused(bytes_folder: Path) -> None:
    card = json.loads((bytes_folder / "card.json").read_text())
    card["picture"]["mean"] = [0.5, 0.5, 0.5]
    (bytes_folder / "card.json").write_text(json.dumps(card))
    with pytest.raises(BadFile, match="'mean' and 'std' belong together"):
        open_folder(bytes_folder)


def test_a_picture_of_the_right_size_is_only_framed() -> None:
    wide = np.random.default_rng(0).integers(0, 256, (4, 8, 3), dtype=np.uint8)
    seen = square_picture(wide, 8)
    np.testing.assert_array_equal(seen[2:6], wide)
    assert (np.delete(seen, range(2, 6), axis=0) == 255).all()
