"""How texts are meant, as clients ask for it and get it."""

from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field

from duomo.understand.reading import Doubt, Evidence
from duomo.understand.sentiment import Flag, Label, Sentiment
from duomo.understand.sentiment_text import Language

MOST_TEXTS: Final = 100
LONGEST: Final = 50_000  # characters of a text


class SentimentBody(BaseModel):
    """Texts to be read; a name that is not listed here is refused."""

    model_config = ConfigDict(extra="forbid")

    texts: list[Annotated[str, Field(max_length=LONGEST)]] = Field(
        description="reviews or posts, as they were written", max_length=MOST_TEXTS, examples=[["质量很好"]]
    )
    fast: bool = Field(default=False, description="n-grams alone: quicker, and a little worse")
    evidence: bool = Field(default=False, description="name the words that decide")
    abstain: bool = Field(
        default=False, description="'mixed', or no label, where good or bad would be a guess"
    )


class EvidenceOut(BaseModel):
    """A piece of a text that speaks for its label, or against it."""

    text: str
    start: int = Field(description="Unicode characters before it")
    end: int
    weight: float = Field(description="log odds that the label would lose without it")

    @classmethod
    def of(cls, piece: Evidence) -> Self:
        """What a client may know about a piece."""
        return cls(text=piece.text, start=piece.start, end=piece.end, weight=round(piece.weight, 4))


class SentimentOut(BaseModel):
    """How one text is meant."""

    label: Label | None = Field(description="null: not known, and `doubt` says why")
    positive: float = Field(ge=0, le=1, description="probability that it is good")
    strength: float = Field(ge=0, le=1, description="how far from indifferent it is meant")
    stars: float | None = Field(description="that are expected, 1 to 5; null: not told")
    star_shares: list[float] = Field(description="probabilities of 1 to 5 stars; may be empty")
    language: Language
    flags: list[Flag]
    doubt: Doubt | None = Field(description="why there is no label")
    evidence: list[EvidenceOut]

    @classmethod
    def of(cls, said: Sentiment) -> Self:
        """What a client may know about a text."""
        return cls(
            label=said.label,
            positive=round(said.positive, 4),
            strength=round(said.strength, 4),
            stars=said.stars and round(said.stars, 2),
            star_shares=[round(share, 4) for share in said.star_shares],
            language=said.language,
            flags=list(said.flags),
            doubt=said.reading.doubt,
            evidence=[EvidenceOut.of(piece) for piece in said.reading.evidence],
        )


class SentimentsOut(BaseModel):
    """One reading a text, in the order of the texts."""

    readings: list[SentimentOut]
