"""Every error Duomo raises on purpose, and the record of a problem that stops nothing."""

import errno
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import ClassVar, Final, Literal

Kind = Literal["input", "missing", "conflict", "setup"]


class DuomoError(Exception):
    """Base of every error that Duomo raises on purpose.

    Args:
        problem: what happened, to what; one sentence without the full stop.
        remedy: what to do now; a sentence of its own.
    """

    kind: ClassVar[Kind] = "input"

    def __init__(self, problem: str, *, remedy: str = "") -> None:
        super().__init__(problem)  # one argument, so that the error survives pickling to a worker
        self.remedy = remedy

    def __str__(self) -> str:
        return _sentences(self.args[0], self.remedy)


class BadFile(DuomoError):
    """A file is not what it claims to be, or holds nothing that can be read."""


class BadFilter(DuomoError):
    """A filter expression cannot be parsed, or names a column the shop does not have."""


class BadQuery(DuomoError):
    """A search was asked in a way that has no answer."""


class BadPicture(DuomoError):
    """A picture cannot be opened, or is larger than the limits allow."""


class BadClip(DuomoError):
    """A clip cannot be opened, or is larger, longer or slower than the limits allow."""


class BadSound(DuomoError):
    """A sound cannot be opened, or is larger, longer or slower than the limits allow."""


class BadSetting(DuomoError):
    """A setting has an unknown name or a value of the wrong kind."""


class BadUsage(DuomoError):
    """A command was called by a name, or with options or arguments, that it does not have."""


class BlockedUrl(DuomoError):
    """An address may not be fetched, or what came back is too large, too slow or of the wrong type."""

    retry_after_s: float = 0.0  # how long the server asks to be left alone, in seconds; 0: it does not say


class MissingFile(DuomoError):
    """A file or folder that was named does not exist."""

    kind = "missing"


class MissingShop(DuomoError):
    """The folder holds no shop."""

    kind = "missing"


class MissingProduct(DuomoError):
    """The shop has no product or variant with this id."""

    kind = "missing"


class UnknownEncoder(DuomoError):
    """No encoder is called this, or the shop was not built with it."""

    kind = "missing"


class ShopBusy(DuomoError):
    """Another process is writing to this shop."""

    kind = "conflict"


class ShopExists(DuomoError):
    """A new shop was asked for in a folder that already holds one, or holds something else."""

    kind = "conflict"


class RunExists(DuomoError):
    """A folder holds a training run with other settings."""

    kind = "conflict"


class WorseModel(DuomoError):
    """A trained model is refused: it is no better than the one in use, or has forgotten too much."""

    kind = "conflict"


class MissingExtra(DuomoError):
    """A package that this job needs is not installed."""

    kind = "setup"


class BadSetup(DuomoError):
    """The machine or the shop folder is not in a state in which this can work."""

    kind = "setup"


_FULL: Final = "Make room on the disk, and run it again"
_REMEDIES: Final[Mapping[int | None, str]] = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: "Raise the limit on the size of a file, and run it again",
    errno.EACCES: "Get the right to it, or name another place",
    errno.EPERM: "Get the right to it, or name another place",
    errno.EROFS: "Nothing can be written there; name another place",
}


def of_system(error: OSError) -> BadSetup:
    """What the system would not do, as an error with a remedy.

    >>> print(of_system(OSError(errno.ENOSPC, "No space left on device", "shop")))
    shop cannot be read or written (No space left on device). Make room on the disk, and run it again.
    """
    why = error.strerror or (str(error).splitlines() or [type(error).__name__])[0]
    where = " to ".join(str(name) for name in (error.filename, error.filename2) if name is not None)
    problem = f"{where or 'a file or the output'} cannot be read or written ({why})"
    remedy = "Check that the path is right and can be used, and run it again"
    return BadSetup(problem, remedy=_REMEDIES.get(error.errno, remedy))


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong with one place of a merchant's file; work goes on, and the report keeps it.

    >>> print(Problem(file="a.csv", line=3, column="price", value="twelve", problem="is not a number",
    ...               remedy="Write it like 12.50."))
    a.csv line 3: price 'twelve' is not a number. Write it like 12.50.
    """

    file: str
    line: int | None = None  # 1 is the first line of the file (a CSV header); None: the file as a whole
    column: str = ""
    value: str = ""  # as it stands in the file, cut to 200 characters
    problem: str
    remedy: str = ""
    severity: Literal["error", "warning"] = (
        "error"  # error: the row or picture was left out; warning: it was kept
    )
    product_id: str = ""

    def __post_init__(self) -> None:
        if len(self.value) > 200:
            object.__setattr__(self, "value", self.value[:199] + "…")

    def __str__(self) -> str:
        where = f"{self.file} line {self.line}" if self.line is not None else self.file
        what = " ".join(part for part in (self.column, f"'{self.value}'" if self.value else "") if part)
        return _sentences(f"{where}: {what + ' ' if what else ''}{self.problem}", self.remedy)

    def as_dict(self) -> dict[str, object]:
        """The problem with the field names of the machine contract."""
        return asdict(self)


def _sentences(problem: str, remedy: str) -> str:
    """The problem and, where there is one, the remedy, each ended as a sentence."""
    return " ".join(text if text[-1] in ".?!" else f"{text}." for text in (problem, remedy) if text)
