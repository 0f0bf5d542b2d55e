"""Weights of 8 bits with a scale in an ONNX model that goes on computing in float."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

_LEAST: Final = 4096  # smaller weights (biases, norms) are left: they save nothing
_TABLES: Final = frozenset({"MatMul", "Gemm", "Gather"})


def int8_weights(model: ModelProto) -> ModelProto:
    """The model with the large weights of its matrix products and tables in 8 bits, symmetric.

    A matrix has a scale for each output, a table one for each row. Activations stay float, so that a row of
    the answer does not depend on what else is in the batch, as it does with dynamic quantization: that takes
    0.6 ms a query instead of 0.9 (a text tower of 7.5 million weights, 7.8 MB), but the same text in
    another batch gives another vector, and all are off (median cosine to float 0.981 instead of 0.9999).
    """
    uses = {name: node for node in model.graph.node for name in node.input}
    for weight in _large(model):
        user = uses.get(weight.name)
        if user is None or user.op_type not in _TABLES or len(weight.dims) != 2:
            continue
        axis = _axis(user, weight.name)
        numbers, scales = _quantized(numpy_helper.to_array(weight), axis)
        small = numpy_helper.from_array(numbers, f"{weight.name}/int8")
        scale = numpy_helper.from_array(scales, f"{weight.name}/scale")
        if user.op_type == "Gather":
            _gather(model, user, weight, small, scale)
            continue
        # Not DequantizeLinear: the runtime would keep it and widen the matrix at every run, 1.3 ms a query
        # instead of 0.9. These two it computes once, as it loads them.
        wide = f"{weight.name}/wide"
        multiply = helper.make_node("Mul", [wide, scale.name], [weight.name])
        _replace(model, weight, [small, scale], multiply)
        model.graph.node.insert(0, helper.make_node("Cast", [small.name], [wide], to=TensorProto.FLOAT))
    return model


def _gather(
    model: ModelProto, user: NodeProto, weight: TensorProto, small: TensorProto, scale: TensorProto
) -> None:
    """Take rows of the small table and widen those alone: widened as a whole it would be large in memory."""
    at = list(model.graph.node).index(user)
    ids, out = user.input[1], user.output[0]
    nodes = [
        helper.make_node("Gather", [small.name, ids], [f"{out}/int8"]),
        helper.make_node("Gather", [scale.name, ids], [f"{out}/scale"]),
        helper.make_node("Cast", [f"{out}/int8"], [f"{out}/float"], to=TensorProto.FLOAT),
        helper.make_node("Mul", [f"{out}/float", f"{out}/scale"], [out]),
    ]
    model.graph.node.remove(user)
    for number, node in enumerate(nodes):
        model.graph.node.insert(at + number, node)
    model.graph.initializer.remove(weight)
    model.graph.initializer.extend([small, scale])


def _quantized(numbers: NDArray[np.float32], axis: int) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Whole numbers from -127 to 127, and the scale of each slice along an axis, (n, 1) or (1, n)."""
    most = np.abs(numbers).max(axis=1 - axis, keepdims=True)
    scales = np.where(most > 0, most / 127, 1).astype(np.float32)
    return np.rint(numbers / scales).astype(np.int8), scales


def _axis(user: NodeProto, name: str) -> int:
    """Which axis of a weight has a scale for each place: that of the outputs, or of the rows of a table."""
    if user.op_type == "Gather":
        return 0
    turned = any(attribute.name == "transB" and attribute.i for attribute in user.attribute)
    return 0 if turned else 1


def _large(model: ModelProto) -> list[TensorProto]:
    return [
        weight
        for weight in model.graph.initializer
        if weight.data_type == TensorProto.FLOAT and np.prod(weight.dims) >= _LEAST
    ]


def _replace(model: ModelProto, weight: TensorProto, by: list[TensorProto], node: NodeProto) -> None:
    model.graph.initializer.remove(weight)
    model.graph.initializer.extend(by)
    model.graph.node.insert(0, node)
