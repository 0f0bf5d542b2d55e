"""Atomic writes, content hashes, JSON lines."""

import ctypes
import glob
import hashlib
import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, TextIO

from duomo.errors import BadFile

_HALF: Final = re.compile(r"\..+\.[a-z0-9_]{8}")  # what `write_atomic` calls a file that is not yet whole
_DEAD_S: Final = 60.0  # a half that is older than this belongs to a process that has died


def write_atomic(path: Path, content: bytes | str) -> None:
    """Write so that readers and a sudden death see the old file or the new one, never half of it.

    The content is on disk (fsync) when this returns. Creates missing parent folders.
    """
    with _in_place_of(path) as file:
        file.write(content.encode() if isinstance(content, str) else content)


def is_half(name: str) -> bool:
    """Whether a file is called as one that `write_atomic` is writing, or was writing when it died.

    >>> is_half(".manifest.json.k3x_9ab0"), is_half("manifest.json")
    (True, False)
    """
    return bool(_HALF.fullmatch(name))


def is_empty(folder: Path, *, but: str) -> bool:
    """Whether a folder holds nothing but a file of this name, and what dead processes had half written."""
    return all(path.name == but or is_half(path.name) for path in folder.iterdir())


def drop_halves(folder: Path) -> None:
    """Remove what dead processes had half written into a folder, if it is there; not into folders of it."""
    for path in folder.iterdir() if folder.is_dir() else ():
        if is_half(path.name) and path.is_file() and path.stat().st_mtime < time.time() - _DEAD_S:
            path.unlink(missing_ok=True)


def beside(path: Path) -> str:
    """How the name begins of a file or folder that is made beside a path, to take its place.

    Ends in eight characters by which `tempfile` tells one from another; `drop_dead` knows them by it.
    """
    return f".{path.name}.half-"


def drop_dead(path: Path) -> None:
    """Remove what dead processes had made `beside` a path, files and folders."""
    for half in path.parent.glob(f"{glob.escape(beside(path))}????????"):
        inside = half.rglob("*") if half.is_dir() and not half.is_symlink() else ()
        with suppress(FileNotFoundError):  # who made it lives, and takes it away just now
            if max(each.lstat().st_mtime for each in (half, *inside)) < time.time() - _DEAD_S:
                _remove(half)


def _remove(path: Path) -> None:
    """Delete a file, a link, or a folder with all in it, as far as that can be deleted."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()


def take_place(new: Path, path: Path) -> None:
    """Give a file or folder the place of whatever is at a path, and delete that.

    Where the system can exchange two names (Linux, macOS), one of the two is there at every moment, whenever
    the process dies. Elsewhere there is an instant with neither, and what was there lies `beside` it then.

    Args:
        new: on the same disk as the path.
        path: of a file or a folder, or of nothing yet.
    """
    if not path.exists() and not path.is_symlink():
        new.replace(path)
    elif _exchanged(new, path):
        _remove(new)
    else:
        aside = Path(tempfile.mkdtemp(dir=path.parent, prefix=beside(path)))
        try:
            path.replace(aside / path.name)
            try:
                new.replace(path)
            except OSError:
                (aside / path.name).replace(path)
                raise
        except OSError:
            with suppress(OSError):  # what could not be put back lies in it
                aside.rmdir()
            raise
        _remove(aside)


def _exchanged(one: Path, other: Path) -> bool:
    """Exchange two names in one step; False where the system or the disk cannot.

    See renameat2(2) of Linux and renamex_np(2) of macOS.
    """
    if os.name != "posix":
        return False
    library, names = ctypes.CDLL(None), (os.fsencode(one), os.fsencode(other))
    if rename := getattr(library, "renameat2", None):
        here, exchange = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
        return bool(rename(here, names[0], here, names[1], exchange) == 0)
    if rename := getattr(library, "renamex_np", None):
        swap = 2  # RENAME_SWAP
        return bool(rename(*names, swap) == 0)
    return False


@contextmanager
def replacing(path: Path) -> Iterator[TextIO]:
    """A text file, UTF-8, that takes the place of the path when the body ends without an error.

    As with `write_atomic`, nobody sees half of it; what is written need not fit into memory.
    """
    with _in_place_of(path, text=True) as file:
        yield file


@contextmanager
def _in_place_of(path: Path, *, text: bool = False) -> Iterator[Any]:
    """A file that takes the place of the path, on disk, when the body ends without an error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        how = {"mode": "w", "encoding": "utf-8", "newline": ""} if text else {"mode": "wb"}
        with os.fdopen(handle, **how) as file:  # type: ignore[call-overload]  # one form of it or the other
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o666 & ~_umask())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make renames inside a folder survive a power cut, where the system can."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:  # Windows cannot open a folder
        return
    try:
        os.fsync(descriptor)
    except OSError:  # some network file systems cannot sync one
        pass
    finally:
        os.close(descriptor)


def hash_bytes(*parts: bytes) -> str:
    """BLAKE2b over the parts and their lengths, as 32 hexadecimal digits.

    >>> hash_bytes(b"ab", b"c") == hash_bytes(b"a", b"bc")
    False
    """
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.hexdigest()


def hash_file(path: Path) -> str:
    """BLAKE2b of a file's bytes, as 32 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


def json_line(record: object) -> str:
    """One record as one line of JSON, keys in the order given, non-ASCII kept as it is."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"), allow_nan=False) + "\n"


def write_json_lines(path: Path, records: Iterable[object]) -> int:
    """Write records as JSON lines in one atomic step; return how many."""
    lines = [json_line(record) for record in records]
    write_atomic(path, "".join(lines))
    return len(lines)


def read_json_lines(path: Path) -> Iterator[tuple[int, dict[str, object]]]:
    """Line number (from 1) and object of every line that is not blank; raises BadFile."""
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                record = json.loads(line)
            except ValueError as error:
                raise BadFile(
                    f"{path} line {number}: not JSON ({error})", remedy="Write one object a line"
                ) from error
            if not isinstance(record, dict):
                raise BadFile(f"{path} line {number}: not a JSON object", remedy="Write one object a line")
            yield number, record


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
