"""What the command line prints: tables and sentences for people, JSON for scripts."""

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich import markup
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from duomo.errors import DuomoError, Problem
from duomo.hits import Facet, Hit, Hits
from duomo.product import Product, Variant
from duomo.progress import Tick, silent

if TYPE_CHECKING:
    from duomo.stock.report import BuildReport

MOST_PROBLEMS = 10  # shown to a person; a script gets all

console = Console(highlight=False)
notes = Console(stderr=True, highlight=False)


# What would command the terminal of who reads it, or turn the direction of what stands around it.
_COMMANDS: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def escape(text: str) -> str:
    r"""What strangers wrote, as the console may print it: no markup, nothing that commands a terminal.

    >>> escape("a [bold]mug[/] \x1b[2J")
    'a \\[bold]mug\\[/] �[2J'
    """
    return markup.escape(_COMMANDS.sub("\ufffd", text))


def show_json(document: object) -> None:
    """One JSON document on stdout."""
    sys.stdout.write(
        json.dumps(document, ensure_ascii=False, indent=1 if sys.stdout.isatty() else None) + "\n"
    )
    sys.stdout.flush()


def show_error(error: DuomoError, *, as_json: bool) -> None:
    """What went wrong and what to do, on stderr; with as_json also as a document on stdout."""
    notes.print(f"[bold red]duomo:[/] {escape(str(error))}", soft_wrap=True)
    if as_json:
        show_json({"error": described(error)})


def described(error: DuomoError) -> dict[str, str]:
    """An error with the field names of the machine contract."""
    return {
        "type": type(error).__name__,
        "kind": error.kind,
        "problem": error.args[0],
        "remedy": error.remedy,
    }


@contextmanager
def progress(as_json: bool) -> Iterator[Tick]:
    """A tick that draws bars on stderr while a person watches, and does nothing otherwise."""
    if as_json or not notes.is_terminal:
        yield silent
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=notes, transient=True) as bars:
        tasks = {}

        def tick(stage: str, done: int, total: int | None = None) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield tick


def counted(count: int, thing: str) -> str:
    """A number of things: "1 row", "2 rows", "0 rows"."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def show_problems(problems: Sequence[Problem], where: str) -> None:
    """The first problems of each kind, and how many there are of it."""
    if not problems:
        return
    kinds = Counter(
        (p.severity, p.column, p.problem if len(p.problem) < 60 else p.problem[:57] + "…") for p in problems
    )
    table = Table("severity", "column", "problem", "times", box=None, header_style="dim")
    for (severity, column, problem), times in kinds.most_common(MOST_PROBLEMS):
        colour = "red" if severity == "error" else "yellow"
        table.add_row(f"[{colour}]{severity}[/]", escape(column), escape(problem), str(times))
    notes.print(table)
    for example in problems[:3]:
        notes.print(f"  [dim]for example[/] {escape(str(example))}", soft_wrap=True)
    if len(problems) > 3:
        notes.print(f"  [dim]{len(problems)} in all; {where}[/]")


def show_report(report: "BuildReport") -> None:
    """What a build did."""
    console.print(escape(str(report)), soft_wrap=True)
    show_problems(report.problems, "write them all with --problems FILE.csv, or see --json")


def show_domain(abroad: Mapping[str, float], shop: Path) -> None:
    """Say so where a shop lies far from what one of its encoders was trained on, and what helps."""
    from duomo.stock.domain import FAR

    for name, far in abroad.items():
        if far > FAR:
            console.print(
                f"[yellow]These goods lie far from what {escape(name)} was trained on[/] ({far:.2f} of 1): "
                "words find pictures by the names of their classes more than by what they show. "
                f"Teach it your goods: duomo train align --shop {escape(str(shop))}",
                soft_wrap=True,
            )


def hits_document(hits: Hits) -> dict[str, object]:
    """Hits with the field names of the machine contract."""
    return {
        "hits": [hit_document(hit) for hit in hits],
        "total": hits.total,
        "facets": {
            name: [{"value": v.value, "count": v.count} for v in f.values] for name, f in hits.facets.items()
        },
        "understood": dict(hits.understood),
        "took_ms": hits.took_ms,
    }


def hit_document(hit: Hit) -> dict[str, object]:
    """One hit with the field names of the machine contract."""
    why = hit.why
    return {
        "product_id": hit.product.id,
        "variant_id": hit.variant.id,
        "title": hit.product.title,
        "score": round(hit.score, 6),
        "why": {
            "parts": [
                {"name": p.name, "rank": p.rank, "raw": round(p.raw, 4), "share": round(p.share, 6)}
                for p in why.parts
            ],
            "words": list(why.words),
            "exact": why.exact,
            "encoder": why.encoder,
            "picture": why.picture,
        },
        "widened": hit.widened,
    }


def show_hits(hits: Hits, *, explain: bool) -> None:
    """What was heard, hits as a table, facets below."""
    heard = hits.understood.get("heard")
    if isinstance(heard, Mapping):  # None: no sound was sent
        console.print(f"[dim]heard:[/] {escape(heard['text']) or '[dim]nothing[/]'}", soft_wrap=True)
    for line in understood_lines(hits):
        console.print(f"[dim]{escape(line)}[/]", soft_wrap=True)
    table = Table("", "id", "title", "variant", "price", "score", box=None, header_style="dim")
    for place, hit in enumerate(hits, start=1):
        mark = "[dim]+[/]" if hit.widened else str(place)
        score = f"{hit.score:.4f}"
        price = str(hit.variant.price or "")
        options = variant_words(hit.variant)
        table.add_row(mark, escape(hit.product.id), escape(hit.product.title), escape(options), price, score)
        if explain:
            table.add_row("", "", f"[dim]{escape(why_words(hit))}[/]")
    console.print(table)
    widened = sum(hit.widened for hit in hits)
    note = f"; {widened} marked + lie outside the result and fill the page" if widened else ""
    console.print(f"[dim]{counted(hits.total, 'product')} in {hits.took_ms:.1f} ms{note}[/]")
    for facet in hits.facets.values():
        show_facet(facet)


def understood_lines(hits: Hits) -> list[str]:
    """What was read out of the words, other than the words themselves."""
    lines = []
    repaired = hits.understood.get("repaired")
    if isinstance(repaired, Sequence) and repaired:
        lines.append("read as: " + ", ".join(f"{each['said']} → {each['read']}" for each in repaired))
    meanings = hits.understood.get("meanings")
    for each in meanings if isinstance(meanings, Sequence) else ():
        if each["relaxed"]:
            lines.append(f"'{each['said']}' would leave nothing and was not applied")
        elif each["limits"]:
            lines.append(f"only: {each['where'] or 'without ' + each['unwanted']}")
    return lines


def show_facet(facet: Facet) -> None:
    """The most frequent values of a facet."""
    values = "  ".join(f"{escape(v.value)} [dim]{v.count}[/]" for v in facet.values[:12])
    more = f"  [dim]and {len(facet.values) - 12} more[/]" if len(facet.values) > 12 else ""
    console.print(f"[bold]{escape(facet.column)}[/]  {values}{more}", soft_wrap=True)


def why_words(hit: Hit) -> str:
    """The reason for a hit in one line: shares that add up to its score."""
    ranks = {part.name: f" #{part.rank}" if part.rank else "" for part in hit.why.parts}
    parts = [f"{p.name}{ranks[p.name]} ({p.raw:.2f}) {p.share:.4f}" for p in hit.why.parts]
    words = f"; words: {', '.join(hit.why.words)}" if hit.why.words else ""
    exact = f"; exact {hit.why.exact}" if hit.why.exact else ""
    return " + ".join(parts) + exact + words + _which_picture(hit)


def _which_picture(hit: Hit) -> str:
    """Which picture of the variant the hit was found by, where it is not the first that is shown."""
    shown = [m for m in hit.product.media_of(hit.variant) if m.kind == "picture" and m.hash]
    place = next((n for n, media in enumerate(shown) if media.hash == hit.why.picture), 0)
    return f"; picture {place + 1}: {shown[place].source.rpartition('/')[2]}" if place else ""


def variant_words(variant: Variant) -> str:
    """The options of a variant: 'M, Red'."""
    return ", ".join("|".join(values) for values in variant.attributes.values())


def product_document(product: Product) -> dict[str, object]:
    """A product with all its variants, for scripts."""
    return {
        "id": product.id,
        "title": product.title,
        "description": product.description,
        "brand": product.brand,
        "category": list(product.category),
        "attributes": _lists(product.attributes),
        "url": product.url,
        "media": [
            {"source": m.source, "kind": m.kind, "role": m.role, "hash": m.hash} for m in product.media
        ],
        "variants": [
            {
                "id": v.id,
                "attributes": _lists(v.attributes),
                "price": None if v.price is None else {"amount": v.price.major, "currency": v.price.currency},
                "stock": v.stock,
                "availability": v.availability,
                "gtin": v.gtin,
                "mpn": v.mpn,
                "media": [
                    {"source": m.source, "kind": m.kind, "role": m.role, "hash": m.hash} for m in v.media
                ],
            }
            for v in product.variants
        ],
    }


def _lists(attributes: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    return {name: list(values) for name, values in attributes.items()}


def show_product(product: Product) -> None:
    """A product as a page of text."""
    console.print(f"[bold]{escape(product.title)}[/]  [dim]{escape(product.id)}[/]")
    lines = {"brand": product.brand, "category": " > ".join(product.category), "url": product.url}
    lines |= {name: ", ".join(values) for name, values in product.attributes.items()}
    for name, value in lines.items():
        if value:
            console.print(f"  [dim]{escape(name)}[/] {escape(value)}", soft_wrap=True)
    if product.description:
        console.print(escape(product.description), soft_wrap=True)
    table = Table("variant", "options", "price", "stock", "pictures", box=None, header_style="dim")
    for v in product.variants:
        stock = "" if v.stock is None else str(v.stock)
        table.add_row(
            escape(v.id), escape(variant_words(v)), str(v.price or ""), stock, str(len(product.media_of(v)))
        )
    console.print(table)
