"""Whether `duomo check` tells one photo on two products, saved again or altered, and whether vectors would.

    python benchmarks/copies.py                 # the pictures that are for reporting; recorded
    python benchmarks/copies.py --split train   # those that thresholds were chosen on, printed
    python benchmarks/copies.py --look FOLDER   # and pairs that nobody planted, on sheets to look at

Copies are saved again, resized, cropped, tinted or padded (as in `health.py`); altered ones have another hue,
another brightness and contrast, are mirrored, or bear a small sign in a corner. Recall: the pair is told as
`near-picture` or `picture-altered`. Pairs of pictures as they are that are told were not planted: real copies
and photos that the shop itself recolored are among them. Beside it the cosine of `pocket`, with the cut that
tells as many pairs that were not planted.
"""

import argparse
import json
import random
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFont, ImageOps

from duomo.catalog.health.altered import altered
from duomo.catalog.health.copies import copies
from duomo.catalog.health.sights import SIDE, sight_of
from duomo.encode.models import load_encoder
from duomo.guard.pictures import open_picture
from health import altered as copied
from health import saved
from overlays import fonts, pictures_of
from provenance import data_dir, packs_or_end, record

PACKS: Final = ("fashion_products_224", "clothing_photos", "grocery_store")
COPIED: Final = ("saved", "resized", "cropped", "tinted", "padded")
ALTERED: Final = ("hue", "light", "mirrored", "sign")
MOST: Final = 1000  # pictures of a pack
EACH: Final = 40
SIGNS: Final = ("#d22", "#14a", "#111", "#fff", "#292")


def made(body: bytes, how: str, chance: random.Random) -> bytes:
    """A copy, made in one of the ways."""
    if how in COPIED:
        return copied(body, how, chance)
    image = Image.open(BytesIO(body)).convert("RGB")
    if how == "mirrored":
        return saved(ImageOps.mirror(image), quality=88)
    if how == "light":
        image = ImageEnhance.Brightness(image).enhance(chance.uniform(0.75, 1.3))
        return saved(ImageEnhance.Contrast(image).enhance(chance.uniform(0.75, 1.35)), quality=88)
    if how == "hue":
        hue, *rest = image.convert("HSV").split()
        turn = chance.choice((-1, 1)) * chance.randrange(25, 128)
        turned = Image.fromarray((np.asarray(hue).astype(int) + turn).astype(np.uint8))
        return saved(Image.merge("HSV", (turned, *rest)).convert("RGB"), quality=88)
    return saved(signed(image, chance), quality=88)


def signed(image: Image.Image, chance: random.Random) -> Image.Image:
    """The picture with a small sign, as of a brand, in one of its corners."""
    width, height = image.size
    side, margin = chance.uniform(0.14, 0.22) * min(width, height), 0.04 * min(width, height)
    x, y = (
        chance.choice((margin, width - margin - side)),
        chance.choice((margin, height - margin - 0.6 * side)),
    )
    draw, color = ImageDraw.Draw(image), chance.choice(SIGNS)
    draw.rounded_rectangle((x, y, x + side, y + 0.6 * side), 0.12 * side, fill=color)
    font = ImageFont.truetype(fonts(False)[0], max(6, round(0.3 * side)))
    ink = "#111" if color == "#fff" else "#fff"
    draw.text((x + side / 2, y + 0.3 * side), "ACME", font=font, fill=ink, anchor="mm")
    return image


def measure(pack: str, split: str, look: Path | None) -> dict[str, Any]:
    """Recall of each way, and what is told that was not planted."""
    chance = random.Random(5)  # noqa: S311  # no secret
    files = [path for each in pictures_of(pack, split).values() for path in each]
    chance.shuffle(files)
    bodies = [path.read_bytes() for path in files[:MOST]]
    whole = len(bodies)
    planted: dict[tuple[int, int], str] = {}
    for how in (*COPIED, *ALTERED):
        for place in chance.sample(range(whole), min(EACH, whole)):
            planted[place, len(bodies)] = how
            bodies.append(made(bodies[place], how, chance))
    pixels = [open_picture(body, side=SIDE).pixels for body in bodies]
    sights = [sight_of(body) for body in bodies]
    same = set(copies(sights, pixels.__getitem__))
    other = set(altered(sights, pixels.__getitem__)) - same
    told = same | other
    extra = [sorted(pair for pair in each if max(pair) < whole) for each in (same, other)]
    if look:
        sheet(bodies, [*extra[0], *extra[1]], look / f"copies-{pack}.png")
    tower = load_encoder("pocket").picture
    if not tower:
        raise TypeError("the shipped encoder sees pictures")
    vectors = tower.encode([open_picture(body, side=256).pixels for body in bodies])
    near = vectors @ vectors[:whole].T
    own = near[:whole][np.triu_indices(whole, 1)]
    at = len(extra[0]) + len(extra[1])
    cut = float(np.sort(own)[-at - 1])
    return {
        "pack": pack,
        "split": split,
        "pictures": whole,
        "recall": {
            how: {
                "n": EACH,
                "told": _share(planted, how, lambda pair: pair in told),
                "near-picture": _share(planted, how, lambda pair: pair in same),
                "pocket": _share(planted, how, lambda pair: near[pair[1], pair[0]] > cut),
            }
            for how in (*COPIED, *ALTERED)
        },
        "not_planted": {"near-picture": len(extra[0]), "picture-altered": len(extra[1])},
        "not_planted_per_thousand": 1000 * at / whole,
        "pocket_cut": cut,
    }


def _share(planted: dict[tuple[int, int], str], how: str, is_told: Any) -> float:
    return float(np.mean([is_told(pair) for pair, each in planted.items() if each == how]))


def sheet(bodies: Sequence[bytes], pairs: Sequence[tuple[int, int]], path: Path) -> None:
    """Pairs side by side, for somebody to look at."""
    page = Image.new("RGB", (6 * 330, max(1, -(-len(pairs) // 6)) * 160), "#888")
    for number, pair in enumerate(pairs):
        for side, each in enumerate(pair):
            small = Image.fromarray(open_picture(bodies[each], side=150).pixels)
            page.paste(small, (number % 6 * 330 + side * 160, number // 6 * 160))
    path.parent.mkdir(parents=True, exist_ok=True)
    page.save(path)


def main() -> None:
    """Measure each pack and record a line for it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", choices=("train", "reported"), default="reported")
    parser.add_argument("--look", type=Path)
    args = parser.parse_args()
    packs_or_end(*PACKS)
    if not fonts(False):
        raise SystemExit("None of the fonts is there. Install DejaVu or Liberation fonts")
    for pack in PACKS:
        if not (data_dir() / pack).is_dir():
            continue
        line = measure(pack, args.split, args.look)
        if args.split == "train":
            print(json.dumps(line), flush=True)
        else:
            record("copies", line)


if __name__ == "__main__":
    main()
