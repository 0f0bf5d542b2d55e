"""duomo read match: whether pictures show what the words of goods say."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from duomo.cli.goods import Map, check_output, goods_of
from duomo.cli.main import AsJson, settings_for, speaking
from duomo.cli.reading import Out, lines_to, read
from duomo.cli.show import counted, notes, progress, show_json, show_problems
from duomo.errors import BadQuery

if TYPE_CHECKING:
    from duomo.product import Product
    from duomo.progress import Tick
    from duomo.understand.classify_goods import Opener

_AT_ONCE: Final = 64


@read.command("match")
def match_command(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="A product file; default: the shop's goods.")
    ] = None,
    shop: Annotated[
        Path | None,
        typer.Option("--shop", metavar="DIR", help="A shop: its goods, or what it was taught, for a file."),
    ] = None,
    head: Annotated[
        Path | None, typer.Option("--head", metavar="DIR", help="What `duomo train match --out` made.")
    ] = None,
    mapping: Map = None,
    out: Out = None,
    evidence: Annotated[
        bool, typer.Option("--evidence", help="Name the words and the region that contradict; slower.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Whether words and picture agree, and which part does not; a line a product, in order.

    Goods of a file are judged by what a shop was taught (--shop, --head); without, and for the shop's own
    goods, it is learned from these goods themselves, each judged by heads that have not seen it. Where
    there is too little to learn from, or nothing was taught, by names of types and colors alone (zero_shot).
    """
    with speaking(as_json):
        settings = settings_for(shop)
        if as_json and out is None:
            raise BadQuery("--json needs a file for the answers", remedy="Name one with --out FILE.jsonl")
        if file is None and shop is None:
            raise BadQuery("there are no goods to read", remedy="Name a product file, or --shop DIR")
        check_output(out, "--out", *(each for each in (file,) if each and each.is_file()))
        products, opener, problems = goods_of(file, shop, settings, mapping)
        with progress(as_json) as tick:
            if head or (file and shop):
                lines = _by_head(head, shop, products, opener, evidence, tick)
            else:
                lines = _by_themselves([*products], opener, shop if file is None else None, evidence, tick)
            outcome: Counter[str] = Counter()
            with lines_to(out) as write:
                for line in lines:
                    write(line)
                    outcome[str(line.get("doubt") or line["label"])] += 1
        found = [*problems, *opener.problems]
        if as_json:
            told = [problem.as_dict() for problem in found]
            show_json({"rows": outcome.total(), "outcome": dict(outcome), "problems": told})
            return
        what = ", ".join(f"{name}: {count:,}" for name, count in outcome.most_common())
        where = f", written to {out}" if out else ""
        notes.print(f"{counted(outcome.total(), 'product')} read{where} ({what or 'none'})", markup=False)
        show_problems(found, str(file or shop))


def _by_head(
    head: Path | None,
    shop: Path | None,
    products: Iterable["Product"],
    opener: "Opener",
    evidence: bool,
    tick: "Tick",
) -> Iterator[dict[str, object]]:
    from duomo.understand.classify import HEADS, words_of
    from duomo.understand.match import NAME, Matcher
    from duomo.understand.match_reading import MatchReader
    from duomo.understand.sight import Sight

    place = head or (shop or Path()) / HEADS / NAME
    if not head and not place.is_dir():
        yield from _by_names(products, opener, "the shop was taught nothing: duomo train match", tick)
        return
    reader = MatchReader(Matcher.load(place), Sight.shipped())
    left, done = iter(products), 0
    while some := list(islice(left, _AT_ONCE)):
        found = reader.read([words_of(each) for each in some], opener.open(some), evidence=evidence)
        for product, each in zip(some, found, strict=True):
            yield {"id": product.id, **each.as_dict()}
        done += len(some)
        tick("reading", done)


def _by_themselves(
    products: Sequence["Product"], opener: "Opener", shop: Path | None, evidence: bool, tick: "Tick"
) -> Iterator[dict[str, object]]:
    from dataclasses import replace

    from duomo.errors import BadSetting
    from duomo.understand.classify import words_of
    from duomo.understand.match_goods import learn_match
    from duomo.understand.match_reading import MatchReader
    from duomo.understand.sight import Sight

    cache = shop / "cache" / "vectors.sqlite" if shop else None
    try:
        learned = learn_match(products, opener, cache=cache, tick=tick)
    except BadSetting as error:
        yield from _by_names(products, opener, str(error.args[0]), tick)
        return
    reader = MatchReader(learned.fitted.matcher, Sight.shipped())
    for product, each in zip(products, learned.judged(products), strict=True):
        if evidence and each.part:
            (pixels,) = opener.open([product])
            if pixels is not None:
                each = replace(each, evidence=reader.why(words_of(product), pixels))
        yield {"id": product.id, **each.as_dict()}


def _by_names(
    products: Iterable["Product"], opener: "Opener", why: str, tick: "Tick"
) -> Iterator[dict[str, object]]:
    from duomo.understand.classify import words_of
    from duomo.understand.match_names import NamesReader

    notes.print(f"Read by the names of types and colors alone: {why}", markup=False)
    reader, left, done = NamesReader(), iter(products), 0
    while some := list(islice(left, _AT_ONCE)):
        found = reader.read([words_of(each) for each in some], opener.open(some))
        for product, each in zip(some, found, strict=True):
            yield {"id": product.id, **each.as_dict()}
        done += len(some)
        tick("reading", done)
