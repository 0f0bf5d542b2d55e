"""What shoppers searched, were shown and did: User Behavior Insights (UBI 1.3) as JSON lines.

Who they were is not read: client, user and session ids stay in the file.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from sys import intern
from types import MappingProxyType
from typing import Final, Literal

from duomo.catalog.formats.encoding import text_file
from duomo.catalog.formats.jsonlines import parse_json
from duomo.catalog.rows import Notes
from duomo.catalog.text import value_text
from duomo.errors import BadFile, MissingFile, Problem

Action = Literal["click", "cart", "purchase"]

# UBI leaves the names of actions open: these are its own and those of widespread clients, without signs.
ACTIONS: Final[Mapping[str, Action | Literal["impression"]]] = MappingProxyType(
    {
        "click": "click",
        "clickthrough": "click",
        "productclick": "click",
        "itemclick": "click",
        "selectitem": "click",
        "点击": "click",
        "addtocart": "cart",
        "cart": "cart",
        "addtobasket": "cart",
        "加购": "cart",
        "加入购物车": "cart",
        "purchase": "purchase",
        "buy": "purchase",
        "order": "purchase",
        "购买": "purchase",
        "下单": "purchase",
        "impression": "impression",
        "productimpression": "impression",
        "曝光": "impression",
    }
)
MOST_SHOWN: Final = 1000  # hits of one search that are kept
MOST_TEXT: Final = 2000  # characters of a question
_TOLD: Final = 10  # names of actions that are not counted, which are told one by one
_REMEDY: Final = "Write one UBI query or event a line"


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """One time that somebody searched: the words, the ids that were shown in order, and what was done."""

    text: str
    shown: tuple[str, ...]  # ids of products or variants, first shown first, each once
    actions: Mapping[str, frozenset[Action]] = field(default_factory=dict)  # id -> what was done to it


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """The searches of a file of events, and what of it could not be used."""

    searches: tuple[Search, ...]
    problems: tuple[Problem, ...]
    rows: int
    skipped: int


def read_events(*paths: Path, limit_mb: float = 2000) -> Events:
    """The searches of UBI queries and events: JSON lines, both in one file or each in its own.

    A line with `action_name` is an event, one with `user_query` a query; either may stand in `_source`, as
    exports of OpenSearch have it. What was shown are the objects of a search's `impression` events, in order
    of their ordinals; without such, `query_response_hit_ids` of all records with its `query_id`, one after
    the other. Actions are told apart by `ACTIONS`; others (`view`, `page_exit`) are not counted, and told.

    Args:
        paths: the files.
        limit_mb: largest file that is read.

    Raises:
        MissingFile: one of them is not there.
        BadFile: one is no text, too large, or holds no UBI record; or no search says what was shown.
    """
    log = _Log()
    notes = [log.read(path, limit_mb) for path in paths]
    searches = tuple(log.searches())
    if not searches:
        where = ", ".join(map(str, paths))
        if not log.queries:
            problem, remedy = (
                f"{where} holds no query",
                "Name the file of ubi_queries as well: --events twice",
            )
        else:
            problem = f"{where}: no query says what was shown"
            remedy = "Log query_response_hit_ids with each query, or events called impression"
        raise BadFile(problem, remedy=remedy)
    if notes:
        log.tell(notes[-1])
    return Events(
        searches=searches,
        problems=tuple(problem for each in notes for problem in each.told()),
        rows=sum(each.rows for each in notes),
        skipped=sum(each.skipped for each in notes),
    )


@dataclass(slots=True)
class _Asked:
    """The records of one query id."""

    text: str = ""
    hits: dict[str, None] = field(default_factory=dict)


class _Log:
    """Queries and events while they come, in any order."""

    def __init__(self) -> None:
        self.queries: dict[str, _Asked] = {}
        self.seen: dict[str, dict[str, float]] = {}  # query id -> object -> ordinal of its impression
        self.done: dict[str, dict[str, set[Action]]] = {}
        self.other: Counter[str] = Counter()  # names of actions that are not counted
        self.silent = 0  # searches that do not say what was shown
        self.elsewhere = 0  # actions on what was not shown

    def read(self, path: Path, limit_mb: float) -> Notes:
        if not path.is_file():
            raise MissingFile(f"there is no file {path}", remedy="Check the path")
        if (size_mb := path.stat().st_size / 1e6) > limit_mb:
            problem = f"{path} has {size_mb:,.1f} MB, more than the limit of {limit_mb:g} MB"
            raise BadFile(problem, remedy="Split the file, or raise the setting file_mb")
        notes = Notes(path)
        text = text_file(path)
        notes.problems.extend(text.warnings)
        found = 0
        with text.open() as file:
            for number, line in enumerate(file, start=1):
                if not line.strip("\0 \t\r\n\ufeff"):
                    continue
                notes.rows += 1
                record = _record(line)
                if record is None:
                    notes.skip(number, "is not a JSON object", _REMEDY)
                elif "action_name" in record:
                    found += 1
                    self._event(record, number, notes)
                elif "user_query" in record or "query_response_hit_ids" in record:
                    found += 1
                    self._query(record, number, notes)
                else:
                    notes.skip(number, "is neither a query nor an event of UBI", _REMEDY)
        if not found:
            raise BadFile(f"{path} holds no UBI query and no UBI event", remedy=_REMEDY)
        return notes

    def _query(self, record: Mapping[str, object], line: int, notes: Notes) -> None:
        id, said, hits = (
            _id(record.get("query_id")),
            record.get("user_query"),
            record.get("query_response_hit_ids"),
        )
        text = value_text(said) if isinstance(said, str) else ""
        if not id:
            notes.skip(line, "is a query without an id", "Log the query_id", column="query_id")
            return
        asked = self.queries.get(id) or _Asked()
        if not (text or asked.text) or len(text) > MOST_TEXT:
            problem = f"is no text of 1 to {MOST_TEXT} characters"
            notes.skip(line, problem, "Log the words as they were typed", column="user_query")
            return
        if asked.text and text and text != asked.text:
            problem, remedy = "belongs to a query_id that had other words before", "Give each search its own"
            notes.skip(line, problem, remedy, column="user_query")
            return
        if hits is not None and not isinstance(hits, list):
            problem, remedy = "is no list of ids", 'Write it like ["A1", "A7"]'
            notes.skip(line, problem, remedy, column="query_response_hit_ids")
            return
        asked.text = asked.text or intern(text)
        self.queries[id] = asked
        for hit in hits or ():
            if (shown := _id(hit)) and len(asked.hits) < MOST_SHOWN:
                asked.hits.setdefault(shown)

    def _event(self, record: Mapping[str, object], line: int, notes: Notes) -> None:
        name, id = record["action_name"], _id(record.get("query_id"))
        if not isinstance(name, str):
            notes.skip(line, "is no text", "Name what was done", column="action_name")
            return
        action = ACTIONS.get("".join(filter(str.isalnum, unicodedata.normalize("NFKC", name).casefold())))
        if action is None:
            self.other[value_text(name)[:60]] += 1
            return
        if not id:  # a click on a page that no search led to
            self.other[f"{value_text(name)[:60]} without a query_id"] += 1
            return
        object = _id(_at(record, "event_attributes", "object", "object_id"))
        if not object:
            remedy = "Log event_attributes.object.object_id"
            notes.skip(line, "names no product", remedy, column="object_id")
        elif action == "impression":
            ordinal = _number(_at(record, "event_attributes", "position", "ordinal"))
            self.seen.setdefault(id, {}).setdefault(object, ordinal)
        else:
            self.done.setdefault(id, {}).setdefault(object, set()).add(action)

    def searches(self) -> Iterator[Search]:
        for id, asked in self.queries.items():
            ordinals = self.seen.get(id, {})
            shown = tuple(sorted(ordinals, key=ordinals.__getitem__)[:MOST_SHOWN] or asked.hits)
            if not shown:
                self.silent += 1
                continue
            done = self.done.pop(id, {})
            there = set(shown)
            self.elsewhere += sum(object not in there for object in done)
            actions = {object: frozenset(each) for object, each in done.items() if object in there}
            yield Search(text=asked.text, shown=shown, actions=actions)

    def tell(self, notes: Notes) -> None:
        for name, count in self.other.most_common(_TOLD):
            notes.add("warning", None, f"'{name}' was not counted: {count:,}", column="action_name")
        if (more := len(self.other) - _TOLD) > 0:
            notes.add("warning", None, f"further names were not counted: {more:,}", column="action_name")
        if self.silent:
            problem = f"searches that do not say what was shown were not counted: {self.silent:,}"
            remedy = "Log query_response_hit_ids with each query, or events called impression"
            notes.add("warning", None, problem, remedy)
        if self.elsewhere:
            problem = f"clicks on what their search had not shown were not counted: {self.elsewhere:,}"
            notes.add("warning", None, problem, "Log ids of the same kind with queries and events")
        if orphans := len(self.done.keys() - self.queries.keys()):
            problem = f"searches with events but without a query were not counted: {orphans:,}"
            notes.add("warning", None, problem, "Name the file of ubi_queries as well")


def _record(line: str) -> Mapping[str, object] | None:
    """The object of a line, taken out of `_source` where it stands there."""
    try:
        record, _ = parse_json(line.replace("\0", ""))
    except (ValueError, RecursionError):
        return None
    if isinstance(record, dict) and isinstance(inner := record.get("_source"), dict):
        record = inner
    return record if isinstance(record, dict) else None


def _at(record: Mapping[str, object], *names: str) -> object:
    """What stands at a path of names, nested or with dots in one name."""
    if (whole := record.get(".".join(names))) is not None:
        return whole
    found: object = record
    for name in names:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _id(value: object) -> str:
    """An id as the catalog would read it; numbers come as they are written."""
    return intern(value_text(value)) if isinstance(value, str) else ""


def _number(value: object) -> float:
    """An ordinal, by which impressions are sorted; what is none stands last."""
    try:
        number = float(value) if isinstance(value, str) else float("inf")
    except ValueError:
        return float("inf")
    return number if number == number else float("inf")
