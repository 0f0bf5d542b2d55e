"""One writer a folder, over all processes of the machine."""

import errno
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from duomo.errors import ShopBusy, of_system
from duomo.files import drop_halves, write_atomic

_REFUSED: Final = frozenset(  # what a system says that will not let anybody write
    {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO}
)


@contextmanager
def writing(folder: Path, wait_s: float = 0) -> Iterator[None]:
    """Hold the folder's writer lock; the system lets go of it when the process dies, however it dies.

    Args:
        folder: of a shop or its tables; made if it is not there.
        wait_s: how long to wait for another writer, in seconds.

    Raises:
        ShopBusy: another process (or another thread of this one) holds it; says which, if that is known.
        BadSetup: the disk is full, or the folder may not be written; also where the body finds that out.
    """
    try:
        with _held(folder, wait_s):
            yield
    except OSError as error:
        if error.errno not in _REFUSED:
            raise
        name = error.filename or str(folder)
        raise of_system(OSError(error.errno, error.strerror, name)) from error


@contextmanager
def _held(folder: Path, wait_s: float) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    holder = folder / ".writer.json"  # beside the lock, because a lock file is emptied by whoever tries it
    lock = FileLock(folder / ".writer.lock")
    try:
        lock.acquire(timeout=wait_s)
    except Timeout as error:
        raise ShopBusy(
            f"{_holder(holder)} is writing to {folder}", remedy="Wait until it has finished, or stop it."
        ) from error
    try:
        drop_halves(folder)
        command = " ".join([Path(sys.argv[0]).name, *sys.argv[1:2]])
        since = datetime.now().astimezone().isoformat(timespec="seconds")
        write_atomic(holder, json.dumps({"process": os.getpid(), "command": command, "since": since}))
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def _holder(path: Path) -> str:
    """Who holds the lock, in words."""
    try:
        said = json.loads(path.read_text("utf-8"))
        return f"process {said['process']} ({said['command']}, since {said['since']})"
    except (OSError, ValueError, KeyError, TypeError):  # it is just starting or just ending
        return "another process"
