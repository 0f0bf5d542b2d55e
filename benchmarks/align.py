"""What `duomo train align` gives a shop, how long it takes, and what it costs elsewhere.

    python benchmarks/align.py speed                       # 4,000 products of one catalog, all in
    python benchmarks/align.py footwear --seeds 7 8 9      # a kind of goods that the encoder has never seen
    python benchmarks/align.py footwear --deep             # the picture tower is fine-tuned, too

`speed` times the whole way on a shop that stands: pictures looked at, heads trained, both exams, vectors made
anew; a model that is refused is recorded with its sentence. `footwear` trains heads without any shoe, aligns
them on a shop of 1,500 shoes, and asks the test split for shoes of other titles and for all the rest, beside
heads that learned from everything. It needs frozen towers, as `duomo.train.pocket.save_towers` writes them;
for `--deep` ones that see the quarters of a picture, too (decision 13).
"""

import argparse
import csv
import json
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Final

import numpy as np

from duomo.catalog.read import read_catalog
from duomo.encode.base import CARD
from duomo.encode.folder import files_of
from duomo.encode.heads import HeadWeights
from duomo.errors import WorseModel
from duomo.files import hash_bytes, hash_file
from duomo.measure.compare import difference, interval
from duomo.settings import Settings
from duomo.shop import Shop
from provenance import ROOT, data_dir, pack_or_end, record

if TYPE_CHECKING:
    from duomo.train.align import Exam
    from duomo.train.pairs import Pair
    from duomo.train.pocket import Material, Towers

PACK: Final = "fashion_products"
SHOES: Final = 1500  # products of the shop that is aligned
STEPS: Final = 500  # of the heads that alignment begins with, and of those that learned from everything
PHRASES_SEED: Final = 7
GATE_TEXTS: Final = 2000  # of each pack that the gate takes for home
_SHOE: Final = re.compile(r"shoe|sandal|heel|flats|flip|boot|sneaker|slipper|loafer", re.IGNORECASE)


def speed(pack: Path, encoder: str, count: int, deep: bool) -> None:
    """Time an alignment of a shop of so many products of the train split."""
    from duomo.train.adapt import adapt

    with tempfile.TemporaryDirectory() as place:
        shop = _shop(pack, Path(place), encoder, lambda row: row["split"] == "train", count)
        started = perf_counter()
        try:
            found = adapt(shop.folder, settings=shop.settings, deep=deep).as_dict()
        except WorseModel as error:
            found = {"refused": str(error)}
        taken_s = perf_counter() - started
    found.pop("problems", None)
    line = {"what": "speed", "wanted_deep": deep, "encoder": encoder, "n": count}
    record("align", {**line, "all_in_s": round(taken_s, 1), **found})


def footwear(pack: Path, towers_in: Path, work: Path, seeds: list[int], split: str, deep: bool) -> None:
    """Align encoders that have seen no shoe; one line a seed, recorded where the test split was asked."""
    from duomo.train import pocket
    from duomo.train.adapt import adapt
    from duomo.train.packs import read_packs

    towers = pocket.Towers.in_folder(towers_in)
    packs = [
        each._replace(pack=replace(each.pack, altered=0))
        for each in read_packs(data_dir(), work, cleared=False)
    ]
    without = [
        each._replace(learned=_no_shoes(each.learned), checked=_no_shoes(each.checked)) for each in packs
    ]
    materials = {
        name: pocket.gather(some, towers, work, seed=PHRASES_SEED)
        for name, some in (("all", packs), ("base", without))
    }
    held_out = [pair.title for each in without for pair in each.checked]
    exams = _exams(pack, towers, work, split)
    on = hash_bytes(hash_file(towers.text).encode(), hash_file(towers.picture).encode())[:8]
    for seed in seeds:
        line: dict[str, object] = {"what": "footwear", "seed": seed, "steps": STEPS, "aligned_on": SHOES}
        answered: dict[str, dict[str, np.ndarray]] = {}
        for name, material in materials.items():
            weights = _trained(material, towers, work / f"run-align-{on}-{name}-{seed}", seed, held_out)
            answered[name] = _answers(exams, weights)
            if name == "all":
                continue
            with tempfile.TemporaryDirectory() as place:
                _write_encoder(Path(place) / "base", towers, weights)
                shop = _shop(
                    pack,
                    Path(place),
                    str(Path(place) / "base"),
                    lambda row: row["split"] == "train" and row["category"] == "Footwear",
                    SHOES,
                )
                began_s = process_time()
                adapted = adapt(shop.folder, settings=shop.settings, deep=deep)
                cpu_s = process_time() - began_s
                own = files_of(shop.folder / adapted.encoder)
                seen = replace(towers, picture=own.picture) if adapted.deep else towers
                asked = _exams(pack, seen, work, split) if adapted.deep else exams
                answered["aligned"] = _answers(asked, HeadWeights.load(own.heads))
            line |= {"deep": adapted.deep, "share": adapted.share, "seconds": round(adapted.seconds, 1)}
            line |= {"cpu_s": round(cpu_s, 1)}  # without that of the workers that encode the shop anew
        for exam in exams:
            line[exam] = {
                "n": len(answered["base"][exam]),
                "r10": {name: str(interval(answers[exam])) for name, answers in answered.items()},
                "aligned_less_base": str(difference(answered["base"][exam], answered["aligned"][exam])),
                "aligned_less_all": str(difference(answered["all"][exam], answered["aligned"][exam])),
            }
        if split == "test":
            record("align", line)
        else:
            print(json.dumps(line, indent=1))


def _shop(
    pack: Path, folder: Path, encoder: str, wanted: Callable[[Mapping[str, str]], bool], count: int
) -> Shop:
    """A shop of the first products of a pack that are wanted."""
    catalog = folder / "products.csv"
    with (pack / "products.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        chosen = [row for row in rows if wanted(row)][:count]
    with catalog.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(chosen[0]))
        writer.writeheader()
        writer.writerows(chosen)
    shop = Shop.create(folder / "shop", encoder=encoder, settings=Settings())
    shop.build(catalog, images=pack)
    return shop


def _no_shoes(pairs: "Sequence[Pair]") -> "list[Pair]":
    return [pair for pair in pairs if not _SHOE.search(pair.attributes.get("type", ""))]


def _exams(pack: Path, towers: "Towers", work: Path, split: str) -> "dict[str, Exam]":
    """The titles of a split: of footwear among footwear, of the rest among the rest."""
    from duomo.train.align import Exam
    from duomo.train.features import features_of
    from duomo.train.material import domain_of
    from duomo.train.pairs import pairs_of, without_leaks
    from duomo.train.pocket import said_by

    products = read_catalog(pack / "products.csv").products
    shoes = {product.id for product in products if product.category[:1] == ("Footwear",)}
    held_out = [pair for pair in without_leaks(pairs_of(products, domain=PACK)) if pair.split == split]
    exams = {}
    for name in ("footwear", "rest"):
        some = [pair for pair in held_out if (pair.id in shoes) == (name == "footwear")]
        shown = features_of([pair.picture for pair in some], work / "features", model=towers.picture)
        exams[name] = Exam(
            domain_of(name, some, share=1, pictures=[shown], encode=said_by(towers), phrases=0)
        )
    return exams


def _answers(exams: "dict[str, Exam]", weights: HeadWeights) -> dict[str, np.ndarray]:
    """Of each exam, which titles found their picture among the first ten."""
    return {name: (exam.ranks_served(weights)["titles"] <= 10).astype(float) for name, exam in exams.items()}


def _trained(
    material: "Material", towers: "Towers", folder: Path, seed: int, held_out: "Sequence[str]"
) -> HeadWeights:
    """Heads on the frozen towers, as `pocket.make` trains them."""
    from duomo.train import pocket
    from duomo.train.heads import HeadShape
    from duomo.train.space import head_weights

    course = replace(pocket.COURSE, steps=STEPS, seed=seed)
    shape = HeadShape(pieces=towers.pieces, pictures=material.typical.shape[1])
    heads, _ = pocket.learn(material, shape, folder, course=course)
    return head_weights(
        heads,
        towers.projections,
        pocket.said_by(towers),
        learned_from=[text for d in material.domains for text in d.sayings.texts[:GATE_TEXTS]],
        held_out=held_out,
    )


def _write_encoder(folder: Path, towers: "Towers", weights: HeadWeights) -> None:
    """An encoder folder of its own, so that a shop can be built with it."""
    weights.save(folder / "heads.safetensors")
    for path in (towers.text, towers.tokenizer, towers.picture):
        (folder / path.name).write_bytes(path.read_bytes())
    card = {
        "name": "no-shoes",
        "space": f"no-shoes-{hash_file(folder / 'heads.safetensors')[:12]}",
        "licence": "of the benchmark alone",
        "source": "benchmarks/align.py",
        "dim": weights.dim,
        "heads": "heads.safetensors",
        "text": {"file": towers.text.name, "tokenizer": towers.tokenizer.name, "max_tokens": 64},
        "picture": {"file": towers.picture.name, "size": 224},
    }
    (folder / CARD).write_text(json.dumps(card), encoding="utf-8")


def main() -> None:
    """Measure and record."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", nargs="?", choices=("speed", "footwear"), default="speed")
    parser.add_argument("--encoder", default="pocket", help="of the shop whose alignment is timed")
    parser.add_argument("--products", type=int, default=4000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[7, 8, 9])
    parser.add_argument("--deep", action="store_true", help="fine-tune the picture tower, too")
    parser.add_argument("--split", choices=("val", "test"), default="test", help="val: printed, not recorded")
    parser.add_argument("--towers", type=Path, default=ROOT / "build" / "pocket" / "towers-first")
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "pocket", help="features, checkpoints")
    given = parser.parse_args()
    pack = pack_or_end(None, PACK)
    if given.what == "speed":
        speed(pack, given.encoder, given.products, given.deep)
    else:
        footwear(pack, given.towers, given.work, given.seeds, given.split, given.deep)


if __name__ == "__main__":
    main()
