"""The reader of aspects that Duomo brings along, opened from its folder."""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

from safetensors import SafetensorError
from safetensors.numpy import load_file

from duomo.encode.models import load_encoder
from duomo.errors import BadFile, MissingFile
from duomo.files import hash_file
from duomo.understand.aspects import AspectReader
from duomo.understand.aspects_groups import Groups, WordList, shipped_lists
from duomo.understand.aspects_pairs import Pairs
from duomo.understand.aspects_tagger import SpanTagger
from duomo.understand.aspects_words import WordKinds
from duomo.understand.linear import LinearWords

FOLDER: Final = Path(__file__).parent / "weights" / "aspects"
CARD: Final = "card.json"
WEIGHTS: Final = "weights.safetensors"
_AGAIN: Final = "Install Duomo again, or make the reader again: make aspects"


def shipped_aspects(lists: Sequence[WordList] = ()) -> AspectReader:
    """The reader that Duomo brings along.

    Args:
        lists: the groups of a shop; none: those that Duomo brings along.
    """
    reader = _shipped()
    return reader.within(Groups(lists, load_encoder("pocket").text)) if lists else reader


@cache  # it never changes, and takes a moment to open
def _shipped() -> AspectReader:
    return open_aspects(FOLDER)


def open_aspects(folder: Path) -> AspectReader:
    """The reader that a folder holds, as `duomo.train.aspects` wrote it.

    Raises:
        MissingFile: a file is not there.
        BadFile: a file is damaged, or not what the card says.
    """
    card, weights = folder / CARD, folder / WEIGHTS
    for path in (card, weights):
        if not path.is_file():
            raise MissingFile(f"there is no {path}", remedy=_AGAIN)
    try:
        hashes = json.loads(card.read_text(encoding="utf-8"))["hashes"]
        if hash_file(weights) != hashes[WEIGHTS]:
            raise BadFile(f"{weights} is not what {card} says", remedy=_AGAIN)
        arrays = load_file(weights)
        pairs = Pairs(arrays["pairs/weights"], float(arrays["pairs/bias"][0]))
        factor = float(arrays["polarity/factor"][0])
    except (KeyError, IndexError, TypeError, ValueError, SafetensorError) as error:
        raise BadFile(f"{folder} holds no reader of aspects ({error})", remedy=_AGAIN) from error
    file = str(weights)
    return AspectReader(
        kinds=WordKinds.from_arrays(arrays, prefix="kinds/", file=file),
        tagger=SpanTagger.from_arrays(arrays, prefix="tagger/", file=file),
        pairs=pairs,
        polarity=LinearWords.from_arrays(arrays, prefix="polarity/", file=file),
        factor=factor,
        groups=Groups(shipped_lists(), load_encoder("pocket").text),
    )
