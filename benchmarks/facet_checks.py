"""Whether the number beside a facet's value is the total that choosing the value gives, always.

    python benchmarks/facet_checks.py                 # 10,000 checks on Luma and on drawn goods; recorded
    python benchmarks/facet_checks.py drawn --products 12 --encoder hashed --checks 100 --print

Questions are drawn from all that can be made of the goods (words in both languages, slips, codes, price
limits, refusals, pictures, pictures and words), from words of titles in any order, and from examples; with
filters of one or two columns, in every mode, on both shelves: exactly in memory, and by the index of the
table. Of each answer some values of some facets are chosen, and the total of what then comes is held against
the number.
"""

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final, get_args

import numpy as np

from duomo.catalog.sample import draw_shop
from duomo.cli.measured_questions import goods_of
from duomo.cli.measured_systems import pictures_for
from duomo.hits import Mode, Query
from duomo.measure.made import make
from duomo.measure.questions import Question, values_of
from duomo.product import Product
from duomo.progress import silent
from duomo.settings import Settings
from duomo.shop import Shop
from provenance import data_dir, record

SEED: Final = 7
CLICKS: Final = 10  # values that are chosen of an answer, at most
COUNTED: Final = 3  # facets of a question
MODES: Final[tuple[Mode, ...]] = get_args(Mode)
SHELVES: Final[Mapping[str, Settings]] = {
    "memory": Settings(workers=0),
    "index": Settings(workers=0, exact_rows=0),
}


def checked(
    shop: Shop, goods: Mapping[str, Product], rng: np.random.Generator, settings: Settings
) -> Iterator[tuple[str, str]]:
    """Whether a picture was asked or words, and "" or what does not agree; without end."""
    made = make(goods.values(), count=100, seed=SEED).questions
    pixels = pictures_for(shop, settings)
    columns = [name for name in shop.columns() if name not in ("id", "title", "description")]
    for question in _questions(made, goods, rng):
        mode = MODES[int(rng.integers(3))] if question.text else "hybrid"
        like = (question.source,) if question.kind == "like" else ()
        query = Query(
            text=question.text,
            picture=pixels(question) if mode != "keywords" else None,
            like=like,
            where=_filter(goods, columns, rng),
            mode=mode,
            k=int(rng.integers(1, 30)),
            facets=tuple(rng.choice(columns, min(COUNTED, len(columns)), replace=False).tolist()),
        )
        hits = shop.ask_for(query)
        values = [(facet.column, each) for facet in hits.facets.values() for each in facet.values]
        what = "picture" if question.looks else "words"
        for place in rng.permutation(len(values))[:CLICKS]:
            column, value = values[int(place)]
            chosen = f"{_named(column)} = {_quoted(value.value)}"
            where = f"({query.where}) and {chosen}" if query.where else chosen
            total = shop.ask_for(replace(query, where=where, facets=(), k=1)).total
            told = f"{query.text!r} where {where}: {value.count} in the facet, {total} after choosing it"
            yield what, "" if total == value.count else told


def _questions(
    made: Sequence[Question], goods: Mapping[str, Product], rng: np.random.Generator
) -> Iterator[Question]:
    """Made questions, some with a picture, words of titles, and examples, by chance and in turn."""
    looking = [question for question in made if question.looks]
    ids = sorted(goods)
    words = sorted({word for product in goods.values() for word in product.title.split()})
    for turn in cycle(("made", "looking", "words", "made", "looking", "like")):
        id = ids[int(rng.integers(len(ids)))]
        if turn in ("made", "looking"):
            some = made if turn == "made" else looking
            yield some[int(rng.integers(len(some)))]
        elif turn == "words":
            said = rng.choice(words, int(rng.integers(1, 4))).tolist()
            yield Question(qid="", kind="words", text=" ".join(said))
        else:
            yield Question(qid="", kind="like", source=id)


def _filter(goods: Mapping[str, Product], columns: Sequence[str], rng: np.random.Generator) -> str:
    """Nothing, or one or two conditions that some product keeps to or breaks."""
    parts = []
    for _ in range(int(rng.integers(3))):
        product = goods[sorted(goods)[int(rng.integers(len(goods)))]]
        variant = product.variants[int(rng.integers(len(product.variants)))]
        if variant.price and rng.random() < 0.3:
            sign = ("<", "<=", ">", ">=")[int(rng.integers(4))]
            parts.append(f"price {sign} {variant.price.major}")
            continue
        column = columns[int(rng.integers(len(columns)))]
        held = values_of(product, variant, column)
        if column == "category":
            held = (" > ".join(product.category), *product.category)
        if not held or column == "price" or rng.random() < 0.1:
            parts.append(f"{_named(column)} is {'not ' if rng.random() < 0.5 else ''}null")
            continue
        value = _quoted(held[int(rng.integers(len(held)))])
        form = ("{} = {}", "{} != {}", "{} in ({})", "not {} = {}")[int(rng.integers(4))]
        parts.append(form.format(_named(column), value))
    return (" and ", " or ")[int(rng.integers(2))].join(parts)


def _named(column: str) -> str:
    return column if re.fullmatch(r"[A-Za-z_]\w*", column) else f'"{column}"'


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def figures(catalog: Path, encoder: str, checks: int, folder: Path) -> dict[str, object]:
    """Checks and disagreements by shelf, as many on each."""
    found: dict[str, object] = {}
    for shelf, settings in SHELVES.items():
        started = perf_counter()
        shop = Shop.create(folder / shelf, encoder=encoder, settings=settings)
        shop.build(catalog)
        goods = goods_of(shop, silent)
        counts: Counter[str] = Counter()
        wrong: list[str] = []
        each = checked(shop, goods, np.random.default_rng(SEED), settings)
        for done, (what, told) in enumerate(each, start=1):
            counts[what] += 1
            if told:
                wrong.append(f"{what}: {told}")
                print(wrong[-1], file=sys.stderr)
            if done == checks:
                break
        found[shelf] = {
            "products": len(goods),
            "variants": sum(len(product.variants) for product in goods.values()),
            "checks": counts.total(),
            "with_a_picture": counts["picture"],
            "disagreements": len(wrong),
            "examples": wrong[:5],
            "took_s": round(perf_counter() - started, 1),
        }
    return found


def main() -> None:
    """Build the shops, check, record."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("only", nargs="*", choices=["luma", "drawn", []], help="default: both")
    parser.add_argument("--checks", type=int, default=10_000, help="in all")
    parser.add_argument("--products", type=int, default=300, help="of the drawn shop")
    parser.add_argument("--encoder", default="pocket")
    parser.add_argument("--print", action="store_true", help="do not record")
    given = parser.parse_args()
    names = given.only or ["luma", "drawn"]
    for name in names:
        with TemporaryDirectory(prefix="duomo-facet-checks-") as place:
            folder = Path(place)
            catalog = data_dir() / "luma_shop" if name == "luma" else folder / "goods"
            if name == "luma" and not catalog.is_dir():
                print(
                    f"There is no {catalog}: set TEST_DATA_DIR to the folder of data packs.", file=sys.stderr
                )
                return
            if name == "drawn":
                draw_shop(catalog, products=given.products, seed=SEED)
            each = -(-given.checks // (len(names) * len(SHELVES)))
            line: dict[str, object] = {"what": name, "encoder": given.encoder, "seed": SEED}
            line |= figures(catalog, given.encoder, each, folder)
        if given.print:
            print(json.dumps(line, ensure_ascii=False))
        else:
            record("facet_checks", line)


if __name__ == "__main__":
    main()
