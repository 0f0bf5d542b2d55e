"""The tables and what meets them are no tests: they are run as a program, by themselves."""

collect_ignore_glob = ["of_*.py", "drawn.py", "files.py", "run.py", "table.py"]
