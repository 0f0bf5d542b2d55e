"""What the system would not let a table write, told as what it is: a full disk, a file that is too large."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from duomo.errors import of_system

# LanceDB tells of the system's errors in a RuntimeError: "... No space left on device (os error 28), ...".
_CODE: Final = re.compile(r"\(os error (\d+)\)")


@contextmanager
def committing(path: Path) -> Iterator[None]:
    """Turn what the system refuses in the body into BadSetup with a remedy; other errors pass as they are.

    A commit is all or nothing: what was acknowledged before the error is there after it.

    Args:
        path: the table or folder that is written, for the message.

    Raises:
        BadSetup: the disk is full, a file would be larger than the limit, or may not be written.
    """
    try:
        yield
    except (RuntimeError, OSError) as error:
        told = _CODE.search(str(error))
        code = int(told[1]) if told else getattr(error, "errno", None)
        if code is None:
            raise
        raise of_system(OSError(code, os.strerror(code), str(path))) from error
