"""Goods whose words and pictures are to be compared, and what came of it."""

from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field

from duomo.understand.match_reading import Matched
from duomo.web.schemas.read_attributes import MOST_GOODS, EvidenceOut, GoodsIn

_NO_PLACE: Final[dict[str, object]] = {"text": "", "start": 0, "end": 0, "box": None}


class ReadMatchIn(BaseModel):
    """Which goods: words and a picture of each."""

    model_config = ConfigDict(extra="forbid")

    goods: Annotated[list[GoodsIn], Field(min_length=1, max_length=MOST_GOODS)]
    evidence: bool = Field(default=False, description="name the words and the region that contradict; slower")


class MatchedOut(BaseModel):
    """Whether words and picture of one product agree."""

    label: str | None = Field(description="'match', 'contradiction', or null: not known, `doubt` says why")
    probability: float = Field(description="that they contradict each other")
    part: str = Field(description="the label that is wrong, or 'picture': it is another product's; or empty")
    of: str = Field(description="the label that both speak of")
    says: str = Field(description="what the words say")
    shows: str = Field(description="what the picture shows")
    evidence: list[EvidenceOut]
    doubt: str = Field(description="'empty', 'unknown', 'unsure', or nothing")

    zero_shot: bool = Field(description="told by names alone: the shop was taught nothing")

    @classmethod
    def of_matched(cls, found: Matched) -> Self:
        """What was found as the API sends it."""
        return cls(
            label=found.label,
            probability=round(found.probability, 4),
            part=found.part,
            of=found.of,
            says=found.says,
            shows=found.shows,
            evidence=[EvidenceOut.model_validate(_NO_PLACE | piece.as_dict()) for piece in found.evidence],
            doubt=found.doubt or "",
            zero_shot=found.zero_shot,
        )


class ReadMatchOut(BaseModel):
    """What came of the goods, in their order."""

    goods: list[MatchedOut]
