"""The shipped picture tower, taken back from its INT8 file."""

from collections.abc import Mapping

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from duomo.arrays import unit
from duomo.catalog.read import read_catalog
from duomo.catalog.sample import draw_shop
from duomo.encode.folder import EncoderFiles, files_of
from duomo.encode.heads import HeadWeights
from duomo.encode.models import SHIPPED
from duomo.encode.onnx import OnnxSession
from duomo.encode.onnx_towers import square_picture
from duomo.errors import BadSetting
from duomo.guard.pictures import read_picture
from duomo.train.dequantize import tower_of
from duomo.train.pairs import pairs_of
from duomo.train.towers.picture import FEATURES, SIDE

pytestmark = pytest.mark.slow

Classify = Mapping[str, NDArray[np.float32]]


@pytest.fixture(scope="module")
def files() -> EncoderFiles:
    return files_of(SHIPPED / "pocket")


@pytest.fixture(scope="module")
def classify(files: EncoderFiles) -> Classify:
    arrays = HeadWeights.load(files.heads).arrays
    return {name: arrays[f"classify.{name}"] for name in ("weight", "bias")}


@pytest.fixture(scope="module")
def squares(tmp_path_factory: pytest.TempPathFactory) -> NDArray[np.uint8]:
    """Pictures of a small drawn shop."""
    folder = tmp_path_factory.mktemp("drawn")
    draw_shop(folder, products=24)
    pairs = pairs_of(read_catalog(folder).products, domain="drawn")
    return np.stack([square_picture(read_picture(pair.picture, side=SIDE).pixels, SIDE) for pair in pairs])


def test_the_shipped_tower_taken_back_says_what_its_file_says(
    files: EncoderFiles, classify: Classify, squares: NDArray[np.uint8]
) -> None:
    served = OnnxSession(files.picture, batch=4).run({"pixels": squares})[0]
    tower = tower_of(files.picture, classify)
    with torch.no_grad():
        features, scores = (rows.numpy() for rows in tower(torch.from_numpy(squares)))
    cosines = (unit(features[:, :FEATURES]) * unit(served[:, :FEATURES])).sum(axis=1)
    assert np.median(cosines) > 0.98
    assert cosines.min() > 0.97
    best = (served[:, :FEATURES] @ classify["weight"].T + classify["bias"]).argmax(axis=1)
    assert np.mean(scores.argmax(axis=1) == best) > 0.85
    assert not tower.training


def test_another_net_is_told(files: EncoderFiles, classify: Classify) -> None:
    with pytest.raises(
        BadSetting,
        match=r"text\.onnx is no picture tower .* gives 256 numbers .* Leave --deep out",
    ):
        tower_of(files.text, classify)
