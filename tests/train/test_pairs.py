from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.catalog.read import read_catalog
from duomo.product import Media, Product, Variant
from duomo.train.pairs import (
    Pair,
    codes_of,
    folded,
    groups_of,
    pairs_of,
    split_families,
    split_times,
    without_leaks,
)


def pair(number: int, title: str, picture: str = "", **attributes: str) -> Pair:
    return Pair(
        id=f"P{number}",
        picture=Path(picture or f"{number}.jpg"),
        title=title,
        attributes=attributes,
        domain="d",
    )


@given(
    st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from("123456")), max_size=25), st.integers(0, 5)
)
def test_no_title_and_no_picture_stands_in_two_splits(rows: list[tuple[str, str]], seed: int) -> None:
    pairs = [pair(n, title, f"{picture}.jpg") for n, (title, picture) in enumerate(rows)]
    dealt = split_families(pairs, val=0.3, test=0.3, seed=seed)
    assert [replace(one, split="train") for one in dealt] == pairs
    for same in ("title", "picture"):
        splits: dict[object, set[str]] = {}
        for one in dealt:
            splits.setdefault(getattr(one, same), set()).add(one.split)
        assert all(len(each) == 1 for each in splits.values())


def test_shares_are_about_what_was_asked_and_another_seed_deals_anew() -> None:
    pairs = [pair(n, f"Lamp {n}") for n in range(2000)]
    dealt = split_families(pairs, val=0.1, test=0.2)
    shares = {split: sum(one.split == split for one in dealt) / 2000 for split in ("train", "val", "test")}
    assert shares == pytest.approx({"train": 0.7, "val": 0.1, "test": 0.2}, abs=0.03)
    assert split_families(pairs, val=0.1, test=0.2, seed=8) != dealt
    assert split_families(pairs[:100], val=0.1, test=0.2) == dealt[:100]


@given(
    st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 9)), max_size=25),
    st.sampled_from([(0.3, 0.3), (0.0, 0.5), (0.5, 0.0), (0.0, 0.0)]),
)
def test_what_is_learned_from_is_older_than_what_is_asked(
    rows: list[tuple[str, int]], shares: tuple[float, float]
) -> None:
    val, test = shares
    pairs = [pair(n, title) for n, (title, _) in enumerate(rows)]
    dealt = split_times(pairs, [time for _, time in rows], val=val, test=test)
    ages = {
        split: [rows[int(one.id[1:])][1] for one in dealt if one.split == split]
        for split in ("train", "val", "test")
    }
    for older, newer in (("train", "val"), ("train", "test"), ("val", "test")):
        assert max(ages[older], default=-1) < min(ages[newer], default=99)
    titles = [{one.title for one in dealt if one.split == split} for split in ages]
    assert not titles[0] & titles[1]
    assert not titles[0] & titles[2]
    assert not titles[1] & titles[2]
    assert set().union(*titles) == {title for title, _ in rows}
    assert bool(val + test) or [replace(one, split="train") for one in dealt] == pairs


def test_shares_of_times_are_about_what_was_asked() -> None:
    pairs = [pair(n, f"Lamp {n}") for n in range(1000)]
    dealt = split_times(pairs, list(range(1000)), val=0.1, test=0.2)
    assert [one.split for one in dealt] == ["train"] * 700 + ["val"] * 100 + ["test"] * 200
    with pytest.raises(ValueError, match="3 pairs need as many finite times"):
        split_times(pairs[:3], [1, 2, float("nan")], val=0.1, test=0.2)


def test_a_picture_of_one_variant_has_that_variants_color_and_addresses_are_left_out() -> None:
    red = Variant(id="1", attributes={"color": ("Red",)}, media=(Media(source="red.jpg"),))
    blue = Variant(id="2", attributes={"color": ("Blue",)}, media=(Media(source="blue.jpg"),))
    both = Product(
        id="P",
        title="Mug",
        category=("Home", "Mugs"),
        attributes={"color": ("Red", "Blue"), "material": ("Clay",)},
        variants=(red, blue),
        media=(Media(source="all.jpg"), Media(source="https://example.com/a.jpg")),
    )
    found = {one.picture.name: one.attributes for one in pairs_of([both], domain="d", alt=True)}
    assert found == {
        "red.jpg": {"color": "Red", "material": "Clay", "type": "Mugs"},
        "blue.jpg": {"color": "Blue", "material": "Clay", "type": "Mugs"},
        "all.jpg": {"material": "Clay", "type": "Mugs"},
    }
    assert len(pairs_of([both], domain="d")) == 1


def test_codes_and_groups_say_what_is_equal() -> None:
    pairs = [pair(1, "a", color="Red"), pair(2, "b", color="RED", type="Mug"), pair(3, "c", type="Jug")]
    assert codes_of(pairs, ["color", "type"]).tolist() == [[0, -1], [0, 0], [-1, 1]]
    assert groups_of(["A  b", "a b"]).tolist() == [0, 0]
    assert codes_of([], ["color"]).shape == (0, 1)


def test_what_leaks_from_a_stricter_split_is_left_out(data_dir: Path) -> None:
    catalog = read_catalog(data_dir / "fashion_products_224" / "products.csv")
    given = pairs_of(catalog.products, domain="fashion")
    counts = {split: sum(one.split == split for one in given) for split in ("train", "val", "test")}
    assert counts == {"train": 3652, "val": 459, "test": 489}
    pairs = without_leaks(given)
    titles = {split: {folded(one.title) for one in pairs if one.split == split} for split in counts}
    assert not titles["train"] & titles["test"]
    assert not titles["train"] & titles["val"]
    assert sum(one.split == "test" for one in pairs) == 489
    assert 0 < len(given) - len(pairs) < 100  # the pack knows titles by their letters, blanks included
    assert np.mean([{"type", "color", "gender"} <= one.attributes.keys() for one in pairs]) > 0.95
