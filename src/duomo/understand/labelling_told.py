"""How far a labelling task is, how well its labellers agree, and the labels that came of it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import combinations
from statistics import median
from typing import Final

from duomo.measure.agreement import cohens_kappa, krippendorffs_alpha
from duomo.understand.feedback_statistics import Share, wilson
from duomo.understand.labelling import LabelTask
from duomo.understand.labelling_answers import Answer

_LATEST: Final = 50  # shared things that the model is judged by
_NO_VOTES: Final = {"votes": "", "agreed": ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class Labeller:
    """What one person did."""

    answers: int  # with a label
    skipped: int  # that they could not tell
    seconds: float | None  # median an answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """How well two labellers agree on what both labelled."""

    names: tuple[str, str]
    things: int
    same: float  # share with one label
    kappa: float  # Cohen's


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """How far a task is."""

    things: int
    given: int  # that carried a label from the beginning
    labelled: int  # that have one now by the answers
    unknown: int  # that were asked about and have none: nobody could tell, or as many said another one
    labels: Mapping[str, int]  # how many things each has, those that nobody was asked about left out
    labellers: Mapping[str, Labeller]
    alpha: float | None  # Krippendorff's; None: nothing was labelled twice
    twice: int  # things that two or more labelled
    pairs: tuple[Pair, ...]
    disputed: Mapping[str, Mapping[str, str]]  # thing -> labeller -> label
    model_right: Share | None  # of the latest shared things it knew the label before it was told
    model_asked: int  # how many those are

    def as_dict(self) -> dict[str, object]:
        """With the field names of the machine contract."""
        return asdict(self)


def told_of(task: LabelTask) -> Told:
    """How far a task is; answers to things that it does not hold are not counted."""
    task.answers.refresh()
    verdicts = task.verdicts()
    of = {id: given for id, given in task.answers.of.items() if id in task.place_of}
    every = [answer for given in of.values() for answer in given.values()]
    said = {
        id: {by: answer.label for by, answer in given.items() if answer.label is not None}
        for id, given in of.items()
    }
    often = Counter(verdict.label for verdict in verdicts.values() if verdict.label is not None)
    judged = sorted((a for a in every if a.shared and a.expected and a.label), key=lambda a: a.at)[-_LATEST:]
    right = sum(answer.expected == answer.label for answer in judged)
    return Told(
        things=len(task.things),
        given=sum(bool(thing.given) for thing in task.things),
        labelled=often.total(),
        unknown=len(verdicts) - often.total(),
        labels={label: often[label] for label in task.labels},
        labellers={by: _labeller([a for a in every if a.by == by]) for by in sorted({a.by for a in every})},
        alpha=krippendorffs_alpha([*said.values()]),
        twice=sum(len(labels) > 1 for labels in said.values()),
        pairs=tuple(_pairs(said)),
        disputed={id: labels for id, labels in said.items() if len(set(labels.values())) > 1},
        model_right=wilson(right, len(judged)) if judged else None,
        model_asked=len(judged),
    )


def _labeller(answers: list[Answer]) -> Labeller:
    took = [answer.seconds for answer in answers if answer.seconds is not None]
    skipped = sum(answer.label is None for answer in answers)
    return Labeller(
        answers=len(answers) - skipped, skipped=skipped, seconds=round(median(took), 2) if took else None
    )


def _pairs(said: Mapping[str, Mapping[str, str]]) -> list[Pair]:
    """Of all labellers who labelled something in common."""
    found = []
    for one, other in combinations(sorted({by for labels in said.values() for by in labels}), 2):
        both = [(labels[one], labels[other]) for labels in said.values() if one in labels and other in labels]
        if both:
            firsts, seconds = zip(*both, strict=True)
            same = sum(a == b for a, b in both) / len(both)
            kappa = cohens_kappa(firsts, seconds)
            found.append(Pair(names=(one, other), things=len(both), same=same, kappa=kappa))
    return found


def labelled_rows(task: LabelTask) -> list[dict[str, str]]:
    """A row for each thing with a label, those that carried one included, in the order of the things.

    Of goods the columns are those of a product file, so that `duomo train classify` takes it; of texts
    `text` and the label, as `duomo train sentiment` does. A thing on which as many say another label is
    left out, as `Told.unknown` counts.
    """
    verdicts = task.verdicts()
    known = task.known(verdicts)
    rows = []
    for place, thing in enumerate(task.things):
        if place not in known:
            continue
        own = (
            {"id": thing.id, "title": thing.title, "description": thing.text, "image": thing.picture}
            if task.card.kind == "goods"
            else {"line": thing.id, "text": thing.text}
        )
        verdict = verdicts.get(place)
        votes = {"votes": str(verdict.votes), "agreed": str(verdict.agreed)} if verdict else _NO_VOTES
        rows.append({**own, task.card.label: known[place], **votes})
    return rows
