"""Decode and encode: what a worker process does for a batch of products.

A worker is given plain texts and gives back arrays, and imports nothing that it does not need for that: every
build pays for what its processes load.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from multiprocessing import parent_process
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from duomo.arrays import Pixels, Vectors
from duomo.encode.base import Encoder, EncoderCard, Part, Towers
from duomo.encode.cache import VectorCache
from duomo.encode.fuse import fuse
from duomo.encode.models import load_encoder
from duomo.errors import DuomoError
from duomo.files import hash_bytes
from duomo.guard.pictures import Picture, open_picture, picture_bytes, shown
from duomo.product import found_by, is_address
from duomo.settings import Settings

if TYPE_CHECKING:
    from duomo.guard.fetched import FetchCache

PICTURES_AT_ONCE: Final = 64  # decoded pictures held in memory by one process


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What a worker needs to know; sent to each process once."""

    home: Path  # of the shop
    encoders: tuple[str, ...]
    cache: Path
    fetched: Path
    settings: Settings
    fresh: bool  # nothing was in the cache when the build began

    @classmethod
    def of(cls, folder: Path, encoders: tuple[str, ...], settings: Settings) -> Self:
        """The bench of a shop folder."""
        caches = {"cache": folder / "cache" / "vectors.sqlite", "fetched": folder / "cache" / "fetched"}
        return cls(
            home=folder, encoders=encoders, settings=settings, fresh=not caches["cache"].exists(), **caches
        )


class Wanted(NamedTuple):
    """A column of vectors that a worker is to fill."""

    column: str
    encoder: str
    part: Part
    card: str  # hash of the card


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker is given of a batch of variants: plain texts, because products are slow to send."""

    texts: tuple[str, ...]  # one a variant
    pictures: tuple["Pictures", ...]  # one a product, in the order of the variants
    columns: tuple[Wanted, ...]


class Pictures(NamedTuple):
    """The sources of a product's pictures, the best first."""

    own: tuple[tuple[str, ...], ...]  # of each variant
    shared: tuple[str, ...]  # of the product


class Shown(NamedTuple):
    """A picture of the merchant's, made small."""

    hash: str  # of the merchant's file
    width: int  # of the merchant's picture, upright
    height: int
    body: bytes  # the small picture that is shown


class Several(NamedTuple):
    """The vectors of the pictures of some variants, those of one variant side by side."""

    vectors: Vectors  # (m, dim)
    hashes: tuple[str, ...]  # (m,) content of the picture that each was made from
    counts: NDArray[np.int64]  # (variants,) how many each has


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """What a worker found out about a task."""

    # vector column -> (variants, dim) vectors, and (variants,) which of them there are
    vectors: Mapping[str, tuple[Vectors, NDArray[np.bool_]]]
    pictured: Mapping[str, Several]  # vector column of pictures -> theirs
    opened: Mapping[str, str]  # source of a picture -> hash of its content
    failed: Mapping[str, DuomoError]  # source of a picture -> why it cannot be used
    pictures: tuple[Shown, ...]
    count: int  # texts and pictures that had to be encoded


class Worker:
    """Decodes and encodes. One a process; it holds the encoders and the caches."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._towers: tuple[Towers, ...] = tuple(
            load_encoder(name, home=bench.home, key=bench.settings.openai_key) for name in bench.encoders
        )
        self._cache = VectorCache(bench.cache)
        self._warm = not bench.fresh  # a cache that this build begins is not worth asking

    def encode(self, task: Task) -> Encoded:
        """The vectors of a batch of variants, and their pictures made small."""
        desk = _Desk()
        chosen = self._chosen(task, desk)
        every = dict.fromkeys(
            s for each in task.pictures for sources in (*each.own, each.shared) for s in sources
        )
        self._open([source for source in every if source not in desk.tried], desk, encode=False)
        vectors: dict[str, tuple[Vectors, NDArray[np.bool_]]] = {}
        pictured: dict[str, Several] = {}
        for spot in task.columns:
            tower = next(t for t in self._towers if t.name == spot.encoder)
            if spot.part == "text" and tower.kept:
                found = self._text_vectors(tower.kept, task.texts, desk)
                vectors[spot.column] = _rows([found[text] for text in task.texts], tower.kept.card.dim)
            elif spot.part == "picture" and tower.picture:
                pictured[spot.column] = desk.seen(chosen, tower.picture.card)
            elif tower.text and tower.picture:
                said = self._text_vectors(tower.text, task.texts, desk)
                of = desk.vectors.get(tower.picture.card.hash, {})
                fused = [
                    fuse(said[text] if said[text].any() else None, [of[source] for source in sources])
                    for text, sources in zip(task.texts, chosen, strict=True)
                ]
                vectors[spot.column] = _rows(fused, tower.text.card.dim)
        for card, keys, made in desk.made:  # once a batch: every write opens and closes the file
            self._cache.put(card, keys, made)
        return Encoded(
            vectors=vectors,
            pictured=pictured,
            opened=desk.opened,
            failed=desk.failed,
            pictures=tuple(desk.shown.values()),
            count=desk.encoded,
        )

    def _chosen(self, task: Task, desk: "_Desk") -> list[list[str]]:
        """The pictures that each variant is found by, opened and encoded; for a broken one the next."""
        most = self._bench.settings.pictures_each
        while True:
            chosen: list[list[str]] = []
            for own, shared in task.pictures:
                for sources in found_by([desk.usable(each) for each in own], desk.usable(shared)):
                    once = {desk.opened.get(source, source): source for source in sources}  # the same content
                    chosen.append(list(once.values())[:most])
            untried = dict.fromkeys(s for sources in chosen for s in sources if s not in desk.tried)
            if not untried:
                return chosen
            self._open(list(untried), desk, encode=True)

    def _known(self, card: EncoderCard, keys: Sequence[str]) -> dict[str, Vectors]:
        return self._cache.get(card, keys) if self._warm else {}

    def _text_vectors(self, encoder: Encoder[str], texts: Sequence[str], desk: "_Desk") -> dict[str, Vectors]:
        """The vector of each text, from the cache where it was encoded before."""
        if encoder.card.hash in desk.said:
            return desk.said[encoder.card.hash]
        keys = {text: hash_bytes(text.encode()) for text in texts}
        held = self._known(encoder.card, list(keys.values()))
        fresh = [text for text, key in keys.items() if key not in held]
        if fresh:
            vectors = encoder.encode(fresh)
            desk.keep(encoder.card, [keys[text] for text in fresh], vectors)
            held |= {keys[text]: vector for text, vector in zip(fresh, vectors, strict=True)}
        desk.said[encoder.card.hash] = {text: held[key] for text, key in keys.items()}
        return desk.said[encoder.card.hash]

    def _open(self, sources: Sequence[str], desk: "_Desk", *, encode: bool) -> None:
        """Open pictures, a handful at a time; with encode, find or make their vectors too."""
        encoders = [t.picture for t in self._towers if t.picture] if encode else []
        for start in range(0, len(sources), PICTURES_AT_ONCE):
            bodies: dict[str, tuple[str, bytes]] = {}
            for source in sources[start : start + PICTURES_AT_ONCE]:
                desk.tried.add(source)
                try:
                    body = self._read(source)
                except DuomoError as error:
                    desk.failed[source] = error
                else:
                    bodies[source] = (hash_bytes(body), body)
            self._see(bodies, encoders, desk)

    def _see(
        self, bodies: dict[str, tuple[str, bytes]], encoders: Sequence[Encoder[Pixels]], desk: "_Desk"
    ) -> None:
        """Decode the pictures, keep the small ones, and find or make the vectors."""
        side = self._bench.settings.picture_side
        keys = {source: f"{hashed}:{side}" for source, (hashed, _) in bodies.items()}
        held = {e.card.hash: self._known(e.card, list(keys.values())) for e in encoders}
        pictures: dict[str, Picture] = {}
        for source, (hashed, body) in bodies.items():
            try:
                picture = open_picture(body, side=side, megapixels=self._bench.settings.picture_megapixels)
            except DuomoError as error:
                desk.failed[source] = error
                continue
            desk.opened[source] = hashed
            pictures[source] = picture
            if hashed not in desk.shown:
                small = shown(body, picture, side=side)
                desk.shown[hashed] = Shown(hashed, picture.width, picture.height, small)
        for encoder in encoders:
            known = held[encoder.card.hash]
            fresh = list({keys[s]: s for s in pictures if keys[s] not in known}.values())
            if fresh:
                vectors = encoder.encode([pictures[source].pixels for source in fresh])
                desk.keep(encoder.card, [keys[source] for source in fresh], vectors)
                known |= {keys[source]: vector for source, vector in zip(fresh, vectors, strict=True)}
            of = desk.vectors.setdefault(encoder.card.hash, {})
            of.update({source: known[keys[source]] for source in pictures})

    @cached_property
    def _fetched(self) -> "FetchCache":
        from duomo.guard.fetch import Rules  # here, as most catalogs name files, and its packages are large
        from duomo.guard.fetched import FetchCache

        return FetchCache(self._bench.fetched, Rules.of(self._bench.settings))

    def _read(self, source: str) -> bytes:
        if is_address(source):
            return self._fetched.get(source)
        return picture_bytes(Path(source), picture_mb=self._bench.settings.picture_mb)


@dataclass(slots=True)
class _Desk:
    """What one batch has found out about its pictures, by source."""

    tried: set[str] = field(default_factory=set)
    opened: dict[str, str] = field(default_factory=dict)  # -> content hash
    failed: dict[str, DuomoError] = field(default_factory=dict)
    vectors: dict[str, dict[str, Vectors]] = field(
        default_factory=dict
    )  # hash of the card -> source -> (dim,)
    said: dict[str, dict[str, Vectors]] = field(default_factory=dict)  # hash of the card -> text -> (dim,)
    shown: dict[str, Shown] = field(default_factory=dict)  # by content hash
    made: list[tuple[EncoderCard, list[str], Vectors]] = field(default_factory=list)  # not in the cache yet

    @property
    def encoded(self) -> int:
        """How many texts and pictures were encoded."""
        return sum(len(keys) for _, keys, _ in self.made)

    def usable(self, sources: Sequence[str]) -> list[str]:
        """The pictures that have not turned out to be broken."""
        return [source for source in sources if source not in self.failed]

    def seen(self, chosen: Sequence[Sequence[str]], card: EncoderCard) -> Several:
        """The vectors of some pictures of each variant; one of zeros is none."""
        of = self.vectors.get(card.hash, {})
        kept = [[source for source in sources if of[source].any()] for sources in chosen]
        flat = [source for sources in kept for source in sources]
        return Several(
            vectors=np.array([of[source] for source in flat], np.float32).reshape(len(flat), card.dim),
            hashes=tuple(self.opened[source] for source in flat),
            counts=np.array([len(sources) for sources in kept], np.int64),
        )

    def keep(self, card: EncoderCard, keys: list[str], vectors: Vectors) -> None:
        """Note new vectors, to go into the cache together."""
        for place, (known, held_keys, held) in enumerate(self.made):
            if known.hash == card.hash:
                self.made[place] = (known, held_keys + keys, np.concatenate([held, vectors]))
                return
        self.made.append((card, keys, vectors))


def _rows(vectors: Sequence[Vectors | None], dim: int) -> tuple[Vectors, NDArray[np.bool_]]:
    """(n, dim) the vectors, and (n,) which of them there are: neither None nor only zeros."""
    rows = np.zeros((len(vectors), dim), np.float32)
    for row, vector in enumerate(vectors):
        if vector is not None:
            rows[row] = vector
    return rows, np.asarray(rows.any(axis=1), np.bool_)


_worker: Worker | None = None  # in a worker process: the one that `start` made


def start(bench: Bench) -> None:
    """Make this process a worker."""
    global _worker
    Thread(target=_end_with_parent, daemon=True).start()
    _worker = Worker(bench)


def ready() -> None:
    """Nothing to do but be there."""


def encode(task: Task) -> Encoded:
    """What the worker of this process finds out about a task."""
    if _worker is None:
        raise RuntimeError("a worker process was not started with start")
    return _worker.encode(task)


def _end_with_parent() -> None:
    """A worker whose build was killed has nobody left to work for."""
    if parent := parent_process():
        parent.join()
        os._exit(1)
