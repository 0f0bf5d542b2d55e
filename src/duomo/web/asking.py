"""A question as a client sends it, turned into what the shop is asked; the same for every route that asks."""

import binascii
from collections.abc import Mapping
from typing import Any, Final

from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from duomo.arrays import Pixels
from duomo.errors import BadClip, BadPicture, BadQuery, BadSound, DuomoError
from duomo.guard.pictures import open_picture
from duomo.hits import Hits
from duomo.settings import Settings
from duomo.shop import Shop
from duomo.web.body import Sent
from duomo.web.schemas.asked import SearchBody, SearchParams

MOST_FACETS: Final = 20  # columns that one request may have counted
_MOST_PREFIX: Final = 100  # characters of a data URI before its data
# part -> what it is called, how its data URI begins, and the error of one that is wrong
_KINDS: Final[Mapping[str, tuple[str, str, type[DuomoError]]]] = {
    "image": ("picture", "image/", BadPicture),
    "clip": ("clip", "video/", BadClip),
    "audio": ("sound", "audio/", BadSound),
}
_MANY: Final = ("facet", "facets", "like", "unlike", "as_words")  # fields of a form that may be repeated


def body_schema() -> dict[str, Any]:
    """The request body of a question for OpenAPI: one schema, as JSON or as a form with files."""
    schema = SearchBody.model_json_schema(by_alias=False)
    files = {
        name: {"type": "string", "format": "binary", "description": f"a file: {what}"}
        for name, (what, _, _) in _KINDS.items()
    }
    texts = {
        name: {
            "type": "string",
            "description": f"{schema['properties'][name]['description']}; as a JSON text",
        }
        for name in ("chosen", "weights")
    }
    form = {**schema, "properties": {**schema["properties"], **files, **texts}}
    content = {"application/json": {"schema": schema}, "multipart/form-data": {"schema": form}}
    return {"requestBody": {"required": True, "content": content}}


def of_params(ask: SearchParams) -> SearchBody:
    """A question of a query string as one of a body; raises RequestValidationError."""
    return _checked(ask.model_dump())


def of_body(sent: Sent) -> tuple[SearchBody, dict[str, bytes]]:
    """A question and its files.

    Raises:
        RequestValidationError: a field is not what it should be.
        BadPicture, BadClip, BadSound: a file is empty, or is no data URI.
    """
    given = {name: values if name in _MANY else values[-1] for name, values in sent.fields.items()}
    body = _checked(given if sent.json is None else sent.json)
    files = dict(sent.files)
    for name, (what, _, wrong) in _KINDS.items():
        if files.get(name) == b"":  # lost on its way: it must not turn into a search for everything
            raise wrong(f"the {what} is empty", remedy="Send the file again, or search without one")
        if uri := getattr(body, name):
            files[name] = bytes_of(uri, name)
    return body, files


def _checked(given: Mapping[str, object] | bytes) -> SearchBody:
    """What was sent as a question, by its names or as JSON."""
    try:
        if isinstance(given, bytes):
            return SearchBody.model_validate_json(given)
        return SearchBody.model_validate(given)
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from error


def hits_for(shop: Shop, ask: SearchBody, files: Mapping[str, bytes]) -> Hits:
    """What the shop answers; raises BadQuery, and whatever `Shop.search` does."""
    facets = list(dict.fromkeys(ask.facets))  # a column is counted once, however often it is named
    if len(facets) > MOST_FACETS:
        problem = f"{len(facets)} columns are to be counted"
        raise BadQuery(problem, remedy=f"Ask for at most {MOST_FACETS} facets at once")
    return shop.search(
        ask.text,
        image=files.get("image"),
        clip=files.get("clip"),
        audio=files.get("audio"),
        box=ask.box,
        like=ask.like,
        unlike=ask.unlike,
        unwanted=ask.unwanted,
        weights=ask.weights,
        as_words=ask.as_words,
        literal=ask.literal,
        where=ask.where,
        chosen=ask.chosen,
        mode=ask.mode,
        k=ask.k,
        skip=ask.skip,
        facets=facets,
        encoder=ask.encoder,
    )


def picture_of(uri: str, settings: Settings) -> Pixels | None:
    """The picture in a data URI, (height, width, 3); None where there is no URI. Raises BadPicture."""
    if not uri:
        return None
    body = bytes_of(uri, "image", form=False)
    return open_picture(body, side=settings.picture_side, megapixels=settings.picture_megapixels).pixels


def bytes_of(uri: str, name: str, *, form: bool = True) -> bytes:
    """The bytes in a data URI; raises BadPicture, BadClip or BadSound. `form`: they could come as a file."""
    what, start, wrong = _KINDS[name]
    remedy = f"Send it as data:{start}...;base64,..."
    if form:
        remedy += f" or as the part '{name}' of a form"
    head, comma, data = uri.partition(",")
    is_short = comma and len(head) <= _MOST_PREFIX
    if not is_short or not head.lower().startswith(f"data:{start}") or not head.lower().endswith(";base64"):
        raise wrong(f"the {name} is not a base64 data URI of a {what}", remedy=remedy)
    try:
        return binascii.a2b_base64(data, strict_mode=True)
    except (binascii.Error, ValueError) as error:
        raise wrong(f"the {name} is not valid base64 ({error})", remedy=remedy) from error
