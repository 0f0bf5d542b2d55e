"""A picture tower of a shop's own: the upper blocks of the encoder's, fine-tuned on the shop's pictures.

The encoder comes as INT8 alone, so the tower is taken back from that (`dequantize`), and goes back to it. The
heads that lead the fine-tuning are those that were aligned with the old tower; what they become is thrown
away: the new tower gets heads that learned from what it says in INT8.
"""

from pathlib import Path
from shutil import rmtree
from typing import Final, NamedTuple

import numpy as np

from duomo.arrays import Pixels
from duomo.guard.pictures import read_picture
from duomo.progress import Tick, silent
from duomo.settings import Settings
from duomo.train.deepen import Hold, Taught, deepen
from duomo.train.dequantize import tower_of
from duomo.train.heads import Heads
from duomo.train.loop import Course
from duomo.train.material import Domain
from duomo.train.pairs import Split
from duomo.train.parts import BySource, Parts, of_split
from duomo.train.planes import PlaneFile, planes_of
from duomo.train.pocket import Towers
from duomo.train.quantize import save_int8_tower
from duomo.train.towers.picture import PictureTower

CALIBRATION: Final = 200  # pictures
_CLASSIFIER: Final = "classify."


class Deepening(NamedTuple):
    """How a tower is fine-tuned, and when it is taken."""

    course: Course = Course(steps=150, learning_rate=4e-4, weight_decay=0.01, warmup=0.1, check_every=50)
    hold: Hold = Hold(batch=160)
    worth: float = 0.01  # MRR on the validation part that it must bring; it moves what the shop does not sell


DEEPENING: Final = Deepening()


def tower_to_train(towers: Towers) -> PictureTower:
    """The picture tower of an encoder, as it was before it was made INT8.

    Raises:
        BadSetting: it is of another kind than that of `pocket`.
    """
    classify = {
        name.removeprefix(_CLASSIFIER): rows
        for name, rows in towers.projections.items()
        if name.startswith(_CLASSIFIER)
    }
    return tower_of(towers.picture, classify)


def own_tower(
    tower: PictureTower,
    heads: Heads,
    parts: Parts,
    pairs: BySource,
    free: Domain,
    file: Path,
    *,
    deepening: Deepening,
    tick: Tick = silent,
) -> Path:
    """The INT8 file of a tower that was fine-tuned on a shop; one that is there already stays.

    Args:
        tower: of `tower_to_train`; it is changed, as the heads are.
        heads: aligned with the encoder's tower on this shop.
        parts: what the encoder's towers say of the pairs.
        pairs: of the shop and of its guard set, split.
        free: prototypes.
        file: to be written; beside it lies everything on the way: a run that was cut short goes on.
        deepening: how long, how fast, how firmly held.
        tick: told about the stages "planes" and "deepening".

    Raises:
        MissingFile, BadPicture: a picture is gone since the shop's pictures were looked at.
    """
    kept = file.parent / "planes"
    if file.is_file():
        rmtree(kept, ignore_errors=True)
        return file

    def planes(name: str, split: Split) -> PlaneFile:
        sources = [pair.picture for pair in of_split(pairs[name], split)]
        return planes_of(sources, tower, kept, tick=tick)

    def deepened(stage: str, done: int, total: int | None = None) -> None:
        tick("deepening", done, total)

    deepen(
        tower,
        heads,
        [*(Taught(part, planes(name, "train")) for name, part in parts.learned.items()), Taught(free, None)],
        [Taught(parts.checked["shop"], planes("shop", "val"))],
        hold=deepening.hold,
        course=deepening.course,
        folder=file.parent / "tower",
        tick=deepened,
    )
    save_int8_tower(tower, _usual(pairs), file)
    rmtree(kept, ignore_errors=True)
    return file


def _usual(pairs: BySource) -> list[Pixels]:
    """Pictures that the shop and its guard set are learned from, opened as in serving; mostly the shop's."""
    rng = np.random.default_rng(0)
    found: list[Pixels] = []
    for name, count in (("shop", CALIBRATION * 3 // 4), ("guard", CALIBRATION // 4)):
        some = of_split(pairs[name], "train")
        chosen = rng.permutation(len(some))[:count].tolist()
        found += [read_picture(some[place].picture, side=Settings().picture_side).pixels for place in chosen]
    return found
