"""From catalogs to a served shop: read, compare, stock in batches, swap."""

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

import pyarrow as pa

from duomo.catalog.read import Catalog, read_catalog
from duomo.encode.models import load_encoder
from duomo.errors import Problem
from duomo.files import hash_bytes, write_atomic
from duomo.product import Product
from duomo.progress import Tick, silent
from duomo.settings import Settings
from duomo.shelf.base import ID
from duomo.shelf.lance import LanceShelf
from duomo.shelf.layout import VectorColumn, layout_of
from duomo.shelf.lock import writing
from duomo.shelf.manifest import PICTURES, VARIANTS, Manifest, Source, hash_files, picture_list, stamp_files
from duomo.shelf.rows import good_of, misfits
from duomo.stock.crew import Crew, Stocked, in_batches
from duomo.stock.encoders import fill_vectors
from duomo.stock.plan import held_of, plan
from duomo.stock.report import BuildReport
from duomo.stock.swap import serve, vector_columns
from duomo.stock.words import keep_words
from duomo.stock.work import Bench

log = logging.getLogger(__name__)

COMMIT_BATCHES = 8  # batches that one commit gathers: a commit costs about as much as encoding 500 rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """How a catalog is to be read."""

    path: Path
    format: str = "auto"
    mapping: Mapping[str, str]
    images: Path | None = None
    partial: bool = False  # some products of many: none vanishes by not being named, and it is not remembered

    @property
    def name(self) -> str:
        """The absolute path: what the shop calls this catalog."""
        return str(self.path.resolve())

    @property
    def options(self) -> str:
        """A hash of everything but the path."""
        return hash_bytes(repr((self.format, sorted(self.mapping.items()), str(self.images))).encode())


def build(
    folder: Path, intakes: Sequence[Intake], *, settings: Settings, prune: bool = False, tick: Tick = silent
) -> BuildReport:
    """Put catalogs on a shop's shelf; readers see the shop as it was until all of it is there.

    A build that was interrupted goes on where it was: products that are on the shelf as the catalog
    describes them are not touched. A catalog whose files and pictures are as they were is not even read.

    Args:
        folder: of a shop; it has a manifest.
        intakes: the catalogs; a product that two of them name is taken from the first.
        settings: workers, limits, batch size.
        prune: also take products off the shelf that came from these catalogs and are in them no longer.
        tick: told about the stages "reading", "stocking" and "serving".

    Raises:
        MissingFile, BadFile: a catalog cannot be read at all; nothing has been changed then.
        ShopBusy: another process is writing to this shop.
    """
    started = perf_counter()
    with writing(folder):
        manifest = Manifest.load(folder)
        towers = [load_encoder(name) for name in manifest.encoders]
        columns = vector_columns(towers)
        known = _unchanged(folder, manifest, intakes, columns)
        if known and not (prune and any(source.vanished for source in known)):
            return _nothing_to_do(known, perf_counter() - started)

        with Crew(Bench.of(folder, manifest.encoders, settings)) as crew:
            if not manifest.served:
                crew.call()  # a first build will need every hand
            tick("reading", 0)
            catalogs = {intake.name: _read(intake, settings) for intake in intakes}
            whole = [intake.name for intake in intakes if not intake.partial]
            goods, problems = _once({name if name in whole else "": catalogs[name] for name in catalogs})
            variants = LanceShelf(folder / VARIANTS)
            newest = variants.snapshot(latest=True)
            layout = layout_of([product for product, _ in goods], columns, newest.schema)
            problems += misfits([product for product, _ in goods], layout)
            depends = hash_bytes(repr(layout.attributes).encode())
            held = held_of(newest)
            todo = plan((good_of(product, source, depends) for product, source in goods), held, whole)
            stocked = crew.stock(in_batches(todo.work, settings.batch_rows), layout)
            pictures = LanceShelf(folder / PICTURES)
            encoded, broken = _put(stocked, variants, pictures, len(todo.work), tick)
        problems += broken + _still_broken(manifest, {good.product.id for good in todo.unchanged})
        gone = [row_id for name in todo.vanished for row_id in held[name].ids] if prune else []
        if todo.stale or gone:
            variants.delete([*todo.stale, *gone])
        newer = {c.encoder for c in columns if manifest.cards.get(c.column, c.card) != c.card}
        for tower in (tower for tower in towers if tower.name in newer):
            fill_vectors(folder, variants, tower, settings, tick)
        keep_words(folder, catalogs.values())

        tick("serving", 0)
        left = {name: sum(held[v].source == name and not prune for v in todo.vanished) for name in whole}
        sources = {}
        for intake in (intake for intake in intakes if not intake.partial):
            catalog, name = catalogs[intake.name], intake.name
            seen = _local_pictures(catalog)
            write_atomic(picture_list(folder, name), "\n".join(seen))
            sources[name] = _source(intake, catalog, stamp_files(seen), problems, left[name])
        serve(folder, replace(manifest, sources={**manifest.sources, **sources}), variants, towers, settings)
    return BuildReport(
        rows=sum(catalog.rows for catalog in catalogs.values()),
        products=len(goods),
        variants=sum(len(product.variants) for product, _ in goods),
        added=len(todo.added),
        updated=len(todo.updated),
        unchanged=len(todo.unchanged),
        removed=len(todo.vanished) if prune else 0,
        vanished=sum(left.values()),
        encoded=encoded,
        skipped=sum(catalog.skipped for catalog in catalogs.values()),
        problems=tuple(problems),
        took_s=perf_counter() - started,
    )


def _unchanged(
    folder: Path, manifest: Manifest, intakes: Sequence[Intake], columns: Sequence[VectorColumn]
) -> list[Source]:
    """The last builds of these catalogs, if nothing they depend on has changed since; else none."""
    known = []
    for intake in intakes:
        source, listed = manifest.sources.get(intake.name), picture_list(folder, intake.name)
        if source is None or source.options != intake.options or not listed.is_file():
            return []
        if hash_files([Path(path) for path in source.files]) != source.files:
            return []
        if stamp_files(listed.read_text("utf-8").splitlines()) != source.pictures:
            return []
        known.append(source)
    return known if {column.column: column.card for column in columns} == manifest.cards else []


def _nothing_to_do(sources: Sequence[Source], took_s: float) -> BuildReport:
    products = sum(source.products for source in sources)
    return BuildReport(
        rows=sum(source.rows for source in sources),
        products=products,
        variants=sum(source.variants for source in sources),
        added=0,
        updated=0,
        unchanged=products,
        removed=0,
        vanished=sum(source.vanished for source in sources),
        encoded=0,
        skipped=sum(source.skipped for source in sources),
        problems=tuple(problem for source in sources for problem in source.problems),
        took_s=took_s,
    )


def _read(intake: Intake, settings: Settings) -> Catalog:
    return read_catalog(
        intake.path,
        format=intake.format,
        mapping=intake.mapping,
        images=intake.images,
        limit_mb=settings.file_mb,
    )


def _once(catalogs: Mapping[str, Catalog]) -> tuple[list[tuple[Product, str]], list[Problem]]:
    """Every product with its catalog, each product id and each variant id once; the first one stands."""
    goods: list[tuple[Product, str]] = []
    problems: list[Problem] = []
    products: dict[str, str] = {}
    variants: dict[str, str] = {}
    for name, catalog in catalogs.items():
        problems += catalog.problems
        for product in catalog.products:
            if product.id in products:
                problems.append(
                    _twice(product, "id", product.id, f"is a product of {products[product.id]} too")
                )
                continue
            products[product.id] = name
            own = tuple(v for v in product.variants if variants.setdefault(v.id, product.id) == product.id)
            problems += [
                _twice(product, "sku", v.id, f"is a variant of product '{variants[v.id]}' too")
                for v in product.variants
                if variants[v.id] != product.id
            ]
            if own:
                goods.append(
                    (replace(product, variants=own) if len(own) < len(product.variants) else product, name)
                )
    return goods, problems


def _twice(product: Product, column: str, value: str, problem: str) -> Problem:
    return Problem(
        file=product.origin.file,
        line=product.origin.line,
        column=column,
        value=value,
        problem=f"{problem}; the first one stands",
        remedy="Give each product and each variant an id of its own",
        product_id=product.id,
    )


def _put(
    batches: Iterator[Stocked], variants: LanceShelf, pictures: LanceShelf, total: int, tick: Tick
) -> tuple[int, list[Problem]]:
    """Put batches on the shelf, several a commit; return how much was encoded, and what was wrong."""
    known = pictures.snapshot(latest=True)
    held = set(known.take(known.search().rows, [ID])[ID].to_pylist()) if len(known) else set()
    waiting: list[Stocked] = []
    problems: list[Problem] = []
    done, encoded = 0, 0
    tick("stocking", done, total)
    for stocked in batches:
        waiting.append(stocked)
        done += stocked.products
        encoded += stocked.encoded
        problems += stocked.problems
        if len(waiting) >= COMMIT_BATCHES or done == total:
            _commit(waiting, variants, pictures, held)
            waiting.clear()
        tick("stocking", done, total)
    log.info("stocked %d products, encoded %d texts and pictures", done, encoded)
    return encoded, problems


def _commit(batches: Sequence[Stocked], variants: LanceShelf, pictures: LanceShelf, held: set[str]) -> None:
    """Put some batches on the shelf; pictures first, so that no row names a picture that is not there."""
    shown = pa.concat_tables([stocked.pictures for stocked in batches])
    fresh = shown.filter(pa.array([name not in held for name in shown[ID].to_pylist()], pa.bool_()))
    if len(fresh):
        pictures.upsert(fresh)
        held.update(fresh[ID].to_pylist())
    variants.upsert(pa.concat_tables([stocked.rows for stocked in batches]))


def _still_broken(manifest: Manifest, unchanged: Collection[str]) -> list[Problem]:
    """What earlier builds found wrong with the pictures of products that this one did not touch."""
    return [
        problem
        for source in manifest.sources.values()
        for problem in source.problems
        if problem.column == "image" and problem.product_id in unchanged
    ]


def _local_pictures(catalog: Catalog) -> list[str]:
    sources = (m.source for p in catalog.products for v in p.variants for m in p.media_of(v))
    return [s for s in dict.fromkeys(sources) if not s.startswith(("http://", "https://"))]


def _source(
    intake: Intake, catalog: Catalog, stamp: str, problems: Sequence[Problem], vanished: int
) -> Source:
    files = {str(path) for path in catalog.files}
    return Source(
        options=intake.options,
        files=hash_files([path.resolve() for path in catalog.files]),
        pictures=stamp,
        rows=catalog.rows,
        products=len(catalog.products),
        variants=sum(len(product.variants) for product in catalog.products),
        skipped=catalog.skipped,
        vanished=vanished,
        problems=tuple(problem for problem in problems if problem.file in files),
        built=datetime.now(UTC).isoformat(timespec="seconds"),
    )
