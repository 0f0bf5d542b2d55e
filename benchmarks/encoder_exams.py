"""The exams of an encoder on real data: words and pictures it has not learned from, in both languages.

    python benchmarks/encoder_exams.py --encoder pocket               # the test splits; recorded
    python benchmarks/encoder_exams.py --encoder pocket --split val   # what may be tuned on; printed

Titles are asked among the pictures of their split; equal titles are one question. Attribute questions and
synonyms use words that training never sees (`duomo.train.lexicon.exam`). Zero-shot: a photo is given the
class whose name is nearest. Every figure has its number of questions, and means have bootstrap intervals.
"""

import argparse
import csv
import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np

from duomo.arrays import Pixels, Vectors
from duomo.catalog.read import read_catalog
from duomo.encode.base import Towers
from duomo.encode.models import load_encoder
from duomo.guard.pictures import read_picture
from duomo.measure.compare import interval
from duomo.measure.crossing import pictures_to_words, words_to_pictures
from duomo.measure.ranking import first_ranks, hits_at, table
from duomo.settings import Settings
from duomo.train.lexicon import exam
from duomo.train.pairs import Pair, pairs_of
from provenance import pack_or_end, record

# class folder of clothing_photos -> its names; written for this exam
CLOTHES: Final[Mapping[str, tuple[str, str]]] = {
    "dress": ("dress", "连衣裙"),
    "hat": ("hat", "帽子"),
    "longsleeve": ("long sleeve shirt", "长袖上衣"),
    "outwear": ("coat or jacket, outerwear", "外套"),
    "pants": ("pants", "裤子"),
    "shirt": ("shirt with collar and buttons", "衬衫"),
    "shoes": ("shoes", "鞋子"),
    "shorts": ("shorts", "短裤"),
    "skirt": ("skirt", "半身裙"),
    "t-shirt": ("t-shirt", "T恤"),
}
GROCERIES: Final[Mapping[str, str]] = {
    **{"Apple": "苹果", "Asparagus": "芦笋", "Aubergine": "茄子", "Avocado": "牛油果", "Banana": "香蕉"},
    **{"Cabbage": "卷心菜", "Carrots": "胡萝卜", "Cucumber": "黄瓜", "Garlic": "大蒜", "Ginger": "生姜"},
    **{"Juice": "果汁", "Kiwi": "猕猴桃", "Leek": "韭葱", "Lemon": "柠檬", "Lime": "青柠", "Mango": "芒果"},
    **{"Melon": "甜瓜", "Milk": "牛奶", "Mushroom": "蘑菇", "Nectarine": "油桃", "Oat Milk": "燕麦奶"},
    **{
        "Oatghurt": "燕麦酸奶",
        "Onion": "洋葱",
        "Orange": "橙子",
        "Papaya": "木瓜",
        "Passion Fruit": "百香果",
    },
    **{"Peach": "桃子", "Pear": "梨", "Pepper": "甜椒", "Pineapple": "菠萝", "Plum": "李子"},
    **{"Pomegranate": "石榴", "Potato": "土豆", "Red Beet": "甜菜根", "Red Grapefruit": "红西柚"},
    **{"Satsumas": "蜜橘", "Sour Cream": "酸奶油", "Sour Milk": "发酵乳", "Soy Milk": "豆奶"},
    **{"Soyghurt": "大豆酸奶", "Tomato": "番茄", "Yoghurt": "酸奶", "Zucchini": "西葫芦"},
}
Figures = dict[str, object]


def pictures_of(encoder: Towers, files: Sequence[Path]) -> Vectors:
    """(n, dim) the vectors of picture files, opened as a build opens them."""
    assert encoder.picture
    side = Settings().picture_side
    rows = [np.zeros((0, encoder.picture.card.dim), np.float32)]
    for start in range(0, len(files), 64):
        some: list[Pixels] = [read_picture(file, side=side).pixels for file in files[start : start + 64]]
        rows.append(encoder.picture.encode(some))
    return np.concatenate(rows)


def words_of(encoder: Towers, texts: Sequence[str]) -> Vectors:
    """(n, dim) the vectors of texts."""
    assert encoder.text
    return encoder.text.encode(texts)


def titles(encoder: Towers, pairs: Sequence[Pair]) -> Figures:
    """Title to picture and back."""
    names = [pair.title for pair in pairs]
    words, pictures = words_of(encoder, names), pictures_of(encoder, [pair.picture for pair in pairs])
    there, back = words_to_pictures(words, pictures, names), pictures_to_words(words, pictures, names)
    return {
        "pictures": len(pairs),
        "titles": len(there),
        "text_to_image": table(there),
        "image_to_text": table(back),
        "r10_interval": str(interval(there <= 10)),
    }


def unseen_words(encoder: Towers, pairs: Sequence[Pair]) -> Figures:
    """Chinese questions of a color and a type in words that training never saw."""
    said: dict[str, list[str]] = {}
    for pair in exam("attribute_words"):
        said.setdefault(pair.a.casefold(), []).append(pair.b)
    asked = sorted(
        {
            (p.attributes["color"], p.attributes["type"])
            for p in pairs
            if {"color", "type"} <= p.attributes.keys()
            and p.attributes["color"].casefold() in said
            and p.attributes["type"].casefold() in said
        }
    )
    pictures = pictures_of(encoder, [pair.picture for pair in pairs])
    questions = [said[color.casefold()][0] + said[kind.casefold()][0] for color, kind in asked]
    right = np.array(
        [[(p.attributes.get("color"), p.attributes.get("type")) == wanted for p in pairs] for wanted in asked]
    )
    ranks = first_ranks(words_of(encoder, questions) @ pictures.T, right)
    return {"n": len(asked), **table(ranks), "r10_interval": str(interval(ranks <= 10))}


def unseen_types(encoder: Towers, pairs: Sequence[Pair]) -> Figures:
    """English names of types that occur in no title: share of the ten nearest that are of the type."""
    types = [pair.attributes.get("type", "").casefold() for pair in pairs]
    asked = [pair for pair in exam("type_synonym") if types.count(pair.a.casefold()) >= 10]
    scores = (
        words_of(encoder, [pair.b for pair in asked]) @ pictures_of(encoder, [p.picture for p in pairs]).T
    )
    best = np.argsort(-scores, axis=1, kind="stable")[:, :10]
    shares = [np.mean([types[c] == p.a.casefold() for c in row]) for p, row in zip(asked, best, strict=True)]
    chance = float(np.mean([types.count(pair.a.casefold()) / len(types) for pair in asked]))
    return {"n": len(asked), "p10": str(interval(np.array(shares))), "chance": round(chance, 3)}


def zero_shot(
    encoder: Towers, files: Sequence[Path], answers: Sequence[str], names: Mapping[str, str]
) -> Figures:
    """Share of the photos whose nearest class name is their own."""
    classes = list(names)
    nearest = (pictures_of(encoder, files) @ words_of(encoder, list(names.values())).T).argmax(axis=1)
    right = np.array([classes[best] == answer for best, answer in zip(nearest, answers, strict=True)])
    return {"n": len(files), "classes": len(classes), "accuracy": str(interval(right))}


def pairs_of_words(encoder: Towers, name: str) -> Figures:
    """Share of the words whose partner is the nearest among all partners of the exam."""
    asked = exam("synonym") if name == "synonym" else exam("translation")
    words, partners = (words_of(encoder, [getattr(p, side) for p in asked]) for side in ("a", "b"))
    ranks = first_ranks(words @ partners.T, np.eye(len(asked), dtype=bool))
    return {"n": len(asked), "r1": round(hits_at(ranks, 1), 3), "mrr": table(ranks)["mrr"]}


def exams(data: Path, split: str) -> Mapping[str, Callable[[Towers], Figures]]:
    """Every exam by name."""

    def pack(name: str) -> list[Pair]:
        found = pairs_of(read_catalog(data / name / "products.csv").products, domain=name)
        return [pair for pair in found if pair.split == split]

    sharp, small = pack("fashion_products_224"), pack("fashion_products")
    clothes = [
        (data / "clothing_photos" / row["image"], row["subcategory"])
        for row in rows_of(data / "clothing_photos" / "products.csv")
        if row["split"] == split
    ]
    groceries = [
        (data / "grocery_store" / row["image"], row["coarse_class_name"])
        for row in rows_of(data / "grocery_store" / "photos.csv")
        if row["split"] == "val"
    ]

    def photos(shot: Sequence[tuple[Path, str]], names: Mapping[str, str]) -> Callable[[Towers], Figures]:
        return partial(
            zero_shot, files=[file for file, _ in shot], answers=[kind for _, kind in shot], names=names
        )

    return {
        "fashion_224": partial(titles, pairs=sharp),
        "fashion_60x80": partial(titles, pairs=small),
        "chinese_unseen_words": partial(unseen_words, pairs=sharp),
        "english_unseen_types": partial(unseen_types, pairs=sharp),
        "clothes_en": photos(clothes, {kind: names[0] for kind, names in CLOTHES.items()}),
        "clothes_zh": photos(clothes, {kind: names[1] for kind, names in CLOTHES.items()}),
        "groceries_en": photos(groceries, {name: name.lower() for name in GROCERIES}),
        "groceries_zh": photos(groceries, GROCERIES),
        "synonyms": partial(pairs_of_words, name="synonym"),
        "translations": partial(pairs_of_words, name="translation"),
    }


def rows_of(path: Path) -> list[dict[str, str]]:
    """The rows of a small CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def main() -> None:
    """Examine, and record what the test splits gave."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--encoder", default="hashed", help="name or folder of an encoder")
    parser.add_argument("--split", choices=("val", "test"), default="test")
    parser.add_argument("--only", nargs="*", help="names of exams; default: all")
    given = parser.parse_args()
    data = pack_or_end(None, "fashion_products_224").parent
    encoder = load_encoder(given.encoder)
    if not encoder.text or not encoder.picture or encoder.text.card.space != encoder.picture.card.space:
        raise SystemExit(f"Words and pictures of '{encoder.name}' cannot be compared: nothing to examine.")
    figures = {
        name: examine(encoder)
        for name, examine in exams(data, given.split).items()
        if not given.only or name in given.only
    }
    cards = {card.modality: card.hash for card in encoder.cards}
    line: dict[str, object] = {
        "encoder": Path(given.encoder).name,
        "split": given.split,
        "cards": cards,
        **figures,
    }
    if given.split == "test" and not given.only:
        record("encoder_exams", line)
    else:
        print(json.dumps(line, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
