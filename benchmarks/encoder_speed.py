"""How many pictures and texts an encoder takes in a CPU-second, against decoding alone and the model alone.

    python benchmarks/encoder_speed.py                           # the weightless encoder
    python benchmarks/encoder_speed.py --encoder FOLDER          # any other

Pictures are photos of clothes made 400 pixels long and saved as JPEG, texts are titles of fashion products.
CPU seconds of this one process, one thread. In turn: decode; decode and encode; encode what is decoded;
encode texts all together; encode them one by one, as queries come. Recorded are the median, the least and
the largest.
"""

import argparse
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import process_time

import numpy as np
import simplejpeg
from PIL import Image

from duomo.catalog.read import read_catalog
from duomo.encode.models import load_encoder
from duomo.files import hash_bytes
from duomo.guard.pictures import open_picture, read_picture
from provenance import pack_or_end, record

SIDE = 400
SEED = 7


def jpegs(pack: Path, count: int) -> list[bytes]:
    """Photos of a pack, made SIDE pixels long."""
    products = read_catalog(pack / "products.csv").products
    chosen = np.random.default_rng(SEED).permutation(len(products))[:count]
    bodies = []
    for number in chosen:
        pixels = read_picture(Path(products[number].media[0].source)).pixels
        scale = SIDE / max(pixels.shape)
        size = (round(pixels.shape[1] * scale), round(pixels.shape[0] * scale))
        bodies.append(simplejpeg.encode_jpeg(np.asarray(Image.fromarray(pixels).resize(size)), 88))
    return bodies


def a_second(count: int, work: Callable[[], object]) -> float:
    """How many of a count of things are done in a CPU-second."""
    started = process_time()
    work()
    return count / (process_time() - started)


def main() -> None:
    """Measure and record."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--encoder", default="hashed", help="its name or folder")
    parser.add_argument("--side", type=int, default=224, help="pixels that pictures are decoded to")
    parser.add_argument("--pictures", type=int, default=96)
    parser.add_argument("--texts", type=int, default=512)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    bodies = jpegs(pack_or_end(None, "clothing_photos"), given.pictures)
    titles = [
        product.title
        for product in read_catalog(pack_or_end(None, "fashion_products") / "products.csv").products
    ][: given.texts]
    towers = load_encoder(given.encoder)
    decoded = [open_picture(body, side=given.side).pixels for body in bodies]
    jobs: dict[str, tuple[int, Callable[[], object]]] = {
        "decode": (len(bodies), lambda: [open_picture(body, side=given.side) for body in bodies])
    }
    if picture := towers.picture:
        jobs["decode_and_encode"] = (
            len(bodies),
            lambda: picture.encode([open_picture(body, side=given.side).pixels for body in bodies]),
        )
        jobs["encode"] = (len(bodies), lambda: picture.encode(decoded))
    if text := towers.text:
        jobs["texts"] = (len(titles), lambda: text.encode(titles))
        jobs["texts_one_by_one"] = (len(titles), lambda: [text.encode([title]) for title in titles])
    rounds: dict[str, list[float]] = defaultdict(list)
    for _ in range(given.rounds):
        for name, (count, work) in jobs.items():
            rounds[name].append(a_second(count, work))
    record(
        "encoder_speed",
        {
            "encoder": Path(towers.name).name,  # of a folder its name, not its place
            "cards": [card.hash for card in towers.cards],
            "data": hash_bytes(*bodies, *(title.encode() for title in titles)),
            "seed": SEED,
            "n_pictures": len(bodies),
            "n_texts": len(titles),
            "decoded_to": given.side,
            "unit": "a CPU-second",
            "rounds": given.rounds,
            **{name: round(median(each), 1) for name, each in rounds.items()},
            "spread": {name: [round(min(each), 1), round(max(each), 1)] for name, each in rounds.items()},
        },
    )


if __name__ == "__main__":
    main()
