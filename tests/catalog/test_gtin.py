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
        ("4.00638E+12", "is not a number of digits"),
    ],
)
def test_wrong_numbers_say_why(number: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason.replace("+", r"\+")):
        gtin14(number)


@given(st.from_regex(r"[0-9]{12}", fullmatch=True), st.integers(0, 11), st.integers(1, 9))
def test_a_single_wrong_digit_is_always_found(body: str, place: int, change: int) -> None:
    right = body + str(check_digit(body))
    assert gtin14(right) == right.zfill(14)
    wrong = right[:place] + str((int(right[place]) + change) % 10) + right[place + 1 :]
    with pytest.raises(ValueError, match="check digit"):
        gtin14(wrong)
