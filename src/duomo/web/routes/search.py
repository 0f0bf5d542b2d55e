"""Searching: by words, by picture, by both; and which columns there are to filter and count."""

import binascii
from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from duomo.errors import BadClip, BadPicture, BadQuery, BadSound, DuomoError
from duomo.web.body import Sent, SentBody
from duomo.web.face import MetricsOf, OfferedOf, ShopOf
from duomo.web.problems import PROBLEMS
from duomo.web.schemas.answered import ColumnOut, ColumnsOut, SearchOut
from duomo.web.schemas.asked import SearchBody, SearchParams

router = APIRouter(prefix="/v1", tags=["search"], responses=PROBLEMS)

MOST_FACETS: Final = 20  # columns that one request may have counted
_MOST_PREFIX: Final = 100  # characters of a data URI before its data
# part -> what it is called, how its data URI begins, and the error of one that is wrong
_KINDS: Final[Mapping[str, tuple[str, str, type[DuomoError]]]] = {
    "image": ("picture", "image/", BadPicture),
    "clip": ("clip", "video/", BadClip),
    "audio": ("sound", "audio/", BadSound),
}
_MANY: Final = ("facet", "facets", "like", "unlike")  # fields of a form that may be repeated


def _body_schema() -> dict[str, Any]:
    """The request body of POST /v1/search for OpenAPI: one schema, as JSON or as a form with a file."""
    schema = SearchBody.model_json_schema(by_alias=False)
    files = {
        name: {"type": "string", "format": "binary", "description": f"a file: {what}"}
        for name, (what, _, _) in _KINDS.items()
    }
    form = {**schema, "properties": {**schema["properties"], **files}}
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
        unlike=ask.unlike,
        unwanted=ask.unwanted,
        literal=ask.literal,
        encoder=ask.encoder,
    )
    return _answer(shop, metrics, body, {})


@router.post("/search", summary="Search by words, picture, clip and sound", openapi_extra=_body_schema())
def search_with_files(shop: ShopOf, metrics: MetricsOf, sent: SentBody) -> SearchOut:
    """The same with files: parts `image`, `clip`, `audio` of a form, or data URIs in JSON. None is kept."""
    body = _parsed(sent)
    files = dict(sent.files)
    for name, (what, _, wrong) in _KINDS.items():
        if files.get(name) == b"":  # lost on its way: it must not turn into a search for everything
            raise wrong(f"the {what} is empty", remedy="Send the file again, or search without one")
        if uri := getattr(body, name):
            files[name] = _bytes_of(uri, name)
    return _answer(shop, metrics, body, files)


@router.get("/columns", summary="What can be filtered and counted")
def columns(shop: ShopOf, facets: OfferedOf) -> ColumnsOut:
    """The columns for `where` and `facets`, and which of them make good facets; those come first."""
    kinds, offered = shop.columns(), facets.names()
    names = [*offered, *(name for name in kinds if name not in offered)]
    return ColumnsOut(
        columns=[ColumnOut(name=name, kind=kinds[name], facet=name in offered) for name in names]
    )


def _answer(shop: ShopOf, metrics: MetricsOf, ask: SearchBody, files: Mapping[str, bytes]) -> SearchOut:
    facets = list(dict.fromkeys(ask.facets))  # a column is counted once, however often it is named
    if len(facets) > MOST_FACETS:
        problem = f"{len(facets)} columns are to be counted"
        raise BadQuery(problem, remedy=f"Ask for at most {MOST_FACETS} facets at once")
    hits = shop.search(
        ask.text,
        image=files.get("image"),
        clip=files.get("clip"),
        audio=files.get("audio"),
        box=ask.box,
        like=ask.like,
        unlike=ask.unlike,
        unwanted=ask.unwanted,
        weights=ask.weights,
        literal=ask.literal,
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


def _bytes_of(uri: str, name: str) -> bytes:
    """The bytes in a data URI; raises BadPicture, BadClip or BadSound."""
    what, start, wrong = _KINDS[name]
    remedy = f"Send it as data:{start}...;base64,... or as the part '{name}' of a form"
    head, comma, data = uri.partition(",")
    is_short = comma and len(head) <= _MOST_PREFIX
    if not is_short or not head.lower().startswith(f"data:{start}") or not head.lower().endswith(";base64"):
        raise wrong(f"the {name} is not a base64 data URI of a {what}", remedy=remedy)
    try:
        return binascii.a2b_base64(data, strict_mode=True)
    except (binascii.Error, ValueError) as error:
        raise wrong(f"the {name} is not valid base64 ({error})", remedy=remedy) from error
