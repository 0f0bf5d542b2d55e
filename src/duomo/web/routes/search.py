"""Searching: by words, by picture, by both; and which columns there are to filter and count."""

import binascii
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from duomo.errors import BadPicture, BadQuery
from duomo.web.body import Sent, SentBody
from duomo.web.face import MetricsOf, OfferedOf, ShopOf
from duomo.web.problems import PROBLEMS
from duomo.web.schemas.answered import ColumnOut, ColumnsOut, SearchOut
from duomo.web.schemas.asked import SearchBody, SearchParams

router = APIRouter(prefix="/v1", tags=["search"], responses=PROBLEMS)

MOST_FACETS: Final = 20  # columns that one request may have counted
_MOST_PREFIX: Final = 100  # characters of a data URI before its data
_MANY: Final = ("facet", "facets")  # fields of a form that may be repeated


def _body_schema() -> dict[str, Any]:
    """The request body of POST /v1/search for OpenAPI: one schema, as JSON or as a form with a file."""
    schema = SearchBody.model_json_schema(by_alias=False)
    file = {"type": "string", "format": "binary", "description": "a picture file"}
    form = {**schema, "properties": {**schema["properties"], "image": file}}
    content = {"application/json": {"schema": schema}, "multipart/form-data": {"schema": form}}
    return {"requestBody": {"required": True, "content": content}}


@router.get("/search", summary="Search by words")
def search(shop: ShopOf, metrics: MetricsOf, ask: Annotated[SearchParams, Query()]) -> SearchOut:
    """The products that answer words or an example, with totals and facets of the whole result set."""
    body = SearchBody(
        text=ask.q,
        where=ask.where,
        k=ask.k,
        skip=ask.skip,
        mode=ask.mode,
        facets=ask.facet,
        like=ask.like,
        encoder=ask.encoder,
    )
    return _answer(shop, metrics, body, None)


@router.post("/search", summary="Search by words, by picture, by both", openapi_extra=_body_schema())
def search_with_picture(shop: ShopOf, metrics: MetricsOf, sent: SentBody) -> SearchOut:
    """The same with a picture, as the part `image` of a form or as a data URI in JSON. It is not kept."""
    body = _parsed(sent)
    if sent.image == b"":  # a picture that was lost on its way must not turn into a search for everything
        raise BadPicture("the picture is empty", remedy="Send the file again, or search without one")
    image = _picture_of(body.image) if body.image else sent.image
    return _answer(shop, metrics, body, image)


@router.get("/columns", summary="What can be filtered and counted")
def columns(shop: ShopOf, facets: OfferedOf) -> ColumnsOut:
    """The columns for `where` and `facets`, and which of them make good facets; those come first."""
    kinds, offered = shop.columns(), facets.names()
    names = [*offered, *(name for name in kinds if name not in offered)]
    return ColumnsOut(
        columns=[ColumnOut(name=name, kind=kinds[name], facet=name in offered) for name in names]
    )


def _answer(shop: ShopOf, metrics: MetricsOf, ask: SearchBody, image: bytes | None) -> SearchOut:
    facets = list(dict.fromkeys(ask.facets))  # a column is counted once, however often it is named
    if len(facets) > MOST_FACETS:
        problem = f"{len(facets)} columns are to be counted"
        raise BadQuery(problem, remedy=f"Ask for at most {MOST_FACETS} facets at once")
    hits = shop.search(
        ask.text,
        image=image,
        like=ask.like,
        where=ask.where,
        mode=ask.mode,
        k=ask.k,
        skip=ask.skip,
        facets=facets,
        encoder=ask.encoder,
    )
    metrics.search_seconds.observe(hits.took_ms / 1000)
    return SearchOut.of(hits)


def _parsed(sent: Sent) -> SearchBody:
    """The search that was sent; raises RequestValidationError."""
    try:
        if sent.json is not None:
            return SearchBody.model_validate_json(sent.json)
        given = {name: values if name in _MANY else values[-1] for name, values in sent.fields.items()}
        return SearchBody.model_validate(given)
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from error


def _picture_of(uri: str) -> bytes:
    """The bytes in a data URI; raises BadPicture."""
    remedy = "Send it as data:image/jpeg;base64,... or as the part 'image' of a form"
    head, comma, data = uri.partition(",")
    is_short = comma and len(head) <= _MOST_PREFIX
    if not is_short or not head.lower().startswith("data:image/") or not head.lower().endswith(";base64"):
        raise BadPicture("the image is not a base64 data URI of a picture", remedy=remedy)
    try:
        return binascii.a2b_base64(data, strict_mode=True)
    except (binascii.Error, ValueError) as error:
        raise BadPicture(f"the image is not valid base64 ({error})", remedy=remedy) from error
