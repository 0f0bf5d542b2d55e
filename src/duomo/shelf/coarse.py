"""A coarse copy of vectors, a byte a number: what similarities can be at most, in a fraction of the time.

Comparing a question with every vector reads all of them, and memory is what that waits for. Bytes are a
quarter of it, and ONNX Runtime multiplies them as whole numbers, without an error. How far a vector lies
from its copy is known, so that a similarity lies for sure between two bounds (Cauchy and Schwarz): rows whose
upper bound is too low need not be looked at, and what is found stays the same to the last bit.
"""

from typing import Any, Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from duomo.arrays import Vectors

# Fewer vectors are compared as fast as they are (decision 17); a model file may not be larger.
FEWEST: Final = 4_000
MOST_BYTES: Final = 1_900_000_000
LONGEST: Final = 2_000  # numbers of a vector: products of longer ones do not fit into 32 bits
_STEPS: Final = 127  # of a vector's numbers to either side of zero
# Of a question's: so that two products of a byte each add up within 16 bits, where processors without
# instructions for bytes (VNNI) would cut them off.
_ASKED_STEPS: Final = 63
_AT_ONCE: Final = 8_192  # vectors that are copied together, so that little memory is needed beside them
_ROUNDING: Final = 2e-6  # of what is computed in 32-bit floats here, and of lengths that are 1 but for that


class Bounds(NamedTuple):
    """What the similarities of m vectors and a question lie between."""

    least: NDArray[np.float32]  # (m,)
    most: NDArray[np.float32]  # (m,)


class Coarse:
    """Bytes of (m, dim) vectors of length 1, or of zeros.

    >>> vectors = np.array([[0.6, 0.8], [1.0, 0.0]], np.float32)
    >>> least, most = Coarse(vectors).bounds(vectors[0])
    >>> bool((least <= vectors @ vectors[0]).all() and (vectors @ vectors[0] <= most).all())
    True
    >>> bool((most - least < 0.02).all())
    True
    """

    def __init__(self, vectors: Vectors) -> None:
        """Make the copy; the vectors themselves are not kept."""
        count, dim = vectors.shape
        held = np.empty((dim, count), np.int8)
        self._step = np.ones(count, np.float32)
        self._off = np.zeros(count, np.float32)  # how far each vector lies from its copy
        for start in range(0, count, _AT_ONCE):
            some = slice(start, start + _AT_ONCE)
            largest = np.abs(vectors[some]).max(axis=1, initial=0.0)
            self._step[some][largest > 0] = largest[largest > 0] / _STEPS
            whole = np.rint(vectors[some] / self._step[some, None])
            self._off[some] = np.linalg.norm(vectors[some] - whole * self._step[some, None], axis=1)
            held[:, some] = whole.T
        self._session = _session(held)

    @classmethod
    def of(cls, vectors: Vectors) -> Self | None:
        """A copy of (m, dim) vectors where it is worth it: of neither too few, nor too many or too long."""
        fits = vectors.size <= MOST_BYTES and vectors.shape[1] <= LONGEST
        return cls(vectors) if len(vectors) >= FEWEST and fits else None

    def bounds(self, query: Vectors) -> Bounds:
        """What the similarity of each vector and a (dim,) question of length 1 lies between."""
        step = max(float(np.abs(query).max()), 1e-30) / _ASKED_STEPS
        steps = np.array([step, step / (2 * _ASKED_STEPS)])
        # Written with two bytes, one coarse and one fine: what is left of the question is next to nothing.
        coarse = np.rint(query / steps[0])
        fine = np.rint((query - coarse * steps[0]) / steps[1])
        off = np.float32(np.linalg.norm(query - coarse * steps[0] - fine * steps[1]))
        asked = (np.stack([coarse, fine]) + _ASKED_STEPS).astype(np.uint8)
        products: NDArray[np.int32] = self._session.run(None, {"asked": asked})[0]
        whole = products[0] * np.int32(2 * _ASKED_STEPS)
        whole += products[1]
        near = np.multiply(whole, self._step * np.float32(steps[1]), dtype=np.float32)
        apart = self._off * (1 + off) + (off + np.float32(_ROUNDING))
        return Bounds(near - apart, near + apart)


def _session(held: NDArray[np.int8]) -> Any:
    """What multiplies (2, dim) bytes, 0 to 126, less 63, with (dim, m) bytes that it keeps."""
    import onnxruntime  # here, as it takes a while to import, and few shops of tests are so large

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(_model(held), options, providers=["CPUExecutionProvider"])
    vars(session).pop("_model_bytes", None)  # it has a copy of its own; this one is for other providers
    return session


# The model is one node, written as ONNX's protocol buffers are (onnx.proto, IR version 8), since the package
# that writes them is only needed to train. The numbers are those of the fields.
_UINT8, _INT8, _INT32 = 2, 3, 6


def _model(held: NDArray[np.int8]) -> bytes:
    node = _text(1, "asked") + _text(1, "held") + _text(1, "zero") + _text(2, "products")
    graph = _field(1, node + _text(4, "MatMulInteger")) + _text(2, "products")
    graph += _field(5, _tensor("held", held, _INT8))
    graph += _field(5, _tensor("zero", np.array(_ASKED_STEPS, np.uint8), _UINT8))
    graph += _field(11, _value("asked", (2, held.shape[0]), _UINT8))
    graph += _field(12, _value("products", (2, held.shape[1]), _INT32))
    return _number(1, 8) + _field(7, graph) + _field(8, _number(2, 13))


def _tensor(name: str, array: NDArray[Any], kind: int) -> bytes:
    dims = b"".join(_number(1, size) for size in array.shape)
    return dims + _number(2, kind) + _text(8, name) + _field(9, array.tobytes())


def _value(name: str, shape: tuple[int, ...], kind: int) -> bytes:
    dims = b"".join(_field(1, _number(1, size)) for size in shape)
    return _text(1, name) + _field(2, _field(1, _number(1, kind) + _field(2, dims)))


def _text(field: int, text: str) -> bytes:
    return _field(field, text.encode())


def _field(field: int, body: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(body)) + body


def _number(field: int, number: int) -> bytes:
    return _varint(field << 3) + _varint(number)


def _varint(number: int) -> bytes:
    found = bytearray()
    while number >= 0x80:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*found, number])
