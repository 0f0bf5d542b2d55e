"""A process that has imported all that the work needs, and forks one that works whenever it is told to.

    python -m deaths nursery      # in benchmarks/; then, on its input, lines of JSON

`{"work": [...], "out": FILE, "err": FILE}` has it fork a process, the leader of a group, that works
as `python -m deaths work ...` would; it prints `{"pid": n}`. `{"wait": n, "most_s": s}` has it print
`{"code": c}`: how that one ended, None where it has not in that time.

Importing takes two seconds of computing, the work a tenth of that. LanceDB begins its threads anew after a
fork, and none of its own work has been done here before.
"""

import json
import os
import sys
import time
import warnings
from collections.abc import Sequence

from deaths import work


def main(arguments: Sequence[str]) -> None:
    """Do as the lines say, until the input ends; there are no arguments."""
    while line := sys.stdin.readline():
        asked = json.loads(line)
        if "wait" in asked:
            print(json.dumps({"code": _ended(asked["wait"], asked["most_s"])}), flush=True)
            continue
        with warnings.catch_warnings(action="ignore", category=RuntimeWarning):  # LanceDB's, see above
            pid = os.fork()
        if not pid:
            os.setpgid(0, 0)
            for number, name in ((0, os.devnull), (1, asked["out"]), (2, asked["err"])):
                opened = os.open(name, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o644)
                os.dup2(opened, number)
                os.close(opened)
            work.main(asked["work"])
            return
        os.setpgid(pid, pid)  # whoever comes first: it may be killed by its group from now on
        print(json.dumps({"pid": pid}), flush=True)


def _ended(pid: int, most_s: float) -> int | None:
    """Exit code of a process, negative if a signal ended it; None: it goes on."""
    latest = time.monotonic() + most_s
    while time.monotonic() < latest:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    return None
