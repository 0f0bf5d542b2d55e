"""Which group an aspect belongs to, and the lists that say so."""

from pathlib import Path

import pytest

from duomo.encode.models import load_encoder
from duomo.errors import BadFile, MissingFile
from duomo.understand.aspects_groups import GROUP, Groups, WordList, open_groups, read_lists, shipped_lists
from duomo.understand.aspects_pairs import Pairs, numbers_of
from duomo.understand.aspects_tokens import words_of


@pytest.fixture(scope="module")
def shipped() -> Groups:
    return Groups(shipped_lists(), load_encoder("pocket").text)


@pytest.mark.parametrize(
    ("term", "group"),
    [
        ("battery life", "battery"),
        ("Wait staff", "service"),
        ("delivery times", "delivery"),
        ("屏幕显示效果", "screen"),
        ("物流速度", "delivery"),
        ("价格", "price"),
        ("Screens", "screen"),
        ("screen quality", "screen"),
        ("质量", "quality"),
        ("laptop keyboard", "keyboard"),
        ("screen size", "screen"),
    ],
)
def test_words_of_the_lists_tell_the_group(shipped: Groups, term: str, group: str) -> None:
    (found,) = shipped.of([term], [""])
    assert found == (group, "words")


def test_an_implied_aspect_is_told_by_its_phrase(shipped: Groups) -> None:
    assert [found.group for found in shipped.of(["", ""], ["太贵了", "overpriced"])] == ["price", "price"]


def test_what_no_list_has_is_told_by_what_it_means_or_by_its_own_name() -> None:
    lists = [WordList(GROUP, ("battery",), ("电池",)), WordList(GROUP, ("trousers",), ("裤子",))]
    groups = Groups(lists, load_encoder("pocket").text)
    assert groups.of(["pants"], [""]) == [("trousers", "vectors")]
    assert groups.of(["Quantum  foam"], [""]) == [("quantum foam", "own")]
    assert Groups(lists).of(["pants"], [""]) == [("pants", "own")]


def test_names_of_groups_and_their_words_are_each_once() -> None:
    names = [each.name for each in shipped_lists() if each.kind == GROUP]
    assert len(names) == len(set(names))
    assert all(each.en and each.zh for each in shipped_lists())


def test_a_shop_lists_its_aspects_a_line_each(tmp_path: Path) -> None:
    path = tmp_path / "aspects.txt"
    path.write_text("price|cost|价格\n\n 面料 | fabric \n", encoding="utf-8")
    price, fabric = open_groups(path)
    assert (price.name, price.zh) == ("price", ("价格",))
    assert (fabric.name, fabric.en, fabric.zh) == ("面料", ("fabric",), ("面料",))  # the first is its name


def test_lists_that_are_none_are_told(tmp_path: Path) -> None:
    with pytest.raises(MissingFile, match="there is no file"):
        open_groups(tmp_path / "none.txt")
    (tmp_path / "empty.txt").write_text("\n")
    with pytest.raises(BadFile, match="names no aspect"):
        open_groups(tmp_path / "empty.txt")
    with pytest.raises(BadFile, match="row 2 is no list of words"):
        read_lists("kind\ten\tzh\ngroup\t\t\n")
    with pytest.raises(BadFile, match="does not begin with"):
        read_lists("a\tb\n")


def test_pairs_are_judged_by_how_they_lie() -> None:
    text = "food great, service slow"
    words = words_of(text)
    aspects, opinions = [(0, 4), (12, 19)], [(5, 10), (20, 24)]
    numbers = numbers_of(words, aspects, opinions)
    same_clause = 5
    assert numbers[:, :, same_clause].tolist() == [[1, 0], [0, 1]]
    weights = numbers[0, 0] * 0
    weights[same_clause] = 2
    assert Pairs(weights, -1.0).of(words, aspects, opinions) == [[0], [1]]
    assert Pairs(weights, -9.0).of(words, aspects, opinions) == [[], []]
    assert Pairs(weights, -1.0).of(words, [], opinions) == [[], []]
