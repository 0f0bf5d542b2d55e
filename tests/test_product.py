"""Prices keep every cent; products know the pictures and attributes of their variants."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.product import PLACES, Media, Price, Product, Variant

currencies = st.sampled_from(["", "CNY", "USD", "JPY", "KRW", "KWD", "TND"])
minors = st.integers(-(10**12), 10**12)


@given(minors, currencies)
def test_a_price_comes_back_from_its_own_words(minor: int, currency: str) -> None:
    price = Price(minor, currency)
    amount, _, named = str(price).partition(" ")
    assert Price.of(amount, named) == price


@given(minors, currencies)
def test_the_amount_in_main_units_is_the_float_nearest_to_the_exact_one(minor: int, currency: str) -> None:
    exact = Decimal(minor).scaleb(-PLACES.get(currency, 2))
    assert Price(minor, currency).major == float(exact)


@given(st.lists(minors), currencies)
def test_prices_of_one_currency_sort_like_their_amounts(amounts: list[int], currency: str) -> None:
    assert [price.minor for price in sorted(Price(a, currency) for a in amounts)] == sorted(amounts)


@pytest.mark.parametrize(
    ("amount", "currency", "minor", "words"),
    [
        ("1299.5", "CNY", 129950, "1299.50 CNY"),
        ("1200", "JPY", 1200, "1200 JPY"),
        ("9.5", "KWD", 9500, "9.500 KWD"),
        ("15", "", 1500, "15.00"),
        ("0", "USD", 0, "0.00 USD"),
        ("0.07", "EUR", 7, "0.07 EUR"),
    ],
)
def test_a_price_counts_the_smallest_unit_of_its_currency(
    amount: str, currency: str, minor: int, words: str
) -> None:
    price = Price.of(amount, currency)
    assert (price.minor, str(price)) == (minor, words)


@pytest.mark.parametrize(("amount", "minor"), [("0.005", 0), ("0.015", 2), ("0.025", 2), ("2.675", 268)])
def test_what_is_finer_than_a_cent_is_rounded_half_to_even(amount: str, minor: int) -> None:
    assert Price.of(amount, "USD").minor == minor


def test_currencies_have_the_decimal_places_of_iso_4217() -> None:
    assert {code: PLACES.get(code, 2) for code in ("USD", "CNY", "JPY", "KRW", "VND", "KWD", "BHD")} == {
        "USD": 2,
        "CNY": 2,
        "JPY": 0,
        "KRW": 0,
        "VND": 0,
        "KWD": 3,
        "BHD": 3,
    }


def mug(**of_variant: tuple[str, ...]) -> tuple[Product, Variant]:
    blue = Variant(
        id="MUG-BLUE",
        attributes=of_variant,
        media=(Media(source="/blue.jpg"), Media(source="/both.jpg", role="alt")),
    )
    product = Product(
        id="MUG",
        title="Mug",
        attributes={"color": ("Red", "Blue"), "material": ("Clay",)},
        variants=(Variant(id="MUG-RED"), blue),
        media=(Media(source="/both.jpg"), Media(source="/box.jpg", role="alt")),
    )
    return product, blue


def test_a_variant_shows_its_own_pictures_first_and_none_twice() -> None:
    product, blue = mug()
    assert [media.source for media in product.media_of(blue)] == ["/blue.jpg", "/both.jpg", "/box.jpg"]
    assert [media.source for media in product.media_of(product.variants[0])] == ["/both.jpg", "/box.jpg"]


def test_what_a_variant_says_itself_stands_in_place_of_what_the_product_says() -> None:
    product, blue = mug(color=("Blue",), size=("L",))
    assert product.attributes_of(blue) == {"color": ("Blue",), "material": ("Clay",), "size": ("L",)}
    assert product.attributes_of(product.variants[0]) == product.attributes
