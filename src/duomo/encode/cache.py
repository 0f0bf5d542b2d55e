"""Vectors that were computed before, kept by what they were computed from."""

import errno
import logging
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import disk_usage
from typing import Final, TypeVar

import numpy as np
from filelock import FileLock

from duomo.arrays import Vectors, check_vectors
from duomo.encode.base import EncoderCard
from duomo.errors import BadSetup

log = logging.getLogger(__name__)

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS vectors (
    card TEXT NOT NULL, key TEXT NOT NULL, vector BLOB NOT NULL, PRIMARY KEY (card, key)
)
"""
_FIND: Final = "SELECT key, vector FROM vectors WHERE card = ? AND key IN ({})"
_AT_ONCE: Final = 500  # keys of one question; SQLite takes at least 999 values
_KEEP: Final = "INSERT OR REPLACE INTO vectors (card, key, vector) VALUES (?, ?, ?)"
_WAIT_S: Final = 60.0  # how long a writer waits for another one
# SQLite maps a file into memory beside its log: on a full disk the system kills who touches that (SIGBUS).
_ROOM_MB: Final = 4
_VERSION: Final = 1  # of the table

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class VectorCache:
    """A file of vectors, each under the hash of its encoder's card and a key that names the input's content.

    Any number of processes and threads may read and write it at once, and it may be pickled: it holds nothing
    but its path. Whoever deletes the file loses time and nothing else; a file that is broken is set aside
    (`<name>.broken`) with a warning, and a new one started.
    """

    path: Path

    def get(self, card: EncoderCard, keys: Sequence[str]) -> dict[str, Vectors]:
        """The vectors that are there, (dim,) float32 and read-only each; unknown keys are left out.

        Raises:
            BadSetup: the file cannot be opened or read.
        """
        name, size = card.hash, 4 * card.dim

        def find(database: sqlite3.Connection) -> dict[str, bytes]:
            found: dict[str, bytes] = {}
            for start in range(0, len(keys), _AT_ONCE):
                some = keys[start : start + _AT_ONCE]
                found.update(database.execute(_FIND.format(",".join("?" * len(some))), (name, *some)))
            return {key: body for key, body in found.items() if len(body) == size}

        return {key: np.frombuffer(body, dtype="<f4") for key, body in self._run(find).items()}

    def put(self, card: EncoderCard, keys: Sequence[str], vectors: Vectors) -> None:
        """Keep (n, dim) vectors under n keys, in one step; what stood under a key before is replaced.

        Raises:
            ValueError: the vectors have another shape, or are not finite.
            BadSetup: the file cannot be written.
        """
        rows = check_vectors(vectors, count=len(keys), dim=card.dim, made_by=card.name).astype("<f4")
        if keys:
            name = card.hash
            records = [(name, key, row.tobytes()) for key, row in zip(keys, rows, strict=True)]
            self._run(lambda database: database.executemany(_KEEP, records))

    @contextmanager
    def held_open(self) -> Iterator[None]:
        """Keep the file open meanwhile: the last one to close it tidies it up, which takes a while.

        Where it cannot be opened nothing is said: whoever uses it will.
        """
        with ExitStack() as stack:
            with suppress(sqlite3.Error, OSError):
                stack.enter_context(closing(self._open()))
            yield

    def _run(self, job: Callable[[sqlite3.Connection], Answer]) -> Answer:
        """What the job gives, done in one transaction; on a broken file, done again on a new one."""
        try:
            try:
                return self._run_once(job)
            except sqlite3.DatabaseError as error:
                if not _is_broken(error):
                    raise
                self._set_aside()
                return self._run_once(job)
        except (sqlite3.Error, OSError) as error:
            raise BadSetup(
                f"the vector cache {self.path} cannot be used ({error})",
                remedy="Free some space, or make the file and its folder writable",
            ) from error

    def _run_once(self, job: Callable[[sqlite3.Connection], Answer]) -> Answer:
        # A connection a call takes under a millisecond and is what makes threads, forks and pickles safe.
        with closing(self._open()) as database, database:
            return job(database)

    def _open(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if disk_usage(self.path.parent).free < _ROOM_MB << 20:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        database = sqlite3.connect(self.path, timeout=_WAIT_S)
        try:
            database.execute("PRAGMA synchronous = NORMAL")
            if database.execute("PRAGMA user_version").fetchone()[0] != _VERSION:
                # Two processes that turn the write-ahead log on at once would refuse each other.
                with self._lock():
                    database.execute("PRAGMA journal_mode = WAL")
                    database.execute(_SCHEMA)
                    database.execute(f"PRAGMA user_version = {_VERSION}")
        except BaseException:
            database.close()
            raise
        return database

    def _set_aside(self) -> None:
        """Move the broken file out of the way, unless another process has done so meanwhile."""
        with self._lock():
            try:
                with closing(sqlite3.connect(self.path, timeout=_WAIT_S)) as database:
                    if database.execute("PRAGMA integrity_check(1)").fetchone()[0] == "ok":
                        return
            except sqlite3.DatabaseError as error:
                if not _is_broken(error):
                    raise
            aside = self.path.with_name(f"{self.path.name}.broken")
            log.warning(
                "the vector cache %s is broken: it was set aside as %s and starts anew", self.path, aside
            )
            self.path.replace(aside)
            for ending in ("-wal", "-shm"):
                self.path.with_name(self.path.name + ending).unlink(missing_ok=True)

    def _lock(self) -> FileLock:
        return FileLock(self.path.with_name(f"{self.path.name}.lock"), timeout=_WAIT_S)


def _is_broken(error: sqlite3.DatabaseError) -> bool:
    code = getattr(error, "sqlite_errorcode", 0)  # absent where Python itself raised
    return code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
