"""Reading creatives and how they did from a table, as a shop or an ad platform writes it.

A row is one creative, as a whole or on one day for one audience. Columns are known by their names in English
and Chinese. What cannot be true is left out and told.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from duomo.catalog.columns import pick
from duomo.catalog.formats.sniff import open_table
from duomo.catalog.prices import parse_price, whole_number
from duomo.catalog.rows import Cell, Row, one
from duomo.catalog.text import one_line
from duomo.catalog.texts import unpacked
from duomo.errors import BadFile, Problem
from duomo.guard.archives import Limits
from duomo.understand.ads import Ads, Creative
from duomo.understand.ads_days import Order, day_of, order_of

# What columns go by, the likeliest first. Exports of Meta, Google, TikTok, 巨量, 万相台 and 腾讯 among them.
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "test": (
        *("test", "test_id", "experiment", "experiment_id", "clickability_test_id", "ad_set_name"),
        *("ad_group", "adset", "ad_set", "adgroup", "campaign", "campaign_name"),
        *("测试", "测试编号", "实验", "实验编号", "实验名称"),
        *("广告组", "单元", "推广单元", "计划", "推广计划"),
    ),
    "creative": (
        *("creative", "creative_id", "ad_id", "ad", "ad_name", "creative_name"),
        *("创意", "创意id", "创意编号", "创意名称", "广告id"),
        *("广告", "广告名称", "素材id", "素材编号", "素材"),
    ),
    "copy": (
        *("copy", "headline", "ad_copy", "title", "ad_title", "primary_text"),
        *("文案", "标题", "创意标题", "广告标题", "广告文案"),
    ),
    "text": ("text", "description", "body", "ad_text", "描述", "正文", "广告描述", "副标题"),
    "picture": (
        *("image", "picture", "image_link", "image_url", "image_name", "photo", "eyecatcher_id"),
        *("图片", "主图", "创意图片", "素材图片", "图片链接"),
    ),
    "color": ("color", "colour", "main_color", "颜色", "主色", "主色调"),
    "style": ("style", "picture_style", "format", "layout", "素材类型", "图片类型", "画面", "样式"),
    "offer": ("offer", "promotion", "deal", "优惠", "促销", "活动", "优惠方式", "利益点"),
    "audience": ("audience", "segment", "placement", "人群", "受众", "定向人群", "版位", "投放人群"),
    "day": ("date", "day", "reporting_starts", "time", "日期", "时间", "统计日期", "天"),
    "impressions": (
        *("impressions", "impr", "imps", "views", "shows"),
        *("展现量", "展现", "展示", "展示量", "展示数", "展示次数", "曝光", "曝光量", "曝光数", "曝光次数"),
    ),
    "clicks": (
        *("clicks", "link_clicks", "clicks_all", "click"),
        *("点击量", "点击", "点击数", "点击次数"),
    ),
    "spend": (
        *("spend", "cost", "amount_spent", "amount_spent_usd", "total_cost"),
        *("消耗", "花费", "费用", "消费", "总花费", "总消耗", "消耗_元", "花费_元"),
    ),
    "conversions": (
        *("conversions", "purchases", "orders", "results", "conv"),
        *("转化", "转化数", "转化量", "转化次数", "成交笔数", "总成交笔数", "订单数", "成交订单数", "下单数"),
    ),
}
NEEDED: Final = ("impressions", "clicks")
_LOOKS: Final = ("copy", "text", "picture", "color", "style", "offer")

_SEVERAL: Final = " | "


def read_ads(
    path: Path,
    *,
    mapping: Mapping[str, str] | None = None,
    needed: Sequence[str] = NEEDED,
    limits: Limits | None = None,
) -> Ads:
    """Read a table of creatives: CSV, TSV, JSON lines or Parquet, or any of them packed with gzip.

    Args:
        path: the file.
        mapping: name of `COLUMNS` -> column of the file, where it is called otherwise.
        needed: names of `COLUMNS` without which the table cannot be used.
        limits: of what is packed and of the file's size; None: the usual ones.

    Raises:
        MissingFile: there is no such file.
        BadFile: it is no table, is too large, has no impressions or clicks, or no row that can be used.
    """
    with unpacked(path, limits) as plain:
        table = open_table(plain, wanted=tuple((mapping or {}).values()))
        told = [replace(each, file=str(path)) for each in table.warnings]
        return ads_of(table.rows, table.columns, file=path, mapping=mapping, told=told, needed=needed)


def ads_of(
    rows: Iterable[Row | Problem],
    columns: Sequence[str],
    *,
    file: Path,
    mapping: Mapping[str, str] | None = None,
    told: Sequence[Problem] = (),
    needed: Sequence[str] = NEEDED,
) -> Ads:
    """The creatives in rows of named cells.

    A creative is known by its name within its test. Where no column names creatives, it is known by what is
    seen of it if the rows have dates, and each row is one of its own if they have none.

    Args:
        rows: as `open_table` gives them.
        columns: all that may stand in a row.
        file: named in problems.
        mapping: name of `COLUMNS` -> column, where it is called otherwise.
        told: problems that are known already.
        needed: names of `COLUMNS` without which the table cannot be used.

    Raises:
        BadFile: a needed column is missing, or a column of mapping, or no row can be used.
    """
    found = _columns(columns, file, mapping or {}, needed)
    notes = _Rows(str(file), found, needed, list(told))
    if "test" not in found and "impressions" in needed:
        problem = "has no column that names tests, so that all creatives are compared as one test"
        remedy = "Name it with --map test=COLUMN if only some of them were shown to the same people"
        notes.problems.append(Problem(file=str(file), problem=problem, remedy=remedy, severity="warning"))
    listed = list(rows)  # the order of day and month is told by all together
    notes.know_days(listed)
    for row in listed:
        notes.read(row)
    if not notes.numbers:
        problem = f"{file} has no row that can be used ({notes.count} were read)"
        worst = next((str(each) for each in notes.problems if each.severity == "error"), "")
        raise BadFile(problem, remedy=worst or "Check that it is whole")
    numbers = np.array(notes.numbers, np.float64).reshape(-1, 7)
    return Ads(
        creatives=tuple(notes.creatives.values()),
        audiences=tuple(notes.audiences),
        creative=numbers[:, 0].astype(np.int64),
        audience=numbers[:, 1].astype(np.int64),
        day=numbers[:, 2].astype(np.int64),
        impressions=numbers[:, 3],
        clicks=numbers[:, 4],
        spend=numbers[:, 5],
        conversions=numbers[:, 6],
        columns=found,
        rows=notes.count,
        problems=tuple(notes.problems),
    )


def _columns(
    columns: Sequence[str], file: Path, mapping: Mapping[str, str], needed: Sequence[str]
) -> dict[str, str]:
    if unknown := sorted(set(mapping) - set(COLUMNS)):
        raise BadFile(f"ads have nothing called '{unknown[0]}'", remedy=f"Known: {', '.join(COLUMNS)}")
    named = pick(columns, path=file, wanted=dict.fromkeys(mapping.values(), ()), needed=mapping.values())
    given = {name: named[column] for name, column in mapping.items()}
    left = [column for column in columns if column not in given.values()]
    wanted = {name: aliases for name, aliases in COLUMNS.items() if name not in given}
    return {
        **given,
        **pick(left, path=file, wanted=wanted, needed=[name for name in needed if name in wanted]),
    }


class _Key(NamedTuple):
    test: str
    id: str


class _Rows:
    """Collects what the rows tell."""

    def __init__(
        self, file: str, columns: Mapping[str, str], needed: Sequence[str], problems: list[Problem]
    ) -> None:
        self.file = file
        self.needed = needed
        self.columns = columns
        self.problems = problems
        self.creatives: dict[_Key, Creative] = {}
        self.audiences: dict[str, int] = {}
        self.numbers: list[tuple[float, ...]] = []
        self.count = 0
        self._order = Order(day_first=False)
        self._numbers_of: dict[_Key, int] = {}
        self._seen: Counter[tuple[float, ...]] = Counter()

    def know_days(self, rows: Sequence[Row | Problem]) -> None:
        """Find out what dates like 03/04/2026 begin with; told where none of them says."""
        self._order = order_of(self._text(row, "day") for row in rows if isinstance(row, Row))
        if self._order.unsure:
            problem = "may begin with the day or the month; the month is read first"
            told = Problem(
                file=self.file,
                column=self.columns["day"],
                value=self._order.unsure,
                problem=problem,
                remedy="Write dates like 2026-11-30 if that is wrong",
                severity="warning",
            )
            self.problems.append(told)

    def read(self, row: Row | Problem) -> None:
        """Take a row in, or tell why not."""
        if isinstance(row, Problem):
            self.problems.append(replace(row, file=self.file))
            self.count += row.severity == "error" and row.line is not None
            return
        self.count += 1
        try:
            creative, audience, day = self._creative(row), self._text(row, "audience"), self._day(row)
            numbers = self._numbers(row)
        except _Impossible as error:
            self.problems.append(error.problem)
            return
        key = _Key(creative.test, creative.id)
        number = self._numbers_of.setdefault(key, len(self._numbers_of))
        place = self.audiences.setdefault(audience, len(self.audiences))
        line = (number, place, day, *numbers)
        twin = tuple(-1.0 if value != value else value for value in line)  # NaN equals nothing
        self._seen[twin] += 1
        if "day" in self.columns and self._seen[twin] > 1:
            self._tell(row, "", "", "stands there twice, number for number; it is counted once")
            return
        self.creatives.setdefault(key, creative)
        self.numbers.append(line)

    def _creative(self, row: Row) -> Creative:
        seen = {name: self._text(row, name) for name in _LOOKS}
        id = self._text(row, "creative")
        if not id:
            id = _SEVERAL.join(part for part in seen.values() if part)
            if "day" not in self.columns or not id:
                id = f"{row.line}: {id}" if id else str(row.line)
        return Creative(id=id, test=self._text(row, "test"), **seen)

    def _numbers(self, row: Row) -> tuple[float, float, float, float]:
        impressions, clicks = self._number(row, "impressions"), self._number(row, "clicks")
        spend, conversions = self._number(row, "spend"), self._number(row, "conversions")
        if clicks > impressions:
            raise self._impossible(row, "clicks", f"is more than the impressions, {impressions:,.0f}")
        if conversions > clicks:
            problem = f"is more than the clicks, {clicks:,.0f}; the conversions of this row are not counted"
            self._tell(row, "conversions", self._text(row, "conversions"), problem, severity="warning")
            conversions = float("nan")
        return impressions, clicks, spend, conversions

    def _number(self, row: Row, name: str) -> float:
        """A count or an amount; NaN where there is no such column, or nothing stands in one not needed."""
        written = self._text(row, name)
        if not written:
            if name in self.needed:
                raise self._impossible(row, name, "is missing")
            return float("nan")
        try:
            number = _amount(written) if name == "spend" else _count(written)
        except ValueError:
            raise self._impossible(row, name, "is not a number that can be counted") from None
        if number < 0:
            raise self._impossible(row, name, "is below zero")
        return number

    def _day(self, row: Row) -> int:
        written = self._text(row, "day")
        if not written:
            return -1
        try:
            return day_of(written, self._order)
        except ValueError:
            order = "; the column has days first" if self._order.day_first else ""
            raise self._impossible(row, "day", f"is not a date like 2026-11-30{order}") from None

    def _text(self, row: Row, name: str) -> str:
        column = self.columns.get(name)
        cell: Cell = row.cells.get(column, "") if column else ""
        return one_line(one(cell))

    def _impossible(self, row: Row, name: str, problem: str) -> "_Impossible":
        told = Problem(
            file=self.file,
            line=row.line,
            column=self.columns.get(name, name),
            value=self._text(row, name),
            problem=f"{problem}; the row is left out",
            remedy="Correct it, or export the table again",
        )
        return _Impossible(told)

    def _tell(self, row: Row, name: str, value: str, problem: str, *, severity: str = "error") -> None:
        self.problems.append(
            Problem(
                file=self.file,
                line=row.line,
                column=self.columns.get(name, name),
                value=value,
                problem=problem,
                severity="warning" if severity == "warning" else "error",
            )
        )


class _Impossible(Exception):
    """A row that cannot be true."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def _count(written: str) -> float:
    """A number of pieces; "1.2万" is 12,000. Raises ValueError."""
    try:
        return whole_number(written)
    except ValueError:
        minor = parse_price(written).minor
        if minor % 100:
            raise
        return minor / 100


def _amount(written: str) -> float:
    """An amount of money in major units; "1,234.50", "￥12". Raises ValueError."""
    return parse_price(written).minor / 100
