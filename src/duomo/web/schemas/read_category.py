"""Goods whose category, or another label, is asked for, and what was read."""

from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field

from duomo.understand.reading import Reading
from duomo.web.schemas.read_attributes import MOST_GOODS, ChoiceOut, EvidenceOut, GoodsIn, ReadingOut

MOST_LABELS: Final = 200  # of one request; a label takes some 10 ms when it is first asked for


class ReadCategoryIn(BaseModel):
    """Which goods, and what they may be."""

    model_config = ConfigDict(extra="forbid")

    goods: Annotated[list[GoodsIn], Field(min_length=1, max_length=MOST_GOODS)]
    labels: list[Annotated[str, Field(min_length=1, max_length=1000)]] = Field(
        default=[],
        max_length=MOST_LABELS,
        description="names or paths to choose from, in any language; default: what the shop was taught, or "
        "its own categories",
        examples=[["Apparel > Shirts", "鞋"]],
    )
    label: str = Field(
        default="category", max_length=200, description="which of the shop's: category, or an attribute"
    )
    sure: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="the probability that an answer needs; below it the node above is the answer, or none",
    )
    evidence: bool = Field(default=False, description="name the words and the region that decide; slower")


class CategoryOut(BaseModel):
    """The label of one product."""

    label: str | None = Field(description="a name, or a path; null: not known, and `doubt` says why")
    probability: float
    alternatives: list[ChoiceOut]
    evidence: list[EvidenceOut]
    doubt: str = Field(description="'empty', 'unknown', 'language', 'unsure', or nothing")

    @classmethod
    def of(cls, reading: Reading) -> Self:
        """The reading as the API sends it."""
        return cls.model_validate(ReadingOut.of(reading, None).model_dump(exclude={"amount"}))


class ReadCategoryOut(BaseModel):
    """The labels of the goods, in their order."""

    goods: list[CategoryOut]
