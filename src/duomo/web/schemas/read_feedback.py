"""What a client sends to have feedback read, and what it gets."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

Words = Annotated[str, Field(max_length=20_000)]
Short = Annotated[str, Field(max_length=200)]


class RemarkIn(BaseModel):
    """What one shopper said; whatever else is known of it may be compared as a segment."""

    model_config = ConfigDict(extra="forbid")

    text: Words
    title: Short = ""
    rating: float | None = Field(None, description="1 to 5")
    time: Short = Field("", description="like 2026-11-30")
    product: Short = ""
    segments: dict[Short, Short] = Field({}, max_length=20, description="like {'country': 'CN'}")


class ReadFeedbackIn(BaseModel):
    """A table of feedback."""

    model_config = ConfigDict(extra="forbid")

    rows: list[RemarkIn] = Field(min_length=1, max_length=5000)
    keep: list[Short] = Field([], max_length=1000, description="names that are no persons: brands")


class ReadFeedbackOut(BaseModel):
    """Themes, what costs the most stars first, and what was counted; as `duomo read feedback --json`."""

    remarks: int
    rated: int
    mean_rating: dict[str, float] | None
    positive: float = Field(description="share of remarks that are meant well")
    first: str
    last: str
    contradicting: int = Field(description="remarks whose rating says the opposite of their text")
    columns: dict[str, str]
    outcome: dict[str, int]
    themes: list[dict[str, Any]]
