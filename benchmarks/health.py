"""What `duomo check` finds of damage planted in real catalogs, what it calls damage that is none, how fast.

    python benchmarks/health.py                   # quality, then speed
    python benchmarks/health.py --only quality
    python benchmarks/health.py --look FOLDER     # and copies that nobody planted, on sheets to look at

Quality: a catalog is checked as it is, damaged with a seed, and checked again. Of each kind: how much of what
was planted is found (recall), and how much of what is found now and was not before had been planted
(precision). "beside" counts findings at products that were damaged in another way, which may well be right (a
picture that was made smaller is small). What is found in the catalog as it is stands there as "before": real
findings, or false ones, told apart by looking at them. Speed: products a second, with pictures against
opening each of them alone, and without.
"""

import argparse
import csv
import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from io import BytesIO
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any

import numpy as np
from PIL import Image

from duomo.catalog.check import CHECKS, Health, check
from duomo.catalog.gtin import check_digit
from duomo.catalog.health.findings import Check
from duomo.catalog.health.goods import Goods
from duomo.catalog.health.sights import SIDE
from duomo.catalog.read import read_catalog
from duomo.errors import DuomoError
from duomo.files import hash_file
from duomo.guard.pictures import open_picture, picture_bytes
from duomo.product import Media, Price, Product, Variant
from provenance import data_dir, packs_or_end, record

EACH = 30  # of a kind of damage, or as many as the catalog has room for
GERMAN = (
    "Das ist ein sehr schönes Stück für den Alltag und die Freizeit, mit dem Sie sich wohl fühlen. "
    "Der Stoff ist weich und nicht zu warm."
)
JAPANESE = "毎日のトレーニングにぴったりの一着です。やわらかい生地で動きやすく、洗濯機で洗えます。"
PLACEHOLDERS = ("Test product 3", "TODO", "Untitled", "lorem ipsum dolor sit amet", "待补充", "N/A")
FILLERS = ("New {}", "{} - Best Sale", "HOT {}", "{} (free shipping)")


@dataclass(slots=True)
class Plan:
    """A catalog that is being damaged; each product at most once."""

    products: list[Product]
    chance: random.Random
    folder: Path  # for damaged pictures
    planted: dict[str, dict[str, set[str]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(set))
    )
    touched: set[int] = field(default_factory=set)
    fronts: set[str] = field(default_factory=set)  # products that a copy was made of

    @property
    def damaged(self) -> set[str]:
        """The products that were damaged in any way, and those that copies were made of."""
        return self.fronts.union(*(ids for ways in self.planted.values() for ids in ways.values()))

    def plant(
        self,
        kind: str,
        how: str,
        change: Callable[[Product], Product],
        *,
        where: Callable[[Product], bool] = lambda product: True,
        each: int = EACH,
    ) -> None:
        """Damage some products that are whole yet."""
        free = [n for n, product in enumerate(self.products) if n not in self.touched and where(product)]
        for place in self.chance.sample(free, min(each, len(free))):
            self.touched.add(place)
            self.products[place] = change(self.products[place])
            self.planted[kind][how].add(self.products[place].id)

    def copy(self, kind: str, how: str, change: Callable[[Product], Product], *, each: int = EACH) -> None:
        """Add changed copies of some products that are whole yet, under ids of their own."""
        free = [n for n in range(len(self.products)) if n not in self.touched]
        for place in self.chance.sample(free, min(each, len(free))):
            self.touched.add(place)
            front = self.products[place]
            made = change(replace(front, id=f"{front.id}-{how}"))
            variants = tuple(replace(v, id=f"{v.id}-{how}") for v in made.variants)
            self.touched.add(len(self.products))
            self.products.append(replace(made, variants=variants))
            self.planted[kind][how].add(self.products[-1].id)
            self.fronts.add(front.id)

    def picture(self, product: Product, made: bytes, ending: str = ".jpg") -> Product:
        """The product with this file as its only picture."""
        path = self.folder / f"{len(list(self.folder.iterdir()))}{ending}"
        path.write_bytes(made)
        return replace(product, media=(Media(source=str(path)),))


def body_of(product: Product) -> bytes:
    """The file of its first picture."""
    return Path(product.media[0].source).read_bytes()


def saved(image: Image.Image, format: str = "JPEG", **options: Any) -> bytes:
    """The file that Pillow makes of an image."""
    body = BytesIO()
    image.save(body, format, **options)
    return body.getvalue()


def altered(body: bytes, how: str, chance: random.Random) -> bytes:
    """A copy: saved again, resized, cropped by up to 6 in 100 a side, tinted, or padded with white."""
    image = Image.open(BytesIO(body)).convert("RGB")
    width, height = image.size
    if how == "saved":
        return saved(image, quality=chance.choice((30, 45, 60)))
    if how == "resized":
        scale = chance.choice((0.45, 0.6, 1.4))
        return saved(image.resize((int(width * scale), int(height * scale)), Image.Resampling.BICUBIC))
    if how == "cropped":
        left, top, right, bottom = (chance.uniform(0, 0.06) for _ in range(4))
        box = (int(left * width), int(top * height), int((1 - right) * width), int((1 - bottom) * height))
        return saved(image.crop(box))
    if how == "tinted":
        tint = np.array([chance.uniform(0.86, 1.1) for _ in range(3)])
        return saved(Image.fromarray((np.asarray(image) * tint).clip(0, 255).astype(np.uint8)))
    wide = Image.new("RGB", (int(width * 1.2), int(height * 1.15)), "white")
    wide.paste(image, (int(width * 0.1), int(height * 0.08)))
    return saved(wide)


def misspelt(title: str, chance: random.Random) -> str:
    """One letter of a long word doubled, left out or swapped with the next."""
    words = title.split()
    place = chance.choice([n for n, word in enumerate(words) if len(word) >= 6 and word.isalpha()])
    word, at = words[place], chance.randrange(1, len(words[place]) - 2)
    made = chance.choice(
        (
            word[:at] + word[at : at + 1] + word[at:],
            word[:at] + word[at + 1 :],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        )
    )
    words[place] = made if made != word else word[:at] + word[at : at + 1] + word[at:]
    return " ".join(words)


def shuffled(title: str, chance: random.Random) -> str:
    """The words in another order, sometimes with a comma and in capitals."""
    words = title.split()
    chance.shuffle(words)
    return (
        f"{', '.join(words[:1])}, {' '.join(words[1:])}".upper() if chance.random() < 0.3 else " ".join(words)
    )


def with_altered(product: Product, *, plan: Plan, how: str) -> Product:
    """The product with an altered copy of its picture, and another title."""
    made = altered(body_of(product), how, plan.chance)
    return replace(plan.picture(product, made), title=f"{product.title} {how}")


def bare(product: Product) -> Product:
    """The product without its pictures, so that it can be told by its words alone."""
    return replace(product, media=())


def damage_pictures(plan: Plan) -> None:
    """Fashion: pictures and titles."""
    chance = plan.chance
    plan.plant(
        "picture-dead",
        "gone",
        lambda p: replace(p, media=(Media(source=str(plan.folder / f"gone-{p.id}.jpg")),)),
    )
    plan.plant("picture-broken", "cut short", lambda p: plan.picture(p, body_of(p)[: len(body_of(p)) // 2]))
    plan.plant(
        "picture-broken", "a page", lambda p: plan.picture(p, b"<html>404 Not Found</html>" + p.id.encode())
    )
    plan.plant(
        "picture-blank",
        "white",
        lambda p: plan.picture(p, saved(Image.new("RGB", (200 + chance.randrange(900), 300), "white"))),
    )
    plan.plant(
        "picture-blank",
        "grey",
        lambda p: plan.picture(
            p, saved(Image.new("RGB", (300, 200 + chance.randrange(900)), "#888"), "PNG"), ".png"
        ),
    )
    plan.plant(
        "picture-tiny",
        "48 pixels",
        lambda p: plan.picture(p, saved(Image.open(BytesIO(body_of(p))).convert("RGB").resize((48, 64)))),
    )
    plan.plant(
        "picture-misnamed", "PNG", lambda p: plan.picture(p, saved(Image.open(BytesIO(body_of(p))), "PNG"))
    )
    plan.plant("picture-animated", "GIF", lambda p: plan.picture(p, moving(p, chance), ".gif"))
    for how in ("saved", "resized", "cropped", "tinted", "padded"):
        plan.copy("near-picture", how, partial(with_altered, plan=plan, how=how))
    plan.copy(
        "same-picture",
        "another name",
        lambda p: replace(plan.picture(p, body_of(p)), title=f"{p.title} once more"),
    )
    spelt = [p.id for p in plan.products if any(len(w) >= 6 and w.isalpha() for w in p.title.split())]
    plan.touched |= {n for n, p in enumerate(plan.products) if p.id not in set(spelt)}
    plan.copy("near-title", "misspelt", lambda p: replace(bare(p), title=misspelt(p.title, chance)))
    plan.copy("near-title", "shuffled", lambda p: replace(bare(p), title=shuffled(p.title, chance)))
    plan.copy("near-title", "sold", lambda p: replace(bare(p), title=chance.choice(FILLERS).format(p.title)))
    plan.copy("same-title", "other attributes", lambda p: replace(bare(p), attributes={"color": (p.id,)}))
    plan.copy("same-product", "other id", lambda p: p)
    plan.plant("placeholder", "title", lambda p: replace(p, title=chance.choice(PLACEHOLDERS)))
    plan.plant("title-capitals", "title", lambda p: replace(p, title=f"BUY {p.title} NOW".upper()))
    plan.plant("title-stuffed", "title", lambda p: replace(p, title=f"{p.title} shoes cheap shoes shoes"))
    plan.plant(
        "language-foreign", "title", lambda p: replace(p, title="红色夏季连衣裙" + "大小"[len(p.id) % 2])
    )
    plan.plant("missing-title", "", lambda p: replace(p, title=""))
    plan.plant("missing-category", "", lambda p: replace(p, category=()))
    plan.plant("html-left", "title", lambda p: replace(p, title=f"{p.title} &amp; more<br>"))


def moving(product: Product, chance: random.Random) -> bytes:
    """Its picture as an animation."""
    first = Image.open(BytesIO(body_of(product))).convert("P")
    return saved(
        first, "GIF", save_all=True, append_images=[first.rotate(chance.randrange(10, 90))], duration=200
    )


def on_variants(product: Product, change: Callable[[Variant], Variant]) -> Product:
    """The product with each of its variants changed."""
    return replace(product, variants=tuple(change(variant) for variant in product.variants))


def times(factor: float) -> Callable[[Product], Product]:
    """What makes all prices of a product so many times as high."""

    def change(product: Product) -> Product:
        def dearer(v: Variant) -> Variant:
            return replace(v, price=Price(round(v.price.minor * factor), v.price.currency)) if v.price else v

        return on_variants(product, dearer)

    return change


def numbered(products: Sequence[Product]) -> list[Product]:
    """Every variant with a right trade item number of its own."""
    made, number = [], 400638100000
    for product in products:
        variants = []
        for variant in product.variants:
            number += 1
            variants.append(replace(variant, gtin=f"0{number}{check_digit(str(number))}", stock=3))
        made.append(replace(product, variants=tuple(variants), brand="Luma"))
    return made


def damage_offers(plan: Plan) -> None:
    """Luma: prices, numbers, descriptions, variants."""
    few = 8
    priced = lambda p: all(v.price and v.price.minor >= 500 for v in p.variants)  # noqa: E731  # said once
    for how, factor in (("x10", 10), ("x100", 100), ("/10", 0.1), ("/100", 0.01)):
        plan.plant("price-shifted", how, times(factor), where=priced, each=few)
    plan.plant("price-zero", "", times(0), where=priced, each=few)
    plan.plant(
        "price-over-list",
        "",
        lambda p: on_variants(
            p, lambda v: replace(v, list_price=v.price and Price(v.price.minor // 2, v.price.currency))
        ),
        where=priced,
        each=few,
    )
    plan.plant(
        "price-currency",
        "",
        lambda p: on_variants(p, lambda v: replace(v, price=v.price and Price(v.price.minor, "EUR"))),
        where=priced,
        each=few,
    )
    several = lambda p: len(p.variants) > 2  # noqa: E731  # said once
    plan.plant(
        "variants-alike",
        "",
        lambda p: replace(p, variants=(*p.variants, replace(p.variants[0], id=f"{p.id}-twice", gtin=""))),
        where=several,
        each=few,
    )
    plan.plant(
        "variants-gaps",
        "",
        lambda p: replace(
            p,
            variants=(
                *p.variants[1:],
                replace(p.variants[0], attributes=dict(list(p.variants[0].attributes.items())[1:])),
            ),
        ),
        where=lambda p: len(p.variants) > 4 and len(p.variants[0].attributes) > 1,
        each=few,
    )
    plan.plant(
        "gtin-wrong",
        "digit",
        lambda p: on_variants(p, lambda v: replace(v, gtin=v.gtin[:-1] + str((int(v.gtin[-1]) + 3) % 10))),
        each=few,
    )
    plan.plant(
        "gtin-restricted",
        "",
        lambda p: on_variants(
            p, lambda v: replace(v, gtin="0" + (b := "21" + v.gtin[3:13]) + str(check_digit(b)))
        ),
        each=few,
    )
    plan.plant(
        "text-damaged",
        "UTF-8 as 1252",
        lambda p: replace(
            p, description=f"Café-ready, it’s a “must”. {p.description}".encode().decode("cp1252", "ignore")
        ),
        each=few,
    )
    plan.plant(
        "language-foreign", "German", lambda p: replace(p, description=f"{GERMAN} {p.id}"), each=few // 2
    )
    plan.plant(
        "language-foreign", "Japanese", lambda p: replace(p, description=f"{JAPANESE} {p.id}"), each=few // 2
    )
    texts = [p.description for p in plan.products if len(p.description) > 120]
    plan.copy(
        "copied-description",
        "one word",
        lambda p: replace(
            p, title=f"{p.title} II", description=(p.description or texts[0]).replace("the", "our", 1)
        ),
        each=few,
    )
    plan.plant("missing-description", "", lambda p: replace(p, description=""), each=few)
    plan.plant("stock-out-of-range", "", lambda p: on_variants(p, lambda v: replace(v, stock=-4)), each=few)
    plan.plant(
        "stock-contradiction",
        "",
        lambda p: on_variants(p, lambda v: replace(v, availability="out_of_stock")),
        each=few,
    )
    plan.plant("link-broken", "", lambda p: replace(p, url="www shop example"), each=few)


def damage_chinese(plan: Plan) -> None:
    """Chinese titles in wrong encodings."""

    def read_as(wrong: str, said: str) -> Callable[[Product], Product]:
        return lambda p: replace(p, title=p.title.encode(said, "ignore").decode(wrong, "replace"))

    for how, said, wrong in (
        ("UTF-8 as GBK", "utf-8", "gb18030"),
        ("UTF-8 as 1252", "utf-8", "cp1252"),
        ("GBK as Latin-1", "gbk", "latin-1"),
    ):
        plan.plant(
            "text-damaged",
            how,
            read_as(wrong, said),
            where=lambda p: sum("一" <= c <= "鿿" for c in p.title) > 5,
        )


def damage_one_language(plan: Plan) -> None:
    """Chinese titles, some of them English."""
    plan.plant(
        "language-foreign",
        "English",
        lambda p: replace(p, title=f"Summer dress for women no {p.id}"),
        each=10,
    )


def chinese_titles() -> list[Product]:
    """Products that have a title of a Chinese shop and nothing else."""
    with (data_dir() / "zh_ecom_tasks" / "query_item_match.csv").open(encoding="utf-8", newline="") as file:
        titles = list(dict.fromkeys(row["title"] for row in csv.DictReader(file)))
    return [
        Product(id=f"Z{n}", title=title, variants=(Variant(id=f"Z{n}"),)) for n, title in enumerate(titles)
    ]


def concerned(health: Health) -> dict[str, set[str]]:
    """Kind -> the products it was found at."""
    found: dict[str, set[str]] = defaultdict(set)
    for finding in health.findings:
        found[finding.kind.name] |= set(finding.products)
    return found


def quality(
    name: str,
    products: Sequence[Product],
    damage: Callable[[Plan], None],
    data: str,
    seed: int,
    checks: Sequence[Check] = CHECKS,
    look: Path | None = None,
) -> None:
    """Plant, check, compare, record."""
    with TemporaryDirectory() as folder:
        before = check(body_goods(products), checks)
        plan = Plan(list(products), random.Random(seed), Path(folder))  # noqa: S311  # no secret
        damage(plan)
        goods = body_goods(plan.products)
        health = check(goods, checks)
        if look:
            sheet(goods, health, plan, look / f"{name}.png")
    old, new = concerned(before), concerned(health)
    kinds = {}
    for kind, ways in plan.planted.items():
        planted = set().union(*ways.values())
        hit = planted & new[kind]
        new_here = new[kind] - planted - old[kind]
        extra = new_here - plan.damaged
        kinds[kind] = {
            "planted": len(planted),
            "found": len(hit),
            "recall": round(len(hit) / len(planted), 3),
            "precision": round(len(hit) / max(len(hit) + len(extra), 1), 3),
            "extra": sorted(extra)[:5],
            "beside": len(new_here) - len(extra),
            "before": len(old[kind]),
            "ways": {how: f"{len(ids & new[kind])}/{len(ids)}" for how, ids in ways.items() if how},
        }
    record(
        "health",
        {
            "figure": "quality",
            "catalog": name,
            "products": len(products),
            "seed": seed,
            "data": data,
            "kinds": kinds,
            "only before": {k: len(v) for k, v in old.items() if k not in kinds},
        },
    )


def sheet(goods: Goods, health: Health, plan: Plan, path: Path) -> None:
    """The pairs of copies that nobody planted, side by side, for somebody to look at."""
    made = set().union(*plan.planted["near-picture"].values(), *plan.planted["same-picture"].values())
    findings = [f for g in health.groups if g.kind.name == "near-picture" for f in g.findings]
    pairs = [f.media for f in findings if not set(f.products) & made][:60]
    page = Image.new("RGB", (6 * 330, max(1, -(-len(pairs) // 6)) * 160), "#888")
    for number, media in enumerate(pairs):
        for side, each in enumerate(media[:2]):
            small = Image.fromarray(open_picture(goods.read(each), side=150).pixels)
            page.paste(small, (number % 6 * 330 + side * 160, number // 6 * 160))
    path.parent.mkdir(parents=True, exist_ok=True)
    page.save(path)
    print(f"{len(pairs)} pairs of copies that were not planted: {path}")


def body_goods(products: Sequence[Product]) -> Goods:
    """Goods whose pictures are files."""
    return Goods(products, body=lambda media: picture_bytes(Path(media.source)))


def speed(name: str, products: Sequence[Product], data: str, *, quick: bool, rounds: int) -> None:
    """Products a second, and against opening every picture alone."""
    walls, cpus, floors = [], [], []
    for _ in range(rounds):
        goods = Goods(products, body=None) if quick else body_goods(products)
        wall, cpu = perf_counter(), process_time()
        health = check(goods)
        walls.append(perf_counter() - wall)
        cpus.append(process_time() - cpu)
        if not quick:
            began = process_time()
            for _ in opened(products):
                pass
            floors.append(process_time() - began)
    line = {
        "figure": "speed",
        "catalog": name,
        "products": len(products),
        "quick": quick,
        "data": data,
        "seed": None,
        "rounds": rounds,
        "findings": len(health.findings),
        "wall_s": round(median(walls), 2),
        "cpu_s": round(median(cpus), 2),
        "products_per_s": round(len(products) / median(walls)),
        "products_per_cpu_s": round(len(products) / median(cpus)),
        "spread_wall_s": [round(min(walls), 2), round(max(walls), 2)],
        "decode_cpu_s": round(median(floors), 2) if floors else None,
        "of_decode": round(median(cpus) / median(floors), 2) if floors else None,
    }
    record("health", line)


def opened(products: Sequence[Product]) -> Iterator[None]:
    """Every picture, opened and let go."""
    for product in products:
        with suppress(DuomoError):
            open_picture(picture_bytes(Path(product.media[0].source)), side=SIDE)
            yield


def main() -> None:
    """Measure, and record what came out."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", choices=("quality", "speed"))
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--products", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--look", type=Path)
    given = parser.parse_args()
    packs_or_end("fashion_products_224", "luma_shop", "zh_ecom_tasks", "fashion_products")
    fashion_file = data_dir() / "fashion_products_224" / "products.csv"
    fashion = read_catalog(fashion_file).products[: given.products]
    if given.only != "speed":
        quality(
            "fashion_products_224",
            fashion,
            damage_pictures,
            hash_file(fashion_file),
            given.seed,
            look=given.look,
        )
        luma = numbered(read_catalog(data_dir() / "luma_shop").products)
        luma_file = data_dir() / "luma_shop" / "products.csv"
        quality("luma_shop", luma, damage_offers, hash_file(luma_file), given.seed)
        chinese_file = data_dir() / "zh_ecom_tasks" / "query_item_match.csv"
        for damage in (damage_chinese, damage_one_language):
            quality("zh_ecom_tasks", chinese_titles(), damage, hash_file(chinese_file), given.seed)
    if given.only != "quality":
        speed("fashion_products_224", fashion, hash_file(fashion_file), quick=False, rounds=given.rounds)
        large = data_dir() / "fashion_products" / "products.csv"
        speed(
            "fashion_products",
            read_catalog(large).products,
            hash_file(large),
            quick=True,
            rounds=given.rounds,
        )


if __name__ == "__main__":
    main()
