"""Which creatives that a client sends are better, and how new ones will do; nothing is kept."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from fastapi import APIRouter

from duomo.catalog.rows import Row
from duomo.shop import Shop
from duomo.understand.ads import Ads
from duomo.understand.ads_file import NEEDED, ads_of
from duomo.understand.ads_predict import FOLDER, AdsHead
from duomo.understand.ads_report import read_report
from duomo.understand.heads import CARD
from duomo.web.face import LinesOf, VersionOf
from duomo.web.problems import PROBLEMS
from duomo.web.schemas.read_ads import NewCreativeIn, ReadAdsIn, ReadAdsOut

router = APIRouter(prefix="/v1/read", tags=["read"], responses=PROBLEMS)


@router.post("/ads", summary="Compare creatives by how they did")
async def read_ads(shop: VersionOf, lines: LinesOf, asked: ReadAdsIn) -> ReadAdsOut:
    """Winners and whether they are sure, what drives clicks, what is worn out; what to expect of new ones."""
    return await lines.slow.take(lambda: _read(shop, asked))


def _read(shop: Shop, asked: ReadAdsIn) -> ReadAdsOut:
    head = _head(shop.folder, _stamp(shop.folder)) if asked.predict else None
    new = _table(asked.predict, needed=()).creatives if asked.predict else ()
    ads = _table(asked.rows, needed=NEEDED)
    report = read_report(ads, by=asked.by, matters=asked.matters, head=head, new=new)
    return ReadAdsOut.model_validate(report.as_dict())


def _table(rows: Sequence[NewCreativeIn], *, needed: Sequence[str]) -> Ads:
    """What was sent, as if it had stood in a file."""
    sent = [row.model_dump(by_alias=True, exclude_unset=True, exclude_none=True) for row in rows]
    columns = tuple(dict.fromkeys(name for row in sent for name in row)) or ("copy",)
    cells = (Row(n, {name: _cell(value) for name, value in row.items()}) for n, row in enumerate(sent, 1))
    return ads_of(cells, columns, file=Path("the rows sent"), needed=needed)


def _cell(value: str | float) -> str:
    """As it would be written; a whole number without decimals."""
    return value if isinstance(value, str) else f"{value:.15g}"


@lru_cache(maxsize=2)
def _head(folder: Path, stamp: int) -> AdsHead:
    """What the shop has learned; `stamp` changes when it is taught anew."""
    return AdsHead.load(folder / FOLDER)


def _stamp(folder: Path) -> int:
    card = folder / FOLDER / CARD
    return card.stat().st_mtime_ns if card.is_file() else 0
