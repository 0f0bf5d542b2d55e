"""Which part of a picture matched, as clients get it."""

from typing import Self

from pydantic import BaseModel, Field

from duomo.search.heat import HeatMap
from duomo.web.schemas.answered import PICTURE_ROUTE


class BoxOut(BaseModel):
    """A part of a picture, in shares of its width and height, 0 to 1."""

    x: float = Field(description="of the left edge")
    y: float = Field(description="of the upper edge")
    w: float
    h: float


class HeatOut(BaseModel):
    """What each part of a product's picture adds to a match, in cosine similarity."""

    picture: str = Field(description="the product's picture that lies nearest to what was asked")
    box: BoxOut = Field(description="the part that is missed most when it is hidden")
    fall: float = Field(description="of the similarity with that part hidden; 0: no part is missed")
    similarity: float = Field(description="of the picture with nothing hidden, -1 to 1")
    cells: list[list[float]] = Field(description="rows from above: above 0 where hiding makes it worse")
    overlay: str = Field(
        description="the picture with what matched as it is, the rest faded, a line around the hot part",
        examples=["data:image/jpeg;base64,/9j/4AAQ..."],
    )

    @classmethod
    def of(cls, map: HeatMap, overlay: str) -> Self:
        """The map as the API sends it."""
        box = map.peak
        return cls(
            picture=PICTURE_ROUTE + map.picture,
            box=BoxOut(x=round(box.x, 4), y=round(box.y, 4), w=round(box.w, 4), h=round(box.h, 4)),
            fall=round(map.fall, 4),
            similarity=round(map.similarity, 4),
            cells=[[round(cell, 4) for cell in row] for row in map.cells.tolist()],
            overlay=overlay,
        )
