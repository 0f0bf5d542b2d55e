"""What clients ask: a search as a query string, as JSON or as a form."""

import json
from typing import Annotated

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field

from duomo.hits import AskedWith, Mode


def _several(given: object) -> object:
    """One id may be sent without a list around it; an empty field of a form is none."""
    given = [given] if isinstance(given, str) else given
    return [each for each in given if each != ""] if isinstance(given, list) else given


def _loaded(given: object) -> object:
    """What has names is sent as a JSON text in a form or a query string."""
    try:
        return (json.loads(given) if given.strip() else {}) if isinstance(given, str) else given
    except ValueError:
        return given  # pydantic says what is wrong with it


Where = Annotated[str, Field(description="a filter on variants", examples=["price < 50 and color = 'red'"])]
PageSize = Annotated[int, Field(description="products a page, 1 to 1000")]
Skip = Annotated[int, Field(description="products before this page")]
ModeIn = Annotated[
    Mode, Field(description="'keywords': words alone; 'vector': likeness alone; 'hybrid': both")
]
EncoderName = Annotated[str, Field(description="which of the shop's encoders; empty: its first")]
Example = Annotated[
    list[str],
    BeforeValidator(_several),
    Field(description="ids of products or variants: find what is like them"),
]
Chosen = Annotated[
    dict[str, Annotated[list[str], BeforeValidator(_several)]],
    BeforeValidator(_loaded),
    Field(
        description="column -> values ticked in its facet, any of which will do; that facet goes on counting",
        examples=[{"color": ["red", "navy"]}],
    ),
]
Unlike = Annotated[list[str], BeforeValidator(_several), Field(description="the same of what is not wanted")]
Unwanted = Annotated[
    str, Field(description="words for what a product must not have or be", examples=["hood", "红色"])
]
AsWords = Annotated[
    list[str],
    BeforeValidator(_several),
    Field(description="what of the words is not to be understood: the 'said' of a meaning in 'understood'"),
]
Literally = Annotated[
    bool,
    Field(description="take the words as they are: no limit, refusal, typo or translation is understood"),
]


class SearchParams(BaseModel):
    """A search as the query string of a GET; a name that is not listed here is refused."""

    model_config = ConfigDict(extra="forbid")

    q: str = Field(default="", description="words in any language", examples=["navy blue shirt"])
    where: Where = ""
    k: PageSize = 10
    skip: Skip = 0
    mode: ModeIn = "hybrid"
    facet: list[str] = Field(
        default=[], description="a column to count; may be repeated", examples=[["color", "brand"]]
    )
    like: Example = []
    unlike: Unlike = []
    unwanted: Unwanted = ""
    as_words: AsWords = []
    literal: Literally = False
    encoder: EncoderName = ""
    chosen: str = Field(
        default="",
        description="column -> values ticked in its facet, as a JSON text",
        examples=['{"color": ["red", "navy"]}'],
    )


class HeatParams(BaseModel):
    """A question in words as the query string of a GET."""

    model_config = ConfigDict(extra="forbid")

    q: str = Field(default="", description="words in any language", examples=["navy blue shirt"])
    literal: Literally = False
    encoder: EncoderName = ""


class SearchBody(BaseModel):
    """A search as JSON or as the fields of a form, where `facets` may be repeated."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"text": "navy shirt", "where": "price < 50", "k": 5, "facets": ["color"]}]
        },
    )

    text: str = Field(
        default="", validation_alias=AliasChoices("text", "q"), description="words in any language; also 'q'"
    )
    where: Where = ""
    k: PageSize = 10
    skip: Skip = 0
    mode: ModeIn = "hybrid"
    facets: list[str] = Field(
        default=[],
        validation_alias=AliasChoices("facets", "facet"),
        description="columns to count over the whole result set; also 'facet'",
    )
    chosen: Chosen = {}
    like: Example = []
    unlike: Unlike = []
    unwanted: Unwanted = ""
    weights: Annotated[dict[AskedWith, float], BeforeValidator(_loaded)] = Field(
        default={},
        description="what words, picture and like count beside each other; 1 each",
        examples=[{"picture": 2}],
    )
    as_words: AsWords = []
    literal: Literally = False
    box: str = Field(
        default="",
        description="the part of the picture that is meant: x,y,w,h in shares of it or in pixels; or 'main'",
        examples=["0.1,0.2,0.5,0.5"],
    )
    encoder: EncoderName = ""
    image: str = Field(
        default="",
        description="a picture as a data URI; in a form the file itself",
        examples=["data:image/jpeg;base64,/9j/4AAQ..."],
    )
    clip: str = Field(
        default="",
        description="a clip in the place of a picture, as a data URI; in a form the file itself",
        examples=["data:video/mp4;base64,AAAA..."],
    )
    audio: str = Field(
        default="",
        description="a sound as a data URI, what is said in it is searched; in a form the file itself",
        examples=["data:audio/wav;base64,UklG..."],
    )
