"""The worker processes of a build, and what happens when one of them dies."""

import logging
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from multiprocessing import get_context
from os import cpu_count
from types import TracebackType
from typing import Self, TypeVar

from duomo.errors import Problem
from duomo.shelf.layout import Layout
from duomo.shelf.rows import Good
from duomo.stock.work import Bench, Stocked, Worker

log = logging.getLogger(__name__)

Thing = TypeVar("Thing", Good, str)


def in_batches(things: Sequence[Thing], size: int) -> list[Sequence[Thing]]:
    """The things in their order, `size` at a time; products count as many rows as they have variants.

    >>> in_batches(["a", "b", "c"], 2)
    [['a', 'b'], ['c']]
    """
    batches: list[Sequence[Thing]] = []
    start, rows = 0, 0
    for end, thing in enumerate(things, start=1):
        rows += len(thing.product.variants) if isinstance(thing, Good) else 1
        if rows >= size or end == len(things):
            batches.append(things[start:end])
            start, rows = end, 0
    return batches


class Crew:
    """Worker processes for one build; none are there before they are called or needed."""

    def __init__(self, bench: Bench) -> None:
        """The settings of the bench say how many there are; 0: the work is done in this process."""
        self._bench = bench
        wanted = bench.settings.workers
        self._size = (cpu_count() or 1) if wanted < 0 else wanted
        self._pool: ProcessPoolExecutor | None = None

    def call(self) -> None:
        """Have the processes start while other things are done: it takes them a second."""
        if self._size and self._pool is None:
            self._pool = _pool(self._bench, self._size)
            for _ in range(self._size):
                self._pool.submit(_ready)

    def stock(self, batches: Sequence[Sequence[Good]], layout: Layout) -> Iterator[Stocked]:
        """The rows of every batch, in the order of the batches.

        A picture that kills its process (a decoder that crashes) costs that one product its pictures, with
        a problem that says so; everything else of the batch is stocked.

        Args:
            batches: products to stock; no batch is empty.
            layout: the columns of the rows.
        """
        if not batches:
            return
        if not self._size:
            worker = Worker(self._bench)
            yield from (worker.stock(batch, layout) for batch in batches)
            return
        waiting: deque[tuple[Sequence[Good], Future[Stocked]]] = deque()
        ahead = iter(batches)
        while True:
            self._pool = self._pool or _pool(self._bench, min(self._size, len(batches)))
            while len(waiting) < self._size + 2 and (batch := next(ahead, None)) is not None:
                waiting.append((batch, self._pool.submit(_stock, batch, layout)))
            if not waiting:
                return
            batch, future = waiting.popleft()
            try:
                yield future.result()
            except BrokenProcessPool:
                self._dismiss()
                doubtful = [batch, *(other for other, _ in waiting)]
                waiting.clear()
                for suspect in doubtful:
                    yield from self._carefully(suspect, layout)

    def _carefully(self, batch: Sequence[Good], layout: Layout) -> Iterator[Stocked]:
        """Stock a batch that may kill its process, halving it until the one product is found."""
        with _pool(self._bench, 1) as pool:
            try:
                yield pool.submit(_stock, batch, layout).result()
                return
            except BrokenProcessPool:
                log.warning("a worker process died over a batch of %d products", len(batch))
        if len(batch) > 1:
            yield from self._carefully(batch[: len(batch) // 2], layout)
            yield from self._carefully(batch[len(batch) // 2 :], layout)
        else:
            yield _without_pictures(batch[0], layout, self._bench)

    def _dismiss(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._dismiss()


def _without_pictures(good: Good, layout: Layout, bench: Bench) -> Stocked:
    """The rows of a product one of whose pictures kills whoever opens it."""
    product = good.product
    bare = replace(product, media=(), variants=tuple(replace(v, media=()) for v in product.variants))
    stocked = Worker(bench).stock([replace(good, product=bare)], layout)
    stocked.problems.append(
        Problem(
            file=product.origin.file,
            line=product.origin.line,
            column="image",
            value="|".join(m.source for v in product.variants for m in product.media_of(v)),
            problem="crashed the program that opens pictures",
            remedy="Save the pictures anew as JPEG; the product is kept without them",
            severity="warning",
            product_id=product.id,
        )
    )
    return stocked


_worker: Worker | None = None  # in a worker process: the one that _start made


def _start(bench: Bench) -> None:
    global _worker
    _worker = Worker(bench)


def _ready() -> None:
    """Nothing to do but be there."""


def _stock(batch: Sequence[Good], layout: Layout) -> Stocked:
    if _worker is None:
        raise RuntimeError("a worker process was not started with _start")
    return _worker.stock(batch, layout)


def _pool(bench: Bench, workers: int) -> ProcessPoolExecutor:
    """Fresh processes ("spawn": the engines below do not survive a fork)."""
    return ProcessPoolExecutor(
        workers, mp_context=get_context("spawn"), initializer=_start, initargs=(bench,)
    )
