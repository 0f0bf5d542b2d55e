"""The tables and what meets them are no tests: they are run as a program, by themselves."""

import sys
from pathlib import Path

collect_ignore_glob = [
    *("of_*.py", "drawn.py", "expressions.py", "files.py", "run.py", "served.py", "table.py"),
]
sys.path.append(str(Path(__file__).parent))  # as for the program
