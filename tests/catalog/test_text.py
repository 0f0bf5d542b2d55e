import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.catalog.text import one_line, plain_text, value_text


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("<p>One</p>\n<p>Two</p>", "One\nTwo"),
        ("One<br>Two<br/>Three", "One\nTwo\nThree"),
        ("<ul><li>wool</li><li>warm</li></ul>", "- wool\n- warm"),
        ("a<script>alert('x < y')</script>b<style>p {}</style>", "ab"),
        ("Tom &amp; Jerry &lt;3", "Tom & Jerry <3"),
        ("caf&eacute; &#x4e2d;&#25991;", "café 中文"),
        ("AT&T R&D; a&b", "AT&T R&D; a&b"),
        ("sizes <XL> and 3 < 4", "sizes <XL> and 3 < 4"),
        ("<td>12</td><td>34</td>", "12 34"),
        ("line one\n\n\n  line   two\t", "line one\nline two"),
        ("line one\r\nline two\rthree", "line one\nline two\nthree"),
        ("zero\u200bwidth \x00\x07nul", "zerowidth nul"),
        ("全角\u3000空格", "全角 空格"),
        ("cafe\u0301", "café"),
        ("<!-- note --><b>bold</b>", "bold"),
        ("", ""),
    ],
)
def test_html_becomes_what_a_person_reads(written: str, read: str) -> None:
    assert plain_text(written) == read


@given(st.text())
def test_values_are_single_tidy_lines_and_stay_so(text: str) -> None:
    value = value_text(text)
    assert value_text(value) == value
    assert value == value.strip()
    assert value.encode().decode() == value  # whatever UTF-8 cannot write is gone
    assert unicodedata.is_normalized("NFC", value)
    assert not any(unicodedata.category(char) == "Cc" for char in value)


@given(st.text(alphabet="<>/&;abp li\n\"'=!-"))
def test_any_markup_can_be_read(text: str) -> None:
    assert "\n\n" not in plain_text(text)
    assert "\n" not in one_line(text)
