"""Every error as a problem document (RFC 9457): the one place where kinds of errors become statuses."""

import logging
import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, get_args

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from duomo.errors import DuomoError, Kind, MissingShop
from duomo.web.requests import method_of, route_of
from duomo.web.schemas.asked import SearchBody, SearchParams
from duomo.web.schemas.reported import ProblemOut
from duomo.web.words import WORDS, preferred, word

log = logging.getLogger(__name__)

MEDIA_TYPE: Final = "application/problem+json"
_TAG: Final = "["  # a key of a mapping, or which of several kinds was sent: no name of a field
MOST_DETAIL: Final = 500  # characters: what was sent is named, not sent back whole
STATUS: Final[Mapping[Kind, int]] = {"input": 400, "missing": 404, "conflict": 409, "setup": 503}

# For `responses` of a router: what every route may answer besides.
PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    "default": {
        "description": "A problem document (RFC 9457)",
        "content": {MEDIA_TYPE: {"schema": ProblemOut.model_json_schema()}},
    }
}


class Refused(HTTPException):
    """A request that the edge itself turns away, before the shop hears of it."""

    def __init__(
        self,
        status: int,
        name: str,
        problem: str,
        *,
        remedy: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status, problem, headers)
        self.name = name  # of the problem: WORDS has a title for it
        self.remedy = remedy


def install_problems(app: FastAPI, folder: Path) -> None:
    """Have the app answer every error with a problem document; the shop's folder is never named in one."""

    # async: it only writes down what is known already; a plain function would take a thread.
    async def document(request: Request, error: Exception) -> Response:
        if isinstance(error, DuomoError):
            return _of_duomo(request, error, folder)
        if isinstance(error, RequestValidationError):
            return problem(request, 400, "bad-request", *sentence(error.errors(), _body_of(request)))
        if isinstance(error, HTTPException):
            return _of_http(request, error)
        raise error

    for kind in (DuomoError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, document)


def _of_duomo(request: Request, error: DuomoError, folder: Path) -> Response:
    # A shop that is not there is the server's trouble, not a wrong address.
    status = 503 if isinstance(error, MissingShop) else STATUS[error.kind]
    if status == 503:
        _log_trouble(request, error)
    detail, remedy = (text.replace(str(folder), folder.name) for text in (error.args[0], error.remedy))
    return problem(request, status, _kebab(type(error).__name__), detail, remedy)


def _log_trouble(request: Request, error: DuomoError) -> None:
    """Say in the log why the shop could not answer, but for what another server said: it may repeat words."""
    why, cause = error.args[0].partition(" (")[0], error if error.__cause__ else None
    log.error("%s %s: %s", method_of(request.scope), route_of(request.scope), why, exc_info=cause)


def _of_http(request: Request, error: HTTPException) -> Response:
    if isinstance(error, Refused):
        return problem(request, error.status_code, error.name, error.detail, error.remedy, error.headers)
    path, listed = request.url.path, "The routes are listed in /openapi.json"
    if error.status_code == 404:
        return problem(request, 404, "not-found", f"there is nothing at {path}", listed)
    if error.status_code == 405:
        detail = f"{path} does not take {request.method}"
        return problem(request, 405, "method-not-allowed", detail, listed, _allowed(error.headers or {}))
    name = "bad-request" if error.status_code < 500 else "unexpected"
    return problem(request, error.status_code, name, error.detail, "Correct it and send again", error.headers)


def _allowed(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers of a 405, with HEAD beside GET: `HeadAsGet` answers it, not the router."""
    methods = [method.strip() for method in headers.get("Allow", "").split(",")]
    beside = ["HEAD"] if "GET" in methods and "HEAD" not in methods else []
    return {**headers, "Allow": ", ".join(sorted([*methods, *beside]))} if any(methods) else dict(headers)


def problem(
    request: Request,
    status: int,
    name: str,
    detail: str,
    remedy: str = "",
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A problem document; its title, and in Chinese what to do, are in the language the client prefers.

    The detail is for who writes the client: it names what was sent, in English.
    """
    language = preferred(request.headers.get("accept-language", ""))
    if language == "zh" and f"advice.{name}" in WORDS:
        remedy = word(f"advice.{name}", language)
    body = ProblemOut(
        type=f"urn:duomo:problem:{name}",
        title=word(f"problem.{name}", language),
        status=status,
        detail=detail if len(detail) <= MOST_DETAIL else f"{detail[: MOST_DETAIL - 101]}…{detail[-100:]}",
        remedy=remedy,
        instance=request.url.path,
    )
    said = {
        "Content-Language": language,
        "Vary": "Accept-Language",
        "Cache-Control": "no-store",
        **(headers or {}),
    }
    return JSONResponse(body.model_dump(), status, said, MEDIA_TYPE)


class LastResort:
    """ASGI middleware: an error nobody expected is logged whole and answered without its inner details."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception:
            if scope["type"] != "http" or begun:
                raise
            request = Request(scope)
            log.exception("%s %s failed", method_of(scope), route_of(scope))
            answer = problem(
                request,
                500,
                "unexpected",
                "the server could not finish this",
                "Try again, or look into its log",
            )
            await answer(scope, receive, send)


def sentence(errors: Sequence[Any], body: object = None) -> tuple[str, str]:
    """What is wrong with a request, and what to do, from pydantic's list of errors.

    Args:
        errors: the list.
        body: the type of the body that the route takes; None: of a search.
    """
    for error in errors:
        if error["type"] == "extra_forbidden":
            return _unknown(error["loc"], body)
        if error["type"] in ("json_invalid", "value_error.jsondecode"):
            return f"the body is not JSON ({error.get('ctx', {}).get('error', error['msg'])})", "Correct it"
    said = [f"{_field(error['loc'])}: {error['msg'][:1].lower()}{error['msg'][1:]}" for error in errors]
    return "; ".join(said), "Correct it and send again"


def _unknown(location: Sequence[str | int], body: object) -> tuple[str, str]:
    name, known = str(location[-1]), sorted({*SearchBody.model_fields, *SearchParams.model_fields})
    if body is not None and location[0] == "body":
        known = sorted(_fields(body, location[1:-1]))
    elif name in known:  # elsewhere it is one
        return f"there is no field '{name}' here", "Leave it out"
    near = get_close_matches(name, known, n=1)
    hint = f"Did you mean '{near[0]}'? " if near else ""
    return f"there is no field '{name[:60]}'", f"{hint}Known: {', '.join(known)}"


def _body_of(request: Request) -> object:
    """The type of the body that the route declares; None: it reads one by itself, or takes none."""
    field = getattr(request.scope.get("route"), "body_field", None)
    return None if field is None else field.field_info.annotation


def _fields(kind: object, location: Sequence[str | int]) -> list[str]:
    """The fields of the model that lies at a place within a type: of `list[Model]` at (0,) those of Model."""
    if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
        return [name for inner in get_args(kind) for name in _fields(inner, location)]
    named = [part for part in location if isinstance(part, str) and not part.startswith(_TAG)]
    if not named:
        return [field.alias or name for name, field in kind.model_fields.items()]
    inner = [f.annotation for name, f in kind.model_fields.items() if named[0] in (name, f.alias)]
    return [name for each in inner for name in _fields(each, location[location.index(named[0]) + 1 :])]


def _field(location: Sequence[str | int]) -> str:
    parts = [str(part) for part in location if part not in ("body", "query", "path")]
    parts = [part for part in parts if not part.startswith(_TAG)]
    return f"field '{'.'.join(parts)}'" if parts else "the body"


def _kebab(name: str) -> str:
    """BadFilter -> bad-filter."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()
