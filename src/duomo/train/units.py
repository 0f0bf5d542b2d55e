"""Hidden units that are added to trained heads for one shop's goods, and are silent on all else.

A head that is trained further on one kind of goods moves whatever else it knows: on 1,500 shoes, R@10 of
the rest of a fashion catalog fell from 0.66 to 0.51, and holding drawn pictures and phrases in place did
not help. Here the old weights stand. Each new unit looks towards a centre of the shop's own inputs, and
wakes where an input lies farther out that way than nearly all others do; what the new units add is all
that is learned, and where they are silent the old vectors come out (0.65). Only the pieces of words move
for everybody.
"""

from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np
import torch
from torch import Tensor

from duomo.arrays import Vectors, unit
from duomo.encode.heads import HeadWeights
from duomo.train.align import centres_of
from duomo.train.heads import Heads, heads_of

UNITS: Final = 256
AWAKE: Final = 0.02  # share of other inputs that wake a unit
_ASLEEP: Final = 3.0  # GELU of minus this is nothing: the middle of the other inputs lies there


class Inputs(NamedTuple):
    """What frozen towers say of some goods, or of anything."""

    pictures: Vectors  # (n, features and colors)
    words: Vectors  # (m, words)


def with_units(weights: HeadWeights, own: Inputs, others: Inputs, *, count: int = UNITS) -> Heads:
    """Heads that give the vectors of an encoder still, with new units that alone will learn.

    Train them without weight decay: it would shrink what is to stand.

    Args:
        weights: of the encoder.
        own: of the shop's goods: what the units answer to.
        others: of anything: what they are silent on.
        count: units on each side; fewer where there are not as many inputs.
    """
    old = heads_of(weights)
    count = min(count, len(own.pictures), len(own.words))
    heads = Heads(replace(old.shape, hidden=old.shape.hidden + count))
    state = old.state_dict()
    for side, mine, rest in (("picture", own.pictures, others.pictures), ("text", own.words, others.words)):
        middle, spread = (state[f"{side}.{name}"].numpy() for name in ("mean", "spread"))
        directions, bias = _units((mine - middle) / spread, (rest - middle) / spread, count)
        outer = state[f"{side}.outer.weight"]
        state[f"{side}.inner.weight"] = torch.cat([state[f"{side}.inner.weight"], directions])
        state[f"{side}.inner.bias"] = torch.cat([state[f"{side}.inner.bias"], bias])
        state[f"{side}.outer.weight"] = torch.cat([outer, torch.zeros(len(outer), count)], dim=1)
    bag = state["text.bag.weight"]
    state["text.bag.weight"] = torch.cat([bag, torch.zeros(count, bag.shape[1])])
    heads.load_state_dict(state)
    _hold(heads, old.shape.hidden)
    return heads.eval()


def copy_of(heads: Heads) -> Heads:
    """The same weights in heads of their own."""
    copy = Heads(heads.shape)
    copy.load_state_dict(heads.state_dict())
    return copy.eval()


def _units(own: Vectors, others: Vectors, count: int) -> tuple[Tensor, Tensor]:
    """Standardised inputs -> (count, size) and (count,) of units that others wake seldom."""
    directions = centres_of(unit(own), count)
    reach = others @ directions.T
    wakes, middle = np.quantile(reach, [1 - AWAKE, 0.5], axis=0)
    steep = (_ASLEEP / np.maximum(wakes - middle, 1e-3)).astype(np.float32)
    return torch.from_numpy(directions * steep[:, None]), torch.from_numpy(-wakes.astype(np.float32) * steep)


def _hold(heads: Heads, hidden: int) -> None:
    """Let nothing of the first hidden units be learned, nor the bias of what they come to."""
    for side in (heads.picture, heads.text):
        _stand(side.inner.weight, slice(hidden))
        _stand(side.inner.bias, slice(hidden))
        _stand(side.outer.weight, (slice(None), slice(hidden)))
        _stand(side.outer.bias, slice(None))
    _stand(heads.text.bag.weight, slice(hidden))


def _stand(weights: Tensor, held: slice | tuple[slice, slice]) -> None:
    def without(gradient: Tensor) -> Tensor:
        left = gradient.clone()
        left[held] = 0
        return left

    weights.register_hook(without)  # type: ignore[no-untyped-call]  # torch gives it no types
