"""Feedback as themes: what shoppers praise and blame, how often, since when, where, and what to do first.

What is said comes from `aspects`, how it is meant from `sentiment`; here it is counted, and nothing is
claimed that chance would make as well: shares and losses have intervals, changes and segments are tested.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from duomo.progress import Tick, silent
from duomo.understand.feedback_file import Remarks
from duomo.understand.feedback_quotes import Mention, Polarity, Quote, phrases_of, quotes_of
from duomo.understand.feedback_statistics import (
    Driver,
    Flags,
    Floats,
    Share,
    changes,
    discoveries,
    drivers,
    stars_lost,
    trend,
    two_shares,
    wilson,
)

LEAST: Final = 5  # remarks that make a theme
MONTH_DAYS: Final = 30.0
_DRIVERS: Final = 10
_PERIODS: Final = ((100, 1), (400, 7), (100_000, 30))  # days that feedback spans at most -> days of a period


class Moment(NamedTuple):
    """When a theme became more or less frequent."""

    at: datetime
    before: float
    after: float
    p: float


class Difference(NamedTuple):
    """A segment that mentions a theme more or less than the other remarks do."""

    column: str
    value: str
    share: Share
    others: Share
    p: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """One thing that is praised or blamed."""

    topic: str
    polarity: Polarity
    remarks: int
    share: Share  # of all remarks
    phrases: tuple[tuple[str, int], ...]  # how it is said, the commonest first
    cost: Share  # stars of the mean rating that it costs; below 0: it earns them
    trend: Share | None  # factor of its odds a month; None: there are no times
    changes: tuple[Moment, ...]
    series: tuple[tuple[datetime, int, int], ...]  # start of a period, mentions, remarks
    drivers: tuple[Driver, ...]  # products that have more of it than all together
    segments: tuple[Difference, ...]  # that differ by more than chance
    quotes: tuple[Quote, ...]
    pictures: tuple[tuple[str, str], ...]  # picture, product

    @property
    def rising(self) -> bool:
        """Whether it becomes more frequent by more than chance."""
        return self.trend is not None and self.trend.low > 1

    @property
    def falling(self) -> bool:
        """Whether it becomes less frequent by more than chance."""
        return self.trend is not None and self.trend.high < 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """What a table of feedback says."""

    remarks: int
    rated: int
    mean: Share | None  # of the ratings
    positive: float  # share of remarks that are meant well
    first: datetime | None
    last: datetime | None
    themes: tuple[Theme, ...]  # blamed ones by what they cost, then praised ones by how many they are
    contradicting: int  # remarks whose rating says the opposite of their text
    outcome: Mapping[str, int]
    columns: Mapping[str, str]

    @property
    def blamed(self) -> tuple[Theme, ...]:
        """What to do something about, what costs the most first."""
        return tuple(theme for theme in self.themes if theme.polarity == "negative")

    @property
    def praised(self) -> tuple[Theme, ...]:
        """What to keep."""
        return tuple(theme for theme in self.themes if theme.polarity == "positive")


def feedback_of(
    read: Remarks,
    mentions: Sequence[Mention],
    positive: NDArray[np.floating],
    *,
    contradicting: int = 0,
    most: int = 40,
    seed: int = 7,
    tick: Tick = silent,
) -> Feedback:
    """Themes of remarks that were read.

    Args:
        read: the remarks.
        mentions: what they praise and blame.
        positive: (n,) probability that each is meant well; stands in for ratings where there are none.
        contradicting: remarks whose rating contradicts their text.
        most: themes of either polarity that are told.
        seed: of everything random.
        tick: told about the stage "themes".
    """
    remarks = read.remarks
    ratings = np.array([np.nan if r.rating is None else r.rating for r in remarks], np.float64)
    groups: defaultdict[tuple[str, Polarity], list[Mention]] = defaultdict(list)
    for mention in mentions:
        groups[mention.topic, mention.polarity].append(mention)
    sizes = {key: len({mention.remark for mention in some}) for key, some in groups.items()}
    kept = sorted((key for key, size in sizes.items() if size >= LEAST), key=lambda key: (-sizes[key], key))
    kept = [key for polarity in ("negative", "positive") for key in kept if key[1] == polarity][: 2 * most]
    flags = np.zeros((len(remarks), len(kept)), bool)
    for column, key in enumerate(kept):
        flags[[mention.remark for mention in groups[key]], column] = True
    rated = bool((~np.isnan(ratings)).any())
    stars = ratings if rated else 1 + 4 * np.asarray(positive, np.float64)
    costs = stars_lost(stars, flags, seed=seed)
    makers = _Table(read, flags, seed)
    themes = []
    for column, key in enumerate(kept):
        themes.append(_theme(key, groups[key], makers, column, costs[column]))
        tick("themes", column + 1, len(kept))
    themes.sort(
        key=lambda t: (t.polarity == "positive", -t.cost.value if t.polarity == "negative" else -t.remarks)
    )
    given = ratings[~np.isnan(ratings)]
    times = [remark.time for remark in remarks if remark.time]
    return Feedback(
        remarks=len(remarks),
        rated=len(given),
        mean=_mean(given),
        positive=float((np.asarray(positive) > 0.5).mean()) if len(remarks) else 0.0,
        first=min(times, default=None),
        last=max(times, default=None),
        themes=tuple(themes),
        contradicting=contradicting,
        outcome=read.outcome,
        columns=read.columns,
    )


class _Table:
    """The remarks as columns."""

    def __init__(self, read: Remarks, flags: Flags, seed: int) -> None:
        self.remarks, self.flags, self.seed = read.remarks, flags, seed
        self.products = np.array([remark.product for remark in read.remarks], dtype=np.str_)
        self.dated = np.array([remark.time is not None for remark in read.remarks], bool)
        self.days = np.array([_days(remark.time) for remark in read.remarks], np.float64)
        self.order = np.argsort(self.days[self.dated], kind="stable")
        self.segments = {
            name: np.array([remark.segments.get(name, "") for remark in read.remarks], dtype=np.str_)
            for name in read.segments
        }

    def timed(self, column: int) -> tuple[Flags, Floats]:
        """Whether each remark with a time mentions a theme, and when, in order of time."""
        return self.flags[self.dated, column][self.order], self.days[self.dated][self.order]


def _theme(
    key: tuple[str, Polarity], mentions: Sequence[Mention], table: _Table, column: int, cost: Share
) -> Theme:
    flags = table.flags[:, column]
    mentioned, days = table.timed(column)
    some = np.flatnonzero(flags)
    return Theme(
        topic=key[0],
        polarity=key[1],
        remarks=len(some),
        share=wilson(len(some), len(flags)),
        phrases=phrases_of(mentions),
        cost=cost,
        trend=trend(mentioned, days / MONTH_DAYS) if len(days) else None,
        changes=tuple(
            Moment(_moment(change.at), change.before, change.after, change.p)
            for change in changes(mentioned, days, seed=table.seed)
        ),
        series=_series(mentioned, days),
        drivers=tuple(drivers(table.products, flags)[:_DRIVERS]),
        segments=tuple(_differences(table.segments, flags)),
        quotes=quotes_of(table.remarks, mentions),
        pictures=tuple(
            (picture, table.remarks[place].product)
            for place in some
            for picture in table.remarks[place].pictures[:1]
        ),
    )


def _differences(segments: Mapping[str, NDArray[np.str_]], flags: Flags) -> list[Difference]:
    """Segments whose share differs from that of the others by more than chance, the largest first."""
    found = []
    for column, values in segments.items():
        for value in np.unique(values[values != ""]).tolist():
            inside = values == value
            others = (values != "") & ~inside
            if not others.any():
                continue
            counts = int(flags[inside].sum()), int(inside.sum()), int(flags[others].sum()), int(others.sum())
            difference = Difference(
                column, value, wilson(*counts[:2]), wilson(*counts[2:]), two_shares(*counts)
            )
            found.append(difference)
    believed = discoveries([difference.p for difference in found])
    kept = [difference for difference, sure in zip(found, believed, strict=True) if sure]
    return sorted(kept, key=lambda d: -abs(d.share.value - d.others.value))


def _series(mentioned: Flags, days: Floats) -> tuple[tuple[datetime, int, int], ...]:
    """Mentions and remarks of each period; days, weeks or months, as long as the feedback spans."""
    if not len(days):
        return ()
    spans = float(days[-1] - days[0])
    length = next(length for most, length in _PERIODS if spans <= most or most == _PERIODS[-1][0])
    place = ((days - days[0]) // length).astype(int)
    counts, hits = np.bincount(place), np.bincount(place, mentioned)
    return tuple(
        (_moment(float(days[0] + number * length)), int(some), int(of))
        for number, (some, of) in enumerate(zip(hits.tolist(), counts.tolist(), strict=True))
    )


def _mean(values: Floats) -> Share | None:
    if not len(values):
        return None
    reach = 1.96 * float(values.std(ddof=1)) / len(values) ** 0.5 if len(values) > 1 else 0.0
    mean = float(values.mean())
    return Share(mean, max(mean - reach, 1.0), min(mean + reach, 5.0))


def _days(when: datetime | None) -> float:
    return float("nan") if when is None else when.timestamp() / 86_400


def _moment(days: float) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=days)
