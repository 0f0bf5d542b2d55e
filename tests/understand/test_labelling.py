"""A labelling task: answers that no death loses, who is asked what, and what the answers say together."""

import json
import multiprocessing
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duomo.errors import BadFile, BadQuery, BadSetting, MissingFile, RunExists
from duomo.product import Product, Variant
from duomo.settings import Settings
from duomo.understand.classify_goods import Opener, label_of_goods
from duomo.understand.labelling import Kind, LabelTask, TaskCard, Thing, checked, tidy
from duomo.understand.labelling_answers import Answer, Answers
from duomo.understand.labelling_ask import Asker
from duomo.understand.labelling_things import of_goods
from duomo.understand.labelling_told import labelled_rows, told_of

LABELS = ("mug", "shirt", "shoe")
KINDS = 3  # blobs of vectors, one a label
CARD = TaskCard(label="category", kind="goods", labels=LABELS, source="goods.csv", shared=0.2)

NewTask = Callable[..., LabelTask]


def right(thing: Thing) -> str:
    return LABELS[int(thing.id.removeprefix("P")) % KINDS]


@pytest.fixture
def new_task(tmp_path: Path) -> NewTask:
    """A task with things in three blobs; some of them may carry their label already."""

    def made(count: int = 60, *, given: int = 0, card: TaskCard = CARD, name: str = "task") -> LabelTask:
        rng = np.random.default_rng(3)
        points = np.eye(8)[np.arange(count) % KINDS] + rng.normal(0, 0.15, (count, 8))
        vectors = (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)
        things = [
            Thing(id=f"P{n}", text="", title=f"第{n}件 thing", given=LABELS[n % KINDS] if n < given else "")
            for n in range(count)
        ]
        return LabelTask.create(tmp_path / name, card, things, vectors)

    return made


# What is written


names = st.sampled_from(["ann", "李雷", "b c"])
answered = st.lists(st.tuples(names, st.sampled_from("PQRS"), st.sampled_from([None, "mug", "杯\u2028子"])))


@given(answered)
@settings(max_examples=40, deadline=None)
def test_the_last_answer_of_each_person_to_each_thing_is_theirs(
    tmp_path_factory: pytest.TempPathFactory, said: list[tuple[str, str, str | None]]
) -> None:
    file = tmp_path_factory.mktemp("answers") / "answers.jsonl"
    answers = Answers(file)
    for by, thing, label in said:
        answers.add(Answer(thing=thing, by=by, label=label))
    last = {(by, thing): label for by, thing, label in said}
    for read in (answers, Answers(file)):
        found = {(by, id): each.label for id, given in read.of.items() for by, each in given.items()}
        assert found == last
        assert {by: set(things) for by, things in read.by.items()} == {
            by: {thing for who, thing in last if who == by} for by, _ in last
        }
        assert read.lines == len(said)


def test_a_line_half_written_is_not_read_and_goes_with_the_next_answer(tmp_path: Path) -> None:
    file = tmp_path / "answers.jsonl"
    Answers(file).add(Answer(thing="P1", by="ann", label="mug"))
    with file.open("ab") as half:
        half.write(b'{"thing":"P2","by":"an')
    answers = Answers(file)
    assert [*answers.of] == ["P1"]
    answers.add(Answer(thing="P3", by="ann", label=None))
    assert [*Answers(file).of] == ["P1", "P3"]
    assert file.read_bytes().count(b"\n") == 2


def test_a_line_that_is_no_answer_is_named(tmp_path: Path) -> None:
    file = tmp_path / "answers.jsonl"
    Answers(file).add(Answer(thing="P1", by="ann", label="mug"))
    with file.open("ab") as other:
        other.write(b'{"what": 1}\n')
    with pytest.raises(BadFile, match="line 2"):
        Answers(file)
    whole = Answers(tmp_path / "whole.jsonl")
    whole.add(Answer(thing="1", by="Ann", label="mug"))
    with whole.file.open("ab") as other:
        other.write(b'{"thing": "2"}\n')
    for _ in range(2):  # who asks again is told the same
        with pytest.raises(BadFile, match="line 2: that is no answer"):
            whole.refresh()


def test_an_answer_that_was_acknowledged_outlives_its_process(tmp_path: Path) -> None:
    file = tmp_path / "answers.jsonl"
    program = (
        "import sys\nfrom pathlib import Path\n"
        "from duomo.understand.labelling_answers import Answer, Answers\n"
        "answers = Answers(Path(sys.argv[1]))\nn = 0\n"
        "while True:\n"
        "    answers.add(Answer(thing=f'P{n}', by='ann', label='mug' * 2000))\n"
        "    print(n, flush=True)\n    n += 1\n"
    )
    writer = subprocess.Popen([sys.executable, "-c", program, str(file)], stdout=subprocess.PIPE, text=True)
    assert writer.stdout
    acknowledged = [int(writer.stdout.readline()) for _ in range(30)]
    writer.send_signal(signal.SIGKILL)
    acknowledged += [int(line) for line in writer.stdout.read().split()]
    writer.wait()
    answers = Answers(file)
    assert {f"P{n}" for n in acknowledged} <= set(answers.of)
    answers.add(Answer(thing="after", by="ann", label="mug"))
    assert [*Answers(file).of][-1] == "after"


def _add(file: Path, by: str, count: int) -> None:
    answers = Answers(file)
    for number in range(count):
        answers.add(Answer(thing=f"P{number}", by=by, label="mug"))


def test_processes_that_answer_at_once_lose_nothing_and_see_each_other(tmp_path: Path) -> None:
    file = tmp_path / "answers.jsonl"
    watching = Answers(file)
    context = multiprocessing.get_context("spawn")
    crew = [context.Process(target=_add, args=(file, by, 40)) for by in ("ann", "李雷")]
    for each in crew:
        each.start()
    for each in crew:
        each.join()
    watching.refresh()
    assert {by: len(things) for by, things in watching.by.items()} == {"ann": 40, "李雷": 40}
    assert len([json.loads(line) for line in file.read_text("utf-8").splitlines()]) == 80


def test_an_answer_that_finds_no_room_is_not_acknowledged_and_leaves_no_half_behind(tmp_path: Path) -> None:
    """The system lets the file grow to 300 bytes, the second line ends after that."""
    file = tmp_path / "answers.jsonl"
    program = (
        "import resource, sys\nfrom pathlib import Path\n"
        "from duomo.errors import BadSetup\n"
        "from duomo.understand.labelling_answers import Answer, Answers\n"
        "answers = Answers(Path(sys.argv[1]))\n"
        "answers.add(Answer(thing='P0', by='ann', label='mug' * 60))\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (300, resource.RLIM_INFINITY))\n"
        "try:\n    answers.add(Answer(thing='P1', by='ann', label='mug' * 60))\n"
        "except BadSetup as error:\n    print(error)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))\n"
        "answers.add(Answer(thing='P2', by='ann', label='mug'))\n"
    )
    run = subprocess.run([sys.executable, "-c", program, str(file)], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert "answers.jsonl cannot be read or written" in run.stdout
    assert [*Answers(file).of] == ["P0", "P2"]


@pytest.mark.parametrize("by", ["", " ", "x" * 61, "two\nlines"])
def test_a_labeller_needs_a_name(tmp_path: Path, by: str) -> None:
    with pytest.raises(BadSetting, match="name"):
        Answers(tmp_path / "answers.jsonl").add(Answer(thing="P1", by=by, label="mug"))


# The folder


def test_a_task_is_read_again_as_it_was_made(new_task: NewTask) -> None:
    made = new_task(12, given=3)
    again = LabelTask.open(made.folder)
    assert again.card == made.card
    assert list(again.things) == list(made.things)
    assert np.array_equal(again.vectors, made.vectors)
    assert again.card.things == 12
    assert again.labels == LABELS


def test_a_folder_that_holds_something_is_not_written_to(new_task: NewTask, tmp_path: Path) -> None:
    new_task()
    with pytest.raises(RunExists, match="there already"):
        new_task()
    (tmp_path / "file").write_text("mine")
    with pytest.raises(RunExists):
        new_task(name="file")


def test_things_that_were_changed_or_are_missing_are_told(new_task: NewTask) -> None:
    task = new_task()
    with pytest.raises(MissingFile, match="no labelling task"):
        LabelTask.open(task.folder / "nowhere")
    file = task.folder / "things.jsonl"
    file.write_text(file.read_text("utf-8").replace("P1", "P9"), "utf-8")
    with pytest.raises(BadFile, match="has been changed"):
        LabelTask.open(task.folder)
    file.unlink()
    with pytest.raises(BadFile, match="cannot be read"):
        LabelTask.open(task.folder)


@given(st.text(max_size=30), st.sampled_from(["goods", "texts"]))
def test_a_label_has_one_way_of_writing(text: str, kind: Kind) -> None:
    assert tidy(tidy(text, kind), kind) == tidy(text, kind)
    assert tidy(f"\u3000{text}\t", kind) == tidy(text, kind)


@pytest.mark.parametrize("label", ["连衣裙　长", "👩‍💻", "a<b>", "x" * 100, "一, 二"])
def test_a_label_may_be_anything_in_one_line(label: str) -> None:
    assert checked(label, "texts")


@pytest.mark.parametrize("label", ["", " \u3000", "\u200d", "a\x1b[2J", "a\u202eb", "\ud800", "x" * 101])
def test_a_label_that_nobody_can_read_is_refused(label: str) -> None:
    with pytest.raises(BadSetting, match="1 to 100 characters"):
        checked(label, "goods")


def test_a_label_of_goods_fits_into_a_product_file(new_task: NewTask) -> None:
    with pytest.raises(BadSetting, match="a bar"):
        checked("red|blue", "goods")
    asker = Asker(new_task())
    assert asker.add_label("Tops＞Shirts", "ann") == "Tops > Shirts" == asker.add_label("Tops>Shirts", "bob")
    for name in ("image", "votes"):
        with pytest.raises(BadSetting, match="called like a column"):
            new_task(card=replace(CARD, label=name), name=name)
    for name in ("price", "名称", "库存", "!"):
        with pytest.raises(BadSetting, match="for something else"):
            label_of_goods(name)


@pytest.mark.parametrize(
    ("labels", "shared", "given", "problem"),
    [
        (("a", "a "), 0.1, 0, "twice"),
        (("", "b"), 0.1, 0, "1 to 100 characters"),
        (("a", "x" * 101), 0.1, 0, "1 to 100 characters"),
        (("a", "b"), 1.5, 0, "from 0 to 1"),
        (("a", "b"), 0.1, 9, "nothing to ask"),
    ],
)
def test_a_task_that_cannot_be_meant_is_refused(
    new_task: NewTask, labels: tuple[str, ...], shared: float, given: int, problem: str
) -> None:
    card = TaskCard(label="x", kind="goods", labels=labels, source="s", shared=shared)
    with pytest.raises(BadSetting, match=problem):
        new_task(9, given=given, card=card)


# Who is asked what


def test_everybody_is_asked_the_shared_things_and_nobody_the_same_others(new_task: NewTask) -> None:
    task = new_task(60)
    asker = Asker(task)
    asked: dict[str, list[str]] = {"ann": [], "bob": []}
    for _ in range(30):
        for by, own in asked.items():
            question = asker.next(by)
            assert question is not None
            assert asker.next(by) == question
            assert question.expected is None or not question.shared
            own.append(question.thing.id)
            asker.answer(by, question.thing.id, right(question.thing))
    both = set(asked["ann"]) & set(asked["bob"])
    shared = {id for id, given in task.answers.of.items() if any(a.shared for a in given.values())}
    assert both == shared
    assert len(shared) == 6
    assert all(len(set(own)) == 30 for own in asked.values())


def test_it_ends_when_everything_is_labelled_and_what_carries_a_label_is_not_asked(new_task: NewTask) -> None:
    asker = Asker(new_task(30, given=10))
    asked = []
    while question := asker.next("ann"):
        asked.append(question.thing.id)
        asker.answer("ann", question.thing.id, right(question.thing))
    assert sorted(asked) == sorted(f"P{n}" for n in range(10, 30))
    assert all(question.expected for question in [asker.back("ann", asked[1])] if question)


def test_what_carries_a_label_teaches_from_the_first_question_on(new_task: NewTask) -> None:
    asker = Asker(new_task(30, given=12))
    question = asker.next("ann")
    assert question
    assert not question.shared
    assert question.expected == right(question.thing) == question.candidates[0]


def test_what_somebody_was_at_who_has_left_is_asked_of_who_stays(new_task: NewTask) -> None:
    task = new_task(12)
    asker = Asker(task)
    left = asker.next("ann")  # and never comes back
    assert left
    while question := asker.next("bob"):
        asker.answer("bob", question.thing.id, right(question.thing))
    assert told_of(task).labelled == 12
    assert "bob" in task.answers.of[left.thing.id]
    for shared in (asker.next("ann") for _ in range(2)):  # comes back: only of what all are asked
        assert shared
        assert shared.shared
        asker.answer("ann", shared.thing.id, right(shared.thing))
    assert asker.next("ann") is None


def test_only_labels_that_can_be_chosen_are_expected(new_task: NewTask) -> None:
    asker = Asker(new_task(30, given=12, card=replace(CARD, labels=("mug", "shirt"))))
    questions = []
    while question := asker.next("ann"):
        questions.append(question)
        asker.answer("ann", question.thing.id, "mug")
    assert {question.expected for question in questions} <= {"mug", "shirt", None}


def test_the_model_is_judged_only_by_what_it_was_not_taught(new_task: NewTask) -> None:
    task = new_task(30, given=12, card=replace(CARD, shared=1.0))
    asker = Asker(task)
    for by in ("ann", "bob"):
        while question := asker.next(by):
            assert question.expected is None
            asker.answer(by, question.thing.id, right(question.thing))
    said = [answer for given in task.answers.of.values() for answer in given.values()]
    assert {answer.by for answer in said if answer.expected} == {"ann"}
    assert told_of(task).model_asked == 18


def test_threads_that_label_at_once_and_ask_how_far_it_is_do_not_meet(new_task: NewTask) -> None:
    task = new_task(60)
    asker = Asker(task)

    def labels(by: str) -> int:
        answers = 0
        while question := asker.next(by):
            asker.answer(by, question.thing.id, right(question.thing))
            answers += 1
            assert asker.progress(by).mine == answers
            assert asker.told().labellers[by].answers == answers
        return answers

    with ThreadPoolExecutor(4) as crew:
        answers = list(crew.map(labels, ("ann", "bob", "李雷", "d")))
    assert sum(answers) >= 48 + 4 * 12
    assert told_of(LabelTask.open(task.folder)).labelled == 60


def test_what_nobody_could_tell_is_not_asked_again_and_has_no_label(new_task: NewTask) -> None:
    task = new_task(12)
    asker, seen = Asker(task), []
    while question := asker.next("ann"):
        seen.append(question.thing.id)
        asker.answer("ann", question.thing.id, None)
    assert len(seen) == len(set(seen)) == 12
    told = told_of(task)
    assert (told.labelled, told.unknown) == (0, 12)
    assert told.labellers["ann"].skipped == 12
    assert not labelled_rows(task)


def test_going_back_shows_what_was_said_and_lets_it_be_said_anew(new_task: NewTask) -> None:
    task = new_task()
    asker = Asker(task)
    assert asker.back("ann") is None
    first, *_ = [asker.next("ann")]
    assert first
    asker.answer("ann", first.thing.id, "mug")
    second = asker.next("ann")
    assert second
    before = asker.back("ann")
    assert before
    assert before.thing == first.thing
    assert before.own == "mug"
    assert before.answered
    assert asker.back("ann", first.thing.id) is None
    asker.answer("ann", first.thing.id, "shoe")
    assert asker.next("ann") == second
    assert task.verdicts()[task.place_of[first.thing.id]].label == "shoe"


def test_a_label_may_be_added_by_who_labels(new_task: NewTask) -> None:
    task = new_task()
    asker = Asker(task)
    question = asker.next("ann")
    assert question
    with pytest.raises(BadQuery, match="no label 'hat'"):
        asker.answer("ann", question.thing.id, "hat")
    assert asker.add_label(" hat ", "ann") == "hat" == asker.add_label("hat", "bob")
    asker.answer("ann", question.thing.id, "hat")
    assert LabelTask.open(task.folder).labels == (*LABELS, "hat")
    with pytest.raises(BadQuery, match="no thing 'nothing'"):
        asker.answer("ann", "nothing", "hat")


def test_another_process_that_answers_is_heard(new_task: NewTask) -> None:
    task = new_task(10)
    here, there = Asker(task), Asker(LabelTask.open(task.folder))
    while question := there.next("bob"):
        there.answer("bob", question.thing.id, right(question.thing))
    question = here.next("ann")
    assert question
    assert question.shared
    assert told_of(task).labelled == 10


def test_a_third_one_decides_what_two_dispute(new_task: NewTask) -> None:
    task = new_task(10)
    asker = Asker(task)
    for by, label in (("ann", "mug"), ("bob", "shoe")):
        asker.answer(by, "P3", label)
        asker.answer(by, "P4", "shirt")
    assert task.verdicts()[3].label is None
    told = told_of(task)
    assert told.disputed == {"P3": {"ann": "mug", "bob": "shoe"}}
    assert told.unknown == 1
    third = Asker(task, disputed=True)
    question = third.next("cleo")
    assert question
    assert question.thing.id == "P3"
    assert third.next("ann") is None
    third.answer("cleo", "P3", "shoe")
    assert third.next("cleo") is None
    assert task.verdicts()[3].label == "shoe"
    rows = {row["id"]: row for row in labelled_rows(task)}
    assert rows["P3"]["category"] == "shoe"
    assert (rows["P3"]["votes"], rows["P3"]["agreed"]) == ("3", "2")


def test_agreement_and_what_the_model_knew_are_told(new_task: NewTask) -> None:
    task = new_task(60)
    asker = Asker(task)
    for by in ("ann", "bob"):
        for _ in range(40):
            question = asker.next(by)
            if question is None:
                break
            wrong = by == "bob" and question.shared and question.thing.id.endswith("0")
            asker.answer(by, question.thing.id, "mug" if wrong else right(question.thing), 1.5)
    told = told_of(task)
    (pair,) = told.pairs
    assert pair.names == ("ann", "bob")
    assert pair.things == told.twice >= 4
    assert told.alpha is not None
    assert told.model_right is not None
    assert told.model_right.value > 0.6
    assert told.labellers["ann"].seconds == 1.5
    assert sum(told.labels.values()) == told.labelled
    assert json.dumps(told.as_dict())


def test_goods_that_show_and_say_nothing_are_left_out() -> None:
    goods = [
        Product(id=str(n), title=title, variants=(Variant(id=str(n)),)) for n, title in enumerate(["杯", ""])
    ]
    found = of_goods(goods, "category", Opener(Settings()))
    assert [thing.id for thing in found.things] == ["0"]
    assert found.left_out == 1
    assert found.vectors.shape[0] == 1
