"""From trained modules to the ONNX files that serve."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn

_OPSET: Final = 20


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
