"""Suggestions while a shopper types."""

from threading import Lock
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from duomo.files import hash_bytes
from duomo.search.suggest import Suggester
from duomo.shop import Shop
from duomo.web.problems import PROBLEMS
from duomo.web.schemas.suggested import SuggestOut, SuggestParams

router = APIRouter(prefix="/v1", tags=["search"], responses=PROBLEMS)

_KEPT: Final = "public, max-age=60"  # a box asks for the same beginnings again and again


class Suggestions:
    """The suggester of a shop, made once for each version of it."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._version = -1
        self._suggester: Suggester | None = None
        self._lock = Lock()

    def now(self) -> Suggester:
        """Of the version that is served now; raises MissingShop where there is none yet."""
        version = self._shop.manifest.served
        with self._lock:  # one request makes it, the others wait
            if self._suggester is None or self._version != version:
                self._suggester, self._version = Suggester.of_shop(self._shop.folder).warm(), version
            return self._suggester


async def _suggestions(request: Request) -> Suggestions:
    suggestions: Suggestions = request.app.state.suggestions
    return suggestions


@router.get("/suggest", summary="Suggestions while somebody types", response_model=SuggestOut)
def suggest(
    suggestions: Annotated[Suggestions, Depends(_suggestions)],
    ask: Annotated[SuggestParams, Query()],
    request: Request,
) -> Response:
    """Brands, categories, values, titles and pairs of them that begin like what was typed, or nearly.

    May be kept for a minute; after that `If-None-Match` with the `ETag` gets 304 if nothing changed.
    """
    found = suggestions.now().suggest(ask.q, ask.k)
    body = SuggestOut.of(found).model_dump_json().encode()
    tag = f'"{hash_bytes(body)}"'
    headers = {"ETag": tag, "Cache-Control": _KEPT}
    sent = [part.strip().removeprefix("W/") for part in request.headers.get("if-none-match", "").split(",")]
    if tag in sent or "*" in sent:
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")
