"""The sample shop as files: tables in Duomo's own format, pictures, and the truth that tests assert on."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from duomo.catalog.sample.creatives import COLUMNS, EFFECTS, ad_rows, ads
from duomo.catalog.sample.families import draw
from duomo.catalog.sample.opinions import opinions
from duomo.catalog.sample.palette import COLORS
from duomo.catalog.sample.people import (
    BOUGHT_WITH,
    TASTES,
    expected_rating,
    links,
    partners,
    user_groups,
    visits,
)
from duomo.catalog.sample.plan import Plan, plan_product
from duomo.catalog.sample.words import describe, title_en, title_zh
from duomo.files import write_atomic
from duomo.progress import Tick, silent

CURRENCY: Final = "USD"
EVENTS_EACH: Final = 34  # events for every product: about 20,000 in a shop of 600
_QUALITY: Final = 90  # of the JPEG files


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleShop:
    """What was written where."""

    folder: Path
    products: int
    variants: int
    pictures: int
    reviews: int
    links: int
    events: int
    creatives: int


def draw_shop(
    folder: Path, *, products: int = 600, seed: int = 7, workers: int = 0, tick: Tick = silent
) -> SampleShop:
    """Draw the sample shop and write it into a folder, in the formats that `duomo build FOLDER` reads.

    Written are products.csv, variants.csv, images.csv, reviews.csv, links.csv, events.csv, ads.csv,
    truth.json and images/*.jpg. The same seed gives the same bytes; product i is the same whatever the number
    of products. A title is English; a description holds English and Chinese, so that words of both languages
    find the product; the attributes title_zh and description_zh hold the Chinese alone.

    Args:
        folder: where to; made if absent, files of these names are replaced.
        products: how many products, at least 1.
        seed: what everything is drawn from.
        workers: processes that draw pictures; 0 draws in this one.
        tick: told of each product drawn, as stage "draw".

    Raises:
        ValueError: products is below 1.
    """
    if products < 1:
        raise ValueError(f"a shop of {products} products cannot be drawn")
    (folder / "images").mkdir(parents=True, exist_ok=True)
    plans = [plan_product(index, seed) for index in range(products)]
    for done, _ in enumerate(_drawn(plans, folder, seed, workers), start=1):
        tick("draw", done, products)
    groups = user_groups(max(products * 4 // 3, 20), seed)
    events = visits(plans, groups, seed, events=EVENTS_EACH * products)
    said = opinions(plans, events, seed)
    placed = links(plans, seed)
    variants = [row for plan in plans for row in _variant_rows(plan)]
    pictures = [
        (plan.sku, plan.picture(color, kind), color, kind) for plan in plans for color, kind, _ in plan.shots
    ]
    _table(folder / "products.csv", _PRODUCT, (_product_row(plan) for plan in plans))
    _table(folder / "variants.csv", _VARIANT, variants)
    _table(folder / "images.csv", ("sku", "image", "color", "kind"), pictures)
    _table(
        folder / "reviews.csv",
        ("sku", "rating", "title", "review", "user", "time", "language"),
        ((o.sku, o.rating, o.title, o.text, o.user, o.time.isoformat(), o.language) for o in said),
    )
    _table(folder / "links.csv", ("sku", "linked_sku", "link_type"), placed)
    _table(
        folder / "events.csv",
        ("user", "product", "type", "timestamp"),
        ((event.user, event.product, event.type, event.time.isoformat()) for event in events),
    )
    made = ads(plans, seed)
    _table(folder / "ads.csv", COLUMNS, ad_rows(made, seed))
    truth = {
        "seed": seed,
        "products": {plan.sku: _truth(plan) for plan in plans},
        "partners": partners(plans, seed),
        "bought_with": {family: dict(others) for family, others in BOUGHT_WITH.items()},
        "tastes": {
            group: {"families": families, "colors": colors} for group, (_, families, colors) in TASTES.items()
        },
        "users": groups,
        "ads": {**EFFECTS._asdict(), "tired_tests": sorted({ad.test for ad in made if ad.tires})},
    }
    write_atomic(folder / "truth.json", json.dumps(truth, ensure_ascii=False, indent=1) + "\n")
    return SampleShop(
        folder=folder,
        products=products,
        variants=len(variants),
        pictures=len(pictures),
        reviews=len(said),
        links=len(placed),
        events=len(events),
        creatives=len(made),
    )


def _drawn(plans: Sequence[Plan], folder: Path, seed: int, workers: int) -> Iterator[int]:
    one = partial(_draw_product, folder=folder, seed=seed)
    if workers == 0:
        yield from map(one, range(len(plans)))
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from pool.map(one, range(len(plans)), chunksize=8)


def _draw_product(index: int, *, folder: Path, seed: int) -> int:
    """Draw all pictures of a product; return how many."""
    plan = plan_product(index, seed)
    for color, kind, shot in plan.shots:
        canvas = draw(plan.family, plan.look(color), shot)
        pixels = canvas.finish(np.random.default_rng([shot.seed, 5]))
        # not fsynced one by one: a shop that was cut short is drawn again
        Image.fromarray(pixels).save(folder / plan.picture(color, kind), quality=_QUALITY, subsampling=0)
    return len(plan.shots)


_PRODUCT: Final = (
    "sku",
    "title",
    "description",
    "category",
    "subcategory",
    "brand",
    "color",
    "price",
    "currency",
    "stock",
    "availability",
    "attributes_json",
    "image",
)
_VARIANT: Final = (
    "variant_sku",
    "sku",
    "size",
    "color",
    "color_zh",
    "price",
    "currency",
    "stock",
    "availability",
    "image",
)


def _product_row(plan: Plan) -> tuple[object, ...]:
    english, chinese = describe(plan)
    attributes = {
        "title_zh": title_zh(plan),
        "description_zh": chinese,
        "kind": plan.family.en,
        "kind_zh": plan.family.zh,
        "material": plan.material,
        "pattern": plan.pattern,
        **plan.cut,
    }
    count = sum(plan.stock.values())
    return (
        plan.sku,
        title_en(plan),
        f"{english}\n{title_zh(plan)}。{chinese}",
        plan.family.category,
        plan.family.subcategory,
        plan.brand,
        "|".join(plan.colors),
        _amount(plan.price_cents),
        CURRENCY,
        count,
        _availability(count),
        json.dumps(attributes, ensure_ascii=False),
        plan.picture(plan.colors[0], "main"),
    )


def _variant_rows(plan: Plan) -> Iterator[tuple[object, ...]]:
    """A row for every color and size; none where there is only one of both."""
    if len(plan.stock) == 1:
        return
    for (color, size), count in plan.stock.items():
        sku = "-".join(part for part in (plan.sku, color.replace(" ", "").upper()[:5], size) if part)
        picture = plan.picture(color, "main" if color == plan.colors[0] else "variant")
        yield (
            sku,
            plan.sku,
            size,
            color,
            COLORS[color].zh,
            _amount(plan.price_cents),
            CURRENCY,
            count,
            _availability(count),
            picture,
        )


def _truth(plan: Plan) -> dict[str, object]:
    return {
        "family": plan.family.en,
        "pattern": plan.pattern,
        "material": plan.material,
        "cut": dict(plan.cut),
        "colors": {color: COLORS[color].rgb for color in plan.colors},
        "accent": plan.accent,
        "quality": round(plan.quality, 3),
        "expected_rating": round(expected_rating(plan), 3),
        "season": plan.family.season,
        "runs_small": plan.family.small,
        "pictures": {
            plan.picture(color, kind): {"color": color, "kind": kind, "background": shot.backdrop}
            for color, kind, shot in plan.shots
        },
    }


def _amount(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def _availability(count: int) -> str:
    return "in_stock" if count else "out_of_stock"


def _table(path: Path, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    write_atomic(path, out.getvalue())
