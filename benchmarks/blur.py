"""Whether `duomo check` tells blurred pictures, planted into real ones, and what it wrongly calls blurred.

    python benchmarks/blur.py

Pictures of each pack are taken by chance, left as they are, and blurred: out of focus (a Gaussian of 1.5 to 4
pixels, of 256) or made small (15 to 30 % of the sides) and blown up again.
"""

import argparse
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageFilter

from duomo.catalog.health.blur import BLURRED, SIDE, sharpness
from duomo.guard.pictures import open_picture
from provenance import data_dir, packs_or_end, record

PACKS: Final = ("luma_shop", "demo_shops", "fashion_products_224", "clothing_photos", "grocery_store")
MOST: Final = 400


def out_of_focus(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Blurred as by a lens."""
    return image.filter(ImageFilter.GaussianBlur(max(image.size) / 256 * rng.uniform(1.5, 4)))


def blown_up(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Made from a small picture."""
    share = rng.uniform(0.15, 0.3)
    small = image.resize((max(8, round(image.width * share)), max(8, round(image.height * share))))
    return small.resize(image.size, Image.Resampling.BICUBIC)


def soft(image: Image.Image) -> bool:
    """Whether a check would call it blurred."""
    sharp = sharpness(np.asarray(image))
    return sharp is not None and sharp < BLURRED


def main() -> None:
    """Measure each pack and record a line for it."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    packs_or_end(*PACKS)
    for pack in PACKS:
        files = sorted(Path(data_dir() / pack).rglob("*.jpg"))
        rng = np.random.default_rng(11)
        some = [files[place] for place in rng.permutation(len(files))[:MOST]]
        images = [Image.fromarray(open_picture(path.read_bytes(), side=SIDE).pixels) for path in some]
        line: dict[str, object] = {
            "pack": pack,
            "pictures": len(images),
            "false_alarms": sum(map(soft, images)),
            "out_of_focus": float(np.mean([soft(out_of_focus(each, rng)) for each in images])),
            "blown_up": float(np.mean([soft(blown_up(each, rng)) for each in images])),
        }
        record("blur", line)


if __name__ == "__main__":
    main()
