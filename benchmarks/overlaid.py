"""Whether text that was laid over single pictures is told, planted into real ones, and what is told wrongly.

    python benchmarks/overlaid.py                 # the pictures that are for reporting; recorded
    python benchmarks/overlaid.py --split train   # what the cut was chosen on; recalls at several, printed
    python benchmarks/overlaid.py --split train --head DIR   # of a net that is not shipped yet

One or two lines of a shop's words, Latin or Chinese, in fonts of which half were not learned from, 5 to 13
in 100 of the picture high, bare or on a band, opaque to 70 %. Prints on shirts, labels and logos are told
wrongly if anything is: false alarms are counted on all pictures as they are. `luma_shop` and
`fashion_products_224` were not learned from; of the others, other pictures were.
"""

import argparse
import io
import json
from collections import defaultdict
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from duomo.arrays import Pixels
from duomo.guard.pictures import open_picture
from duomo.understand.overlaid import SIDE, Overlaid
from overlays import PACKS, fonts, pictures_of
from provenance import packs_or_end, record

PLANTED: Final = 200  # pictures of a pack that bear text
UNTOUCHED: Final = 1000
LATIN: Final = ("SALE 50% OFF", "Free shipping", "NEW ARRIVAL", "Buy 1 get 1 free", "Call 0171 555 2368",
                "Only 19.99", "Ships in 24 h", "100% genuine", "www.myshop.com", "HOT DEAL")  # fmt: skip
HAN: Final = ("限时特价", "全场包邮", "新品上市", "买一送一", "满199减50", "厂家直销", "联系电话 13800138000",
              "微信同号", "扫码领券", "七天无理由退换")  # fmt: skip
INKS: Final = ((255, 255, 255), (0, 0, 0), (220, 20, 30), (250, 220, 40), (30, 60, 180), (240, 110, 20))
CUTS: Final = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0)


def overlaid(image: Image.Image, rng: np.random.Generator) -> tuple[Image.Image, dict[str, str]]:
    """A picture with text laid over it, and what kind of text."""
    width, height = image.size
    han = bool(rng.integers(2)) and bool(fonts(True))
    font, size = str(rng.choice(fonts(han))), max(9, round(max(image.size) * rng.uniform(0.05, 0.13)))
    large = size > 0.09 * max(image.size)
    text = "\n".join(rng.choice(HAN if han else LATIN, int(rng.integers(1, 3)), replace=False))
    layer = Image.new("RGBA", image.size)
    draw = ImageDraw.Draw(layer)
    left, top, right, bottom = draw.multiline_textbbox((0, 0), text, font=ImageFont.truetype(font, size))
    while right - left > 0.94 * width and size > 8:
        size -= 1
        left, top, right, bottom = draw.multiline_textbbox((0, 0), text, font=ImageFont.truetype(font, size))
    wide, high = right - left, bottom - top
    x = float(rng.uniform(0.03 * width, max(0.03 * width, 0.97 * width - wide)))
    y = float(rng.choice([0.03, 0.97, rng.uniform(0.03, 0.97)])) * (height - high)
    alpha, band = round(255 * rng.uniform(0.7, 1)), bool(rng.random() < 0.4)
    ground = (
        np.asarray(image.crop((int(x), int(y), int(x + wide), int(y + high)))).reshape(-1, 3).mean(axis=0)
    )
    if band:
        ground = np.array(INKS[int(rng.integers(len(INKS)))])
        spread = (x - 0.3 * size, y - 0.3 * size, x + wide + 0.3 * size, y + high + 0.3 * size)
        draw.rectangle(spread, fill=(*(int(each) for each in ground), alpha))
    seen = [ink for ink in INKS if abs(float((np.array(ink) - ground) @ (0.299, 0.587, 0.114))) > 70]
    ink = seen[int(rng.integers(len(seen)))]
    draw.multiline_text((x - left, y - top), text, font=ImageFont.truetype(font, size), fill=(*ink, alpha))
    kind = {
        "script": "Chinese" if han else "Latin",
        "size": "large" if large else "small",
        "ground": "band" if band else "bare",
    }
    return Image.alpha_composite(image.convert("RGBA"), layer).convert("RGB"), kind


def opened(image: Image.Image, rng: np.random.Generator) -> Pixels:
    """A picture saved as a shop does and opened as a check does."""
    file = io.BytesIO()
    image.save(file, "JPEG", quality=int(rng.integers(75, 96)))
    return open_picture(file.getvalue(), side=SIDE).pixels


def measure(pack: str, split: str, net: Overlaid, look: Path | None) -> dict[str, Any]:
    """Recall by kind of text, and false alarms, at the cut of the net; on train at several cuts."""
    rng = np.random.default_rng(23)
    files = [path for each in pictures_of(pack, split).values() for path in each]
    files = [files[place] for place in rng.permutation(len(files))[:UNTOUCHED]]
    whole = np.array([net.score(open_picture(path.read_bytes(), side=SIDE).pixels) for path in files])
    scores, kinds = [], []
    for path in files[:PLANTED]:
        made, kind = overlaid(Image.open(path).convert("RGB"), rng)
        scores.append(net.score(opened(made, rng)))
        kinds.append(kind)
    planted = np.array(scores)
    if look:
        worst = [files[place] for place in np.argsort(-whole)[:60]]
        page = Image.new("RGB", (12 * 160, 5 * 160))
        for number, path in enumerate(worst):
            small = Image.fromarray(open_picture(path.read_bytes(), side=156).pixels)
            page.paste(small, (number % 12 * 160, number // 12 * 160))
        look.mkdir(parents=True, exist_ok=True)
        page.save(look / f"overlaid-{pack}.png")
    by_kind: defaultdict[str, list[bool]] = defaultdict(list)
    for score, kind in zip(planted, kinds, strict=True):
        for value in kind.values():
            by_kind[value].append(bool(score >= net.cut))
    line: dict[str, Any] = {
        "pack": pack,
        "split": split,
        "planted": len(planted),
        "recall": float((planted >= net.cut).mean()),
        "by_kind": {kind: {"n": len(each), "recall": float(np.mean(each))} for kind, each in by_kind.items()},
        "untouched": len(whole),
        "false_alarms_per_thousand": 1000 * float((whole >= net.cut).mean()),
        "cut": net.cut,
    }
    if split == "train":
        line["at"] = {
            cut: [round(float((planted >= cut).mean()), 3), round(1000 * float((whole >= cut).mean()), 1)]
            for cut in CUTS
        }
    return line


def main() -> None:
    """Measure each pack and record a line for it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", choices=("train", "reported"), default="reported")
    parser.add_argument("--head", type=Path)
    parser.add_argument("--look", type=Path, help="folder for the pictures as they are that score highest")
    args = parser.parse_args()
    packs_or_end(*PACKS)
    if not fonts(False):
        raise SystemExit("None of the fonts is there. Install DejaVu or Liberation fonts")
    net = Overlaid.load(args.head) if args.head else Overlaid.shipped()
    for pack in PACKS:
        line = measure(pack, args.split, net, args.look)
        if args.split == "train":
            print(json.dumps(line), flush=True)
        else:
            record("overlaid", line)


if __name__ == "__main__":
    main()
