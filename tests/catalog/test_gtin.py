import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.catalog.gtin import check_digit, gtin14


@pytest.mark.parametrize(
    "number", ["4006381333931", "036000291452", "96385074", "9780306406157", "00012345678905"]
)
def test_known_numbers_are_right(number: str) -> None:
    assert gtin14(number) == number.zfill(14)


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("4006381333932", "wrong check digit: 1 would be right"),
        ("12345", "has 5 digits"),
        ("00000000", "is all zeros"),
        ("0000000000000.0", "is all zeros"),
        ("https://x.cn/01/00000000000000", "is all zeros"),
        ("4.00638E+12", "was shortened by a spreadsheet: 7 of its 13 digits are lost"),
        ("4.006381333931E+10", "is not a number of digits"),
        ("36000291452", "has 11 digits.*as 036000291452, with the zeros that spreadsheets drop, it would be"),
        ("04252615", "wrong check digit"),
        ("https://x.cn/01/4006381333932", "wrong check digit"),
        ("https://x.cn/02/4006381333931", "is not a number of digits"),
    ],
)
def test_wrong_numbers_say_why(number: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        gtin14(number)


@given(
    st.from_regex(r"[0-9]{12}", fullmatch=True).filter(lambda body: body.strip("0")),
    st.integers(0, 11),
    st.integers(1, 9),
)
def test_a_single_wrong_digit_is_always_found(body: str, place: int, change: int) -> None:
    right = body + str(check_digit(body))
    assert gtin14(right) == right.zfill(14)
    wrong = right[:place] + str((int(right[place]) + change) % 10) + right[place + 1 :]
    with pytest.raises(ValueError, match="check digit"):
        gtin14(wrong)


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("https://id.gs1.org/01/09506000134352/10/ABC?17=271231", "09506000134352"),
        ("HTTPS://brand.cn/shop/gtin/4006381333931#top", "04006381333931"),
        ("4006381333931.0", "04006381333931"),
        ("4.006381333931E+12", "04006381333931"),
        ("4,006381333931e12", "04006381333931"),
        ("４００６３８１３３３９３１", "04006381333931"),
        ("04252614", "00042100005264"),  # UPC-E
    ],
)
def test_links_and_numbers_that_a_spreadsheet_touched_are_taken_back(written: str, number: str) -> None:
    assert gtin14(written) == number


@given(
    st.from_regex(r"[0-9]{13}", fullmatch=True).filter(lambda body: body.strip("0")),
    st.sampled_from(["", "/10/L1", "?17=271231", "#a"]),
)
def test_a_digital_link_holds_what_was_put_into_it(body: str, rest: str) -> None:
    number = body + str(check_digit(body))
    assert gtin14(f"https://example.com/goods/01/{number}{rest}") == gtin14(number)


@given(st.text(max_size=30))
def test_any_text_is_a_gtin_or_a_reason(text: str) -> None:
    try:
        number = gtin14(text)
    except ValueError:
        return
    assert len(number) == 14
    assert check_digit(number[:-1]) == int(number[-1])
