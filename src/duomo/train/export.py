"""From trained modules to the ONNX files that serve; words with weights of 8 bits."""

import logging
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import onnx
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from duomo.files import write_atomic
from duomo.train.shrink import int8_weights

_OPSET: Final = 20


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
    with _quiet():
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


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep to itself what the exporter says of packages that it does not need."""
    level = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            yield
    finally:
        logging.disable(level)


def _bare(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model without the exporter's notes of where each node came from: they hold paths, and weigh."""
    del model.graph.value_info[:], model.graph.metadata_props[:], model.metadata_props[:]
    for part in (*model.graph.node, *model.graph.input, *model.graph.output, *model.graph.initializer):
        del part.metadata_props[:]
        part.doc_string = ""
    return model
