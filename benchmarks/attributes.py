"""How well attributes of goods are read: named in text, shown on pictures, and by both together.

    python benchmarks/attributes.py                       # all parts, recorded
    python benchmarks/attributes.py --part pictures --split val   # printed, not recorded

planted: texts in both languages that this program writes, so that every value and its place is known, with
denials, parts of another color, brands with colors in their names and things beside; and titles with planted
amounts. titles: what real titles name, against what their catalog gives. pictures: colors and the like from
the picture alone, beside the baselines (color histogram and logistic regression, zero-shot by `pocket`, the
most frequent value), and with another background put behind the goods. both: words and picture together,
calibration, contradictions. evidence: what deleting the evidence does, beside deleting as much at random.
speed: two cores.
"""

import argparse
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from attribute_heads import GIVEN, SLEEVES, goods_of, right_of
from duomo.arrays import Pixels, Vectors
from duomo.encode.colors import color_histogram
from duomo.encode.models import load_encoder
from duomo.encode.regions import Box
from duomo.guard.pictures import open_picture
from duomo.measure.compare import interval
from duomo.measure.labels import calibration_error
from duomo.product import Product
from duomo.settings import Settings
from duomo.understand.amounts import amounts_in
from duomo.understand.attributes import AttributeReader, Goods
from duomo.understand.category import Trained
from duomo.understand.category import read as category
from duomo.understand.classify import words_of
from duomo.understand.classify_goods import Opener, learn
from duomo.understand.facets import Facet, basic_color, value_called, values_of
from duomo.understand.reading import Reading
from duomo.understand.seen import Eyes
from duomo.understand.seen_colors import COLORS_NAMED
from duomo.understand.sight import Sight
from duomo.understand.spotted import Spotter, of_goods
from planted_attributes import planted_amounts, planted_texts
from provenance import packs_or_end, record

Line = dict[str, object]
NAMED: Final[tuple[Facet, ...]] = (
    *("color", "pattern", "material", "sleeve", "neckline", "gender", "season", "size"),
)  # in planted texts
_AT_ONCE: Final = 64
_TAUGHT: Final = 1500  # goods that the category of the timing is learned from
_LEARNED: Final = 12_000  # histograms that the baseline learns from


def pictures_of(products: Sequence[Product]) -> list[Pixels]:
    """The first picture of each."""
    return [open_picture(Path(each.media[0].source).read_bytes()).pixels for each in products]


def planted(seed: int = 7, count: int = 3000) -> Line:
    """Precision and recall of values with exactly their places, by facet and language; amounts."""
    line: Line = {"part": "planted", "texts": count, "seed": seed}
    spotter = Spotter.of()
    for language in ("en", "zh"):
        hits: Counter[str] = Counter()
        said: Counter[str] = Counter()
        there: Counter[str] = Counter()
        for text, truth in planted_texts(count, language, np.random.default_rng(seed)):
            spots = spotter.spots(text)
            own = [spot for facet in NAMED for spot in of_goods(spots, facet)]
            found = {(s.facet, s.value, s.start, s.end) for s in own if not s.denied}
            said.update(facet for facet, *_ in found)
            there.update(facet for facet, *_ in truth)
            hits.update(facet for facet, *_ in found & truth)
        line[language] = {
            facet: {
                "precision": round(hits[facet] / max(said[facet], 1), 4),
                "recall": round(hits[facet] / there[facet], 4),
                "n": there[facet],
            }
            for facet in there
        }
        right = [
            [(each.total, each.unit, each.start, each.end) for each in amounts_in(title)] == [truth]
            for title, truth in planted_amounts(count, language, np.random.default_rng(seed))
        ]
        line[f"amounts_{language}"] = {"n": len(right), "exact": str(interval(np.array(right)))}
    return line


def titles(split: str) -> Line:
    """What real titles name against what is given; where the given name stands in the title, is it found."""
    line: Line = {"part": "titles", "pack": "fashion_products", "split": split}
    spotter, products = Spotter.of(), goods_of("fashion_products", split)
    for facet in GIVEN:
        precise, found, near = [], [], []
        for product in products:
            right = right_of(product, facet)
            spots = [s for s in of_goods(spotter.spots(product.title), facet) if not s.denied]
            named = [spot.value for spot in spots]
            if not right:
                continue
            if named:
                precise.append(right in named)
                near.append(basic_color(right) in map(basic_color, named))
            given = product.attributes[facet][0]
            if f" {given.lower()} " in f" {product.title.lower()} ":
                found.append(right in named)
        line[facet] = {
            "named": len(precise),
            "precision": str(interval(np.array(precise))),
            "recall_of_its_name": str(interval(np.array(found))),
            "name_stands_there": len(found),
            **({"precision_basic": str(interval(np.array(near)))} if facet == "color" else {}),
        }
    return line


def looked(shown: Sequence[Pixels], eyes: Eyes) -> dict[Facet, tuple[list[str], NDArray[np.float32]]]:
    """Of each facet the labels, and (n, labels) what the eyes give to them on each picture."""
    rows: dict[Facet, list[NDArray[np.float32]]] = {}
    labels: dict[Facet, list[str]] = {}
    for start in range(0, len(shown), _AT_ONCE):
        for facet, said in eyes.look(shown[start : start + _AT_ONCE]).said.items():
            rows.setdefault(facet, []).append(said.probabilities)
            labels[facet] = list(said.labels)
    return {facet: (labels[facet], np.concatenate(parts)) for facet, parts in rows.items()}


def zero_shot(facet: Facet, labels: Sequence[str], vectors: Vectors) -> NDArray[np.int64]:
    """The label whose names in both languages lie nearest to each picture in the space of `pocket`."""
    text = load_encoder("pocket").text
    if text is None:
        raise ValueError("pocket reads words")
    names = {value.en[0]: (value.en[0], value.zh[0]) for value in values_of(facet)}
    words = np.stack([text.encode(names[label]).mean(axis=0) for label in labels])
    words /= np.linalg.norm(words, axis=1, keepdims=True)
    return np.asarray((vectors @ words.T).argmax(axis=1))


def in_pocket(shown: Sequence[Pixels]) -> Vectors:
    """(n, dim) the pictures in the space of `pocket`."""
    picture = load_encoder("pocket").picture
    if picture is None:
        raise ValueError("pocket sees pictures")
    return picture.encode(shown)


def ece(labels: Sequence[str], shares: NDArray[np.float32], right: Sequence[str]) -> float:
    """Calibration error over goods whose value is one of the labels."""
    known = [row for row, label in enumerate(right) if label in labels]
    places = np.array([labels.index(right[row]) for row in known])
    return round(calibration_error(shares[known] / shares[known].sum(axis=1, keepdims=True), places), 4)


def told(guessed: Sequence[str], right: Sequence[str], basic: bool) -> Line:
    """Accuracy, and that of the basic color."""
    exact = np.array([guess == label for guess, label in zip(guessed, right, strict=True)])
    near = np.array([basic_color(g) == basic_color(r) for g, r in zip(guessed, right, strict=True)])
    return {"accuracy": str(interval(exact)), **({"basic": str(interval(near))} if basic else {})}


def other_background(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """The goods before another color: what is nearly as the plain rim is painted over."""
    rim = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    away = np.abs(pixels.astype(np.int16) - np.median(rim, axis=0)).max(axis=2)
    shade = rng.integers(30, 226, 3)
    noise = rng.normal(0, 6, pixels.shape)
    painted = np.clip(shade + noise, 0, 255).astype(np.uint8)
    return np.where((away <= 14)[:, :, None], painted, pixels)


def pictures(split: str) -> Line:
    """Facets from the picture alone, beside baselines."""
    line: Line = {"part": "pictures", "pack": "fashion_products", "split": split}
    eyes, plain = Eyes.of(), Eyes()
    products = goods_of("fashion_products", split)
    shown = pictures_of(products)
    seen, vectors = looked(shown, eyes), in_pocket(shown)
    for facet in GIVEN:
        right = [right_of(product, facet) for product in products]
        some = [row for row, label in enumerate(right) if label]
        answers = [right[row] for row in some]
        line[facet] = compared(facet, *seen[facet], vectors, some, answers)
    right = [right_of(product, "color") for product in products]
    some = [row for row, label in enumerate(right) if label]
    answers, chosen = [right[row] for row in some], [shown[row] for row in some]
    by_histogram, rng = histogram_head(), np.random.default_rng(7)
    other = [other_background(pixels, rng) for pixels in chosen]
    for name, given in (("color, baselines", chosen), ("color, other background", other)):
        _, named = looked(given, plain)["color"]
        line[name] = {
            "histogram_and_regression": told(list(by_histogram(given)), answers, True),
            "cielab_alone": told([COLORS_NAMED[place] for place in named.argmax(1)], answers, True),
        }
    labels, shares = looked(other, Eyes.of(facets=("color",)))["color"]
    line["color, other background, head"] = told([labels[p] for p in shares.argmax(1)], answers, True)
    spotter = Spotter.of()
    named_patterns = [
        {s.value for s in of_goods(spotter.spots(product.title), "pattern")} for product in products
    ]
    some = [row for row, values in enumerate(named_patterns) if len(values) == 1]
    answers = [next(iter(named_patterns[row])) for row in some]
    line["pattern, named in the title"] = compared("pattern", *seen["pattern"], vectors, some, answers)
    photos = [photo for photo in goods_of("clothing_photos", split) if photo.title in SLEEVES]
    answers = [SLEEVES[photo.title] for photo in photos]
    line["sleeve, clothing_photos"] = by_head("sleeve", pictures_of(photos), answers)
    luma = [p for p in goods_of("luma_shop", "") if p.media and len(p.attributes.get("pattern", ())) == 1]
    found = [value_called("pattern", product.attributes["pattern"][0]) for product in luma]
    some = [row for row, answer in enumerate(found) if answer in ("solid", "striped", "checked", "graphic")]
    chosen, answers = pictures_of([luma[row] for row in some]), [found[row] for row in some]
    line["pattern, luma_shop"] = by_head("pattern", chosen, answers)
    return line


def compared(
    facet: Facet,
    labels: list[str],
    shares: NDArray[np.float32],
    vectors: Vectors,
    some: Sequence[int],
    answers: Sequence[str],
) -> Line:
    """A head beside zero-shot and the most frequent value, on some of the pictures."""
    basic = facet == "color"
    guess = zero_shot(facet, labels, vectors[some])
    often = Counter(answers).most_common(1)[0][0]
    return {
        "n": len(answers),
        **told([labels[place] for place in shares[some].argmax(axis=1)], answers, basic),
        "calibration_error": ece(labels, shares[some], answers),
        "zero_shot_pocket": told([labels[place] for place in guess], answers, basic),
        "most_frequent": told([often] * len(answers), answers, basic),
    }


def by_head(facet: Facet, shown: Sequence[Pixels], answers: Sequence[str]) -> Line:
    """The same on other pictures."""
    labels, shares = looked(shown, Eyes.of(facets=(facet,)))[facet]
    return compared(facet, labels, shares, in_pocket(shown), range(len(shown)), answers)


def histogram_head() -> Callable[[Sequence[Pixels]], NDArray[np.str_]]:
    """The baseline: logistic regression on color histograms of the train split."""
    products = [p for p in goods_of("fashion_products", "train") if right_of(p, "color")][:_LEARNED]
    model = LogisticRegression(C=30.0, max_iter=1000)
    model.fit(color_histogram(pictures_of(products)), [right_of(product, "color") for product in products])
    return lambda shown: np.asarray(model.predict(color_histogram(shown)))


def read_all(
    products: Sequence[Product], shown: Sequence[Pixels | None], facets: Sequence[Facet]
) -> list[dict[Facet, Reading]]:
    """What the reader says of goods, whatever its probability."""
    reader = AttributeReader.shipped(facets=tuple(facets), sure=0.0)
    found = []
    for start in range(0, len(products), _AT_ONCE):
        some = slice(start, start + _AT_ONCE)
        goods = [Goods.of(*each) for each in zip(products[some], shown[some], strict=True)]
        found += [dict(each.readings) for each in reader.read(goods)]
    return found


def both(split: str) -> Line:
    """Words and picture together: how often right, how well calibrated, and what contradictions come to."""
    line: Line = {"part": "both", "pack": "fashion_products", "split": split}
    products = goods_of("fashion_products", split)
    shown = pictures_of(products)
    ways: dict[str, Sequence[Pixels | None]] = {
        "words": [None] * len(products),
        "words_and_picture": shown,
    }
    for way, given in ways.items():
        found = read_all(products, given, GIVEN)
        for facet in GIVEN:
            sure, hit, apart = [], [], []
            for product, readings in zip(products, found, strict=True):
                right, reading = right_of(product, facet), readings.get(facet)
                if not right or reading is None:
                    continue
                if reading.doubt == "conflict":
                    apart.append([choice.label == right for choice in reading.alternatives[:2]])
                    continue
                sure.append(reading.probability)
                hit.append(reading.label == right)
            scores = np.array(sure)
            answered = scores >= 0.6
            line[f"{facet}, {way}"] = {
                "n": len(hit),
                "accuracy": str(interval(np.array(hit))),
                "calibration_error": round(binary_ece(scores, np.array(hit)), 4),
                "answered": round(float(answered.mean()), 4),
                "right_of_answered": str(interval(np.array(hit)[answered])),
                "contradictions": len(apart),
                **(
                    {
                        "words_right": float(np.mean([a for a, _ in apart])),
                        "picture_right": float(np.mean([b for _, b in apart])),
                    }
                    if apart
                    else {}
                ),
            }
    return line


def binary_ece(sure: NDArray[np.float64], hit: NDArray[np.bool_], bins: int = 15) -> float:
    """Calibration error of the probability of the answer."""
    place = np.minimum((sure * bins).astype(int), bins - 1)
    return float(sum(abs(hit[place == b].sum() - sure[place == b].sum()) for b in range(bins)) / len(hit))


def evidence(split: str, count: int = 600) -> Line:
    """How far a decision falls when its evidence is deleted, beside deleting as much elsewhere at random."""
    products = goods_of("fashion_products", split)[:count]
    shown, rng = pictures_of(products), np.random.default_rng(7)
    reader = AttributeReader.shipped(facets=("color", "gender"), sure=0.0)

    def probability(goods: Goods, facet: Facet, label: str) -> float:
        reading = reader.read([goods])[0].readings.get(facet)
        every = [] if reading is None else [*reading.alternatives]
        if reading is not None and reading.label == label:
            return reading.probability
        return next((choice.probability for choice in every if choice.label == label), 0.0)

    falls: dict[str, list[tuple[float, float]]] = {"words": [], "picture": []}
    for product, pixels in zip(products, shown, strict=True):
        for part in ("words", "picture"):
            goods = Goods.of(product, pixels if part == "picture" else None)
            if part == "picture":
                goods = Goods(title="", picture=pixels)
            reading = reader.read([goods])[0].readings.get("color")
            if reading is None or reading.label is None or not reading.evidence:
                continue
            piece = reading.evidence[0]
            if piece.part == "words":
                length = piece.end - piece.start
                places = [
                    p
                    for p in range(len(goods.title) - length + 1)
                    if p >= piece.end or p + length <= piece.start
                ]
                if not places:
                    continue
                at = int(rng.choice(places))
                cuts = [(piece.start, piece.end), (at, at + length)]
                less = [
                    Goods(title=goods.title[:a] + " " * (b - a) + goods.title[b:], brand=goods.brand)
                    for a, b in cuts
                ]
            elif piece.box is not None:
                less = [
                    Goods(title="", picture=blanked(pixels, box))
                    for box in (piece.box, elsewhere(piece.box, rng))
                ]
            label = reading.label
            named, other = (reading.probability - probability(each, "color", label) for each in less)
            falls[part].append((named, other))
    line: Line = {"part": "evidence", "pack": "fashion_products", "split": split}
    for part, pairs in falls.items():
        without, without_other = np.array(pairs).T
        line[part] = {
            "n": len(pairs),
            "fall_without_the_evidence": str(interval(without)),
            "fall_without_as_much_elsewhere": str(interval(without_other)),
            "evidence_matters_more": str(interval(without > without_other)),
        }
    return line


def blanked(pixels: Pixels, box: Box) -> Pixels:
    """The picture with a box painted in the color of its rim."""
    height, width = pixels.shape[:2]
    rim = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    changed = pixels.copy()
    rows = slice(round(box.y * height), round((box.y + box.h) * height))
    changed[rows, round(box.x * width) : round((box.x + box.w) * width)] = np.median(rim, axis=0)
    return changed


def elsewhere(box: Box, rng: np.random.Generator) -> Box:
    """A box of the same size at random."""
    return Box(x=float(rng.uniform(0, 1 - box.w)), y=float(rng.uniform(0, 1 - box.h)), w=box.w, h=box.h)


def speed(split: str, count: int = 1000) -> Line:
    """Products a second: attributes by words, with pictures, and together with a trained category."""
    products = goods_of("fashion_products", split)[:count]
    shown = pictures_of(products)
    goods = [Goods.of(*each) for each in zip(products, shown, strict=True)]
    words = AttributeReader(spotter=Spotter.of())
    both = AttributeReader.shipped()
    taught = learn(goods_of("fashion_products", "train")[:_TAUGHT], "article_type", Opener(Settings()))
    classifier = Trained(taught.head, Sight.shipped())

    def categories(some: slice) -> list[Reading]:
        return list(category(classifier, [words_of(product) for product in products[some]], shown[some]))

    ways: dict[str, Callable[[slice], object]] = {
        "attributes, words": lambda some: words.read([Goods.of(product) for product in products[some]]),
        "attributes, words and picture": lambda some: both.read(goods[some]),
        "attributes and category, words and picture": lambda some: (both.read(goods[some]), categories(some)),
    }
    line: Line = {"part": "speed", "pack": "fashion_products", "products": len(goods)}
    for way, read in ways.items():
        read(slice(0, _AT_ONCE))
        took = []
        for _ in range(3):
            start = perf_counter()
            for at in range(0, len(goods), _AT_ONCE):
                read(slice(at, at + _AT_ONCE))
            took.append(len(goods) / (perf_counter() - start))
        line[f"{way}, products a second"] = [round(each, 1) for each in sorted(took)]
    return line


PARTS: Final = {
    "planted": lambda _: planted(),
    "titles": titles,
    "pictures": pictures,
    "both": both,
    "evidence": evidence,
    "speed": speed,
}


def main() -> None:
    """Measure and record, or print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--part", choices=tuple(PARTS), action="append")
    parser.add_argument("--split", choices=("val", "test"), default="test")
    asked = parser.parse_args()
    packs_or_end("fashion_products")
    for part in asked.part or PARTS:
        line = PARTS[part](asked.split)
        if asked.split == "test":
            record("attributes", line)
        else:
            print(line, flush=True)


if __name__ == "__main__":
    main()
