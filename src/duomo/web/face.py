"""What handlers are handed: the shop and its version, counters, lines, and whether the client may write."""

from typing import Annotated, Final

from fastapi import Depends, Header
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import Request

from duomo.guard.keys import key_matches
from duomo.shop import Shop
from duomo.web.metrics import Metrics
from duomo.web.offered import OfferedFacets
from duomo.web.problems import Refused
from duomo.web.turns import Lines
from duomo.web.versions import Versions

_BEARER: Final = HTTPBearer(scheme_name="writeKey", description="the setting write_key", auto_error=False)


async def _shop(request: Request) -> Shop:  # async: too little to do for a thread of its own
    shop: Shop = request.app.state.shop
    return shop


async def _metrics(request: Request) -> Metrics:
    metrics: Metrics = request.app.state.metrics
    return metrics


async def _offered(request: Request) -> OfferedFacets:
    offered: OfferedFacets = request.app.state.offered
    return offered


async def _versions(request: Request) -> Versions:
    versions: Versions = request.app.state.versions
    return versions


async def _lines(request: Request) -> Lines:
    lines: Lines = request.app.state.lines
    return lines


async def _version(
    versions: Annotated[Versions, Depends(_versions)], lines: Annotated[Lines, Depends(_lines)]
) -> Shop:
    held = versions.held()
    return await lines.quick.take(versions.now) if held is None else held


ShopOf = Annotated[Shop, Depends(_shop)]  # to be written to, and its settings
VersionOf = Annotated[Shop, Depends(_version)]  # to be read: the same as long as a request lasts
MetricsOf = Annotated[Metrics, Depends(_metrics)]
OfferedOf = Annotated[OfferedFacets, Depends(_offered)]
VersionsOf = Annotated[Versions, Depends(_versions)]
LinesOf = Annotated[Lines, Depends(_lines)]


async def may_write(
    shop: ShopOf,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)],
    x_duomo_key: Annotated[str, Header(description="the write key, where Authorization is taken")] = "",
) -> None:
    """Let a request pass that carries the write key; raises Refused: 403 nobody may, 401 wrong key."""
    known = shop.settings.write_key
    if not known:
        remedy = "Set write_key where the server is started, then send it"
        raise Refused(403, "writing-off", "this server only reads", remedy=remedy)
    sent = bearer.credentials if bearer else x_duomo_key
    if not key_matches(sent, known):
        problem = "the key sent is wrong" if sent else "no key was sent"
        remedy = "Send the server's write_key as 'Authorization: Bearer KEY'"
        headers = {"WWW-Authenticate": "Bearer"}
        raise Refused(401, "key-needed", problem, remedy=remedy, headers=headers)
