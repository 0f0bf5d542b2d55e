"""Pictures as a catalog names them: paths beside the file, and addresses."""

import csv
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from duomo.catalog.rows import Cell, Notes, Row
from duomo.errors import BadFile
from duomo.guard.paths import inside

_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://|data:")
_OUTSIDE: Final = "Name with --images a folder that all pictures lie in, or a file inside this one"

Place = Callable[[str], str]  # a picture as the file names it -> an absolute path or an address


def placer(folder: Path, *, beside: Path | None = None) -> Place:
    """Places the pictures of a file: addresses stay, paths are taken relative to the folder.

    The function raises BadFile for what is neither, or leads out of the folder. No file is touched.

    Args:
        folder: where paths begin.
        beside: the folder of the file; a path that leads from there into the folder is taken, too.
    """
    base = str(folder.absolute())

    def place(source: str) -> str:
        if source[:8].lower().startswith(("http://", "https://")):
            return source
        if source.startswith("//"):  # Shopify writes addresses without their scheme
            return f"https:{source}"
        if ":" in source and _SCHEME.match(source):
            problem = f"'{source[:80]}' is neither a file nor an http address"
            raise BadFile(
                problem, remedy="Name a file beside the catalog, or an address that begins with https://"
            )
        path = source.replace("\\", "/")  # as Windows writes them
        if path[0] not in "/." and "/." not in path and "//" not in path and path.isprintable():
            return f"{base}/{path}"  # `inside` would say the same, at a hundred times the cost
        try:
            return str(inside(folder, path))
        except BadFile as error:
            if not path.startswith("../") or not path.isprintable():
                raise
            meant = Path(os.path.normpath((beside or folder).absolute() / path))
            if meant.is_relative_to(os.path.normpath(base)):
                return str(meant)
            raise BadFile(str(error.args[0]), remedy=_OUTSIDE) from None

    return place


def pictures_of(
    row: Row, columns: Mapping[str, str], place: Place, notes: Notes, *, product_id: str
) -> list[str]:
    """The pictures that a row names, placed, in the order of the columns; others are noted, once a column.

    Args:
        row: the row.
        columns: column of the file -> what parts several pictures in it; "" where there is but one.
        place: from `placer`.
        notes: of the file.
        product_id: for the notes.
    """
    found: list[str] = []
    for column, separator in columns.items():
        for source in split_pictures(row.cells.get(column, ""), separator):
            try:
                found.append(place(source))
            except BadFile as error:
                notes.often(  # the row is kept
                    row.line,
                    f"is left out: {error.args[0]}",
                    error.remedy,
                    column=column,
                    value=source,
                    product_id=product_id,
                )
    return found


def split_pictures(cell: Cell, separator: str) -> list[str]:
    """The pictures that a cell names. Between addresses a comma separates only where a new one begins.

    So do a semicolon, a bar and a blank there, which Meta's feeds allow.

    >>> split_pictures("https://x.cn/w_20,h_20/a.jpg,https://x.cn/b.jpg", ",")
    ['https://x.cn/w_20,h_20/a.jpg', 'https://x.cn/b.jpg']
    >>> split_pictures("https://x.cn/a.jpg https://x.cn/b.jpg", ",")
    ['https://x.cn/a.jpg', 'https://x.cn/b.jpg']
    """
    if isinstance(cell, tuple):
        parts = list(cell)
    elif not separator or (separator not in cell and "http" not in cell[4:]):
        parts = [cell]
    elif separator != ",":
        parts = cell.split(separator)
    elif '"' in cell:
        parts = repeated(cell)
    else:
        parts = re.split(r"[,;|\s]+(?=https?://)" if cell.lstrip().lower().startswith("http") else ",", cell)
    return [source for part in parts if (source := part.strip())]


def repeated(cell: Cell) -> list[str]:
    """The values of a cell in which Google lets an attribute repeat: commas between, quotes around commas."""
    if isinstance(cell, tuple):
        return list(cell)
    if not cell:
        return []
    try:
        return next(csv.reader([cell.replace("\n", " ")], skipinitialspace=True), [])
    except csv.Error:  # one value is longer than csv reads
        return cell.split(",")
