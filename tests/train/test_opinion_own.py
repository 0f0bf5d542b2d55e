"""What a shop learns from its own reviews."""

from pathlib import Path

import numpy as np
import pytest

from duomo.errors import BadFile
from duomo.train.opinion_own import learn_own
from duomo.understand.heads import save_head
from duomo.understand.sentiment_shipped import save_own, shipped_reader, shop_reader

# In this shop people speak of a game: to be "nerfed" is bad, to be "buffed" good. Nobody else could know.
WORDS = ["sword", "shield", "bow", "mage", "healer", "tank", "wolf", "dragon", "knight", "archer"]


def reviews() -> tuple[list[str], list[str]]:
    rng = np.random.default_rng(1)
    texts, labels = [], []
    for number in range(120):
        good = number % 2 == 0
        one, other = rng.choice(WORDS, 2, replace=False)
        texts.append(f"so they {'buffed' if good else 'nerfed'} the {one} and the {other} {number}")
        labels.append("positive" if good else "negative")
    return texts, labels


def test_what_only_this_shop_knows_is_learned_kept_and_used(tmp_path: Path) -> None:
    texts, labels = reviews()
    learned = learn_own(texts, labels, shipped_reader())
    assert (learned.good, learned.bad) == (60, 60)
    assert learned.both.mean > 0.95 > learned.shipped.mean
    assert learned.gain.low > 0
    save_own(tmp_path, learned.own, {})
    for fast in (False, True):
        asked = ["they nerfed the witch", "they buffed the witch"]
        said = shop_reader(tmp_path, fast=fast).read(asked)
        assert [each.label for each in said] == ["negative", "positive"]


def test_what_everybody_knows_is_not_forgotten(tmp_path: Path) -> None:
    texts, labels = reviews()
    save_own(tmp_path, learn_own(texts, labels, shipped_reader()).own, {})
    bare = shop_reader(tmp_path / "none").read(["质量太差了", "质量很好"])
    assert [each.label for each in bare] == ["negative", "positive"]


def test_a_head_of_another_kind_is_told_in_words(tmp_path: Path) -> None:
    texts, labels = reviews()
    own = learn_own(texts, labels, shipped_reader(fast=True)).own
    save_head(tmp_path / "heads" / "sentiment", {"form": 1, "name": "sentiment"}, own.head.as_arrays())
    with pytest.raises(BadFile, match="is not one of sentiment"):
        shop_reader(tmp_path)


@pytest.mark.parametrize(
    ("good", "bad"), [("1", "0"), ("5", "1"), ("4.0", "2.0"), ("好评", "差评"), (" Positive", "NEGATIVE ")]
)
def test_labels_may_be_words_numbers_or_stars(good: str, bad: str) -> None:
    texts, labels = reviews()
    named = [good if label == "positive" else bad for label in labels]
    learned = learn_own(
        [*texts, "meh"], [*named, "3" if good[0] in "54" else "neutral"], shipped_reader(fast=True)
    )
    assert (learned.good, learned.bad, sum(learned.left_out.values())) == (60, 60, 1)


def test_what_says_the_contrary_on_unseen_reviews_is_not_listened_to() -> None:
    # Each good review has a bad one of nearly the same words, so that n-grams learn their opposites by heart.
    parts = ["zipper", "sleeve", "button", "collar", "pocket", "lining", "hem", "cuff", "strap", "buckle"]
    pairs = [(f"{one} {other} fine", f"{one} {other} awful") for one in parts for other in parts[:6]]
    learned = learn_own(
        [text for pair in pairs for text in pair], ["good", "bad"] * len(pairs), shipped_reader(fast=True)
    )
    assert learned.own.words >= 0
    assert learned.own.shipped > 0


def test_blank_numbers_are_no_stars_in_whatever_order_they_stand() -> None:
    texts, labels = reviews()
    stars = ["5" if label == "positive" else "1" for label in labels]
    learned = learn_own([*texts, "a", "b"], [*stars, "nan", "inf"], shipped_reader(fast=True))
    assert (learned.good, learned.bad, learned.left_out) == (60, 60, {"nan": 1, "inf": 1})


def test_too_few_of_one_kind_are_refused() -> None:
    texts, labels = reviews()
    with pytest.raises(BadFile, match="60 good and 0 bad reviews"):
        learn_own(texts[::2], labels[::2], shipped_reader(fast=True))
