"""ONNX models on the CPU: threads and batches under control, and clear words when a model does not fit."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as runtime

from duomo.errors import BadFile, MissingFile

# What the runtime raises about a file; its errors have no base of their own.
_REFUSALS: Final = (
    runtime.Fail,
    runtime.InvalidArgument,
    runtime.InvalidGraph,
    runtime.InvalidProtobuf,
    runtime.NoModel,
    runtime.NoSuchFile,
    runtime.NotImplemented,
    runtime.RuntimeException,
)
_TYPES: Final[Mapping[str, type[np.generic]]] = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(double)": np.float64,
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
    "tensor(uint8)": np.uint8,
    "tensor(int8)": np.int8,
    "tensor(bool)": np.bool_,
}
_EXPORT: Final = "Export it again, with a free batch size as the first of every shape"

Shape = tuple[int | None, ...]  # None: any size


class OnnxSession:
    """An ONNX model that takes any number of rows and runs them in batches.

    Pickled, it is its path and two numbers: the model is opened again where it is unpickled.

    Args:
        path: the .onnx file.
        threads: threads of one run; they sleep, not spin, while they wait, so that cores can be shared.
        batch: rows that are run together; it bounds the memory a run takes.

    Raises:
        MissingFile: there is no such file.
        BadFile: it is no ONNX model, or one that cannot be run row by row.
        ValueError: threads or batch is below 1.
    """

    def __init__(self, path: Path, threads: int = 1, batch: int = 32) -> None:
        if threads < 1 or batch < 1:
            raise ValueError(f"threads and batch must be at least 1, not {threads} and {batch}")
        if not path.is_file():
            raise MissingFile(f"there is no model {path}", remedy="Check the path")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        # The arena keeps the most that any batch ever needed; batches of changing length make that grow.
        # Doing without costs a small convolutional net about a tenth of its speed.
        options.enable_cpu_mem_arena = False
        options.enable_mem_pattern = False
        options.log_severity_level = 3  # what matters is raised
        try:
            session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except _REFUSALS as error:
            raise BadFile(
                f"{path} is no ONNX model that can be run ({_first_line(error)})", remedy=_EXPORT
            ) from error
        self.path = path
        self.threads = threads
        self.batch = batch
        self.inputs: Mapping[str, Shape] = {put.name: _shape(put) for put in session.get_inputs()}
        self.outputs: Mapping[str, Shape] = {put.name: _shape(put) for put in session.get_outputs()}
        puts = (*session.get_inputs(), *session.get_outputs())
        self._types = {put.name: _TYPES.get(put.type) for put in puts}
        self._session = session
        self._check_model()

    def __reduce__(self) -> tuple[type["OnnxSession"], tuple[Path, int, int]]:
        return OnnxSession, (self.path, self.threads, self.batch)

    def run(self, feeds: Mapping[str, NDArray[Any]]) -> tuple[NDArray[Any], ...]:
        """Every output of the model, in its order, for n rows in each input, in the order of the rows.

        No rows give outputs of no rows; a size the model leaves open is 0 in them.

        Args:
            feeds: input name -> (n, ...) array of the model's own type.

        Raises:
            ValueError: a name, a shape or a type is not the model's, or the inputs differ in their rows.
            BadFile: the model failed on rows of the right shape.
        """
        count = self._check_feeds(feeds)
        if not count:
            empty = {name: (0, *(size or 0 for size in shape[1:])) for name, shape in self.outputs.items()}
            return tuple(np.zeros(shape, self._types[name]) for name, shape in empty.items())
        step = 1 if self._one_by_one else self.batch
        parts = []
        for start in range(0, count, step):
            rows = {name: feed[start : start + step] for name, feed in feeds.items()}
            parts.append(self._run_batch(rows, min(step, count - start)))
        return tuple(np.concatenate(output) for output in zip(*parts, strict=True))

    @property
    def _one_by_one(self) -> bool:
        """Whether the model was exported for one row at a time."""
        return any(shape[0] == 1 for shape in self.inputs.values())

    def _run_batch(self, rows: Mapping[str, NDArray[Any]], count: int) -> list[NDArray[Any]]:
        try:
            outputs: list[NDArray[Any]] = self._session.run(None, dict(rows))
        except _REFUSALS as error:
            raise BadFile(
                f"the model {self.path} failed on {count} rows ({_first_line(error)})", remedy=_EXPORT
            ) from error
        for name, output in zip(self.outputs, outputs, strict=True):
            if output.shape[:1] != (count,):
                raise BadFile(
                    f"the model {self.path} made {output.shape} of {count} rows as '{name}'", remedy=_EXPORT
                )
        return outputs

    def _check_model(self) -> None:
        for name, shape in (*self.inputs.items(), *self.outputs.items()):
            if not shape or shape[0] not in (None, 1):
                raise BadFile(f"{self.path}: '{name}' has the fixed shape {shape}", remedy=_EXPORT)
            if self._types[name] is None:
                raise BadFile(f"{self.path}: '{name}' holds no numbers", remedy=_EXPORT)

    def _check_feeds(self, feeds: Mapping[str, NDArray[Any]]) -> int:
        """How many rows all the inputs have."""
        if feeds.keys() != self.inputs.keys():
            raise ValueError(f"{self.path} takes the inputs {sorted(self.inputs)}, not {sorted(feeds)}")
        for name, shape in self.inputs.items():
            feed = feeds[name]
            sizes = zip(feed.shape[1:], shape[1:], strict=False)
            if feed.ndim != len(shape) or any(wanted not in (None, size) for size, wanted in sizes):
                free = tuple("any" if size is None else size for size in ("rows", *shape[1:]))
                raise ValueError(f"{self.path}: '{name}' must have shape {free}, not {feed.shape}")
            if feed.dtype != self._types[name]:
                raise ValueError(
                    f"{self.path}: '{name}' must be {np.dtype(self._types[name])}, not {feed.dtype}"
                )
        counts = {len(feed) for feed in feeds.values()}
        if len(counts) != 1:
            raise ValueError(f"{self.path}: the inputs have {sorted(counts)} rows")
        return counts.pop()


def _shape(put: onnxruntime.NodeArg) -> Shape:
    return tuple(size if isinstance(size, int) else None for size in put.shape)


def _first_line(error: Exception) -> str:
    """What the runtime says, without the code and the places in its own source."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0].rpartition(" : ")[2][:200]
