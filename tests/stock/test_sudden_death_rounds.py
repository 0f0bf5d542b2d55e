"""A few of the rounds that benchmarks/sudden_death.py plays by the hundred."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "sudden_death.py"

WORK = ["build", "update", "prune", "put", "optimize", "tend", "swap", "fold", "backup", "restore"]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="watches files as Linux tells of them")


@pytest.mark.slow
@pytest.mark.parametrize("what", WORK)
def test_whenever_work_dies_nothing_is_lost_and_it_ends_as_if_it_had_not(what: str) -> None:
    asked = ["--what", what, "--rounds", "2", "--seed", "5", "--products", "20", "--print"]
    run = subprocess.run([sys.executable, SCRIPT, *asked], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    line = json.loads(run.stdout)
    assert (line["rounds"], line["failures"]) == (2, {})
