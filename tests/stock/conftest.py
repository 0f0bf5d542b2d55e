"""A small catalog on disk that tests may change, and the shop built from it."""

import csv
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from duomo.settings import Settings
from duomo.shop import Shop
from duomo.stock.report import BuildReport


@dataclass
class Stall:
    """A catalog of plain coloured goods, and its shop."""

    folder: Path
    rows: list[dict[str, str]]
    shop: Shop

    @property
    def catalog(self) -> Path:
        return self.folder / "goods" / "products.csv"

    def write(self) -> None:
        """Put the rows into the catalog file."""
        names = list(dict.fromkeys(name for row in self.rows for name in row))
        with self.catalog.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, names)
            writer.writeheader()
            writer.writerows(self.rows)

    def build(self, **options: object) -> BuildReport:
        return self.shop.build(self.catalog, **options)  # type: ignore[arg-type]  # as the test says

    def paint(self, name: str, rgb: tuple[int, int, int]) -> None:
        """A picture of one colour with a stripe, so that every one is a real picture."""
        pixels = np.full((48, 36, 3), rgb, np.uint8)
        pixels[20:24] = 255
        Image.fromarray(pixels).save(self.folder / "goods" / name, quality=95)


COLOURS = {"red": (200, 20, 20), "green": (20, 160, 40), "blue": (20, 40, 190), "black": (10, 10, 10)}


@pytest.fixture
def stall(tmp_path: Path) -> Stall:
    """Twelve goods with pictures, written but not built; everything is done in this process."""
    (tmp_path / "goods").mkdir()
    shop = Shop.create(tmp_path / "shop", encoder="hashed", settings=Settings(workers=0))
    made = Stall(tmp_path, [], shop)
    for number, (kind, (colour, rgb)) in enumerate(
        (k, c) for k in ("mug", "bowl", "jug") for c in COLOURS.items()
    ):
        rgb = (rgb[0] + number, rgb[1] + number, rgb[2] + number)
        made.paint(f"{number}.jpg", rgb)
        made.rows.append(
            {
                "sku": f"A{number:02d}",
                "title": f"{colour.title()} {kind}",
                "color": colour,
                "price": f"{10 + number}.50",
                "currency": "EUR",
                "attributes_json": json.dumps({"kind": kind}),
                "image": f"{number}.jpg",
            }
        )
    made.write()
    return made
