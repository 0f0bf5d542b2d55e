"""What texts that a client sends say of which aspect; nothing of it is kept."""

from functools import lru_cache
from pathlib import Path

from fastapi import APIRouter

from duomo.encode.models import load_encoder
from duomo.understand.aspects import AspectReader
from duomo.understand.aspects_groups import Groups, WordList
from duomo.understand.aspects_own import OWN, shop_aspects
from duomo.understand.heads import CARD
from duomo.web.face import LinesOf, ShopOf
from duomo.web.problems import PROBLEMS
from duomo.web.schemas.read_aspects import AspectsBody, AspectsOut, TextOpinionsOut

router = APIRouter(prefix="/v1/read", tags=["read"], responses=PROBLEMS)


@router.post("/aspects", summary="Tell what texts praise and blame")
async def read_aspects(shop: ShopOf, lines: LinesOf, asked: AspectsBody) -> AspectsOut:
    """Aspect, phrase, polarity, for up to 100 texts in Chinese and English, by what the shop was taught."""

    def read() -> list[TextOpinionsOut]:
        reader = aspects_of(shop.folder)
        if asked.aspects:
            groups = [WordList.of([name, *words]) for name, words in asked.aspects.items()]
            reader = reader.within(Groups(groups, load_encoder("pocket").text))
        return [TextOpinionsOut.of(each) for each in reader.read(asked.texts)]

    return AspectsOut(readings=await lines.slow.take(read))


def aspects_of(shop: Path) -> AspectReader:
    """The reader of a shop, opened anew where it was taught anew."""
    card = shop / OWN / CARD
    return _reader(shop, card.stat().st_mtime_ns if card.is_file() else 0)


@lru_cache(maxsize=2)  # one shop is served by a process
def _reader(shop: Path, stamp: int) -> AspectReader:
    return shop_aspects(shop)
