"""TREC runs: what another engine answered to the same questions."""

from collections import defaultdict
from pathlib import Path

from duomo.errors import BadFile
from duomo.measure.judgments import lines_of
from duomo.measure.questions import Shown

Run = dict[str, tuple[Shown, ...]]  # question id -> products, best first


def read_run(path: Path) -> Run:
    """The answers of a run, `qid Q0 product rank score tag`; by score, then by rank.

    Raises:
        MissingFile: there is no such file.
        BadFile: a line has other columns, or names a product of a question again; there is no line.
    """
    found: defaultdict[str, dict[str, tuple[float, float]]] = defaultdict(dict)
    for number, line in lines_of(path):
        cells = line.split()
        place = f"{path} line {number}"
        if len(cells) != 6:
            problem = f"{place}: 6 columns are wanted (qid Q0 product rank score tag), this has {len(cells)}"
            raise BadFile(problem, remedy="Write it as a TREC run")
        qid, _, product, rank, score, _ = cells
        try:
            key = (-float(score), float(rank))
        except ValueError:
            key = (float("nan"), 0.0)
        if key[0] != key[0]:
            raise BadFile(f"{place}: rank and score must be numbers", remedy="Write it as a TREC run")
        if product in found[qid]:
            problem = f"{place}: '{product}' was named for '{qid}' before"
            raise BadFile(problem, remedy="Name a product once a question")
        found[qid][product] = key
    if not found:
        raise BadFile(f"{path} holds no answer", remedy="Write it as a TREC run")
    return {
        qid: tuple(Shown(product) for product in sorted(keys, key=lambda one: keys[one]))
        for qid, keys in found.items()
    }
