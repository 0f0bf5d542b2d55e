"""duomo read category: where goods belong, and which of a shop's lie in the wrong place."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from duomo.cli.goods import Map, check_output, goods_of
from duomo.cli.main import AsJson, settings_for, speaking
from duomo.cli.reading import Out, lines_to, read
from duomo.cli.show import counted, notes, progress, show_json, show_problems
from duomo.errors import BadQuery, Problem

if TYPE_CHECKING:
    from duomo.product import Product
    from duomo.progress import Tick
    from duomo.understand.category import Classifier
    from duomo.understand.classify_goods import Opener


@read.command("category")
def category_command(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE", help="A product file, or a folder of pictures; default: the shop's goods."
        ),
    ] = None,
    labels: Annotated[
        Path | None,
        typer.Option("--labels", metavar="FILE.txt", help="The labels to choose from, one a line."),
    ] = None,
    taxonomy: Annotated[
        Path | None,
        typer.Option(
            "--taxonomy", metavar="FILE.txt", help="Or a tree of them: paths like 'Apparel > Shoes'."
        ),
    ] = None,
    shop: Annotated[
        Path | None,
        typer.Option("--shop", metavar="DIR", help="A shop: its trained head, or else its own categories."),
    ] = None,
    head: Annotated[
        Path | None,
        typer.Option("--head", metavar="DIR", help="A trained head outside of a shop."),
    ] = None,
    label: Annotated[
        str, typer.Option("--label", help="Which of the shop's labels: category, or an attribute.")
    ] = "category",
    mapping: Map = None,
    out: Out = None,
    sure: Annotated[
        float,
        typer.Option(
            "--sure", help="Probability that an answer needs, 0 to 1; below it the node above, or none."
        ),
    ] = 0.0,
    evidence: Annotated[
        bool, typer.Option("--evidence", help="Name the words and the region that decide; slower.")
    ] = False,
    misfiled: Annotated[
        bool,
        typer.Option("--misfiled", help="Tell which goods of the shop lie in the wrong category instead."),
    ] = False,
    batch: Annotated[int, typer.Option("--batch", help="Goods that are read together.")] = 64,
    as_json: AsJson = False,
) -> None:
    """The category of goods by words and picture, and others it may be; a line a product, in order."""
    with speaking(as_json):
        settings = settings_for(shop)
        if as_json and out is None:
            raise BadQuery("--json needs a file for the answers", remedy="Name one with --out FILE.jsonl")
        if not 0 <= sure <= 1 or batch < 1:
            raise BadQuery("--sure lies from 0 to 1, and --batch is 1 or more", remedy="Correct them")
        if file is None and shop is None:
            raise BadQuery(
                "there are no goods to read", remedy="Name a product file, a folder, or --shop DIR"
            )
        if sum(each is not None for each in (labels, taxonomy, head)) + bool(misfiled) > 1:
            raise BadQuery(
                "two sources of labels are named", remedy="Name one of --labels, --taxonomy, --head"
            )
        from duomo.understand.classify_goods import label_of_goods

        label = label_of_goods(label)
        check_output(out, "--out", *(each for each in (file, labels, taxonomy) if each and each.is_file()))
        with progress(as_json) as tick:
            goods, opener, read_problems = goods_of(file, shop, settings, mapping)
            if misfiled:
                cache = shop / "cache" / "vectors.sqlite" if shop and not file else None
                lines = _misfiled([*goods], opener, label, cache, tick)
            else:
                classifier, problems = _classifier(labels or taxonomy, head, shop, label, tick)
                read_problems = [*problems, *read_problems]
                lines = _answers(classifier, goods, opener, label, sure, evidence, batch, tick)
            outcome: Counter[str] = Counter()
            with lines_to(out) as write:
                for line in lines:
                    write(line)
                    outcome[str(line.get("doubt") or line.get("label") or "misfiled")] += 1
        _tell(outcome, [*read_problems, *opener.problems], out, str(file or shop), as_json=as_json)


def _classifier(
    names: Path | None, head: Path | None, shop: Path | None, label: str, tick: "Tick"
) -> tuple["Classifier", list[Problem]]:
    """What tells the labels: names, a head, the shop's own head, or the names of its own labels."""
    from duomo.understand.category import ByNames, trained_in
    from duomo.understand.classify_goods import classifier_of
    from duomo.understand.taxonomy import read_taxonomy

    if names:
        found, problems = read_taxonomy(names)
        return ByNames(found, tick=tick), list(problems)
    if head:
        return trained_in(head), []
    if shop is None:
        problem = "there is nothing to choose from"
        raise BadQuery(
            problem, remedy="Name --labels FILE.txt, --taxonomy FILE.txt, --shop DIR or --head DIR"
        )
    from duomo.stock.listed import listed

    return classifier_of(shop, label, lambda: listed(shop), tick=tick), []


def _answers(
    classifier: "Classifier",
    goods: Iterable["Product"],
    opener: "Opener",
    label: str,
    sure: float,
    evidence: bool,
    batch: int,
    tick: "Tick",
) -> Iterator[dict[str, object]]:
    from duomo.understand.category import read as read_goods
    from duomo.understand.classify import words_of

    left, done = iter(goods), 0
    while some := list(islice(left, batch)):
        texts = [words_of(product, without=label) for product in some]
        readings = read_goods(classifier, texts, opener.open(some), sure=sure, evidence=evidence)
        for product, reading in zip(some, readings, strict=True):
            yield {"id": product.id, **reading.as_dict()}
        done += len(some)
        tick("reading", done)


def _misfiled(
    products: Sequence["Product"], opener: "Opener", label: str, cache: Path | None, tick: "Tick"
) -> Iterable[dict[str, object]]:
    from duomo.understand.category_misfiled import misfiled
    from duomo.understand.classify_goods import labels_of, learn
    from duomo.understand.sight import Sight

    labels = labels_of(products, label)
    filed = [product for product, node in zip(products, labels, strict=True) if node]
    fitted = learn(filed, label, opener, cache=cache, tick=tick)
    found = misfiled(fitted, filed, opener, Sight.shipped())
    return (each.as_dict() for each in found)


def _tell(
    outcome: Counter[str], problems: list[Problem], out: Path | None, source: str, *, as_json: bool
) -> None:
    """How many answers of each kind there were, and what went wrong."""
    if as_json:
        told = [problem.as_dict() for problem in problems]
        show_json({"rows": outcome.total(), "outcome": dict(outcome), "problems": told})
        return
    most = outcome.most_common(12)
    what = ", ".join(f"{name}: {count:,}" for name, count in most)
    more = f", and {len(outcome) - len(most)} more" if len(outcome) > len(most) else ""
    where = f", written to {out}" if out else ""
    notes.print(
        f"{counted(outcome.total(), 'answer')}{where} ({what or 'none'}{more})", markup=False, soft_wrap=True
    )
    show_problems(problems, source)
