"""Whether hiding the peak of a heat map costs a match more than hiding another part of the same size.

    python benchmarks/heat_maps.py                     # hashed and pocket; recorded
    python benchmarks/heat_maps.py --most 20           # fewer pictures; printed

A product's picture is asked about by another picture of the product (drawn shop, luma_shop), by its nearest
neighbour in the split (the test split of fashion_products_224) or, with pocket, by the product's title. For
each, the peak and ten boxes of its size at places drawn at random are hidden: once with the color that the
map was made with, and once by a blur, which the map knows nothing of. A figure is the share of the ten that
cost less than the peak, a mean over pictures; 0.5 is what a random box would have.
"""

import argparse
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
from PIL import Image, ImageFilter

from duomo.arrays import Pixels, Vectors
from duomo.catalog.sample.write import draw_shop
from duomo.encode.base import Encoder, Towers
from duomo.encode.models import load_encoder
from duomo.encode.regions import Box, cut
from duomo.files import hash_file
from duomo.measure.compare import interval
from duomo.search.heat import heat, hidden
from provenance import pack_or_end, record
from regions import opened, rows_of

SEED: Final = 7
OTHERS: Final = 10
CHOSEN_ON: Final = 25  # pictures of Luma that the size of cells and windows was chosen on
Case = tuple[Pixels, Vectors]  # a product's picture, and the vector of what asked


def blurred(pixels: Pixels, box: Box) -> Pixels:
    """The picture with a box so blurred that only its color is left."""
    radius = max(pixels.shape[:2]) / 12
    soft, whole = np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(radius))), pixels.copy()
    cut(whole, box)[...] = cut(soft, box)
    return whole


def by_pictures(folder: Path, towers: Towers, most: int) -> Iterator[Case]:
    """First pictures, asked by the second ones of the same products."""
    assert towers.picture
    pictures: dict[str, list[Path]] = {}
    for row in rows_of(folder / "images.csv"):
        pictures.setdefault(row["sku"], []).append(folder / row["image"])
    several = [each for each in pictures.values() if len(each) > 1][CHOSEN_ON:]
    for first, second, *_ in several[:most]:
        yield opened(first), towers.picture.encode([opened(second)])[0]


def by_neighbours(files: Sequence[Path], towers: Towers, most: int) -> Iterator[Case]:
    """Pictures, asked by the picture nearest to each."""
    assert towers.picture
    pictures = [opened(file) for file in files]
    vectors = towers.picture.encode(pictures)
    near = vectors @ vectors.T
    np.fill_diagonal(near, -1)
    for number in range(min(most, len(files))):
        yield pictures[number], vectors[near[number].argmax()]


def by_words(pairs: Sequence[tuple[Path, str]], towers: Towers, most: int) -> Iterator[Case]:
    """Pictures, asked by the titles of their products."""
    assert towers.text
    for file, title in pairs[:most]:
        yield opened(file), towers.text.encode([title])[0]


def beaten(case: Case, encoder: Encoder[Pixels], rng: np.random.Generator) -> list[float]:
    """Share of the other boxes that cost less than the peak, by each way of hiding; a tie is half."""
    pixels, against = case
    peak = heat(pixels, encoder, against).peak
    places = rng.uniform(0, 1, (OTHERS, 2)) * (1 - peak.w, 1 - peak.h)
    boxes = [peak, *(Box(x=float(x), y=float(y), w=peak.w, h=peak.h) for x, y in places)]
    rates = []
    for hide in HIDE.values():
        near = encoder.encode([hide(pixels, box) for box in boxes]) @ against
        rates.append(float((near[0] < near[1:]).mean() + (near[0] == near[1:]).mean() / 2))
    return rates


HIDE: Final[Mapping[str, Callable[[Pixels, Box], Pixels]]] = {"painted": hidden, "blurred": blurred}


def figures(cases: Iterable[Case], encoder: Encoder[Pixels]) -> dict[str, object]:
    """Of all cases, with both ways of hiding."""
    rates = np.array([beaten(case, encoder, np.random.default_rng(SEED + n)) for n, case in enumerate(cases)])
    return {"n": len(rates), **{name: str(interval(rates[:, n])) for n, name in enumerate(HIDE)}}


def main() -> None:
    """Ask every catalog with every encoder, and record."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--most", type=int, help="pictures of each kind; default: 100")
    parser.add_argument("--encoder", action="append", help="default: hashed and pocket")
    given = parser.parse_args()
    most = given.most or 100
    luma, fashion = pack_or_end(None, "luma_shop"), pack_or_end(None, "fashion_products_224")
    test = [row for row in rows_of(fashion / "products.csv") if row["split"] == "test"]
    with TemporaryDirectory(prefix="duomo-heat-maps-") as place:
        drawn = Path(place)
        draw_shop(drawn, products=2 * (most + CHOSEN_ON), seed=SEED + 30)
        titles = {
            folder: [(folder / row["image"], row["title"]) for row in rows if row["image"]]
            for folder, rows in (
                (drawn, rows_of(drawn / "products.csv")),
                (luma, rows_of(luma / "products.csv")),
                (fashion, test),
            )
        }
        for name in given.encoder or ["hashed", "pocket"]:
            towers = load_encoder(name)
            assert towers.picture
            asked: dict[str, Iterator[Case]] = {
                "drawn, by another picture": by_pictures(drawn, towers, most),
                "luma_shop, by another picture": by_pictures(luma, towers, most),
                "fashion_products_224, by its neighbour": by_neighbours(
                    [file for file, _ in titles[fashion]], towers, most
                ),
            }
            if towers.shared:
                asked |= {
                    f"{'drawn' if folder == drawn else folder.name}, by its title": by_words(
                        pairs, towers, most
                    )
                    for folder, pairs in titles.items()
                }
            line: dict[str, object] = {
                "encoder": name,
                "seed": SEED,
                "data": {folder.name: hash_file(folder / "products.csv") for folder in (luma, fashion)},
                **{kind: figures(cases, towers.picture) for kind, cases in asked.items()},
            }
            if given.most:
                print(json.dumps(line, indent=1))
            else:
                record("heat_maps", line)


if __name__ == "__main__":
    main()
