"""Reading attributes of goods that a client sends: from their words and pictures; nothing of it is kept."""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from fastapi import APIRouter

from duomo.shop import Shop
from duomo.understand.attributes import AttributeReader, Goods
from duomo.web.asking import picture_of
from duomo.web.face import LinesOf, VersionOf
from duomo.web.problems import PROBLEMS
from duomo.web.schemas.read_attributes import AttributesOut, GoodsIn, ReadAttributesIn, ReadAttributesOut

router = APIRouter(prefix="/v1/read", tags=["read"], responses=PROBLEMS)


@router.post("/attributes", summary="Read color, material, size and the like off words and pictures")
async def read_attributes(shop: VersionOf, lines: LinesOf, asked: ReadAttributesIn) -> ReadAttributesOut:
    """One value a facet with its probability and what speaks for it; a contradiction is told, not settled."""
    line = lines.slow if any(each.image for each in asked.goods) else lines.quick
    return await line.take(lambda: _read(shop, asked))


def _read(shop: Shop, asked: ReadAttributesIn) -> ReadAttributesOut:
    reader = replace(
        _reader(shop.folder, shop.manifest.encoders),
        facets=tuple(dict.fromkeys(asked.facets)),
        sure=asked.sure,
    )
    goods = [_goods(shop, each) for each in asked.goods]
    return ReadAttributesOut(goods=[AttributesOut.of(each) for each in reader.read(goods)])


@lru_cache(maxsize=2)  # one shop is served by a process
def _reader(folder: Path, encoders: tuple[str, ...]) -> AttributeReader:
    return AttributeReader.of_shop(folder, encoders)


def _goods(shop: Shop, sent: GoodsIn) -> Goods:
    """What was sent of one product; raises BadPicture."""
    return Goods(
        title=sent.title,
        description=sent.description,
        brand=sent.brand,
        category=sent.category,
        picture=picture_of(sent.image, shop.settings),
    )
