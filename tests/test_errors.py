"""Errors speak in one sentence with a remedy, survive a trip to a worker, and problems are records."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.errors import BadFile, DuomoError, MissingShop, Problem


def test_an_error_says_what_happened_and_then_what_to_do() -> None:
    error = BadFile("goods.csv: is a picture, not a catalog", remedy="Name the product file")
    assert str(error) == "goods.csv: is a picture, not a catalog. Name the product file."


def test_an_error_without_a_remedy_is_still_one_sentence() -> None:
    assert str(MissingShop("no shop is called 'luma'")) == "no shop is called 'luma'."


def test_a_remedy_that_ends_in_a_full_stop_gets_no_second_one() -> None:
    assert str(BadFile("it is empty", remedy="Export it again.")) == "it is empty. Export it again."


@given(problem=st.text(min_size=1), remedy=st.text())
def test_an_error_comes_back_from_another_process_as_it_was(problem: str, remedy: str) -> None:
    sent = MissingShop(problem, remedy=remedy)
    came = pickle.loads(pickle.dumps(sent))  # noqa: S301 - our own bytes, made on this line
    assert (type(came), str(came), came.remedy) == (MissingShop, str(sent), remedy)


def test_whoever_catches_the_base_catches_every_kind() -> None:
    with pytest.raises(DuomoError, match="no shop"):
        raise MissingShop("no shop is here")


def test_a_problem_of_a_whole_file_names_no_line() -> None:
    problem = Problem(file="goods.csv", problem="is not UTF-8 and was read as GB18030", severity="warning")
    assert str(problem) == "goods.csv: is not UTF-8 and was read as GB18030."


def test_a_problem_of_a_column_names_line_column_and_value() -> None:
    problem = Problem(file="goods.csv", line=812, column="price", value="twelve", problem="is not a number")
    assert str(problem) == "goods.csv line 812: price 'twelve' is not a number."


@given(st.text(max_size=400))
def test_a_problem_keeps_at_most_200_characters_of_a_value(value: str) -> None:
    kept = Problem(file="goods.csv", value=value, problem="is too long").value
    assert kept == value if len(value) <= 200 else (len(kept) == 200 and kept[:199] == value[:199])


def test_a_problem_has_the_fields_of_the_machine_contract() -> None:
    problem = Problem(
        file="goods.csv", line=2, column="gtin", value="1", problem="is no GTIN", remedy="Drop it"
    )
    promised = {"file", "line", "column", "value", "problem", "remedy"}
    assert promised <= problem.as_dict().keys()
    assert problem.as_dict()["severity"] == "error"
