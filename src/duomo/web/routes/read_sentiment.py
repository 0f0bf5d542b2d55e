"""How reviews and posts are meant, and which goods they speak of, over HTTP; nothing of it is kept."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from fastapi import APIRouter

from duomo.arrays import Pixels
from duomo.errors import BadPicture, BadQuery, MissingProduct
from duomo.shop import Shop
from duomo.stock.posts import Posts, sold
from duomo.understand.classify import HEADS
from duomo.understand.heads import CARD
from duomo.understand.match import NAME
from duomo.understand.sentiment import SentimentReader
from duomo.understand.sentiment_shipped import OWN, shop_reader
from duomo.web.asking import picture_of
from duomo.web.face import LinesOf, VersionOf
from duomo.web.problems import PROBLEMS
from duomo.web.schemas.sentiments import (
    MOST_PICTURES,
    MentionOut,
    PostIn,
    SentimentBody,
    SentimentOut,
    SentimentsOut,
    SoldOut,
)

router = APIRouter(prefix="/v1/read", tags=["read"], responses=PROBLEMS)


@router.post("/sentiment", summary="How texts are meant")
async def sentiment(shop: VersionOf, lines: LinesOf, asked: SentimentBody) -> SentimentsOut:
    """Good or bad, how strongly, how many stars, and of which goods, for up to 100 texts in two languages."""
    posts = [PostIn(text=each) if isinstance(each, str) else each for each in asked.texts]
    return await lines.slow.take(lambda: SentimentsOut(readings=_read(shop, posts, asked)))


def _read(shop: Shop, sent: Sequence[PostIn], asked: SentimentBody) -> list[SentimentOut]:
    pictures = _pictures(sent, shop)
    reader = _reader(shop.folder, asked.fast, _made(shop.folder / OWN))
    said = reader.read([each.text for each in sent], evidence=asked.evidence, abstain=asked.abstain)
    answers = [SentimentOut.of(each) for each in said]
    if not asked.mentions and not any(pixels is not None for pixels in pictures):
        return answers
    posts = _posts(shop, _made(shop.folder / HEADS / NAME))
    for post, pixels, answer in zip(sent, pictures, answers, strict=True):
        found = posts.mentions(post.text, pixels)
        answer.mentions = [MentionOut.model_validate(each) for each in found]
        product_id = sold(found, post.product_id)
        if pixels is not None and product_id and posts.reader:
            try:
                answer.picture = SoldOut.of_matched(product_id, posts.compared(product_id, pixels))
            except MissingProduct:
                answer.picture = SoldOut.of_matched(product_id, None)
    return answers


def _pictures(sent: Sequence[PostIn], shop: Shop) -> list[Pixels | None]:
    if sum(bool(each.image) for each in sent) > MOST_PICTURES:
        problem = f"more than {MOST_PICTURES} texts come with a picture"
        raise BadQuery(problem, remedy="Send the others in a request of their own")
    pictures = []
    for number, each in enumerate(sent):
        try:
            pictures.append(picture_of(each.image, shop.settings))
        except BadPicture as error:
            raise BadPicture(f"texts.{number}.image: {error.args[0]}", remedy=error.remedy) from error
    return pictures


def _made(head: Path) -> int:
    """When a head was trained; 0: never."""
    card = head / CARD
    return card.stat().st_mtime_ns if card.is_file() else 0


@lru_cache(maxsize=2)
def _reader(shop: Path, fast: bool, taught: int) -> SentimentReader:
    return shop_reader(shop, fast=fast)


@lru_cache(maxsize=1)  # one shop is served by a process; of another version, or taught again, it is another
def _posts(shop: Shop, taught: int) -> Posts:
    return Posts(shop.folder, shop.product)
