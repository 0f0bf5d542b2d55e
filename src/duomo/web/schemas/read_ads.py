"""What a client sends to have ads compared, and what it gets."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Words = Annotated[str, Field(max_length=2000)]
Count = Annotated[float | None, Field(description="not told: null", ge=-1e12, le=1e12)]


class NewCreativeIn(BaseModel):
    """What is to be seen of a creative; "": not told."""

    model_config = ConfigDict(extra="forbid")

    creative: Words = ""
    headline: Words = Field("", alias="copy")
    text: Words = ""
    color: Words = ""
    style: Words = ""
    offer: Words = ""


class AdRowIn(NewCreativeIn):
    """How one creative did: as a whole, or on one day before one audience."""

    test: Words = ""
    audience: Words = ""
    day: Words = Field("", alias="date", description="like 2026-11-30")
    impressions: Count = None
    clicks: Count = None
    spend: Count = None
    conversions: Count = None


class ReadAdsIn(BaseModel):
    """Rows to compare, and creatives to predict."""

    model_config = ConfigDict(extra="forbid")

    rows: list[AdRowIn] = Field(min_length=1, max_length=20_000)
    by: Literal["", "audience", "week", "month"] = ""
    matters: float = Field(0.1, gt=0, le=1, description="smallest difference that matters, share of the rate")
    predict: list[NewCreativeIn] = Field([], max_length=200, description="needs what the shop has learned")


class StandingOut(BaseModel):
    """How one creative of a test did."""

    creative: str
    headline: str = Field(alias="copy")
    events: float
    exposure: float
    rate: float
    low: float
    high: float
    best: float = Field(description="chance that it is the best")
    loss: float = Field(description="rate that is lost on average by choosing it")


class PairOut(BaseModel):
    """The leader against another creative."""

    other: str
    lift: list[float] | None = Field(description="ratio of the rates with its 95 % interval")
    p_always: float = Field(description="valid though somebody looks every day")
    p_once: float = Field(description="valid if the test was planned to end here")
    more: int = Field(description="impressions that are still needed")


class ComparedOut(BaseModel):
    """What is known of one test."""

    test: str
    part: str
    metric: Literal["clicks", "conversions", "conversions_per_money"]
    verdict: Literal["sure", "sure_at_end", "alike", "wait", "apart", "alone"]
    leader: str
    more: int
    q: float = Field(description="share of false claims if this and all surer ones are claimed")
    creatives: list[StandingOut]
    pairs: list[PairOut]


class FeatureOut(BaseModel):
    """Something that creatives may have."""

    part: str
    name: str
    against: str
    ratio: float = Field(description="of the rate with it to that without")


class DriverOut(FeatureOut):
    """What one feature does to the rate."""

    metric: str
    low: float
    high: float
    p: float
    sure: bool
    tests: int


class FatigueOut(BaseModel):
    """How one creative wears out; what has no meaning for one that does not is null."""

    creative: str
    test: str
    headline: str = Field(alias="copy")
    tired: bool
    p: float
    first: float
    now: float
    falls_from: list[int] | None
    half_life: list[int] | None
    replace_at: list[int] | None
    replace_by: list[str] | None
    points: list[list[float]] = Field(description="impressions, counted rate, rate of the model")


class WordsOut(BaseModel):
    """Words that raise or lower a rate."""

    part: str
    text: str
    start: int
    end: int
    weight: float


class PredictedOut(BaseModel):
    """What is to be expected of a new creative."""

    creative: str
    test: str
    headline: str = Field(alias="copy")
    ratio: float = Field(description="of its rate to that of the average creative")
    rate: float
    low: float
    high: float
    beats_first: float
    doubt: Literal["empty", "unknown"] | None
    evidence: list[WordsOut]
    reasons: list[FeatureOut]


class ProblemOut(BaseModel):
    """A row that cannot be true."""

    line: int | None = Field(description="number of the row sent, from 1")
    column: str
    value: str
    problem: str
    severity: Literal["error", "warning"]


class ReadAdsOut(BaseModel):
    """What is known of the ads."""

    rows: int
    skipped: int
    tests: int
    creatives: int
    totals: dict[str, float]
    verdicts: dict[str, int]
    compared: list[ComparedOut]
    drivers: list[DriverOut]
    fatigue: list[FatigueOut]
    predicted: list[PredictedOut]
    problems: list[ProblemOut]
