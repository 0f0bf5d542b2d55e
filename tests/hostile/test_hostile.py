"""Every hostile thing of the tables beside this file is met in a process that has a limit of memory."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
KINDS = sorted(path.stem.removeprefix("of_") for path in HERE.glob("of_*.py"))


def met(*arguments: str) -> list[dict[str, Any]]:
    """What came of the cases, in a process of their own; a case that hangs ends it."""
    command = [sys.executable, str(HERE / "run.py"), *arguments]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    outcomes = [json.loads(line) for line in run.stdout.splitlines()]
    last = outcomes[-1]["name"] if outcomes else "none"
    assert run.returncode == 0, f"ended with {run.returncode} after '{last}':\n{run.stderr[-3000:]}"
    return outcomes


def told(outcome: dict[str, Any]) -> str:
    """Why a case did not hold."""
    took = f"{outcome['peak_mb']:.0f} MB of {outcome['most_mb']:g}, {outcome['wall_s']:.1f} s"
    return f"{outcome['name']} ({took})\n  said {outcome['said'][:600]}\n  for  {outcome['says']}"


def test_there_are_many_and_each_has_a_name_of_its_own() -> None:
    listed = Counter((case["kind"], case["name"]) for case in met("--list"))
    assert len(listed) >= 200
    assert [name for name, times in listed.items() if times > 1] == []


@pytest.mark.parametrize("kind", KINDS)
def test_each_is_told_in_a_sentence_and_harms_nothing_else(kind: str) -> None:
    outcomes = met(kind, "--fast")  # none, where all of a kind are slow
    assert [told(each) for each in outcomes if not each["held"]] == []


@pytest.mark.slow
def test_the_large_ones_are_told_too_and_take_no_more_memory() -> None:
    outcomes = met("--slow")
    assert outcomes
    assert [told(each) for each in outcomes if not each["held"]] == []
