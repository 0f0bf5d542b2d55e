"""What a learned order gains over the blend, from how many judgments, from clicks, and what it costs.

    python benchmarks/learned_rank.py                       # everything; recorded
    python benchmarks/learned_rank.py icecat clicks --print

icecat: 5 splits of its dev questions. homedepot: learned from the train part and chosen by cross-validation
in it; the dev part is asked. curve: the same from ever more questions. clicks: shoppers simulated by a known
position-based model on homedepot's grades. mlp: curves against a small network. made: questions with pictures
that are made from a catalog, for the vision side; an upper bound, as they are made by rules. speed: what a
question costs.

"full" is NDCG@10 over the whole catalog, where what nobody judged counts 0; "judged" is over the judged
products alone. Gains are differences to the blend with 95 % bootstrap intervals over questions. Shops and
lists of candidates are kept in --shops.
"""

import argparse
import csv
import gzip
import json
import pickle
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from typing import Final

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from duomo.catalog.events import Search
from duomo.cli.measured_questions import goods_of
from duomo.cli.measured_systems import pictures_for
from duomo.errors import WorseModel
from duomo.hits import Query
from duomo.measure.clicks import PLACES, Examination, estimates_of, examination_of, judgments_of, sightings_of
from duomo.measure.compare import difference
from duomo.measure.made import make
from duomo.measure.questions import Question
from duomo.measure.ranking import ndcg
from duomo.progress import silent
from duomo.search.features import FEATURES
from duomo.search.find import find
from duomo.search.rerank import Candidates, LearnedOrder
from duomo.settings import Settings
from duomo.shelf.manifest import stamp_of
from duomo.shop import Shop
from duomo.stock.served import Served
from provenance import ROOT, data_dir, packs_or_end, record
from search_judged import CATALOGS, shop_of

packs_or_end("search_icecat", "search_homedepot", "luma_shop")  # before PyTorch is asked for
import torch  # noqa: E402 (see above)
from torch import nn  # noqa: E402 (see above)

from duomo.train.rank import Exam, examine, learned, refuse_worse, scores, weights_of  # noqa: E402 (see above)
from duomo.train.rank_curves import Recipe, fit  # noqa: E402 (see above)
from duomo.train.rank_lists import Listed, listed  # noqa: E402 (see above)

SIZES: Final = (70, 150, 300, 1000, 3000)  # questions, of which 70 % are learned from
SEEDS: Final = (1, 2, 3)
ASKED: Final = 40  # times each question is asked, where clicks are simulated
SHOWN: Final = 20
MADE: Final = ("crop", "recolor", "composed", "values", "title-typo")  # kinds of made questions
Figures = dict[str, object]


@dataclass(frozen=True, slots=True)
class Lists:
    """Judged questions with their candidates."""

    train: Sequence[Listed]
    dev: Sequence[Listed]


def lists_of(name: str, shop: Shop, place: Path) -> Lists:
    """The candidates of every judged question of a pack; kept in a file of this machine's own."""
    if place.exists():
        kept: Lists = pickle.loads(place.read_bytes())  # noqa: S301 (written below)
        return kept
    served = Served.load(shop.folder, Settings(workers=0), stamp_of(shop.folder))
    parts: dict[str, list[Listed]] = {}
    for (part, query), grades in graded(name).items():
        # Means of several persons are no whole numbers, which is what judgments are in files.
        right = {id: round(grade * 100) for id, grade in grades.items()}
        question = Question(qid=query, text=query, right=right, complete=False)
        for one in listed([question], served.searched(), lambda _: None):
            real = replace(one, grades=one.grades / 100, ideal=tuple(grades.values()))
            parts.setdefault(part, []).append(real)
    # As in search_judged: homedepot asks the questions with five judged products or more.
    dev = [one for one in parts["dev"] if name == "icecat" or len(one.ideal) >= 5]
    lists = Lists(parts.get("train", []), dev)
    place.write_bytes(pickle.dumps(lists))
    return lists


def graded(name: str) -> dict[tuple[str, str], dict[str, float]]:
    """Part and question -> product -> grade, from 0 up."""
    folder = data_dir() / f"search_{name}"
    found: dict[tuple[str, str], dict[str, float]] = {}
    if name == "icecat":
        with (folder / "judgments.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                found.setdefault((row["split"], row["query"]), {})[row["product_id"]] = float(row["rating"])
    else:
        with gzip.open(folder / "judgments.csv.gz", "rt", encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                grade = float(row["relevance"]) - 1
                found.setdefault((row["split"], row["query"]), {})[row["product_id"]] = grade
    return {key: grades for key, grades in found.items() if key[0] in ("train", "dev")}


def said(exam: Exam) -> Figures:
    """An exam in a line."""
    return {
        "questions": exam.questions,
        "full": f"{exam.before:.3f} to {exam.after:.3f}, {exam.gain}",
        "judged": f"{exam.judged_before:.3f} to {exam.judged_after:.3f}, {exam.judged_gain}",
    }


def refused(exam: Exam) -> bool:
    """Whether a shop would refuse the order."""
    try:
        refuse_worse(exam)
    except WorseModel:
        return True
    return False


def of_icecat(lists: Lists) -> Figures:
    """Five splits of few questions."""
    found = []
    for seed in range(1, 6):
        _, order, asked = learned(lists.dev, None, "pocket", seed=seed)
        exam = examine(asked, order)
        found.append({"seed": seed, "refused": refused(exam), **said(exam)})
    return {
        "questions": len(lists.dev),
        "refused": f"{sum(bool(e['refused']) for e in found)} of 5",
        "splits": found,
    }


def of_homedepot(lists: Lists) -> Figures:
    """Everything that is known, asked on questions that nothing was chosen on."""
    recipe, order, asked = learned(lists.train, None, "pocket")
    own, dev = examine(asked, order), examine(lists.dev, order)
    return {
        "learned": len(lists.train) - len(asked),
        "pairs": pairs(lists.train),
        "recipe": recipe._asdict(),
        "weights": {name: round(weight, 3) for name, weight in weights_of(order).items()},
        "curves": {name: round(curve.most, 3) for name, curve in order.curves.items()},
        "held out": {**said(own), "refused": refused(own)},
        "dev": said(dev),
    }


def pairs(lists: Sequence[Listed]) -> int:
    """Judged candidates."""
    return sum(int((~np.isnan(one.grades)).sum()) for one in lists)


def of_curve(lists: Lists) -> Figures:
    """Gains on the dev part by the number of questions that a shop has, and how often it is refused."""
    found = []
    for size in SIZES:
        runs = []
        for seed in SEEDS:
            rng = np.random.default_rng((seed, size))
            some = [lists.train[place] for place in rng.permutation(len(lists.train))[:size]]
            _, order, asked = learned(some, None, "pocket", seed=seed)
            exam = examine(lists.dev, order)
            runs.append((exam.gain.mean, exam.judged_gain.mean, refused(examine(asked, order)), pairs(some)))
        full, judged, no, count = zip(*runs, strict=True)
        found.append(
            {
                "questions": size,
                "pairs": round(float(np.mean(count))),
                "full": [round(each, 4) for each in full],
                "judged": [round(each, 4) for each in judged],
                "refused": f"{sum(no)} of {len(SEEDS)}",
            }
        )
    return {"dev": len(lists.dev), "seeds": list(SEEDS), "sizes": found}


def of_clicks(lists: Lists) -> Figures:
    """Learned from the grades themselves, from clicks as they are, and from corrected clicks."""
    some = [one for one in lists.train if (~np.isnan(one.grades)).sum() >= 5][:2000]
    some = [replace(one, key=f"question {number}") for number, one in enumerate(some)]
    found: list[Figures] = []
    for seed in SEEDS:
        searches = simulated(some, np.random.default_rng(seed))
        seen = sightings_of(searches)
        flat = Examination(np.ones(len(PLACES)), 0)
        raw: dict[str, dict[str, int]] = {}
        for one in estimates_of(seen, flat):
            if one.grade is not None:
                raw.setdefault(seen.texts[one.place], {})[one.product_id] = one.grade
        corrected = {question.text: dict(question.right) for question in judgments_of(searches).questions}
        curve = examination_of(seen)
        line: Figures = {"seed": seed, "searches": len(searches), "moved": curve.moved}
        line["graded"] = {
            name: round(float(np.mean([agreement(o, each) for o in some if o.key in each])), 4)
            for name, each in (("raw clicks", raw), ("corrected", corrected))
        }
        line["examination"] = [round(float(each), 2) for each in curve.curve[:6]]
        for name, grades in (("raw clicks", raw), ("corrected", corrected), ("grades", None)):
            regraded = some if grades is None else [graded for o in some if (graded := clicked(o, grades))]
            # The recipe is the same for all, so that only what was learned from differs.
            blend, curves = fit(regraded, Recipe())
            order = LearnedOrder(
                name="", encoder="pocket", asked=frozenset({"words"}), blend=blend, curves=curves
            )
            line[name] = said(examine(lists.dev, order))
        found.append(line)
    return {"questions": len(some), "asked": ASKED, "shown": SHOWN, "seeds": found}


def simulated(lists: Sequence[Listed], rng: np.random.Generator) -> list[Search]:
    """Searches that show judged products in about the blend's order; a place is looked at 1 / place times."""
    found = []
    for one in lists:
        there = np.flatnonzero(~np.isnan(one.grades))
        for _ in range(ASKED):
            noisy = one.candidates.blend[there] + 0.02 * rng.normal(size=there.size)
            order = there[np.argsort(-noisy)][:SHOWN]
            liked = 0.05 + 0.6 * (2 ** one.grades[order] - 1) / 3
            looked = 1 / np.arange(1, order.size + 1)
            clicks = order[rng.random(order.size) < liked * looked]
            products = one.candidates.products
            actions = {products[place]: frozenset({"click"}) for place in clicks}
            shown = tuple(products[place] for place in order)
            found.append(Search(text=one.key, shown=shown, actions=actions))  # type: ignore[arg-type]  # of clicks alone
    return found


def agreement(one: Listed, grades: Mapping[str, Mapping[str, int]]) -> float:
    """NDCG@10 by the true grades of the judged products in the order of those that clicks give."""
    given = grades[one.key]
    products, judged = one.candidates.products, np.flatnonzero(~np.isnan(one.grades))
    order = sorted(judged.tolist(), key=lambda place: (-given.get(products[place], 0), products[place]))
    return ndcg(one.grades[order][:10].tolist(), one.grades[judged].tolist(), 10)


def clicked(one: Listed, grades: Mapping[str, Mapping[str, int]]) -> Listed | None:
    """A question with the grades that clicks give it; None: they teach nothing."""
    given = grades.get(one.key, {})
    held = np.array([given.get(id, np.nan) for id in one.candidates.products], np.float64)
    graded = replace(one, grades=held, ideal=tuple(given.values()))
    return graded if given and graded.teaches else None


def of_mlp(lists: Lists) -> Figures:
    """Curves against a network of 44, 32, 16 and 1 numbers, on the same lists with the same loss."""
    found = []
    for size in (300, 3000):
        for seed in SEEDS:
            rng = np.random.default_rng((seed, size))
            some = [lists.train[place] for place in rng.permutation(len(lists.train))[:size]]
            blend, curves = fit(some, Recipe(stiff=0.01, seed=seed))
            order = LearnedOrder(
                name="", encoder="pocket", asked=frozenset({"words"}), blend=blend, curves=curves
            )
            network = network_of(some, seed)
            by = {
                "curves": ndcgs(lists.dev, partial(scores, order=order)),
                "network": ndcgs(lists.dev, network),
            }
            base = ndcgs(lists.dev, partial(scores, order=None))
            found.append(
                {
                    "learned": size,
                    "seed": seed,
                    **{
                        name: {
                            "full": str(difference(base[0], each[0])),
                            "judged": str(difference(base[1], each[1])),
                        }
                        for name, each in by.items()
                    },
                    "curves less network": str(difference(by["network"][0], by["curves"][0])),
                }
            )
    return {"dev": len(lists.dev), "runs": found}


def ndcgs(lists: Sequence[Listed], score: Callable[[Listed], np.ndarray]) -> np.ndarray:
    """(2, questions) NDCG@10, full and judged."""
    return np.array([one.ndcg(score(one)) for one in lists]).T


def network_of(lists: Sequence[Listed], seed: int) -> Callable[[Listed], np.ndarray]:
    """A multilayer perceptron beside the blend, by AdamW over 20 epochs."""
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    chosen = []
    for one in lists:
        judged = ~np.isnan(one.grades)
        others = rng.permutation(np.flatnonzero(~judged))[:40]
        places = np.concatenate([np.flatnonzero(judged), others])
        chosen.append((one, places, judged[places], (~judged).sum() / max(others.size, 1)))
    every = np.concatenate([one.candidates.features[places] for one, places, _, _ in chosen])
    held = np.ma.masked_invalid(every)  # what is never known stays at 0
    middle, wide = held.mean(axis=0).filled(0), held.std(axis=0).filled(1) + 1e-6

    def inputs(held: Candidates, places: np.ndarray | slice) -> torch.Tensor:
        features = held.features[places]
        known = np.nan_to_num((features - middle) / wide)
        return torch.tensor(np.concatenate([known, np.isnan(features)], axis=1), dtype=torch.float32)

    net = nn.Sequential(
        nn.Linear(2 * middle.size, 32),
        nn.ReLU(),
        nn.Dropout(0.1),
        nn.Linear(32, 16),
        nn.ReLU(),
        nn.Linear(16, 1),
    )
    nn.init.zeros_(net[-1].weight)  # type: ignore[arg-type]  # a layer
    lessons = []
    for one, places, judged, each in chosen:
        gains = np.where(judged, 2 ** np.nan_to_num(one.grades[places]) - 1, 0)
        lessons.append(
            (
                inputs(one.candidates, places),
                6 * torch.tensor(one.candidates.blend[places], dtype=torch.float32),
                torch.tensor(gains / gains.sum(), dtype=torch.float32),
                torch.tensor(np.log(np.where(judged, 1, each)), dtype=torch.float32),
            )
        )
    optimizer = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=1e-2)
    for _ in range(20):
        for batch in np.array_split(rng.permutation(len(lessons)), max(1, len(lessons) // 64)):
            part = [lessons[place] for place in batch]
            given = net(torch.cat([seen for seen, _, _, _ in part]))[:, 0].split(
                [len(g) for _, _, g, _ in part]
            )
            losses = [
                -(gains * (own + base - torch.logsumexp(own + base + weights, 0))).sum()
                for own, (_, base, gains, weights) in zip(given, part, strict=True)
            ]
            optimizer.zero_grad()
            torch.stack(losses).mean().backward()  # type: ignore[no-untyped-call]  # PyTorch does not say
            optimizer.step()
    net.eval()

    def score(one: Listed) -> np.ndarray:
        with torch.no_grad():
            own = net(inputs(one.candidates, slice(None)))[:, 0].numpy()
        return np.asarray(6 * one.candidates.blend + own)

    return score


def of_made(shops: Path) -> Figures:
    """Words and pictures, made of a catalog: whether the vision side learns, and what alpha and beta are."""
    place = shops / "luma-pocket"
    if not (place / "manifest.json").exists():
        Shop.create(place, encoder="pocket", settings=Settings(workers=0)).build(data_dir() / "luma_shop")
    settings = Settings(workers=0)
    shop = Shop.open(place, settings=settings)
    goods = goods_of(shop, silent)
    questions = make(goods.values(), kinds=MADE, count=200).questions
    served = Served.load(place, settings, stamp_of(place))
    asked = listed(questions, served.searched(), pictures_for(shop, settings))
    found = []
    for seed in SEEDS:
        recipe, order, held_out = learned(asked, None, "pocket", seed=seed)
        alone = sides_of(order, held_out)
        exam = examine(held_out, order)
        found.append(
            {
                "seed": seed,
                "alpha": recipe.alpha,
                "beta": recipe.beta,
                "stiff": recipe.stiff,
                "weights": {name: round(weight, 3) for name, weight in weights_of(order).items()},
                "refused": refused(exam),
                **said(exam),
                "sides alone": alone,
            }
        )
    kinds = sorted({one.candidates.kind for one in asked})
    return {"questions": len(asked), "kinds": kinds, "splits": found}


def sides_of(order: LearnedOrder, asked: Sequence[Listed]) -> Figures:
    """What each side of an order gains by itself."""
    side_of = {feature.name: feature.side for feature in FEATURES}
    found: Figures = {}
    for side in ("text", "vision", "attributes"):
        kept = {name: curve for name, curve in order.curves.items() if side_of[name] == side}
        found[side] = str(examine(asked, replace(order, curves=kept)).gain)
    return found


def of_speed(shop: Shop, lists: Lists) -> Figures:
    """What a question costs with and without a learned order, in turn; and NumPy against ONNX Runtime."""
    _, order, _ = learned(lists.dev, None, "pocket")
    served = Served.load(shop.folder, Settings(workers=0), stamp_of(shop.folder))
    texts = [one.key.split("\x1f")[0] for one in lists.dev][:200]
    took: dict[str, list[float]] = {"blend": [], "learned": []}
    for again in range(3):
        for text in texts:
            for name, scorer in (("blend", None), ("learned", order)):
                started = perf_counter()
                find(Query(text=text, k=10), replace(served.searched(), scorer=scorer))
                if again:  # the first round warms up
                    took[name].append(1000 * (perf_counter() - started))
    apart = np.array(took["learned"]) - np.array(took["blend"])
    features = [one.candidates for one in lists.dev][:200]
    curves = [timed_ms(partial(order.gives, held)) for held in features for _ in range(5)]
    opened, ran = onnx_ms([held.features for held in features])
    card = json.dumps(order.as_dict())
    return {
        "questions": len(texts),
        "products": len(served.snapshot),
        "blend_ms": quantiles(took["blend"]),
        "learned_ms": quantiles(took["learned"]),
        "more_ms": quantiles(apart.tolist()),
        "curves_ms": quantiles(curves),
        "onnx_ms": quantiles(ran),
        "onnx_opened_ms": round(opened, 2),
        "card_bytes": len(card),
    }


def onnx_ms(batches: Sequence[np.ndarray]) -> tuple[float, list[float]]:
    """How long ONNX Runtime takes to open a network like that of `of_mlp`, and to run it on each batch."""
    rng = np.random.default_rng(7)
    sizes = (2 * batches[0].shape[1], 32, 16, 1)
    nodes, weights, held = [], [], "seen"
    for number, (wide, narrow) in enumerate(pairwise(sizes)):
        weights += [
            numpy_helper.from_array(rng.normal(size=(wide, narrow)).astype(np.float32), f"weight{number}"),
            numpy_helper.from_array(np.zeros(narrow, np.float32), f"bias{number}"),
        ]
        nodes.append(helper.make_node("Gemm", [held, f"weight{number}", f"bias{number}"], [f"sum{number}"]))
        nodes.append(helper.make_node("Relu", [f"sum{number}"], [f"out{number}"]))
        held = f"out{number}"
    ends = (
        helper.make_tensor_value_info("seen", TensorProto.FLOAT, ["n", sizes[0]]),
        helper.make_tensor_value_info(held, TensorProto.FLOAT, ["n", 1]),
    )
    graph = helper.make_graph(nodes, "order", [ends[0]], [ends[1]], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    started = perf_counter()
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    opened = 1000 * (perf_counter() - started)

    def run(features: np.ndarray) -> None:
        both = np.concatenate([np.nan_to_num(features), np.isnan(features)], axis=1)
        session.run(None, {"seen": both.astype(np.float32)})

    return opened, [timed_ms(partial(run, each)) for each in batches for _ in range(5)]


def timed_ms(call: Callable[[], object]) -> float:
    """Milliseconds that a call takes."""
    started = perf_counter()
    call()
    return 1000 * (perf_counter() - started)


def quantiles(values: Sequence[float]) -> Figures:
    """Median and 95th percentile."""
    return {"p50": round(float(np.median(values)), 3), "p95": round(float(np.quantile(values, 0.95)), 3)}


def main() -> None:
    """Build what is not built, measure, record."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("only", nargs="*", help=f"of {', '.join(WHAT)}; default: all")
    parser.add_argument("--shops", type=Path, default=ROOT / "build" / "judged")
    parser.add_argument("--print", action="store_true", help="do not record")
    given = parser.parse_args()
    if unknown := [name for name in given.only if name not in WHAT]:
        parser.error(f"there is no '{unknown[0]}'; known: {', '.join(WHAT)}")
    given.shops.mkdir(parents=True, exist_ok=True)
    for what in given.only or WHAT:
        pack, measure = WHAT[what]
        if not (data_dir() / pack).is_dir():
            print(
                f"There is no {data_dir() / pack}: set TEST_DATA_DIR to the folder of data packs.",
                file=sys.stderr,
            )
            return
        if pack == "luma_shop":
            figures = measure(given.shops, None, None)
        else:
            name = pack.removeprefix("search_")
            shop = shop_of(CATALOGS[name](data_dir()), given.shops, "pocket")
            lists = lists_of(name, shop, given.shops / f"{name}-lists.pickle")
            figures = measure(given.shops, shop, lists)
        line: Figures = {"what": what, "pack": pack, "encoder": "pocket", **figures}
        if given.print:
            print(json.dumps(line, ensure_ascii=False, indent=1))
        else:
            record("learned_rank", line)


WHAT: Final[Mapping[str, tuple[str, Callable[..., Figures]]]] = {
    "icecat": ("search_icecat", lambda _, shop, lists: of_icecat(lists)),
    "homedepot": ("search_homedepot", lambda _, shop, lists: of_homedepot(lists)),
    "curve": ("search_homedepot", lambda _, shop, lists: of_curve(lists)),
    "clicks": ("search_homedepot", lambda _, shop, lists: of_clicks(lists)),
    "mlp": ("search_homedepot", lambda _, shop, lists: of_mlp(lists)),
    "made": ("luma_shop", lambda shops, _, lists: of_made(shops)),
    "speed": ("search_homedepot", lambda _, shop, lists: of_speed(shop, lists)),
}


if __name__ == "__main__":
    main()
