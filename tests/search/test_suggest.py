"""What is suggested to a shopper who types."""

from functools import cache

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.errors import BadQuery
from duomo.search.completions import units
from duomo.search.suggest import Suggester, Suggestion, did_you_mean
from duomo.search.vocabulary import Vocabulary
from duomo.shelf.base import column
from duomo.shelf.exact import ExactShelf
from duomo.shelf.filters import fold
from duomo.shelf.keywords import tokens, words
from duomo.shelf.layout import FIXED, PATH_BREAK

SCHEMA = pa.schema([*FIXED, column("color", pa.list_(pa.string()), "texts")])
Row = dict[str, object]


def goods() -> list[Row]:
    """Five brands' shirts, shoes and dresses in four colors, half of the titles Chinese; two sizes each."""
    kinds = (
        ("Shirts", "衬衫", "Apparel"),
        ("Running Shoes", "跑步鞋", "Footwear"),
        ("Dresses", "连衣裙", "Apparel"),
    )
    colors = (("Red", "红色"), ("Navy Blue", "藏青色"), ("Green", "绿色"), ("Black", "黑色"))
    rows: list[Row] = []
    for number, brand in enumerate(("Nike", "Adidas", "Levi's", "李宁", "Ostra")):
        for kind, zh, root in kinds:
            for color, zh_color in colors:
                chinese = number % 2 == 1
                name = f"{brand} {zh_color}{zh}" if chinese else f"{brand} {color} {kind}"
                path = PATH_BREAK.join((root, zh if chinese else kind))
                value = [zh_color if chinese else color]
                row: Row = {"title": name, "brand": brand, "category_path": path, "color": value}
                rows += [{**row, "product_id": name, "id": f"{name}-{size}"} for size in "SM"]
    return rows


def suggester_of(rows: list[Row]) -> Suggester:
    shelf = ExactShelf()
    said = [" ".join(tokens(str(row["title"]))) for row in rows]
    whole = [{"tokens": text, **row} for text, row in zip(said, rows, strict=True)]
    shelf.upsert(pa.Table.from_pylist(whole, schema=SCHEMA))
    return Suggester(Vocabulary.of(shelf.snapshot()))


@cache
def suggester() -> Suggester:
    return suggester_of(goods())


def texts(typed: str, k: int = 8) -> list[str]:
    return [each.text for each in suggester().suggest(typed, k)]


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("nik", "Nike"),
        ("nik sh", "Nike Shirts"),
        ("NIKE RUN", "Nike Running Shoes"),
        ("ｎｉｋ", "Nike"),
        ("levis", "Levi's"),
        ("navy dr", "Navy Blue Dresses"),
        ("app", "Apparel"),
        ("连衣", "连衣裙"),
        ("連衣", "连衣裙"),
        ("红色连", "红色连衣裙"),
        ("衣裙", "连衣裙"),
        ("lianyiqun", "连衣裙"),
        ("lian yi", "连衣裙"),
        ("lyq", "连衣裙"),
        ("lvse", "绿色"),
        ("luse", "绿色"),
        ("li ning", "李宁"),
        ("nkie", "Nike"),
        ("adiddas", "Adidas"),
        ("nike dreses", "Nike Dresses"),
        ("红色连衣群", "红色连衣裙"),
    ],
)
def test_what_is_typed_in_either_language_is_completed(typed: str, wanted: str) -> None:
    assert wanted in texts(typed)


def test_counts_are_what_a_slow_and_obvious_count_gives() -> None:
    rows = goods()
    for typed in ("n", "nike", "red", "shirts", "红", "lyq", "s", "dress", "apparel", "李宁 红"):
        for each in suggester().suggest(typed, 50):
            assert each.count == slow_count(each, rows), each


def slow_count(each: Suggestion, rows: list[Row]) -> int:
    """Products one row of which says it, in the columns that its kind stands for."""
    wanted = fold(each.text)

    def says(row: Row) -> bool:
        nodes = str(row["category_path"]).split(PATH_BREAK)
        color = row["color"]
        assert isinstance(color, list)
        match each.kind:
            case "brand":
                return fold(str(row["brand"])) == wanted
            case "category":
                return wanted in map(fold, nodes)
            case "attribute":
                return wanted in map(fold, color)
            case "product":
                return fold(str(row["title"])) == wanted
        pairs = {fold(f"{first}{node}") for first in (str(row["brand"]), *color) for node in nodes}
        said = {w for text in (str(row["title"]), str(row["brand"]), *nodes, *color) for w in words(text)}
        return wanted in pairs or each.text in said

    return len({row["product_id"] for row in rows if says(row)})


@given(st.text(max_size=30) | st.text("nikeadls 红色连衣裙李宁yq-", max_size=12), st.integers(1, 12))
def test_any_text_gets_at_most_k_suggestions_that_show_what_was_typed(typed: str, k: int) -> None:
    found = suggester().suggest(typed, k)
    assert len(found) <= k
    assert len({each.text for each in found}) == len(found)
    for each in found:
        assert each.count > 0
        assert each.matched
        assert all(0 <= start < end <= len(each.text) for start, end in each.matched)
        assert list(each.matched) == sorted(each.matched)
    assert found == suggester().suggest(typed, k)


@given(st.sampled_from([word for word in suggester().vocabulary.words if word.isascii()]), st.integers(1, 8))
def test_the_beginning_of_a_word_of_the_shop_leads_to_phrases_with_it(word: str, length: int) -> None:
    typed = word[:length]
    for each in suggester().suggest(typed):
        assert not each.read_as
        parts = {part for unit in units(each.text) for part in (unit, *unit.split("-"))}
        assert any(part.startswith(typed) for part in parts) or not each.text.isascii()


def test_what_was_typed_is_marked_and_what_was_repaired_is_told() -> None:
    found = {each.text: each for each in suggester().suggest("nike run")}
    assert found["Nike Running Shoes"].matched == ((0, 4), (5, 8))
    assert {each.read_as for each in found.values()} == {""}
    repaired = suggester().suggest("nkie")[0]
    assert (repaired.text, repaired.matched, repaired.read_as) == ("Nike", ((0, 4),), "nike")
    heard = next(each for each in suggester().suggest("lianyi") if each.text == "连衣裙")
    assert heard.matched == ((0, 2),)


def test_kinds_are_mixed_and_no_title_crowds_out_the_brand() -> None:
    found = suggester().suggest("nike", 6)
    assert found[0].kind == "brand"
    assert len({each.kind for each in found}) >= 3


def test_without_brands_the_beginnings_of_titles_stand_for_them() -> None:
    rows = [{**row, "brand": None} for row in goods()]
    assert "Nike Shirts" in [each.text for each in suggester_of(rows).suggest("nik sh")]


def test_nothing_is_suggested_for_nothing_too_much_or_what_is_like_nothing() -> None:
    for typed in ("", "   ", "!?", "zzzzqqqq", "nike " * 100, "a " * 20, "\ud800", "\x00"):
        assert suggester().suggest(typed) == ()
    assert Suggester(Vocabulary.of(ExactShelf().snapshot())).suggest("red") == ()


@pytest.mark.parametrize("k", [0, -1, 51, 10**9])
def test_a_number_of_suggestions_that_cannot_be_meant_is_refused(k: int) -> None:
    with pytest.raises(BadQuery, match=f"k is {k}. Ask for 1 to 50 suggestions"):
        suggester().suggest("red", k)


def test_a_question_that_finds_nothing_is_put_in_the_shops_words() -> None:
    speller = suggester().speller
    assert did_you_mean("nkie runing shoos", speller) == "nike running shoes"
    assert did_you_mean("红色连衣群", speller) == "红色连衣裙"
    assert did_you_mean("nike shoes", speller) == ""
    assert did_you_mean("", speller) == ""
