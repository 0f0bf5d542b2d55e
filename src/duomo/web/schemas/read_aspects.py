"""What texts say of aspects, as clients ask for it and get it."""

from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field

from duomo.understand.aspects import Opinion, TextOpinions
from duomo.understand.aspects_groups import By
from duomo.understand.reading import Doubt

MOST_TEXTS: Final = 100
LONGEST: Final = 50_000  # characters of a text
MOST_GROUPS: Final = 200

Word = Annotated[str, Field(min_length=1, max_length=100)]


class AspectsBody(BaseModel):
    """Texts to be read; a name that is not listed here is refused."""

    model_config = ConfigDict(extra="forbid")

    texts: list[Annotated[str, Field(max_length=LONGEST)]] = Field(
        description="reviews or posts, as they were written",
        max_length=MOST_TEXTS,
        examples=[["面料舒服，就是物流太慢"]],
    )
    aspects: dict[Word, list[Word]] | None = Field(
        default=None,
        description="your own aspects: the name of each, and words for it in either language",
        max_length=MOST_GROUPS,
        examples=[{"price": ["cost", "价格"]}],
    )


class OpinionOut(BaseModel):
    """One thing that a text says of an aspect."""

    aspect: str = Field(description="as it is named; empty: it is implied")
    aspect_span: tuple[int, int] | None = Field(description="Unicode characters of the text")
    group: str = Field(description="which of the listed aspects it is; its own name where it is none of them")
    group_by: By = Field(description="how the group was found")
    opinion: str = Field(description="the phrase; empty: the sentence says it without one")
    opinion_span: tuple[int, int] | None
    polarity: str | None = Field(description="positive, negative or neutral; null: not sure")
    probability: float = Field(ge=0, le=1, description="of the polarity, or of the likeliest")

    @classmethod
    def of(cls, said: Opinion) -> Self:
        """What a client may know about an opinion."""
        return cls(
            aspect=said.aspect,
            aspect_span=said.aspect_span,
            group=said.group,
            group_by=said.by,
            opinion=said.opinion,
            opinion_span=said.opinion_span,
            polarity=said.polarity,
            probability=round(said.probability, 4),
        )


class TextOpinionsOut(BaseModel):
    """What one text says."""

    opinions: list[OpinionOut]
    doubt: Doubt | None = Field(description="why nothing could be read at all")

    @classmethod
    def of(cls, said: TextOpinions) -> Self:
        """What a client may know about a text."""
        return cls(opinions=[OpinionOut.of(each) for each in said.opinions], doubt=said.doubt)


class AspectsOut(BaseModel):
    """One reading a text, in the order of the texts."""

    readings: list[TextOpinionsOut]
