"""What posts and reviews speak of, by words and picture, and whether a picture shows what was sold."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from duomo.arrays import Pixels
from duomo.encode.models import load_encoder
from duomo.encode.regions import focused
from duomo.errors import BadSetup, MissingProduct
from duomo.product import Product
from duomo.stock.listed import listed
from duomo.stock.shown import nearest_in
from duomo.understand.classify import HEADS, words_of
from duomo.understand.heads import CARD
from duomo.understand.match import NAME, Matcher
from duomo.understand.match_reading import Matched, MatchReader
from duomo.understand.mentions import Mentions
from duomo.understand.mentions_pictures import TOWER, WRONG, Near, mentioned, pictured
from duomo.understand.sight import Sight


def sold(mentions: Sequence[Mapping[str, object]], product_id: str) -> str:
    """The product that a post is about: the one that is given, or else the first that its words name.

    >>> sold([{"product_id": "A1", "via": "words"}], "")
    'A1'
    """
    named = (each["product_id"] for each in mentions if each["via"] == "words" and each["product_id"])
    return product_id.strip() or str(next(named, ""))


class Posts:
    """Links posts to the goods of a shop; what pictures need is loaded at the first one.

    Args:
        folder: of the shop.
        product: finds a product by its id, or that of a variant; raises MissingProduct.

    Raises:
        MissingShop: there is none, or no build of it has ended yet.
    """

    def __init__(self, folder: Path, product: Callable[[str], Product]) -> None:
        self._folder, self._product = folder, product
        self._named = Mentions.of(listed(folder))

    def mentions(self, text: str, pixels: Pixels | None = None) -> list[dict[str, object]]:
        """What a post speaks of, with the field names of the machine contract, each product once.

        Args:
            text: as it was written.
            pixels: of its picture, (height, width, 3).

        Raises:
            BadQuery: there is a picture, and the shop was built without the encoder whose links are known.
            BadSetup: that encoder is not whole.
        """
        found, brand = pictured(self.near(pixels)) if pixels is not None else None, ""
        if found:
            try:
                brand = self._product(found.product_id).brand
            except MissingProduct:  # it was taken away since the pictures were loaded
                found = None
        return mentioned(self._named.find(text), found, brand)

    def load(self) -> None:
        """Load what pictures need, before the first one comes; raises as `mentions`."""
        _ = self.near, self.reader

    def compared(self, product_id: str, pixels: Pixels) -> Matched | None:
        """Whether a picture shows a product of the shop; None where the shop was not taught to tell.

        Args:
            product_id: what was sold.
            pixels: of the picture, (height, width, 3).

        Raises:
            MissingProduct: the shop does not know it.
        """
        if self.reader is None:
            return None
        (found,) = self.reader.read([words_of(self._product(product_id))], [pixels])
        if found.label == "contradiction" and found.probability < WRONG:
            return replace(found, label=None, doubt="unsure")
        return found

    @cached_property
    def near(self) -> Callable[[Pixels], Sequence[Near]]:
        """What the shop has that looks like a picture; raises as `mentions`."""
        tower, nearest = load_encoder(TOWER).picture, nearest_in(self._folder)
        if tower is None:
            raise BadSetup(f"the encoder '{TOWER}' reads no pictures", remedy="Install Duomo again")
        return lambda pixels: nearest(focused(pixels, tower))

    @cached_property
    def reader(self) -> MatchReader | None:
        """Tells whether a picture shows what was sold, once the shop was taught with `duomo train match`."""
        head = self._folder / HEADS / NAME
        return MatchReader(Matcher.load(head), Sight.shipped()) if (head / CARD).is_file() else None
