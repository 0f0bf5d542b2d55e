"""What a build did: BuildReport."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from duomo.errors import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildReport:
    """What became of a catalog. added + updated + unchanged = products."""

    rows: int  # data rows read from the files
    products: int  # that the catalogs describe
    variants: int
    added: int
    updated: int
    unchanged: int
    removed: int  # vanished products taken off the shelf (only with prune)
    vanished: int  # products the catalogs no longer name that are still on the shelf
    kept: int = 0  # variants that partial catalogs do not name and that stayed as they were
    encoded: int  # texts and pictures that went through an encoder
    skipped: int  # rows that gave nothing; each stands in problems
    abroad: Mapping[str, float] = field(
        default_factory=dict
    )  # encoder -> how far the goods lie from what it was trained on, 0 to 1; encoders that know alone
    problems: tuple[Problem, ...]
    took_s: float

    def as_dict(self) -> dict[str, object]:
        """The report with the field names of the machine contract."""
        counts = {name: getattr(self, name) for name in self.__slots__ if name != "problems"}
        return {**counts, "problems": [problem.as_dict() for problem in self.problems]}

    def __str__(self) -> str:
        found = Counter(problem.severity for problem in self.problems)
        parts = [f"{self.products} products ({self.variants} variants)"]
        names = ("added", "updated", "unchanged", "removed", "vanished", "kept", "encoded", "skipped")
        parts += [f"{getattr(self, name)} {name}" for name in names if getattr(self, name)]
        parts += [f"{n} {kind}{'s' * (n > 1)}" for kind in ("error", "warning") if (n := found[kind])]
        return f"{', '.join(parts)} in {self.took_s:.1f} s"


def as_packed(problem: Problem, unpacked: Path) -> Problem:
    """The problem with what lies in an archive called by its place there, not by where it was unpacked.

    Args:
        problem: its value may be the path of an unpacked file.
        unpacked: the folder that keeps what archives hold, as for `catalog.archives.read_source`.

    >>> from pathlib import PurePosixPath
    >>> problem = Problem(file="shop.zip/goods.csv", value="shop/unpacked/0a1b/files/red/a.jpg", problem="")
    >>> as_packed(problem, PurePosixPath("shop/unpacked")).value
    'red/a.jpg'
    """
    inside = re.sub(rf"^{re.escape(str(unpacked))}[/\\][0-9a-f]+[/\\]files[/\\]", "", problem.value)
    return problem if inside == problem.value else replace(problem, value=inside)
