"""How reviews and posts are meant, over HTTP."""

from fastapi import APIRouter

from duomo.understand.sentiment_shipped import shop_reader
from duomo.web.face import LinesOf, ShopOf
from duomo.web.problems import PROBLEMS
from duomo.web.schemas.sentiments import SentimentBody, SentimentOut, SentimentsOut

router = APIRouter(prefix="/v1/read", tags=["read"], responses=PROBLEMS)


@router.post("/sentiment", summary="How texts are meant")
async def sentiment(shop: ShopOf, lines: LinesOf, asked: SentimentBody) -> SentimentsOut:
    """Good or bad, how strongly, how many stars, for up to 100 texts in Chinese and English."""

    def read() -> list[SentimentOut]:
        reader = shop_reader(shop.folder, fast=asked.fast)
        said = reader.read(asked.texts, evidence=asked.evidence, abstain=asked.abstain)
        return [SentimentOut.of(each) for each in said]

    return SentimentsOut(readings=await lines.slow.take(read))
