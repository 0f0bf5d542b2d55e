"""Suggestions, as clients ask for them and get them."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from duomo.search.suggest import Suggestion
from duomo.search.vocabulary import PhraseKind


class SuggestParams(BaseModel):
    """What was typed so far, as a query string; a name that is not listed here is refused."""

    model_config = ConfigDict(extra="forbid")

    q: str = Field(default="", description="what was typed so far, in any language", examples=["nik sh"])
    k: int = Field(default=8, description="how many suggestions at most, 1 to 50")


class SuggestionOut(BaseModel):
    """A question that what was typed may grow into."""

    text: str = Field(description="to be searched for as it stands")
    kind: PhraseKind = Field(
        description="what has this name; product: a title; search: a word, or two values together"
    )
    count: int = Field(description="products that have it")
    matched: list[tuple[int, int]] = Field(
        description="stretches of the text that were typed: start and end, in Unicode characters"
    )

    @classmethod
    def of(cls, suggestion: Suggestion) -> Self:
        """What a client may know about a suggestion."""
        each = suggestion
        return cls(text=each.text, kind=each.kind, count=each.count, matched=list(each.matched))


class SuggestOut(BaseModel):
    """Suggestions, the likeliest first."""

    suggestions: list[SuggestionOut]
    read_as: str = Field(description="what was typed, repaired; empty: nothing had to be")

    @classmethod
    def of(cls, suggestions: tuple[Suggestion, ...]) -> Self:
        """What a client may know about the suggestions."""
        read_as = suggestions[0].read_as if suggestions else ""
        return cls(suggestions=[SuggestionOut.of(each) for each in suggestions], read_as=read_as)
