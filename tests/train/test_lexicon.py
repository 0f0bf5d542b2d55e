"""The words that training learns from, and those it must not know."""

import csv
import json
import re
from collections import Counter
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.errors import BadFile
from duomo.lexicon import Kind, concept_of, concepts, read_concepts, zh_of
from duomo.train.lexicon import Exam, class_names, exam, read_class_names
from duomo.train.phrasing import ATTRIBUTES, Language, phrase, templates

HAN = re.compile(r"[\u4e00-\u9fff]")
SHIRT = {"type": "Tshirts", "color": "Navy Blue", "gender": "Men", "season": "Fall", "usage": "Casual"}


@pytest.fixture(scope="module")
def fashion(data_dir: Path) -> list[dict[str, str]]:
    """Article type, colour, gender, season, usage, title and split of the real fashion products."""
    table = data_dir / "fashion_products" / "products.csv"
    if not table.is_file():
        pytest.skip(f"no fashion products in {data_dir}")
    with table.open(encoding="utf-8", newline="") as file:
        return [{**row, **json.loads(row["attributes_json"] or "{}")} for row in csv.DictReader(file)]


def folded(names: tuple[str, ...]) -> set[str]:
    return {name.casefold() for name in names}


def test_the_lexicon_is_broad() -> None:
    counts = Counter(concept.kind for concept in concepts())
    assert counts.keys() == set(get_args(Kind))
    assert counts.total() >= 1_500
    assert counts["type"] >= 1_000


def test_every_concept_has_latin_names_and_chinese_ones() -> None:
    for concept in concepts():
        assert not any(HAN.search(name) for name in concept.en), concept
        assert concept.kind == "unit" or any(HAN.search(name) for name in concept.zh), concept


def test_class_names_are_a_thousand_in_both_languages() -> None:
    assert len(class_names()) == 1_000
    for known in class_names():
        assert all(name.isascii() for name in known.en), known
        assert all(HAN.search(name) for name in known.zh), known


@pytest.mark.parametrize("name", get_args(Exam))
def test_an_exam_asks_everything_once(name: Exam) -> None:
    pairs = exam(name)
    assert len(pairs) >= 60
    assert len({pair.b.casefold() for pair in pairs}) == len(pairs)
    if name in ("synonym", "translation"):
        assert len(
            folded(tuple(pair.a for pair in pairs)) | folded(tuple(pair.b for pair in pairs))
        ) == 2 * len(pairs)


def test_no_word_of_an_exam_is_in_the_lexicon() -> None:
    taught = {word for concept in concepts() for word in folded((*concept.en, *concept.zh))}
    for name in ("synonym", "translation"):
        for pair in exam(name):
            assert pair.a.casefold() not in taught, pair
            assert pair.b.casefold() not in taught, pair
    for name in (
        "attribute_words",
        "type_synonym",
    ):  # their other side is an attribute the lexicon has to know
        for pair in exam(name):
            assert pair.b.casefold() not in taught, pair


def test_no_answer_of_an_exam_is_given_away_by_longer_names() -> None:
    taught = [(row.en, row.zh) for row in concepts()] + [(row.en, row.zh) for row in class_names()]
    for name in ("synonym", "translation"):
        for pair in exam(name):
            word = re.compile(rf"\b{re.escape(pair.a.rstrip('s'))}(e?s)?\b", re.IGNORECASE)
            for en, zh in taught:
                asked = any(word.search(text) for text in en)
                answered = any(pair.b.casefold() in text.casefold() for text in (*en, *zh))
                assert not (asked and answered), (pair, en, zh)


def test_no_class_name_is_an_unseen_wording() -> None:
    classes = {word for known in class_names() for word in folded((*known.en, *known.zh))}
    for name in ("attribute_words", "type_synonym"):
        assert not classes & folded(tuple(pair.b for pair in exam(name)))


def test_the_exams_ask_about_values_the_fashion_catalog_has(fashion: list[dict[str, str]]) -> None:
    types = {row["article_type"] for row in fashion}
    colors = {row["color"] for row in fashion}
    asked = {pair.a for pair in exam("attribute_words")}
    assert asked <= types | colors
    assert len(asked & types) >= 25
    assert len(asked & colors) >= 12
    assert {pair.a for pair in exam("type_synonym")} <= types
    assert len({pair.a for pair in exam("type_synonym")}) >= 25


def test_no_training_title_uses_an_unseen_english_wording(fashion: list[dict[str, str]]) -> None:
    titles = "\n".join(
        f" {' '.join(re.findall('[a-z0-9]+', row['title'].lower()))} "
        for row in fashion
        if row["split"] == "train"
    )
    for pair in exam("type_synonym"):
        word = " ".join(re.findall("[a-z0-9]+", pair.b.lower()))
        assert not any(f" {form} " in titles for form in (word, f"{word}s", word.removesuffix("s"))), pair


@pytest.mark.parametrize(
    ("kind", "column"),
    [
        ("type", "article_type"),
        ("color", "color"),
        ("person", "gender"),
        ("season", "season"),
        ("occasion", "usage"),
    ],
)
def test_every_attribute_of_the_fashion_catalog_has_a_chinese_name(
    fashion: list[dict[str, str]], kind: Kind, column: str
) -> None:
    values = {row[column] for row in fashion if row.get(column)}
    unnamed = {value for value in values if concept_of(kind, value) is None}
    assert not unnamed, f"{column}: {len(values) - len(unnamed)} of {len(values)} values have a Chinese name"
    assert all(HAN.search(zh_of(kind, value)) for value in values)


def test_a_name_is_found_in_either_language_and_case() -> None:
    assert concept_of("color", "NAVY blue") is concept_of("color", "藏青色") is not None
    assert concept_of("color", "no such color") is None
    with pytest.raises(ValueError, match="no color called 'no such color'"):
        zh_of("color", "no such color")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("kind\ten\n", "the first line must be kind, en, zh"),
        ("", "the first line must be kind, en, zh"),
        ("kind\ten\tzh\ncolor\tred\n", "line 2: 3 filled cells"),
        ("kind\ten\tzh\ncolor\tred\t \n", "line 2: 3 filled cells"),
        ("kind\ten\tzh\ncolour\tred\t红\n", "line 2: there is no kind 'colour'. Known: type, color"),
        ("kind\ten\tzh\ncolor\tred||pink\t红\n", "line 2: 'red||pink' has an empty"),
        ("kind\ten\tzh\ncolor\tred|Red\t红\n", "line 2: 'red|Red' has an empty, padded or repeated name"),
        (
            "kind\ten\tzh\ncolor\tred\t红\ncolor\tRed\t赤\n",
            "line 3: color 'Red' came before. Merge the two rows",
        ),
    ],
)
def test_a_bad_row_of_the_lexicon_is_named(text: str, problem: str) -> None:
    with pytest.raises(BadFile, match=re.escape(problem)):
        read_concepts(text)


def test_a_class_out_of_order_is_named() -> None:
    with pytest.raises(BadFile, match="line 3: index 1 is wanted, not '2'"):
        read_class_names("index\ten\tzh\tkind\n0\ttench\t丁鱥\tanimal\n2\tshark\t鲨\tanimal\n")
    with pytest.raises(BadFile, match="there is no kind 'fish'"):
        read_class_names("index\ten\tzh\tkind\n0\ttench\t丁鱥\tfish\n")


def test_an_unknown_exam_lists_the_known_ones() -> None:
    with pytest.raises(ValueError, match="there are synonym, translation"):
        exam("spelling")


@pytest.mark.parametrize("language", get_args(Language))
def test_there_are_twenty_phrasings_of_a_language(language: Language) -> None:
    assert len({template for template, _ in templates(language)}) == len(templates(language)) >= 20


@given(seed=st.integers(0, 2**32 - 1), asked=st.sets(st.sampled_from(["color", "gender", "season", "usage"])))
def test_a_phrase_speaks_its_language(seed: int, asked: set[str]) -> None:
    attributes = {name: SHIRT[name] for name in {"type", *asked}}
    said = {
        language: phrase(attributes, language, np.random.default_rng(seed)) for language in get_args(Language)
    }
    assert not HAN.search(said["en"])
    assert HAN.search(said["zh"])
    assert not re.search("[A-Za-z]{2}", said["zh"])
    assert all("{" not in text and text == text.strip() for text in said.values())


@given(seed=st.integers(0, 2**32 - 1))
def test_a_mixed_phrase_is_in_both_languages(seed: int) -> None:
    said = phrase({"type": "Jeans", "color": "Black"}, "mixed", np.random.default_rng(seed))
    assert HAN.search(said)
    assert re.search("[A-Za-z]{2}", said)


def test_the_same_chance_gives_the_same_phrase() -> None:
    first, second = (phrase(SHIRT, "mixed", np.random.default_rng(7)) for _ in range(2))
    assert first == second


def test_a_value_may_come_in_either_language() -> None:
    english, chinese = {"type": "Jeans", "color": "Black"}, {"type": "牛仔裤", "color": "黑色"}
    for seed in range(20):
        said = [phrase(attributes, "zh", np.random.default_rng(seed)) for attributes in (english, chinese)]
        assert said[0] == said[1]


def test_a_brand_is_said_as_given_and_stands_apart_from_latin_letters() -> None:
    said = {
        phrase({"type": "Tshirts", "brand": "Puma"}, "zh", np.random.default_rng(seed)) for seed in range(60)
    }
    assert "Puma T恤" in said
    assert "PumaT恤" not in said


def test_owners_are_written_as_english_writes_them() -> None:
    said = {
        phrase({"type": "Jeans", "gender": gender}, "en", np.random.default_rng(seed))
        for gender in ("Men", "Girls", "Unisex")
        for seed in range(120)
    }
    assert {"men's jeans", "girls' jeans", "unisex jeans", "jeans for men and women"} <= said


def test_a_phrase_without_a_type_or_with_a_strange_attribute_is_refused() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="at least the type"):
        phrase({"color": "Black", "type": " "}, "en", rng)
    with pytest.raises(
        ValueError, match=f"no template has a place for 'price'; there are {next(iter(ATTRIBUTES))}"
    ):
        phrase({"type": "Jeans", "price": "20"}, "en", rng)
    with pytest.raises(ValueError, match="there are en, zh, mixed"):
        phrase({"type": "Jeans"}, "fr", rng)  # type: ignore[arg-type]  # what the type forbids is the case
