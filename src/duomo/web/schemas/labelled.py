"""What is sent and answered while people label: shapes of `/v1/label`."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from duomo.understand.labelling import LabelTask
from duomo.understand.labelling_ask import Question

By = Annotated[str, Field(min_length=1, max_length=60, description="who labels")]


class QuestionOut(BaseModel):
    """One thing to label."""

    id: str = Field(description="of the product; of a text the line where it begins")
    title: str
    text: str
    picture: str = Field(description="the address of a picture of it; empty: there is none")
    candidates: list[str] = Field(description="every label, the likeliest first")
    expected: str | None = Field(description="what the model says, where it may say something")
    shared: bool = Field(description="everybody is asked this")
    own: str | None = Field(description="what this labeller has said before")
    answered: bool

    @classmethod
    def of(cls, question: Question, task: LabelTask) -> Self:
        """The question as it is sent."""
        thing = question.thing
        return cls(
            id=thing.id,
            title=thing.title,
            text=thing.text,
            picture=f"/v1/label/pictures/{task.place_of[thing.id]}" if thing.picture else "",
            candidates=list(question.candidates),
            expected=question.expected,
            shared=question.shared,
            own=question.own,
            answered=question.answered,
        )


class AskedOut(BaseModel):
    """What is asked now, and how far everybody is."""

    question: QuestionOut | None = Field(description="null: there is nothing left")
    labels: list[str] = Field(description="all to choose from, in their own order")
    things: int = Field(description="that nobody had labelled when the task was made")
    labelled: int = Field(description="of these, how many have a label now")
    mine: int = Field(description="answers of this labeller")


class AnswerBody(BaseModel):
    """An answer."""

    model_config = ConfigDict(extra="forbid")

    by: By
    id: str = Field(min_length=1, max_length=1000)
    label: str | None = Field(description="null: they cannot tell")
    seconds: float | None = Field(default=None, ge=0)


class LabelBody(BaseModel):
    """Another label to choose from."""

    model_config = ConfigDict(extra="forbid")

    by: By
    label: str = Field(min_length=1, max_length=100)


class LabelOut(BaseModel):
    """The label as it is kept."""

    label: str
