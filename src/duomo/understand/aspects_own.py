"""What a shop has taught the reader of aspects: its names of aspects, its groups, and how it judges.

A shop's field for names adds to the weights of the shipped one, from which it was held not to go far; its
head for polarity is weighed against the shipped one (`duomo.train.aspects_own` learns both).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from duomo.encode.models import load_encoder
from duomo.errors import BadFile
from duomo.understand.aspects import AspectReader, Floats
from duomo.understand.aspects_groups import Groups, WordList
from duomo.understand.aspects_polarity import POLARITIES
from duomo.understand.aspects_shipped import shipped_aspects
from duomo.understand.aspects_tagger import LAYERS, TAGS
from duomo.understand.classify import HEADS
from duomo.understand.grams import Grams, Ids
from duomo.understand.heads import CARD, Arrays, load_head, save_head
from duomo.understand.linear import LinearWords
from duomo.understand.reading import softmax

OWN: Final = Path(HEADS) / "aspects"  # inside a shop
FORM: Final = 1
_TRAIN: Final = "Train it again: duomo train aspects"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPolarity:
    """A shop's head for polarity, beside the shipped one."""

    head: LinearWords  # of the polarities that were taught; one column for the second of two
    taught: tuple[int, ...]  # places in POLARITIES, rising: the only ones that are answered
    weights: Floats  # (POLARITIES and columns of the head, taught): of the scores of both
    bias: Floats  # (taught,)

    def shares(self, found: Grams, shipped: Floats) -> Floats:
        """(n,) features and (n, POLARITIES) scores of the shipped head -> (n, POLARITIES) probabilities."""
        both = np.concatenate([shipped, self.head.scores(found)], axis=1)
        shares = np.zeros((len(both), len(POLARITIES)), np.float32)
        shares[:, self.taught] = softmax(both @ self.weights + self.bias)
        return shares


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnNames:
    """What a shop's names of aspects add to the shipped tagger."""

    ids: Ids  # (k,) features, rising
    weights: Floats  # (k, TAGS), on top of the shipped ones
    steps: Floats  # (TAGS + 1, TAGS), instead of the shipped ones


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAspects:
    """All that a shop has taught; a part that gained nothing is None, or empty."""

    names: OwnNames | None
    polarity: OwnPolarity | None
    groups: tuple[WordList, ...]

    def taught(self, reader: AspectReader, groups: Sequence[WordList] = ()) -> AspectReader:
        """The shipped reader with it.

        Args:
            reader: the shipped one.
            groups: that are asked for instead of the shop's.
        """
        tagger = reader.tagger
        if self.names:
            whole = np.zeros((len(self.names.ids), len(LAYERS) * TAGS), np.float32)
            whole[:, :TAGS] = self.names.weights
            tagger = tagger.adding(self.names.ids, whole, {"aspect": self.names.steps})
        lists = tuple(groups) or self.groups
        return replace(
            reader,
            tagger=tagger,
            own=self.polarity,
            groups=Groups(lists, load_encoder("pocket").text) if lists else reader.groups,
        )


def shop_aspects(shop: Path, groups: Sequence[WordList] = ()) -> AspectReader:
    """The shipped reader with what a shop has learned by `duomo train aspects`, if it has.

    Args:
        shop: its folder.
        groups: that are asked for instead of the shop's.

    Raises:
        BadFile: what it has learned is damaged.
    """
    if not (shop / OWN / CARD).is_file():
        return shipped_aspects(groups)
    return load_own(shop).taught(shipped_aspects(), groups)


def save_own(shop: Path, own: OwnAspects, figures: dict[str, object]) -> Path:
    """Keep what a shop has learned, beside the figures of it; return the folder."""
    arrays: dict[str, Any] = {"none": np.zeros(0, np.float32)}  # a file of safetensors holds something
    card: dict[str, object] = {
        "form": FORM,
        "name": "aspects",
        "groups": [
            [each.name, *(word for word in (*each.en, *each.zh) if word != each.name)] for each in own.groups
        ],
        "taught": [POLARITIES[place] for place in own.polarity.taught] if own.polarity else [],
        "names": own.names is not None,
    }
    if own.names:
        weights = own.names.weights.astype(np.float16)
        arrays |= {"names/ids": own.names.ids, "names/weights": weights, "names/steps": own.names.steps}
    if own.polarity:
        arrays |= own.polarity.head.as_arrays("polarity/")
        arrays |= {"blend/weights": own.polarity.weights, "blend/bias": own.polarity.bias}
    save_head(shop / OWN, {**card, "figures": figures}, arrays)
    return shop / OWN


def load_own(shop: Path) -> OwnAspects:
    """What `save_own` kept.

    Raises:
        MissingFile: nothing was learned.
        BadFile: it is damaged.
    """
    folder = shop / OWN
    card, arrays = load_head(folder, form=FORM, again=_TRAIN)
    try:
        taught = tuple(POLARITIES.index(name) for name in card["taught"])
        groups = tuple(WordList.of(words) for words in card["groups"])
        return OwnAspects(
            names=_names(arrays) if card["names"] else None,
            polarity=_polarity(arrays, taught, str(folder)) if taught else None,
            groups=groups,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BadFile(f"the head in {folder} is not one of aspects ({error})", remedy=_TRAIN) from error


def _names(arrays: Arrays) -> OwnNames:
    ids, weights, steps = (arrays[f"names/{name}"] for name in ("ids", "weights", "steps"))
    if weights.shape != (len(ids), TAGS) or steps.shape != (TAGS + 1, TAGS):
        raise ValueError("its names do not fit together")
    return OwnNames(
        ids=np.asarray(ids, np.uint32),
        weights=np.asarray(weights, np.float32),
        steps=np.asarray(steps, np.float32),
    )


def _polarity(arrays: Arrays, taught: tuple[int, ...], file: str) -> OwnPolarity:
    head = LinearWords.from_arrays(arrays, prefix="polarity/", file=file)
    weights, bias = (np.asarray(arrays[f"blend/{name}"], np.float32) for name in ("weights", "bias"))
    if weights.shape != (len(POLARITIES) + len(head.bias), len(taught)) or bias.shape != (len(taught),):
        raise ValueError("its polarities do not fit together")
    return OwnPolarity(head=head, taught=taught, weights=weights, bias=bias)
