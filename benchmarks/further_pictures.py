"""Whether a photo finds a product by its second, third or fourth picture, and what one picture alone finds.

    python benchmarks/further_pictures.py                       # luma_shop, with hashed and with pocket

Every picture that a variant of the pack has of its own, up to four of each, is asked once, cropped to 85 % of
its sides at a place drawn at random, in two shops of the same goods: one that looks at one picture of each
variant, and one that looks at four. A file that several variants show is asked once.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image

from duomo import Shop
from duomo.arrays import Pixels
from duomo.catalog.read import read_catalog
from duomo.files import hash_file
from duomo.product import Product
from duomo.settings import Settings
from provenance import pack_or_end, record

SEED = 7
CROP = 0.85  # of each side
MOST = 4


def asked(products: Sequence[Product]) -> list[tuple[str, int, Pixels]]:
    """Product, place of the picture among its variant's (from 1), and the picture, cropped."""
    rng = np.random.default_rng(SEED)
    seen: dict[str, tuple[str, int]] = {}
    for product in products:
        for variant in product.variants:
            own = [media.source for media in (variant.media or product.media) if media.kind == "picture"]
            for place, source in enumerate(own[:MOST], start=1):
                seen.setdefault(source, (product.id, place))
    return [(id, place, cropped(Path(source), rng)) for source, (id, place) in seen.items()]


def cropped(path: Path, rng: np.random.Generator) -> Pixels:
    """A stretch of the picture."""
    with Image.open(path) as picture:
        pixels = np.asarray(picture.convert("RGB"))
    height, width = (int(side * CROP) for side in pixels.shape[:2])
    top, left = (
        int(rng.integers(0, rest + 1)) for rest in (pixels.shape[0] - height, pixels.shape[1] - width)
    )
    return pixels[top : top + height, left : left + width]


def found(shop: Shop, questions: Sequence[tuple[str, int, Pixels]]) -> dict[str, dict[str, float]]:
    """Of first pictures and of further ones: the shares found first, in ten, and with the nearest picture."""
    got: dict[str, list[tuple[bool, bool, bool]]] = {"first_pictures": [], "further_pictures": []}
    for id, place, picture in questions:
        hits = shop.search(image=picture, mode="vector", k=10)
        ids = [hit.product.id for hit in hits]
        looked = (h.product.id for h in hits for p in h.why.parts if (p.name, p.rank) == ("picture", 1))
        name = "first_pictures" if place == 1 else "further_pictures"
        got[name].append((ids[:1] == [id], id in ids, next(looked, "") == id))
    names = ("found_first", "found_in_ten", "has_nearest_picture")
    return {
        name: dict(zip(names, np.mean(each, axis=0).round(3).tolist(), strict=True))
        for name, each in got.items()
    }


def main() -> None:
    """Build both shops with each encoder, ask, and record."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, help="a pack that read_catalog takes; default: luma_shop")
    parser.add_argument("--encoder", action="append", help="default: hashed and pocket")
    given = parser.parse_args()
    folder = pack_or_end(given.folder, "luma_shop")
    questions = asked(read_catalog(folder).products)
    for encoder in given.encoder or ["hashed", "pocket"]:
        line: dict[str, object] = {
            "catalog": folder.name,
            "data": hash_file(folder / "products.csv"),
            "seed": SEED,
            "encoder": encoder,
            "n_first": sum(place == 1 for _, place, _ in questions),
            "n_further": sum(place > 1 for _, place, _ in questions),
        }
        for most in (1, MOST):
            with TemporaryDirectory(prefix="duomo-further-pictures-") as place:
                shop = Shop.create(
                    Path(place) / "shop", encoder=encoder, settings=Settings(pictures_each=most)
                )
                report = shop.build(folder)
                line[f"pictures_each_{most}"] = {
                    **found(shop, questions),
                    "build_s": round(report.took_s, 1),
                }
        record("further_pictures", line)


if __name__ == "__main__":
    main()
