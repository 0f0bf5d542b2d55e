"""What a merchant wants beside what was asked: goods in stock, with a margin, new, and not all alike."""

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from duomo.errors import BadSetting
from duomo.hits import PartName
from duomo.search.facets import codes_of
from duomo.search.order import Scored
from duomo.search.page import Alike
from duomo.search.twins import twins_of
from duomo.settings import Settings
from duomo.shelf.base import ID, Snapshot, kind_of
from duomo.shelf.layered import LayeredSnapshot

log = logging.getLogger(__name__)

NEUTRAL: Final = 0.5  # what an unknown margin counts, and goods that have to be waited for
KNOBS: Final = ("boost_stock", "boost_margin", "boost_novelty", "spread_brands", "spread_twins")
_COMPACT: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_DATE: Final = re.compile(r"([0-9]{4})(?:[-/.年]([0-9]{1,2})(?:[-/.月]([0-9]{1,2}))?)?(?![0-9])")
_BACKWARDS: Final = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})(?![0-9])")
DATES: Final = ("text", "texts", "number")  # kinds of columns that may hold dates

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How every row of one snapshot stands with the merchant.

    The score of a hit is (1 - B) times what the question gives it plus the boosts, each its weight times a
    number from 0 to 1; B is the sum of the weights. An exact name keeps its own share undiminished, so that
    it stays in front.
    """

    rows: NDArray[np.int64]  # (n,) every row, ascending; none where the merchant wants nothing
    boosts: Mapping[PartName, tuple[float, Values]]  # weight, and (n,) 0 to 1
    brands: Alike = ()  # by brand: most that it costs, and (n,) groups, -1: like no other
    twins: Alike = ()  # by title and by picture

    @classmethod
    def of(cls, snapshot: Snapshot, settings: Settings) -> Self:
        """Of every row; raises BadSetting where a column that the settings name is not there."""
        check_columns(snapshot.schema, settings)
        if not any(getattr(settings, name) for name in KNOBS):
            return cls(rows=np.zeros(0, np.int64), boosts={})
        rows = np.sort(snapshot.search().rows)
        boosts: dict[PartName, tuple[float, Values]] = {}
        if settings.boost_stock:
            boosts["stock"] = (settings.boost_stock, _stock(snapshot.take(rows, ["stock", "availability"])))
        if settings.boost_margin:
            name = settings.margin_column
            boosts["margin"] = (settings.boost_margin, ranked(_numbers(snapshot.take(rows, [name])[name])))
        if settings.boost_novelty:
            name = settings.novelty_column
            days = days_of(_written(snapshot.take(rows, [name])[name]))
            if np.isnan(days).all():
                log.warning("boost_novelty is left out: no date is read in the column '%s'", name)
            else:
                boosts["novelty"] = (settings.boost_novelty, halved(days, settings.novelty_days))
        brands: Alike = ()
        twins: Alike = ()
        if settings.spread_brands:
            brands = [(settings.spread_brands, codes_of(snapshot.take(rows, ["brand"])["brand"])[0])]
        if settings.spread_twins:
            twins = [(settings.spread_twins, groups) for groups in twins_of(snapshot, rows)]
        return cls(rows=rows, boosts=boosts, brands=brands, twins=twins)

    def over(self, snapshot: LayeredSnapshot, settings: Settings) -> "Standing":
        """Of every row of changes over the snapshot that this one is of.

        Who is a twin of whom is not found out anew: a row stays with those it was with for as long as it
        keeps its title, and a new one has none.
        """
        standing = Standing.of(snapshot, replace(settings, spread_twins=0.0))
        if not self.twins:
            return standing
        base, newer = snapshot.base, snapshot.newer
        before = np.full(len(newer), -1)
        if len(newer):
            place = pc.index_in(newer.column(ID), value_set=base.column(ID))
            titles = (base.column("title").take(place), newer.column("title"))
            same = pc.fill_null(pc.equal(*(each.cast(pa.string()) for each in titles)), False)
            before = pc.if_else(same, place, -1).to_numpy().astype(np.int64)
        twins = [
            (cost, np.concatenate([groups[snapshot.alive], np.append(groups, -1)[before]]))
            for cost, groups in self.twins
        ]
        return replace(standing, rows=np.sort(snapshot.search().rows), twins=twins)

    @property
    def left(self) -> float:
        """What the question's parts keep of their weight beside the boosts, 0 to 1."""
        return 1 - sum(weight for weight, _ in self.boosts.values())

    def boosted(self, scored: Scored) -> Scored:
        """The rows with what the merchant gives to each."""
        if not self.boosts:
            return scored
        places = self._places(scored.rows)
        left, raws, shares = self.left, dict(scored.raws), dict(scored.shares)
        shares = {name: each if name == "exact" else left * each for name, each in shares.items()}
        for name, (weight, values) in self.boosts.items():
            raws[name] = values[places].astype(np.float32)
            shares[name] = weight * values[places]
        return Scored(scored.rows, raws, shares)

    def alike(self, scored: Scored, *, brand_asked: bool) -> Alike:
        """What being alike may cost these rows at most, and the groups of each; exact hits are like no other.

        Args:
            scored: (n,) rows.
            brand_asked: who asks for a brand wants that one, again and again.
        """
        kinds = [*(() if brand_asked else self.brands), *self.twins]  # twins by title are of one brand
        if not kinds:
            return ()
        places = self._places(scored.rows)
        plain = scored.shares.get("exact", np.zeros(scored.rows.size)) == 0
        return [(cost, np.where(plain, groups[places], -1)) for cost, groups in kinds]

    def _places(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        dense = self.rows.size and self.rows[-1] == self.rows.size - 1
        return rows if dense else np.searchsorted(self.rows, rows)


def check_columns(schema: pa.Schema, settings: Settings) -> None:
    """Raise BadSetting where a boost is on and the column it needs is not there, or of another kind."""
    needed: list[tuple[float, str, str, Sequence[str], str]] = [
        (settings.boost_margin, "margin_column", settings.margin_column, ("number",), "numbers"),
        (settings.boost_novelty, "novelty_column", settings.novelty_column, DATES, "dates or years"),
    ]
    for weight, setting, name, kinds, wanted in needed:
        if weight and (name not in schema.names or kind_of(schema.field(name)) not in kinds):
            boost = setting.replace("_column", "").join(("boost_", ""))
            known = sorted(field.name for field in schema if kind_of(field) in kinds)
            raise BadSetting(
                f"setting {setting}: the shop has no column '{name}' of {wanted}, which {boost} needs",
                remedy=f"Name one of: {', '.join(known)}; or set {boost} to 0",
            )


def _stock(table: pa.Table) -> Values:
    """(n,) 1: can be bought, or nothing is known; 0: sold out; half: has to be waited for."""
    said = pc.fill_null(table["availability"].cast(pa.string()), "")
    none_left = pc.and_(pc.equal(said, ""), pc.fill_null(pc.less_equal(table["stock"], 0), False))
    out = pc.or_(pc.equal(said, "out_of_stock"), none_left)
    waits = pc.is_in(said, pa.array(["preorder", "backorder"]))
    values: Values = pc.if_else(waits, NEUTRAL, pc.if_else(out, 0.0, 1.0)).to_numpy()
    return values


def ranked(numbers: Values) -> Values:
    """(n,) the share of the known numbers that lie below each, half of the equal ones counted; NaN: 1/2.

    >>> ranked(np.array([10.0, 30.0, np.nan, 30.0])).round(2).tolist()
    [0.17, 0.67, 0.5, 0.67]
    """
    known = np.sort(numbers[~np.isnan(numbers)])
    below, upto = (np.searchsorted(known, numbers, side) for side in ("left", "right"))
    return np.where(np.isnan(numbers), NEUTRAL, (below + upto) / 2 / max(known.size, 1))


def halved(days: Values, half_life: float) -> Values:
    """(n,) 1 for the newest, half as much after so many days, and so on; 0 where nothing is known.

    Counted from the newest, not from today: pages of one answer, and answers of one version, stay the same.

    >>> halved(np.array([100.0, 10.0, np.nan]), 90).tolist()
    [1.0, 0.5, 0.0]
    """
    known = days[~np.isnan(days)]
    age = known.max() - days if known.size else days
    return np.where(np.isnan(days), 0.0, 0.5 ** (np.nan_to_num(age) / half_life))


def days_of(written: Sequence[str | float | None]) -> Values:
    """(n,) dates as days, NaN where none is read.

    Read are "2024-05-31", "2024/5/31 10:00", "2024年5月31日", "31.05.2024", "20240531", "2024-05" and 2024.

    >>> np.diff(days_of(["2024-05-01", "2024/5/31 10:00", 2024, "soon"])).tolist()
    [30.0, -151.0, nan]
    """
    known: dict[str | float | None, float] = {}
    for each in written:
        if each not in known:
            known[each] = _day(each)
    return np.array([known[each] for each in written], np.float64)


def _day(written: str | float | None) -> float:
    """The day that a date is, NaN where none is read."""
    text = f"{written:.0f}" if isinstance(written, float | int) else (written or "").strip()
    found = _COMPACT.fullmatch(text) or _DATE.match(text)
    backwards = None if found else _BACKWARDS.match(text)
    parts = found.groups() if found else backwards.groups()[::-1] if backwards else ()
    try:
        year, month, day = (int(part or 1) for part in parts)
        return float(date(year, month, day).toordinal()) if year >= 1900 else np.nan
    except ValueError:  # no such day, or no date at all
        return np.nan


def _numbers(column: pa.ChunkedArray) -> Values:
    values: Values = column.cast(pa.float64()).to_numpy().astype(np.float64)
    return values


def _written(column: pa.ChunkedArray) -> list[str | float | None]:
    """What stands in each row of a column of dates; of several the first."""
    return [(each[0] if each else None) if isinstance(each, list) else each for each in column.to_pylist()]
