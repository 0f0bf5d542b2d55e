"""A folder in which people label goods or texts: what is asked, of which things, and their vectors.

The folder holds `task.json`, `things.jsonl` and `vectors.npy`, which never change once it is made, and
`answers.jsonl`, which only grows (`labelling_answers`).
"""

import io
import json
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal, Self

import numpy as np

from duomo.arrays import Vectors
from duomo.errors import BadFile, BadSetting, MissingFile, RunExists
from duomo.files import hash_bytes, json_line, write_atomic
from duomo.understand.labelling_answers import Answers
from duomo.understand.taxonomy import label as written
from duomo.understand.taxonomy import node_of

Kind = Literal["goods", "texts"]

FORM: Final = 1  # of the files; raised when older ones cannot be read
TASK: Final = "task.json"
_THINGS, _VECTORS, _ANSWERS = "things.jsonl", "vectors.npy", "answers.jsonl"
_MOST_LABEL: Final = 100  # characters
_JOINERS: Final = "\u200c\u200d"  # within emoji and words of some scripts
# Columns of what is exported beside the label.
_COLUMNS: Final[Mapping[Kind, tuple[str, ...]]] = {
    "goods": ("id", "title", "description", "image", "votes", "agreed"),
    "texts": ("line", "text", "votes", "agreed"),
}
_AGAIN: Final = "Make it again: duomo label new"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """One product or text that is asked about."""

    id: str  # of the product; of a text the line where it begins
    text: str  # what a labeller reads; of goods brand and description
    title: str = ""  # of goods
    picture: str = ""  # where a picture of it lies
    hash: str = ""  # of that picture's content, where a shop keeps it
    given: str = ""  # the label that it carries already; then nobody is asked


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCard:
    """What is asked."""

    label: str  # the column that is filled: category, color, sentiment
    kind: Kind
    labels: tuple[str, ...]  # to choose from; labellers may add others
    source: str  # the name of the file or shop that the things come from
    shop: str = ""  # the folder of the shop whose pictures they show
    shared: float = 0.1  # share of the things that everybody is asked, drawn at random
    seed: int = 0
    things: int = 0
    hash: str = ""  # of things and vectors: they belong together
    form: int = FORM


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What all who answered say of a thing."""

    label: str | None  # that of the most; None: as many say another one, or nobody could tell
    votes: int  # answers with a label
    agreed: int  # of these, how many gave the commonest one

    @property
    def disputed(self) -> bool:
        """Whether two labels were given."""
        return self.agreed < self.votes


class LabelTask:
    """One such folder.

    Args:
        folder: where it is.
        card: what is asked.
        things: that are asked about.
        vectors: (things, dim) of these.
    """

    def __init__(self, folder: Path, card: TaskCard, things: Sequence[Thing], vectors: Vectors) -> None:
        self.folder, self.card, self.things, self.vectors = folder, card, things, vectors
        self.answers = Answers(folder / _ANSWERS)
        self.place_of = {thing.id: place for place, thing in enumerate(things)}

    @classmethod
    def create(cls, folder: Path, card: TaskCard, things: Sequence[Thing], vectors: Vectors) -> Self:
        """A new folder with these things.

        Args:
            folder: empty, or not there yet.
            card: what is asked; `things` and `hash` are filled in here.
            things: each with an id of its own.
            vectors: (things, dim) rows of length 1.

        Raises:
            RunExists: the folder is not empty.
            BadSetting: there is nothing to ask, an id or a label is there twice, a label is empty or too
                long, what is asked is called like another column of the export, or `shared` is no share.
        """
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            problem = f"{folder} is there already"
            raise RunExists(problem, remedy="Go on in it with duomo label page, or name another folder")
        if not 0 <= card.shared <= 1:
            raise BadSetting(f"the shared share lies from 0 to 1, not {card.shared:g}", remedy="Correct it")
        if (name := checked(card.label, "texts")) in _COLUMNS[card.kind]:
            problem = f"'{name}' is called like a column that is exported beside it"
            raise BadSetting(problem, remedy="Name what is asked otherwise, with --label")
        if len({thing.id for thing in things}) != len(things):
            raise BadSetting("two things have the same id", remedy="Give each one of its own")
        labels = tuple(checked(label, card.kind) for label in card.labels)
        if len(set(labels)) != len(labels):
            raise BadSetting("a label is named twice", remedy="Name each once")
        if all(thing.given for thing in things):
            problem = f"there is nothing to ask: all {len(things):,} have the label '{card.label}' already"
            raise BadSetting(problem, remedy="Add --again to ask about them all the same")
        lines = "".join(json_line(asdict(thing)) for thing in things).encode()
        rows = io.BytesIO()
        np.save(rows, np.asarray(vectors, np.float32))
        full = {
            **asdict(card),
            "label": name,
            "labels": labels,
            "things": len(things),
            "hash": hash_bytes(lines, rows.getvalue()),
        }
        write_atomic(folder / _THINGS, lines)
        write_atomic(folder / _VECTORS, rows.getvalue())
        write_atomic(
            folder / TASK, json.dumps(full, ensure_ascii=False, indent=1) + "\n"
        )  # last: now it is one
        return cls.open(folder)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """The task in a folder.

        Raises:
            MissingFile: there is none.
            BadFile: one of its files is damaged.
        """
        if not (folder / TASK).is_file():
            problem = f"{folder} holds no labelling task"
            raise MissingFile(problem, remedy=f"Make one: duomo label new {folder} --of FILE")
        try:
            told: dict[str, Any] = json.loads((folder / TASK).read_text(encoding="utf-8"))
            if told["form"] != FORM:
                raise BadFile(f"{folder / TASK} was written by another version of Duomo", remedy=_AGAIN)
            card = TaskCard(**{**told, "labels": tuple(told["labels"])})
            lines, rows = (folder / _THINGS).read_bytes(), (folder / _VECTORS).read_bytes()
            if hash_bytes(lines, rows) != card.hash:
                raise BadFile(f"{folder / _THINGS} or {_VECTORS} has been changed", remedy=_AGAIN)
            things = [Thing(**json.loads(line)) for line in lines.decode().split("\n") if line]
            vectors = np.load(io.BytesIO(rows))
        except (KeyError, TypeError, ValueError, FileNotFoundError) as error:
            raise BadFile(f"{folder} holds a task that cannot be read ({error})", remedy=_AGAIN) from error
        return cls(folder, card, things, vectors)

    @property
    def labels(self) -> tuple[str, ...]:
        """All to choose from: those of the task, then those that labellers added."""
        return tuple(dict.fromkeys((*self.card.labels, *self.answers.added)))

    def verdicts(self) -> dict[int, Verdict]:
        """What was said of each thing that somebody was asked about, by its place."""
        return {
            self.place_of[id]: _verdict([answer.label for answer in given.values()])
            for id, given in self.answers.of.items()
            if id in self.place_of
        }

    def known(self, verdicts: Mapping[int, Verdict]) -> dict[int, str]:
        """Place -> label: those that things carried already, and those that were agreed upon."""
        given = {place: thing.given for place, thing in enumerate(self.things) if thing.given}
        return given | {place: said.label for place, said in verdicts.items() if said.label is not None}


def _verdict(labels: Sequence[str | None]) -> Verdict:
    often = Counter(label for label in labels if label is not None).most_common(2)
    tied = len(often) == 2 and often[0][1] == often[1][1]
    votes = sum(label is not None for label in labels)
    return Verdict(
        label=None if tied or not often else often[0][0], votes=votes, agreed=often[0][1] if often else 0
    )


def tidy(label: str, kind: Kind) -> str:
    """A label in one way of writing: blanks, signs of the form NFC, of goods the path that it is.

    >>> tidy(" rain\u3000 coat ", "texts"), tidy("服装＞雨衣", "goods")
    ('rain coat', '服装 > 雨衣')
    """
    plain = " ".join(unicodedata.normalize("NFC", label).split())
    return written(node_of(plain)) if kind == "goods" else plain


def checked(label: str, kind: Kind) -> str:
    """A label, tidy; raises BadSetting where it is empty, too long, or none that a file can hold."""
    label = tidy(label, kind)
    if kind == "goods" and "|" in label:
        problem = f"the label '{label[:60]}' has a bar, which stands between two labels in a product file"
        raise BadSetting(problem, remedy="Write it without the bar")
    plain = label.translate(dict.fromkeys(map(ord, _JOINERS)))
    if not plain or len(label) > _MOST_LABEL or not plain.isprintable():
        problem = f"a label has 1 to {_MOST_LABEL} characters in one line, unlike '{label[:60]}'"
        raise BadSetting(problem, remedy="Correct it")
    return label
