"""Suggestions while a shopper types."""

from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from duomo.files import hash_bytes
from duomo.web.face import LinesOf, VersionOf
from duomo.web.problems import PROBLEMS
from duomo.web.schemas.suggested import SuggestOut, SuggestParams

router = APIRouter(prefix="/v1", tags=["search"], responses=PROBLEMS)

_KEPT: Final = "public, max-age=60"  # a box asks for the same beginnings again and again


@router.get("/suggest", summary="Suggestions while somebody types", response_model=SuggestOut)
async def suggest(
    shop: VersionOf, lines: LinesOf, ask: Annotated[SuggestParams, Query()], request: Request
) -> Response:
    """Brands, categories, values, titles and pairs of them that begin like what was typed, or nearly.

    May be kept for a minute; after that `If-None-Match` with the `ETag` gets 304 if nothing changed.
    """
    body = await lines.quick.take(
        lambda: SuggestOut.of(shop.suggest(ask.q, k=ask.k)).model_dump_json().encode()
    )
    tag = f'"{hash_bytes(body)}"'
    headers = {"ETag": tag, "Cache-Control": _KEPT}
    sent = [part.strip().removeprefix("W/") for part in request.headers.get("if-none-match", "").split(",")]
    if tag in sent or "*" in sent:
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")
