"""What a spreadsheet would run is disarmed in every table alike, and comes back as it was."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.catalog.feeds.formulas import armed, defused
from duomo.cli.goods import write_problems
from duomo.errors import Problem

SIGNS = "=+-@＝＋－＠"
cells = st.text(st.one_of(st.sampled_from(f"{SIGNS}'\t\r\n \xa0\u300015.,杯"), st.characters()), max_size=12)


@given(cells)
def test_a_cell_comes_back_as_it_was(cell: str) -> None:
    assert armed(defused(cell)) == cell


@given(st.text(st.sampled_from(" \t\r\n\xa0\u3000"), max_size=4), st.sampled_from(SIGNS), st.text(max_size=9))
def test_no_sign_that_is_run_stands_first_even_after_blanks(blanks: str, sign: str, rest: str) -> None:
    cell = f"{blanks}{sign}{rest}"
    assert defused(cell) in (f"'{cell}", cell)
    if defused(cell) == cell:
        float(cell)  # a plain number, which is what it says


@pytest.mark.parametrize("cell", ["", "red", "红色马克杯", " 5", "-5", "+1.50", "a=b", "don't", "'quoted'"])
def test_what_nothing_runs_stays_as_it_is(cell: str) -> None:
    assert defused(cell) == armed(cell) == cell


@given(st.lists(cells, min_size=1, max_size=5))
def test_tables_of_problems_are_disarmed_as_feeds_are(
    tmp_path_factory: pytest.TempPathFactory, values: list[str]
) -> None:
    path: Path = tmp_path_factory.mktemp("told") / "problems.csv"
    values = [value.encode("utf-8", "ignore").decode().replace("\0", "") for value in values]
    write_problems([Problem(file="=goods.csv", value=value, problem="is odd") for value in values], path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["value"] for row in rows] == [defused(value) for value in values]
    assert {(row["file"], row["line"]) for row in rows} == {("'=goods.csv", "")}
