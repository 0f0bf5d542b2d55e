"""What is reported: how a build went, how the server is, and what went wrong."""

from typing import Self

from pydantic import BaseModel, Field

from duomo.stock.report import BuildReport


class ProblemRow(BaseModel):
    """One thing wrong with one of the rows sent."""

    file: str
    line: int | None = Field(description="which of the rows sent, from 1")
    column: str
    value: str
    problem: str
    remedy: str
    severity: str = Field(description="'error': left out; 'warning': kept")
    product_id: str


class BuildOut(BaseModel):
    """What became of the rows; added + updated + unchanged = products."""

    rows: int
    products: int
    variants: int
    added: int
    updated: int
    unchanged: int
    removed: int
    vanished: int
    kept: int = Field(description="variants of these products that no row names; they stay as they were")
    encoded: int = Field(description="texts and pictures that went through an encoder")
    skipped: int = Field(description="rows that gave nothing; each stands in problems")
    abroad: dict[str, float] = Field(
        description="encoder -> how far the shop's goods lie from what it was trained on, 0 to 1"
    )
    problems: list[ProblemRow]
    took_s: float

    @classmethod
    def of(cls, report: BuildReport) -> Self:
        """The report, with the rows called by what the client sent and not by a file of ours."""
        sent = cls.model_validate(report.as_dict())
        for problem in sent.problems:
            problem.file = "products"
        return sent


class HealthOut(BaseModel):
    """That the process lives, or that the shop can be searched."""

    status: str = Field(
        examples=["ok"], description="'degraded': it answers, but not as it should; see reasons"
    )
    variants: int | None = Field(default=None, description="on the shelf; only told by /readyz")
    version: int | None = Field(default=None, description="that answers; only told by /readyz")
    behind: bool | None = Field(
        default=None, description="whether a newer version could not be loaded; only told by /readyz"
    )
    reasons: list[str] = Field(default=[], description="what is not as it should be")


class ProblemOut(BaseModel):
    """A problem document (RFC 9457)."""

    type: str = Field(description="stable name of the kind", examples=["urn:duomo:problem:bad-filter"])
    title: str = Field(description="the kind in words, in the language of Accept-Language: zh or en")
    status: int
    detail: str = Field(description="what happened, to what", examples=["there is no column 'colr'"])
    remedy: str = Field(description="what to do now", examples=["Did you mean 'color'?"])
    instance: str = Field(description="the path that was asked for", examples=["/v1/search"])
