"""How far people who label the same things agree, beyond chance."""

from collections import Counter
from collections.abc import Mapping, Sequence

from duomo.measure.labels import check_pairs

Given = Mapping[str, str]  # labeller -> label, of one thing


def cohens_kappa(one: Sequence[str], other: Sequence[str]) -> float:
    """Agreement of two labellers beyond that by chance (Cohen, 1960): 1 always, 0 as by chance.

    Args:
        one: (n,) labels of the first.
        other: (n,) labels of the second, of the same things.

    >>> cohens_kappa(["shoe", "shoe", "bag", "bag"], ["shoe", "bag", "bag", "bag"])
    0.5
    """
    check_pairs(len(one), len(other))
    same = sum(a == b for a, b in zip(one, other, strict=True)) / len(one)
    often, others = Counter(one), Counter(other)
    chance = sum(often[label] * others[label] for label in often) / len(one) ** 2
    return 1.0 if chance == 1 else (same - chance) / (1 - chance)


def krippendorffs_alpha(things: Sequence[Given]) -> float | None:
    """Agreement of labellers who need not have labelled everything (Krippendorff 2011, nominal).

    Args:
        things: what each thing was labelled, by whom.

    Returns:
        1 always, 0 as by chance, below 0 worse than that; None where no thing has two labels.

    >>> krippendorffs_alpha([{"a": "shoe", "b": "shoe"}, {"a": "bag", "b": "bag"}, {"a": "hat"}])
    1.0
    """
    pairable = [list(given.values()) for given in things if len(given) > 1]
    if not pairable:
        return None
    total = Counter(label for labels in pairable for label in labels)
    count = total.total()
    differ = 0.0
    for labels in pairable:
        often = Counter(labels)
        differ += (len(labels) ** 2 - sum(times**2 for times in often.values())) / (len(labels) - 1)
    chance = (count**2 - sum(times**2 for times in total.values())) / (count - 1)
    return 1.0 if not chance else 1 - differ / chance
