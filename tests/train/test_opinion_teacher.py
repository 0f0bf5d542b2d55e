"""A large net that learns from reviews, what it judges, and small nets that learn from what it says."""

import csv
import gzip
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

torch = pytest.importorskip("torch")

from safetensors.numpy import load_file  # noqa: E402  # with them
from tokenizers import Regex, Tokenizer, models, pre_tokenizers  # noqa: E402  # with them

from duomo.files import read_json_lines  # noqa: E402  # with them
from duomo.train.opinion import Lesson  # noqa: E402  # needs torch
from duomo.train.opinion_more import more_texts, read_passages, sentences  # noqa: E402  # with them
from duomo.train.opinion_ship import between, ship  # noqa: E402  # needs torch
from duomo.train.opinion_teacher import COURSE, OpinionTeacher, TeacherNet  # noqa: E402  # needs torch
from duomo.train.opinion_texts import WAIMAI, Opinion, same  # noqa: E402  # with them
from duomo.train.starts.bert import Bert, BertShape, Teacher  # noqa: E402  # needs torch
from duomo.understand.heads import CARD, WEIGHTS  # noqa: E402  # with them

LETTERS = ["?", *"第次送得真的很快慢，。0123456789"]


def tiny_teacher() -> Teacher:
    """A BERT 16 wide that reads letter by letter, not yet trained."""
    torch.manual_seed(3)
    shape = BertShape(width=16, layers=1, heads=2, inner=32, pieces=len(LETTERS), positions=128)
    known = {letter: number for number, letter in enumerate(LETTERS)}
    tokenizer = Tokenizer(models.WordLevel(known, unk_token="?"))  # noqa: S106  # a mark, not a password
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex("."), "isolated")
    return Teacher(name="tiny", network=Bert(shape), tokenizer=tokenizer, prepare=str)


def meals(count: int) -> list[Opinion]:
    return [
        Opinion(
            text=f"第{number}次，送得真的很{'快' if number % 2 else '慢'}",
            pack=WAIMAI,
            language="zh",
            role="learn",
            positive=bool(number % 2),
        )
        for number in range(count)
    ]


def test_a_teacher_learns_and_is_loaded_where_it_has_learned(tmp_path: Path) -> None:
    def teach() -> OpinionTeacher:
        return OpinionTeacher(
            tiny_teacher(),
            meals(120),
            meals(20),
            tmp_path,
            epochs=40,
            course=replace(COURSE, learning_rate=0.01),
        )

    taught = teach()
    assert taught.fitted.best_score == 1.0
    texts = ["第333次，送得真的很快", "第444次，送得真的很慢"]
    assert (taught.good(texts) > 0.5).tolist() == [True, False]
    again = teach()
    assert again.fitted.history[1:] == taught.fitted.history[1:]
    np.testing.assert_array_equal(again.good(texts), taught.good(texts))


def test_what_lies_beyond_the_end_of_a_text_is_not_read() -> None:
    net = TeacherNet(tiny_teacher().network).eval()
    places, lengths = torch.tensor([[1, 2, 3, 9], [4, 5, 6, 7]]), torch.tensor([3, 4])
    alone = net(places[:1, :3], lengths[:1])
    torch.testing.assert_close(net(places, lengths)[:1], alone)


def test_tables_are_not_trained() -> None:
    net = TeacherNet(tiny_teacher().network)
    still = {name for name, each in net.named_parameters() if not each.requires_grad}
    assert still == {"network.pieces.weight", "network.positions.weight", "network.kinds.weight"}


@given(st.text("很好。，a1 !?.…\n", max_size=40))
def test_sentences_are_the_text(text: str) -> None:
    assert "".join(sentences(text)) == text


@given(
    st.lists(st.text("很好快慢，。!", max_size=20), max_size=6),
    st.lists(st.text("很好快慢，。!", max_size=20), max_size=4),
)
def test_no_text_is_judged_twice_nor_one_that_is_known_or_barred(
    reviews: list[str], passages: list[str]
) -> None:
    barred = {same(passage) for passage in passages[:1]}
    found = [same(text) for text in more_texts(reviews, passages, barred=barred)]
    assert len(found) == len({*found})
    assert not {*found} & {*barred, *map(same, reviews)}


def test_two_parts_are_put_together_and_always_the_same() -> None:
    reviews = ["送得很快。味道好极了！", "太慢了，菜都凉了。", "包装不错。分量太少，不会再来！"]
    found = more_texts(reviews, spliced=6)
    assert {"送得很快。", "菜都凉了。"} <= {*found}
    parts = {part.strip() for review in reviews for part in sentences(review)}
    own = [text for text in found if text not in parts and not any(text in review for review in reviews)]
    assert own
    assert found == more_texts(reviews, spliced=6)
    assert found != more_texts(reviews, spliced=6, seed=8)


def test_passages_are_those_to_learn_from_each_once(tmp_path: Path) -> None:
    folder = tmp_path / "en_product_qa"
    folder.mkdir()
    for name, text in (("electronics_train", "loud"), ("grocery_train", "sweet"), ("grocery_test", "secret")):
        with gzip.open(folder / f"{name}.csv.gz", "wt", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("question", "review"), ("How?", text), ("Why?", text)])
    assert read_passages(tmp_path) == ["loud", "sweet"]
    assert read_passages(tmp_path / "none") == []


def test_what_a_teacher_says_is_wanted_as_it_said_it() -> None:
    lesson = Lesson.of(meals(2), [np.array([1]), np.array([2])])
    both = lesson.beside([np.array([3])], np.array([0.7], np.float32), "judged")
    assert both.positive.tolist() == pytest.approx([0.05, 0.95, 0.7])
    assert both.stars.tolist() == [-1, -1, -1]
    assert both.packs == (WAIMAI, WAIMAI, "judged")


@given(st.floats(0, 1))
def test_weights_between_two_phases_begin_and_end_with_theirs(share: float) -> None:
    before, after = {"one": torch.tensor([0.0, 2.0])}, {"one": torch.tensor([1.0, -2.0])}
    found = between(before, after, share)["one"]
    torch.testing.assert_close(found, torch.tensor([share, 2 - 4 * share]), rtol=1e-5, atol=1e-6)


def test_a_reader_is_taught_by_a_teacher_in_one_go(tmp_path: Path) -> None:
    data, work = tmp_path / "packs", tmp_path / "work"
    (data / WAIMAI).mkdir(parents=True)
    rows = [(each.text, str(int(bool(each.positive))), "train") for each in meals(90)]
    secret = ("送得真的很快", "1", "dev")
    with gzip.open(data / WAIMAI / "reviews.csv.gz", "wt", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "label", "split"), *rows, secret])
    ship(data, work, tmp_path / "taught", seeds=[7], epochs=1, teachers={"zh": tiny_teacher})
    ship(data, work, tmp_path / "plain", seeds=[7], epochs=1)
    (found,) = work.glob("*/teacher-zh/judged.jsonl")
    judged = [row for _, row in read_json_lines(found)]
    assert json.loads((tmp_path / "taught" / CARD).read_text(encoding="utf-8"))["taught"] == {
        "zh": len(judged)
    }
    assert json.loads((tmp_path / "plain" / CARD).read_text(encoding="utf-8"))["taught"] == {}
    assert not {same(secret[0])} & {same(str(row["text"])) for row in judged}
    assert all(0 <= float(str(row["good"])) <= 1 for row in judged)
    taught, plain = (load_file(tmp_path / name / WEIGHTS) for name in ("taught", "plain"))
    assert taught.keys() == plain.keys()
    np.testing.assert_array_equal(taught["zh/ids"], plain["zh/ids"])
