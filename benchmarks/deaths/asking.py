"""A shopper that never stops asking: a process that reads a shop while others write to it and die.

    python -m deaths asking       # in benchmarks/; then, on its input, lines of JSON

`{"watch": FOLDER, "indexed": false}` has it ask that shop, and print `{"watch": FOLDER}` when it is about to.
`{"report": true}` has it print what it saw since: how often which answers, the errors, and how often there
was no shop yet.
"""

import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Final

from deaths.goods import QUESTIONS, answer, settings
from duomo import Shop
from duomo.errors import MissingShop

_PAUSE_S: Final = 0.1  # between two questions: the work must get on, too


def main(arguments: Sequence[str]) -> None:
    """Ask until the input ends; there are no arguments."""
    seen: Counter[str] = Counter()
    errors: Counter[str] = Counter()
    folder, shop, turn, options = "", None, 0, settings()
    lines: SimpleQueue[str] = SimpleQueue()
    Thread(target=_listen, args=(lines,), daemon=True).start()
    while True:
        try:
            line = lines.get(timeout=_PAUSE_S if folder else None)
        except Empty:
            pass
        else:
            if not line:
                return
            asked = json.loads(line)
            if "watch" in asked:
                folder, shop, options = asked["watch"], None, settings(indexed=asked["indexed"])
                print(json.dumps({"watch": folder}), flush=True)
            else:
                folder = ""
                print(json.dumps({"seen": seen, "errors": errors}), flush=True)
            seen.clear()
            errors.clear()
            continue
        turn += 1
        try:
            if shop is None or turn % 4 == 0:  # a shop that stays open, and one that was just opened
                shop = Shop.open(Path(folder), settings=options)
            seen[answer(shop.pinned(), QUESTIONS[turn % len(QUESTIONS)])] += 1
        except MissingShop:
            seen["no shop"] += 1
        except Exception as error:  # noqa: BLE001 (whatever it is, it should not have been: the driver says so)
            errors[f"{type(error).__name__}: {error}"[:500]] += 1


def _listen(lines: "SimpleQueue[str]") -> None:
    """Pass on every line as it comes, and "" at the end."""
    while line := sys.stdin.readline():
        lines.put(line)
    lines.put("")
