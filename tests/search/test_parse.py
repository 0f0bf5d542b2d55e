"""The laws of reading questions, and what a reading lets be undone."""

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.search.parse import Known, Meaning, Reading, know, known_of, read, tells_of
from duomo.shelf.base import ColumnKind, column, kind_of
from duomo.shelf.filter_text import parse
from duomo.shelf.filters import check

if TYPE_CHECKING:
    from tests.search.conftest import Asked

SCHEMA = pa.schema(
    [
        column("price", pa.float64(), "number"),
        column("currency", pa.string(), "text"),
        column("brand", pa.string(), "text"),
        column("category", pa.list_(pa.string()), "path"),
        *(
            column(name, pa.list_(pa.string()), "texts")
            for name in ("color", "not", "material", "size", "gender")
        ),
        column("shoe size", pa.float64(), "number"),
    ]
)
VALUES = {
    "brand": ["Nike", "No Fear", "Under Armour", "Not Your Mother's", "H&M", "回力", "No 7"],
    "category": ["Shoes", "Shirts", "Shirts > Tees", "Belts", "Dresses"],
    "color": ["Red", "Navy Blue", "黑色"],
    "not": ["Striped", "it's"],
    "material": ["Leather", "棉"],
    "size": ["S", "M", "XL", "42", "EU 36"],
    "gender": ["Men", "Women"],
}


def shop(*currencies: str) -> Known:
    """A small shop whose columns have unusual names, priced in these currencies."""
    kinds: dict[str, ColumnKind] = {field.name: kind_of(field) for field in SCHEMA}
    numbers = {"shoe size": [9.0, 10.5]}
    return know(kinds, VALUES, priced=True, currencies=currencies, numbers=numbers)


KNOWN = shop("USD")
PIECES = [
    *(
        "under 50",
        "red",
        "not",
        "no",
        "without",
        "hood",
        "not red",
        "size M",
        "XL",
        "but",
        "except",
        "nike",
        "or",
    ),
    *(
        "and",
        ",",
        "、",
        "a",
        "dress",
        "buttons",
        "around",
        "20 to 30",
        "between 20 and",
        "under",
        "50",
        "dollars",
    ),
    *(
        "$20-30",
        "16 oz",
        '"',
        "'",
        "-",
        "/",
        "€",
        "no 7",
        "under armour",
        "non-",
        "leather",
        "in",
        "shoes",
        "10.5",
    ),
    *(
        "不要",
        "红色",
        "的",
        "和",
        "200元以下",
        "42码",
        "除了",
        "黑色",
        "以外",
        "块",
        "两三百",
        "没有",
        "拉链",
        "非",
    ),
    *("真皮", "价格", "到", "万", "價", "無", "ＲＥＤ", "1,299", "inch", "k", "max", "%"),
    *("½", "é", "\u0301", "\ud800", "İ", "ß", "🙂", "\x00"),
]
TEXTS = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join),
    st.lists(st.sampled_from(PIECES), max_size=12).map("".join),
)


@given(TEXTS)
def test_whatever_is_understood_stands_in_the_question_and_is_a_filter_of_the_shop(text: str) -> None:
    for meaning in read(text, KNOWN).meanings:
        assert text[slice(*meaning.at)] == meaning.said != ""
        assert bool(meaning.where) == (meaning.filter is not None)
        if meaning.filter is not None:
            assert parse(meaning.where) == meaning.filter
            check(meaning.filter, SCHEMA)
        if meaning.unwanted:
            assert meaning.kind == "without"
            assert meaning.unwanted in meaning.said


@given(TEXTS)
def test_what_is_left_says_nothing_hard_any_more(text: str) -> None:
    reading = read(text, KNOWN)
    assert not [meaning for meaning in read(reading.text, KNOWN).meanings if meaning.hard]


@given(TEXTS)
def test_a_question_of_which_nothing_is_taken_out_stays_as_it_was(text: str) -> None:
    reading = read(text, KNOWN)
    assert reading.question == text
    if not any(meaning.taken for meaning in reading.meanings):
        assert reading.text == text


@given(TEXTS)
def test_undoing_everything_gives_the_question_back(text: str) -> None:
    reading = read(text, KNOWN)
    for meaning in reading.meanings:
        reading = reading.without(meaning)
    assert reading == Reading(text, (), text)


def test_the_words_of_what_is_undone_come_back() -> None:
    reading = read("red dress without hood under 50", KNOWN)
    assert reading.text == "red dress"
    price = next(meaning for meaning in reading.meanings if meaning.kind == "price")
    relaxed = reading.without(price)
    assert relaxed.text == "red dress under 50"
    assert price not in relaxed.meanings
    with pytest.raises(ValueError, match="no such meaning: 'under 50'"):
        relaxed.without(price)


def test_the_words_of_one_refusal_come_back_with_the_last_of_its_meanings() -> None:
    reading = read("shoes no laces or buttons", KNOWN)
    first, second = (meaning for meaning in reading.meanings if meaning.hard)
    assert (first.unwanted, second.unwanted, reading.text) == ("laces", "buttons", "shoes")
    assert reading.without(first).text == "shoes"
    assert reading.without(first).without(second).text == "shoes no laces or buttons"


@pytest.mark.parametrize(
    "question", ["under armour tee", "no fear cap", "No 7 cream", "not your mother's shampoo", "回力 鞋"]
)
def test_a_name_of_the_shop_is_no_limit_and_no_refusal(question: str) -> None:
    reading = read(question, KNOWN)
    assert reading.text == question
    assert {meaning.kind for meaning in reading.meanings} <= {"brand", "category"}
    assert any(meaning.kind == "brand" for meaning in reading.meanings)


def where(question: str, known: Known) -> list[str]:
    """The filters that a question sets."""
    return [meaning.where for meaning in read(question, known).meanings if meaning.where]


def test_an_amount_in_a_currency_that_the_shop_does_not_have_stays_words() -> None:
    assert where("under €50", shop("USD")) == []
    assert where("under €50", shop("EUR")) == ["price < 50"]
    assert where("低于50人民币", shop("USD")) == []
    assert where("低于50人民币", shop("CNY")) == ["price < 50"]
    assert where("50元以下", shop("CNY")) == where("50元以下", shop("USD")) == ["price <= 50"]
    assert where("50元以下", shop("GBP")) == []
    assert where("under £50", shop()) == ["price < 50"]


def test_in_a_shop_of_several_currencies_the_one_that_is_named_counts() -> None:
    several = shop("USD", "EUR")
    assert where("under €50", several) == ["price < 50 and currency in ('EUR')"]
    assert where("under 50", several) == ["price < 50"]


def test_a_shop_without_prices_has_no_price_limits() -> None:
    assert read("under 50", know({"price": "number"}, {})).meanings == ()


def test_sizes_in_a_column_of_numbers_are_asked_as_numbers() -> None:
    assert where("shoes size 10.5", KNOWN) == ["category = 'Shoes'", "`shoe size` = 10.5"]
    assert where("尺码9", KNOWN) == ["`shoe size` = 9"]


def test_a_size_of_another_scale_is_found_where_the_plain_one_is_not() -> None:
    assert where("36码", KNOWN) == where("EU 36", KNOWN) == ["size = 'EU 36'"]
    assert where("EU 42", KNOWN) == ["size = '42'"]


def test_a_measure_is_told_in_every_spelling() -> None:
    (one,) = read("16oz", KNOWN).meanings
    (other,) = read("16 oz", KNOWN).meanings
    assert one.spellings == other.spellings
    assert {"16oz", "16 oz", "16 ounce"} <= set(one.spellings)


def test_what_is_unwanted_is_told_in_both_languages() -> None:
    (english,) = read("without zipper", KNOWN).meanings
    (chinese,) = read("没有拉链", KNOWN).meanings
    assert (english.unwanted, chinese.unwanted) == ("zipper", "拉链")
    assert "拉链" in english.spellings
    assert "zipper" in chinese.spellings


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Jacket with hood", True),
        ("Jacket without a hood", False),
        ("No hood, but a hood bag", True),
        ("无帽夹克", False),
        ("连帽夹克", True),
        ("Shirt", False),
        ("Neighbourhood tee", False),
        ("", False),
    ],
)
def test_a_product_that_says_it_lacks_the_unwanted_is_wanted(text: str, told: bool) -> None:
    (meaning,) = [meaning for meaning in read("without hood", KNOWN).meanings if meaning.unwanted]
    assert tells_of(text, meaning) is told


def test_known_is_made_of_a_snapshot(ask: "Asked") -> None:
    known = known_of(ask.snapshot)
    assert known.price == "price"
    assert known.currencies == {"USD"}
    reading = read("alba navy dress size M under 30, not red 连衣裙", known)
    assert [(m.kind, m.where) for m in reading.meanings if m.where and m.kind != "category"] == [
        ("brand", "brand = 'Alba'"),
        ("color", "color = 'Navy Blue'"),
        ("size", "size = 'M'"),
        ("price", "price < 30"),
        ("without", "not color = 'Red'"),
    ]
    for meaning in reading.meanings:
        hits = ask(reading.text, where=meaning.where)
        assert meaning.where in ("", hits.understood["where"])


def test_a_long_question_of_limits_and_refusals_is_read_to_its_end() -> None:
    reading = read("dress under 50 not red, " * 400 + "size M", KNOWN)
    assert {meaning.kind for meaning in reading.meanings if meaning.hard} == {"price", "without", "size"}
    assert reading.text.replace(",", " ").split() == ["dress"] * 400


def test_meanings_stand_in_the_order_of_the_question() -> None:
    meanings: tuple[Meaning, ...] = read("nike red dress under 50", KNOWN).meanings
    assert [meaning.kind for meaning in meanings] == ["brand", "color", "category", "price"]


@pytest.mark.parametrize(
    ("question", "filters"),
    [
        ("dress under fifty", ["price < 50"]),
        ("between twenty and thirty-five dollars", ["price >= 20 and price <= 35"]),
        ("no more than a hundred and twenty", ["price <= 120"]),
        ("at least two thousand five hundred bucks", ["price >= 2500"]),
        ("under five dollars", ["price < 5"]),
        ("five panel cap", []),
        ("two to three seater", []),
        ("twenty one pilots", []),
        ("under fifty ml", []),
    ],
)
def test_amounts_in_words_are_read_as_those_in_digits(question: str, filters: list[str]) -> None:
    said = [each for each in where(question, KNOWN) if each.startswith("price")]
    assert said == filters


@pytest.mark.parametrize(
    ("question", "left", "refused", "unwanted"),
    [
        ("dress -red", "dress", ["not color = 'Red'"], []),
        ("裙子 -red", "裙子", ["not color = 'Red'"], []),
        ("不要红色的外套", "外套", ["not color = 'Red'"], []),
        ("除了红色外都可以", "", ["not color = 'Red'"], []),
        ("coat -hood -buttons", "coat", [], ["hood", "buttons"]),
        ("red-black dress", "red-black dress", [], []),
        ("nike - red", "nike - red", [], []),
        ("hp -1211", "hp -1211", [], []),
        ("-red dress", "dress", ["not color = 'Red'"], []),
        ("--red dress", "--red dress", [], []),
    ],
)
def test_a_word_behind_a_minus_is_not_wanted(
    question: str, left: str, refused: list[str], unwanted: list[str]
) -> None:
    reading = read(question, KNOWN)
    assert reading.text == left
    assert [m.where for m in reading.meanings if m.hard and m.where] == refused
    assert [m.unwanted for m in reading.meanings if m.unwanted] == unwanted
