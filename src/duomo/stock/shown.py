"""Which goods of a shop look like pictures that are shown to it, by the vectors on its shelf."""

from collections.abc import Callable
from pathlib import Path

from duomo.arrays import Vectors
from duomo.errors import BadQuery, MissingShop
from duomo.search.goods import PRODUCT
from duomo.shelf.lance import LanceShelf
from duomo.shelf.layout import vector_column
from duomo.shelf.manifest import VARIANTS, Manifest
from duomo.understand.mentions_pictures import NEAR, TOWER, Near


def nearest_in(folder: Path) -> Callable[[Vectors], list[Near]]:
    """A function from the vector of a picture to the rows of a shop that are nearest to it, best first.

    Raises:
        MissingShop: there is none, or no build of it has ended yet.
        BadQuery: it has no vectors of the encoder whose links are calibrated.
    """
    manifest = Manifest.load(folder)
    if not manifest.served:
        problem = f"no build of the shop in {folder} has ended yet"
        raise MissingShop(problem, remedy=f"Run: duomo build CATALOG --shop {folder}")
    if TOWER not in manifest.encoders:
        problem = f"pictures cannot be linked to the goods in {folder}, which were built without '{TOWER}'"
        raise BadQuery(problem, remedy=f"Run: duomo build CATALOG --shop {folder} --encoder {TOWER}")
    snapshot = LanceShelf(folder / VARIANTS).snapshot(version=manifest.served)
    column = vector_column(TOWER, "picture")

    def near(vector: Vectors) -> list[Near]:
        if column not in snapshot.schema.names:  # no product has a picture
            return []
        found = snapshot.search(vector=vector, column=column, k=NEAR)
        names = snapshot.take(found.rows, [PRODUCT])[PRODUCT].to_pylist()
        return [Near(*each) for each in zip(names, found.scores.tolist(), strict=True)]

    return near
