"""Searching: by words, by picture, by both; and which columns there are to filter and count."""

import base64
import binascii
import re
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from duomo.errors import BadPicture
from duomo.web.body import Sent, SentBody
from duomo.web.face import MetricsOf, OfferedOf, ShopOf
from duomo.web.problems import PROBLEMS
from duomo.web.schemas import ColumnOut, ColumnsOut, SearchBody, SearchOut, SearchParams

router = APIRouter(prefix="/v1", tags=["search"], responses=PROBLEMS)

_DATA_URI: Final = re.compile(r"data:[\w.+-]*/?[\w.+-]*(?:;[\w=.+-]+)*;base64,")
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
    image = sent.image or None
    if body.image:
        image = _picture_of(body.image)
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
    hits = shop.search(
        ask.text,
        image=image,
        like=ask.like,
        where=ask.where,
        mode=ask.mode,
        k=ask.k,
        skip=ask.skip,
        facets=ask.facets,
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
    head = _DATA_URI.match(uri)
    if head is None:
        raise BadPicture("the image is not a base64 data URI", remedy=remedy)
    try:
        return base64.b64decode(uri[head.end() :], validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadPicture(f"the image is not valid base64 ({error})", remedy=remedy) from error
