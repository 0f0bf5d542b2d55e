"""Which part of a product's picture matched what was asked."""

from base64 import b64encode
from collections.abc import Mapping
from io import BytesIO
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from PIL import Image
from starlette.requests import Request
from starlette.responses import Response

from duomo.guard.pictures import open_picture
from duomo.search.heat import overlay
from duomo.shop import Shop
from duomo.web.asking import body_schema, hits_for, of_body
from duomo.web.body import SentBody
from duomo.web.face import LinesOf, VersionOf
from duomo.web.problems import PROBLEMS
from duomo.web.schemas.asked import HeatParams, SearchBody
from duomo.web.schemas.heated import HeatOut

router = APIRouter(prefix="/v1", tags=["search"], responses=PROBLEMS)

JPEG: Final = "image/jpeg"
_QUALITY: Final = 88  # of the overlay, which has thin lines
_BOTH: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "content": {JPEG: {"schema": {"type": "string", "format": "binary"}}},
        "description": "The map; to a client that accepts pictures and not JSON, the overlay alone",
    }
}


@router.get("/products/{id:path}/heat", summary="What matched words", response_model=HeatOut, responses=_BOTH)
async def heat(
    shop: VersionOf, lines: LinesOf, request: Request, id: str, ask: Annotated[HeatParams, Query()]
) -> Response:
    """Which part of the product's picture made it match words, where the encoder can tell."""
    body = SearchBody(text=ask.q, literal=ask.literal, encoder=ask.encoder)
    return await lines.slow.take(lambda: _drawn(shop, id, body, {}, as_picture=_wants_picture(request)))


@router.post(
    "/products/{id:path}/heat",
    summary="What matched a picture",
    response_model=HeatOut,
    responses=_BOTH,
    openapi_extra=body_schema(),
)
async def heat_of_files(
    shop: VersionOf, lines: LinesOf, request: Request, id: str, sent: SentBody
) -> Response:
    """The same for any question of `POST /v1/search`: send here what was sent there."""
    return await lines.slow.take(lambda: _drawn(shop, id, *of_body(sent), as_picture=_wants_picture(request)))


def _drawn(shop: Shop, id: str, ask: SearchBody, files: Mapping[str, bytes], *, as_picture: bool) -> Response:
    """The map of one product, in words and drawn."""
    # Asked as a search first: what is wrong with a question is told in the same words everywhere.
    query = hits_for(shop, ask.model_copy(update={"k": 1, "skip": 0, "facets": []}), files).query
    map = shop.heat(query, id)
    drawn = BytesIO()
    Image.fromarray(overlay(open_picture(shop.picture(map.picture)).pixels, map)).save(
        drawn, "JPEG", quality=_QUALITY
    )
    if as_picture:
        return Response(drawn.getvalue(), media_type=JPEG, headers={"Vary": "Accept"})
    uri = f"data:{JPEG};base64,{b64encode(drawn.getvalue()).decode()}"
    body = HeatOut.of(map, uri).model_dump_json()
    return Response(body, media_type="application/json", headers={"Vary": "Accept"})


def _wants_picture(request: Request) -> bool:
    """Whether the client takes pictures and says nothing of JSON, as an <img> does."""
    accepted = request.headers.get("accept", "").lower()
    return "image/" in accepted and "json" not in accepted
