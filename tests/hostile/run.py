"""Meets the cases of some files in this process, under a limit of memory; prints a JSON line for each.

python tests/hostile/run.py pictures tables     # the cases of of_pictures.py and of_tables.py
python tests/hostile/run.py --list              # the names of all cases; none is met
"""

import argparse
import importlib
import json
import re
import resource
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Final

from table import Case, outcome

HERE: Final = Path(__file__).parent
MOST_MORE_GB: Final = 3.0  # of address space, beyond what the process has when it begins


def kinds() -> list[str]:
    """What there are files of cases of."""
    return sorted(path.stem.removeprefix("of_") for path in HERE.glob("of_*.py"))


def cases_of(kind: str) -> list[Case]:
    """The cases of one file."""
    found: list[Case] = importlib.import_module(f"of_{kind}").CASES
    return found


def limit_memory() -> None:
    """From here on, whatever asks for too much memory gets none."""
    found = re.search(r"^VmSize:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
    assert found
    most = int(found[1]) * 1024 + int(MOST_MORE_GB * 2**30)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def main() -> None:
    """Meet them, or list them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kinds", nargs="*", help="default: all")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--slow", action="store_true", help="the slow cases, and no others")
    parser.add_argument("--fast", action="store_true", help="all but the slow cases")
    parser.add_argument("--only", default="", help="a part of the names of the cases that are meant")
    given = parser.parse_args()
    wanted = {kind: cases_of(kind) for kind in given.kinds or kinds()}
    if not given.list:
        limit_memory()
    for kind, cases in wanted.items():
        for case in cases:
            if given.only not in case.name or (given.slow and not case.slow) or (given.fast and case.slow):
                continue
            told: dict[str, object] = {"kind": kind, "name": case.name}
            if not given.list:
                told |= asdict(outcome(case)) | {"says": case.says, "most_mb": case.most_mb}
            sys.stdout.write(json.dumps(told) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
