"""Catalogs on their way in: read once, stamped before they are read, each product from one of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from duomo.catalog.archives import archive_of, read_source
from duomo.catalog.read import Catalog
from duomo.errors import BadFile, Problem
from duomo.files import drop_halves, hash_bytes, write_atomic
from duomo.guard.archives import Limits
from duomo.guard.fetch import shown_url
from duomo.product import Product, is_address
from duomo.settings import Settings
from duomo.shelf.manifest import Source, hash_files, picture_list, stamp_files
from duomo.stock.amend import amended
from duomo.stock.cleared import cleared_in
from duomo.stock.inferred import Inferred, with_inferred

_NOTHING_READ: Final[Mapping[str, Inferred]] = {}
UNPACKED: Final = "unpacked"  # the folder of a shop that keeps what archives hold


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """How a catalog is to be read."""

    path: Path = Path()
    format: str = "auto"
    mapping: Mapping[str, str]
    images: Path | None = None
    currency: str = ""  # of prices that come without one, where the settings name none
    partial: bool = False  # some products of many: none vanishes by not being named, and it is not remembered
    amends: Path | None = None  # the shop whose products and variants stay where the rows leave them out
    trusted: bool = True  # False: its pictures must be addresses, not files of this machine
    address: str = ""  # where the file at the path came from; "": it is the merchant's own
    least: int = 0  # products; fewer are refused

    @property
    def name(self) -> str:
        """What the shop calls this catalog: its address or absolute path; partial ones have no name."""
        return "" if self.partial else self.address or str(self.path.resolve())

    def options(self, settings: Settings) -> str:
        """A hash of everything but the path that decides what is taken in."""
        asked = (self.format, sorted(self.mapping.items()), str(self.images), rules(settings))
        told = (currency,) if (currency := self.currency_of(settings)) else ()
        return hash_bytes(repr((*asked, Limits.of(settings), *told)).encode())

    def currency_of(self, settings: Settings) -> str:
        """The currency of prices that come without one; "": they have none."""
        return settings.currency or self.currency


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A catalog that was read, with the stamps its files and pictures had before."""

    intake: Intake
    catalog: Catalog
    files: Mapping[str, str]  # path -> content hash
    pictures: tuple[str, ...]  # local ones
    stamp: str  # of the pictures
    kept: int = 0  # variants that an amending catalog does not name and that stayed


def rules(settings: Settings) -> str:
    """The settings that decide whether, how and how many pictures are taken in, in words."""
    limits = (settings.picture_mb, settings.picture_megapixels, settings.picture_side, settings.fetch_private)
    return repr((*limits, settings.pictures_each))


def receive(folder: Path, intake: Intake, settings: Settings) -> Delivery:
    """Read a catalog.

    Whatever is changed while a build goes on must look changed to the next one: so the files are hashed
    before they are read, and the pictures stamped before any is opened.

    Args:
        folder: of the shop; it keeps what archives hold.
        intake: the catalog.
        settings: limits.

    Raises:
        MissingFile, BadFile: it cannot be read at all.
    """
    packed = archive_of(intake.path)
    main = packed[0] if packed else intake.path
    beside = [path for path in main.iterdir() if path.is_file()] if main.is_dir() else [main]
    before = hash_files([path.resolve() for path in beside])
    catalog = read_source(
        intake.path,
        unpack_to=folder / UNPACKED,
        limits=Limits.of(settings),
        format=intake.format,
        mapping=intake.mapping,
        images=intake.images,
        address=shown_url(intake.address),
        currency=intake.currency_of(settings),
    )
    if len(catalog.products) < intake.least and not catalog.skipped:  # else nothing is pruned anyway
        raise _shrunk(intake, len(catalog.products))
    if not intake.trusted:
        catalog = _only_addresses(catalog)
    kept = 0
    if intake.amends:
        cleared = cleared_in(main, intake.mapping) if catalog.format == "own" else {}
        catalog, kept = amended(catalog, intake.amends, cleared)
    alone = packed or intake.address  # what it holds, or came from, is no file of the merchant's
    files = [str(Path(path).resolve()) for path in ([main] if alone else catalog.files)]
    sources = (m.source for p in catalog.products for v in p.variants for m in p.media_of(v))
    pictures = tuple(source for source in dict.fromkeys(sources) if not is_address(source))
    return Delivery(
        intake=intake,
        catalog=catalog,
        files={path: before.get(path, "") for path in files},
        pictures=pictures,
        stamp=stamp_files(pictures),
        kept=kept,
    )


def _shrunk(intake: Intake, count: int) -> BadFile:
    name, what = (shown_url(intake.address), "feed") if intake.address else (str(intake.path), "file")
    problem = (
        f"{name}: the {what} has {count:,} products now, fewer than half of those that "
        f"the shop has from it; nothing was pruned, and nothing changed"
    )
    return BadFile(problem, remedy=f"Look at the {what}; if it is right, build with --prune-anyway")


def unchanged(folder: Path, intake: Intake, source: Source | None, settings: Settings) -> bool:
    """Whether a catalog's files, options and pictures are as they were when it was built last."""
    listed = picture_list(folder, intake.name)
    if source is None or intake.partial or source.options != intake.options(settings) or not listed.is_file():
        return False
    if not source.files or hash_files([Path(path) for path in source.files]) != source.files:
        return False
    return stamp_files(listed.read_text("utf-8").splitlines()) == source.pictures


def remember(
    folder: Path,
    delivery: Delivery,
    problems: Sequence[Problem],
    *,
    settings: Settings,
    vanished: int,
    settled: bool,
) -> Source:
    """What the manifest keeps of a delivery; its list of pictures is written beside.

    Args:
        folder: of the shop.
        delivery: a catalog that is not partial.
        problems: of the whole build.
        settings: that it was built with.
        vanished: products the catalog no longer names that are still on the shelf.
        settled: False: the next build must look at it again, though nothing of it may have changed.
    """
    catalog = delivery.catalog
    listed = picture_list(folder, delivery.intake.name)
    drop_halves(listed.parent)
    write_atomic(listed, "\n".join(delivery.pictures))
    files = {str(path) for path in catalog.files}
    return Source(
        options=delivery.intake.options(settings),
        files=delivery.files if settled else {},
        pictures=delivery.stamp,
        rows=catalog.rows,
        products=len(catalog.products),
        variants=sum(len(product.variants) for product in catalog.products),
        skipped=catalog.skipped,
        vanished=vanished,
        problems=tuple(problem for problem in problems if problem.file in files),
        built=datetime.now(UTC).isoformat(timespec="seconds"),
        asked={
            "format": delivery.intake.format,
            "mapping": dict(delivery.intake.mapping),
            "images": str(delivery.intake.images or ""),
            "currency": delivery.intake.currency_of(settings),
        },
    )


class Taken:
    """The products of some deliveries with the names of their catalogs, each product and variant once.

    The products themselves stay where the deliveries have them; every pass over them gives the same.
    """

    def __init__(
        self, deliveries: Sequence[Delivery], inferred: Mapping[str, Inferred] = _NOTHING_READ
    ) -> None:
        """Take the first product of each id, and of the variants that several name the first one.

        Args:
            deliveries: the catalogs.
            inferred: product -> what was read of it before, and is put on it where it still holds.
        """
        self._deliveries = deliveries
        self._inferred = inferred
        self._owned: Mapping[str, str] = {}  # product -> catalog, of those that come without one
        self._left: dict[int, tuple[str, ...]] = {}  # place -> variants that stay, where not all of them do
        self.owners: dict[str, str] = {}  # variant -> the product that it is taken from
        self.products = 0
        self.problems: list[Problem] = []
        self.behind: set[str] = set()  # catalogs that gave way to an earlier one
        met: set[str] = set()
        place = -1
        for delivery in deliveries:
            name = delivery.intake.name
            self.problems += delivery.catalog.problems
            for product in delivery.catalog.products:
                place += 1
                if product.id in met:
                    problem = "is another product too; the first one stands"
                    self.problems.append(twice(product, "id", product.id, problem))
                    self.behind.add(name)
                    self._left[place] = ()
                    continue
                met.add(product.id)
                self._take(place, product, name)

    def _take(self, place: int, product: Product, name: str) -> None:
        own = []
        for variant in product.variants:
            other = self.owners.setdefault(variant.id, product.id)
            if other == product.id:
                own.append(variant.id)
            else:
                problem = f"is a variant of product '{other}' too; the first one stands"
                self.problems.append(twice(product, "sku", variant.id, problem))
                self.behind.add(name)
        if len(own) < len(product.variants):
            self._left[place] = tuple(own)
        self.products += bool(own)

    def __iter__(self) -> Iterator[tuple[Product, str]]:
        return ((with_inferred(product, self._inferred), name) for _, product, name in self._every())

    def _every(self) -> Iterator[tuple[int, Product, str]]:
        place = -1
        for delivery in self._deliveries:
            for product in delivery.catalog.products:
                place += 1
                name = delivery.intake.name or self._owned.get(product.id, "")
                if (left := self._left.get(place)) is None:
                    yield place, product, name
                elif left:
                    own = tuple(variant for variant in product.variants if variant.id in left)
                    yield place, replace(product, variants=own), name

    def belong(self, sources: Mapping[str, str]) -> None:
        """Have what partial deliveries name go on belonging to the catalogs that it came from.

        Args:
            sources: product -> name of its catalog, of all that the shop holds.
        """
        self._owned = sources

    def leave(self, owners: Mapping[str, str]) -> list[Problem]:
        """Leave out what partial deliveries name that belongs to products which they do not; each is told.

        Args:
            owners: variant -> its product, of all that the shop holds.
        """
        problems: list[Problem] = []
        if not owners or not any(delivery.intake.partial for delivery in self._deliveries):
            return problems
        named = {product.id for product, _ in self}
        for place, product, source in self._every():
            theirs = {v.id: owners.get(v.id, product.id) for v in product.variants if not source}
            theirs = {v: o for v, o in theirs.items() if o != product.id and o not in named}
            for variant_id, owner in theirs.items():
                del self.owners[variant_id]
                problem = f"is a variant of product '{owner}', which is not named; it was left out"
                told = twice(product, "sku", variant_id, problem)
                remedy = f"Send '{owner}' as its 'product_id'; to move it, name both products"
                problems.append(replace(told, severity="error", remedy=remedy))
            if theirs:
                self._left[place] = tuple(v.id for v in product.variants if v.id not in theirs)
                self.products -= not self._left[place]
        return problems


def twice(product: Product, column: str, value: str, problem: str) -> Problem:
    """A problem of an id that does not belong to one product alone."""
    return Problem(
        file=product.origin.file,
        line=product.origin.line,
        column=column,
        value=value,
        problem=problem,
        remedy="Give each product and each variant an id of its own",
        severity="warning",
        product_id=product.id,
    )


def _only_addresses(catalog: Catalog) -> Catalog:
    """The catalog without pictures that are files of this machine; each is told."""
    problems = list(catalog.problems)
    products = []
    for product in catalog.products:
        local = {
            m.source: None for v in product.variants for m in product.media_of(v) if not is_address(m.source)
        }
        problems += [
            Problem(
                file=product.origin.file,
                line=product.origin.line,
                column="image",
                value=source,
                problem="is not an http or https address",
                remedy="Name an address that this machine can reach",
                severity="warning",
                product_id=product.id,
            )
            for source in local
        ]
        variants = tuple(
            replace(v, media=tuple(m for m in v.media if m.source not in local)) for v in product.variants
        )
        media = tuple(m for m in product.media if m.source not in local)
        products.append(replace(product, variants=variants, media=media))
    return replace(catalog, products=tuple(products), problems=tuple(problems))
