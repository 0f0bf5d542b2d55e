"""Where goods that a client sends belong, by their words and pictures; nothing of it is kept."""

from functools import lru_cache
from pathlib import Path

from fastapi import APIRouter

from duomo.shop import Shop
from duomo.stock.listed import listed
from duomo.understand.category import ByNames, Classifier, read
from duomo.understand.classify import HEADS
from duomo.understand.classify_goods import classifier_of, label_of_goods
from duomo.understand.heads import CARD
from duomo.understand.taxonomy import Taxonomy, node_of
from duomo.web.asking import picture_of
from duomo.web.face import LinesOf, VersionOf
from duomo.web.problems import PROBLEMS
from duomo.web.schemas.read_category import CategoryOut, ReadCategoryIn, ReadCategoryOut

router = APIRouter(prefix="/v1/read", tags=["read"], responses=PROBLEMS)


@router.post("/category", summary="Tell where goods belong by words and pictures")
async def read_category(shop: VersionOf, lines: LinesOf, asked: ReadCategoryIn) -> ReadCategoryOut:
    """The likeliest label of each product with its probability, and others that it may be."""
    return await lines.slow.take(lambda: _read(shop, asked))


def _read(shop: Shop, asked: ReadCategoryIn) -> ReadCategoryOut:
    label = label_of_goods(asked.label)
    if asked.labels:
        classifier = _by_names(tuple(dict.fromkeys(asked.labels)))
    else:
        classifier = _of_shop(shop.folder, label, _stamp(shop, label))
    pictures = [picture_of(each.image, shop.settings) for each in asked.goods]
    texts = [
        "\n".join(part for part in (g.title, "" if label == "brand" else g.brand, g.description) if part)
        for g in asked.goods
    ]
    readings = read(classifier, texts, pictures, sure=asked.sure, evidence=asked.evidence)
    return ReadCategoryOut(goods=[CategoryOut.of(reading) for reading in readings])


@lru_cache(maxsize=4)  # clients mostly ask for the same labels
def _by_names(labels: tuple[str, ...]) -> Classifier:
    return ByNames(Taxonomy.of([node_of(name) for name in labels]))


@lru_cache(maxsize=4)
def _of_shop(folder: Path, label: str, stamp: object) -> Classifier:
    """What the shop knows; `stamp` changes when it was taught anew, or built."""
    return classifier_of(folder, label, lambda: listed(folder))


def _stamp(shop: Shop, label: str) -> object:
    card = shop.folder / HEADS / label / CARD
    return card.stat().st_mtime_ns if card.is_file() else shop.manifest.served
