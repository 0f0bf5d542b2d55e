"""The untrained part of an encoder's vectors: where class names and words stand, and how far is far."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from torch import nn

from duomo.arrays import unit
from duomo.encode.heads import HeadWeights
from duomo.lexicon import Concept, concepts
from duomo.train.align import centres_of
from duomo.train.heads import Heads
from duomo.train.lexicon import ClassName, class_names
from duomo.train.material import Encode
from duomo.train.towers.text import TextTower

CENTRES: Final = 512  # of the training texts
AT_HOME: Final = 0.02  # share of held-out texts of the training domains that the gate takes for strange
REACH: Final = 0.15  # cosine from where the gate begins to close to where it is shut

# Weights of the learned and the ConSE part, chosen on validation data. Of questions from home a tenth brings
# photos of clothes 0.02 and costs titles 0.004 of their R@10; two tenths bring 0.05 and cost 0.016.
PICTURE_PARTS: Final = (1.0, 0.7)
HOME_PARTS: Final = (1.0, 0.1)
ABROAD_PARTS: Final = (0.2, 0.7)

Arrays = dict[str, NDArray[np.float32]]


def head_weights(
    heads: Heads,
    projections: Mapping[str, NDArray[np.float32]],
    encode: Encode,
    *,
    learned_from: Sequence[str],
    held_out: Sequence[str],
    places: int = 128,
    seed: int = 7,
) -> HeadWeights:
    """Trained heads with everything else that serving needs.

    Args:
        heads: trained on what the tower says.
        projections: what `projections_of` took from the towers.
        encode: what the tower says of texts.
        learned_from: texts the heads were trained on: the gate knows them as home.
        held_out: texts of the same domains that were not learned from; they say how far home reaches.
        places: numbers of the ConSE part.
        seed: of the centres.
    """
    arrays: Arrays = {name: array.numpy() for name, array in heads.state_dict().items()}
    arrays |= projections
    arrays |= _turned(arrays, encode, places)
    weights = HeadWeights({**arrays, **_PARTS})
    named = [(*each.en, *each.zh) for each in class_names()]
    found = weights.places(encode([name for names in named for name in names]).hidden)
    ends = np.cumsum([len(names) for names in named])
    arrays["conse.names"] = unit(np.stack([rows.mean(axis=0) for rows in np.split(found, ends[:-1])]))
    arrays["gate.centres"] = centres_of(weights.places(encode(learned_from).hidden), CENTRES, seed=seed)
    near = np.quantile(HeadWeights(arrays).closeness(weights.places(encode(held_out).hidden)), AT_HOME)
    arrays["gate.near"], arrays["gate.far"] = np.array(near), np.array(near - REACH)
    return HeadWeights({**{name: np.asarray(array, np.float32) for name, array in arrays.items()}, **_PARTS})


_PARTS: Final[Mapping[str, NDArray[np.float32]]] = {
    "parts.picture": np.array(PICTURE_PARTS, np.float32),
    "parts.home": np.array(HOME_PARTS, np.float32),
    "parts.abroad": np.array(ABROAD_PARTS, np.float32),
}


def projections_of(tower: TextTower, classifier: nn.Linear) -> Arrays:
    """What heads need of the towers besides their files.

    Args:
        tower: of texts, for its last layers, into the spaces of its two teachers.
        classifier: of the picture tower, for the classes of ImageNet.
    """
    state = tower.state_dict()
    arrays = {
        f"{name}.{kind}": state[f"to_{name}.{kind}"].numpy()
        for name in ("e5", "minilm")
        for kind in ("weight", "bias")
    }
    return arrays | {f"classify.{name}": each.numpy() for name, each in classifier.state_dict().items()}


def _turned(arrays: Arrays, encode: Encode, places: int) -> Arrays:
    """The middle of both spaces and the directions in which words of shops differ most (PCA)."""
    known: list[Concept | ClassName] = [*concepts(), *class_names()]
    names = [name for each in known for name in (*each.en, *each.zh)]
    hidden = encode(list(dict.fromkeys(names))).hidden
    both = np.concatenate(
        [unit(hidden @ arrays[f"{name}.weight"].T + arrays[f"{name}.bias"]) for name in ("e5", "minilm")],
        axis=1,
    )
    middle = both.mean(axis=0)
    _, directions = np.linalg.eigh(np.cov((both - middle).T))
    return {"conse.middle": middle, "conse.turn": np.ascontiguousarray(directions[:, ::-1][:, :places])}
