"""What shoppers praise and blame in the feedback that a client sends; nothing is kept."""

from pathlib import Path

from fastapi import APIRouter

from duomo.catalog.texts import TextRow, Texts
from duomo.understand.feedback_file import remarks_in
from duomo.understand.feedback_mentions import read_feedback as themes_of
from duomo.understand.feedback_report import document_of
from duomo.understand.sentiment_shipped import shop_reader
from duomo.web.face import LinesOf, ShopOf
from duomo.web.problems import PROBLEMS
from duomo.web.routes.read_aspects import aspects_of
from duomo.web.schemas.read_feedback import ReadFeedbackIn, ReadFeedbackOut, RemarkIn

router = APIRouter(prefix="/v1/read", tags=["read"], responses=PROBLEMS)


@router.post("/feedback", summary="What shoppers praise and blame")
async def read_feedback(shop: ShopOf, lines: LinesOf, asked: ReadFeedbackIn) -> ReadFeedbackOut:
    """Themes with their size, trend, changes, products and quotes; personal data is taken out first."""
    return await lines.slow.take(lambda: _read(shop.folder, asked))


def _read(shop: Path, asked: ReadFeedbackIn) -> ReadFeedbackOut:
    names = list(dict.fromkeys(name for row in asked.rows for name in row.segments))
    own = ("title", "rating", "time", "product")
    rows = (TextRow(number, row.text, _cells(row)) for number, row in enumerate(asked.rows, start=1))
    texts = Texts(column="text", columns=("text", *own, *names), rows=rows, warnings=[])
    read = remarks_in(
        texts, Path("the rows sent"), mapping={name: name for name in own}, segments=names, keep=asked.keep
    )
    told = themes_of(read, aspects=aspects_of(shop), sentiment=shop_reader(shop, fast=True))
    return ReadFeedbackOut.model_validate(document_of(told))


def _cells(row: RemarkIn) -> dict[str, str]:
    rating = "" if row.rating is None else f"{row.rating:g}"
    return {**row.segments, "title": row.title, "rating": rating, "time": row.time, "product": row.product}
