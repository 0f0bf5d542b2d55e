"""Feedback as shops keep it: a table of what was said, how it was rated, when, of what, by which shopper."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path
from typing import Final

from duomo.catalog.columns import normal
from duomo.catalog.pricing import period
from duomo.catalog.rows import one
from duomo.catalog.text import plain_text
from duomo.catalog.texts import TextRow, Texts, open_texts
from duomo.errors import BadFile, Problem
from duomo.guard.archives import Limits
from duomo.guard.redact import redact
from duomo.product import Review
from duomo.progress import Tick, silent

# What a column goes by, beside its name; the first that a file has is meant.
_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "title": ("title", "summary", "标题", "headline", "subject"),
    "rating": ("rating", "stars", "star", "score", "overall", "评分", "星级", "打分", "得分"),
    "time": (
        "time",
        "date",
        "timestamp",
        "created_at",
        "review_date",
        "时间",
        "日期",
        "评论时间",
        "评价时间",
    ),
    "product": (
        *("product_id", "sku", "product", "item_id", "asin", "product_name", "product_title"),
        *("商品编号", "商品id", "货号", "商品名称", "商品", "款号"),
    ),
    "picture": ("image", "images", "picture", "pictures", "photo", "photos", "image_url", "图片", "晒图"),
}
_SEGMENTS: Final = (
    *(
        "country",
        "language",
        "channel",
        "platform",
        "store",
        "region",
        "city",
        "segment",
        "age_group",
        "gender",
    ),
    *(
        "source",
        "category",
        "size",
        "color",
        "brand",
        "渠道",
        "平台",
        "地区",
        "城市",
        "国家",
        "店铺",
        "品类",
        "类目",
        "尺码",
        "颜色",
        "会员等级",
    ),
)
_YEAR_FIRST: Final = re.compile(
    r"(\d{4})\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})\s?日?(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?"
)
_MOST_SEGMENTS: Final = 30  # different values of a column that is compared
_BETWEEN: Final = (";", "|", "；")  # between several pictures in one cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """What one shopper said; personal data is out of it already."""

    text: str
    rating: float | None = None  # in stars, 1 to 5
    time: datetime | None = None
    product: str = ""
    pictures: tuple[str, ...] = ()  # paths or addresses, as the file names them
    segments: Mapping[str, str] = field(default_factory=dict)  # column -> value
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Remarks:
    """A table of feedback as it was read, and what could not be used of it."""

    remarks: tuple[Remark, ...]
    columns: Mapping[str, str]  # "text", "rating", "time", "product", "picture" -> column of the file
    segments: tuple[str, ...]  # columns whose values are compared
    outcome: Mapping[str, int]  # what was counted: rows, blank, broken, unrated, undated, redacted
    problems: tuple[Problem, ...]


def read_remarks(
    path: Path,
    *,
    column: str = "",
    mapping: Mapping[str, str] | None = None,
    segments: Sequence[str] = (),
    keep: Collection[str] = (),
    limits: Limits | None = None,
    tick: Tick = silent,
) -> Remarks:
    """Read a table of feedback; what is missing in it is counted, never invented.

    Args:
        path: as `open_texts` takes it.
        column: of the text; "": by its name.
        mapping: of "rating", "time", "product", "picture", "title" to columns with names of their own.
        segments: columns that are compared; (): those called like country, channel, size.
        keep: names that are no persons: brands, goods.
        limits: of the file.
        tick: told about the stage "reading".

    Raises:
        MissingFile, BadFile: as `open_texts`; or a column that was named is not there.
    """
    with open_texts(path, column, limits=limits) as texts:
        return remarks_in(texts, path, mapping=mapping or {}, segments=segments, keep=keep, tick=tick)


def remarks_in(
    texts: Texts,
    path: Path,
    *,
    mapping: Mapping[str, str],
    segments: Sequence[str] = (),
    keep: Collection[str] = (),
    tick: Tick = silent,
) -> Remarks:
    """The remarks of a table that is open; see `read_remarks`. Its rows are gone through."""
    found = _columns(path, texts.columns, mapping, texts.column)
    compared = _segments(path, texts.columns, segments, {texts.column, *found.values()})
    reader = _Reader(path, found, compared, keep)
    for number, row in enumerate(texts.rows, start=1):
        reader.take(row)
        if number % 1000 == 0:
            tick("reading", number)
    kept = tuple(name for name in compared if _compares(r.segments.get(name, "") for r in reader.remarks))
    return Remarks(
        remarks=tuple(reader.remarks),
        columns={"text": texts.column, **found},
        segments=kept,
        outcome=dict(reader.outcome),
        problems=(*reader.problems, *texts.warnings),
    )


def remarks_of(reviews: Iterable[Review], *, keep: Collection[str] = ()) -> Remarks:
    """The reviews of a shop as feedback."""
    remarks: list[Remark] = []
    outcome: Counter[str] = Counter()
    for review in reviews:
        outcome["rows"] += 1
        text = _joined(review.title, review.text)
        if not text:
            outcome["blank"] += 1
            continue
        plain = redact(text, keep=keep)
        outcome["redacted"] += plain != text
        outcome["unrated"] += review.rating is None
        when = time_of(review.time)
        outcome["undated"] += when is None
        remarks.append(Remark(text=plain, rating=review.rating, time=when, product=review.product_id))
    columns = dict.fromkeys(("text", "rating", "time", "product"), "")
    return Remarks(remarks=tuple(remarks), columns=columns, segments=(), outcome=dict(outcome), problems=())


class _Reader:
    """Makes remarks of rows and counts."""

    def __init__(
        self, path: Path, columns: Mapping[str, str], segments: Sequence[str], keep: Collection[str]
    ) -> None:
        self.remarks: list[Remark] = []
        self.problems: list[Problem] = []
        self.outcome: Counter[str] = Counter(rows=0)
        self._path, self._columns, self._segments, self._keep = path, columns, segments, keep

    def take(self, row: TextRow) -> None:
        """One row more."""
        self.outcome["rows"] += 1
        if row.problem:
            self.outcome["broken"] += 1
            self.problems.append(row.problem)
            return
        text = _joined(self._cell(row, "title"), row.text)
        if not text:
            self.outcome["blank"] += 1
            return
        plain = redact(text, keep=self._keep)
        self.outcome["redacted"] += plain != text
        pictures = self._cell(row, "picture")
        for mark in _BETWEEN[1:]:
            pictures = pictures.replace(mark, _BETWEEN[0])
        remark = Remark(
            text=plain,
            rating=self._rating(row),
            time=self._time(row),
            product=self._cell(row, "product"),
            pictures=tuple(name.strip() for name in pictures.split(_BETWEEN[0]) if name.strip()),
            segments={name: one(row.cells.get(name, "")) for name in self._segments},
            line=row.line,
        )
        self.remarks.append(remark)

    def _cell(self, row: TextRow, what: str) -> str:
        return one(row.cells.get(self._columns[what], "")) if what in self._columns else ""

    def _rating(self, row: TextRow) -> float | None:
        if "rating" not in self._columns:
            return None
        written = self._cell(row, "rating")
        try:
            rating = float(written.replace(",", ".").removesuffix("星").strip())
        except ValueError:
            rating = float("nan")
        if isfinite(rating) and 1 <= rating <= 5:
            return rating
        self.outcome["unrated"] += 1
        if written:
            self._told(row, "rating", written, "is no rating from 1 to 5; the row counts without one")
        return None

    def _time(self, row: TextRow) -> datetime | None:
        if "time" not in self._columns:
            return None
        written = self._cell(row, "time")
        when = time_of(written)
        if when is None:
            self.outcome["undated"] += 1
            if written:
                self._told(row, "time", written, "is no date that can be read; the row counts without one")
        return when

    def _told(self, row: TextRow, what: str, value: str, problem: str) -> None:
        column = self._columns[what]
        remedy = "Write 4.5" if what == "rating" else "Write it like 2026-11-03"
        self.problems.append(
            Problem(
                file=str(self._path),
                line=row.line,
                column=column,
                value=value,
                problem=problem,
                remedy=remedy,
                severity="warning",
            )
        )


def time_of(written: str) -> datetime | None:
    """When that was, of dates as shops in China, Europe and America write them; None: it cannot be read.

    Digits alone are seconds or milliseconds since 1970.

    >>> [time_of(each).date().isoformat() for each in ("2025年3月4日", "2025/3/4 9:05", "1741046400")]
    ['2025-03-04', '2025-03-04', '2025-03-04']
    """
    if written.isascii() and written.isdigit() and len(written) in (10, 13):
        return datetime.fromtimestamp(int(written) / (1000 if len(written) == 13 else 1), UTC)
    if found := period(written):
        return found[0]
    if not (parts := _YEAR_FIRST.fullmatch(written)):
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in parts.groups())
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None


def _joined(title: str, text: str) -> str:
    """Title and text as a person reads them; a title that the text begins with is not said twice."""
    title, text = plain_text(title), plain_text(text)
    return text if not title or text.startswith(title.rstrip(".。!！")) else f"{title}\n{text}".strip()


def _columns(path: Path, columns: Sequence[str], asked: Mapping[str, str], text: str) -> dict[str, str]:
    """What stands where, text aside; raises BadFile where a column that was named is not there."""
    by_name = {normal(name): name for name in reversed(columns)}
    if unknown := sorted(asked.keys() - _COLUMNS.keys() - {"text"}):
        problem = f"feedback has no '{unknown[0]}'"
        raise BadFile(problem, remedy=f"Known: text, {', '.join(_COLUMNS)}")
    found = {}
    for what, names in _COLUMNS.items():
        if what in asked:
            if normal(asked[what]) not in by_name:
                problem = f"{path} has no column '{asked[what]}'"
                raise BadFile(problem, remedy=f"It has: {', '.join(columns[:30])}")
            found[what] = by_name[normal(asked[what])]
        elif name := next((by_name[name] for name in names if by_name.get(name, text) != text), ""):
            found[what] = name
    return found


def _segments(path: Path, columns: Sequence[str], asked: Sequence[str], taken: Collection[str]) -> list[str]:
    by_name = {normal(name): name for name in reversed(columns)}
    if missing := [name for name in asked if normal(name) not in by_name]:
        problem = f"{path} has no column '{missing[0]}' to compare by"
        raise BadFile(problem, remedy=f"It has: {', '.join(columns[:30])}")
    wanted = [by_name[normal(name)] for name in asked] or [by_name[n] for n in _SEGMENTS if n in by_name]
    return [name for name in dict.fromkeys(wanted) if asked or name not in taken]


def _compares(values: Iterable[str]) -> bool:
    """Whether a column has values that can be compared: two at least, and not too many."""
    return 2 <= len({value for value in values if value}) <= _MOST_SEGMENTS
