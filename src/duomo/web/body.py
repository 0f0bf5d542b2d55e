"""What a request carries: read within the limit, as bytes or as the fields and file of a form."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Annotated, Final

from fastapi import Depends
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from duomo.web.problems import Refused

FILES: Final = ("image", "clip", "audio")  # parts of a form that may be files
MOST_FIELDS: Final = 100  # of a form
FORMS: Final = ("multipart/form-data", "application/x-www-form-urlencoded")


class BodyLimit:
    """ASGI middleware: a request is read no further than the limit, whatever it said of its length."""

    def __init__(self, app: ASGIApp, limit_mb: float) -> None:
        self.app = app
        self.limit_mb = limit_mb

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; whoever reads too much of it gets Refused (413)."""
        limit, seen = int(self.limit_mb * 1_000_000), 0
        headers = dict(scope.get("headers", ()))
        announced = headers.get(b"content-length", b"0")

        async def counted() -> Message:
            nonlocal seen
            if seen == 0 and announced.isdigit() and int(announced) > limit:
                raise self._too_large()
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                raise self._too_large()
            return message

        await self.app(scope, counted, send)

    def _too_large(self) -> Refused:
        problem = f"the request is larger than {self.limit_mb:g} MB"
        # The rest of the body is not read, so the connection cannot be used again.
        headers = {"Connection": "close"}
        remedy = "Send less at once, or raise the setting body_mb"
        return Refused(413, "too-large", problem, remedy=remedy, headers=headers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The body of a request: either JSON, not parsed yet, or a form."""

    json: bytes | None = None
    fields: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)  # the files of a form, by FILES

    @property
    def may_hold_files(self) -> bool:
        """Whether there are files, or a JSON text that names one; it is not parsed yet."""
        return bool(self.files) or any(f'"{name}"'.encode() in (self.json or b"") for name in FILES)


async def _sent(request: Request) -> AsyncIterator[Sent]:
    # async, as only the event loop can read a body; parsing JSON is left to the handler's own thread.
    kind = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if kind in FORMS:
        async with request.form(max_files=len(FILES), max_fields=MOST_FIELDS) as form:
            fields: dict[str, list[str]] = {}
            files: dict[str, bytes] = {}
            for name, value in form.multi_items():
                if not isinstance(value, UploadFile):
                    fields.setdefault(name, []).append(value)
                elif name in FILES and name not in files:
                    files[name] = await value.read()
                else:
                    problem = f"the form has a file '{name[:60]}'" + " twice" * (name in files)
                    remedy = f"Send one each of {', '.join(FILES)}"
                    raise Refused(400, "bad-request", problem, remedy=remedy)
            yield Sent(fields=fields, files=files)
    elif kind == "application/json" or kind.endswith("+json"):
        yield Sent(json=await request.body())
    else:
        problem = f"the body is '{kind[:60]}'"
        remedy = "Send application/json or multipart/form-data"
        raise Refused(415, "unsupported-media-type", problem, remedy=remedy)


SentBody = Annotated[Sent, Depends(_sent)]
