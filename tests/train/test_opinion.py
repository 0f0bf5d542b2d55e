"""Learning opinions: the net in PyTorch and in NumPy, a run that is cut short, packs without leaks."""

import csv
import gzip
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from safetensors.numpy import load_file  # noqa: E402  # with them

from duomo.train.opinion import COURSE, Lesson, learn, said, steps_of  # noqa: E402  # needs torch
from duomo.train.opinion_net import OpinionNet, frequent_pieces, start_table  # noqa: E402  # needs torch
from duomo.train.opinion_ship import TEXT, arrays_of, ship  # noqa: E402  # needs torch
from duomo.train.opinion_texts import AMAZON, Opinion, read_opinions, same, tenth  # noqa: E402  # with them
from duomo.understand.heads import WEIGHTS  # noqa: E402  # with them
from duomo.understand.sentiment_net import (  # noqa: E402  # with them
    SentenceNet,
    open_tokenizer,
    places_of,
    tokens_of,
)
from duomo.understand.sentiment_shipped import TOWERS, open_reader  # noqa: E402  # with them

GOOD = [
    "质量很好",
    "very good quality",
    "非常满意",
    "I love it",
    "好看",
    "works great",
    "推荐",
    "perfect fit",
]
BAD = ["质量太差", "very bad quality", "非常失望", "I hate it", "难看", "does not work", "别买", "poor fit"]


def lesson(texts: list[str]) -> tuple[Lesson, np.ndarray]:
    tokens = tokens_of(open_tokenizer(TOWERS), texts)
    pieces = frequent_pieces([*tokens] * 8)
    opinions = [
        Opinion(
            text=text,
            pack="own",
            language="zh",
            role="learn",
            positive=text in GOOD,
            stars=5 if text in GOOD else 1,
        )
        for text in texts
    ]
    return Lesson.of(opinions, [places_of(pieces, ids) for ids in tokens]), pieces


def new_net(pieces: np.ndarray) -> OpinionNet:
    torch.manual_seed(1)
    return OpinionNet(start_table(TOWERS / TEXT, pieces, width=16), state=12, drop=0.1, blind=0.1)


def test_numpy_says_what_torch_says() -> None:
    _, pieces = lesson([*GOOD, *BAD])
    net = new_net(pieces).eval()
    texts = [*GOOD, "", "long " * 400, "質量 and 😀"]
    tokenizer = open_tokenizer(TOWERS)
    arrays = arrays_of(net, pieces)
    served = SentenceNet.from_arrays(arrays, tokenizer, prefix="", file="a file").scores(texts)
    wanted = said(net, [places_of(pieces, ids) for ids in tokens_of(tokenizer, texts)]).numpy()
    assert np.abs(served - wanted).max() < 0.03  # 8 bits against float
    assert np.abs(wanted).max() > 0.01


def test_a_net_with_the_pieces_of_some_texts_alone_reads_those_the_same() -> None:
    learned, pieces = lesson([*GOOD, *BAD])
    net = new_net(pieces).eval()
    had = np.unique(np.concatenate(learned.places[:3]))
    kept = np.isin(np.arange(len(pieces)) + 1, had)
    assert 0 < kept.sum() < len(pieces)
    tokenizer = open_tokenizer(TOWERS)
    whole, part = (
        SentenceNet.from_arrays(arrays, tokenizer, prefix="", file="a file")
        for arrays in (arrays_of(net, pieces), arrays_of(net, pieces, kept))
    )
    texts = [*GOOD, *BAD][:3]
    np.testing.assert_array_equal(part.scores(texts), whole.scores(texts))


def test_it_learns_and_a_run_that_was_cut_short_ends_the_same(tmp_path: Path) -> None:
    learned, pieces = lesson([*GOOD, *BAD] * 4)
    course = replace(COURSE, steps=steps_of(learned, 30), check_every=10, learning_rate=0.02)
    whole = new_net(pieces)
    fitted = learn(whole, learned, learned, tmp_path / "whole", course=course)
    assert fitted.best_score == 1.0

    class Cut(Exception):
        pass

    def cut(stage: str, done: int, total: int | None = None) -> None:
        if done == 15:
            raise Cut

    halved = new_net(pieces)
    with pytest.raises(Cut):
        learn(halved, learned, learned, tmp_path / "halved", course=course, tick=cut)
    again = new_net(pieces)
    resumed = learn(again, learned, learned, tmp_path / "halved", course=course)
    assert resumed.history[1:] == fitted.history[1:]  # the first has no loss yet
    for one, other in zip(whole.parameters(), again.parameters(), strict=True):
        assert torch.equal(one, other)


def write_packs(data: Path) -> None:
    """Two packs that share texts across their splits."""
    for pack, rows in {
        "zh_reviews_10cats": [("很好，推荐", "1", "train"), ("太差", "0", "dev"), ("不错", "1", "train")],
        "zh_reviews_waimai": [("太差！", "0", "train"), ("很好 推荐", "1", "train")],
    }.items():
        (data / pack).mkdir(parents=True)
        with gzip.open(data / pack / "reviews.csv.gz", "wt", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("text", "label", "split"), *rows])
    (data / "zh_absa").mkdir()
    with gzip.open(data / "zh_absa" / "phone_train.jsonl.gz", "wt", encoding="utf-8") as file:
        for aspect, polarity in (("屏幕", "positive"), ("电池", "negative")):
            file.write(json.dumps({"text": "屏幕好电池差", "aspect": aspect, "polarity": polarity}) + "\n")


def test_no_text_of_a_reporting_split_is_learned_from_and_none_twice(tmp_path: Path) -> None:
    write_packs(tmp_path)
    found = read_opinions(tmp_path)
    reported = {same(each.text) for each in found if each.role == "report"}
    others = [same(each.text) for each in found if each.role != "report"]
    assert reported == {"太差"}
    assert sorted(others) == sorted({"很好推荐", "不错", "屏幕好电池差"})
    (both,) = (each for each in found if each.pack == "phone")
    assert both.positive is None


def test_the_tenth_that_is_held_back_of_one_pack_is_a_reporting_split(tmp_path: Path) -> None:
    (tmp_path / AMAZON).mkdir()
    texts = [f"review number {number}" for number in range(60)]
    with gzip.open(tmp_path / AMAZON / "reviews.csv.gz", "wt", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "label", "split"), *((text, "1", "train") for text in texts)])
    roles = {each.text: each.role for each in read_opinions(tmp_path)}
    assert {roles[text] for text in texts if tenth(text) == 0} == {"report"}
    assert {roles[text] for text in texts if tenth(text) == 1} == {"hold"}
    assert {roles[text] for text in texts if tenth(text) > 1} == {"learn"}


def test_a_reader_of_other_reviews_takes_nothing_over_from_the_same_folder_of_work(tmp_path: Path) -> None:
    data, work = tmp_path / "packs", tmp_path / "work"
    for pack, good, bad in (("zh_reviews_10cats", "好", "差"), ("zh_reviews_waimai", "快", "慢")):
        (data / pack).mkdir(parents=True)
        rows = [
            (f"第{number}次买，真的很{good if number % 2 else bad}", str(number % 2), "train")
            for number in range(80)
        ]
        with gzip.open(data / pack / "reviews.csv.gz", "wt", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("text", "label", "split"), *rows])
    ship(data, work, tmp_path / "first", seeds=[7], only=["zh_reviews_10cats"], epochs=1)
    ship(data, work, tmp_path / "second", seeds=[7], only=["zh_reviews_waimai"], epochs=1)
    ship(data, tmp_path / "fresh", tmp_path / "third", seeds=[7], only=["zh_reviews_waimai"], epochs=1)
    second, third = (load_file(tmp_path / name / WEIGHTS) for name in ("second", "third"))
    for name, array in third.items():
        np.testing.assert_array_equal(second[name], array)
    said_by = open_reader(tmp_path / "second", fast=True).read(["快", "慢"])
    assert [each.label for each in said_by] == ["positive", "negative"]
