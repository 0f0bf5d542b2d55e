"""What the head of a request says before a route sees it: HEAD is GET without a body, no query is endless."""

from typing import Final

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from duomo.web.problems import problem

# The longest question, 2,000 Chinese characters, is 18,000 bytes as an address has it.
MOST_QUERY: Final = 32_000  # bytes of a query string
MOST_HEAD: Final = 256_000  # bytes that are read of a request's head: past MOST_QUERY, to answer in words


class QueryLimit:
    """ASGI middleware: a query string that is too long is refused (414) and not parsed."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it."""
        app = self._too_long if len(scope.get("query_string", b"")) > MOST_QUERY else self.app
        await app(scope, receive, send)

    async def _too_long(self, scope: Scope, receive: Receive, send: Send) -> None:
        detail = f"the query string has {len(scope['query_string'])} bytes, more than {MOST_QUERY}"
        remedy = "Ask for less, or send the search as JSON with POST /v1/search"
        await problem(Request(scope), 414, "too-long", detail, remedy)(scope, receive, send)


class HeadAsGet:
    """ASGI middleware: HEAD is answered as GET, headers and all, without the body (RFC 9110, 9.3.2)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        as_get = {**scope, "method": "GET"}  # a copy: the server frames the answer by the method it read
        try:
            await self.app(as_get, receive, without_body)
        finally:
            if "route" in as_get:
                scope["route"] = as_get["route"]  # for the counters around this
