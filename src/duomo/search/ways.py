"""The ways in which vectors of a question can be held against vectors of the shop."""

from dataclasses import dataclass
from typing import Final, Literal

from duomo.encode.base import Modality, Towers
from duomo.hits import PartName
from duomo.shelf.layout import vector_column

# What a question gives vectors of. words: the same words, to be held against words of goods, where the
# encoder makes those in another way; product: what an example says and shows, as one vector.
Asked = Literal["text", "words", "picture", "product"]

_NAMES: Final[dict[tuple[Modality, Modality], PartName]] = {
    ("text", "text"): "text",
    ("picture", "picture"): "picture",
    ("text", "picture"): "text to picture",
    ("picture", "text"): "picture to text",
}


@dataclass(frozen=True, slots=True)
class Way:
    """Vectors of what was asked against one vector column."""

    name: PartName
    asked: Asked
    column: str


def ways(towers: Towers) -> tuple[Way, ...]:
    """Every pair of question and column that lie in one space; an example asks by its fused vector there."""
    sides: tuple[Modality, ...] = ("text", "picture")
    spaces = {card.modality: card.space for card in towers.cards}
    found = tuple(
        Way(
            _NAMES[asked, held],
            "words" if asked == held == "text" and towers.asks_goods else asked,
            vector_column(towers.name, held),
        )
        for held in sides
        for asked in sides
        if asked in spaces and held in spaces and spaces[asked] == spaces[held]
    )
    fused = Way("product", "product", vector_column(towers.name, "fused"))
    return (*found, fused) if towers.shared else found
