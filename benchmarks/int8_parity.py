"""What INT8 costs: one pair of heads on the shipped towers, and on the same towers in float.

    python benchmarks/int8_parity.py --encoder pocket --work build/pocket

The float towers are what `make model` left in its work folder; without them there is nothing to compare.
Asked is the test split of fashion_products_224, title to picture; the floor is a cosine of 0.98 at the
median, and ranking metrics within 1 %.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np

from duomo.arrays import Vectors
from duomo.encode.heads import HeadWeights
from duomo.encode.models import SHIPPED
from duomo.measure.crossing import words_to_pictures
from duomo.measure.ranking import table
from provenance import ROOT, pack_or_end, record


def cosine(first: Vectors, second: Vectors) -> float:
    """Median cosine of rows."""
    lengths = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    return float(np.median((first * second).sum(axis=1) / lengths))


def main() -> None:
    """Measure and record."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--encoder", default="pocket", help="name of a shipped encoder, or a folder")
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "pocket")
    given = parser.parse_args()
    pack = pack_or_end(None, "fashion_products_224")
    shipped = SHIPPED / given.encoder
    folder = shipped if shipped.is_dir() else Path(given.encoder)
    picture, words = given.work / f"picture-{folder.name}.safetensors", given.work / "text" / "student"
    if not picture.is_file() or not words.is_dir():
        print(f"There is no {picture} and {words} in float: run make model first.")
        return
    from safetensors.torch import load_file

    from duomo.catalog.read import read_catalog
    from duomo.encode.models import load_encoder
    from duomo.train.features import features_of
    from duomo.train.material import Said
    from duomo.train.pairs import pairs_of
    from duomo.train.towers.picture import FEATURES, PictureTower
    from duomo.train.towers.text import encode_texts

    towers, heads = load_encoder(str(folder)), HeadWeights.load(folder / "heads.safetensors")
    assert towers.text
    pairs = [
        p for p in pairs_of(read_catalog(pack / "products.csv").products, domain="") if p.split == "test"
    ]
    titles = [pair.title for pair in pairs]
    tower = PictureTower()
    tower.load_state_dict(load_file(picture))
    with tempfile.TemporaryDirectory() as place:
        files = [pair.picture for pair in pairs]
        small = features_of(files, Path(place), model=folder / "picture.onnx")
        whole = features_of(files, Path(place), tower=tower.eval())
    ids = said_ids(folder, titles)
    said = {"int8": towers.text.encode(titles)}
    said["float"] = heads.words(*Said(encode_texts(words, titles).hidden, ids))
    shown = {
        name: heads.pictures(rows[:, :FEATURES], rows[:, FEATURES:])
        for name, rows in (("int8", small), ("float", whole))
    }
    tables = {name: table(words_to_pictures(said[name], shown[name], titles)) for name in ("int8", "float")}
    record(
        "int8_parity",
        {
            "encoder": folder.name,
            "n": len(pairs),
            "cosine_features": round(cosine(small[:, :FEATURES], whole[:, :FEATURES]), 4),
            "cosine_pictures": round(cosine(shown["int8"], shown["float"]), 4),
            "cosine_words": round(cosine(said["int8"], said["float"]), 4),
            **tables,
            "ratio": {
                name: round(float(tables["int8"][name]) / float(tables["float"][name]), 4)
                for name in ("r1", "r10", "mrr")
            },
        },
    )


def said_ids(folder: Path, texts: list[str]) -> np.ndarray:
    """(n, tokens) ids of texts, 0 where a text has no more."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder.parent / "towers" / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(64)
    tokens = [found.ids for found in tokenizer.encode_batch(texts)]
    ids = np.zeros((len(tokens), max(map(len, tokens))), np.int32)
    for row, each in zip(ids, tokens, strict=True):
        row[: len(each)] = each
    return ids


if __name__ == "__main__":
    main()
