"""A few of the random checks that benchmarks/facet_checks.py makes by the thousand."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parent.parent / "benchmarks" / "facet_checks.py"


@pytest.mark.slow
def test_the_number_beside_a_value_is_what_choosing_it_gives_on_both_shelves() -> None:
    asked = ["drawn", "--products", "12", "--encoder", "hashed", "--checks", "300", "--print"]
    run = subprocess.run([sys.executable, SCRIPT, *asked], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    line = json.loads(run.stdout)
    for shelf in ("memory", "index"):
        assert line[shelf]["disagreements"] == 0, line[shelf]["examples"]
        assert line[shelf]["checks"] == 150
        assert line[shelf]["with_a_picture"] >= 30
