"""The picture tower back from its INT8 file: what a shop trains further where there is no other."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import GraphProto, numpy_helper
from torch import Tensor

from duomo.errors import BadSetting
from duomo.train.quantize import GREY
from duomo.train.towers.picture import SEEN, Convolution, PictureTower

_USUAL: Final = 0.07  # spread of the weights of a channel in the upper blocks of the published tower


def tower_of(path: Path, classify: Mapping[str, NDArray[np.float32]]) -> PictureTower:
    """The tower that `save_int8_tower` wrote as a file, up to the rounding of its weights.

    Its first convolution takes what the file's takes: bytes less a grey. The file holds each convolution and
    its batch normalisation as one; they are parted so that the weights have their usual size and the
    normalisation multiplies by about 1, as a step of a training moves both by what is usual.

    Args:
        path: the file.
        classify: `weight` (classes, features) and `bias` (classes,) of the classifier, which is not in it.

    Returns:
        In evaluation mode.

    Raises:
        BadSetting: the file holds another net.
    """
    tower = PictureTower()
    tower.scale.fill_(1)
    tower.shift.fill_(-GREY)
    parts = [part for part in tower.modules() if isinstance(part, Convolution)]  # in the order they are run
    graph = onnx.load(path).graph
    try:
        _check_size(graph)
        for part, (weight, bias) in zip(parts, _convolutions(graph), strict=True):
            _fill(part, weight, bias)
        rows = {name: torch.from_numpy(np.asarray(each, np.float32)) for name, each in classify.items()}
        tower.classify.load_state_dict(rows)
    except (KeyError, ValueError, RuntimeError) as error:
        problem = f"{path} is no picture tower whose blocks can be trained further ({error})"
        raise BadSetting(problem, remedy="Leave --deep out, or go on from pocket") from error
    return tower.eval()


def _check_size(graph: GraphProto) -> None:
    """Refuse a net that sees more or less of a picture: its heads would not fit what is made of this one."""
    size = graph.output[0].type.tensor_type.shape.dim[-1].dim_value
    if size != SEEN:
        raise ValueError(f"it gives {size} numbers of a picture, not {SEEN}")


def _convolutions(graph: GraphProto) -> list[tuple[Tensor, Tensor]]:
    """Weights and biases of the convolutions of a quantized graph, in their order, as floats."""
    held = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
    made_by = {node.output[0]: node for node in graph.node if node.op_type == "DequantizeLinear"}

    def floats(name: str) -> Tensor:
        steps, scale, zero = (held[each] for each in made_by[name].input)
        rows = steps.astype(np.float32) - zero.astype(np.float32).reshape(-1, *[1] * (steps.ndim - 1))
        return torch.from_numpy(rows * scale.reshape(-1, *[1] * (steps.ndim - 1)))

    convolutions = [node for node in graph.node if node.op_type == "Conv"]
    return [(floats(node.input[1]), floats(node.input[2])) for node in convolutions]


def _fill(part: Convolution, weight: Tensor, bias: Tensor) -> None:
    """Give a convolution and its batch normalisation what a folded convolution does."""
    norm = part.norm
    size = (weight.square().mean(dim=(1, 2, 3)).sqrt() / _USUAL).clamp(min=torch.finfo().tiny ** 0.25)
    variance = (size**-2 - norm.eps).clamp(min=0)
    with torch.no_grad():
        part.conv.weight.copy_(weight / size.reshape(-1, 1, 1, 1))
        norm.running_var = variance
        norm.weight.copy_(size * (variance + norm.eps).sqrt())
        norm.running_mean = torch.zeros_like(bias)
        norm.bias.copy_(bias)
