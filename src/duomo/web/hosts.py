"""Names by which a server may be asked for, where it listens on this machine alone."""

from contextlib import suppress
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from duomo.web.problems import problem

_LOCAL: Final = "localhost"


class OwnNames:
    """ASGI middleware: what is asked of this machine by the name of another one is refused (421).

    A page of another site may have its own name mean this machine (DNS rebinding), and could then read and
    write here as if it were ours; the header Host still says whose page it is.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        app = self.app if scope["type"] != "http" or is_local(_named(scope)) else self._refused
        await app(scope, receive, send)

    async def _refused(self, scope: Scope, receive: Receive, send: Send) -> None:
        detail = f"this machine is asked for by the name '{_named(scope)[:60]}'"
        remedy = "Ask for it as localhost, or listen on an address that others reach, with --host"
        await problem(Request(scope), 421, "misdirected", detail, remedy)(scope, receive, send)


def _named(scope: Scope) -> str:
    with suppress(ValueError):
        return urlsplit(f"//{Headers(scope=scope).get('host', '')}").hostname or ""
    return ""


def is_local(host: str) -> bool:
    """Whether a name or address means the machine itself to whoever uses it.

    >>> [is_local(host) for host in ("localhost", "127.0.0.1", "::1", "0.0.0.0", "shop.example")]
    [True, True, True, False, False]
    """
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return host.lower() == _LOCAL
