"""Making the reader of aspects from sentences that were marked: a small one, of sentences written here."""

import gzip
import json
from collections.abc import Iterable
from itertools import permutations, product
from pathlib import Path

import pytest
from safetensors.numpy import load_file, save_file

from duomo.errors import BadSetting
from duomo.train.aspects import KINDS, TAGGER, ship
from duomo.train.aspects_corpora import Marked, clauses, corpora, quads, semeval, silver_opinions, triplets
from duomo.understand.aspects_shipped import FOLDER, WEIGHTS, open_aspects

ENGLISH = (
    ("soup", "bread", "waiter", "garden"),
    {"lovely": "positive", "awful": "negative", "plain": "neutral"},
)
CHINESE = (("汤", "面包", "服务员", "花园"), {"很棒": "positive", "太差了": "negative", "一般": "neutral"})


def packed(path: Path, rows: Iterable[dict[str, object]]) -> None:
    path.parent.mkdir(exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    english, chinese = tmp_path / "en_absa_semeval14", tmp_path / "zh_absa"
    named: list[dict[str, object]] = []
    marked: list[dict[str, object]] = []
    said: list[dict[str, object]] = []
    for number, (thing, (word, mood)) in enumerate(product(ENGLISH[0], ENGLISH[1].items())):
        for more in ("today", "again", "that night"):
            text = f"The {thing} was {word} {more}."
            term = {"term": thing, "polarity": mood, "start": 4, "end": 4 + len(thing)}
            named.append({"id": str(number), "text": text, "aspects": [term], "categories": []})
            label = {"aspect": thing, "opinion": word, "polarity": mood, "category": "X#Y"}
            marked.append({"text": text, "labels": [label], "split": "train"})
    for thing, (word, mood) in product(CHINESE[0], CHINESE[1].items()):
        for more in ("今天", "昨天", "这次"):
            one = {"aspect": thing, "opinion": word, "polarity": mood}
            said.append({"text": f"{more}{thing}{word}。", "triplets": [one]})
    for first, other in permutations(ENGLISH[0], 2):
        labels = [
            {"aspect": first, "opinion": "lovely", "polarity": "positive", "category": "X#Y"},
            {"aspect": other, "opinion": "awful", "polarity": "negative", "category": "X#Y"},
        ]
        text = f"The {first} was lovely, the {other} was awful."
        marked.append({"text": text, "labels": labels, "split": "train"})
    packed(english / "restaurants_train.jsonl.gz", named)
    packed(english / "laptop_acos_quads.jsonl.gz", marked)
    packed(chinese / "restaurant_triplets_train.jsonl.gz", said)
    return tmp_path


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """With the table of words that is shipped."""
    folder = tmp_path / "work"
    folder.mkdir()
    arrays = load_file(FOLDER / WEIGHTS)
    kinds = {name.removeprefix("kinds/"): each for name, each in arrays.items() if name.startswith("kinds/")}
    save_file(kinds, folder / KINDS)
    return folder


@pytest.mark.slow
def test_a_reader_is_made_and_reads_what_it_was_taught(data: Path, work: Path, tmp_path: Path) -> None:
    reader = open_aspects(ship(data, work, tmp_path / "out"))
    for text, thing, word, mood in (
        ("The bread was awful again.", "bread", "awful", "negative"),
        ("今天汤很棒。", "汤", "很棒", "positive"),
    ):
        (said,) = reader.read([text])
        assert [(one.aspect, one.opinion, one.polarity) for one in said.opinions] == [(thing, word, mood)]
    first = (tmp_path / "out" / WEIGHTS).read_bytes()
    assert (work / TAGGER).is_file()
    ship(data, work, tmp_path / "out")
    assert (tmp_path / "out" / WEIGHTS).read_bytes() == first


def test_without_marked_sentences_nothing_is_made(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="has no marked sentences"):
        ship(tmp_path, tmp_path, tmp_path / "out")
    assert corpora(tmp_path, "train") == []


def test_names_and_phrases_are_placed_nearest_to_one_another() -> None:
    label = {"aspect": "key", "opinion": "bad", "polarity": "negative"}
    (found,) = quads([{"text": "bad luck , but monkeys like the key , a bad one", "labels": [label]}])
    (one,) = found.marked
    assert one.aspect == (32, 35)
    assert one.opinion
    assert found.text[slice(*one.opinion)] == "bad"
    assert one.opinion[0] > 35
    null = {"aspect": "NULL", "opinion": "NULL", "polarity": "neutral"}
    (implied,) = quads([{"text": "it is a thing", "labels": [null]}])
    assert implied.marked == (Marked(None, None, "neutral"),)


def test_a_polarity_that_is_none_is_refused() -> None:
    one = {"aspect": "汤", "opinion": "好", "polarity": "great"}
    with pytest.raises(ValueError, match="no polarity is called 'great'"):
        triplets([{"text": "汤好", "triplets": [one]}])


@pytest.mark.parametrize(
    ("text", "aspect", "rest"),
    [
        ("镜头小了一点", "镜头", "小了一点"),
        ("简洁的设计", "设计", "简洁"),
        ("镜头", "镜头", None),
        ("镜头好，快", "镜头", None),
    ],
)
def test_what_is_left_of_a_clause_is_taken_for_the_opinion(text: str, aspect: str, rest: str | None) -> None:
    row = {"text": text, "aspect": aspect, "start": text.index(aspect), "polarity": "positive"}
    (found,) = clauses([row], "camera")
    assert [text[slice(*span)] for span in silver_opinions(found)] == ([rest] if rest else [])


def test_only_clauses_are_guessed_at() -> None:
    (found,) = semeval([{"text": "Good soup", "aspects": []}], "restaurants")
    assert silver_opinions(found) == []
