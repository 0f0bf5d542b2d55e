"""What each labeller is asked next, and which labels are held out to them."""

from collections import Counter
from dataclasses import dataclass
from threading import RLock
from typing import Final

import numpy as np

from duomo.errors import BadQuery
from duomo.understand.labelling import LabelTask, Thing, Verdict, checked
from duomo.understand.labelling_answers import Answer
from duomo.understand.labelling_choice import Guess, choose, guess_of

_PLANNED: Final = 10  # things that are chosen together
_STALE: Final = 5  # answers after which the rest of a plan is chosen anew


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One thing to label."""

    thing: Thing
    candidates: tuple[str, ...]  # every label: the likeliest first, or of a shared thing the commonest
    expected: str | None  # what the model says; None: it cannot say, or is not to sway whom it asks
    shared: bool  # everybody is asked, so that their agreement can be measured
    own: str | None = None  # what they have answered before
    answered: bool = False  # whether they have


class Asker:
    """Asks labellers; threads may share one, and processes may each have one for the same folder.

    Args:
        task: what is asked.
        disputed: ask only about things on which others differ.
    """

    def __init__(self, task: LabelTask, *, disputed: bool = False) -> None:
        self.task = task
        self._disputed = disputed
        self._lock = RLock()
        self._now: dict[str, Question] = {}  # labeller -> what they are at
        self._expected: dict[tuple[str, str], str | None] = {}  # labeller, thing -> what the model said
        self._plan: list[int] = []
        self._planned_with = -1  # things that were known then
        self._guess: Guess | None = None
        self._guessed_at = -1  # lines of answers that were read then
        open_ = np.array([place for place, thing in enumerate(task.things) if not thing.given], np.int64)
        drawn = np.random.default_rng(task.card.seed).permutation(open_)
        self._shared = drawn[: round(len(open_) * task.card.shared)].tolist()
        own = set(self._shared)
        self._others = np.array([place for place in open_.tolist() if place not in own], np.int64)

    def next(self, by: str) -> Question | None:
        """What a labeller is to answer now: the same until they have; None: there is nothing left."""
        with self._lock:
            self.task.answers.refresh()
            mine = self.task.answers.by.get(by, {})
            if (now := self._now.get(by)) and now.thing.id not in mine:
                return now
            verdicts = self.task.verdicts()
            place, shared = self._place(by, verdicts)
            if place is None:
                self._now.pop(by, None)
                return None
            question = self._now[by] = self._question(place, verdicts, shared=shared)
            thing = question.thing
            expected = self._guess.best(self.task.vectors[[place]])[0] if self._guess else None
            self._expected[by, thing.id] = expected
            return question

    def answer(self, by: str, id: str, label: str | None, seconds: float | None = None) -> None:
        """Write down what a labeller says of a thing, now or once more; on disk when this returns.

        Args:
            by: who.
            id: of the thing.
            label: one of `task.labels`; None: they cannot tell.
            seconds: that it took them.

        Raises:
            BadQuery: there is no such thing or label.
            BadSetting: the labeller has no name that can be one.
            BadSetup: it could not be written.
        """
        with self._lock:
            self.task.answers.refresh()
            place = self.task.place_of.get(id)
            if place is None:
                raise BadQuery(f"there is no thing '{id[:60]}' to label", remedy="Ask for the next one")
            if label is not None and label not in self.task.labels:
                raise BadQuery(f"there is no label '{label[:60]}'", remedy="Add it first, or choose another")
            answer = Answer(
                thing=id,
                by=by,
                label=label,
                seconds=None if seconds is None else round(min(max(seconds, 0.0), 3600.0), 2),
                expected=self._expected.get((by, id)),
                shared=place in self._shared,
            )
            self.task.answers.add(answer)

    def add_label(self, label: str, by: str) -> str:
        """Another label to choose from; raises BadSetting where it cannot be one."""
        with self._lock:
            self.task.answers.refresh()
            label = checked(label)
            if label not in self.task.labels:
                self.task.answers.add_label(label, by)
            return label

    def back(self, by: str, before: str = "") -> Question | None:
        """What a labeller answered before a thing, or last, to answer it once more; None: nothing."""
        with self._lock:
            self.task.answers.refresh()
            mine = [id for id in self.task.answers.by.get(by, {}) if id in self.task.place_of]
            at = mine.index(before) if before in mine else len(mine)
            if at == 0:
                return None
            place = self.task.place_of[mine[at - 1]]
            return self._question(place, self.task.verdicts(), shared=place in self._shared, by=by)

    def _place(self, by: str, verdicts: dict[int, Verdict]) -> tuple[int | None, bool]:
        """Where the next thing stands, and whether it is a shared one."""
        mine = {self.task.place_of[id] for id in self.task.answers.by.get(by, {}) if id in self.task.place_of}
        if self._disputed:
            split = (place for place, said in verdicts.items() if said.disputed and place not in mine)
            return next(split, None), False
        shared = next((place for place in self._shared if place not in mine), None)
        every = round(1 / self.task.card.shared) if self.task.card.shared else 0
        if shared is not None and every and (len(mine) + 1) % every == 0:
            return shared, True
        planned = self._planned(by, verdicts)
        return (planned, False) if planned is not None else (shared, True)

    def _planned(self, by: str, verdicts: dict[int, Verdict]) -> int | None:
        """The next of the things that tell the model most, which nobody else is at."""
        known = self.task.known(verdicts)
        if self._guessed_at != self.task.answers.lines:
            self._guess = guess_of(self.task.vectors, known)
            self._guessed_at = self.task.answers.lines
        held = {self.task.place_of[now.thing.id] for who, now in self._now.items() if who != by}
        self._plan = [place for place in self._plan if place not in verdicts and place not in held]
        if not self._plan or len(known) - self._planned_with >= _STALE:
            unknown = sorted((set(verdicts) | held) - set(known))
            free = self._others[~np.isin(self._others, [*verdicts, *held])]
            self._plan = choose(
                self.task.vectors, known, free, _PLANNED, asked=unknown, seed=self.task.card.seed
            )
            self._planned_with = len(known)
        return self._plan[0] if self._plan else None

    def _question(self, place: int, verdicts: dict[int, Verdict], *, shared: bool, by: str = "") -> Question:
        thing, labels = self.task.things[place], self.task.labels
        given = self.task.answers.of.get(thing.id, {}).get(by)
        expected = None
        if shared or self._guess is None:
            often = Counter(said.label for said in verdicts.values() if said.label)
            order = {label: -often[label] for label in labels}
        else:
            scores = self._guess.scores(self.task.vectors[[place]])[0]
            order = dict(zip(self._guess.labels, (-scores).tolist(), strict=True))
            expected = self._guess.labels[int(scores.argmax())]
        return Question(
            thing=thing,
            candidates=tuple(sorted(labels, key=lambda label: order.get(label, np.inf))),
            expected=expected,
            shared=shared,
            own=given.label if given else None,
            answered=given is not None,
        )
