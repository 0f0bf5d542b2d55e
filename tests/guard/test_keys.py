from hypothesis import given
from hypothesis import strategies as st

from duomo.guard.keys import key_matches


@given(st.text(), st.text())
def test_keys_match_when_they_are_equal_and_not_empty(sent: str, known: str) -> None:
    assert key_matches(sent, known) == (sent == known and known != "")


@given(st.text(min_size=1))
def test_a_key_matches_itself_and_not_its_parts(key: str) -> None:
    assert key_matches(key, key)
    assert not key_matches(key[:-1], key)
    assert not key_matches(key, "")


def test_half_a_surrogate_pair_is_a_wrong_key_and_no_crash() -> None:
    assert not key_matches("\ud800", "key")
