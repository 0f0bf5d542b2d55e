"""Goods whose attributes are to be read, and what was read."""

from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field

from duomo.understand.amounts import Amount
from duomo.understand.attributes import SURE, Attributes
from duomo.understand.facets import FACETS, Facet
from duomo.understand.reading import Reading

MOST_GOODS: Final = 32  # of one request


class GoodsIn(BaseModel):
    """One product: words, a picture, or both."""

    model_config = ConfigDict(extra="forbid")

    title: str = Field(default="", max_length=100_000, examples=["Navy cotton T-shirt, pack of 2"])
    description: str = Field(default="", max_length=100_000)
    brand: str = Field(default="", max_length=1000)
    category: str = Field(default="", max_length=1000, description="a path or its last name")
    image: str = Field(default="", description="a picture as a data URI: data:image/jpeg;base64,...")


class ReadAttributesIn(BaseModel):
    """What is to be read of which goods."""

    model_config = ConfigDict(extra="forbid")

    goods: Annotated[list[GoodsIn], Field(min_length=1, max_length=MOST_GOODS)]
    facets: list[Facet] = Field(default=[*FACETS], description="the facets that are asked for; default: all")
    sure: float = Field(default=SURE, ge=0, le=1, description="the probability that an answer needs")


class ChoiceOut(BaseModel):
    """A value that it may be."""

    label: str
    probability: float


class EvidenceOut(BaseModel):
    """What speaks for the value, or, with a weight below 0, against it."""

    part: str = Field(description="'words' or 'picture'")
    weight: float = Field(description="log odds that the value would lose without it")
    text: str = Field(description="the words; they stand in the title, a line break and the description")
    start: int = Field(description="code points before them")
    end: int
    box: list[float] | None = Field(description="of the picture: x, y, w, h in shares of its sides")


class ReadingOut(BaseModel):
    """The value of one facet."""

    label: str | None = Field(description="null: not known, and `doubt` says why")
    probability: float
    alternatives: list[ChoiceOut]
    evidence: list[EvidenceOut]
    doubt: str = Field(description="'unsure', 'conflict', or empty")
    amount: dict[str, float | str] | None = Field(description="of the quantity: count, each, unit, total")

    @classmethod
    def of(cls, reading: Reading, amount: Amount | None) -> Self:
        """The reading as the API sends it."""
        evidence = [
            EvidenceOut(
                part=piece.part,
                weight=round(piece.weight, 4),
                text=piece.text,
                start=piece.start,
                end=piece.end,
                box=[round(getattr(piece.box, side), 4) for side in "xywh"] if piece.box else None,
            )
            for piece in reading.evidence
        ]
        return cls(
            label=reading.label,
            probability=round(reading.probability, 4),
            alternatives=[
                ChoiceOut(label=c.label, probability=round(c.probability, 4)) for c in reading.alternatives
            ],
            evidence=evidence,
            doubt=reading.doubt or "",
            amount=None if amount is None else _amount(amount),
        )


def _amount(amount: Amount) -> dict[str, float | str]:
    return {"count": amount.count, "each": amount.each, "unit": amount.unit, "total": amount.total}


class AttributesOut(BaseModel):
    """What was read of one product."""

    attributes: dict[str, ReadingOut] = Field(
        description="facet -> its value; facets nothing speaks of are left out"
    )
    doubt: str = Field(description="why there is none: 'empty', 'language', 'unknown'; else empty")

    @classmethod
    def of(cls, read: Attributes) -> Self:
        """What was read as the API sends it."""
        told: dict[str, ReadingOut] = {
            facet: ReadingOut.of(reading, read.amount if facet == "quantity" else None)
            for facet, reading in read.readings.items()
        }
        return cls(attributes=told, doubt=read.doubt or "")


class ReadAttributesOut(BaseModel):
    """What was read of the goods, in their order."""

    goods: list[AttributesOut]
