"""What a process writes about its work: a line an event, text or JSON, without secrets or personal data."""

import json
import logging
import re
import sys
import traceback
from collections.abc import Collection, Iterator
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal, TextIO, get_args
from urllib.parse import quote

Format = Literal["text", "json"]
FORMATS: Final = get_args(Format)

# The request that is being answered: every line written meanwhile bears its id, from whichever thread.
REQUEST: Final[ContextVar[str]] = ContextVar("request", default="")

_MOST: Final = 2000  # characters of a message
_SHORTEST_SECRET: Final = 4  # characters; hiding every "a" would hide the log
_HIDDEN: Final = "***"
# Both find a text's matches in time that grows with its length alone: strangers choose what is logged.
# What follows the question mark of an address may be a signature, what stands before the @ a password.
_ADDRESS: Final = re.compile(r"([A-Za-z0-9+.-]://)(?:[^\s/?#]*@)?([^\s?#]*)([?#]\S*)?")
_LETTER: Final = r"[^\s@<>\"'(),;:=/]"  # of a mailbox
_ASCII: Final = r"[!#-&*+\-.0-9?A-Z\[\\\]^_`a-z{|}~]"  # those of them that are ASCII
_OTHER: Final = r"[^\s\x00-\x7f]"  # in which what is written close to a mailbox, as 联系, is text
_MAIL: Final = re.compile(
    rf"(?:(?<!{_ASCII}){_ASCII}+|(?<!{_OTHER}){_OTHER}+)@{_LETTER}+\.(?:(?:(?!\.){_ASCII})+|{_OTHER}+)"
)
_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def set_up(
    *, level: str, format: str, secrets: Collection[str] = (), worker: int = 0, stream: TextIO | None = None
) -> None:
    """Have this process write its log; what a program that uses Duomo has set up itself stays as it is.

    Args:
        level: how much Duomo says, "INFO" say; other packages say warnings at most: further down some of
            them tell what is in headers and pictures.
        format: one of FORMATS.
        secrets: keys that must not stand in any line.
        worker: number of this process among those that serve a shop, from 1; 0: it is none of them.
        stream: where the lines go; None: standard error.
    """
    root, said = logging.getLogger(), getattr(logging, level.upper())
    for old in [handler for handler in root.handlers if isinstance(handler, Lines)]:
        root.removeHandler(old)
    if not root.handlers:
        root.addHandler(Lines(format=format, secrets=secrets, worker=worker, stream=stream))
    root.setLevel(max(said, logging.WARNING))
    logging.getLogger("duomo").setLevel(said)


class Lines(logging.StreamHandler[TextIO]):
    """Writes events as lines; one that cannot be written is left out, and never shown in another way."""

    def __init__(
        self,
        *,
        format: str,
        secrets: Collection[str] = (),
        worker: int = 0,
        stream: TextIO | None = None,
    ) -> None:
        """See `set_up`."""
        super().__init__(stream or sys.stderr)
        spelled = {form for each in secrets for form in (each, quote(each, safe=""), repr(each)[1:-1])}
        hidden = sorted((s for s in spelled if len(s) >= _SHORTEST_SECRET), key=len, reverse=True)
        self.setFormatter((_Json if format == "json" else _Text)(hidden, worker))

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (logging's own name)
        """Say nothing: logging itself would print the arguments of the line."""


class _Formatter(logging.Formatter):
    def __init__(self, hidden: Collection[str], worker: int) -> None:
        super().__init__()
        self._hidden, self._worker = hidden, worker

    def _parts(self, record: logging.LogRecord) -> dict[str, object]:
        """What is said of an event, in the order in which it is written."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        parts: dict[str, object] = {
            "time": at.replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": clean(record.getMessage(), self._hidden),
        }
        if self._worker:
            parts["worker"] = self._worker
        if request := REQUEST.get():
            parts["request"] = clean(request, self._hidden)
        parts |= getattr(record, "fields", {})
        if record.exc_info and record.exc_info[1]:
            parts["trace"] = [clean(line, self._hidden) for line in trace_of(record.exc_info[1])]
        return parts


class _Json(_Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(self._parts(record), ensure_ascii=False)


class _Text(_Formatter):
    def format(self, record: logging.LogRecord) -> str:
        parts = self._parts(record)
        when = f"{parts['time']} " if self._worker else ""  # for a person at a terminal it is now
        marks = " ".join(f"{name}={parts[name]}" for name in ("worker", "request") if name in parts)
        line = f"{when}{parts['level']} {parts['logger']}: {parts['message']}" + (
            f" [{marks}]" if marks else ""
        )
        trace = parts.get("trace")
        return "\n    ".join([line, *trace]) if isinstance(trace, list) else line


def clean(text: str, hidden: Collection[str] = ()) -> str:
    """A text as it may stand in a log: one line, without keys, signatures of addresses and e-mail addresses.

    >>> clean("https://ann:pw@shop.example/feed.xml?sig=abc gave HTTP 403 to ann@shop.example")
    'https://shop.example/feed.xml?*** gave HTTP 403 to ***'
    """
    for secret in hidden:
        text = text.replace(secret, _HIDDEN)
    text = _ADDRESS.sub(lambda m: f"{m[1]}{m[2]}{m[3][0] + _HIDDEN if m[3] else ''}", text)
    text = _MAIL.sub(_HIDDEN, text)[: _MOST + 1]  # cut when all is masked: half a key is no key that is known
    text = _UNPRINTABLE.sub(lambda m: f"\\u{ord(m[0]):04x}", text)
    return text if len(text) <= _MOST else text[: _MOST - 1] + "…"


def trace_of(error: BaseException) -> list[str]:
    """What went wrong and where, the innermost place last; without what the error says of the values.

    An error's own words may repeat what a shopper asked. Of the system's errors alone their cause is told.

    >>> try:
    ...     {}["red mug for ann@shop.example"]
    ... except KeyError as error:
    ...     print(trace_of(error)[0])
    KeyError
    """
    lines: list[str] = []
    for number, each in enumerate(_chain(error)):
        why = f": {each.strerror}" if isinstance(each, OSError) and each.strerror else ""
        lines.append(f"{'caused by ' if number else ''}{type(each).__name__}{why}")
        lines += [
            f"  {_place(frame.filename)}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(each.__traceback__)
        ]
    return lines


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error, what it came from, and in a group of errors each of them; every one once."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        each = waiting.pop(0)
        if id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        if isinstance(each, BaseExceptionGroup):
            waiting += each.exceptions
        before = each.__cause__ or (None if each.__suppress_context__ else each.__context__)
        if before is not None:
            waiting.append(before)


def _place(filename: str) -> str:
    """A source file by its package: where it lies on the machine may name a person."""
    parts = Path(filename).parts
    for root in ("site-packages", "src", f"python{sys.version_info.major}.{sys.version_info.minor}"):
        if root in parts:
            return "/".join(parts[len(parts) - parts[::-1].index(root) :])
    return parts[-1] if parts else filename
