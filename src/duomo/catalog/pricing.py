"""What a row asks for its goods: the price, the one before a reduction, and whether a sale runs."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import MAXYEAR, UTC, datetime, timedelta
from functools import lru_cache
from itertools import chain, islice
from typing import Final

from duomo.catalog.columns import Habits, Plan
from duomo.catalog.prices import Mark, currency_code, decimal_mark, is_open, read_price
from duomo.catalog.rows import Notes, Row, one
from duomo.product import PLACES, Price

_PRICES: Final = ("price", "sale_price", "list_price")
_LOOKED_AT: Final = 5000  # rows that tell how a file writes its prices
# The day before the month, or after it as the United States write it.
_DAY_AND_MONTH: Final = re.compile(r"(\d{1,2})([./])(\d{1,2})\2(\d{4}|\d{2})((?:[ T]\d{1,2}:.*)?)")
# As Adobe Commerce exports it, "12/31/26, 12:00 AM": the half of the day says whose habit it is.
_US_TIME: Final = re.compile(r"(\d{1,2}/\d{1,2}/)(\d{4}|\d{2}),? +(\d{1,2}:\d{2})(:\d{2})? ?([AaPp][Mm])")
_KANA: Final = re.compile("[\u3041-\u3096\u30a1-\u30fa]")
_HAN: Final = re.compile("[\u4e00-\u9fff]")
_YEN: Final = ("JPY", "円", "日元", "日圆")
_YUAN: Final = ("CNY", "RMB")


def learned(
    rows: Iterable[Row], plan: Plan, *, title: str = "", delimiter: str = ""
) -> tuple[Iterator[Row], Plan]:
    """The rows, and the plan with what the first 5,000 of them tell about how prices and stock are written.

    "1,299" alone may be 1299 or 1.299, and ``¥`` may be yuan or yen. In a column that also holds "12.50"
    the comma groups, and a column that shows nothing is taken to be as the others, stock as the prices;
    where Japanese is written, ``¥`` is yen.

    Args:
        rows: of the file.
        plan: which columns hold prices.
        title: the column of titles, where the plan has none.
        delimiter: of delimited text; "" elsewhere.
    """
    rest = iter(rows)
    first = list(islice(rest, _LOOKED_AT))
    columns = [plan.fields[name] for name in _PRICES if name in plan.fields]
    votes = {
        plan.fields[name]: Counter(decimal_mark(one(row.cells.get(plan.fields[name], ""))) for row in first)
        for name in (*_PRICES, "stock")
        if name in plan.fields
    }
    usual = _mark(sum((votes[column] for column in columns), Counter()))
    marks = {column: _mark(counts) or usual for column, counts in votes.items()}
    words = [plan.fields.get("currency", ""), plan.fields.get("title", title)]
    habits = Habits(marks=marks, delimiter=delimiter, yen=_yen(first, columns, words))
    return chain(first, rest), replace(plan, habits=habits)


def _mark(votes: Mapping[Mark, int]) -> Mark:
    """The decimal mark that most prices show; "" where none does, or as many show the other."""
    points, commas = votes.get(".", 0), votes.get(",", 0)
    return "" if points == commas else "." if points > commas else ","


def mark_of(written: str, column: str, plan: Plan) -> tuple[Mark, bool]:
    """What begins the decimals in this column, "" where nothing tells, and whether that leaves a guess.

    Where the other numbers do not tell, a semicolon between the columns hints at decimal commas.
    """
    habits = plan.habits or Habits()
    if mark := habits.marks.get(column, ""):
        return mark, False
    return "," if habits.delimiter == ";" and "." in written else "", is_open(written)


def _yen(rows: Iterable[Row], prices: Collection[str], words: Collection[str]) -> str:
    """What most rows say that ``¥`` means: "JPY", "CNY", or "" where none says anything.

    A sign of the one or the other beside a price says it, decimals do (yen have none), and the script of the
    title does: Japanese is hardly written without kana.
    """
    yen = yuan = 0
    for row in rows:
        amounts = [one(row.cells.get(column, "")) for column in prices]
        said = " ".join((*amounts, *(one(row.cells.get(column, "")) for column in words))).upper()
        if any(sign in said for sign in _YEN) or _KANA.search(said):
            yen += 1
        elif any(sign in said for sign in _YUAN) or _HAN.search(said) or any(map(decimal_mark, amounts)):
            yuan += 1
    return "JPY" if yen > yuan else "CNY" if yuan else ""


@lru_cache(maxsize=50_000)
def _price(text: str, currency: str, mark: Mark) -> tuple[Price, bool] | str:
    """The price and whether it is exact, or why there is none: a cache remembers no exceptions."""
    try:
        return read_price(text, currency, mark)
    except ValueError as error:
        return str(error)


@lru_cache(maxsize=1000)
def _currency(text: str) -> str | None:
    try:
        return currency_code(text)
    except ValueError:
        return None


def prices_of(
    row: Row, given: Mapping[str, str], plan: Plan, notes: Notes, *, product_id: str
) -> tuple[Price | None, Price | None]:
    """The price that is asked, and the price before a reduction where that is higher.

    A sale price counts while its dates hold, by the time at which the file is read.

    Args:
        row: the row, for its line.
        given: field -> text of the row.
        plan: field -> column, and the habits of the file.
        notes: of the file.
        product_id: for the notes.
    """
    if not given.keys() & _PRICES:
        return None, None
    reader = _Reading(row, given, plan, notes, product_id)
    reader.read_currency()
    found = {name: price for name in _PRICES if (price := reader.price(name)) is not None}
    if "sale_price" in found and not reader.sale_runs():
        del found["sale_price"]
    reader.refuse_dearer_sale(found)
    reader.refuse_free_sale(found)
    if not found:
        return None, None
    asked = found.get("price") or found.get("sale_price") or found["list_price"]
    if (sale := found.get("sale_price")) and sale.currency == asked.currency:
        asked = min(asked, sale)
    before = [
        price for price in found.values() if price.currency == asked.currency and price.minor > asked.minor
    ]
    return asked, max(before, default=None)


@dataclass(slots=True)
class _Reading:
    """The prices and dates of one row, while they are read."""

    row: Row
    given: Mapping[str, str]
    plan: Plan
    notes: Notes
    product_id: str
    currency: str = ""
    is_named: bool = False  # by the row itself

    def read_currency(self) -> None:
        """The currency of the row, else what prices without one have; with a note where it cannot be read."""
        written = self.given.get("currency", "")
        code = _currency(written)
        if code is None:
            self._warn("currency", "is not a currency", "Write its code, like USD or CNY")
        self.is_named = bool(written)
        self.currency = (code or "") if written else self.notes.currency

    def price(self, name: str) -> Price | None:
        """The price in a field; None where there is none, with a note where it cannot be read."""
        if not (written := self.given.get(name)):
            return None
        habits = self.plan.habits or Habits()
        mark, is_guess = mark_of(written, self.plan.fields[name], self.plan)
        is_told = self.currency and (self.is_named or self.currency in ("CNY", "JPY"))
        is_yen = not is_told and ("¥" in written or "￥" in written)
        price = _price(written, habits.yen if is_yen else self.currency, mark)
        if isinstance(price, str):
            self._warn(name, price, "Write it like 12.50 or 12.50 USD; the row is kept without it")
            return None
        found, is_exact = price
        if not is_exact:
            problem = f"is finer than the smallest coin and was rounded to {found}"
            remedy = "Round it as the shop does, or say with --map which column holds the price"
            self._often(name, problem, remedy)
        elif self.plan.habits and is_guess and (other := _other_reading(written, found, mark)):
            problem = (
                f"may be a thousand times {other}, since nothing tells what its mark means; read as {found}"
            )
            self._often(name, problem, "Write prices with their decimals, like 1299.00")
        if is_yen and self.plan.habits and not habits.yen:
            self._often(
                name, f"is in yuan or in yen; read as {found}", "Add a column 'currency' with CNY or JPY"
            )
        return found

    def refuse_dearer_sale(self, found: dict[str, Price]) -> None:
        """Take a sale price out that is above the price: it would pass for the price before a reduction."""
        price, sale = found.get("price"), found.get("sale_price")
        if price and sale and price.currency == sale.currency and price.minor < sale.minor:
            del found["sale_price"]
            self.notes.add(
                "warning",
                self.row.line,
                f"is above the price of {price}, and does not count",
                "Correct one of the two",
                column=self.plan.fields["sale_price"],
                value=self.given["sale_price"],
                product_id=self.product_id,
            )

    def refuse_free_sale(self, found: dict[str, Price]) -> None:
        """Take a sale price of 0 out beside a price above it: many exports say so that there is no sale."""
        sale = found.get("sale_price")
        if sale and sale.minor == 0 and any(price.minor > 0 for price in found.values()):
            del found["sale_price"]
            problem, remedy = "is taken for no sale, and does not count", "Leave it blank where there is none"
            self._often("sale_price", problem, f"{remedy}, or write a price of 0 for what is free")

    def sale_runs(self) -> bool:
        """Whether the time of reading lies in the dates of the sale; those not given do not limit it."""
        begins, ends = (self.given.get(name, "") for name in ("sale_from", "sale_until"))
        start, end = self._time("sale_from", begins), self._time("sale_until", ends)
        if dates := self.given.get("sale_dates"):
            begins, _, ends = dates.partition("/")
            start, end = self._time("sale_dates", begins), self._time("sale_dates", ends)
        return (start is None or start[0] <= self.notes.now) and (end is None or self.notes.now < end[1])

    def _time(self, name: str, written: str) -> tuple[datetime, datetime] | None:
        """When a date begins and ends; None where none stands there, with a note where it cannot be read."""
        if not written.strip():
            return None
        if (found := period(written.strip())) is None:
            self._often(
                name,
                "is not a date; the sale price counts",
                "Write it like 2026-03-31 or 2026-03-31T12:00+08:00",
            )
        return found

    def _warn(self, name: str, problem: str, remedy: str) -> None:
        column, value = self.plan.fields[name], self.given[name]
        self.notes.add(
            "warning", self.row.line, problem, remedy, column=column, value=value, product_id=self.product_id
        )

    def _often(self, name: str, problem: str, remedy: str) -> None:
        column, value = self.plan.fields[name], self.given[name]
        self.notes.often(
            self.row.line, problem, remedy, column=column, value=value, product_id=self.product_id
        )


@lru_cache(maxsize=10_000)
def period(written: str) -> tuple[datetime, datetime] | None:
    """The moments at which a date or time begins and is over; a time of no zone is taken as UTC.

    "31.12.2025" is read, and "12/31/2025" or "31/12/2025" where one of the two can be no month; of a year of
    two digits the century is this one.
    """
    written = written.replace("\u202f", " ").replace("\u00a0", " ")  # newer programs put them before AM
    if found := _US_TIME.fullmatch(written):
        plain = f"{found[1]}{f'20{found[2]}'[-4:]} {found[3]}{found[4] or ':00'} {found[5]}"
        try:
            time = datetime.strptime(plain, "%m/%d/%Y %I:%M:%S %p").replace(tzinfo=UTC)
        except ValueError:
            return None
        return time, time
    if found := _DAY_AND_MONTH.fullmatch(written):
        day, mark, month = int(found[1]), found[2], int(found[3])
        if mark == "/" and day <= 12 < month:
            day, month = month, day
        elif mark == "/" and max(day, month) <= 12 and day != month:
            return None  # nothing shows which is the month
        written = f"{f'20{found[4]}'[-4:]}-{month:02}-{day:02}{found[5]}"
    try:
        time = datetime.fromisoformat(written.replace("/", "-"))
    except ValueError:
        return None
    start = time if time.tzinfo else time.replace(tzinfo=UTC)
    if len(written) > 10 or start.year == MAXYEAR:
        return start, start
    return start, start + timedelta(days=1)


def _other_reading(written: str, price: Price, mark: Mark) -> str:
    """Whether a price with one mark before three digits may as well be "less" or "more"; "" for neither."""
    places = PLACES.get(price.currency, 2)
    is_grouped = price.minor >= 10 ** (places + 3)
    if places == 0 or ("," not in written and not mark and (is_grouped or places == 3)):
        return ""
    return "less" if is_grouped else "more"
