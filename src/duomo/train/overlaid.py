"""The net that tells overlaid text (`duomo.understand.overlaid`): photos, banners drawn over them, prints.

    python -m duomo.train.overlaid --data ../shared/data --out build/overlaid

It learns from photos whose licence is clear: `clothing_photos` (CC0) and the photos of `grocery_store` (MIT),
training splits. Lines of text, bare or on a band, in Latin letters and Chinese, are drawn over some. Onto
others, with a banner or without, a print is drawn that lies on the goods: turned, bent, in the light of what
is under it, out of focus. Photos are set on plain grounds, too. Half of the banners are drawn at twice or
three times the size, since shops make pictures smaller after they have written on them.
"""

import argparse
import csv
import io
import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from torch import Tensor, nn
from torch.nn import functional

from duomo.arrays import Pixels
from duomo.guard.pictures import open_picture
from duomo.understand.heads import save_head
from duomo.understand.overlaid import CELL, FORM, LAYERS, SIDE

log = logging.getLogger(__name__)

CROP: Final = 128
_TOLD: Final = 50  # steps
_NORM: Final = ("weight", "bias", "running_mean", "running_var")
BATCH: Final = 24  # pictures of a step, two crops of each
LATIN: Final = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSerif-Bold.ttf", "DejaVuSansMono.ttf",
                "LiberationSansNarrow-Bold.ttf", "LiberationSerif-Regular.ttf")  # fmt: skip
HAN: Final = ("NotoSansCJK-Bold.ttc", "NotoSansCJK-Regular.ttc")
WORDS: Final = (
    *("sale", "new", "free", "shipping", "best", "price", "only", "today", "hot", "deal", "off", "save"),
    *("buy", "one", "get", "top", "quality", "gift", "summer", "winter", "limited", "edition", "original"),
    *("genuine", "50%", "-30%", "$19.99", "2 for 1", "call 555-0134", "www.example.com", "@shop", "premium"),
    *("cotton", "soft", "cool", "fresh", "stock", "last chance", "bestseller", "brand", "style", "size xl"),
    *("100%", "official", "store", "pack", "offer"),
)
SIGNS: Final = (
    "限时特价全场包邮新品上市买一送正品保证清仓大促双十狂欢"
    "爆款热卖满减厂家直销七天无理由退换扫码领券元折起送货到家夏季冬装纯棉"
)


class Made(NamedTuple):
    """A picture, and where text was laid over it."""

    pixels: Pixels
    text: NDArray[np.uint8]  # (height, width) 255 where lines of text stand


def missing_fonts() -> list[str]:
    """Those of the fonts that are not on this machine."""

    def there(name: str) -> bool:
        try:
            ImageFont.truetype(name, 12)
        except OSError:
            return False
        return True

    return [name for name in (*LATIN, *HAN) if not there(name)]


def photos(data: Path, most: int) -> list[Image.Image]:
    """The photos to learn from, at most SIDE on a side; of each pack at most so many."""
    found = []
    for pack, table in (("clothing_photos", "products.csv"), ("grocery_store", "photos.csv")):
        with (data / pack / table).open(encoding="utf-8") as file:
            rows = [row["image"] for row in csv.DictReader(file) if row["split"] == "train"]
        order = np.random.default_rng(0).permutation(len(rows))[:most]
        found += [
            Image.fromarray(open_picture((data / pack / rows[n]).read_bytes(), side=SIDE).pixels)
            for n in order
        ]
    return found


def said(rng: np.random.Generator) -> tuple[str, str]:
    """A font, and words that it can write."""
    if rng.random() < 0.45:
        text = "".join(rng.choice(list(SIGNS), int(rng.integers(2, 9))))
        if rng.random() < 0.3:
            text += f"{rng.integers(1, 999)}"
        return str(rng.choice(HAN)), text
    text = " ".join(rng.choice(WORDS, int(rng.integers(1, 4))))
    case = int(rng.integers(3))
    return str(rng.choice(LATIN)), (text.upper() if case == 0 else text.title() if case == 1 else text)


def color(rng: np.random.Generator) -> tuple[int, int, int]:
    """White, black, or any."""
    kind = int(rng.integers(4))
    if kind < 2:
        return (255, 255, 255) if kind else (0, 0, 0)
    red, green, blue = (int(each) for each in rng.integers(0, 256, 3))
    return red, green, blue


def bannered(image: Image.Image, rng: np.random.Generator) -> Made:
    """A picture with lines of text over it, straight, of one color, somewhere."""
    scale = int(rng.integers(2, 4)) if rng.random() < 0.5 else 1
    small, whole = (
        image.size,
        image.resize((image.width * scale, image.height * scale), Image.Resampling.BICUBIC),
    )
    width, height = whole.size
    mask, layer = Image.new("L", whole.size), Image.new("RGBA", whole.size)
    draw, marked = ImageDraw.Draw(layer), ImageDraw.Draw(mask)
    alpha = int(255 * rng.uniform(0.65, 1))
    for _ in range(int(rng.integers(1, 3))):
        name, text = said(rng)
        size = max(9, int(rng.uniform(0.04, 0.14) * max(whole.size)))
        left, top, right, bottom = draw.textbbox((0, 0), text, font=ImageFont.truetype(name, size))
        size = max(9, int(size * min(1, 0.96 * width / (right - left))))
        font = ImageFont.truetype(name, size)
        left, top, right, bottom = draw.textbbox((0, 0), text, font=font)
        wide, high = right - left, bottom - top
        x = rng.choice(
            [0.03 * width, (width - wide) / 2, 0.97 * width - wide, rng.uniform(0, max(1, width - wide))]
        )
        y = rng.choice([0.03 * height, 0.97 * height - high, rng.uniform(0, max(1, height - high))])
        box = (x, y, x + wide, y + high)
        under = (
            np.asarray(
                whole.crop((max(0, int(x)), max(0, int(y)), int(x + wide), int(y + high))).resize((8, 4))
            )
            .reshape(-1, 3)
            .mean(axis=0)
        )
        ink, ground = color(rng), under
        if rng.random() < 0.35:
            band = color(rng)
            grown = high * float(rng.uniform(0.15, 0.5))
            spread = [0, y - grown, width, y + high + grown]
            if rng.random() < 0.6:
                spread = [x - grown, y - grown, x + wide + grown, y + high + grown]
            draw.rounded_rectangle(spread, rng.choice([0.0, grown]), fill=(*band, alpha))
            ground = np.array(band)
        if np.abs(np.array(ink) - ground).max() < 70:
            ink = (255, 255, 255) if ground.mean() < 128 else (0, 0, 0)
        stroke = max(1, size // 14) if rng.random() < 0.12 else 0
        edge = (*color(rng), alpha)
        draw.text(
            (x - left, y - top), text, font=font, fill=(*ink, alpha), stroke_width=stroke, stroke_fill=edge
        )
        marked.rectangle(box, fill=255)
    made = Image.alpha_composite(whole.convert("RGBA"), layer).convert("RGB")
    if scale > 1:
        made = made.resize(
            small, rng.choice([Image.Resampling.LANCZOS, Image.Resampling.BOX, Image.Resampling.BICUBIC])
        )
    return Made(np.asarray(made), np.asarray(mask.resize(small)))


def printed(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """A picture with a print that lies on what it shows: turned, bent, in its light, a little soft."""
    name, text = said(rng)
    font = ImageFont.truetype(name, max(9, int(rng.uniform(0.05, 0.16) * max(image.size))))
    text = text.replace(" ", "\n") if rng.random() < 0.4 else text
    left, top, right, bottom = (
        int(each) for each in ImageDraw.Draw(image).multiline_textbbox((0, 0), text, font=font)
    )
    mask = Image.new("L", (right - left + 8, bottom - top + 8))
    ImageDraw.Draw(mask).multiline_text((4 - left, 4 - top), text, font=font, fill=255)
    wide, high = mask.size
    shift = rng.uniform(-0.22, 0.22, 8) * np.array([wide, high] * 4)
    corners = (np.array([0, 0, 0, high, wide, high, wide, 0]) + shift).tolist()
    mask = mask.transform(mask.size, Image.Transform.QUAD, corners, Image.Resampling.BILINEAR)
    mask = mask.rotate(
        float(rng.choice([rng.uniform(-70, 70), rng.uniform(-15, 15)])),
        expand=True,
        resample=Image.Resampling.BILINEAR,
    )
    mask = mask.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.5, 1.4))))
    over = Image.new("L", image.size)
    middle = (rng.uniform(0.3, 0.7, 2) * np.array(image.size)).astype(int) - np.array(mask.size) // 2
    over.paste(mask, (int(middle[0]), int(middle[1])))
    share = np.asarray(over, np.float32)[:, :, None] / 255 * rng.uniform(0.5, 0.95)
    pixels = np.asarray(image, np.float32)
    light = np.asarray(image.convert("L").filter(ImageFilter.GaussianBlur(2)), np.float32)[:, :, None]
    light = light / max(float(np.percentile(light, 90)), 40)
    ink = np.array(color(rng), np.float32) * np.clip(light * rng.uniform(0.8, 1.2), 0.15, 1.2)
    return Image.fromarray((pixels * (1 - share) + ink * share).clip(0, 255).astype(np.uint8))


def grounded(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """A picture, smaller, on a plain ground, as goods in a catalog."""
    scale = rng.uniform(0.5, 0.85)
    small = image.resize((max(48, int(image.width * scale)), max(48, int(image.height * scale))))
    level = int(rng.choice([255, 255, 245, 230]))
    ground = Image.new("RGB", image.size, (level,) * 3)
    ground.paste(small, ((image.width - small.width) // 2, (image.height - small.height) // 2))
    return ground


def made(image: Image.Image, rng: np.random.Generator) -> Made:
    """One example: half of them bear a banner, some a print, saved as a shop does."""
    if rng.random() < 0.35:
        image = grounded(image, rng)
    if rng.random() < 0.35:
        image = printed(image, rng)
    whole = (
        bannered(image, rng)
        if rng.random() < 0.55
        else Made(np.asarray(image), np.zeros(image.size[::-1], np.uint8))
    )
    if rng.random() < 0.8:
        file = io.BytesIO()
        Image.fromarray(whole.pixels).save(file, "JPEG", quality=int(rng.integers(70, 97)))
        whole = whole._replace(pixels=np.asarray(Image.open(file)))
    return whole


def crops(whole: Made, rng: np.random.Generator) -> list[tuple[Pixels, NDArray[np.float32]]]:
    """Two crops, one of them around text where there is some, and the share of text in each cell."""
    found = []
    high, wide = (max(CROP, each) for each in whole.text.shape)
    pixels = np.zeros((high, wide, 3), np.uint8)
    text = np.zeros((high, wide), np.uint8)
    pixels[: whole.text.shape[0], : whole.text.shape[1]] = whole.pixels
    text[: whole.text.shape[0], : whole.text.shape[1]] = whole.text
    places = np.argwhere(text)
    for around in (True, False):
        y, x = int(rng.integers(0, high - CROP + 1)), int(rng.integers(0, wide - CROP + 1))
        if around and len(places):
            centre = places[int(rng.integers(len(places)))] - rng.integers(16, CROP - 16, 2)
            y, x = (int(each) for each in np.clip(centre, 0, [high - CROP, wide - CROP]))
        cells = text[y : y + CROP, x : x + CROP].reshape(CROP // CELL, CELL, CROP // CELL, CELL)
        found.append((pixels[y : y + CROP, x : x + CROP], cells.mean(axis=(1, 3), dtype=np.float32) / 255))
    return found


def net() -> nn.Sequential:
    """The layers of `understand.overlaid`, with norms that are folded into them at the end."""
    layers: list[nn.Module] = []
    before = 3
    for channels, stride, dilation in LAYERS:
        layers.append(nn.Conv2d(before, channels, 3, stride, dilation, dilation, bias=False))
        layers += [nn.BatchNorm2d(channels), nn.ReLU()]
        before = channels
    return nn.Sequential(*layers, nn.Conv2d(before, 1, 1))


def loss_of(odds: Tensor, share: Tensor) -> Tensor:
    """Cross-entropy of the cells that are surely text or surely none, and of the worst of each crop again."""
    sure = ((share >= 0.5) | (share <= 0.02)).float()
    each = functional.binary_cross_entropy_with_logits(odds, (share >= 0.5).float(), reduction="none") * sure
    none = each * (share <= 0.02).float()
    return each.sum() / sure.sum() + 0.5 * none.flatten(1).topk(4).values.mean()


def arrays_of(trained: nn.Sequential) -> dict[str, NDArray[np.float16]]:
    """Kernels and biases, with the norms folded in, at half precision."""
    held = {name: value.numpy() for name, value in trained.state_dict().items()}
    found: dict[str, NDArray[np.float16]] = {}
    for place in range(len(LAYERS) + 1):
        kernel = held[f"{3 * place}.weight"]
        if place < len(LAYERS):
            norm = {name: held[f"{3 * place + 1}.{name}"] for name in _NORM}
            gain = norm["weight"] / np.sqrt(norm["running_var"] + nn.BatchNorm2d(1).eps)
            bias = norm["bias"] - norm["running_mean"] * gain
            kernel = kernel * gain[:, None, None, None]
        else:
            bias = held[f"{3 * place}.bias"]
        found[f"kernel.{place}"], found[f"bias.{place}"] = kernel.astype(np.float16), bias.astype(np.float16)
    return found


def learn(
    images: Sequence[Image.Image], minutes: float, steps: int, *, seed: int = 0
) -> tuple[nn.Sequential, int]:
    """The net, after so many steps or minutes, whichever ends first, and how many it were."""
    torch.manual_seed(seed)
    rng, trained = np.random.default_rng(seed), net()
    optimizer = torch.optim.AdamW(trained.parameters(), lr=3e-3, weight_decay=1e-4)
    started, step = perf_counter(), 0
    while (spent := max(step / steps, (perf_counter() - started) / (60 * minutes))) < 1:
        for group in optimizer.param_groups:
            group["lr"] = 3e-3 * min(1.0, (step + 1) / 50) * (0.5 + 0.5 * np.cos(np.pi * spent))
        batch = [
            each for n in rng.integers(len(images), size=BATCH) for each in crops(made(images[n], rng), rng)
        ]
        pixels = (
            torch.from_numpy(np.stack([each for each, _ in batch])).permute(0, 3, 1, 2).float() / 127.5 - 1
        )
        share = torch.from_numpy(np.stack([each for _, each in batch]))
        loss = loss_of(trained(pixels)[:, 0], share)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        optimizer.step()
        step += 1
        if step % _TOLD == 0:
            log.info("step %d after %.0f s: loss %.4f", step, perf_counter() - started, loss.item())
    return trained.eval(), step


def main() -> None:
    """Learn, and write the folder that `Overlaid.load` opens."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--photos", type=int, default=2200, help="of each pack")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--cut", type=float, default=0.0, help="score from which on text is told")
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    if missing := missing_fonts():
        raise SystemExit(f"There is no font {missing[0]}. Install the fonts DejaVu, Liberation and Noto CJK.")
    trained, steps = learn(photos(args.data, args.photos), args.minutes, args.steps)
    card = {
        "form": FORM,
        "name": "overlaid",
        "what": "Whether text is laid over a picture, and where",
        "licence": "Apache-2.0",
        "cut": args.cut,
        "lineage": {
            "photos": "clothing_photos (CC0) and grocery_store (MIT), training splits",
            "text": "drawn by duomo.train.overlaid",
            "steps": steps,
            "trained": datetime.now(UTC).isoformat(timespec="seconds"),
        },
    }
    save_head(args.out, card, arrays_of(trained))


if __name__ == "__main__":
    main()
