"""duomo read sentiment: how reviews and posts are meant."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from duomo.catalog.texts import TextRow
from duomo.cli.main import AsJson, settings_for, speaking
from duomo.cli.reading import Column, Out, answer_texts, read
from duomo.cli.show import counted, notes

if TYPE_CHECKING:
    from duomo.understand.mentions import Mentions


@read.command("sentiment")
def sentiment_command(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Reviews or posts: CSV, TSV, JSON lines, Parquet, or .txt.")
    ],
    column: Column = "",
    out: Out = None,
    fast: Annotated[bool, typer.Option("--fast", help="N-grams alone: quicker, and a little worse.")] = False,
    evidence: Annotated[
        bool, typer.Option("--evidence", help="Name the words that decide, and where they stand.")
    ] = False,
    abstain: Annotated[
        bool,
        typer.Option("--abstain", help="Answer 'mixed', or no label, where good or bad would be a guess."),
    ] = False,
    rating: Annotated[
        str,
        typer.Option(
            "--rating", metavar="COLUMN", help="Stars from 1 to 5: flag texts that contradict them."
        ),
    ] = "",
    shop: Annotated[
        Path | None,
        typer.Option(
            "--shop",
            metavar="DIR",
            help="A shop: read with what it has learned, and link what the texts speak of to its goods.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Whether each text is good or bad, how strongly, how many stars; Chinese and English, a line each."""
    with speaking(as_json):
        settings = settings_for(shop)
        from duomo.understand.sentiment_shipped import shipped_reader, shop_reader

        mentions = _mentions(shop)
        reader = shop_reader(shop, fast=fast) if shop else shipped_reader(fast=fast)
        flagged: Counter[str] = Counter()

        def answer(rows: Sequence[TextRow]) -> Iterator[dict[str, object]]:
            texts = [row.text for row in rows]
            said = reader.read(texts, evidence=evidence, abstain=abstain)
            for row, each in zip(rows, said, strict=True):
                stars = _number(row, rating)
                whole = each if stars is None else each.beside(stars)
                flagged.update(whole.flags)
                line = whole.as_dict()
                if mentions:
                    line["mentions"] = [mention.as_dict() for mention in mentions.find(row.text)]
                yield line

        needed = {"--rating": rating} if rating else {}
        answer_texts(file, column, out, settings, answer, as_json=as_json, needed=needed)
        if flagged and not as_json:
            told = ", ".join(f"{counted(count, 'text')} {_FLAGS[flag]}" for flag, count in flagged.items())
            notes.print(f"Flagged: {told}", markup=False)


_FLAGS: Final = {"mixed": "mixed", "unsure": "unsure", "rating": "against their rating"}


def _number(row: TextRow, column: str) -> float | None:
    """What stands in a column of ratings; None where that is no number from 1 to 5."""
    try:
        number = float(str(row.cells.get(column, "")))
    except ValueError:
        return None
    return number if 1 <= number <= 5 else None


def _mentions(shop: Path | None) -> "Mentions | None":
    if shop is None:
        return None
    from duomo.stock.listed import listed
    from duomo.understand.mentions import Mentions

    return Mentions.of(listed(shop))
