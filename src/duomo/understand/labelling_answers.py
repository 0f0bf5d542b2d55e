"""What labellers answered: a file of JSON lines that only grows, whatever process dies while it writes.

The last answer of somebody to a thing is theirs; an earlier one stays in the file. A line is on disk before
its answer is acknowledged. A line that a dying process left half written was never acknowledged: it is not
read, and the next writer takes it away.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from filelock import FileLock

from duomo.errors import BadFile, BadSetting, of_system
from duomo.files import json_line, sync_folder

_MOST_NAME: Final = 60  # characters of a labeller's name
_REMEDY: Final = "Mend or delete that line"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one person said of one thing."""

    thing: str  # its id
    by: str
    label: str | None  # None: they could not tell
    at: str = ""  # when, ISO 8601 with its zone
    seconds: float | None = None  # that it took
    expected: str | None = None  # what the model would have said; it was shown unless the thing is shared
    shared: bool = False  # drawn at random and asked of everybody

    def as_dict(self) -> dict[str, object]:
        """With the field names of the file."""
        told = {"thing": self.thing, "by": self.by, "label": self.label, "at": self.at}
        more = {"seconds": self.seconds, "expected": self.expected, "shared": self.shared or None}
        return {**told, **{name: value for name, value in more.items() if value is not None}}


class Answers:
    """The answers of a task, those of other processes included once `refresh` has read them.

    Threads that share one take turns, as `Asker` has them do.
    """

    def __init__(self, file: Path) -> None:
        """Read what is there; raises BadFile."""
        self.file = file
        self.added: dict[str, str] = {}  # label -> who added it
        self.of: dict[str, dict[str, Answer]] = {}  # thing -> labeller -> their last answer
        self.by: dict[str, dict[str, None]] = {}  # labeller -> things in the order of their last answers
        self.lines = 0  # that were read; who knows this number knows whether there is news
        self._read_to = 0  # bytes
        self.refresh()

    def refresh(self) -> None:
        """Read what was written since; raises BadFile where a line is none of ours."""
        try:
            with self.file.open("rb") as file:
                file.seek(self._read_to)
                body = file.read()
        except FileNotFoundError:
            return
        whole = body[: body.rfind(b"\n") + 1]
        before = self.lines
        try:
            for line in whole.splitlines():
                self._take(line)
        except BadFile:
            self.lines = before  # all of it is read again
            raise
        self._read_to += len(whole)

    def add(self, answer: Answer) -> None:
        """Write an answer down.

        Raises:
            BadSetting: the name of the labeller is none.
            BadSetup: the disk is full, or the file may not be written.
        """
        check_name(answer.by)
        at = answer.at or datetime.now(UTC).isoformat(timespec="milliseconds")
        self._append({**answer.as_dict(), "at": at})

    def add_label(self, label: str, by: str) -> None:
        """Write down that there is another label to choose from; raises as `add`."""
        check_name(by)
        self._append({"new": label, "by": by, "at": datetime.now(UTC).isoformat(timespec="milliseconds")})

    def _append(self, record: Mapping[str, object]) -> None:
        line = json_line(record).encode()
        try:
            with FileLock(self.file.with_name(f".{self.file.name}.lock")):
                with self.file.open("ab+") as file:
                    is_new = _drop_half(file.fileno()) == 0
                    file.write(line)
                    file.flush()  # until all of it is written, or the disk is full
                    os.fsync(file.fileno())
                if is_new:
                    sync_folder(self.file.parent)
        except OSError as error:
            raise of_system(OSError(error.errno, error.strerror, str(self.file))) from error
        self.refresh()

    def _take(self, line: bytes) -> None:
        try:
            told: dict[str, Any] = json.loads(line)
            if "new" in told:
                self.added.setdefault(str(told["new"]), str(told["by"]))
            else:
                answer = Answer(**told)
                self.of.setdefault(answer.thing, {})[answer.by] = answer
                own = self.by.setdefault(answer.by, {})
                own.pop(answer.thing, None)
                own[answer.thing] = None
        except (KeyError, TypeError, ValueError) as error:
            problem = f"{self.file}, line {self.lines + 1}: that is no answer"
            raise BadFile(problem, remedy=_REMEDY) from error
        self.lines += 1


def check_name(by: str) -> None:
    """Refuse what cannot be a labeller's name; raises BadSetting."""
    if not by.strip() or len(by) > _MOST_NAME or not by.isprintable():
        problem = f"a labeller has a name of 1 to {_MOST_NAME} characters"
        raise BadSetting(problem, remedy="Name who labels")


def _drop_half(handle: int) -> int:
    """Cut a file after its last whole line; gives how long it is then."""
    size = at = os.fstat(handle).st_size
    if not size or os.pread(handle, 1, size - 1) == b"\n":
        return size
    whole = 0
    while at and not whole:
        start = max(0, at - 65_536)
        body = os.pread(handle, at - start, start)
        at, whole = start, start + body.rfind(b"\n") + 1 if b"\n" in body else 0
    os.ftruncate(handle, whole)
    return whole
