"""duomo read aspects: which parts of a thing reviews praise and blame."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from duomo.catalog.texts import TextRow
from duomo.cli.main import AsJson, settings_for, speaking
from duomo.cli.reading import Column, Out, answer_texts, read
from duomo.cli.show import counted, notes

_TOLD = 8  # aspects that are named at the end


@read.command("aspects")
def aspects_command(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Reviews or posts: CSV, TSV, JSON lines, Parquet, or .txt.")
    ],
    column: Column = "",
    out: Out = None,
    aspects: Annotated[
        Path | None,
        typer.Option(
            "--aspects",
            metavar="FILE",
            help="Your own aspects, one a line: its name and words for it, as price|cost|价格.",
        ),
    ] = None,
    shop: Annotated[
        Path | None,
        typer.Option(
            "--shop", metavar="DIR", help="A shop: read with what it has learned, in its own aspects."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """What each text says of which aspect, in which words, and whether it is praise; Chinese and English."""
    with speaking(as_json):
        settings = settings_for(shop)
        from duomo.understand.aspects_groups import open_groups
        from duomo.understand.aspects_own import shop_aspects
        from duomo.understand.aspects_shipped import shipped_aspects

        groups = open_groups(aspects) if aspects else ()
        reader = shop_aspects(shop, groups) if shop else shipped_aspects(groups)
        told: Counter[str] = Counter()

        def answer(rows: Sequence[TextRow]) -> Iterator[dict[str, object]]:
            for said in reader.read([row.text for row in rows]):
                told.update({opinion.group for opinion in said.opinions})
                yield said.as_dict()

        answer_texts(file, column, out, settings, answer, as_json=as_json)
        if told and not as_json:
            often = ", ".join(f"{group}: {count:,}" for group, count in told.most_common(_TOLD))
            notes.print(f"{counted(len(told), 'aspect')} spoken of; in most texts {often}", markup=False)
