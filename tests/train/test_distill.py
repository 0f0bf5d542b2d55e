from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer
from torch import Tensor

from duomo.arrays import Vectors, unit
from duomo.errors import BadFile, BadSetting
from duomo.train.distill import (
    Lessons,
    Weights,
    agreement,
    batches,
    distill,
    lessons,
    loss,
    start_tower,
)
from duomo.train.loop import Course
from duomo.train.targets import read_targets, write_targets
from duomo.train.towers.text import TextShape, TextSpaces, TextTower, encode_texts

COLORS = ("red", "blue", "green", "black", "white", "pink")
GOODS = ("dress", "shirt", "shoe", "bag", "hat", "sock", "belt", "coat", "ring", "scarf")
CHINESE = dict(zip(COLORS, ("红色", "蓝色", "绿色", "黑色", "白色", "粉色"), strict=True))
ENGLISH = [f"{color} {good} {size}" for color in COLORS for good in GOODS for size in ("s", "m", "l")]
TEXTS = [*ENGLISH, *COLORS, *CHINESE.values()]


def taught_by(texts: list[str], dim: int, seed: int) -> dict[str, Vectors]:
    """A teacher for whom a text is the mean of its words, each at a place of its own; languages lie apart."""
    places: dict[str, np.ndarray[tuple[int], np.dtype[np.float32]]] = {}
    meaning = {chinese: english for english, chinese in CHINESE.items()}

    def place(word: str) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
        word = meaning.get(word, word)
        if word not in places:
            places[word] = np.random.default_rng((seed, *word.encode())).normal(size=dim).astype(np.float32)
        return places[word]

    return {
        text: unit(np.mean([place(w) for w in text.split()], axis=0) + 3 * (text in meaning))
        for text in texts
    }


def tower_of(tokenizer: Tokenizer) -> TextTower:
    torch.manual_seed(0)
    shape = TextShape(
        pieces=tokenizer.get_vocab_size(), narrow=16, width=32, layers=1, heads=2, inner=48, e5=12, minilm=10
    )
    return TextTower(shape)


@pytest.fixture(scope="module")
def taught(tokenizer: Tokenizer) -> Lessons:
    groups = [[english, chinese] for english, chinese in CHINESE.items()]
    return lessons(tokenizer, taught_by(TEXTS, 12, 1), taught_by([*ENGLISH, *COLORS], 10, 2), groups)


def test_a_chinese_wording_learns_what_the_english_teacher_says_of_its_english_one(taught: Lessons) -> None:
    red, chinese = (TEXTS.index(text) for text in ("red", "红色"))
    torch.testing.assert_close(taught.minilm[chinese], taught.minilm[red])
    assert not taught.held_out.size or not {red, chinese} & set(taught.held_out.tolist())


def test_centred_by_language_both_wordings_of_a_color_lie_together(taught: Lessons) -> None:
    red, chinese = (TEXTS.index(text) for text in ("red", "红色"))
    raw = taught_by(TEXTS, 12, 1)
    assert float(taught.e5[red] @ taught.e5[chinese]) > float(raw["red"] @ raw["红色"])


def test_no_line_is_learned_from_and_held_out_and_none_is_lost(taught: Lessons) -> None:
    assert sorted([*taught.learned, *taught.held_out]) == list(range(len(TEXTS)))
    assert taught.held_out.size


def test_an_epoch_takes_every_line_at_most_once_and_depends_on_the_step_alone(taught: Lessons) -> None:
    batch_of = batches(taught, 16, 3, seed=5)
    steps = len(taught.learned) // 16
    rows = np.concatenate([batch_of(step, np.random.default_rng(step)).lines for step in range(steps)])
    assert len(set(rows.tolist())) == rows.size == steps * 16
    again = batches(taught, 16, 3, seed=5)(3, np.random.default_rng(3))
    np.testing.assert_array_equal(again.lines, batch_of(3, np.random.default_rng(3)).lines)
    np.testing.assert_array_equal(again.pairs, batch_of(3, np.random.default_rng(3)).pairs)
    assert (again.pairs[0] != again.pairs[1]).all()


def test_a_tower_that_says_what_its_teachers_say_has_no_loss_of_place(taught: Lessons) -> None:
    tower = tower_of_taught(taught)
    chosen = batches(taught, 16, 0, seed=1)(0, np.random.default_rng(0))
    assert loss(tower, taught, chosen, Weights(relations=1.0)).item() == pytest.approx(0, abs=1e-4)


def tower_of_taught(taught: Lessons) -> TextTower:
    """No transformer: it looks its answer up."""

    class Oracle(TextTower):
        def spaces(self, input_ids: Tensor, attention_mask: Tensor) -> TextSpaces:
            rows = [row[keep.bool()].tolist() for row, keep in zip(input_ids, attention_mask, strict=True)]
            places = torch.tensor([[*map(list, taught.tokens)].index(row) for row in rows])
            return TextSpaces(torch.zeros(len(rows), 1), taught.e5[places], taught.minilm[places])

    return Oracle(TextShape(pieces=4, narrow=2, width=4, layers=1, heads=1, inner=2))


@pytest.mark.slow
def test_a_student_learns_and_goes_on_where_it_was_cut_short(
    taught: Lessons, tokenizer: Tokenizer, tmp_path: Path
) -> None:
    course = Course(steps=120, learning_rate=3e-3, check_every=30, seed=2)
    tower = tower_of(tokenizer)
    before = agreement(tower.eval(), taught)
    fitted = distill(
        tower,
        tokenizer,
        taught,
        course=course,
        run=tmp_path / "run",
        result=tmp_path / "student",
        batch=32,
        pairs=4,
    )
    assert fitted.best_score > before + 0.3
    found = encode_texts(tmp_path / "student", ["red", "红色", "blue"]).e5
    assert found[0] @ found[1] > found[0] @ found[2]
    other = tower_of(tokenizer)
    again = distill(
        other,
        tokenizer,
        taught,
        course=course,
        run=tmp_path / "run",
        result=tmp_path / "student",
        batch=32,
        pairs=4,
    )
    assert again.best_score == fitted.best_score  # ended runs are loaded, not repeated
    torch.testing.assert_close(other.state_dict(), tower.state_dict())


def test_a_start_keeps_the_neighbours_of_both_large_tables() -> None:
    chance = np.random.default_rng(0)
    first, second = (chance.normal(size=(41, 12)).astype(np.float32) for _ in range(2))
    first[2], second[2] = first[1] + 0.01, second[1]
    first[0] = second[0] = second[5] = 0
    shape = TextShape(pieces=41, narrow=24, width=32, layers=1, heads=2, inner=48)
    rows = start_tower(shape, first, 100 * second).pieces.weight.detach()
    near = torch.cdist(rows, rows)
    assert near[1, 2] < near[1, 3:].min() / 10
    assert torch.equal(rows[0], torch.zeros(24))
    assert rows.std() == pytest.approx(1, rel=0.1)


def test_without_targets_there_is_nothing_to_learn(tokenizer: Tokenizer) -> None:
    with pytest.raises(BadSetting, match="no targets"):
        lessons(tokenizer, {}, {}, [])


class Counting:
    """A teacher of texts by their length, that counts how often it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.asked += texts
        return np.array([[len(text), 1.0] for text in texts], dtype=np.float32)


def test_targets_are_written_once_and_a_shard_without_vectors_is_asked_for_again(tmp_path: Path) -> None:
    teacher = Counting()
    assert write_targets(teacher, ["a", "bb", "ccc", "bb"], tmp_path, shard=2) == 3
    (tmp_path / "0001.npy").unlink()  # as after a sudden end between the two files
    assert write_targets(teacher, ["a", "bb", "ccc", "dddd"], tmp_path, shard=2) == 2
    assert teacher.asked == ["a", "bb", "ccc", "ccc", "dddd"]
    found = read_targets(tmp_path)
    assert {text: vector[0] for text, vector in found.items()} == {"a": 1, "bb": 2, "ccc": 3, "dddd": 4}


def test_a_shard_whose_files_do_not_belong_together_is_refused(tmp_path: Path) -> None:
    write_targets(Counting(), ["a", "bb"], tmp_path)
    (tmp_path / "0000.txt").write_text("a\n")
    with pytest.raises(BadFile, match="2 vectors for 1 texts"):
        read_targets(tmp_path)
