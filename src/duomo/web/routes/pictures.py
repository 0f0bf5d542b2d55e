"""The small pictures that the shop keeps of its pictures."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from duomo.web.face import VersionOf
from duomo.web.problems import PROBLEMS

router = APIRouter(prefix="/v1", tags=["products"], responses=PROBLEMS)

_JPEG = {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}


@router.get(
    "/pictures/{hash}",
    summary="One picture",
    response_class=Response,
    responses={200: {"content": _JPEG, "description": "The picture, which never changes"}},
)
def picture(shop: VersionOf, hash: str, request: Request) -> Response:
    """A JPEG. The address is made from the content, so it may be kept for ever."""
    body = shop.picture(hash)  # first: nothing is unchanged that is not there
    tag = f'"{hash}"'
    headers = {"ETag": tag, "Cache-Control": "public, max-age=31536000, immutable"}
    sent = [part.strip().removeprefix("W/") for part in request.headers.get("if-none-match", "").split(",")]
    if tag in sent or "*" in sent:
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="image/jpeg")
