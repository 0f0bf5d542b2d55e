"""Search against questions made of the catalogs themselves: drawn goods, fashion photos, variants of Luma.

    python benchmarks/search_own.py                          # everything, on the test parts; recorded
    python benchmarks/search_own.py drawn --part val --print # other goods, to look into failures and to tune

Goods: 300 drawn products (of another seed for --part val), the test or val split of fashion_products, and
luma_shop, whose answers to "this in red" are variants. Systems: the search as it is (hybrid), its keywords
and its vectors alone, rank fusion of the lists of its parts, and a shop built with `hashed`, which has no
weights. Questions with a picture and words are asked in three more ways: the picture alone, the words alone,
and the nearest pictures to the mean of both vectors. Intervals are bootstraps over questions, differences are
paired. Answers are kept in --work, a file a shop and system: a run that was stopped goes on there.
"""

import argparse
import csv
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from duomo.arrays import Pixels, unit
from duomo.catalog.sample import draw_shop
from duomo.cli.measured_questions import goods_of
from duomo.cli.measured_systems import pictures_for
from duomo.encode.models import load_encoder
from duomo.errors import BadQuery
from duomo.files import hash_file, read_json_lines, write_json_lines
from duomo.hits import Hit, Mode, Query
from duomo.measure.compare import difference, interval
from duomo.measure.made import make
from duomo.measure.outcome import Outcome
from duomo.measure.questions import Question, Shown, breaks, read_questions, write_questions
from duomo.product import Product
from duomo.progress import silent
from duomo.ranking import DAMPING
from duomo.settings import Settings
from duomo.shelf.exact import load_exact
from duomo.shelf.lance import LanceShelf
from duomo.shelf.layout import vector_column
from duomo.shelf.manifest import VARIANTS
from duomo.shop import Shop
from provenance import ROOT, data_dir, record

SEED: Final = 7
DRAWN: Final = 300  # products
DEEP: Final = 100  # hits of an answer that are kept
DEEPEST: Final = 300  # best hits whose parts are fused, and pictures that are compared
COMPOSED: Final = ("composed", "composed-other")
KNOWN: Final = ("title", "sku")
SHOPS: Final = ("drawn", "fashion", "luma")
PACKS: Final = {"fashion": "fashion_products", "luma": "luma_shop"}
SETTINGS: Final = Settings(workers=0)
Answer = tuple[Shown, ...]
Ask = Callable[[Question, Pixels | None], Answer]
Answers = Mapping[str, Sequence[Answer | None]]


class Systems(NamedTuple):
    """Name -> way of asking, for all questions and for those of a picture and words."""

    all: Mapping[str, Ask]
    composed: Mapping[str, Ask]


def catalog_of(name: str, part: str, work: Path) -> Path:
    """The goods, written into the working folder where they are not a pack as it stands."""
    if name == "luma":
        return data_dir() / PACKS["luma"]
    place = work / f"{name}-{part}-goods"
    if name == "drawn":
        if not (place / "truth.json").exists():  # written last
            draw_shop(place, products=DRAWN, seed=SEED if part == "test" else SEED + 1)
        return place
    pack = data_dir() / PACKS["fashion"]
    path = place / "products.csv"
    if not path.exists():
        place.mkdir(parents=True, exist_ok=True)
        with (pack / "products.csv").open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["split"] == part]
        for row in rows:
            row["image"] = str(pack / row["image"])
        with path.open("w", encoding="utf-8", newline="") as file:
            names = [name for name in rows[0] if name != "split"]
            writer = csv.DictWriter(file, names, extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)
    return place


def shop_of(name: str, part: str, work: Path, encoder: str) -> Shop:
    """A shop of these goods, built once."""
    place = work / f"{name}-{part}-{encoder}"
    if (place / "manifest.json").exists():
        return Shop.open(place, settings=SETTINGS)
    shop = Shop.create(place, encoder=encoder, settings=SETTINGS)
    print(shop.build(catalog_of(name, part, work)), file=sys.stderr)
    return shop


def questions_of(
    name: str, part: str, work: Path, goods: Mapping[str, Product], count: int
) -> list[Question]:
    """Questions made of the goods, the same each time."""
    path = work / f"{name}-{part}-{count}-questions.jsonl"
    if not path.exists():
        kinds = COMPOSED if name == "luma" else ()
        write_questions(path, make(goods.values(), kinds=kinds, count=count, seed=SEED).questions)
    return read_questions(path)


def systems_of(pocket: Shop, hashed: Shop) -> Systems:
    """The search as it is, first, and what it is compared with."""

    def by(shop: Shop, mode: Mode, *, words: bool = True, picture: bool = True) -> Ask:
        def ask(question: Question, pixels: Pixels | None) -> Answer:
            text, shown = question.text if words else "", pixels if picture else None
            query = Query(text=text, picture=shown, mode=mode, k=DEEP)
            return tuple(Shown(hit.product.id, hit.variant.id) for hit in shop.ask_for(query))

        return ask

    def fused(question: Question, pixels: Pixels | None) -> Answer:
        query = Query(text=question.text, picture=pixels, k=DEEPEST)
        hits = sorted(pocket.ask_for(query), key=lambda hit: (-_by_rank(hit), hit.product.id))
        return tuple(Shown(hit.product.id, hit.variant.id) for hit in hits[:DEEP])

    return Systems(
        {
            "hybrid": by(pocket, "hybrid"),
            "keywords": by(pocket, "keywords"),
            "vector": by(pocket, "vector"),
            "rank fusion": fused,
            "hashed": by(hashed, "hybrid"),
        },
        {
            "picture alone": by(pocket, "hybrid", words=False),
            "words alone": by(pocket, "hybrid", picture=False),
            "mean of both": _by_mean(pocket),
        },
    )


def _by_rank(hit: Hit) -> float:
    """Reciprocal rank fusion of the lists in which the parts of the question have a hit."""
    return sum(1 / (DAMPING + part.rank) for part in hit.why.parts if part.rank)


def _by_mean(shop: Shop) -> Ask:
    """The nearest pictures to the mean of the vectors of the words and of the picture."""
    encoder = shop.manifest.encoders[0]
    towers = load_encoder(encoder)
    snapshot = load_exact(LanceShelf(shop.folder / VARIANTS).snapshot())
    column = vector_column(encoder, "picture")

    def ask(question: Question, pixels: Pixels | None) -> Answer:
        if towers.text is None or towers.picture is None or pixels is None:
            raise BadQuery("there is no mean of both")
        mean = unit(towers.text.encode([question.text])[0] + towers.picture.encode([pixels])[0])
        rows = snapshot.search(vector=mean, column=column, k=DEEPEST).rows
        table = snapshot.take(rows, ["product_id", "id"])
        pairs = zip(table["product_id"].to_pylist(), table["id"].to_pylist(), strict=True)
        first: dict[str, Shown] = {}
        for product, variant in pairs:
            first.setdefault(product, Shown(product, variant))
        return tuple(first.values())[:DEEP]

    return ask


def answers_of(
    path: Path, questions: Sequence[Question], ask: Ask, pixels: Callable[..., Pixels | None]
) -> list[Answer | None]:
    """What a system answers to each question; kept in a file, of which what is there is not asked again."""
    held: dict[str, Answer | None] = {}
    if path.exists():
        for _, line in read_json_lines(path):
            shown = line["shown"]
            held[str(line["qid"])] = None if shown is None else tuple(Shown(*hit) for hit in shown)  # type: ignore[attr-defined]  # as it was written
    missing = [question for question in questions if question.qid not in held]
    for start in range(0, len(missing), 200):
        for question in missing[start : start + 200]:
            try:
                held[question.qid] = ask(question, pixels(question))
            except BadQuery:
                held[question.qid] = None
        write_json_lines(path, ({"qid": qid, "shown": shown} for qid, shown in held.items()))
        print(path.stem, min(start + 200, len(missing)), "of", len(missing), file=sys.stderr)
    return [held[question.qid] for question in questions]


def figures_of(outcome: Outcome) -> dict[str, object]:
    """By kind of question: NDCG@10 of every system, and what the first gains over each other one."""
    first, *rivals = outcome.systems
    found: dict[str, object] = {}
    for kind, places in outcome.kinds.items():
        figures: dict[str, object] = {"n": int(places.size), "chance": _short(outcome.chance(kind))}
        figures |= {name: str(mean) for name in outcome.systems if (mean := outcome.mean(name, "ndcg", kind))}
        figures |= {
            f"{first} less {name}": str(result.gain)
            for name in rivals
            if (result := outcome.duel(name, kind))
        }
        if kind in KNOWN:
            figures["mrr"] = {n: str(m) for n in outcome.systems if (m := outcome.mean(n, "mrr", kind))}
        found[kind] = figures
    return found


def composed_of(outcome: Outcome, systems: Iterable[str]) -> dict[str, object]:
    """Recall at 10 of questions with a picture and words, and what the first system gains over the others."""
    found: dict[str, object] = {}
    first = outcome.systems[0]
    for kind, places in outcome.kinds.items():
        if kind not in COMPOSED:
            continue
        recalls = {name: outcome.values[name]["recall"][places] for name in (first, *systems)}
        figures: dict[str, object] = {"n": int(places.size)}
        figures |= {name: str(interval(values)) for name, values in recalls.items()}
        figures |= {
            f"{first} less {name}": str(difference(values, recalls[first]))
            for name, values in recalls.items()
            if name != first
        }
        found[kind] = figures
    return found


def broken_of(
    questions: Sequence[Question], answers: Answers, goods: Mapping[str, Product]
) -> dict[str, object]:
    """Hits among the first ten that break a price limit or a refusal, of how many, by system."""
    found: dict[str, object] = {}
    for kind in ("price", "price-other", "negation", "negation-other"):
        places = [place for place, question in enumerate(questions) if question.kind == kind]
        if places:
            found[kind] = {name: _broken(questions, each, goods, places) for name, each in answers.items()}
    return found


def _broken(
    questions: Sequence[Question],
    answers: Sequence[Answer | None],
    goods: Mapping[str, Product],
    places: Sequence[int],
) -> str:
    shown = [(questions[place], hit) for place in places for hit in (answers[place] or ())[:10]]
    return f"{sum(breaks(question, hit, goods) for question, hit in shown)} of {len(shown)}"


def _short(number: float | None) -> float | None:
    return None if number is None else round(number, 3)


def measured(name: str, part: str, work: Path, count: int) -> dict[str, object]:
    """The result line of one shop."""
    pocket, hashed = (shop_of(name, part, work, encoder) for encoder in ("pocket", "hashed"))
    goods = goods_of(pocket, silent)
    questions = questions_of(name, part, work, goods, count)
    systems, pixels = systems_of(pocket, hashed), pictures_for(pocket, SETTINGS)
    together = [question for question in questions if question.kind in COMPOSED]

    def answered(asked: Sequence[Question], ways: Mapping[str, Ask]) -> dict[str, list[Answer | None]]:
        place = work / f"{name}-{part}-{count}-answers"
        place.mkdir(exist_ok=True)
        return {
            system: answers_of(place / f"{system.replace(' ', '-')}.jsonl", asked, ask, pixels)
            for system, ask in ways.items()
        }

    answers = answered(questions, systems.all)
    outcome = Outcome(questions, answers, goods, k=10)
    chosen = {question.qid: place for place, question in enumerate(questions)}
    both = {way: [each[chosen[one.qid]] for one in together] for way, each in answers.items()}
    composed = Outcome(together, both | answered(together, systems.composed), goods, k=10)
    hashes = hash_file(catalog_of(name, part, work) / "products.csv")
    return {
        "what": name,
        "part": "whole" if name == "luma" else part,
        "data": hashes,
        "seed": SEED,
        "products": len(goods),
        "questions": len(questions),
        "overall": {system: _short(outcome.overall(system, "ndcg")) for system in outcome.systems},
        "kinds": figures_of(outcome),
        "composed_r10": composed_of(composed, [way for way in composed.systems if way != "hybrid"]),
        "broken": broken_of(questions, answers, goods),
    }


def main() -> None:
    """Build what is not built, ask what was not asked, record."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("only", nargs="*", choices=[*SHOPS, []], help="default: all")
    parser.add_argument("--part", choices=("test", "val"), default="test")
    parser.add_argument("--n", type=int, default=200, help="questions of a kind, at most")
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "own")
    parser.add_argument("--print", action="store_true", help="do not record")
    given = parser.parse_args()
    names = given.only or SHOPS
    for name in names:
        if (pack := PACKS.get(name)) and not (data_dir() / pack).is_dir():
            sentence = f"There is no {data_dir() / pack}: set TEST_DATA_DIR to the folder of data packs."
            print(sentence, file=sys.stderr)
            return
    for name in names:
        given.work.mkdir(parents=True, exist_ok=True)
        line = measured(name, given.part, given.work, given.n)
        if given.print:
            print(json.dumps(line, ensure_ascii=False, indent=1))
        else:
            record("search_own", line)


if __name__ == "__main__":
    main()
