"""Catalogs of any size made of a real one, and vectors for them, so that encoding is not what is measured."""

import csv
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
from numpy.typing import NDArray

from duomo.arrays import Vectors, unit
from duomo.catalog.read import read_catalog
from duomo.encode.base import Encoder, Towers
from duomo.encode.cache import VectorCache
from duomo.files import hash_bytes
from duomo.shelf.rows import text_of

SEED: Final = 7
AT_ONCE: Final = 20_000  # goods that are read together
COMPARED: Final = 500  # titles that say how far an altered one lies from its original
Good = dict[str, str]


def goods_of(pack: Path, rows: int, *, repriced_each: int = 0) -> Iterator[Good]:
    """So many goods: those of a pack's products.csv, again and again, without pictures.

    From the second time on they have another id, and one word of the title is exchanged for one of another
    title. Prices are drawn (log-normal, 30 in the median), as the pack has none.

    Args:
        pack: the folder of the pack.
        rows: how many.
        repriced_each: one in so many is to cost one more; 0: none.
    """
    with (pack / "products.csv").open(encoding="utf-8", newline="") as file:
        real = [{k: v for k, v in row.items() if k not in ("image", "split")} for row in csv.DictReader(file)]
    words = [word for good in real for word in good["title"].split()]
    rng = np.random.default_rng(SEED)
    for number in range(rows):
        good = dict(real[number % len(real)])
        price = round(float(np.exp(rng.normal(np.log(30), 0.8))), 2)
        if round_of := number // len(real):
            title = good["title"].split()
            title[int(rng.integers(len(title)))] = words[int(rng.integers(len(words)))]
            good |= {"sku": f"{good['sku']}-{round_of}", "title": " ".join(title)}
        dearer = bool(repriced_each) and number % repriced_each == 0
        yield {**good, "price": f"{price + dearer:.2f}", "currency": "USD"}


def write(goods: Iterator[Good], into: Path) -> Path:
    """The goods as a CSV file."""
    first = next(goods)
    with into.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(first))
        writer.writeheader()
        writer.writerow(first)
        writer.writerows(goods)
    return into


def fill_cache(cache: VectorCache, towers: Towers, pack: Path, rows: int) -> None:
    """Put the vectors of what `goods_of` gives where a build looks for them before it encodes.

    Those of the pack's own goods are encoded. Every other is that of its original with noise, so that it
    lies as far from it as the vector of an altered title does: drawn from the cosines of 500 real ones.
    """
    encoders = {each.card.hash: each for each in (towers.kept, towers.text) if each}
    real = _count(pack)
    for encoder in encoders.values():
        rng = np.random.default_rng(SEED)
        texts = [text for some in texts_of(goods_of(pack, min(rows, real))) for text in some]
        own = np.concatenate([encoder.encode(texts[at : at + 1000]) for at in range(0, len(texts), 1000)])
        near = _nearness(encoder, pack, texts, own, real) if rows > real else np.ones(1)
        done = 0
        for some in texts_of(goods_of(pack, rows)):
            places = np.arange(done, done + len(some))
            vectors = own[places % real]
            altered = places >= real
            vectors[altered] = _apart(vectors[altered], rng.choice(near, int(altered.sum())), rng)
            cache.put(encoder.card, [hash_bytes(text.encode()) for text in some], vectors)
            done += len(some)


def _nearness(
    encoder: Encoder[str], pack: Path, texts: Sequence[str], own: Vectors, real: int
) -> NDArray[np.float64]:
    """Cosines of altered goods and their originals."""
    altered = next(texts_of(islice(goods_of(pack, 2 * real), real, real + COMPARED)))
    return np.asarray(np.einsum("ij,ij->i", encoder.encode(altered), own[: len(altered)]), np.float64)


def _apart(vectors: Vectors, cosines: NDArray[np.float64], rng: np.random.Generator) -> Vectors:
    """Vectors of length 1 turned in random directions; the cosines say how far."""
    noise = rng.normal(size=vectors.shape)
    noise -= np.einsum("ij,ij->i", noise, vectors)[:, None] * vectors
    sine = np.sqrt(np.maximum(1 - cosines**2, 0))
    turned = cosines[:, None] * vectors + sine[:, None] * unit(noise)
    return unit(turned.astype(np.float32))


def texts_of(goods: Iterator[Good]) -> Iterator[list[str]]:
    """What an encoder reads of the goods, a text a row, many at a time."""
    with TemporaryDirectory(prefix="duomo-scale-texts-") as place:
        while some := list(islice(goods, AT_ONCE)):
            catalog = read_catalog(write(iter(some), Path(place) / "some.csv"))
            yield [text_of(each, variant) for each in catalog.products for variant in each.variants]


def _count(pack: Path) -> int:
    with (pack / "products.csv").open(encoding="utf-8", newline="") as file:
        return sum(1 for _ in csv.DictReader(file))
