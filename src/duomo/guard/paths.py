"""Paths that a catalog names, kept inside the catalog's folder."""

import os
from pathlib import Path

from duomo.errors import BadFile


def inside(folder: Path, relative: str) -> Path:
    """The absolute path of a file that a catalog names relative to its folder.

    An absolute path is the merchant's own word and is taken as it is. Links in the folder are followed
    when the file is opened: they are the merchant's own, too. The file need not exist.

    Raises:
        BadFile: the path is empty, impossible, or leads out of the folder.

    >>> inside(Path("/shop"), "images/../red mug.jpg").as_posix()
    '/shop/red mug.jpg'
    >>> inside(Path("/shop"), "../secret.jpg")
    Traceback (most recent call last):
        ...
    duomo.errors.BadFile: path '../secret.jpg' leads out of the folder /shop. Name a file inside it.
    """
    shown = relative[:100].encode("utf-8", "backslashreplace").decode()
    try:
        impossible = not relative.strip() or b"\0" in os.fsencode(relative)
    except UnicodeEncodeError:  # half a surrogate pair: no file can be called so
        impossible = True
    if impossible:
        raise BadFile(f"path {shown!r} cannot name a file", remedy="Correct it in the catalog")
    if Path(relative).is_absolute():
        return Path(relative)
    clean = Path(os.path.normpath(relative))
    if clean.parts[:1] == ("..",) or clean.anchor:  # an anchor without being absolute: C:mug.jpg, \mug.jpg
        problem = f"path '{shown}' leads out of the folder {folder}"
        raise BadFile(problem, remedy="Name a file inside it")
    return folder.absolute() / clean
