"""Lists and trees of labels: read from files, and consistent on every level."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.errors import BadFile, BadSetting, MissingFile
from duomo.understand.taxonomy import Taxonomy, label, node_of, read_taxonomy

GOOGLE = """# Google_Product_Taxonomy_Version: 2021-09-21
166 - Apparel & Accessories
1604 - Apparel & Accessories > Clothing
212 - Apparel & Accessories > Clothing > Shirts & Tops
187 - Apparel & Accessories > Shoes
632 - Hardware
"""
NAMES = st.text("abcd服鞋", min_size=1, max_size=3)
TREES = st.lists(st.lists(NAMES, min_size=1, max_size=3).map(tuple), min_size=2, max_size=12, unique=True)


def test_googles_file_gives_the_ends_of_its_paths_as_classes(tmp_path: Path) -> None:
    file = tmp_path / "taxonomy.txt"
    file.write_text(GOOGLE, encoding="utf-8")
    tree, problems = read_taxonomy(file)
    wanted = ("Apparel & Accessories > Clothing > Shirts & Tops", "Apparel & Accessories > Shoes", "Hardware")
    assert tree.labels == wanted
    assert not problems
    assert label(("Apparel & Accessories", "Clothing")) in map(label, tree.nodes)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_names_in_both_languages_are_read_and_one_that_comes_twice_is_told(
    tmp_path: Path, encoding: str
) -> None:
    file = tmp_path / "names.txt"
    file.write_text("连衣裙\n\nShoes\n运动鞋＞跑步鞋\nSHOES\n半身裙\n", encoding=encoding)
    tree, problems = read_taxonomy(file)
    assert tree.labels == ("连衣裙", "Shoes", "运动鞋 > 跑步鞋", "半身裙")
    assert [str(each) for each in problems if each.line == 5] == [
        f"{file} line 5: 'SHOES' is the same label as in line 3 and counts once."
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "there is 0 label to choose from"), ("Shoes\n", "there is 1 label to choose from")],
)
def test_too_few_labels_are_one_sentence(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "names.txt"
    file.write_text(text)
    with pytest.raises(BadFile, match=said):
        read_taxonomy(file)


def test_a_file_that_is_not_there_and_a_label_without_a_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(MissingFile, match="there is no file"):
        read_taxonomy(tmp_path / "none.txt")
    with pytest.raises(BadSetting, match="a label has no name"):
        Taxonomy((("Shoes", ""), ("Hats",)))
    with pytest.raises(BadSetting, match="the label 'A' is there twice"):
        Taxonomy((("A",), ("A",)))


@given(TREES, st.integers(0, 2**32 - 1))
def test_a_node_is_as_probable_as_the_classes_below_it_together(
    paths: list[tuple[str, ...]], seed: int
) -> None:
    tree = Taxonomy(tuple(paths))
    shares = np.random.default_rng(seed).dirichlet(np.full(len(paths), 0.3), 2)
    sums = dict(zip(tree.nodes, tree.sums(shares).T, strict=True))
    for node, sum_ in sums.items():
        below = [place for place, path in enumerate(paths) if path[: len(node)] == node]
        assert np.allclose(sum_, shares[:, below].sum(axis=1), atol=1e-5)
        if len(node) > 1:
            assert (sums[node[:-1]] >= sum_ - 1e-5).all()


@given(TREES, st.integers(0, 2**32 - 1), st.floats(0, 1))
def test_an_answer_is_as_sure_as_was_asked_or_there_is_none(
    paths: list[tuple[str, ...]], seed: int, sure: float
) -> None:
    tree = Taxonomy(tuple(paths))
    shares = np.random.default_rng(seed).dirichlet(np.full(len(paths), 0.3))
    found = tree.read(shares, sure=sure)
    best = tree.classes[int(np.argsort(-shares, kind="stable")[0])]
    if found.label is None:
        assert found.doubt == "unsure"
        assert tree.sums(shares[None])[0].max() < sure + 1e-6
    else:
        assert found.probability >= sure - 1e-6
    if shares.max() >= sure:
        assert found.label == label(best)
    assert all(choice.label != found.label for choice in found.alternatives)


def test_where_no_class_is_sure_the_deepest_node_that_is_answers() -> None:
    tree = Taxonomy(
        (("Clothes", "Tops", "Shirts"), ("Clothes", "Tops", "Tees"), ("Clothes", "Hats"), ("Cups",))
    )
    shares = np.array([0.4, 0.38, 0.12, 0.1])
    said = [tree.read(shares, sure=sure).label for sure in (0.3, 0.5, 0.8, 0.95)]
    assert said == ["Clothes > Tops > Shirts", "Clothes > Tops", "Clothes", None]


def test_all_usual_signs_part_a_path() -> None:
    assert {node_of(f"A {sign} B") for sign in ">＞›»"} == {("A", "B")}
