"""How often a mistyped word is read as what was meant, and how often a right one is touched.

    python benchmarks/typo_repair.py            # search_icecat (dev questions), fashion_products (val titles)
    python benchmarks/typo_repair.py --train    # titles of the train split, by which the costs were chosen

One slip of the finger (`measure.typos`) in each question with a word of five letters or more. *First*: the
word hit is read as the word meant, or as another form of it that search takes for the same. *Among*: it is
one of the alternatives. *Question first*: the whole question is read as it was meant. *Another word*: the
slip made a word that the shop knows, which nothing should change. *Touched*: a question without a typo is
read as something else. The floor is the nearest word as `difflib` of the standard library finds it
(`get_close_matches`), without counts.
"""

import argparse
import csv
import gzip
import json
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np

from duomo import Shop
from duomo.files import hash_file, write_json_lines
from duomo.measure.typos import one_typo
from duomo.search.repair import Speller
from duomo.search.vocabulary import Vocabulary
from duomo.settings import Settings
from duomo.shelf.exact import load_exact
from duomo.shelf.keywords import tokens, words
from duomo.shelf.lance import LanceShelf
from duomo.shelf.manifest import VARIANTS
from provenance import pack_or_end, record

SEED = 7
TITLES = 300
Reads = Callable[[str], Sequence[str]]  # a word -> what it may have been meant as, the likeliest first


def speller_of(catalog: Path, folder: Path) -> Speller:
    """The words of a shop built from a catalog, without its pictures."""
    Shop.create(folder, encoder="hashed", settings=Settings(workers=0)).build(catalog)
    speller = Speller(Vocabulary.of(load_exact(LanceShelf(folder / VARIANTS).snapshot())))
    speller.repair("wrod 连衣群")  # so that nobody's time holds what is made once
    return speller


def fashion(pack: Path, folder: Path, split: str) -> tuple[Speller, list[str], list[str]]:
    """The speller of all goods; of one split's titles single words, each once, and three side by side."""
    with (pack / "products.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    catalog = folder / "fashion.jsonl"
    write_json_lines(
        catalog, [{k: v for k, v in r.items() if k not in ("image", "split") and v} for r in rows]
    )
    titles = [r["title"] for r in rows if r["split"] == split]
    met = {word: None for title in titles for word in words(title) if len(word) > 4 and word.isalpha()}
    rng = np.random.default_rng(SEED)
    single = [list(met)[place] for place in rng.permutation(len(met))[:TITLES]]
    threes = []
    for place in rng.permutation(len(titles))[:TITLES]:
        said = words(titles[place])
        start = int(rng.integers(max(len(said) - 2, 1)))
        threes.append(" ".join(said[start : start + 3]))
    return speller_of(catalog, folder / "fashion"), single, threes


def icecat(pack: Path, folder: Path) -> tuple[Speller, list[str]]:
    """The speller of all goods, and the dev questions that have a product judged right."""
    with (pack / "judgments.csv").open(encoding="utf-8", newline="") as file:
        judged = [r for r in csv.DictReader(file) if r["split"] == "dev" and float(r["rating"]) > 0]
    catalog = folder / "icecat.jsonl"
    with gzip.open(pack / "products.jsonl.gz", "rt", encoding="utf-8") as lines:
        goods = [json.loads(line) for line in lines]
    names = ("title", "description", "brand", "attributes")
    write_json_lines(catalog, [{"sku": g["product_id"], **{n: g[n] for n in names}} for g in goods])
    return speller_of(catalog, folder / "icecat"), list(dict.fromkeys(r["query"] for r in judged))


def measure(pack: str, speller: Speller, questions: Sequence[str]) -> dict[str, object]:
    """Shares over the questions that a typo can hit."""
    rng = np.random.default_rng(SEED)
    pairs = [(q, typed) for q in questions if (typed := one_typo(q, rng)) != q]
    shop_words = list(speller.vocabulary.words)
    ways: dict[str, Reads] = {
        "repair": lambda word: [each.text for each in speller.alternatives(word)],
        "difflib": lambda word: get_close_matches(word, shop_words, n=5, cutoff=0.6),
    }
    line: dict[str, object] = {"pack": pack, "questions": len(questions), "n": len(pairs)}
    for name, reads in ways.items():
        first, among, another, took = 0, 0, 0, []
        for meant, typed in pairs:
            wrong, right = _difference(meant, typed)
            started = perf_counter()
            read = reads(wrong)
            took.append((perf_counter() - started) * 1000)
            if speller.vocabulary.knows(wrong):
                another += 1
            ranked = [tokens(each) for each in read]
            first += ranked[:1] == [tokens(right)]
            among += tokens(right) in ranked
        n = max(len(pairs), 1)
        line |= {f"{name}_first": round(first / n, 3), f"{name}_among": round(among / n, 3)}
        line |= {f"{name}_p50_p95_ms": [round(float(c), 2) for c in np.percentile(took, (50, 95))]}
        line["another_word"] = round(another / n, 3)
    whole = sum(read_as(speller, typed) == tokens(meant) for meant, typed in pairs)
    line["question_first"] = round(whole / max(len(pairs), 1), 3)
    touched = [q for q in questions if any(tokens(g.best) != tokens(g.said) for g in speller.repair(q))]
    return {**line, "touched": round(len(touched) / max(len(questions), 1), 3), "touched_are": touched[:10]}


def read_as(speller: Speller, typed: str) -> list[str]:
    """The tokens of the question as it is read, with its words in company."""
    return tokens(" ".join(group.best for group in speller.repair(typed)))


def _difference(meant: str, typed: str) -> tuple[str, str]:
    """The word that was hit, as it was typed and as it was meant."""
    pairs = zip(words(typed), words(meant), strict=True)
    return next((wrong, right) for wrong, right in pairs if wrong != right)


def main() -> None:
    """Build both shops, and measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, help="the pack fashion_products")
    parser.add_argument("--train", action="store_true", help="titles of the train split alone")
    given = parser.parse_args()
    pack = pack_or_end(given.folder, "fashion_products")
    with TemporaryDirectory(prefix="duomo-typo-repair-") as place:
        split = "train" if given.train else "val"
        speller, single, threes = fashion(pack, Path(place), split)
        for name, questions in (("words", single), ("three words", threes)):
            line = measure(f"fashion_products {split}, {name}", speller, questions)
            record("typo_repair", {**line, "seed": SEED, "data": hash_file(pack / "products.csv")})
        other = pack.parent / "search_icecat"
        if not given.train and other.is_dir():
            line = measure("search_icecat dev", *icecat(other, Path(place)))
            record("typo_repair", {**line, "seed": SEED, "data": hash_file(other / "products.jsonl.gz")})


if __name__ == "__main__":
    main()
