"""The goods that are looked at, before they are built or on the shelf, and the way to their pictures."""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from os import cpu_count
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from duomo.errors import DuomoError, MissingFile
from duomo.guard.pictures import picture_bytes
from duomo.product import Media, Origin, Product, Variant, is_address
from duomo.progress import Tick, silent

if TYPE_CHECKING:
    from duomo.catalog.health.sights import Sight
    from duomo.catalog.read import Catalog

HELD: Final = 100_000  # products that are held in memory, at 1 to 3 kB each; beyond, they are read again
_AHEAD: Final = 8  # pictures for each thread that are opened before they are asked for

Body = Callable[[Media], bytes]  # the file of a picture; raises MissingFile, BadPicture
Made = TypeVar("Made")


class Placed(NamedTuple):
    """A picture, and where it is named first."""

    product: Product
    origin: Origin
    media: Media
    main: bool  # whether it is the first picture of its product or of a variant


class Goods:
    """Products, and their pictures as they are asked for; nothing is opened before a check wants it."""

    def __init__(
        self,
        products: Sequence[Product],
        *,
        body: Body | None,
        file: str = "",
        key: Callable[[Media], str] = lambda media: media.source,
        opens: Callable[[Media], bool] = lambda media: True,
        workers: int = -1,
        megapixels: float = 100.0,
        tick: Tick = silent,
    ) -> None:
        """Use `Goods.of` for a catalog.

        Args:
            products: all of them.
            body: reads a picture; None: no picture is opened.
            file: where findings about all goods stand.
            key: what tells pictures apart.
            opens: whether a picture can be opened now.
            workers: threads that open pictures; -1: one a core; 0: none of their own.
            megapixels: the largest picture that is opened, in millions of pixels.
            tick: told how far the pictures are.
        """
        # Large catalogs lie on disk, and every check looks at all of them.
        self.products: Sequence[Product] = tuple(products) if len(products) <= HELD else products
        self.file = file
        self.body = body
        self._key, self._opens = key, opens
        self.megapixels = megapixels
        self._tick = tick
        self._workers = (cpu_count() or 1) if workers < 0 else workers

    @classmethod
    def of(
        cls,
        catalog: "Catalog",
        *,
        quick: bool = False,
        workers: int = -1,
        picture_mb: float = 30.0,
        megapixels: float = 100.0,
        tick: Tick = silent,
    ) -> "Goods":
        """The goods of a catalog that was read; `quick` leaves the pictures out."""

        def body(media: Media) -> bytes:
            return picture_bytes(Path(media.source), picture_mb=picture_mb)

        return cls(
            catalog.products,
            body=None if quick else body,
            file=str(catalog.files[0]) if catalog.files else "",
            opens=lambda media: not is_address(media.source),
            workers=workers,
            megapixels=megapixels,
            tick=tick,
        )

    @property
    def variants(self) -> Iterator[tuple[Product, Variant]]:
        """Every variant, with its product."""
        return ((product, variant) for product in self.products for variant in product.variants)

    @cached_property
    def placed(self) -> Mapping[str, tuple[Placed, ...]]:
        """Every picture, by what tells it apart, with all the places that name it."""
        places: defaultdict[str, list[Placed]] = defaultdict(list)
        for product in self.products:
            for origin, several in (
                (product.origin, product.media),
                *((variant.origin, variant.media) for variant in product.variants),
            ):
                for number, media in enumerate(m for m in several if m.kind == "picture"):
                    places[self._key(media)].append(Placed(product, origin, media, number == 0))
        return {key: tuple(each) for key, each in places.items()}

    @cached_property
    def sights(self) -> "Mapping[str, Sight | DuomoError]":
        """What is seen in every picture that can be opened, or why it cannot be, by what tells it apart.

        Some 2.5 kB a picture is kept. Empty where no picture is opened.
        """
        if self.body is None:
            return {}
        from duomo.catalog.health.sights import sight_of

        def see(media: Media) -> "Sight":
            return sight_of(self.read(media), megapixels=self.megapixels)

        fronts = {key: places[0].media for key, places in self.placed.items()}
        return dict(self.each({key: media for key, media in fronts.items() if self._opens(media)}, see))

    def read(self, media: Media) -> bytes:
        """The file of a picture.

        Raises:
            MissingFile, BadPicture: it is not there, or cannot be read.
        """
        if self.body is None:
            raise MissingFile(f"{media.source}: pictures are left out", remedy="Check without --quick")
        return self.body(media)

    def each(
        self, wanted: Mapping[str, Media], make: Callable[[Media], Made]
    ) -> Iterator[tuple[str, Made | DuomoError]]:
        """What a function makes of each picture, in order, several at once; only a few are held at a time.

        Args:
            wanted: name -> picture.
            make: called on several threads; what it raises of Duomo's errors comes in the place of a result.
        """

        def tried(media: Media) -> Made | DuomoError:
            try:
                return make(media)
            except DuomoError as error:
                return error

        total = len(wanted)
        if not self._workers or total < _AHEAD:
            results: Iterable[tuple[str, Made | DuomoError]] = (
                (name, tried(media)) for name, media in wanted.items()
            )
        else:
            results = self._several(wanted, tried)
        for done, result in enumerate(results, start=1):
            self._tick("pictures", done, total)
            yield result

    def _several(
        self, wanted: Mapping[str, Media], tried: Callable[[Media], Made | DuomoError]
    ) -> Iterator[tuple[str, Made | DuomoError]]:
        with ThreadPoolExecutor(self._workers) as pool:
            waiting: deque[tuple[str, Future[Made | DuomoError]]] = deque()
            for name, media in wanted.items():
                waiting.append((name, pool.submit(tried, media)))
                if len(waiting) >= _AHEAD * self._workers:
                    first, future = waiting.popleft()
                    yield first, future.result()
            for first, future in waiting:
                yield first, future.result()
