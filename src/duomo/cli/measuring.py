"""duomo measure: how good an encoder is, on a shop's own goods; the search is in `measuring_search`."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from duomo.cli.main import AsJson, settings_for, speaking
from duomo.cli.measuring_search import measure_search
from duomo.cli.show import console, counted, escape, progress, show_json, show_problems
from duomo.errors import BadPicture, BadQuery, BadSetting, DuomoError, Problem

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from duomo.arrays import Vectors
    from duomo.encode.base import Encoder
    from duomo.product import Product
    from duomo.progress import Tick
    from duomo.settings import Settings

AT_ONCE = 64  # pictures held in memory

measure = typer.Typer(help="Say how good it is, with the numbers that say how sure that is.")
measure.command("search")(measure_search)


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(measure, name="measure", no_args_is_help=True)


@measure.command("encoder")
def encoder_command(
    pairs: Annotated[
        Path, typer.Option("--pairs", metavar="CATALOG", help="Products with titles and pictures.")
    ],
    encoder: Annotated[str, typer.Option("--encoder", help="Name or folder of an encoder.")] = "",
    shop: Annotated[
        Path | None, typer.Option("--shop", metavar="DIR", help="Whose encoder is meant; default: its first.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """How well an encoder finds pictures by titles, and titles by pictures; equal titles are one answer."""
    with speaking(as_json):
        settings = settings_for(shop)
        from duomo.catalog.read import read_catalog
        from duomo.encode.models import load_encoder
        from duomo.measure.compare import interval
        from duomo.measure.crossing import pictures_to_words, words_to_pictures
        from duomo.measure.ranking import table
        from duomo.shelf.manifest import Manifest

        held = Manifest.load(shop).encoders if shop else (settings.encoder,)
        name = encoder or held[0]
        towers = load_encoder(name, home=shop, key=settings.openai_key)
        if not towers.text or not towers.picture or towers.text.card.space != towers.picture.card.space:
            problem = f"the encoder '{name}' does not bring words and pictures into one space"
            raise BadSetting(
                problem, remedy="Name one that does: the folder of an encoder, or --encoder hub:NAME"
            )
        catalog = read_catalog(pairs, limit_mb=settings.file_mb)
        with progress(as_json) as tick:
            titles, pictures, broken = _pictures(catalog.products, towers.picture, settings, tick)
        problems = [*catalog.problems, *broken]
        if len(set(titles)) < 2:
            problem = (
                f"{pairs}: {counted(len(titles), 'product')} with a title and a picture that can be opened"
            )
            raise BadQuery(problem, remedy="Name a catalog with at least two titles and their pictures")
        words = towers.text.encode(titles)
        ranks = {
            "text_to_image": words_to_pictures(words, pictures, titles),
            "image_to_text": pictures_to_words(words, pictures, titles),
        }
        if as_json:
            tables = {way: table(found) for way, found in ranks.items()}
            show_json(
                {
                    "n": len(titles),
                    "titles": len(ranks["text_to_image"]),
                    **tables,
                    "chance_r10": round(_chance(titles), 4),
                    "skipped": catalog.skipped + len(broken),
                    "problems": [problem.as_dict() for problem in problems],
                }
            )
            return
        found_titles = counted(len(ranks["text_to_image"]), "title")
        console.print(f"{escape(name)}: {counted(len(titles), 'picture')}, {found_titles}", soft_wrap=True)
        for way, found in ranks.items():
            said = ", ".join(f"R@{k} {interval(found <= k)}" for k in (1, 5, 10))
            console.print(
                f"  {way.replace('_', ' ')}: {escape(said)}, MRR {escape(str(interval(1 / found)))}",
                soft_wrap=True,
            )
        console.print(f"  [dim]chance: text to image R@10 {_chance(titles):.3f}[/]")
        show_problems(problems, "see --json")


def _pictures(
    products: "Sequence[Product]", tower: "Encoder[NDArray[np.uint8]]", settings: "Settings", tick: "Tick"
) -> "tuple[list[str], Vectors, list[Problem]]":
    """The titles and picture vectors of the products whose first picture is a file that can be opened."""
    import numpy as np

    from duomo.guard.pictures import read_picture
    from duomo.product import is_address

    problems: list[Problem] = []
    titles: list[str] = []
    rows: list[Vectors] = [np.zeros((0, tower.card.dim), np.float32)]
    chosen = [(p, p.media_of(p.variants[0])) for p in products if p.title]
    first = [(p, media[0].source) for p, media in chosen if media]
    shown = [(p, source) for p, source in first if not is_address(source)]
    away = BadPicture("it is on the web", remedy="Measure with pictures that are files")
    problems += [_broken(p, source, away) for p, source in first if is_address(source)]
    for start in range(0, len(shown), AT_ONCE):
        opened = []
        for product, source in shown[start : start + AT_ONCE]:
            try:
                picture = read_picture(
                    Path(source),
                    side=settings.picture_side,
                    megapixels=settings.picture_megapixels,
                    picture_mb=settings.picture_mb,
                )
            except DuomoError as error:
                problems.append(_broken(product, source, error))
            else:
                opened.append(picture.pixels)
                titles.append(product.title)
        rows.append(tower.encode(opened))
        tick("encoding", min(start + AT_ONCE, len(shown)), len(shown))
    return titles, np.concatenate(rows), problems


def _broken(product: "Product", source: str, error: DuomoError) -> Problem:
    return Problem(
        file=product.origin.file,
        line=product.origin.line,
        column="image",
        value=source,
        problem=f"cannot be used: {error.args[0]}",
        remedy=error.remedy,
        severity="warning",
        product_id=product.id,
    )


def _chance(titles: Sequence[str]) -> float:
    """Recall at 10 of a random order, over the distinct titles."""
    from collections import Counter
    from math import comb

    counts, size = Counter(title.casefold().strip() for title in titles), len(titles)
    draws = min(10, size)
    misses = [comb(size - count, draws) / comb(size, draws) for count in counts.values()]
    return 1 - sum(misses) / len(misses)
