"""A picture tower of a label's own: the upper blocks of `pocket`'s, fine-tuned to tell the classes of a shop.

It needs photos that differ from what the tower knows, and time: three views of each picture go through the
lower blocks once, and are kept on disk meanwhile. A fifth of the goods is held out, by groups: on it words,
pictures and gate are calibrated, and judged; then a tower that learns from all of them takes the place of the
first. What is made is served by ONNX Runtime like the shipped tower.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from duomo.arrays import Pixels
from duomo.encode.heads import HeadWeights
from duomo.encode.models import SHIPPED
from duomo.encode.onnx_towers import square_picture
from duomo.errors import BadSetting
from duomo.product import Product
from duomo.progress import Tick, silent
from duomo.train.augment import altered
from duomo.train.dequantize import tower_of
from duomo.train.loop import Course, fit
from duomo.train.planes import Upper, lower_session
from duomo.train.quantize import save_int8_tower
from duomo.train.towers.picture import FEATURES, PLACES, SIDE, WIDTH, PictureTower
from duomo.understand.classify import LinearPicture, words_of
from duomo.understand.classify_fitting import Fitted, fit_head, folds_of, learnable
from duomo.understand.classify_goods import Opener, features_of, labels_of
from duomo.understand.sight import TOWER, Sight
from duomo.understand.taxonomy import Node

EPOCHS: Final = 6
LEAST_GOODS: Final = 30
_LEAST_STEPS: Final = 16  # however few the goods are
_BATCH: Final = 64
_HELD_OUT: Final = 5  # one of so many parts
_VIEWS: Final = 3  # of a picture: as it is, mirrored, and as a shopper might have taken it
_AT_ONCE: Final = 32  # pictures in memory
_CALIBRATION: Final = 200  # pictures that the ranges of activations are measured on
_MIXED: Final = (
    0.7  # share of the batches whose pictures are mixed with others (mixup: Zhang et al., ICLR 2018)
)
_SMOOTH: Final = 0.05  # of the labels
_DROPOUT: Final = 0.3
_BOLD: Final = 5.0  # how many times faster scores move than the blocks below them

Places = NDArray[np.int64]


class Drawn(NamedTuple):
    """What a step sees."""

    planes: Tensor  # (n, WIDTH, PLACES, PLACES)
    right: Tensor  # (n,) classes
    others: Tensor  # (n,) those of what was mixed in
    share: float  # of the first


class Classes(nn.Module):
    """The upper blocks of a tower, and scores of classes from its features."""

    def __init__(self, tower: PictureTower, classes: int) -> None:
        super().__init__()
        self.upper = Upper(tower)
        self.score = nn.Linear(FEATURES, classes)
        nn.init.zeros_(self.score.weight)

    def forward(self, planes: Tensor) -> Tensor:
        """(n, WIDTH, PLACES, PLACES) -> (n, classes)."""
        features = functional.dropout(self.upper(planes), _DROPOUT, self.training)
        scores: Tensor = self.score(features) * _BOLD
        return scores


def learn_deep(
    products: Sequence[Product],
    name: str,
    opener: Opener,
    file: Path,
    *,
    epochs: int = EPOCHS,
    groups: Sequence[str] | None = None,
    lineage: Mapping[str, object] | None = None,
    seed: int = 0,
    tick: Tick = silent,
) -> Fitted:
    """As `understand.classify_goods.learn`, with a picture tower of its own.

    Args:
        products: with labels and without.
        name: of the label.
        opener: of their pictures.
        file: where the tower is written, INT8 ONNX.
        epochs: how often each picture is seen.
        groups: n; goods of one group are all learned from, or all held out; None: those of one title.
        lineage: for the card.
        seed: of everything random.
        tick: told about the stages "planes", "training", "seeing" and "learning".

    Raises:
        BadSetting: too few goods carry the label.
    """
    labels = labels_of(products, name)
    classes = learnable(name, Counter(node for node in labels if node))
    place_of = {node: place for place, node in enumerate(classes)}
    some = [place for place, node in enumerate(labels) if node]
    goods = [products[place] for place in some]
    right = np.array([place_of.get(node, -1) for node in labels if node], np.int64)  # -1: of no class
    if (carrying := int((right >= 0).sum())) < LEAST_GOODS:
        problem = f"a picture tower learns from {LEAST_GOODS} goods or more, and {carrying} carry '{name}'"
        raise BadSetting(problem, remedy="Label more goods, or leave --deep out")
    named = [(groups[p] if groups else products[p].title.casefold()) or f"#{p}" for p in some]
    held = folds_of(named, _HELD_OUT) == 0
    texts = [words_of(product, without=name) for product in goods]
    nodes: list[Node | None] = [labels[row] for row in some]
    file.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=file.parent, prefix=".planes-") as place:
        planes, shown = _planes(goods, opener, Path(place), seed, tick)
        learned = np.flatnonzero(shown & ~held & (right >= 0))
        usual = np.random.default_rng(seed).permutation(learned)[:_CALIBRATION]
        opened = [pixels for pixels in opener.open([goods[row] for row in usual]) if pixels is not None]

        def trained(rows: Places, run: str) -> tuple[Sight, LinearPicture]:
            tower = shipped_tower()
            module = Classes(tower, len(classes))
            _train(module, planes, rows, right, epochs, seed, Path(place) / run, tick)
            save_int8_tower(tower, opened, file)
            sight = Sight.of(file)
            return sight, _as_picture(module.score, sight.dim)

        sight, picture = trained(learned, "some")
        seen, shown = features_of(goods, opener, sight, tick=tick)
        fitted = fit_head(
            name,
            texts,
            seen,
            shown,
            nodes,
            tower=sight.version,
            given=(picture, held),
            groups=named,
            lineage={
                **(lineage or {}),
                "deep": {"epochs": epochs, "held_out": int((held & (right >= 0)).sum())},
            },
            seed=seed,
            tick=tick,
        )
        sight, picture = trained(np.flatnonzero(shown & (right >= 0)), "all")
    card = replace(fitted.head.card, tower=sight.version)
    return replace(fitted, head=replace(fitted.head, picture=picture, card=card))


def shipped_tower() -> PictureTower:
    """The tower of `pocket` in float, as far as its INT8 file tells."""
    arrays = HeadWeights.load(SHIPPED / TOWER / "heads.safetensors").arrays
    classify = {name: arrays[f"classify.{name}"] for name in ("weight", "bias")}
    return tower_of(SHIPPED / TOWER / "picture.onnx", classify)


def _planes(
    goods: Sequence[Product], opener: Opener, folder: Path, seed: int, tick: Tick
) -> tuple[NDArray[np.float16], NDArray[np.bool_]]:
    """(_VIEWS, n, WIDTH, PLACES, PLACES) on disk, and (n,) whether there is a picture."""
    session = lower_session(shipped_tower(), folder)
    shape = (_VIEWS, len(goods), WIDTH, PLACES, PLACES)
    planes = np.lib.format.open_memmap(folder / "planes.npy", mode="w+", dtype=np.float16, shape=shape)
    shown = np.zeros(len(goods), bool)
    for at in range(0, len(goods), _AT_ONCE):
        for row, pixels in enumerate(opener.open(goods[at : at + _AT_ONCE]), start=at):
            if pixels is not None:
                views = _views(pixels, np.random.default_rng((seed, row)))
                planes[:, row] = session.run({"pixels": views})[0]
                shown[row] = True
        tick("planes", min(at + _AT_ONCE, len(goods)), len(goods))
    return planes, shown


def _views(pixels: Pixels, rng: np.random.Generator) -> NDArray[np.uint8]:
    """(_VIEWS, SIDE, SIDE, 3)."""
    mirrored = np.ascontiguousarray(pixels[:, ::-1])
    return np.stack([square_picture(each, SIDE) for each in (pixels, mirrored, altered(pixels, rng))])


def _train(
    module: Classes,
    planes: NDArray[np.float16],
    learned: Places,
    right: Places,
    epochs: int,
    seed: int,
    folder: Path,
    tick: Tick,
) -> None:
    """Train the scores of classes, and the upper blocks of the tower in place."""
    steps = max(_LEAST_STEPS, epochs * len(learned) // _BATCH)
    course = Course(
        steps=steps,
        learning_rate=4e-4,
        weight_decay=0.02,
        warmup=0.1,
        check_every=max(1, steps // 5),
        seed=seed,
    )
    later = count()

    def batch_of(_: int, rng: np.random.Generator) -> Drawn:
        rows = rng.choice(learned, min(_BATCH, len(learned)), replace=False)
        taken = planes[rng.integers(0, _VIEWS, len(rows)), rows].astype(np.float32)
        share = float(rng.beta(0.3, 0.3)) if rng.random() < _MIXED else 1.0
        other = rng.permutation(len(rows))
        mixed = np.float32(share) * taken + np.float32(1 - share) * taken[other]
        answers = torch.from_numpy(right[rows])
        return Drawn(torch.from_numpy(mixed), answers, answers[torch.from_numpy(other)], share)

    def loss_of(net: nn.Module, drawn: Drawn) -> Tensor:
        scores = net(drawn.planes)
        first, second = (
            functional.cross_entropy(scores, answers, label_smoothing=_SMOOTH)
            for answers in (drawn.right, drawn.others)
        )
        return drawn.share * first + (1 - drawn.share) * second

    fit(
        module,
        batch_of=batch_of,
        loss_of=loss_of,
        score_of=lambda _: float(
            next(later)
        ),  # the last weights are taken: the held-out goods choose nothing
        course=course,
        folder=folder,
        tick=tick,
    )


def _as_picture(head: nn.Linear, dim: int) -> LinearPicture:
    """The scores of classes as a head on all that is seen, of which the features come first."""
    weight, bias = (_BOLD * part.detach().numpy().astype(np.float32) for part in (head.weight, head.bias))
    weights = np.zeros((len(bias), dim), np.float32)
    weights[:, :FEATURES] = weight
    zeros = np.zeros(dim, np.float32)
    return LinearPicture(mean=zeros, spread=zeros + 1, weights=weights, bias=bias)
