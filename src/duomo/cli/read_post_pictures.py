"""The pictures of posts and reviews: which goods they show, and whether that is what was sold."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from duomo.arrays import Pixels
from duomo.catalog.pictures import placer
from duomo.catalog.rows import one
from duomo.catalog.texts import TextRow
from duomo.encode.models import load_encoder
from duomo.encode.regions import focused
from duomo.errors import BadSetup, DuomoError, MissingProduct, Problem
from duomo.guard.pictures import open_picture, picture_bytes
from duomo.product import is_address
from duomo.settings import Settings
from duomo.shop import Shop
from duomo.stock.shown import nearest_in
from duomo.understand.classify import HEADS, words_of
from duomo.understand.heads import CARD
from duomo.understand.match import NAME, Matcher
from duomo.understand.match_reading import MatchReader
from duomo.understand.mentions import Mention
from duomo.understand.mentions_pictures import TOWER, WRONG, mentioned, pictured
from duomo.understand.sight import Sight

_BETWEEN: Final = (";", "|", "；")  # several pictures in one cell


class PostPictures:
    """Looks at the picture of each row, the first that can be opened, and counts what came of it.

    Args:
        shop: its folder.
        file: the table; paths of pictures begin where it lies.
        column: of the pictures.
        product: column of the product that a row is about; "": none.
        settings: the limits.
    """

    def __init__(self, shop: Path, file: Path, column: str, product: str, settings: Settings) -> None:
        tower = load_encoder(TOWER).picture
        if tower is None:
            raise BadSetup(f"the encoder '{TOWER}' reads no pictures", remedy="Install Duomo again")
        self._tower, self._near = tower, nearest_in(shop)
        self._shop, self._settings = Shop.open(shop), settings
        self._place, self._file, self._columns = placer(file.absolute().parent), file, (column, product)
        head = shop / HEADS / NAME
        taught = (head / CARD).is_file()
        self.reader = MatchReader(Matcher.load(head), Sight.shipped()) if taught else None
        self.counts: Counter[str] = Counter()  # pictures read, linked, wrong, and not to be read
        self.problems: list[Problem] = []

    def add_to(self, line: dict[str, object], row: TextRow, mentions: Sequence[Mention]) -> None:
        """Put into a line what the row speaks of by words and picture, and whether it shows what was sold."""
        pixels = self._open(row)
        found = pictured(self._near(focused(pixels, self._tower))) if pixels is not None else None
        if found:
            self.counts["linked"] += 1
        brand = self._brand(found.product_id) if found else ""
        line["mentions"] = mentioned(mentions, found, brand)
        said = next((each.product_id for each in mentions if each.product_id), "")
        product_id = one(row.cells.get(self._columns[1], "")).strip() or said
        if pixels is not None and product_id and self.reader:
            line["picture"] = self._compared(self.reader, product_id, pixels)

    def _compared(self, reader: MatchReader, product_id: str, pixels: Pixels) -> Mapping[str, object]:
        try:
            words = words_of(self._shop.product(product_id))
        except MissingProduct:
            self.counts["of no product"] += 1
            return {"product_id": product_id, "label": None, "doubt": "unknown"}
        (found,) = reader.read([words], [pixels])
        if found.label == "contradiction" and found.probability < WRONG:
            found = replace(found, label=None, doubt="unsure")
        self.counts["wrong"] += found.label == "contradiction"
        return {"product_id": product_id, **found.as_dict()}

    def _brand(self, product_id: str) -> str:
        return self._shop.product(product_id).brand

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
