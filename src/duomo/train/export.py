"""From trained modules to the ONNX files that serve: pictures with an INT8 tower, words with INT8 weights."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import onnx
import torch
from onnx import compose
from tokenizers import Tokenizer
from torch import Tensor, nn

from duomo.encode.colors import COLORS
from duomo.files import write_atomic
from duomo.train.shrink import halve_weights, int8_weights
from duomo.train.towers.picture import FEATURES

_OPSET: Final = 20
_IR: Final = 10


def export_picture(tower: Path, head: nn.Module, path: Path) -> None:
    """Put a head on a tower: one ONNX file from `pixels` and `colors` to `vectors`.

    The tower's part stays as it is (`duomo.train.quantize.save_int8_tower` makes it INT8 once for all heads),
    the head computes in float, its weights kept in 16 bits.

    Args:
        tower: an ONNX file from `pixels` to `features`, (n, FEATURES).
        head: from features, (n, FEATURES), and colors, (n, COLORS), to vectors, (n, dim).
        path: the file to write.
    """
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "head.onnx"
        examples = {"features": torch.zeros(2, FEATURES), "colors": torch.zeros(2, COLORS)}
        save_onnx(head, examples, ("vectors",), file)
        top = compose.add_prefix(onnx.load(file), "head/", rename_inputs=False, rename_outputs=False)
    bottom = onnx.load(tower)
    for model in (top, bottom):
        model.ir_version = _IR
    whole = compose.merge_models(
        bottom, halve_weights(top), io_map=[("features", "features")], outputs=["vectors"]
    )
    write_atomic(path, whole.SerializeToString())


def export_text(model: nn.Module, tokenizer: Tokenizer, folder: Path) -> None:
    """Write `text.onnx`, from `input_ids` and `attention_mask` to `vectors`, and `tokenizer.json`.

    Weights are 8 bits, one scale for each output (each row of the table of pieces), and are multiplied in
    float: what `int8_weights` says of it. A row depends on its text alone.

    Args:
        model: from (n, tokens) int64 ids and mask to (n, dim).
        tokenizer: what makes the ids.
        folder: made if absent.
    """
    ids = torch.ones((2, 7), dtype=torch.int64)  # two tensors: one given twice would be one input
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "text.onnx"
        save_onnx(model, {"input_ids": ids, "attention_mask": ids.clone()}, ("vectors",), file, "tokens")
        whole = int8_weights(onnx.load(file))
    write_atomic(folder / "text.onnx", whole.SerializeToString())
    write_atomic(folder / "tokenizer.json", tokenizer.to_str())


def save_onnx(
    module: nn.Module, examples: Mapping[str, Tensor], outputs: Sequence[str], path: Path, *free: str
) -> None:
    """Write a module as an ONNX file of one piece whose first sizes are free.

    Args:
        module: takes the examples by position, in their order; gives a tensor or a tuple of them.
        examples: input name -> a tensor of 2 rows or more.
        outputs: a name for every output.
        path: the .onnx file; its folder is there.
        free: names of further sizes that stay free, from the second on.
    """
    sizes = {number: torch.export.Dim(name) for number, name in enumerate(("rows", *free))}
    program = torch.onnx.export(
        module.eval(),
        tuple(examples.values()),
        input_names=list(examples),
        output_names=list(outputs),
        dynamic_shapes=tuple(sizes for _ in examples),
        opset_version=_OPSET,
        dynamo=True,
        verbose=False,
        external_data=False,
    )
    if program is None:  # the type leaves it open; with dynamo it never is
        raise RuntimeError("the exporter gave no program")
    program.save(str(path), external_data=False)
    onnx.save(_bare(onnx.load(path)), path)


def _bare(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model without the exporter's notes of where each node came from: they hold paths, and weigh."""
    del model.graph.value_info[:], model.graph.metadata_props[:], model.metadata_props[:]
    for part in (*model.graph.node, *model.graph.input, *model.graph.output, *model.graph.initializer):
        del part.metadata_props[:]
        part.doc_string = ""
    return model
