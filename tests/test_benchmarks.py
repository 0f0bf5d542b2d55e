"""Every benchmark runs without arguments, and says so where the data is not there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = sorted((Path(__file__).resolve().parent.parent / "benchmarks").glob("*.py"))
# No benchmarks but parts of some, and one that draws its goods.
PARTS = {"provenance", "aspects_baselines", "aspects_scores", "planted_attributes"}
WITHOUT_DATA = {*PARTS, "sudden_death"}


@pytest.mark.parametrize(
    "script",
    [script for script in SCRIPTS if script.stem not in WITHOUT_DATA],
    ids=lambda script: script.stem,
)
def test_a_benchmark_without_its_data_says_so_and_ends_in_peace(script: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "TEST_DATA_DIR": str(tmp_path)}
    run = subprocess.run(
        [sys.executable, script], env=environment, capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stdout) == (0, "")
    assert run.stderr.startswith(f"There is no {tmp_path}")
    assert run.stderr.count("\n") == 1
