"""The worker processes of a build, and what happens when one of them dies."""

import logging
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import islice
from multiprocessing import get_context
from os import cpu_count
from types import TracebackType
from typing import Final, Self, TypeVar

import numpy as np
import pyarrow as pa

from duomo.encode.cache import VectorCache
from duomo.errors import BadSetup, DuomoError, Problem
from duomo.product import Media, Origin, Product, is_address
from duomo.shelf.base import ID, column
from duomo.shelf.columns import list_array, vector_array
from duomo.shelf.layout import Layout, hashes_column
from duomo.shelf.rows import Good, table_of, text_of
from duomo.stock.work import Bench, Encoded, Pictures, Shown, Task, Wanted, Worker, encode, ready, start

log = logging.getLogger(__name__)

PICTURE_SCHEMA: Final = pa.schema(
    [
        column(ID, pa.string(), "text"),  # content hash of the merchant's picture
        column("width", pa.int64(), "number"),  # of the merchant's picture, upright
        column("height", pa.int64(), "number"),
        column("body", pa.binary(), "hidden"),  # the small picture that is shown
    ]
)

Thing = TypeVar("Thing", Good, str)


def in_batches(things: Iterable[Thing], size: int) -> Iterator[Sequence[Thing]]:
    """The things in their order, `size` at a time; products count as many rows as they have variants.

    >>> list(in_batches(["a", "b", "c"], 2))
    [['a', 'b'], ['c']]
    """
    batch: list[Thing] = []
    rows = 0
    for thing in things:
        batch.append(thing)
        rows += len(thing.product.variants) if isinstance(thing, Good) else 1
        if rows >= size:
            yield batch
            batch, rows = [], 0
    if batch:
        yield batch


@dataclass(frozen=True, slots=True, kw_only=True)
class Stocked:
    """A batch of products as rows, ready for the shelf."""

    products: int
    rows: pa.Table  # of the variants table
    pictures: pa.Table  # of the pictures table
    problems: tuple[Problem, ...]
    encoded: int  # texts and pictures that had to be encoded


class Crew:
    """Worker processes for one build; none are there before they are called or needed."""

    def __init__(self, bench: Bench) -> None:
        """The settings of the bench say how many there are; 0: the work is done in this process."""
        self._bench = bench
        wanted = bench.settings.workers
        self._size = (cpu_count() or 1) if wanted < 0 else wanted
        self._pool: ProcessPoolExecutor | None = None
        self._open = ExitStack()

    def call(self) -> None:
        """Have the processes start while other things are done: it takes them a second."""
        if self._size and self._pool is None:
            self._pool = _pool(self._bench, self._size)
            with suppress(BrokenProcessPool), broken_where_closed():  # found out again where work begins
                for _ in range(self._size):
                    self._pool.submit(ready)

    def stock(
        self, batches: Iterable[Sequence[Good]], layout: Layout, *, here: bool = False
    ) -> Iterator[Stocked]:
        """The rows of every batch, in the order of the batches.

        A picture that kills its process (a decoder that crashes) costs that one product its pictures, with
        a problem that says so; everything else of the batch is stocked.

        Args:
            batches: products to stock; no batch is empty. They are asked for as they are needed.
            layout: the columns of the rows.
            here: do it in this process: for little work that has no pictures it is not worth starting others.
        """
        if not self._size or here:
            worker: Worker | None = None
            for batch in batches:
                worker = worker or Worker(self._bench)
                yield _stocked(batch, worker.encode(task_of(batch, layout)), layout)
            return
        waiting: deque[tuple[Sequence[Good], Future[Encoded]]] = deque()
        coming = iter(batches)
        ahead = deque(islice(coming, self._size + 2))
        hands = min(self._size, len(ahead))
        while ahead or waiting:
            self._pool = self._pool or _pool(self._bench, hands)
            try:  # a process may die at any time: then it is handing out that fails, or the work before
                with broken_where_closed():
                    while ahead and len(waiting) < self._size + 2:
                        task = task_of(ahead[0], layout)
                        waiting.append((ahead[0], self._pool.submit(encode, task)))
                        ahead.popleft()
                        ahead.extend(islice(coming, 1))
                encoded = waiting[0][1].result()
            except BrokenProcessPool:
                self._dismiss()
                log.warning(
                    "a worker process of the build has died (killed, or out of memory); the build goes on "
                    "with new ones. If it happens again, set workers lower"
                )
                self._check_that_workers_start()
                doubtful = [batch for batch, _ in waiting]
                waiting.clear()
                for suspect in doubtful:
                    yield from self._carefully(suspect, layout)
            else:
                batch, _ = waiting.popleft()
                yield _stocked(batch, encoded, layout)

    def _check_that_workers_start(self) -> None:
        """Raise BadSetup if it is not the work that kills the processes."""
        with _hired(self._bench) as pool:
            try:
                pool.submit(ready).result()
            except BrokenProcessPool:
                remedy = (
                    "In a script, put what builds the shop under: if __name__ == '__main__': "
                    "(worker processes read the script, too); or set workers to 0"
                )
                raise BadSetup("the worker processes of the build cannot start", remedy=remedy) from None

    def _carefully(self, batch: Sequence[Good], layout: Layout) -> Iterator[Stocked]:
        """Stock a batch that may kill its process, halving it until the one product is found."""
        with _hired(self._bench) as pool:
            try:
                encoded = pool.submit(encode, task_of(batch, layout)).result()
            except BrokenProcessPool:
                log.warning("a worker process died over a batch of %d products", len(batch))
            else:
                yield _stocked(batch, encoded, layout)
                return
        if len(batch) > 1:
            yield from self._carefully(batch[: len(batch) // 2], layout)
            yield from self._carefully(batch[len(batch) // 2 :], layout)
        else:
            yield _without_pictures(batch[0], layout, self._bench)

    def _dismiss(self) -> None:
        if self._pool is not None:
            _end(self._pool)
            self._pool = None

    def __enter__(self) -> Self:
        self._open.enter_context(VectorCache(self._bench.cache).held_open())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._dismiss()
        self._open.close()


def task_of(batch: Sequence[Good], layout: Layout) -> Task:
    """What a worker has to do for a batch of products."""
    shelved = [(good.product, variant) for good in batch for variant in good.product.variants]
    return Task(
        texts=tuple(text_of(product, variant) for product, variant in shelved),
        pictures=tuple(
            Pictures(
                tuple(_seen(variant.media) for variant in good.product.variants), _seen(good.product.media)
            )
            for good in batch
        ),
        columns=tuple(Wanted(v.column, v.encoder, v.part, v.card) for v in layout.vectors),
    )


def shows(good: Good) -> bool:
    """Whether a product has something that can be looked at."""
    return any(_seen(variant.media) for variant in good.product.variants) or bool(_seen(good.product.media))


def _seen(media: Sequence[Media]) -> tuple[str, ...]:
    """The sources of what can be looked at, each once."""
    return tuple(dict.fromkeys(each.source for each in media if each.kind == "picture"))


def _stocked(batch: Sequence[Good], encoded: Encoded, layout: Layout) -> Stocked:
    """The rows of a batch whose pictures and texts a worker has seen to.

    A product with a picture that could not be fetched loses its hash: the next build tries again.
    """
    lost = {source for source in encoded.failed if is_address(source)}
    vectors = {name: vector_array(rows, there) for name, (rows, there) in encoded.vectors.items()}
    for name, (rows, hashes, counts) in encoded.pictured.items():
        vectors[name] = list_array(vector_array(rows, np.ones(len(rows), np.bool_)), counts)
        vectors[hashes_column(name)] = list_array(pa.array(hashes, pa.string()), counts)
    kept = [replace(good, hash="") if lost and lost & _sources(good.product) else good for good in batch]
    return Stocked(
        products=len(batch),
        rows=table_of(kept, layout, opened=encoded.opened, vectors=vectors),
        pictures=_pictures(encoded.pictures),
        problems=tuple(p for good in batch for p in _picture_problems(good.product, encoded.failed)),
        encoded=encoded.count,
    )


def _pictures(shown: Sequence[Shown]) -> pa.Table:
    """Rows of the pictures table."""
    columns = zip(*shown, strict=True) if shown else ([] for _ in PICTURE_SCHEMA)
    arrays = [pa.array(values, f.type) for values, f in zip(columns, PICTURE_SCHEMA, strict=True)]
    return pa.table(arrays, schema=PICTURE_SCHEMA)


def _sources(product: Product) -> set[str]:
    return {media.source for variant in product.variants for media in product.media_of(variant)}


def _picture_problems(product: Product, failed: Mapping[str, DuomoError]) -> Iterator[Problem]:
    """A problem for each picture of the product that could not be opened, where it is named first."""
    if not failed:
        return
    places = [(media.source, product.origin) for media in product.media]
    places += [(media.source, variant.origin) for variant in product.variants for media in variant.media]
    for source, origin in dict(reversed(places)).items():
        if error := failed.get(source):
            remedy = error.remedy or "Mend the picture; the product is kept without it"
            yield _picture_problem(product, origin, source, f"cannot be used: {error.args[0]}", remedy)


def _without_pictures(good: Good, layout: Layout, bench: Bench) -> Stocked:
    """The rows of a product one of whose pictures kills whoever opens it."""
    product = good.product
    bare = replace(product, media=(), variants=tuple(replace(v, media=()) for v in product.variants))
    batch = [replace(good, product=bare)]
    stocked = _stocked(batch, Worker(bench).encode(task_of(batch, layout)), layout)
    sources = "|".join(sorted(_sources(product)))
    remedy = "Save the pictures anew as JPEG; the product is kept without them"
    what = "crashed the program that opens pictures"
    return replace(stocked, problems=(_picture_problem(product, product.origin, sources, what, remedy),))


def _picture_problem(product: Product, origin: Origin, source: str, problem: str, remedy: str) -> Problem:
    return Problem(
        file=origin.file or product.origin.file,
        line=origin.line or product.origin.line,
        column="image",
        value=source,
        problem=problem,
        remedy=remedy,
        severity="warning",
        product_id=product.id,
    )


@contextmanager
def broken_where_closed() -> Iterator[None]:
    """Turn what a pool raises while it breaks into BrokenProcessPool.

    A pool whose process has died closes its pipes on a thread of its own; who hands it work, or ends it, just
    then writes to a closed one and gets an OSError without a number (CPython 3.11). Any other OSError is one.
    """
    try:
        yield
    except OSError as error:
        if error.errno is not None:
            raise
        raise BrokenProcessPool("the pool broke while it was spoken to") from error


@contextmanager
def _hired(bench: Bench) -> Iterator[ProcessPoolExecutor]:
    """One process, for as long as it is needed."""
    pool = _pool(bench, 1)
    try:
        yield pool
    finally:
        _end(pool)


def _end(pool: ProcessPoolExecutor) -> None:
    try:
        with broken_where_closed():
            pool.shutdown(cancel_futures=True)
    except BrokenProcessPool:  # its pipes are closed by now: the second call only waits
        pool.shutdown(cancel_futures=True)


def _pool(bench: Bench, workers: int) -> ProcessPoolExecutor:
    """Fresh processes ("spawn": the engines below do not survive a fork)."""
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=start, initargs=(bench,))
