import logging
import pickle
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duomo.arrays import Vectors
from duomo.encode.base import EncoderCard
from duomo.encode.cache import VectorCache
from duomo.encode.hashed_text import HashedText
from duomo.errors import BadSetup

CARD = HashedText(16).card
KEYS = st.lists(st.text(st.characters(codec="utf-8")), max_size=8, unique=True)


def vectors(count: int, seed: int = 0, dim: int = 16) -> Vectors:
    return np.random.default_rng(seed).normal(size=(count, dim)).astype(np.float32)


@pytest.fixture
def cache(tmp_path: Path) -> VectorCache:
    return VectorCache(tmp_path / "made" / "for it" / "vectors.db")


@settings(max_examples=15, deadline=None)
@given(keys=KEYS, others=KEYS)
def test_what_was_put_comes_back_bit_for_bit(
    tmp_path_factory: pytest.TempPathFactory, keys: list[str], others: list[str]
) -> None:
    cache = VectorCache(tmp_path_factory.mktemp("cache") / "vectors.db")
    kept = vectors(len(keys))
    cache.put(CARD, keys, kept)
    cache.put(CARD, keys, kept)
    found = cache.get(CARD, [*others, *keys, *keys])
    assert found.keys() == set(keys)
    for key, vector in zip(keys, kept, strict=True):
        assert found[key].dtype == np.float32
        np.testing.assert_array_equal(found[key], vector)


def test_two_encoders_do_not_see_each_other(cache: VectorCache) -> None:
    other = replace(CARD, version="2")
    cache.put(CARD, ["a", "b"], vectors(2))
    cache.put(other, ["a"], vectors(1, seed=1))
    assert cache.get(other, ["a", "b"]).keys() == {"a"}
    np.testing.assert_array_equal(cache.get(CARD, ["a"])["a"], vectors(2)[0])


def test_a_later_vector_takes_the_place_of_an_earlier_one(cache: VectorCache) -> None:
    cache.put(CARD, ["a"], vectors(1))
    cache.put(CARD, ["a"], vectors(1, seed=1))
    np.testing.assert_array_equal(cache.get(CARD, ["a"])["a"], vectors(1, seed=1)[0])


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (vectors(2, dim=15), r"hashed-text gave vectors of shape \(2, 15\), expected \(2, 16\)"),
        (vectors(3), r"shape \(3, 16\), expected \(2, 16\)"),
        (np.full((2, 16), np.nan, np.float32), "not finite"),
    ],
)
def test_wrong_vectors_are_refused(cache: VectorCache, wrong: Vectors, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        cache.put(CARD, ["a", "b"], wrong)
    assert cache.get(CARD, ["a", "b"]) == {}


def test_a_pickled_cache_is_the_same_cache(cache: VectorCache) -> None:
    cache.put(CARD, ["a"], vectors(1))
    assert pickle.loads(pickle.dumps(cache)).get(CARD, ["a"]).keys() == {"a"}  # noqa: S301 - pickled here


@pytest.mark.parametrize("body", [b"no database at all" * 100, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_broken_file_is_set_aside_and_said(
    cache: VectorCache, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    cache.path.parent.mkdir(parents=True)
    cache.path.write_bytes(body)
    with caplog.at_level(logging.WARNING):
        assert cache.get(CARD, ["a"]) == {}
    assert "vectors.db is broken: it was set aside as" in caplog.text
    assert cache.path.with_name("vectors.db.broken").read_bytes() == body
    cache.put(CARD, ["a"], vectors(1))
    assert cache.get(CARD, ["a"]).keys() == {"a"}


def test_a_file_damaged_in_the_middle_starts_anew(
    cache: VectorCache, caplog: pytest.LogCaptureFixture
) -> None:
    keys = [str(number) for number in range(2000)]
    cache.put(CARD, keys, vectors(2000))
    body = bytearray(cache.path.read_bytes())
    body[4096:-4096] = b"\xee" * (len(body) - 8192)
    cache.path.write_bytes(body)
    assert cache.get(CARD, keys) == {}
    assert caplog.text.count("is broken") == 1
    cache.put(CARD, keys, vectors(2000))
    assert len(cache.get(CARD, keys)) == 2000


def test_a_vector_cut_short_counts_as_absent(cache: VectorCache) -> None:
    cache.put(CARD, ["a", "b"], vectors(2))
    with closing(sqlite3.connect(cache.path)) as database, database:
        database.execute("UPDATE vectors SET vector = x'00' WHERE key = 'a'")
    assert cache.get(CARD, ["a", "b"]).keys() == {"b"}


def test_a_path_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(BadSetup, match=r"the vector cache .*vectors\.db cannot be used \(.+\)\. Free"):
        VectorCache(tmp_path / "file" / "vectors.db").put(CARD, ["a"], vectors(1))


def put_some(cache: VectorCache, card: EncoderCard, seed: int) -> int:
    """Ten batches of 50 vectors, half of the keys shared by all workers; then all of them are read back."""
    for batch in range(10):
        keys = [f"{seed if number % 2 else 'all'}-{batch}-{number}" for number in range(50)]
        cache.put(card, keys, vectors(50, seed))
        assert len(cache.get(card, keys)) == 50
    return seed


def test_several_threads_write_at_once(cache: VectorCache) -> None:
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(put_some, [cache] * 4, [CARD] * 4, range(4))) == [0, 1, 2, 3]


CHILD = """
import sys
from pathlib import Path
import numpy as np
from duomo.encode.cache import VectorCache
from duomo.encode.hashed_text import HashedText
cache, name = VectorCache(Path(sys.argv[1])), sys.argv[2]
for batch in range(15):
    keys = [f"{name if number % 2 else 'all'}-{batch}-{number}" for number in range(40)]
    cache.put(HashedText(16).card, keys, np.ones((40, 16), np.float32))
    assert len(cache.get(HashedText(16).card, keys)) == 40
"""


def test_several_processes_write_at_once_and_nothing_is_lost(cache: VectorCache) -> None:
    names = ["one", "two", "three"]
    command = [sys.executable, "-c", CHILD, str(cache.path)]
    children = [subprocess.Popen([*command, name]) for name in names]
    assert [child.wait(timeout=60) for child in children] == [0, 0, 0]
    keys = {f"{name}-{b}-{n}" for b in range(15) for n in range(40) for name in ["all", *names]}
    assert len(cache.get(CARD, list(keys))) == 15 * 20 * 4
