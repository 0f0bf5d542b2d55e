"""Categories and other labels read from words and pictures, against each alone and against baselines.

    python benchmarks/category.py                                # every part
    python benchmarks/category.py --parts clothing --split val   # other splits are printed, not recorded

Parts: `fashion` (five labels of fashion_products), `stripped` (type and color, with the words for types and
colors taken out of the titles), `clothing` and `grocery` (photos alone), `deep` (the same with
picture towers of their own), `names` (no training: labels by
their names, in two languages), `misfiled` (goods moved at random must be found), `evidence` (what is named
is taken away), `speed`. What was chosen was chosen on validation splits or a tenth of train.
"""

import argparse
import csv
import json
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from duomo.encode.regions import Box
from duomo.lexicon import concepts, zh_of
from duomo.measure.compare import Interval
from duomo.measure.labels import calibration_error
from duomo.product import Media, Product, Variant
from duomo.settings import Settings
from duomo.shelf.keywords import tokens
from duomo.understand.category import ByNames, Trained, covered, evidence_of, log_odds, read
from duomo.understand.category_misfiled import suspects
from duomo.understand.classify import Head
from duomo.understand.classify_fitting import Fitted, by_groups, fit_head
from duomo.understand.classify_goods import Opener, features_of
from duomo.understand.gate import Floats
from duomo.understand.grams import word_spans
from duomo.understand.sight import Sight
from duomo.understand.taxonomy import Node, Taxonomy
from provenance import data_dir, packs_or_end, record

LABELS: Final = ("article_type", "color", "season", "gender", "usage")
ASKED: Final = 200  # goods that evidence is taken away from
# The ten classes of clothing_photos in Chinese.
CLOTHES: Final = {
    "dress": "连衣裙",
    "hat": "帽子",
    "longsleeve": "长袖上衣",
    "outwear": "外套",
    "pants": "裤子",
    "shirt": "衬衫",
    "shoes": "鞋",
    "shorts": "短裤",
    "skirt": "半身裙",
    "t-shirt": "T恤",
}

Row = Mapping[str, str]


class Pack:
    """The rows of a pack, and what the tower sees of their pictures, kept in a folder for the next run."""

    def __init__(self, rows: Sequence[Row], folder: Path, work: Path, name: str) -> None:
        self.rows = rows
        self.products = [_product(row, folder) for row in rows]
        self._kept = work / f"seen-{name}.npy"

    @property
    def seen(self) -> Floats:
        """(n, dim)."""
        if not self._kept.is_file():
            seen, shown = features_of(self.products, Opener(Settings()), Sight.shipped(), tick=_tick)
            if not shown.all():
                raise SystemExit(f"{(~shown).sum()} pictures cannot be opened")
            np.save(self._kept, seen)
        return np.asarray(np.load(self._kept), np.float32)

    def of(self, *splits: str) -> np.ndarray:
        """Places of the rows of some splits."""
        return np.flatnonzero([row["split"] in splits for row in self.rows])


def fashion(work: Path) -> Pack:
    """fashion_products, its attributes as columns."""
    folder = data_dir() / "fashion_products"
    rows = [{**row, **json.loads(row["attributes_json"] or "{}")} for row in _rows(folder / "products.csv")]
    return Pack(rows, folder, work, "fashion")


def labels(pack: Pack, split: str, names: Sequence[str], *, bare: bool) -> None:
    """One head a label, learned on train; each part alone, both, and scikit-learn on the words."""
    titles = [row["title"] for row in pack.rows]
    if bare:
        titles = without_words(titles, {row[name] for row in pack.rows for name in ("article_type", "color")})
    for name in names:
        told = [(str(row[name]),) if row.get(name) else None for row in pack.rows]
        learned = np.array([place for place in pack.of("train") if told[place]])
        asked = np.array([place for place in pack.of(split) if told[place]])
        fitted, seconds = _fit(name, titles, pack.seen, told, learned)
        groups = [pack.rows[place]["title"].casefold() for place in asked]
        figures, hits, _ = asked_of(
            fitted.head,
            [titles[place] for place in asked],
            pack.seen[asked],
            [told[place] for place in asked],
            groups,
        )
        model = make_pipeline(
            TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, analyzer="word"), LinearSVC()
        ).fit([titles[place] for place in learned], [told[place][0] for place in learned])
        guessed = model.predict([titles[place] for place in asked])
        theirs = np.array([guess == told[place][0] for guess, place in zip(guessed, asked, strict=True)])
        usual = max(set(told) - {None}, key=lambda node: sum(told[place] == node for place in learned))
        figures |= {
            "both_less_words": str(by_groups(hits["both"].astype(float) - hits["words"], groups)),
            "both_less_picture": str(by_groups(hits["both"].astype(float) - hits["picture"], groups)),
            "tfidf_svm": str(by_groups(theirs, groups)),
            "both_less_tfidf_svm": str(by_groups(hits["both"].astype(float) - theirs, groups)),
            "majority": round(float(np.mean([told[place] == usual for place in asked])), 4),
        }
        _tell(
            split,
            {
                "part": "stripped" if bare else "fashion",
                "label": name,
                **figures,
                "learned": len(learned),
                "classes": len(fitted.head.card.classes),
                "fit_s": round(seconds),
            },
        )


def clothing(work: Path, split: str) -> None:
    """Ten classes of phone photos."""
    folder = data_dir() / "clothing_photos"
    pack = Pack(_rows(folder / "products.csv"), folder, work, "clothing")
    told: list[Node | None] = [(row["subcategory"],) for row in pack.rows]
    learned = pack.of("train") if split == "val" else pack.of("train", "val")
    fitted, seconds = _fit("class", [""] * len(told), pack.seen, told, learned)
    asked = pack.of(split)
    figures, _, _ = asked_of(fitted.head, [""] * len(asked), pack.seen[asked], [told[p] for p in asked])
    cross = fitted.head.card.figures["accuracy"]
    _tell(
        split,
        {
            "part": "clothing",
            **figures,
            "cross_validated": cross,
            "learned": len(learned),
            "fit_s": round(seconds),
        },
    )


def grocery(work: Path, split: str) -> None:
    """81 fine classes and the coarse ones above them, learned from train photos and iconic pictures."""
    folder = data_dir() / "grocery_store"
    icons = [{**row, "split": "icon"} for row in _rows(folder / "products.csv")]
    coarse = {row["sku"]: (row["category"], row["subcategory"], row["title"]) for row in icons}
    pack = Pack([*_rows(folder / "photos.csv"), *icons], folder, work, "grocery")
    told: list[Node | None] = [coarse[row["sku"]] for row in pack.rows]
    learned = pack.of("train", "icon")
    fitted, seconds = _fit("product", [""] * len(told), pack.seen, told, learned)
    asked = pack.of(split)
    figures, _, shares = asked_of(fitted.head, [""] * len(asked), pack.seen[asked], [told[p] for p in asked])
    _tell(
        split,
        {
            "part": "grocery",
            **figures,
            "coarse": str(_middle(fitted.head.taxonomy, shares, [told[p] or () for p in asked])),
            "learned": len(learned),
            "fit_s": round(seconds),
        },
    )


def deep(work: Path, split: str, seeds: int) -> None:
    """Clothing and grocery once more, each with a picture tower of its own (needs PyTorch)."""
    folder = data_dir() / "clothing_photos"
    clothes = [(row, ("clothes", row["subcategory"])) for row in _rows(folder / "products.csv")]
    taught = ("train",) if split == "val" else ("train", "val")
    homes = [json.loads(row["attributes_json"])["contributor_group"] for row, _ in clothes]
    _deep("clothing_photos", folder, clothes, taught, split, work, seeds, homes)
    folder = data_dir() / "grocery_store"
    icons = [{**row, "split": "icon"} for row in _rows(folder / "products.csv")]
    path_of = {row["sku"]: (row["category"], row["subcategory"], row["title"]) for row in icons}
    goods = [(row, path_of[row["sku"]]) for row in [*_rows(folder / "photos.csv"), *icons]]
    _deep("grocery_store", folder, goods, ("train", "icon"), "val", work, seeds, None)


def _deep(
    pack: str,
    folder: Path,
    goods: Sequence[tuple[Row, Node]],
    taught: Sequence[str],
    split: str,
    work: Path,
    seeds: int,
    homes: Sequence[str] | None,
) -> None:
    from duomo.train.classify_deep import learn_deep

    products = [replace(_product({**row, "title": ""}, folder), category=node) for row, node in goods]
    known = [place for place, (row, _) in enumerate(goods) if row["split"] in taught]
    asked = [place for place, (row, _) in enumerate(goods) if row["split"] == split]
    pictures = Opener(Settings()).open([products[place] for place in asked])
    told = [goods[place][1] for place in asked]
    means = []
    for seed in range(seeds):
        file = work / f"{pack}-{seed}.onnx"
        started = time.perf_counter()
        fitted = learn_deep(
            [products[place] for place in known],
            "category",
            Opener(Settings()),
            file,
            groups=[homes[place] for place in known] if homes else None,
            seed=seed,
            tick=_tick,
        )
        seconds = time.perf_counter() - started
        seen = Sight.of(file).see([pixels for pixels in pictures if pixels is not None])
        figures, hits, shares = asked_of(fitted.head, [""] * len(asked), seen, told)
        means.append(float(hits["both"].mean()))
        coarse = _middle(fitted.head.taxonomy, shares, told)
        cross = fitted.head.card.figures["accuracy"]
        line = {"part": "deep", "pack": pack, "seed": seed, **figures, "coarse": str(coarse)}
        line |= {"learned": len(known), "held_out": cross, "fit_s": round(seconds)}
        _tell(split, line | {"mean_of_seeds": round(float(np.mean(means)), 4), "seeds": len(means)})


def _middle(tree: Taxonomy, shares: Floats, told: Sequence[Node]) -> Interval:
    """How often the node of two names is right that is the likeliest."""
    middle = [place for place, node in enumerate(tree.nodes) if len(node) == 2]
    best = tree.sums(shares)[:, middle].argmax(axis=1)
    hit = np.array([tree.nodes[middle[b]] == node[:2] for b, node in zip(best, told, strict=True)])
    return by_groups(hit, _single(len(hit)))


def names(work: Path, split: str) -> None:
    """Labels by their names alone, in English and Chinese."""
    folder = data_dir() / "clothing_photos"
    if (folder / "products.csv").is_file():
        rows = [row for row in _rows(folder / "products.csv") if row["split"] == split]
        goods = [_product(row, folder) for row in rows]
        pictures = Opener(Settings()).open(goods)
        for language, name_of in (("en", {name: name for name in CLOTHES}), ("zh", CLOTHES)):
            tree = Taxonomy(tuple((name_of[name],) for name in CLOTHES))
            shares = ByNames(tree).probabilities([""] * len(rows), pictures)
            right = np.array([[*CLOTHES].index(row["subcategory"]) for row in rows])
            _tell(
                split,
                {"part": "names", "pack": "clothing_photos", "language": language, **_shares(shares, right)},
            )
    pack = fashion(work)
    asked = pack.of(split)
    types = sorted({row["article_type"] for row in pack.rows})
    right = np.array([types.index(pack.rows[place]["article_type"]) for place in asked])
    titles = [pack.rows[place]["title"] for place in asked]
    pictures = Opener(Settings()).open([pack.products[place] for place in asked])
    for language in ("en", "zh"):
        try:
            named = [name if language == "en" else zh_of("type", name) for name in types]
        except ValueError:
            continue
        spelled = tuple(dict.fromkeys((name,) for name in named))
        place_of = {node[0]: place for place, node in enumerate(spelled)}
        reader = ByNames(Taxonomy(spelled))
        shares = np.concatenate(
            [
                reader.probabilities(titles[at : at + 256], pictures[at : at + 256])
                for at in range(0, len(titles), 256)
            ]
        )
        known = np.array([place_of[named[place]] for place in right])
        _tell(
            split,
            {
                "part": "names",
                "pack": "fashion_products",
                "language": language,
                "classes": len(spelled),
                **_shares(shares, known, [title.casefold() for title in titles]),
            },
        )


def misfiled(work: Path, share: float = 0.05, seed: int = 7) -> None:
    """One product in twenty of the validation goods is moved to another of their 45 subcategories."""
    pack = fashion(work)
    some = pack.of("val")
    told: list[Node] = [(pack.rows[p]["category"], pack.rows[p]["subcategory"]) for p in some]
    rng, kinds = np.random.default_rng(seed), sorted(set(told))
    moved = set(rng.permutation(len(some))[: round(share * len(some))].tolist())
    filed: list[Node | None] = [
        kinds[(kinds.index(node) + int(rng.integers(1, len(kinds)))) % len(kinds)] if place in moved else node
        for place, node in enumerate(told)
    ]
    titles = [pack.rows[place]["title"] for place in some]
    fitted = fit_head("category", titles, pack.seen[some], np.ones(len(some), bool), filed)
    found = [int(fitted.rows[row]) for row in suspects(fitted)]
    right = np.array([place in moved for place in found])
    better = [
        fitted.head.card.classes[int(fitted.unseen[row].argmax())] == told[int(fitted.rows[row])]
        for row in suspects(fitted)
        if int(fitted.rows[row]) in moved
    ]
    _tell(
        "test",
        {
            "part": "misfiled",
            "split": "val",
            "goods": len(some),
            "moved": len(moved),
            "told": len(found),
            "precision": str(by_groups(right, _single(len(right)))) if found else None,
            "recall": round(float(right.sum() / len(moved)), 4),
            "of_the_first_100": round(float(right[:100].mean()), 4) if found else None,
            "right_place_named": round(float(np.mean(better)), 4),
        },
    )


def evidence(work: Path, seed: int = 7) -> None:
    """What is named is taken away, and as much of the rest, from goods of the test split."""
    pack = fashion(work)
    told: list[Node | None] = [(row["article_type"],) for row in pack.rows]
    learned = pack.of("train")[::4]
    head = _fit("article_type", [row["title"] for row in pack.rows], pack.seen, told, learned)[0].head
    rng, reader = np.random.default_rng(seed), Trained(head, Sight.shipped())
    asked = rng.permutation(pack.of("test"))[:ASKED]
    drops: dict[str, list[float]] = {name: [] for name in ("word", "other_word", "region", "other_region")}
    for place in asked:
        text = pack.rows[place]["title"]
        (pixels,) = Opener(Settings()).open([pack.products[place]])
        if pixels is None:
            continue
        for kind, said, shown in (("word", text, None), ("region", "", pixels)):
            shares = reader.probabilities([said], [shown])[0]
            found = evidence_of(reader, said, shown, shares, most=1)[:1]
            if not found:
                continue
            if kind == "word":
                spans = [span for span in word_spans(text) if span[0] != found[0].start]
                if not spans:
                    continue
                near = sorted(spans, key=lambda s: abs(s[1] - s[0] - len(found[0].text)))[:3]
                start, end = near[int(rng.integers(len(near)))]
                left = [text[: found[0].start] + text[found[0].end :], text[:start] + text[end:]]
                after = reader.probabilities(left, [None, None])
            else:
                box = found[0].box or Box(x=0, y=0, w=1, h=1)
                other = Box(x=rng.uniform(0, 1 - box.w), y=rng.uniform(0, 1 - box.h), w=box.w, h=box.h)
                after = reader.probabilities(["", ""], [covered(pixels, box), covered(pixels, other)])
            before, best = log_odds(float(shares.max())), int(shares.argmax())
            drops[kind].append(before - log_odds(float(after[0, best])))
            drops[f"other_{kind}"].append(before - log_odds(float(after[1, best])))
    for kind in ("word", "region"):
        own, chance = np.array(drops[kind]), np.array(drops[f"other_{kind}"])
        single = _single(len(own))
        _tell(
            "test",
            {
                "part": "evidence",
                "taken_away": kind,
                "n": len(own),
                "lost": str(by_groups(own, single)),
                "lost_by_another": str(by_groups(chance, single)),
                "difference": str(by_groups(own - chance, single)),
            },
        )


def speed(work: Path, count: int = 512) -> None:
    """Goods a second from files: pictures opened and seen, then two heads; and without heads, by names."""
    pack = fashion(work)
    learned = pack.of("train")[::10]
    heads = []
    for name in ("subcategory", "color"):
        told: list[Node | None] = [(row[name],) if row[name] else None for row in pack.rows]
        heads.append(_fit(name, [row["title"] for row in pack.rows], pack.seen, told, learned)[0].head)
    some = [pack.products[place] for place in pack.of("test")[:count]]
    titles, sight = [product.title for product in some], Sight.shipped()

    def trained() -> None:
        seen, shown = features_of(some, Opener(Settings()), sight)
        for head in heads:
            head.probabilities(titles, seen, shown)

    def named() -> None:
        reader = ByNames(
            Taxonomy(tuple((name,) for name in sorted({row["subcategory"] for row in pack.rows})))
        )
        for at in range(0, count, 64):
            [*read(reader, titles[at : at + 64], Opener(Settings()).open(some[at : at + 64]))]

    rates = {
        name: [count / _timed(work) for _ in range(3)]
        for name, work in (("two_heads", trained), ("by_names", named))
    }
    _tell(
        "test",
        {
            "part": "speed",
            "goods": count,
            **{f"{name}_per_s": [round(rate, 1) for rate in each] for name, each in rates.items()},
        },
    )


def asked_of(
    head: Head,
    texts: Sequence[str],
    seen: Floats,
    told: Sequence[Node | None],
    groups: Sequence[str] | None = None,
) -> tuple[dict[str, object], dict[str, np.ndarray], Floats]:
    """Figures of each part and of both, which rows each has right, and the probabilities of both."""
    place_of = {node: place for place, node in enumerate(head.card.classes)}
    right = np.array([place_of.get(node, -1) if node else -1 for node in told])
    said = head.said(texts, seen, np.ones(len(texts), bool))
    shares = head.together(said)
    parts = {"both": shares, "words": said.words, "picture": said.picture}
    if not said.has_words.any():
        parts = {"both": shares}
    hits = {name: part.argmax(axis=1) == right for name, part in parts.items()}
    figures: dict[str, object] = {"n": len(right), "never_learned": int((right < 0).sum())}
    figures |= {name: str(by_groups(hit, groups or _single(len(hit)))) for name, hit in hits.items()}
    known = right >= 0
    figures["calibration_error"] = round(calibration_error(shares[known], right[known]), 4)
    return figures, hits, shares


def without_words(titles: Sequence[str], named: set[str]) -> list[str]:
    """Titles without any word that stands in a name of a type or color: these labels', or the lexicon's."""
    told = [name for concept in concepts() if concept.kind in ("type", "color") for name in concept.en]
    banned = {token for name in (*named, *told) for token in tokens(name)}
    return [
        " ".join(word for word in title.split() if not (found := tokens(word)) or not set(found) <= banned)
        for title in titles
    ]


def _fit(
    name: str,
    titles: Sequence[str],
    seen: Floats,
    told: Sequence[Node | None],
    learned: np.ndarray,
) -> tuple[Fitted, float]:
    started = time.perf_counter()
    fitted = fit_head(
        name,
        [titles[place] for place in learned],
        seen[learned],
        np.ones(len(learned), bool),
        [told[place] for place in learned],
        tower=Sight.shipped().version,
        tick=_tick,
    )
    return fitted, time.perf_counter() - started


def _shares(shares: Floats, right: np.ndarray, groups: Sequence[str] | None = None) -> dict[str, object]:
    hit = shares.argmax(axis=1) == right
    usual = np.bincount(right).max() / len(right)
    return {
        "n": len(right),
        "accuracy": str(by_groups(hit, groups or _single(len(hit)))),
        "majority": round(float(usual), 4),
        "calibration_error": round(calibration_error(shares, right), 4),
    }


def _product(row: Row, folder: Path) -> Product:
    media = (Media(source=str(folder / row["image"])),)
    key = row.get("sku", "")
    return Product(id=key, title=row.get("title", ""), variants=(Variant(id=key),), media=media)


def _rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return [*csv.DictReader(file)]


def _single(count: int) -> list[str]:
    return [*map(str, range(count))]


def _timed(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _tick(stage: str, done: int, total: int | None = None) -> None:
    if total and (done == total or done % 6400 == 0):
        print(f"{stage} {done} of {total}", flush=True)


def _tell(split: str, line: dict[str, object]) -> None:
    """Record what test splits gave (of grocery, whose test photos are not there, val); print the rest."""
    if split == ("val" if "grocery" in f"{line['part']} {line.get('pack')}" else "test"):
        record("category", {"split": split, **line})
    else:
        print(json.dumps({**line, "split": split}, ensure_ascii=False))


PARTS: Final = (
    "fashion",
    "stripped",
    "clothing",
    "grocery",
    "deep",
    "names",
    "misfiled",
    "evidence",
    "speed",
)


def main() -> None:
    """Run the parts that are asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--labels", nargs="+", choices=LABELS, default=LABELS)
    parser.add_argument("--split", choices=("val", "test"), default="test")
    parser.add_argument("--seeds", type=int, default=3, help="of the part deep")
    parser.add_argument("--work", type=Path, help="keeps what was seen of the pictures; default: nowhere")
    given = parser.parse_args()
    packs_or_end("fashion_products", "clothing_photos", "grocery_store")
    with tempfile.TemporaryDirectory() as place:
        work = given.work or Path(place)
        work.mkdir(parents=True, exist_ok=True)
        for part in given.parts:
            if part in ("fashion", "stripped"):
                bare = part == "stripped"
                some = [name for name in given.labels if not bare or name in ("article_type", "color")]
                labels(fashion(work), given.split, some, bare=bare)
            elif part in ("clothing", "names"):
                (clothing if part == "clothing" else names)(work, given.split)
            elif part == "deep":
                deep(work, given.split, given.seeds)
            elif part == "grocery":
                grocery(work, "val")
            elif part == "misfiled":
                misfiled(work)
            elif part == "evidence":
                evidence(work)
            else:
                speed(work)


if __name__ == "__main__":
    main()
