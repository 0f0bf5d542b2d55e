"""What each labeller is asked next, and which labels are held out to them."""

from collections import Counter
from dataclasses import dataclass
from threading import RLock
from typing import Final

import numpy as np

from duomo.errors import BadQuery
from duomo.understand.labelling import LabelTask, Thing, Verdict, checked
from duomo.understand.labelling_answers import Answer, check_name
from duomo.understand.labelling_choice import Guess, choose, guess_of
from duomo.understand.labelling_told import Told, told_of

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far everybody is."""

    labels: tuple[str, ...]  # all to choose from, in their own order
    things: int  # that nobody had labelled when the task was made
    labelled: int  # of these, how many have a label now
    mine: int  # things that this labeller said something of


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
        self._verdicts: dict[int, Verdict] = {}
        self._known: dict[int, str] = {}
        self._read = -1  # lines of answers that these three are made of
        open_ = np.array([place for place, thing in enumerate(task.things) if not thing.given], np.int64)
        drawn = np.random.default_rng(task.card.seed).permutation(open_)
        self._shared: list[int] = drawn[: round(len(open_) * task.card.shared)].tolist()
        self._is_shared = frozenset(self._shared)
        self._others = open_[~np.isin(open_, self._shared)]

    def next(self, by: str) -> Question | None:
        """What a labeller is to answer now; None: there is nothing left.

        The same until they have, or until somebody else has where one answer is enough.
        """
        check_name(by)
        with self._lock:
            self._refresh()
            mine = self.task.answers.by.get(by, {})
            if (now := self._now.get(by)) and now.thing.id not in mine:
                answered = self.task.place_of[now.thing.id] in self._verdicts
                if now.shared or self._disputed or not answered:
                    return now
            place = self._place(by)
            if place is None:
                self._now.pop(by, None)
                return None
            question = self._now[by] = self._question(place, shared=self._is_asked_of_all(place))
            # What somebody has labelled already the model was taught, and does not know by itself.
            if self._guess and place not in self._verdicts:
                self._expected[by, question.thing.id] = self._guess.best(self.task.vectors[[place]])[0]
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
            self._refresh()
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
                shared=self._is_asked_of_all(place),
            )
            self.task.answers.add(answer)

    def add_label(self, label: str, by: str) -> str:
        """Another label to choose from; raises BadSetting where it cannot be one."""
        with self._lock:
            self._refresh()
            label = checked(label, self.task.card.kind)
            if label not in self.task.labels:
                self.task.answers.add_label(label, by)
            return label

    def back(self, by: str, before: str = "") -> Question | None:
        """What a labeller answered before a thing, or last, to answer it once more; None: nothing."""
        with self._lock:
            self._refresh()
            mine = [id for id in self.task.answers.by.get(by, {}) if id in self.task.place_of]
            at = mine.index(before) if before in mine else len(mine)
            if at == 0:
                return None
            place = self.task.place_of[mine[at - 1]]
            return self._question(place, shared=self._is_asked_of_all(place), by=by)

    def progress(self, by: str) -> Progress:
        """How far everybody is, and a labeller."""
        with self._lock:
            self._refresh()
            return Progress(
                labels=self.task.labels,
                things=len(self._shared) + len(self._others),
                labelled=sum(said.label is not None for said in self._verdicts.values()),
                mine=len(self.task.answers.by.get(by, ())),
            )

    def told(self) -> Told:
        """How far the task is, and how well its labellers agree."""
        with self._lock:
            return told_of(self.task)

    def _refresh(self) -> None:
        """Read what was answered since, by whatever process, and learn from it."""
        self.task.answers.refresh()
        if self._read != self.task.answers.lines:
            self._verdicts = self.task.verdicts()
            self._known = self.task.known(self._verdicts)
            self._guess = guess_of(self.task.vectors, self._known)
            self._read = self.task.answers.lines

    def _is_asked_of_all(self, place: int) -> bool:
        return place in self._is_shared and not self._disputed

    def _place(self, by: str) -> int | None:
        """Where the next thing stands."""
        place_of = self.task.place_of
        mine = {place_of[id] for id in self.task.answers.by.get(by, {}) if id in place_of}
        if self._disputed:
            split = (place for place, said in self._verdicts.items() if said.disputed and place not in mine)
            return next(split, None)
        shared = next((place for place in self._shared if place not in mine), None)
        every = round(1 / self.task.card.shared) if self.task.card.shared else 0
        if shared is not None and every and (len(mine) + 1) % every == 0:
            return shared
        if (planned := self._planned(by)) is not None:
            return planned
        if shared is not None:
            return shared
        left = self._others[~np.isin(self._others, [*self._verdicts])]
        return int(left[0]) if len(left) else None  # whoever was at it may have gone

    def _planned(self, by: str) -> int | None:
        """The next of the things that tell the model most, which nobody else is at."""
        verdicts, known = self._verdicts, self._known
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

    def _question(self, place: int, *, shared: bool, by: str = "") -> Question:
        thing, labels = self.task.things[place], self.task.labels
        given = self.task.answers.of.get(thing.id, {}).get(by)
        expected = None
        if shared or self._guess is None:
            often = Counter(said.label for said in self._verdicts.values() if said.label)
            order = {label: -often[label] for label in labels}
        else:
            scores = self._guess.scores(self.task.vectors[[place]])[0]
            order = dict(zip(self._guess.labels, (-scores).tolist(), strict=True))
            best = self._guess.labels[int(scores.argmax())]
            expected = best if best in labels else None
        return Question(
            thing=thing,
            candidates=tuple(sorted(labels, key=lambda label: order.get(label, np.inf))),
            expected=expected,
            shared=shared,
            own=given.label if given else None,
            answered=given is not None,
        )
