"""Every request has an id, and a line in the log: what was asked for by route, never by words or by whom."""

import logging
import re
from time import perf_counter
from typing import Final
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from duomo.logs import REQUEST

log = logging.getLogger(__name__)

HEADER: Final = "X-Request-ID"
_SANE: Final = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
)  # what may be sent as one; neither a line break nor an @
_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS")


class Requests:
    """ASGI middleware: gives each request an id, sends it back, and logs the request when it is answered."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        sent = Headers(scope=scope).get(HEADER, "")
        request_id = sent if _SANE.fullmatch(sent) else uuid4().hex
        started, status, size = perf_counter(), 0, 0

        async def marked(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = request_id
            size += len(message.get("body", b""))
            await send(message)

        before = REQUEST.set(request_id)
        try:
            await self.app(scope, receive, marked)
        finally:
            ms = round((perf_counter() - started) * 1000, 1)
            method, route = method_of(scope), route_of(scope)
            fields = {"method": method, "route": route, "status": status, "ms": ms, "bytes": size}
            log.info("%s %s %d in %.1f ms", method, route, status, ms, extra={"fields": fields})
            REQUEST.reset(before)


# Words from short lists of our own: what a client invents must fill neither memory nor logs.


def route_of(scope: Scope) -> str:
    """The route that answers, as a template: /v1/products/{id}; "none": there is none."""
    path = getattr(scope.get("route"), "path", "")
    if path:
        return str(path).replace(":path", "")
    return "/static" if scope["path"].startswith("/static/") else "none"


def method_of(scope: Scope) -> str:
    """The method, or "other"."""
    return scope["method"] if scope["method"] in _METHODS else "other"
