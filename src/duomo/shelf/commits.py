"""What tables on disk raise, told as what it is: a full disk, a file that is too large, damage."""

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from duomo.errors import BadSetup, of_system

# LanceDB tells of the system's errors in a RuntimeError: "... No space left on device (os error 28), ...".
_CODE: Final = re.compile(r"\(os error (\d+)\)")
# And of files that are gone, cut short or no longer its own in one of these words, in errors of three kinds.
_LANCE: Final = re.compile("lance error|LanceError|Lance file|Lance manifest")
_GONE: Final = "lance error: Not found: "
_FOLDERS: Final = re.compile(r"[^\s,:]*/")
_SOURCE: Final = re.compile(r", /.*", re.DOTALL)  # where in its own source an error was raised
# Rows and pictures go together: a build takes what rows there are for whole, and their pictures for there.
REBUILT: Final = (
    "Restore the shop from a backup, or delete variants.lance and pictures.lance in {path.parent} "
    "and run duomo build with its catalogs"
)


@contextmanager
def committing(path: Path) -> Iterator[None]:
    """Turn what the system refuses in the body into BadSetup with a remedy; other errors pass as they are.

    A commit is all or nothing: what was acknowledged before the error is there after it.

    Args:
        path: the table or folder that is written, for the message.

    Raises:
        BadSetup: the disk is full, a file would be larger than the limit, or may not be written; or a file
            of the table is gone.
    """
    try:
        yield
    except (RuntimeError, OSError) as error:
        if str(error).startswith(_GONE):
            raise _damaged(path, error, REBUILT) from error
        code = _code_of(error)
        if code is None:
            raise
        raise of_system(OSError(code, os.strerror(code), str(path))) from error


@contextmanager
def reading(path: Path, remedy: str = REBUILT) -> Iterator[None]:
    """Turn what Lance says of a table that it cannot read into BadSetup; other errors pass as they are.

    Args:
        path: the table that is read.
        remedy: what to do where its files are gone or damaged; `{path}` in it is the table's.

    Raises:
        BadSetup: files of the table are gone, damaged, or may not be read.
    """
    try:
        yield
    except (RuntimeError, OSError, ValueError) as error:
        if not _LANCE.search(str(error)):
            raise
        code = _code_of(error)
        if code not in (None, errno.ENOENT):
            raise of_system(OSError(code, os.strerror(code), str(path))) from error
        raise _damaged(path, error, remedy) from error


def _code_of(error: Exception) -> int | None:
    """The system's number of what it refused, where Lance or Python names it."""
    told = _CODE.search(str(error))
    return int(told[1]) if told else getattr(error, "errno", None)


def words_of(error: Exception) -> str:
    """What Lance says, without the folders of this machine and of the one that Lance was built on.

    >>> words_of(RuntimeError("lance error: Not found: srv/a.lance/data/12.lance, /cargo/io.rs:27:4"))
    'Not found: 12.lance'
    """
    return _FOLDERS.sub("", _SOURCE.sub("", str(error))).removeprefix("lance error: ")


def _damaged(path: Path, error: Exception, remedy: str) -> BadSetup:
    return BadSetup(f"the table {path} is damaged ({words_of(error)})", remedy=remedy.format(path=path))
