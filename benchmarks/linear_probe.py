"""What a straight line reads off the features of an encoder's picture tower: ten classes of phone photos.

    python benchmarks/linear_probe.py --encoder pocket            # a shipped encoder, or a folder with heads
    python benchmarks/linear_probe.py --encoder pocket --split val   # printed, not recorded

Logistic regression (scikit-learn) on what the tower sees (1,280 features and 448 means over quarters) and the
color histogram, of `clothing_photos`, train split; its strength is chosen on the validation split, the test
split is asked once. Beside it the same for the published Lite0 in float, where its package is installed.
"""

import argparse
import tempfile
from pathlib import Path
from typing import Final

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from duomo.encode.models import SHIPPED
from duomo.errors import MissingExtra
from duomo.measure.compare import interval
from provenance import pack_or_end, record

STRENGTHS: Final = (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1)


def probe(shown: dict[str, np.ndarray], answers: dict[str, np.ndarray], asked: str) -> dict[str, object]:
    """Learn on train, choose on val, answer the split that is asked."""
    models = [
        make_pipeline(StandardScaler(), LogisticRegression(C=strength, max_iter=2000)).fit(
            shown["train"], answers["train"]
        )
        for strength in STRENGTHS
    ]
    best = int(np.argmax([model.score(shown["val"], answers["val"]) for model in models]))
    right = models[best].predict(shown[asked]) == answers[asked]
    return {"n": len(right), "strength": STRENGTHS[best], "accuracy": str(interval(right))}


def main() -> None:
    """Measure, and record what the test split gave."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--encoder", default="pocket", help="name of a shipped encoder, or a folder")
    parser.add_argument("--split", choices=("val", "test"), default="test")
    given = parser.parse_args()
    pack = pack_or_end(None, "clothing_photos")
    try:
        from duomo.train.features import features_of
    except ModuleNotFoundError:
        print("There is no PyTorch here: pip install 'duomo[train]'.")
        return
    from duomo.catalog.read import read_catalog
    from duomo.train.pairs import pairs_of

    shipped = SHIPPED / given.encoder
    folder = shipped if shipped.is_dir() else Path(given.encoder)
    pairs = pairs_of(read_catalog(pack / "products.csv").products, domain="clothes")
    # the class is the folder that a photo lies in
    splits = {name: [pair for pair in pairs if pair.split == name] for name in ("train", "val", "test")}
    answers = {name: np.array([p.picture.parent.name for p in part]) for name, part in splits.items()}
    figures: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as place:
        for tower, model in ((folder.name, folder / "picture.onnx"), ("lite0, float", None)):
            try:
                shown = {
                    name: features_of([p.picture for p in part], Path(place), model=model)
                    for name, part in splits.items()
                }
            except MissingExtra as error:
                print(error)
                continue
            figures[tower] = probe(shown, answers, given.split)
    line: dict[str, object] = {"encoder": folder.name, "split": given.split, **figures}
    if given.split == "test":
        record("linear_probe", line)
    else:
        print(line)


if __name__ == "__main__":
    main()
