"""Makes `pocket` and `pocket-cleared` again, from the named starting weights and the packs: `make model`.

    python -m duomo.train.model --data ../shared/data --work build/pocket --out build/pocket/out

Takes two to three hours on two cores and 6 GB of disk. Every step leaves its result in the work folder, and a
run that was cut short goes on from there:

1. text tower: corpus, what two teachers say of it, vocabulary, distillation (`student`);
2. for each encoder its picture tower: heads on Lite0 as published, upper blocks fine-tuned with them
   (`deepen`), INT8 (`quantize`);
3. for each encoder its heads on both towers, and the folder that `encode.models` opens (`pocket`).
"""

import argparse
import logging
import os
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from time import monotonic
from typing import Final

import numpy as np
import torch
from safetensors.torch import load_file, save

from duomo.arrays import Pixels
from duomo.errors import DuomoError
from duomo.files import write_atomic
from duomo.guard.pictures import read_picture
from duomo.progress import Tick, silent
from duomo.settings import Settings
from duomo.train import deepen, pocket, student
from duomo.train.heads import HeadShape
from duomo.train.packs import Pairs, read_packs
from duomo.train.planes import planes_of
from duomo.train.quantize import save_int8_tower
from duomo.train.starts.lite0 import load_lite0
from duomo.train.towers.picture import PictureTower
from duomo.train.towers.text import load_tower

FIRST: Final = replace(pocket.COURSE, steps=700)  # of heads that only lead the fine-tuning
CLEARED_STEPS: Final = 60  # a few thousand pictures, most of them drawn, ask for little
CALIBRATION: Final = 240  # pictures that the ranges of INT8 are measured on
_CHECKED: Final = 300  # held-out pictures a pack that a check of the fine-tuning asks

log = logging.getLogger(__name__)


def text_tower(data: Path, work: Path, *, tick: Tick = silent) -> Path:
    """The folder of the trained text tower; what is there already stays."""
    folder = work / "text"
    if not (folder / "corpus.jsonl").is_file():
        student.write_corpus(data, folder)
    student.ask_teachers(folder, tick=tick)
    student.train_student(folder, tick=tick)
    return folder / "student"


def picture_tower(data: Path, work: Path, words: Path, *, cleared: bool, tick: Tick = silent) -> Path:
    """The INT8 file of the fine-tuned picture tower of an encoder; what is there already stays.

    Args:
        data: the folder of packs.
        work: for everything on the way.
        words: the folder of the text tower, for the heads that lead the fine-tuning.
        cleared: learn from packs with a clear licence alone.
        tick: told about the stages.
    """
    name = pocket.NAMES[cleared]
    file, weights = work / f"picture-{name}.onnx", work / f"picture-{name}.safetensors"
    if file.is_file():
        return file
    packs = read_packs(data, work, cleared=cleared, tick=tick)
    tower = load_lite0()
    if weights.is_file():
        tower.load_state_dict(load_file(weights))
    else:
        _fine_tune(tower, packs, work, words, name, cleared, tick)
        write_atomic(weights, save({key: each.contiguous() for key, each in tower.state_dict().items()}))
    save_int8_tower(tower.eval(), _usual(packs), file)
    return file


def encoder(
    data: Path, work: Path, out: Path, words: Path, *, cleared: bool, seed: int = 7, tick: Tick = silent
) -> Path:
    """The folder of an encoder, made anew from its towers."""
    picture = picture_tower(data, work, words, cleared=cleared, tick=tick)
    towers = _towers(words, picture, work / f"towers-{pocket.NAMES[cleared]}")
    course = replace(pocket.COURSE, seed=seed)
    fitted = pocket.make(data, work, out, towers, cleared=cleared, course=course, tick=tick)
    log.info("%s: %s", pocket.NAMES[cleared], fitted)
    return out / pocket.NAMES[cleared]


def _fine_tune(
    tower: PictureTower, packs: Sequence[Pairs], work: Path, words: Path, name: str, cleared: bool, tick: Tick
) -> None:
    start = work / f"lite0-{name}.onnx"
    if not start.is_file():
        save_int8_tower(tower, _usual(packs), start)
    towers = _towers(words, start, work / "towers-first")
    material = pocket.gather(packs, towers, work, tick=tick)
    shape = HeadShape(pieces=towers.pieces, pictures=material.typical.shape[1])
    heads, _ = pocket.learn(material, shape, work / f"run-first-{name}", course=FIRST, tick=tick)
    planes = work / "planes"
    taught = [
        deepen.Taught(domain, planes_of([*chain(*pairs.views(work, tick))], tower, planes, tick=tick))
        for domain, pairs in zip(material.domains, packs, strict=True)
    ]
    checked = [Pairs(pack, learned, held_out[:_CHECKED]) for pack, learned, held_out in packs]
    exams = [
        deepen.Taught(domain, planes_of([p.picture for p in pairs.checked], tower, planes, tick=tick))
        for domain, pairs in zip(pocket.exams_of(checked, towers, work), checked, strict=True)
    ]
    course = replace(deepen.COURSE, steps=CLEARED_STEPS) if cleared else deepen.COURSE
    deepen.deepen(
        tower,
        heads,
        [*taught, deepen.Taught(material.free, None)],
        exams,
        hold=deepen.Hold(),
        course=course,
        folder=work / f"run-deep-{name}",
        tick=tick,
    )


def _towers(words: Path, picture: Path, folder: Path) -> pocket.Towers:
    tower, tokenizer = load_tower(words)
    return pocket.save_towers(tower, tokenizer, picture, load_lite0().classify, folder)


def _usual(packs: Sequence[Pairs]) -> list[Pixels]:
    """Pictures of every pack, as many of each, opened as in serving."""
    rng = np.random.default_rng(0)
    each = CALIBRATION // len(packs)
    chosen = [
        pairs.learned[place].picture
        for pairs in packs
        for place in rng.permutation(len(pairs.learned))[:each].tolist()
    ]
    return [read_picture(path, side=Settings().picture_side).pixels for path in chosen]


def main() -> None:
    """Make both encoders."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="the folder of packs")
    parser.add_argument("--work", type=Path, required=True, help="for everything on the way")
    parser.add_argument("--out", type=Path, required=True, help="gets the folders of the encoders")
    parser.add_argument("--only", choices=list(pocket.NAMES.values()), help="one of the two encoders")
    parser.add_argument("--seed", type=int, default=7, help="of the heads")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(os.cpu_count() or 1)
    say = _Say()
    try:
        words = text_tower(given.data, given.work, tick=say)
        for cleared, name in pocket.NAMES.items():
            if given.only in (None, name):
                encoder(given.data, given.work, given.out, words, cleared=cleared, seed=given.seed, tick=say)
    except DuomoError as error:
        raise SystemExit(f"{error}") from None


class _Say:
    """Says how far a stage is, once in half a minute."""

    def __init__(self) -> None:
        self._next = 0.0

    def __call__(self, stage: str, done: int, total: int | None = None) -> None:
        """Log it, if it is time."""
        if monotonic() >= self._next:
            log.info("%s %d of %s", stage, done, total)
            self._next = monotonic() + 30


if __name__ == "__main__":
    main()
