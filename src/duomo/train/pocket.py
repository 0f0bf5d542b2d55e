"""How `pocket` is made: from the towers and the packs of pairs to an encoder folder.

What is there already is not made again: the work folder may be filled in several goes.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save
from tokenizers import Tokenizer
from torch import nn

from duomo.arrays import Vectors
from duomo.catalog.read import read_catalog
from duomo.catalog.sample import draw_shop
from duomo.encode.base import CARD
from duomo.encode.onnx import OnnxSession
from duomo.errors import BadFile, MissingFile
from duomo.files import hash_file, write_atomic
from duomo.progress import Tick, silent
from duomo.train.align import Exam, Recipe, train_heads
from duomo.train.export import export_text
from duomo.train.features import features_of
from duomo.train.heads import Heads, HeadShape
from duomo.train.lexicon import class_names
from duomo.train.loop import Course, Fitted
from duomo.train.material import Domain, Encode, Said, counts_of, domain_of, prototypes
from duomo.train.pairs import Pair, pairs_of, split_families, without_leaks
from duomo.train.space import head_weights, projections_of
from duomo.train.towers.picture import FEATURES, SIDE
from duomo.train.towers.text import TextTower

NAMES: Final = {False: "pocket", True: "pocket-cleared"}
COURSE: Final = Course(steps=1500, learning_rate=2e-3, weight_decay=0.05, check_every=150)
RECIPE: Final = Recipe(batch=768)
DRAWN: Final = "drawn"  # the sample shop, drawn into the work folder
PROTOTYPES: Final = 0.16  # share of every batch
MOST_TOKENS: Final = 64
HEADS: Final = "heads.safetensors"
PROJECTIONS: Final = "projections.safetensors"
_FILES: Final = {"text": "text.onnx", "tokenizer": "tokenizer.json", "picture": "picture.onnx"}
SOURCE: Final = "duomo.train.pocket, on EfficientNet-Lite0, multilingual-e5-small and all-MiniLM-L6-v2"
UNCLEAR: Final = "Apache-2.0; whether the fashion photos that it learned from may be used is not verified"
EXAM_SEED: Final = 99  # of the phrases that held-out pairs are asked by
TYPICAL: Final = 4_000  # pictures of each pack that say what is usual
GATE_TEXTS: Final = 20_000  # texts of each pack that the gate takes for home
_AT_ONCE: Final = 64
_ANEW: Final = "Write the towers anew with save_towers"


@dataclass(frozen=True, slots=True)
class Pack:
    """A source of pairs: how much of a batch it is, and whether its licence is clear."""

    name: str
    share: float
    phrases: int  # a product
    cleared: bool
    alt: bool = False  # take every picture of a product, not the first alone


# Groceries, furniture and the photos of clothes stay out: they are exams.
PACKS: Final = (
    Pack("fashion_products", 0.52, 4, cleared=False),
    Pack("fashion_products_224", 0.20, 8, cleared=False),
    Pack("luma_shop", 0.04, 8, cleared=True, alt=True),
    Pack("demo_shops", 0.03, 4, cleared=True),
    Pack(DRAWN, 0.05, 8, cleared=True, alt=True),
)


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
    """Train heads and write an encoder folder: heads and card, beside a folder of the towers they share.

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
    encode = said_by(towers)
    packs = [pack for pack in PACKS if pack.cleared or not cleared]
    found = {pack: _pairs(pack, data, work, tick) for pack in packs}

    def shown(pairs: Sequence[Pair]) -> list[Vectors]:
        return [features_of([p.picture for p in pairs], work / "features", model=towers.picture, tick=tick)]

    domains: list[Domain] = []
    exams: list[Exam] = []
    held_out: list[str] = []
    for pack, pairs in found.items():
        learned, checked = ([p for p in pairs if p.split == split] for split in ("train", "val"))
        if not learned or not checked:
            continue
        domains.append(
            domain_of(
                pack.name,
                learned,
                share=pack.share,
                pictures=shown(learned),
                encode=encode,
                phrases=pack.phrases,
                seed=course.seed,
            )
        )
        exam = domain_of(pack.name, checked, share=1, pictures=shown(checked), encode=encode, seed=EXAM_SEED)
        exams.append(Exam(exam))
        held_out += [pair.title for pair in checked]
    typical = np.concatenate([domain.pictures[0][:TYPICAL].astype(np.float32) for domain in domains])
    free = prototypes(
        towers.projections["classify.weight"],
        typical[:, :FEATURES],
        typical[:, FEATURES:],
        [(*each.en, *each.zh) for each in class_names()],
        share=PROTOTYPES,
        encode=encode,
    )
    heads = _fresh(shape or HeadShape(pieces=towers.pieces), typical, domains, course.seed)
    fitted = train_heads(
        heads,
        [*domains, free],
        exams,
        recipe=recipe,
        course=course,
        folder=work / f"run-{NAMES[cleared]}-{course.seed}",
        tick=tick,
    )
    weights = head_weights(
        heads,
        towers.projections,
        encode,
        learned_from=[text for domain in domains for text in domain.sayings.texts[:GATE_TEXTS]],
        held_out=held_out,
    )
    weights.save(out / NAMES[cleared] / HEADS)
    _write_card(out, towers, weights.dim, cleared, counts_of([*domains, free]), fitted)
    return fitted


def _pairs(pack: Pack, data: Path, work: Path, tick: Tick) -> list[Pair]:
    """The pairs of a pack; one without a split of its own is dealt out by families."""
    folder = work / DRAWN if pack.name == DRAWN else data / pack.name
    if pack.name == DRAWN and not (folder / "products.csv").is_file():
        draw_shop(folder, tick=tick)
    if not (folder / "products.csv").is_file():
        return []
    catalog = read_catalog(folder if pack.alt else folder / "products.csv")
    pairs = without_leaks(pairs_of(catalog.products, domain=pack.name, alt=pack.alt))
    split = any(pair.split != "train" for pair in pairs)
    return pairs if split else split_families(pairs, val=0.1, test=0.0)


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
    shared = out / "towers"
    files = {name: getattr(towers, field) for field, name in _FILES.items()}
    for name, file in files.items():
        write_atomic(shared / name, file.read_bytes())
    counted = ", ".join(f"{name} {count}" for name, count in pairs.items())
    card = {
        "name": NAMES[cleared],
        "space": f"{NAMES[cleared]}-{hash_file(out / NAMES[cleared] / HEADS)[:12]}",
        "licence": "Apache-2.0" if cleared else UNCLEAR,
        "source": SOURCE,
        "dim": dim,
        "training": f"pairs: {counted}",
        "quality": f"mean MRR on held-out pairs {fitted.best_score:.3f}",
        "towers": "../towers",
        "heads": HEADS,
        "text": {"file": "text.onnx", "tokenizer": "tokenizer.json", "max_tokens": MOST_TOKENS},
        "picture": {"file": "picture.onnx", "size": SIDE},
        "hashes": {name: hash_file(shared / name) for name in files},
    }
    write_atomic(out / NAMES[cleared] / CARD, json.dumps(card, ensure_ascii=False, indent=1) + "\n")
