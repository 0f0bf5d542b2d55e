"""Contradictions of words and picture: planted, learned, told with the part that is wrong, and kept."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.arrays import Pixels
from duomo.encode.colors import color_histogram
from duomo.errors import BadFile, BadSetting, MissingFile
from duomo.understand.gate import Floats
from duomo.understand.heads import CARD, WEIGHTS
from duomo.understand.match import SIGNS, Matcher, signs
from duomo.understand.match_fitting import FittedMatch, fit_matcher
from duomo.understand.match_reading import judged
from duomo.understand.planted import Names, Swaps
from duomo.understand.taxonomy import Node

COLORS = {"red": (200, 30, 40), "blue": (30, 70, 200), "green": (40, 150, 70), "black": (20, 20, 22)}
CHINESE = {"red": "红色", "blue": "蓝色", "green": "绿色", "black": "黑色"}
KINDS = {"mug": "杯子", "shirt": "衬衫", "bag": "包"}
MAKERS = ("Norra", "Velo", "青禾", "Lumen", "木子")


def drawn(color: str, kind: str, rng: np.random.Generator) -> Pixels:
    """A thing before a white wall: each kind has a shape of its own."""
    picture = np.full((48, 48, 3), 250, np.uint8)
    top = int(rng.integers(4, 10))
    shade = np.clip(np.array(COLORS[color]) + rng.integers(-12, 13), 0, 255)
    if kind == "mug":
        picture[top + 12 : top + 30, 14:34] = shade
    elif kind == "shirt":
        picture[top : top + 36, 18:30] = shade
        picture[top : top + 10, 4:44] = shade
    else:
        picture[top + 20 : top + 34, 2:46] = shade
    return picture


def shapes(pictures: list[Pixels]) -> Floats:
    """What is seen of them: colors, and where it is dark."""
    grey = np.stack([each[::6, ::6].mean(axis=2).ravel() / 255 for each in pictures])
    return np.concatenate([color_histogram(pictures), grey], axis=1).astype(np.float32)


def goods(count: int) -> tuple[list[str], list[Pixels], dict[str, list[Node | None]]]:
    """Titles of which every second is Chinese, pictures, and labels in English."""
    rng = np.random.default_rng(4)
    texts, pictures = [], []
    labels: dict[str, list[Node | None]] = {"color": [], "kind": []}
    for row in range(count):
        color, kind, maker = (str(rng.choice([*each])) for each in (COLORS, KINDS, MAKERS))
        english, chinese = f"{maker} {color} {kind} {row}", f"{maker}{CHINESE[color]}{KINDS[kind]} {row}款"
        texts.append(english if row % 2 else chinese)
        pictures.append(drawn(color, kind, rng))
        labels["color"].append((color,))
        labels["kind"].append(("Things", kind))
    return texts, pictures, labels


@pytest.fixture(scope="module")
def fitted() -> FittedMatch:
    texts, pictures, labels = goods(360)
    return fit_matcher(texts, shapes(pictures), np.ones(len(texts), bool), labels, tower="shapes")


def said(fitted: FittedMatch, text: str, color: str, kind: str) -> dict[str, object]:
    seen = shapes([drawn(color, kind, np.random.default_rng(1))])
    heard = fitted.matcher.heard([text], seen)
    shares = fitted.matcher.shares_of(heard)
    return judged(fitted.matcher, [text], np.ones(1, bool), heard, shares)[0].as_dict()


@pytest.mark.parametrize("text", ["Velo red mug 7", "青禾红色杯子 8款"])
def test_the_part_that_contradicts_is_named_in_both_languages(fitted: FittedMatch, text: str) -> None:
    assert said(fitted, text, "red", "mug")["label"] == "match"
    assert {**said(fitted, text, "blue", "mug"), "probability": 0} == {
        "label": "contradiction",
        "probability": 0,
        "part": "color",
        "of": "color",
        "says": "red",
        "shows": "blue",
    }
    other = said(fitted, text, "red", "shirt")
    assert (other["part"], other["says"], other["shows"]) == ("kind", "Things > mug", "Things > shirt")


def test_another_products_picture_is_told_from_one_wrong_label(fitted: FittedMatch) -> None:
    assert said(fitted, "Velo red mug 7", "green", "shirt")["part"] == "picture"


def test_figures_come_from_goods_that_were_not_seen(fitted: FittedMatch) -> None:
    kinds = fitted.matcher.card.figures["kinds"]
    assert isinstance(kinds, dict)
    assert set(kinds) == {"color", "kind", "picture"}
    assert all(each["auc"] > 0.9 for each in kinds.values())


def test_a_wrong_picture_among_the_goods_does_not_teach_its_own_heads() -> None:
    texts, pictures, labels = goods(360)
    wrong = [place for place in range(0, 360, 30) if labels["color"][place] != ("red",)]
    for place in wrong:
        pictures[place] = drawn("red", "mug", np.random.default_rng(place))
        labels["kind"][place] = ("Things", "mug") if "mug" in texts[place] else labels["kind"][place]
    learned = fit_matcher(texts, shapes(pictures), np.ones(len(texts), bool), labels)
    doubt = 1 - learned.unseen[:, 0]
    assert doubt[wrong].min() > np.quantile(np.delete(doubt, wrong), 0.95)


def test_without_words_or_picture_nothing_is_said(fitted: FittedMatch) -> None:
    texts = ["Velo red mug", "  ", "ЖЖЖ", "Zanzibar Quokka Teapot 7"]  # the last is nothing the shop sells
    seen = np.zeros((4, 280), np.float32)
    heard = fitted.matcher.heard(texts, seen)
    shares = fitted.matcher.shares_of(heard)
    found = judged(fitted.matcher, texts, np.array([False, True, True, True]), heard, shares)
    assert [each.doubt for each in found] == ["empty", "empty", "unknown", "unknown"]
    assert all(each.label is None for each in found)


def test_what_is_kept_says_the_same(fitted: FittedMatch, tmp_path: Path) -> None:
    fitted.matcher.save(tmp_path / "match")
    again = Matcher.load(tmp_path / "match")
    texts, pictures, _ = goods(20)
    assert np.allclose(
        again.shares(texts, shapes(pictures)), fitted.matcher.shares(texts, shapes(pictures)), atol=1e-3
    )
    assert again.card == replace(fitted.matcher.card, lineage=again.card.lineage, figures=again.card.figures)


def test_a_head_that_is_damaged_says_what_to_do(fitted: FittedMatch, tmp_path: Path) -> None:
    with pytest.raises(MissingFile, match="duomo train match"):
        Matcher.load(tmp_path / "none")
    fitted.matcher.save(tmp_path / "match")
    weights = tmp_path / "match" / WEIGHTS
    weights.write_bytes(weights.read_bytes()[:-1])
    with pytest.raises(BadFile, match=r"not those of its card.*duomo train match"):
        Matcher.load(tmp_path / "match")
    fitted.matcher.save(tmp_path / "match")
    card = tmp_path / "match" / CARD
    held = json.loads(card.read_text(encoding="utf-8"))
    card.write_text(json.dumps({**held, "labels": ["color"]}), encoding="utf-8")
    with pytest.raises(BadFile, match="for other labels"):
        Matcher.load(tmp_path / "match")


def test_too_little_to_learn_from_is_told() -> None:
    texts, pictures, labels = goods(80)
    seen, shown = shapes(pictures), np.ones(80, bool)
    with pytest.raises(BadSetting, match="20 goods have words and a picture, and 60"):
        fit_matcher(texts, seen, np.arange(80) < 20, labels)
    with pytest.raises(BadSetting, match="no label of the goods stands in their words"):
        fit_matcher([f"Thing {row}" for row in range(80)], seen, shown, labels)
    blind = np.random.default_rng(0).normal(size=(80, 8)).astype(np.float32)
    with pytest.raises(BadSetting, match="tell nothing of"):
        fit_matcher(texts, blind, shown, labels)


def test_serving_needs_no_scikit_learn() -> None:
    code = "import sys, duomo.understand.match, duomo.understand.match_goods; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"sklearn", "scipy", "torch"} & set(run.stdout.split())


def test_names_stand_in_words_of_both_languages() -> None:
    names = Names.of([("Navy Blue",), ("Blue",), ("T-shirts",)])
    text = "Navy-blue T shirt, 蓝色 and blues"
    assert [(text[a:b], names.classes[c][0]) for a, b, c in names.find(text)] == [
        ("Navy-blue", "Navy Blue"), ("T shirt", "T-shirts"), ("蓝色", "Blue"), ("blues", "Blue"),
    ]  # fmt: skip
    assert not Names.of([("Men",), ("Red",)]).find("Women Credit")


def test_shades_of_one_color_and_unisex_contradict_nothing() -> None:
    names = Names.of([("Maroon",), ("Red",), ("Blue",), ("Men",), ("Women",), ("Unisex",)])
    assert [names.apart(*pair) for pair in ((0, 1), (1, 2), (3, 4), (3, 5))] == [False, True, True, False]


WORDS = ["red", "蓝色", "Green", "mug", "杯子", "new", "7", "Acme"]


@given(st.lists(st.sampled_from(WORDS), max_size=8), st.integers(0, 2), st.integers(0, 99))
def test_a_swap_changes_the_named_value_and_nothing_else(words: list[str], own: int, seed: int) -> None:
    names = Names.of([("red",), ("blue",), ("green",)])
    swaps = Swaps.of(names, ["a red mug", "蓝色杯子", "green mug"], [0, 1, 2])
    text = " ".join(words)
    said = {each.class_ for each in names.find(text)}
    made = swaps.swap(text, own, np.random.default_rng(seed))
    assert (made is None) == (own not in said or len(said) == 3)
    if made:
        changed, other = made
        assert {each.class_ for each in names.find(changed)} == (said - {own}) | {other}
        plain = [word for word in words if not names.find(word)]
        assert [word for word in changed.split(" ") if not names.find(word)] == plain


SHARES = st.lists(st.floats(0.01, 1), min_size=3, max_size=3).map(
    lambda each: np.array([each], np.float32) / np.float32(sum(each))
)


@given(SHARES, SHARES, SHARES)
def test_odds_are_one_where_the_picture_says_what_is_usual(
    words: Floats, picture: Floats, prior: Floats
) -> None:
    assert signs(words, prior, prior[0], [[]])[0, 0] == pytest.approx(0, abs=1e-4)
    found = signs(words, picture, prior[0], [[0]])
    assert found.shape == (1, SIGNS)
    assert found[0, 0] == pytest.approx(np.log((words * picture / prior).sum()), abs=1e-4)
