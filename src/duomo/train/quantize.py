"""The picture tower in INT8, calibrated on pictures: smaller by four and quicker than in float."""

import copy
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import ModelProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process
from torch import Tensor, nn

from duomo.arrays import Pixels
from duomo.encode.onnx import OnnxSession
from duomo.encode.onnx_towers import square_picture
from duomo.files import write_atomic
from duomo.train.export import save_onnx
from duomo.train.towers.picture import FEATURES, SIDE, PictureTower

_AT_ONCE: Final = 4
GREY: Final = 115.0  # near the mean of all three channels, and whole: bytes stay exact in 8 bits


def save_int8_tower(tower: PictureTower, pictures: Sequence[Pixels], path: Path) -> None:
    """Write a tower in INT8 as an ONNX file: `pixels`, (n, SIDE, SIDE, 3) uint8, to `features`, (n, SEEN).

    Static, with a scale for each channel of the weights. Processors without VNNI add pairs of products in 16
    bits, which overflow with weights of 8 bits (cosine to float 0.91): those of the 1x1 convolutions have 7
    (0.98), those of the filters, which are not added in pairs, 8. What is off on average is put right
    at the end (0.982; medians over 96 validation photos of four packs, calibrated on 200).

    Args:
        tower: in evaluation mode; it is left as it is.
        pictures: what the ranges of activations are measured on; 200 of all kinds of shops are enough.
        path: the file to write.

    Raises:
        ValueError: there are no pictures.
    """
    if not pictures:
        raise ValueError("a tower cannot be calibrated without pictures")
    squares = np.stack([square_picture(pixels, SIDE) for pixels in pictures])
    with tempfile.TemporaryDirectory() as place:
        raw, plain, small = (Path(place) / f"{name}.onnx" for name in ("raw", "plain", "small"))
        save_onnx(_Folded(tower), {"pixels": torch.from_numpy(squares[:2])}, ("features",), raw)
        quant_pre_process(str(raw), str(plain), skip_symbolic_shape=True)
        graph = onnx.load(plain).graph
        quantize_static(
            str(plain),
            str(small),
            _Batches(squares),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            op_types_to_quantize=["Conv", "Clip", "Add"],
            extra_options={
                "CalibMovingAverage": True,
                "TensorQuantOverrides": {
                    node.input[1]: [{"axis": 0, "quant_type": QuantType.QInt8, "reduce_range": False}]
                    for node in graph.node
                    if node.op_type == "Conv" and any(a.name == "group" and a.i > 1 for a in node.attribute)
                },
            },
        )
        wanted, given = (_features(file, squares).mean(axis=0) for file in (plain, small))
        whole = _shifted(onnx.load(small), wanted - given)
    write_atomic(path, whole.SerializeToString())


class _Folded(nn.Module):
    """A tower whose first convolution takes bytes less a grey: the channels' mean and spread are in it.

    The rim of one picture point that is padded there is grey instead of each channel's mean: cosine 0.9999.
    """

    def __init__(self, tower: PictureTower) -> None:
        super().__init__()
        self.tower = copy.deepcopy(tower).eval()
        stem = self.tower.stem
        stem.conv = nn.utils.fuse_conv_bn_eval(stem.conv, stem.norm)
        stem.norm = nn.Identity()  # type: ignore[assignment]  # it is in the convolution now
        with torch.no_grad():
            scale, shift = tower.scale.reshape(3), tower.shift.reshape(3)
            moved = (stem.conv.weight.sum(dim=(2, 3)) * (shift + GREY * scale)).sum(dim=1)
            stem.conv.get_parameter("bias").add_(moved)
            stem.conv.weight *= scale.reshape(1, 3, 1, 1)

    def forward(self, pixels: Tensor) -> Tensor:
        """(n, SIDE, SIDE, 3) uint8 -> (n, SEEN)."""
        return self.tower.seen(pixels.permute(0, 3, 1, 2).to(torch.float32) - GREY)


class _Batches(CalibrationDataReader):  # type: ignore[misc]  # the package has no types
    """The pictures as the calibration asks for them."""

    def __init__(self, squares: NDArray[np.uint8]) -> None:
        self.batches: Iterator[dict[str, Any]] = iter(
            [{"pixels": squares[at : at + _AT_ONCE]} for at in range(0, len(squares), _AT_ONCE)]
        )

    def get_next(self) -> dict[str, Any] | None:
        """The next batch; None after the last."""
        return next(self.batches, None)


def _features(path: Path, squares: NDArray[np.uint8]) -> NDArray[np.float32]:
    (features,) = OnnxSession(path, batch=_AT_ONCE).run({"pixels": squares})
    return np.asarray(features, dtype=np.float32)


def _shifted(model: ModelProto, shift: NDArray[np.float32]) -> ModelProto:
    """The model with a shift added to what it sees; features stay at least 0."""
    least = np.where(np.arange(len(shift)) < FEATURES, 0, np.finfo(np.float32).min).astype(np.float32)
    graph = model.graph
    for node in graph.node:
        node.output[:] = ["features/raw" if name == "features" else name for name in node.output]
        node.input[:] = ["features/raw" if name == "features" else name for name in node.input]
    graph.initializer.append(numpy_helper.from_array(shift, "features/shift"))
    graph.node.append(helper.make_node("Add", ["features/raw", "features/shift"], ["features/whole"]))
    graph.initializer.append(numpy_helper.from_array(least, "features/least"))
    graph.node.append(helper.make_node("Max", ["features/whole", "features/least"], ["features"]))
    return model
