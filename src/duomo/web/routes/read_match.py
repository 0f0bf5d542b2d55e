"""Whether words and picture of goods that a client sends agree; nothing of it is kept."""

from functools import lru_cache
from pathlib import Path

from fastapi import APIRouter

from duomo.shop import Shop
from duomo.understand.classify import HEADS
from duomo.understand.match import NAME, Matcher
from duomo.understand.match_names import NamesReader
from duomo.understand.match_reading import MatchReader
from duomo.understand.sight import Sight
from duomo.web.asking import picture_of
from duomo.web.face import LinesOf, VersionOf
from duomo.web.problems import PROBLEMS
from duomo.web.schemas.read_match import MatchedOut, ReadMatchIn, ReadMatchOut

router = APIRouter(prefix="/v1/read", tags=["read"], responses=PROBLEMS)


@router.post("/match", summary="Whether a picture shows what the words say")
async def read_match(shop: VersionOf, lines: LinesOf, asked: ReadMatchIn) -> ReadMatchOut:
    """A match, a contradiction and its part, or don't know; by what the shop was taught, or by names."""
    return await lines.slow.take(lambda: _read(shop, asked))


def _read(shop: Shop, asked: ReadMatchIn) -> ReadMatchOut:
    folder = shop.folder / HEADS / NAME
    texts = ["\n".join(filter(None, (each.title, each.brand, each.description))) for each in asked.goods]
    pictures = [picture_of(each.image, shop.settings) for each in asked.goods]
    if folder.is_dir():
        made = (folder / "card.json").stat().st_mtime_ns if (folder / "card.json").is_file() else 0
        found = _reader(folder, made).read(texts, pictures, evidence=asked.evidence)
    else:
        found = _by_names().read(texts, pictures)
    return ReadMatchOut(goods=[MatchedOut.of_matched(each) for each in found])


@lru_cache(maxsize=2)  # one shop is served by a process; trained again, it is another
def _reader(folder: Path, made: int) -> MatchReader:
    return MatchReader(Matcher.load(folder), Sight.shipped())


@lru_cache(maxsize=1)
def _by_names() -> NamesReader:
    return NamesReader()
