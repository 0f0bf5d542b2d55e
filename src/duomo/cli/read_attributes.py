"""duomo read attributes: colors, materials, sizes and the like; what the facets of a shop lack is filled."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from duomo.catalog.texts import TextRow
from duomo.cli.goods import Map, check_output, goods_of
from duomo.cli.main import AsJson, settings_for, speaking
from duomo.cli.reading import Answer, Column, Out, answer_texts, lines_to, read
from duomo.cli.show import counted, notes, progress, show_json, show_problems
from duomo.errors import BadQuery, Problem

if TYPE_CHECKING:
    from duomo.product import Product
    from duomo.progress import Tick
    from duomo.settings import Settings
    from duomo.stock.inferred import Inferred
    from duomo.understand.attributes import AttributeReader, Attributes
    from duomo.understand.classify_goods import Opener
    from duomo.understand.facets import Facet

_AT_ONCE: Final = 64  # goods that are read together
_SURE: Final = 0.6  # as `duomo.understand.attributes.SURE`, which takes a while to import


@read.command("attributes")
def attributes_command(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE",
            help="A product file, a folder of pictures, or with --column a table of texts.",
        ),
    ] = None,
    column: Column = "",
    shop: Annotated[
        Path | None,
        typer.Option("--shop", metavar="DIR", help="A shop: what its facets lack, its brands, its heads."),
    ] = None,
    facet: Annotated[
        list[str] | None, typer.Option("--facet", help="What to read; repeat it for several. Default: all.")
    ] = None,
    sure: Annotated[float, typer.Option("--sure", help="Probability that an answer needs, 0 to 1.")] = _SURE,
    fill: Annotated[
        bool,
        typer.Option("--fill", help="Put on the shop's goods what they lack, as inferred.color."),
    ] = False,
    unfill: Annotated[
        bool, typer.Option("--unfill", help="Take away from the shop's goods all that was filled in.")
    ] = False,
    mapping: Map = None,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Attributes by words and picture, each with its probability and what speaks for it; a line a product."""
    with speaking(as_json):
        settings = settings_for(shop)
        if (fill or unfill) and (shop is None or file or (fill and unfill)):
            problem = "--fill and --unfill are for the goods of a shop, one of them at a time"
            raise BadQuery(problem, remedy="Run: duomo read attributes --shop DIR --fill")
        if file is None and shop is None:
            raise BadQuery("there are no goods to read", remedy="Name a product file, or --shop DIR")
        if not 0 <= sure <= 1:
            raise BadQuery(f"--sure lies from 0 to 1, not {sure:g}", remedy="Correct it")
        if as_json and out is None and not unfill:
            raise BadQuery("--json needs a file for the answers", remedy="Name one with --out FILE.jsonl")
        facets = _facets(facet or [])
        if shop and unfill:
            _unfill(shop, settings, as_json=as_json)
            return
        reader = _reader(shop, facets, sure)
        if file and (column or file.suffix.lower() == ".txt") and mapping:
            raise BadQuery("--map says how a product file is read", remedy="Leave --column out, or --map")
        if file and (column or file.suffix.lower() == ".txt"):
            answer_texts(file, column, out, settings, _texts(reader), as_json=as_json)
            return
        check_output(out, "--out", *([file] if file and file.is_file() else []))
        _read_goods(file, shop, reader, settings, mapping, out, fill=fill, as_json=as_json)


def _facets(asked: Sequence[str]) -> "tuple[Facet, ...]":
    from duomo.understand.facets import FACETS

    for name in asked:
        if name not in FACETS:
            raise BadQuery(f"there is no facet '{name}'", remedy=f"Known: {', '.join(FACETS)}")
    return tuple(each for each in FACETS if each in asked) or FACETS


def _reader(shop: Path | None, facets: "tuple[Facet, ...]", sure: float) -> "AttributeReader":
    from duomo.understand.attributes import AttributeReader

    if shop is None:
        return AttributeReader.shipped(facets=facets, sure=sure)
    from duomo.shelf.manifest import Manifest
    from duomo.stock.listed import listed

    encoders = Manifest.load(shop).encoders
    brands = {product.brand for product in listed(shop) if product.brand}
    return replace(AttributeReader.of_shop(shop, encoders, brands), facets=facets, sure=sure)


def _texts(reader: "AttributeReader") -> Answer:
    """Answers rows of a table of texts."""
    from duomo.understand.attributes import Goods

    def answer(rows: Sequence[TextRow]) -> Iterator[dict[str, object]]:
        return (said.as_dict() for said in reader.read([Goods(title=row.text) for row in rows]))

    return answer


def _read_goods(
    file: Path | None,
    shop: Path | None,
    reader: "AttributeReader",
    settings: "Settings",
    mapping: list[str] | None,
    out: Path | None,
    *,
    fill: bool,
    as_json: bool,
) -> None:
    """Read the goods of a file, or what those of a shop lack; and, where that is wanted, fill it in."""
    with progress(as_json) as tick:
        goods, opener, problems = goods_of(file, shop, settings, mapping)
        told = _Told(problems=problems)
        with lines_to(out) as write:
            for product, said in _said(reader, goods, opener, tick):
                line = told.line(product, said, lacking=file is None)
                if line is not None:
                    write(line)
        if fill and shop:
            from duomo.stock.fill import fill as fill_in

            fill_in(shop, told.inferred, settings=settings, tick=tick)
    told.problems += opener.problems
    told.show(out, str(file or shop), filled=fill, lacking=file is None, as_json=as_json)


def _said(
    reader: "AttributeReader", goods: Iterable["Product"], opener: "Opener", tick: "Tick"
) -> Iterator[tuple["Product", "Attributes"]]:
    """Each product with what was read of it."""
    from duomo.understand.attributes import Goods

    left, done = iter(goods), 0
    while some := list(islice(left, _AT_ONCE)):
        pictures = opener.open(some)
        said = reader.read([Goods.of(*each) for each in zip(some, pictures, strict=True)])
        yield from zip(some, said, strict=True)
        done += len(some)
        tick("reading", done)


@dataclass(slots=True)
class _Told:
    """What is told at the end: how often each facet was found, and why others were not."""

    rows: int = 0
    found: Counter[str] = field(default_factory=Counter)
    doubts: Counter[str] = field(default_factory=Counter)
    inferred: "list[Inferred]" = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def line(self, product: "Product", said: "Attributes", *, lacking: bool) -> dict[str, object] | None:
        """The answer about one product; of a shop's only what it lacks, None where it lacks nothing."""
        from duomo.stock.inferred import Inferred
        from duomo.understand.classify_goods import pictures_of
        from duomo.understand.facets import given

        self.rows += 1
        known = {facet: values for facet in said.readings if (values := given(product, facet))}
        if lacking:
            said = replace(said, readings={f: r for f, r in said.readings.items() if f not in known})
        labels: dict[str, tuple[str, float]] = {
            f: (r.label, r.probability) for f, r in said.readings.items() if r.label is not None
        }
        self.found.update(labels.keys())
        self.doubts.update(reading.doubt for reading in said.readings.values() if reading.doubt)
        self.doubts.update([said.doubt] if said.doubt else [])
        if lacking and not said.readings:
            return None
        if lacking and labels:
            shown = next((media.source for media in pictures_of(product)), "")
            self.inferred.append(Inferred.of(product, shown, labels))
        told = (
            {"given": {facet: list(values) for facet, values in known.items()}}
            if known and not lacking
            else {}
        )
        return {"id": product.id, **said.as_dict(), **told}

    def show(self, out: Path | None, source: str, *, filled: bool, lacking: bool, as_json: bool) -> None:
        """Say what came of it."""
        count = len(self.inferred) if filled else 0
        if as_json:
            problems = [problem.as_dict() for problem in self.problems]
            document = {"rows": self.rows, "found": dict(self.found), "doubts": dict(self.doubts)}
            show_json({**document, "filled": count, "problems": problems})
            return
        what = ", ".join(f"{name}: {times:,}" for name, times in self.found.most_common()) or "nothing found"
        why = ", ".join(f"{name}: {times:,}" for name, times in self.doubts.most_common())
        where = f", written to {out}" if out else ""
        notes.print(f"{counted(self.rows, 'product')} read{where} ({what})", markup=False)
        if why:
            notes.print(f"Not known ({why})", markup=False)
        if filled:
            notes.print(
                f"{counted(count, 'product')} filled in, as inferred.color and the like", markup=False
            )
        elif lacking and self.inferred:
            notes.print("Nothing was changed; to fill it in, add --fill", markup=False)
        show_problems(self.problems, source)


def _unfill(shop: Path, settings: "Settings", *, as_json: bool) -> None:
    """Take away what was filled in."""
    from duomo.stock.fill import fill as fill_in
    from duomo.stock.inferred import read_inferred

    count = len(read_inferred(shop))
    with progress(as_json) as tick:
        fill_in(shop, [], settings=settings, tick=tick)
    if as_json:
        show_json({"unfilled": count})
    else:
        notes.print(f"Taken away from {counted(count, 'product')}", markup=False)
