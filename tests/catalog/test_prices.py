from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.catalog.prices import Mark, currency_code, decimal_mark, parse_price, read_price, whole_number
from duomo.product import PLACES, Price

AMOUNTS = st.integers(0, 10**11)
CODES = st.sampled_from(["", "USD", "EUR", "CNY", "JPY", "KWD", "INR", "VND"])


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("¥1,299.00", "1299.00 CNY"),
        ("1.299,00 €", "1299.00 EUR"),
        ("15.00 USD", "15.00 USD"),
        ("USD 15", "15.00 USD"),
        ("US$15", "15.00 USD"),
        ("￥99", "99.00 CNY"),
        ("１２９９．５０元", "1299.50 CNY"),
        ("1299元", "1299.00 CNY"),
        ("人民币 88", "88.00 CNY"),
        ("Rs. 1,299", "1299.00 INR"),
        ("Rs.1,29,999.00", "129999.00 INR"),
        ("£9", "9.00 GBP"),
        ("$.99", "0.99 USD"),
        ("1,299", "1299.00"),
        ("1,29", "1.29"),
        ("0,299", "0.30"),
        ("1.5", "1.50"),
        ("1.299", "1.30"),
        ("1.299 €", "1299.00 EUR"),
        ("€ 1.299", "1299.00 EUR"),
        ("1.299 JPY", "1299 JPY"),
        ("1.299 KWD", "1.299 KWD"),
        ("1 299,50 zł", "1299.50 PLN"),
        ("1\u202f299,50 €", "1299.50 EUR"),
        ("CHF 1’299.00", "1299.00 CHF"),
        ("1.299.000 ₫", "1299000 VND"),
        ("15,- €", "15.00 EUR"),
        ("$15 CAD", "15.00 CAD"),
        ("¥1200 JPY", "1200 JPY"),
        ("0", "0.00"),
        ("1.2万", "12000.00"),
        ("¥1.25万元", "12500.00 CNY"),
        ("3千", "3000.00"),
        ("1,299万円", "12990000 JPY"),
    ],
)
def test_prices_as_merchants_write_them(text: str, price: str) -> None:
    assert str(parse_price(text)) == price


def test_the_catalogs_currency_decides_what_a_shared_sign_means() -> None:
    assert parse_price("¥1200", "JPY") == Price(1200, "JPY")
    assert parse_price("$15", "AUD") == Price(1500, "AUD")
    assert parse_price("15", "EUR") == Price(1500, "EUR")
    assert parse_price("15 USD", "EUR") == Price(1500, "USD")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("twelve", "is not a number"),
        ("", "is not a number"),
        ("12.3.4", "is not a number"),
        ("1,23,4.5", "is not a number"),
        ("12 bananas", "is not a number"),
        ("-5", "is negative"),
        ("-$5", "is negative"),
        ("$-5", "is negative"),
        ("(5.00)", "is negative"),
        ("10-20", "is a range"),
        ("$10 - $20", "is a range"),
        ("10 USD EUR", "is not a number"),
        ("€10 USD", "names two currencies"),
        ("9" * 40, "is too large"),
    ],
)
def test_what_is_no_price_says_why(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_price(text)


@given(AMOUNTS, CODES)
def test_a_price_reads_back_as_it_prints(minor: int, code: str) -> None:
    assert parse_price(str(Price(minor, code))) == Price(minor, code)


@given(AMOUNTS, st.sampled_from(["", "USD", "EUR", "CNY"]))
def test_grouped_amounts_read_back_in_both_styles(minor: int, code: str) -> None:
    english = f"{Decimal(minor).scaleb(-2):,.2f} {code}"
    continental = english.translate(str.maketrans(",.", ".,"))
    assert parse_price(english) == parse_price(continental) == Price(minor, code)


@given(st.text(max_size=30), CODES)
def test_any_text_is_a_price_or_a_reason(text: str, code: str) -> None:
    try:
        price = parse_price(text, code)
    except ValueError:
        return
    assert price.minor >= 0
    assert price.currency == "" or len(price.currency) == 3


def test_currencies_by_code_sign_and_word() -> None:
    assert [currency_code(text) for text in ("usd", " RMB ", "人民币", "€", "")] == [
        "USD",
        "CNY",
        "CNY",
        "EUR",
        "",
    ]
    with pytest.raises(ValueError, match="'gold' is not a currency"):
        currency_code("gold")


def test_every_currency_with_unusual_decimals_is_known() -> None:
    assert all(currency_code(code) == code for code in PLACES)


@given(AMOUNTS, st.sampled_from(["", "USD", "EUR"]), st.booleans())
def test_a_known_mark_reads_every_amount_that_is_written_with_it(
    minor: int, code: str, is_grouped: bool
) -> None:
    english = f"{Decimal(minor).scaleb(-2):{',' if is_grouped else ''}.2f} {code}"
    continental = english.translate(str.maketrans(",.", ".,"))
    for text, mark in ((english, "."), (continental, ",")):
        known: Mark = "." if mark == "." else ","
        assert read_price(text, "", known) == (Price(minor, code), True)
        assert decimal_mark(text) == mark


@given(st.integers(1, 999), st.integers(0, 999), st.sampled_from([".", ","]))
def test_a_mark_before_three_digits_means_what_the_column_shows(whole: int, rest: int, mark: str) -> None:
    text, other = f"{whole}{mark}{rest:03d}", "," if mark == "." else "."
    begins: Mark = "." if mark == "." else ","
    groups: Mark = "," if mark == "." else "."
    assert decimal_mark(text) == ""
    assert read_price(text, "KWD", begins)[0] == Price(whole * 1000 + rest, "KWD")
    assert read_price(text, "EUR", groups)[0] == read_price(f"{whole}{rest:03d}{other}00", "EUR")[0]
    assert read_price(text, "JPY", begins)[0] == Price(whole * 1000 + rest, "JPY")


@given(st.integers(0, 10**12 - 1), st.integers(0, 5), st.sampled_from([".", ","]), st.booleans())
def test_a_number_of_pieces_reads_back_with_groups_and_zero_decimals(
    count: int, places: int, mark: str, is_grouped: bool
) -> None:
    english = f"{count:{',' if is_grouped else ''}}" + ("." + "0" * places if places else "")
    begins: Mark = "." if mark == "." else ","
    text = english if mark == "." else english.translate(str.maketrans(",.", ".,"))
    assert whole_number(text, begins) == whole_number(f"+{text}", begins) == count
    assert whole_number(f"-{text}", begins) == -count


@pytest.mark.parametrize("text", ["", "many", "1.5", "0,25", "1.2.3", "9" * 13, "5 kg", "--5"])
def test_what_is_no_number_of_pieces_says_so(text: str) -> None:
    with pytest.raises(ValueError, match="is not a whole number"):
        whole_number(text)
