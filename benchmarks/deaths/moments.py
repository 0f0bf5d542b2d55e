"""When a process dies: after a time, at the n-th step of its own, or at the n-th change of its files."""

import ctypes
import os
import signal
import struct
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

# inotify(7): a file was made, written and closed, moved here, or deleted; a folder was made.
_CREATED, _WRITTEN, _MOVED, _DELETED, _IS_FOLDER = 0x100, 0x8, 0x80, 0x200, 0x40000000
_MASK: Final = _CREATED | _WRITTEN | _MOVED | _DELETED
_HEAD: Final = struct.Struct("iIII")
# Events of Python's own that change or open a file: see "Audit events table" of its documentation.
_STEPS: Final = (
    "open",
    "os.rename",
    "os.link",
    "os.remove",
    "os.mkdir",
    "os.rmdir",
    "os.truncate",
    "sqlite3.connect",
)


class Steps:
    """Counts what this process does to the files of a folder, and kills its whole group at the n-th step."""

    def __init__(self, folder: Path, dies_at: int = 0) -> None:
        """Begin to count; dies_at 0: it never dies."""
        self.count = 0
        self._folder, self._dies_at = str(folder), dies_at
        sys.addaudithook(self._hook)

    def _hook(self, event: str, arguments: tuple[object, ...]) -> None:
        if event not in _STEPS or not arguments or self._folder not in str(arguments[0]):
            return
        self.count += 1
        if self.count == self._dies_at:
            os.killpg(0, signal.SIGKILL)


class Changes:
    """Counts the changes below a folder, whoever makes them, and calls somebody at the n-th; Linux only.

    Changes in a folder that is just being made may be missed: the count is a moment, not a measurement.
    """

    def __init__(self, folder: Path, at: int = 0, then: Callable[[], None] | None = None) -> None:
        """Begin to watch; the folder is made if it is not there."""
        self.count = 0
        self._at, self._then = at, then
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._watch = self._libc.inotify_init1(os.O_CLOEXEC)
        self._names: dict[int, Path] = {}
        self._stop, self._stopped = os.pipe()
        folder.mkdir(parents=True, exist_ok=True)
        self._add(folder)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def close(self) -> int:
        """Stop watching; return how many changes there were."""
        os.close(self._stopped)
        self._thread.join()
        os.close(self._stop)
        os.close(self._watch)
        return self.count

    def _add(self, folder: Path) -> None:
        try:
            number = self._libc.inotify_add_watch(self._watch, os.fsencode(folder), _MASK)
            self._names[number] = folder
            for inside in folder.iterdir():
                if inside.is_dir():
                    self._add(inside)
        except OSError:  # it has gone again
            return

    def _read(self) -> None:
        import select

        while True:
            ready, _, _ = select.select([self._watch, self._stop], [], [])
            if self._stop in ready:
                return
            body = os.read(self._watch, 65536)
            place = 0
            while place < len(body):
                number, mask, _, length = _HEAD.unpack_from(body, place)
                name = body[place + _HEAD.size : place + _HEAD.size + length].rstrip(b"\0")
                place += _HEAD.size + length
                self.count += 1
                if self.count == self._at and self._then:
                    self._then()
                if mask & _CREATED and mask & _IS_FOLDER and number in self._names:
                    self._add(self._names[number] / os.fsdecode(name))
