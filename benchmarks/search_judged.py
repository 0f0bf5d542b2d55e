"""Search against judgments of people: icecat and homedepot (English), titles for Chinese queries.

    python benchmarks/search_judged.py                      # everything; recorded
    python benchmarks/search_judged.py icecat --encoder hashed --shops build/judged

Systems: words alone (BM25 over weighted fields), vectors alone, both by reciprocal rank fusion (the
baseline), and the search as it is. NDCG@10 with gain 2^grade - 1 over the whole catalog, where what nobody
judged counts 0 ("full"), and over the judged products alone ("judged"): a pool that was made by words favours
words in the first, and both have to be shown. Intervals are bootstraps over questions, differences are
paired. The shops are kept in --shops: a second run builds nothing.
"""

import argparse
import csv
import gzip
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from duomo.hits import Mode
from duomo.measure.compare import difference, interval
from duomo.measure.ranking import ndcg, reciprocal_rank
from duomo.measure.typos import one_typo
from duomo.ranking import blend, reciprocal
from duomo.settings import Settings
from duomo.shop import Shop
from provenance import ROOT, data_dir, record

DEEP: Final = 1000  # products of a run
JUDGED: Final = 60  # most judged products of a question that are ranked among themselves
FORMS: Final[Mapping[str, Callable[[str], str]]] = {
    "exact": str,
    "lower, no hyphens": lambda code: code.lower().replace("-", ""),
    "letters and digits apart": lambda code: " ".join(_runs(code.lower())),
    "one character missing": lambda code: code[: len(code) // 2] + code[len(code) // 2 + 1 :],
    "one character wrong": lambda code: _one_wrong(code),
    "last two missing": lambda code: code[:-2],
}
Figures = dict[str, object]
Run = Callable[[str], list[str]]


@dataclass(frozen=True, slots=True)
class Judged:
    """A catalog as records, and who judged what."""

    name: str
    goods: Sequence[Mapping[str, object]]
    grades: Mapping[str, Mapping[str, float]]  # question -> product -> grade


def icecat(data: Path) -> Judged:
    """Electronics; grades 0 to 3; the questions of the dev split."""
    folder = data / "search_icecat"
    with gzip.open(folder / "products.jsonl.gz", "rt", encoding="utf-8") as file:
        goods = [_good(json.loads(line)) for line in file]
    grades: dict[str, dict[str, float]] = {}
    for row in _rows(folder / "judgments.csv"):
        if row["split"] == "dev":
            grades.setdefault(row["query"], {})[row["product_id"]] = float(row["rating"])
    return Judged("icecat", goods, grades)


def homedepot(data: Path) -> Judged:
    """Titles of a hardware store; grades 1 to 3, here 0 to 2; the dev questions with five judged or more."""
    folder = data / "search_homedepot"
    goods = [{"sku": row["product_id"], "title": row["title"]} for row in _rows(folder / "products.csv.gz")]
    grades: dict[str, dict[str, float]] = {}
    for row in _rows(folder / "judgments.csv.gz"):
        if row["split"] == "dev":
            grades.setdefault(row["query"], {})[row["product_id"]] = float(row["relevance"]) - 1
    return Judged("homedepot", goods, {query: each for query, each in grades.items() if len(each) >= 5})


def chinese(data: Path) -> Judged:
    """Titles of a marketplace; a question has one right title."""
    folder = data / "zh_ecom_tasks"
    pairs = list(_rows(folder / "query_item_match.csv"))
    titles = {row["title"] for row in pairs}
    with gzip.open(folder / "product_select.jsonl.gz", "rt", encoding="utf-8") as file:
        for line in file:
            offered = json.loads(line)["input"].split("Candidate Document:")[1].strip().rstrip(".")
            titles |= {title.strip() for title in offered.split(", ") if title.strip()}
    number = {title: f"T{place:04d}" for place, title in enumerate(sorted(titles))}
    goods = [{"sku": sku, "title": title} for title, sku in number.items()]
    right = {row["query"]: {number[row["title"]]: 1.0} for row in pairs if row["label"] == "1"}
    return Judged("chinese", goods, right)


CATALOGS: Final[Mapping[str, Callable[[Path], Judged]]] = {
    "icecat": icecat,
    "homedepot": homedepot,
    "chinese": chinese,
}


def _good(given: Mapping[str, object]) -> dict[str, object]:
    return {
        "sku": given["product_id"],
        "title": given["title"],
        "description": given["description"] or "",
        "brand": given["brand"] or "",
        "mpn": given["name"] or "",
        "attributes": given["attributes"] or {},
    }


def _rows(path: Path) -> Iterator[dict[str, str]]:
    packed = path.suffix == ".gz"
    text = gzip.decompress(path.read_bytes()).decode() if packed else path.read_text(encoding="utf-8")
    yield from csv.DictReader(StringIO(text, newline=""))


def shop_of(judged: Judged, folder: Path, encoder: str) -> Shop:
    """The shop of a catalog, built once."""
    place = folder / f"{judged.name}-{encoder}"
    catalog = folder / f"{judged.name}.jsonl"
    if not catalog.exists():
        folder.mkdir(parents=True, exist_ok=True)
        lines = [json.dumps(good, ensure_ascii=False) for good in judged.goods]
        catalog.write_text("\n".join(lines) + "\n", encoding="utf-8")
    settings = Settings(workers=0)
    if (place / "manifest.json").exists():
        return Shop.open(place, settings=settings)
    shop = Shop.create(place, encoder=encoder, settings=settings)
    print(shop.build(catalog))
    return shop


def runs_of(shop: Shop, k: int = DEEP) -> dict[str, Run]:
    """The systems that are compared, by name; each gives k products."""

    def by(mode: Mode) -> Run:
        return lambda text: [hit.product.id for hit in shop.search(text, mode=mode, k=k)]

    words, vectors = by("keywords"), by("vector")

    def fused(text: str) -> list[str]:
        return fuse_by_rank([words(text), vectors(text)])

    return {"words": words, "vectors": vectors, "rank fusion": fused, "hybrid": by("hybrid")}


def fuse_by_rank(lists: Sequence[Sequence[str]]) -> list[str]:
    """Reciprocal rank fusion of lists of ids."""
    place: dict[str, int] = {}
    for names in lists:
        for name in names:
            place.setdefault(name, len(place))
    ids = list(place)
    rows, scores = blend(
        [(np.array([place[n] for n in names], np.int64), reciprocal(len(names))) for names in lists]
    )
    return [ids[row] for row in rows[np.argsort(-scores, kind="stable")]]


def graded(judged: Judged, runs: Mapping[str, Run], answer: Callable[[str], str] = str) -> Figures:
    """NDCG@10 of every system, full and judged; words, vectors and rank fusion beside the search as it is."""
    asked = [query for query, grades in judged.grades.items() if max(grades.values()) > 0]
    full: dict[str, NDArray[np.float64]] = {}
    alone: dict[str, NDArray[np.float64]] = {}
    known: list[float] = []
    for name, run in runs.items():
        ranked = {query: run(answer(query)) for query in asked}
        pairs = [_ndcgs(ranked[query], judged.grades[query]) for query in asked]
        full[name], alone[name] = (np.array(column) for column in zip(*pairs, strict=True))
        known.append(
            float(np.mean([np.mean([p in judged.grades[q] for p in ranked[q][:10] or ["-"]]) for q in asked]))
        )
    return {
        "questions": len(asked),
        "without a positive": len(judged.grades) - len(asked),
        "full": {name: str(interval(values)) for name, values in full.items()},
        "judged": {name: str(interval(values)) for name, values in alone.items()},
        "judged_at_10": {name: round(share, 3) for name, share in zip(runs, known, strict=True)},
        **{
            f"hybrid less {name}": {
                "full": str(difference(full[name], full["hybrid"])),
                "judged": str(difference(alone[name], alone["hybrid"])),
            }
            for name in runs
            if name != "hybrid"
        },
    }


def _ndcgs(ranked: Sequence[str], grades: Mapping[str, float]) -> tuple[float, float]:
    """Over the whole catalog, and over the judged products alone; those not found come last, by id."""
    found = [name for name in ranked if name in grades]
    condensed = [*found, *sorted(grades.keys() - set(found))]
    ideal = list(grades.values())
    whole = ndcg([grades.get(name, 0.0) for name in ranked[:10]], ideal, 10)
    return whole, ndcg([grades[name] for name in condensed], ideal, 10)


def reranked(judged: Judged, shop: Shop) -> Figures:
    """NDCG@10 over the judged products of each question, which are all that is asked among."""
    found: dict[str, list[float]] = {name: [] for name in ("random", "words", "vectors", "hybrid")}
    rng = np.random.default_rng(7)
    for query, grades in judged.grades.items():
        ids, ideal = sorted(grades), list(grades.values())
        where = f"id in ({', '.join(repr(name) for name in ids)})"
        modes: dict[str, Mode] = {"words": "keywords", "vectors": "vector", "hybrid": "hybrid"}
        for name, mode in modes.items():
            shown = [hit.product.id for hit in shop.search(query, mode=mode, k=JUDGED, where=where)]
            shown += [one for one in ids if one not in set(shown)]
            found[name].append(ndcg([grades[one] for one in shown], ideal, 10))
        mixed = [ids[place] for place in rng.permutation(len(ids))]
        found["random"].append(ndcg([grades[one] for one in mixed], ideal, 10))
    values = {name: np.array(each) for name, each in found.items()}
    return {
        "questions": len(judged.grades),
        "judged": {name: str(interval(each)) for name, each in values.items()},
        "hybrid less words": str(difference(values["words"], values["hybrid"])),
        "gap_closed": {
            name: round(float((each.mean() - values["random"].mean()) / (1 - values["random"].mean())), 3)
            for name, each in values.items()
        },
    }


def known_items(judged: Judged, runs: Mapping[str, Run]) -> Figures:
    """MRR and Recall@1 and @10 where each question has one right product."""
    figures: Figures = {"questions": len(judged.grades), "products": len(judged.goods)}
    ranks = {
        name: np.array([reciprocal_rank(run(query), right) for query, right in judged.grades.items()])
        for name, run in runs.items()
    }
    for name, each in ranks.items():
        figures[name] = {
            "mrr": str(interval(each)),
            "r1": round(float((each == 1).mean()), 3),
            "r10": round(float((each >= 0.1).mean()), 3),
        }
    return {**figures, "hybrid less words": str(difference(ranks["words"], ranks["hybrid"]))}


def model_numbers(judged: Judged, runs: Mapping[str, Run], count: int = 500) -> Figures:
    """MRR of the number of a product's maker, written in other ways; all that have it are right."""
    holders: dict[str, set[str]] = {}
    for good in judged.goods:
        holders.setdefault(str(good["mpn"]).casefold(), set()).add(str(good["sku"]))
    codes = sorted(
        {
            str(good["mpn"])
            for good in judged.goods
            if len(str(good["mpn"])) >= 5 and len(_runs(str(good["mpn"]))) >= 2
        }
    )
    drawn = [codes[place] for place in np.random.default_rng(7).choice(len(codes), count, replace=False)]
    figures: Figures = {"codes": len(codes), "asked": count}
    for form, write in FORMS.items():
        figures[form] = {
            name: str(
                interval(np.array([reciprocal_rank(run(write(c)), holders[c.casefold()]) for c in drawn]))
            )
            for name, run in runs.items()
            if name in ("words", "hybrid")
        }
    return figures


def _one_wrong(code: str) -> str:
    """The code with its middle letter or digit turned into the next one."""
    places = [at for at, letter in enumerate(code) if letter.isalnum()]
    place = places[len(places) // 2]
    letter = code[place]
    other = str((int(letter) + 1) % 10) if letter.isdigit() else "b" if letter.lower() == "a" else "a"
    return f"{code[:place]}{other}{code[place + 1 :]}"


def _runs(code: str) -> list[str]:
    """The stretches of letters and of digits of a code."""
    runs: list[str] = []
    for letter in code:
        if not letter.isalnum():
            continue
        if runs and runs[-1][-1].isdigit() == letter.isdigit():
            runs[-1] += letter
        else:
            runs.append(letter)
    return runs


def misspelt(judged: Judged, runs: Mapping[str, Run]) -> Figures:
    """NDCG@10 (full) with one typo in each question that has a word of five letters or more."""
    rng = np.random.default_rng(7)
    asked = {
        q: one_typo(q, rng) for q in judged.grades if any(len(w) >= 5 and w.isalpha() for w in q.split())
    }
    some = Judged(judged.name, judged.goods, {query: judged.grades[query] for query in asked})
    chosen = {name: runs[name] for name in ("words", "hybrid")}
    clean, wrong = graded(some, chosen), graded(some, chosen, lambda query: asked[query])
    return {"clean": clean["full"], "one typo": wrong["full"], "questions": clean["questions"]}


def main() -> None:
    """Build what is not built, measure, record."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("only", nargs="*", choices=[*CATALOGS, []], help="default: all")
    parser.add_argument("--encoder", default="pocket")
    parser.add_argument("--shops", type=Path, default=ROOT / "build" / "judged")
    parser.add_argument("--print", action="store_true", help="do not record")
    given = parser.parse_args()
    for name in given.only or CATALOGS:
        pack = data_dir() / {"chinese": "zh_ecom_tasks"}.get(name, f"search_{name}")
        if not pack.is_dir():
            print(f"There is no {pack}: set TEST_DATA_DIR to the folder of data packs.", file=sys.stderr)
            return
        judged = CATALOGS[name](data_dir())
        shop = shop_of(judged, given.shops, given.encoder)
        runs = runs_of(shop)
        if name == "icecat":
            figures: Figures = {
                **graded(judged, runs),
                "model_numbers": model_numbers(judged, runs_of(shop, 10)),
                "typos": misspelt(judged, runs),
            }
        else:
            figures = reranked(judged, shop) if name == "homedepot" else known_items(judged, runs)
        line: Figures = {"what": name, "encoder": given.encoder, **figures}
        if given.print:
            print(json.dumps(line, ensure_ascii=False, indent=1))
        else:
            record("search_judged", line)


if __name__ == "__main__":
    main()
