"""The pictures of posts and reviews in a table: opened, counted, and told of where they cannot be."""

from collections import Counter
from pathlib import Path
from typing import Final

from duomo.arrays import Pixels
from duomo.catalog.pictures import placer
from duomo.catalog.rows import one
from duomo.catalog.texts import TextRow
from duomo.errors import DuomoError, MissingProduct, Problem
from duomo.guard.pictures import open_picture, picture_bytes
from duomo.product import is_address
from duomo.settings import Settings
from duomo.stock.posts import Posts, sold

_BETWEEN: Final = (";", "|", "；")  # several pictures in one cell


class PostPictures:
    """Looks at the picture of each row, the first that can be opened, and counts what came of it.

    Args:
        posts: of the shop.
        file: the table; paths of pictures begin where it lies.
        column: of the pictures.
        product: column of the product that a row is about; "": none.
        settings: the limits.

    Raises:
        BadQuery, BadSetup: as `Posts.load`, before a row is read.
    """

    def __init__(self, posts: Posts, file: Path, column: str, product: str, settings: Settings) -> None:
        self._posts, self._settings = posts, settings
        self._place, self._file, self._columns = placer(file.absolute().parent), file, (column, product)
        posts.load()
        self.counts: Counter[str] = Counter()  # pictures read, linked, wrong, and not to be read
        self.problems: list[Problem] = []

    def add_to(self, line: dict[str, object], row: TextRow) -> None:
        """Put into a line what the row speaks of by words and picture, and whether it shows what was sold."""
        pixels = self._open(row)
        line["mentions"] = told = self._posts.mentions(row.text, pixels)
        self.counts["linked"] += any(each["via"] == "picture" or "pictured" in each for each in told)
        product_id = sold(told, one(row.cells.get(self._columns[1], "")))
        if pixels is None or not product_id:
            return
        try:
            found = self._posts.compared(product_id, pixels)
        except MissingProduct:
            self.counts["of no product"] += 1
            line["picture"] = {"product_id": product_id, "label": None, "doubt": "unknown"}
            return
        if found:
            self.counts["wrong"] += found.label == "contradiction"
            line["picture"] = {"product_id": product_id, **found.as_dict()}

    def _open(self, row: TextRow) -> Pixels | None:
        """The first picture of a row that can be opened."""
        cell = one(row.cells.get(self._columns[0], ""))
        for mark in _BETWEEN[1:]:
            cell = cell.replace(mark, _BETWEEN[0])
        for source in (name.strip() for name in cell.split(_BETWEEN[0])):
            if not source:
                continue
            if is_address(source):
                self._told(row, source, "not fetched", "lies behind an address, and nothing is fetched", "")
                continue
            try:
                body = picture_bytes(Path(self._place(source)), picture_mb=self._settings.picture_mb)
                side, megapixels = self._settings.picture_side, self._settings.picture_megapixels
                pixels = open_picture(body, side=side, megapixels=megapixels).pixels
            except DuomoError as error:
                kind = "missing" if error.kind == "missing" else "broken"
                self._told(row, source, kind, str(error.args[0]), error.remedy)
                continue
            self.counts["read"] += 1
            return pixels
        return None

    def _told(self, row: TextRow, source: str, kind: str, problem: str, remedy: str) -> None:
        self.counts[kind] += 1
        self.problems.append(
            Problem(
                file=str(self._file),
                line=row.line,
                column=self._columns[0],
                value=source,
                problem=problem,
                remedy=remedy or "Put the picture beside the file, and name its path",
                severity="warning",
            )
        )
