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
from duomo.errors import BadQuery

if TYPE_CHECKING:
    from duomo.cli.read_post_pictures import PostPictures
    from duomo.settings import Settings
    from duomo.stock.posts import Posts


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
    picture: Annotated[
        str,
        typer.Option(
            "--picture",
            metavar="COLUMN",
            help="Paths of pictures, beside the file: link what they show to the goods of --shop, and tell "
            "where it is not what was sold.",
        ),
    ] = "",
    product: Annotated[
        str,
        typer.Option("--product", metavar="COLUMN", help="Ids of what was sold, for --picture."),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Whether each text is good or bad, how strongly, how many stars; Chinese and English, a line each."""
    with speaking(as_json):
        settings = settings_for(shop)
        if picture and not shop:
            raise BadQuery("pictures are linked to the goods of a shop", remedy="Name one with --shop DIR")
        if product and not picture:
            raise BadQuery("--product is what pictures are held against", remedy="Name these with --picture")
        from duomo.understand.sentiment_shipped import shipped_reader, shop_reader

        posts = _posts(shop)
        reader = shop_reader(shop, fast=fast) if shop else shipped_reader(fast=fast)
        looked = _looked(posts, file, picture, product, settings)
        flagged: Counter[str] = Counter()

        def answer(rows: Sequence[TextRow]) -> Iterator[dict[str, object]]:
            texts = [row.text for row in rows]
            said = reader.read(texts, evidence=evidence, abstain=abstain)
            for row, each in zip(rows, said, strict=True):
                stars = _number(row, rating)
                whole = each if stars is None else each.beside(stars)
                flagged.update(whole.flags)
                line = whole.as_dict()
                if looked:
                    looked.add_to(line, row)
                elif posts:
                    line["mentions"] = posts.mentions(row.text)
                yield line

        asked = {"--rating": rating, "--picture": picture, "--product": product}
        answer_texts(
            file,
            column,
            out,
            settings,
            answer,
            as_json=as_json,
            needed={option: name for option, name in asked.items() if name},
            found=looked.problems if looked else None,
            counts={"pictures": looked.counts} if looked else None,
        )
        if posts and looked and not as_json:
            _show_pictures(looked, taught=posts.reader is not None)
        if flagged and not as_json:
            told = ", ".join(f"{counted(count, 'text')} {_FLAGS[flag]}" for flag, count in flagged.items())
            notes.print(f"Flagged: {told}", markup=False)


_FLAGS: Final = {"mixed": "mixed", "unsure": "unsure", "rating": "against their rating"}


def _posts(shop: Path | None) -> "Posts | None":
    if shop is None:
        return None
    from duomo.shop import Shop
    from duomo.stock.posts import Posts

    return Posts(shop, Shop.open(shop).product)


def _looked(
    posts: "Posts | None", file: Path, picture: str, product: str, settings: "Settings"
) -> "PostPictures | None":
    if posts is None or not picture:
        return None
    from duomo.cli.read_post_pictures import PostPictures

    return PostPictures(posts, file, picture, product, settings)


def _show_pictures(looked: "PostPictures", *, taught: bool) -> None:
    """What came of the pictures, for a person."""
    told = ", ".join(f"{name}: {count:,}" for name, count in looked.counts.items() if count)
    notes.print(f"Pictures: {told or 'none'}", markup=False)
    if not taught:
        notes.print("Whether they show what was sold is told once the shop is taught: duomo train match")


def _number(row: TextRow, column: str) -> float | None:
    """What stands in a column of ratings; None where that is no number from 1 to 5."""
    try:
        number = float(str(row.cells.get(column, "")))
    except ValueError:
        return None
    return number if 1 <= number <= 5 else None
