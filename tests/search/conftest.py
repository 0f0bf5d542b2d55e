"""A small shop of known goods on every shelf, and a way to ask it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import product as every
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from duomo.encode.base import Towers
from duomo.encode.models import load_encoder
from duomo.hits import Hits, Query
from duomo.product import Media, Origin, Price, Product, Variant
from duomo.search.find import Searched, find
from duomo.search.members import Chance
from duomo.search.reader import Reader
from duomo.search.standing import Standing
from duomo.settings import Settings
from duomo.shelf.base import Snapshot
from duomo.shelf.exact import ExactShelf
from duomo.shelf.lance import LanceShelf
from duomo.shelf.layout import layout_of
from duomo.shelf.rows import good_of
from duomo.stock.calibrate import chances_of
from duomo.stock.crew import Crew
from duomo.stock.swap import vector_columns
from duomo.stock.work import Bench

COLOURS: Mapping[str, tuple[str, tuple[int, int, int]]] = {
    "Red": ("红色", (200, 30, 30)),
    "Navy Blue": ("藏青色", (20, 30, 90)),
    "Green": ("绿色", (30, 140, 50)),
    "Black": ("黑色", (15, 15, 15)),
}
PLAIN = Settings(spread_brands=0, spread_twins=0)  # the order by the question alone
KINDS = {"Shirt": "衬衫", "Dress": "连衣裙", "Mug": "马克杯", "Chair": "椅子"}
MAKERS = ("Alba", "Borea", "Cima")


def draw(path: Path, kind: str, rgb: tuple[int, int, int]) -> str:
    """A picture of one kind of thing in one colour, on white."""
    picture = Image.new("RGB", (96, 96), "white")
    pen = ImageDraw.Draw(picture)
    if kind == "Shirt":
        pen.polygon(
            [(10, 25), (86, 25), (86, 45), (66, 45), (66, 85), (30, 85), (30, 45), (10, 45)], fill=rgb
        )
    elif kind == "Dress":
        pen.polygon([(38, 8), (58, 8), (82, 90), (14, 90)], fill=rgb)
    elif kind == "Mug":
        pen.rectangle([25, 30, 65, 80], fill=rgb)
        pen.ellipse([60, 40, 85, 68], outline=rgb, width=6)
    else:
        pen.rectangle([28, 8, 38, 90], fill=rgb)
        pen.rectangle([28, 50, 72, 58], fill=rgb)
        pen.rectangle([64, 50, 72, 90], fill=rgb)
    picture.save(path, quality=92)
    return str(path)


def detail(path: Path, number: int) -> str:
    """A picture of squares in grey, like no other number's."""
    squares = np.random.default_rng(number).integers(0, 256, (6, 6), dtype=np.uint8)
    Image.fromarray(squares.repeat(16, axis=0).repeat(16, axis=1)).save(path, quality=92)
    return str(path)


def goods(folder: Path) -> list[Product]:
    """48 products: every kind by every maker in every colour; shirts and dresses come in three sizes.

    Mugs and chairs have three pictures: the thing itself, and two details.
    """
    products = []
    for number, (kind, maker, (colour, (zh, rgb))) in enumerate(every(KINDS, MAKERS, COLOURS.items())):
        name = f"P{number:02d}"
        wearable = kind in ("Shirt", "Dress")
        price = Price.of(10 + number, "USD")
        variants = tuple(
            Variant(id=f"{name}-{size}", attributes={"size": (size,)}, price=price, stock=number % 5)
            for size in ("S", "M", "L")
        )
        products.append(
            Product(
                id=name,
                title=f"{maker} {colour} {kind}",
                description=f"{zh}{KINDS[kind]}",
                brand=maker,
                category=("Clothing" if wearable else "Home", f"{kind}s"),
                attributes={"color": (colour,), "year": (str(2020 + number % 4),)},
                variants=variants if wearable else (Variant(id=name, price=price, stock=number % 5),),
                media=(
                    Media(source=draw(folder / f"{name}.jpg", kind, rgb)),
                    *(
                        Media(source=detail(folder / f"{name}-{n}.jpg", 2 * number + n), role="alt")
                        for n in ((2, 3) if not wearable else ())
                    ),
                ),
                origin=Origin(file="goods", line=number + 2),
            )
        )
    return products


@dataclass(frozen=True)
class Asked:
    """A shop that can be asked."""

    snapshot: Snapshot
    towers: Towers
    chances: Mapping[str, Chance]
    reader: Reader
    folder: Path
    settings: Settings = field(default_factory=lambda: PLAIN)

    def __call__(self, text: str = "", **parts: object) -> Hits:
        searched = Searched(
            snapshot=self.snapshot,
            towers=self.towers,
            chances=self.chances,
            reader=self.reader,
            standing=Standing.of(self.snapshot, self.settings),
        )
        return find(Query(text=text, **parts), searched)  # type: ignore[arg-type]  # as the test says

    def set(self, **settings: object) -> "Asked":
        """The same shop under other settings."""
        return replace(self, settings=PLAIN.changed(settings))

    def picture(self, name: str) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
        return np.asarray(Image.open(self.folder / f"{name}.jpg").convert("RGB"))


@pytest.fixture(scope="session", params=["exact", "lance"])
def ask(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Asked:
    """The small shop on every kind of shelf."""
    folder = tmp_path_factory.mktemp("goods")
    products = goods(folder)
    towers = load_encoder("hashed")
    layout = layout_of(products, vector_columns([towers]))
    bench = Bench.of(folder, ("hashed",), Settings(workers=0))
    (stocked,) = Crew(bench).stock([[good_of(product, "goods") for product in products]], layout)
    assert not stocked.problems
    shelf = ExactShelf() if request.param == "exact" else LanceShelf(folder / "variants.lance")
    shelf.upsert(stocked.rows)
    snapshot = shelf.snapshot()
    return Asked(snapshot, towers, chances_of(snapshot, [towers]), Reader(snapshot), folder)
