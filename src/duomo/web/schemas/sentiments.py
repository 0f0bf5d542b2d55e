"""How texts are meant, as clients ask for it and get it."""

from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from duomo.understand.match_reading import Matched
from duomo.understand.reading import Doubt, Evidence
from duomo.understand.sentiment import Flag, Label, Sentiment
from duomo.understand.sentiment_text import Language

MOST_TEXTS: Final = 100
MOST_PICTURES: Final = 32  # of one request, as of goods
LONGEST: Final = 50_000  # characters of a text

Text = Annotated[str, Field(max_length=LONGEST)]


class PostIn(BaseModel):
    """A review or post with what came with it."""

    model_config = ConfigDict(extra="forbid")

    text: Text = ""
    image: str = Field(default="", description="its picture as a data URI: data:image/jpeg;base64,...")
    product_id: str = Field(
        default="",
        max_length=1000,
        description="what was sold, against which its picture is held",
    )


def _kind_of(sent: object) -> str:
    return "[post]" if isinstance(sent, dict | PostIn) else "[text]"  # as `problems` leaves them out


class SentimentBody(BaseModel):
    """Texts to be read; a name that is not listed here is refused."""

    model_config = ConfigDict(extra="forbid")

    texts: list[
        Annotated[Annotated[Text, Tag("[text]")] | Annotated[PostIn, Tag("[post]")], Discriminator(_kind_of)]
    ] = Field(
        description="reviews or posts, as they were written, or, up to 32 of them, with a picture",
        max_length=MOST_TEXTS,
        examples=[["质量很好"]],
    )
    mentions: bool = Field(
        default=False, description="link the texts and pictures to the goods of the shop that they speak of"
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


class MentionOut(BaseModel):
    """A product or brand that a post speaks of; of what it has none is null."""

    product_id: str | None = Field(description="null: the brand alone")
    brand: str = Field(description="empty where the shop names none")
    via: Literal["words", "picture"]
    share: float | None = Field(default=None, description="of the weight of the title that the words name")
    text: str | None = Field(default=None, description="the words that name it")
    start: int | None = Field(default=None, description="Unicode characters before them")
    end: int | None = None
    pictured: float | None = Field(default=None, description="probability that its picture shows it too")
    probability: float | None = Field(default=None, description="that the picture shows it")
    cosine: float | None = Field(default=None, description="to the nearest picture of the shop")


class SoldOut(BaseModel):
    """Whether the picture of a post shows what was sold."""

    product_id: str
    label: Literal["match", "contradiction"] | None = Field(description="null: not known, `doubt` says why")
    probability: float | None = Field(description="that it shows something else; null: not known")
    part: str = Field(description="the label that is wrong, or 'picture': another product's; or empty")
    of: str = Field(description="the label that both speak of")
    says: str = Field(description="what the product's words say")
    shows: str = Field(description="what the picture shows")
    doubt: Doubt | None = Field(description="'unknown': the shop has no such product, or none of its labels")

    @classmethod
    def of_matched(cls, product_id: str, found: Matched | None) -> Self:
        """What was found; None: the shop does not know the product."""
        return cls(
            product_id=product_id,
            label=found.label if found else None,
            probability=round(found.probability, 4) if found else None,
            part=found.part if found else "",
            of=found.of if found else "",
            says=found.says if found else "",
            shows=found.shows if found else "",
            doubt=found.doubt if found else "unknown",
        )


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
    mentions: list[MentionOut] | None = Field(default=None, description="null: not asked for")
    picture: SoldOut | None = Field(
        default=None,
        description="null: no picture, no product, or the shop was not taught to match",
    )

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
