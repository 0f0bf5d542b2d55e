"""Creatives, and how often they were shown, clicked and led to an order: what all about ads is told from."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from duomo.errors import Problem

Counts = NDArray[np.float64]  # NaN: not told


@dataclass(frozen=True, slots=True, kw_only=True)
class Creative:
    """One ad as shoppers saw it; "": not told."""

    id: str  # as the file calls it, or made from what is seen of it
    test: str  # creatives are compared within one
    copy: str = ""
    text: str = ""
    picture: str = ""
    color: str = ""
    style: str = ""  # of the picture: on a model, close up, a scene
    offer: str = ""

    @property
    def words(self) -> str:
        """All that is to be read in it."""
        return "\n".join(part for part in (self.copy, self.text) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ads:
    """Creatives and the rows that tell how they did; the arrays have one number a row."""

    creatives: tuple[Creative, ...]
    audiences: tuple[str, ...]  # ("",) where no column names them
    creative: NDArray[np.int64]
    audience: NDArray[np.int64]
    day: NDArray[np.int64]  # days since 1970; -1: not told
    impressions: Counts
    clicks: Counts
    spend: Counts
    conversions: Counts
    columns: Mapping[str, str]  # what was recognised: name here -> column of the file
    rows: int  # of the file
    problems: tuple[Problem, ...]

    @property
    def skipped(self) -> int:
        """Rows that were left out."""
        return self.rows - len(self.creative)

    @property
    def tests(self) -> dict[str, list[int]]:
        """Test -> its creatives, in the order of the file."""
        found: dict[str, list[int]] = {}
        for number, creative in enumerate(self.creatives):
            found.setdefault(creative.test, []).append(number)
        return found

    @property
    def rows_of(self) -> dict[str, NDArray[np.int64]]:
        """Test -> its rows, in the order of the file."""
        number = {test: place for place, test in enumerate(self.tests)}
        of = np.array([number[creative.test] for creative in self.creatives], np.int64)[self.creative]
        order = np.argsort(of, kind="stable")
        ends = np.searchsorted(of[order], np.arange(1, len(number)))
        return dict(zip(number, np.split(order, ends), strict=True))

    def only(self, kept: NDArray[np.bool_]) -> "Ads":
        """The same creatives with some of the rows."""
        names = ("creative", "audience", "day", "impressions", "clicks", "spend", "conversions")
        return replace(self, **{name: getattr(self, name)[kept] for name in names})
