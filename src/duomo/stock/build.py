"""From catalogs to a served shop: read, compare, stock in batches, swap."""

import logging
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace
from itertools import chain
from pathlib import Path
from time import perf_counter

import pyarrow as pa

from duomo.encode.models import load_encoder
from duomo.errors import Problem
from duomo.product import is_address
from duomo.progress import Tick, silent
from duomo.search.standing import check_columns
from duomo.search.synonyms import read_synonyms
from duomo.settings import Settings
from duomo.shelf.base import ID
from duomo.shelf.filters import OneOf
from duomo.shelf.health import is_whole
from duomo.shelf.lance import LanceShelf
from duomo.shelf.layout import Attributed, VectorColumn, numbers_of
from duomo.shelf.lock import writing
from duomo.shelf.manifest import PICTURES, VARIANTS, Manifest, Source
from duomo.shelf.rows import Good, good_of, misfits
from duomo.shelf.upkeep import fold
from duomo.stock.carry import carried
from duomo.stock.crew import PICTURE_SCHEMA, Crew, Stocked, in_batches, shows
from duomo.stock.encoders import fill_vectors
from duomo.stock.inferred import read_inferred
from duomo.stock.intake import Delivery, Intake, Taken, receive, remember, rules, unchanged
from duomo.stock.plan import Held, held_of, owners_of, plan
from duomo.stock.report import BuildReport
from duomo.stock.resumed import Unserved
from duomo.stock.swap import begin, drop_unshown, serve, serve_changes, take_back, too_much, vector_columns
from duomo.stock.tend import tidy_pictures
from duomo.stock.words import keep_words
from duomo.stock.work import Bench

log = logging.getLogger(__name__)

WAIT_S = 10.0  # how long a build waits for another writer, a put say
COMMIT_BATCHES = 8  # batches that one commit gathers: every commit has a fixed cost, and makes a fragment


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
        prune: also take products off the shelf that came from these catalogs and are in them no longer;
            not where a row was skipped, because that row may be one of them.
        tick: told about the stages "reading", "stocking" and "serving".

    Raises:
        MissingFile, BadFile: a catalog or the synonyms cannot be read; nothing has been changed then.
        ShopBusy: another process is writing to this shop.
        BadSetup: the worker processes cannot start, or an older Duomo built the shop.
        BadSetting: a boost is on, and the catalogs do not have the column that it needs.
    """
    started = perf_counter()
    few = all(intake.partial for intake in intakes)  # some products of many: the rest is not looked at
    with writing(folder, WAIT_S, long=not few):
        manifest = Manifest.load(folder)
        read_synonyms(folder)  # it is refused here and not when a shopper asks
        towers = [load_encoder(name, home=folder, key=settings.openai_key) for name in manifest.encoders]
        columns = vector_columns(towers)
        known = _known(folder, manifest, intakes, columns, settings)
        if known and not (prune and any(source.vanished for source in known)):
            return _nothing_to_do(known, manifest, perf_counter() - started)

        with Crew(Bench.of(folder, manifest.encoders, settings)) as crew:
            if not manifest.served:
                crew.call()  # a first build will need every hand
            tick("reading", 0)
            variants, pictures = LanceShelf(folder / VARIANTS), LanceShelf(folder / PICTURES)
            if any(intake.amends for intake in intakes):  # over what is served, not over half a build
                take_back(manifest, variants, [intake.name for intake in intakes])
            deliveries = [receive(folder, intake, settings) for intake in intakes]
            taken = Taken(deliveries, read_inferred(folder))
            goes_on = bool(manifest.building)
            manifest = begin(folder, manifest, variants, [intake.name for intake in intakes])
            unserved = Unserved.of(variants, manifest) if goes_on else Unserved()
            newest = variants.snapshot(latest=True)
            held = held_of(newest, among=taken if few else None)
            owners = owners_of(held)
            refused = taken.leave(owners)
            if few:  # what a row changes goes on belonging to the catalog that it came from
                taken.belong({name: each.source for name, each in held.items()})
            counted = Attributed()
            unfit: list[Problem] = []
            whole = [intake.name for intake in intakes if not intake.partial]
            goods = _hashed(taken, counted, unfit, numbers_of(newest.schema), rules(settings))
            todo = plan(unserved.looked_at_again(goods, held), held, owners, whole)
            layout = counted.layout(columns, newest.schema)
            check_columns(layout.schema, settings)
            problems = [*taken.problems, *unfit, *refused, *todo.moved]
            carry, work = carried(todo.work(taken), newest, layout, rules(settings)) if few else ([], None)
            here = work is not None and not any(map(shows, work))  # no picture that could crash this process
            batches = in_batches(todo.work(taken) if work is None else work, settings.batch_rows)
            stocked = chain(carry, crew.stock(batches, layout, here=here))
            shown = None if few else _ids_of(pictures)
            count = todo.added + todo.updated
            encoded, broken = _put(stocked, variants, pictures, owners.keys(), shown, count, tick)
        problems += broken + _still_broken(manifest, held)
        skipped = sum(delivery.catalog.skipped for delivery in deliveries) + len(refused)
        doubtful = skipped > 0 or not taken.products  # a row that was not read may be one that seems gone
        if prune and doubtful and todo.vanished:
            problems.append(_not_pruned(intakes[0], len(todo.vanished)))
        vanished = {name: held[name] for name in todo.vanished}
        removed = vanished if prune and not doubtful else {}
        gone = {*todo.stale, *(row_id for each in removed.values() for row_id in each.ids)}
        gone -= taken.owners.keys()  # moved, not gone
        if gone:
            variants.delete(sorted(gone))
        newer = {c.encoder for c in columns if manifest.served and manifest.cards.get(c.column) != c.card}
        for tower in (tower for tower in towers if tower.name in newer):
            problems += fill_vectors(folder, variants, tower, settings, tick)
        keep_words(folder, deliveries)

        tick("serving", 0)
        left = vanished if not removed else {}
        sources = {
            name: replace(s, files={}) if name in todo.overtaken | unserved.overtaken else s
            for name, s in manifest.sources.items()
        }
        for delivery in (delivery for delivery in deliveries if not delivery.intake.partial):
            name = delivery.intake.name
            sources[name] = remember(
                folder,
                delivery,
                problems,
                settings=settings,
                vanished=sum(each.source == name for each in left.values()),
                settled=name not in taken.behind and not _unreached(delivery, problems),
            )
        manifest = replace(manifest, sources=sources)
        shrinks = bool(removed) or (prune and goes_on)
        if few and manifest.served and not newer and not too_much(manifest, len(taken.owners), len(newest)):
            fold(folder / VARIANTS)
            served = serve_changes(folder, manifest, variants, len(taken.owners))
        else:
            if goes_on and not few:  # while that is still noted
                tidy_pictures(folder, died=True)
            served = serve(folder, manifest, variants, towers, settings, ended=not shrinks)
            dropped = drop_unshown(variants, pictures) if shrinks else 0
            if shrinks:
                replace(served, building=()).save(folder)
            tidy_pictures(folder, gone=dropped)
    return BuildReport(
        rows=sum(delivery.catalog.rows for delivery in deliveries),
        products=taken.products,
        variants=len(taken.owners),
        added=todo.added,
        updated=todo.updated,
        unchanged=todo.unchanged,
        removed=len(removed),
        vanished=len(left),
        kept=sum(delivery.kept for delivery in deliveries),
        encoded=encoded,
        skipped=skipped,
        abroad=served.abroad,
        problems=tuple(problems),
        took_s=perf_counter() - started,
    )


def _known(
    folder: Path,
    manifest: Manifest,
    intakes: Sequence[Intake],
    columns: Sequence[VectorColumn],
    settings: Settings,
) -> list[Source]:
    """The last builds of these catalogs, if nothing they depend on has changed since; else none."""
    sources = [manifest.sources.get(intake.name) for intake in intakes]
    if manifest.building or manifest.cards != {column.column: column.card for column in columns}:
        return []
    if not all(unchanged(folder, i, s, settings) for i, s in zip(intakes, sources, strict=True)):
        return []
    if not (is_whole(folder / VARIANTS, manifest.served) and is_whole(folder / PICTURES)):
        return []  # reading them says what is wrong
    return [source for source in sources if source]


def _nothing_to_do(sources: Sequence[Source], manifest: Manifest, took_s: float) -> BuildReport:
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
        abroad=manifest.abroad,
        problems=tuple(problem for source in sources for problem in source.problems),
        took_s=took_s,
    )


def _hashed(
    taken: Taken, counted: Attributed, unfit: list[Problem], numbers: Mapping[str, str], depends: str
) -> Iterator[Good]:
    """The products with their hashes; on the way attributes are counted, and values found that do not fit."""
    for product, source in taken:
        counted.count(product)
        unfit.extend(misfits(product, numbers))
        yield good_of(product, source, depends)


def _ids_of(pictures: LanceShelf, among: Sequence[str] | None = None) -> set[str]:
    """The pictures that are on the shelf, of all or of some."""
    known = pictures.snapshot(latest=True)
    if not len(known):
        return set()
    rows = known.search(filter=None if among is None else OneOf(ID, tuple(among))).rows
    return set(known.take(rows, [ID])[ID].to_pylist())


def _put(
    batches: Iterator[Stocked],
    variants: LanceShelf,
    pictures: LanceShelf,
    there: Set[str],
    held: set[str] | None,
    total: int,
    tick: Tick,
) -> tuple[int, list[Problem]]:
    """Put batches on the shelf, several a commit; return how much was encoded, and what was wrong.

    `there`: the rows that were there before. `held`: the pictures that are there, added to; None: they are
    looked up as they are needed.
    """
    if not pictures.snapshot(latest=True).schema.names:  # a table that is not there counts as deleted
        pictures.upsert(PICTURE_SCHEMA.empty_table())
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
            _commit(waiting, variants, pictures, there, held)
            waiting.clear()
        tick("stocking", done, total)
    log.info("stocked %d products, encoded %d texts and pictures", done, encoded)
    return encoded, problems


def _commit(
    batches: Sequence[Stocked],
    variants: LanceShelf,
    pictures: LanceShelf,
    there: Set[str],
    held: set[str] | None,
) -> None:
    """Put some batches on the shelf; pictures first, so that no row names a picture that is not there."""
    shown = pa.concat_tables([stocked.pictures for stocked in batches])
    names = shown[ID].to_pylist()
    known = held if held is not None else _ids_of(pictures, names) if names else set()
    fresh = shown.filter(pa.array([name not in known for name in names], pa.bool_()))
    if len(fresh):
        pictures.upsert(fresh, new=True)
        known.update(fresh[ID].to_pylist())
    rows = pa.concat_tables([stocked.rows for stocked in batches])
    variants.upsert(rows, new=there.isdisjoint(rows[ID].to_pylist()))


def _still_broken(manifest: Manifest, held: Mapping[str, Held]) -> list[Problem]:
    """What earlier builds found wrong with the pictures of products that this one did not touch."""
    return [
        problem
        for source in manifest.sources.values()
        for problem in source.problems
        if problem.column == "image" and (each := held.get(problem.product_id)) and each.same
    ]


def _unreached(delivery: Delivery, problems: Sequence[Problem]) -> bool:
    """Whether a picture of the catalog could not be fetched: it may be there the next time."""
    files = {str(path) for path in delivery.catalog.files}
    return any(p.column == "image" and is_address(p.value) and p.file in files for p in problems)


def _not_pruned(intake: Intake, count: int) -> Problem:
    return Problem(
        file=str(intake.path),
        problem=f"{count} products seem to have vanished, but not every row could be read",
        remedy="Nothing was pruned; mend the file and build again with --prune",
        severity="warning",
    )
