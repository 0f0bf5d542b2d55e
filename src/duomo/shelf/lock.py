"""One writer a folder, over all processes of the machine."""

import errno
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from filelock import FileLock, Timeout

from duomo.errors import ShopBusy, of_system
from duomo.files import drop_halves, write_atomic

_REFUSED: Final = frozenset(  # what a system says that will not let anybody write
    {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO}
)
_BRIEF_S: Final = 60.0  # that one writer waits for another which holds the lock for a moment only


@contextmanager
def writing(folder: Path, wait_s: float = 0, *, brief: bool = False, long: bool = False) -> Iterator[None]:
    """Hold the folder's writer lock; the system lets go of it when the process dies, however it dies.

    Args:
        folder: of a shop or its tables; made if it is not there.
        wait_s: how long to wait for another writer, in seconds.
        brief: it is for a moment, and nobody's order: other writers wait for it, a minute if need be.
        long: it may take hours: another one that may does not wait for it.

    Raises:
        ShopBusy: another process (or another thread of this one) holds it; says which, if that is known.
        BadSetup: the disk is full, or the folder may not be written; also where the body finds that out.
    """
    try:
        with _held(folder, wait_s, brief=brief, long=long):
            yield
    except OSError as error:
        if error.errno not in _REFUSED:
            raise
        name = error.filename or str(folder)
        raise of_system(OSError(error.errno, error.strerror, name)) from error


@contextmanager
def _held(folder: Path, wait_s: float, *, brief: bool, long: bool) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    holder = folder / ".writer.json"  # beside the lock, because a lock file is emptied by whoever tries it
    lock = FileLock(folder / ".writer.lock")
    try:
        try:
            lock.acquire(timeout=0 if long and _said(holder).get("long") else wait_s)
        except Timeout:
            if brief or not _said(holder).get("brief"):
                raise
            lock.acquire(timeout=_BRIEF_S)
    except Timeout as error:
        remedy = "Wait until it has finished; do not stop it, it may be a server that takes in what was put"
        if _said(holder).get("long"):
            remedy = (
                "Wait until it has finished; if it is stopped, it goes on where it was when it is run again"
            )
        raise ShopBusy(f"{_holder(holder)} is writing to {folder}", remedy=remedy) from error
    try:
        drop_halves(folder)
        command = " ".join([Path(sys.argv[0]).name, *sys.argv[1:2]])
        since = datetime.now().astimezone().isoformat(timespec="seconds")
        said = {"process": os.getpid(), "command": command, "since": since, "brief": brief, "long": long}
        write_atomic(holder, json.dumps(said))
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def _holder(path: Path) -> str:
    """Who holds the lock, in words."""
    said = _said(path)
    if {"process", "command", "since"} <= said.keys():
        return f"process {said['process']} ({said['command']}, since {said['since']})"
    return "another process"  # it is just starting or just ending


def _said(path: Path) -> dict[str, Any]:
    """What the holder of the lock says of itself."""
    try:
        said = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}
