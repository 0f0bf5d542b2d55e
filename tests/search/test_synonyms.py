"""Other words for what was asked, and where they come from."""

from functools import cache
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.catalog.events import Search
from duomo.encode.models import load_encoder
from duomo.errors import BadFile
from duomo.search.clicked import clicked
from duomo.search.mined import mined
from duomo.search.repair import Speller
from duomo.search.synonyms import Synonyms, key_of, parse_synonyms, read_synonyms
from duomo.search.vocabulary import Vocabulary
from duomo.shelf.exact import ExactShelf
from duomo.shelf.keywords import tokens
from duomo.shelf.layout import FIXED

TITLES = (
    "Red Couch",
    "Blue Dress",
    "T-Shirt white",
    "Running Shoes",
    "Sneakers",
    "Navy Blue Shirt",
    "绿色衬衫",
)
RULES = "sofa, couch, 沙发\ntee => t-shirt\nrunning shoes, sneakers, 球鞋\n"


@cache
def vocabulary() -> Vocabulary:
    rows = [{"id": t, "product_id": t, "title": t, "tokens": " ".join(tokens(t))} for t in TITLES]
    shelf = ExactShelf()
    shelf.upsert(pa.Table.from_pylist(rows, schema=pa.schema(FIXED)))
    return Vocabulary.of(shelf.snapshot())


def widened(text: str, rules: str = RULES, *, translate: bool = True) -> dict[str, list[str]]:
    synonyms = Synonyms.of(vocabulary(), parse_synonyms(rules), translate=translate)
    groups = synonyms.alternatives(Speller(vocabulary()).repair(text))
    return {group.said: [each.text for each in group.alternatives] for group in groups}


@pytest.mark.parametrize(
    ("asked", "said", "other"),
    [
        ("sofa", "sofa", "couch"),
        ("red SOFAS", "sofas", "couch"),  # another form of a name is the name
        ("沙发", "沙发", "couch"),
        ("tee", "tee", "t-shirt"),
        ("red running shoe", "running shoe", "sneakers"),
        ("球鞋", "球鞋", "running shoes"),
    ],
)
def test_the_shops_own_synonyms_widen_a_question(asked: str, said: str, other: str) -> None:
    found = widened(asked, translate=False)
    assert other in found[said]
    assert said in found[said]


def test_an_arrow_leads_one_way() -> None:
    assert "t-shirt" in widened("tee", translate=False)["tee"]
    assert widened("t-shirt", translate=False) == {"t-shirt": ["t-shirt"]}


def test_the_lexicon_translates_only_into_words_that_the_shop_knows() -> None:
    assert widened("红色连衣裙", "") == {"红色": ["红色", "red"], "连衣裙": ["连衣裙", "dress"]}
    assert "绿色" in widened("green", "")["green"]
    assert "navy blue" in widened("藏青色", "")["藏青色"]
    assert widened("purple saree", "") == {"purple": ["purple"], "saree": ["saree"]}


def test_the_longest_name_is_taken() -> None:
    assert list(widened("navy blue shirt", "")) == ["navy blue", "shirt"]


def test_a_mistyped_word_gets_the_synonyms_of_what_it_is_read_as() -> None:
    assert {"couch", "settee"} & set(widened("cuoch", "couch, red couch", translate=False)["cuoch"])
    found = widened("snekaers", translate=False)["snekaers"]
    assert found[0] == "sneakers"
    assert "running shoes" in found


@given(st.text(max_size=50) | st.text("红色连衣裙 sofatenirugh,", max_size=30))
def test_any_question_keeps_what_was_asked(text: str) -> None:
    speller = Speller(vocabulary())
    synonyms = Synonyms.of(vocabulary(), parse_synonyms(RULES))
    groups = speller.repair(text)
    found = synonyms.alternatives(groups)
    assert "".join("".join(g.said.split()) for g in found) == "".join("".join(g.said.split()) for g in groups)
    for group in found:
        assert group.said in [each.text for each in group.alternatives]
        assert len({each.text for each in group.alternatives}) == len(group.alternatives)
        assert all(0 < each.weight <= 1 for each in group.alternatives)


def test_a_file_may_hold_comments_blank_lines_chinese_commas_and_commas_in_names(tmp_path: Path) -> None:
    text = "\ufeff# the first\n\nsofa，couch、沙发 # equal\n  \nbed\\, double => double bed\nc#, csharp\n"
    (tmp_path / "synonyms.txt").write_text(text, "utf-8")
    rules = read_synonyms(tmp_path)
    assert [(rule.line, rule.left, rule.right) for rule in rules] == [
        (3, ("sofa", "couch", "沙发"), ("sofa", "couch", "沙发")),
        (5, ("bed, double",), ("double bed",)),
        (6, ("c#", "csharp"), ("c#", "csharp")),
    ]
    assert read_synonyms(tmp_path / "nowhere") == ()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("sofa", r"line 2: 'sofa' stands alone. Write a line as: sofa, couch"),
        ("sofa, , couch", r"line 2: a name is empty or has no letters"),
        ("sofa, !!!", r"line 2: a name is empty or has no letters"),
        ("=> couch", r"line 2: a name is empty"),
        ("a1 => b1 => c1", r"line 2: two arrows in one line"),
        (",".join(f"name{n}" for n in range(101)), r"line 2: 101 names, more than 100"),
        ("sofa, " + "x" * 81, r"line 2: 'x{20}\.\.\.' has more than 80 characters"),
    ],
)
def test_a_line_that_is_wrong_is_told_with_its_file_and_number(line: str, said: str) -> None:
    with pytest.raises(BadFile, match=rf"^synonyms.txt {said}"):
        parse_synonyms(f"# comment\n{line}\n")


def test_a_file_that_is_no_text_or_too_large_is_refused(tmp_path: Path) -> None:
    (tmp_path / "synonyms.txt").write_bytes("sofa, 沙发".encode("gb18030"))
    with pytest.raises(BadFile, match=r"is not UTF-8 .*Save it as UTF-8"):
        read_synonyms(tmp_path)
    (tmp_path / "synonyms.txt").write_bytes(b"#" * 2_000_001)
    with pytest.raises(BadFile, match="is larger than 2 MB"):
        read_synonyms(tmp_path)
    with pytest.raises(BadFile, match="more than 10000 rules"):
        parse_synonyms("a1, b1\n" * 10_001)


def test_names_are_compared_without_form_case_script_and_blanks_in_chinese() -> None:
    assert key_of("Sofas") == key_of("SOFA")
    assert key_of("紅色 連衣裙") == key_of("红色连衣裙")
    assert key_of("T shirt") != key_of("shirt")


def test_mined_candidates_are_pairs_of_the_shops_words_and_no_forms_of_one_word() -> None:
    titles = ["sea blue towel", "ocean blue towel", "oceans blue towel", "red mug", "blue mug"] * 6
    rows = [{"id": str(n), "product_id": str(n), "title": t} for n, t in enumerate(titles)]
    shelf = ExactShelf()
    shelf.upsert(pa.Table.from_pylist(rows, schema=pa.schema(FIXED)))
    own = Vocabulary.of(shelf.snapshot())
    encoder = load_encoder("hashed").text
    assert encoder
    found = mined(own, encoder, least=-1.0)
    for each in found:
        assert {each.first, each.second} <= set(own.words)
        assert key_of(each.first) != key_of(each.second)
        assert {each.first, each.second} != {"red", "blue"}
        assert parse_synonyms(each.line)
    assert mined(own, encoder, least=1.1) == []
    assert mined(Vocabulary.of(ExactShelf().snapshot()), encoder) == []


def test_what_shoppers_choose_says_which_word_they_meant() -> None:
    titles = [
        "Blue sofa",
        "Grey sofa",
        "Velvet sofa bed",
        "Red mug",
        "Blue mug",
        "Sneaker, white",
        "Sneaker red",
    ]
    rows = [{"id": str(n), "product_id": str(n), "title": t} for n, t in enumerate(titles)]
    shelf = ExactShelf()
    shelf.upsert(pa.Table.from_pylist(rows, schema=pa.schema(FIXED)))
    own = Vocabulary.of(shelf.snapshot())
    named = {row["id"]: row["title"] for row in rows}

    def chose(text: str, *ids: str) -> Search:
        return Search(text=text, shown=ids, actions=dict.fromkeys(ids, frozenset({"click"})))

    log = [
        *[chose("couch", "0"), chose("couch", "1"), chose("blue couch", "0"), chose("couches", "2")] * 2,
        *[chose("red mug", "3"), chose("mug", "4"), chose("blue stein", "4"), chose("stein", "3")] * 3,
        *[chose("sneekers", "5"), chose("sneekers", "6")] * 3,  # a misspelling is no synonym
        *[chose("球鞋", "5"), chose("球鞋", "6"), chose("球鞋 白色", "5")] * 2,
        *[chose("settee", "0")] * 9,  # one product alone: it may be any of its words
        *[chose("divan", "0"), chose("divan", "1")],  # asked too rarely
        chose("ottoman", "gone"),
    ]
    found = {each.line: (each.searches, each.share) for each in clicked(log, named, own)}
    assert found == {"couch => sofa": (6, 1.0), "stein => mug": (6, 1.0), "球鞋 => sneaker": (6, 1.0)}
    assert parse_synonyms("\n".join(found))
    assert [each.line for each in clicked(log, named, own, most=1)] == list(found)[:1]
    assert clicked([], named, own) == []
