"""The reader of sentiment that Duomo brings along, and what a shop has added to it."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Final

from duomo.encode.models import SHIPPED
from duomo.errors import BadFile
from duomo.files import hash_file
from duomo.understand.classify import HEADS
from duomo.understand.heads import CARD, load_head, save_head
from duomo.understand.linear import LinearWords
from duomo.understand.sentiment import Blend, Own, SentimentReader
from duomo.understand.sentiment_net import TOKENIZER, SentenceNet, open_tokenizer

FOLDER: Final = Path(__file__).parent / "weights" / "sentiment"
OWN: Final = Path(HEADS) / "sentiment"  # inside a shop
FORM: Final = 1
TOWERS: Final = SHIPPED / "towers"  # whose tokenizer the nets share
_AGAIN: Final = "Install Duomo again, or make the reader again: make sentiment"
_TRAIN: Final = "Train it again: duomo train sentiment"


@cache  # it never changes, and takes 0.1 s to open
def shipped_reader(*, fast: bool = False) -> SentimentReader:
    """The reader that Duomo brings along.

    Args:
        fast: n-grams alone.
    """
    return open_reader(FOLDER, fast=fast)


def open_reader(folder: Path, *, fast: bool = False) -> SentimentReader:
    """The reader that a folder holds, as `duomo.train.opinion_ship` wrote it.

    Args:
        folder: with a card and weights.
        fast: n-grams alone.

    Raises:
        MissingFile: there is none.
        BadFile: a file is damaged, or the tokenizer is another one than the nets have learned with.
    """
    card, arrays = load_head(folder, form=FORM, again=_AGAIN)
    if card["tokenizer"] != hash_file(TOWERS / TOKENIZER):
        problem = f"{TOWERS / TOKENIZER} is not the tokenizer that {folder} was learned with"
        raise BadFile(problem, remedy=_AGAIN)
    file, tokenizer = str(folder), open_tokenizer(TOWERS)
    return SentimentReader(
        words={
            language: LinearWords.from_arrays(arrays, prefix=f"{language}/", file=file)
            for language in card["languages"]
        },
        blends={language: Blend(**blend) for language, blend in card["blends"].items()},
        nets={
            language: tuple(
                SentenceNet.from_arrays(arrays, tokenizer, prefix=f"{net}{language}/", file=file)
                for net in card["nets"]
            )
            for language in ([] if fast else card["languages"])
        },
    )


def shop_reader(shop: Path, *, fast: bool = False) -> SentimentReader:
    """The shipped reader with what a shop has learned by `duomo train sentiment`, if it has.

    Raises:
        BadFile: what it has learned is damaged.
    """
    reader, folder = shipped_reader(fast=fast), shop / OWN
    if not (folder / CARD).is_file():
        return reader
    card, arrays = load_head(folder, form=FORM, again=_TRAIN)
    head = LinearWords.from_arrays(arrays, prefix="", file=str(folder))
    try:
        return replace(reader, own=Own(head=head, **card["own"]))
    except (KeyError, TypeError):
        raise BadFile(f"the head in {folder} is not one of sentiment", remedy=_TRAIN) from None


def save_own(shop: Path, own: Own, card: dict[str, object]) -> Path:
    """Keep what a shop has learned, beside the figures of it; return the folder."""
    weights = {"shipped": own.shipped, "words": own.words, "bias": own.bias}
    save_head(shop / OWN, {"form": FORM, "name": "sentiment", "own": weights, **card}, own.head.as_arrays())
    return shop / OWN
