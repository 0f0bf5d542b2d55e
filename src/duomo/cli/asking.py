"""duomo search, similar, show: asking a shop that stands."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer

from duomo.cli.goods import check_output
from duomo.cli.main import AsJson, ShopDir, settings_for, speaking
from duomo.cli.show import (
    console,
    counted,
    escape,
    hits_document,
    notes,
    product_document,
    show_domain,
    show_hits,
    show_json,
    show_product,
)
from duomo.errors import BadQuery, MissingProduct

if TYPE_CHECKING:
    from duomo.hits import AskedWith, Hits
    from duomo.shop import Shop

Where = Annotated[
    str, typer.Option("--where", metavar="EXPR", help="A filter: \"price < 50 and color = 'red'\"")
]
K = Annotated[int, typer.Option("-k", "--k", help="How many products.")]
EncoderName = Annotated[
    str, typer.Option("--encoder", help="Which of the shop's encoders; default: its first.")
]
Explain = Annotated[bool, typer.Option("--explain", help="Say for each hit what put it there.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("search")(search_command)
    app.command("similar")(similar_command)
    app.command("show")(show_command)


def search_command(
    shop: ShopDir,
    text: Annotated[str, typer.Argument(help="Words, in Chinese or English.")] = "",
    image: Annotated[
        Path | None, typer.Option("--image", metavar="FILE", help="A photo to search by.")
    ] = None,
    clip: Annotated[
        Path | None, typer.Option("--clip", metavar="FILE", help="A clip, in the place of a photo.")
    ] = None,
    audio: Annotated[
        Path | None, typer.Option("--audio", metavar="FILE", help="A sound: what is said is searched.")
    ] = None,
    box: Annotated[
        str,
        typer.Option("--box", metavar="X,Y,W,H", help="The part of the photo that is meant, or 'main'."),
    ] = "",
    like: Annotated[
        list[str] | None,
        typer.Option("--like", metavar="ID", help="A product as an example; may be repeated."),
    ] = None,
    unlike: Annotated[
        list[str] | None,
        typer.Option("--unlike", metavar="ID", help="A product that is not wanted; may be repeated."),
    ] = None,
    unwanted: Annotated[
        str, typer.Option("--not", metavar="TEXT", help="Words for what a product must not have or be.")
    ] = "",
    where: Where = "",
    choose: Annotated[
        list[str] | None,
        typer.Option("--choose", metavar="COLUMN=VALUE", help="A value ticked in a facet; may be repeated."),
    ] = None,
    weigh: Annotated[
        list[str] | None,
        typer.Option(
            "--weigh", metavar="PART=N", help="What words, picture or like counts; may be repeated."
        ),
    ] = None,
    as_words: Annotated[
        list[str] | None,
        typer.Option(
            "--as-words", metavar="TEXT", help="A part of the words not to be understood; may be repeated."
        ),
    ] = None,
    literal: Annotated[
        bool, typer.Option("--literal", help="Take the words as they are: nothing is understood or repaired.")
    ] = False,
    k: K = 10,
    skip: Annotated[int, typer.Option("--skip", help="Products before this page.")] = 0,
    mode: Annotated[
        Literal["hybrid", "keywords", "vector"], typer.Option("--mode", help="Ways of looking.")
    ] = "hybrid",
    facet: Annotated[
        list[str] | None, typer.Option("--facet", metavar="COLUMN", help="Count its values.")
    ] = None,
    explain: Explain = False,
    heat: Annotated[
        Path | None,
        typer.Option(
            "--heat", metavar="DIR", help="Draw what matched on the hits' pictures, into this folder."
        ),
    ] = None,
    encoder: EncoderName = "",
    batch: Annotated[
        Path | None,
        typer.Option(
            "--batch",
            metavar="FILE.jsonl",
            help='Questions: {"qid","text","image","clip","audio","like","unlike","unwanted","box","where"}.',
        ),
    ] = None,
    run: Annotated[
        Path | None, typer.Option("--run", metavar="FILE.trec", help="Where the batch's answers go.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Search by words, by a photo or clip, by voice; without any, list what the filter lets through."""
    with speaking(as_json):
        settings = settings_for(shop)
        if bool(batch) != bool(run):
            raise BadQuery(
                "--batch and --run go together", remedy="Name the file of questions and the file of answers"
            )
        said: dict[str, object] = {"TEXT": text, "--image": image, "--clip": clip, "--audio": audio}
        said |= {"--box": box, "--like": like, "--unlike": unlike, "--not": unwanted, "--where": where}
        said |= {"--choose": choose, "--weigh": weigh, "--as-words": as_words, "--literal": literal}
        said |= {"--skip": skip, "--facet": facet, "--explain": explain, "--heat": heat}
        from duomo.cli.batch import KNOWN

        if batch and (unheard := [name for name, value in said.items() if value]):
            problem = f"with --batch there is no place for {', '.join(unheard)}"
            remedy = f"Write {', '.join(KNOWN[1:])} into the lines of the file, and leave out the rest"
            raise BadQuery(problem, remedy=remedy)
        check_output(run, "--run", batch)

        from duomo.shop import Shop

        opened = Shop.open(shop, settings=settings)
        if batch and run:
            from duomo.cli.batch import run_batch

            timings = run_batch(opened, batch, run, k=k, mode=mode, encoder=encoder)
            if as_json:
                show_json(timings)
            else:
                console.print("  ".join(f"{name} {value}" for name, value in timings.items()))
            return
        hits = opened.search(
            text,
            image=image,
            clip=clip,
            box=box,
            audio=audio,
            like=like or (),
            unlike=unlike or (),
            unwanted=unwanted,
            where=where,
            chosen=_chosen(choose or []),
            weights=_weights(weigh or []),
            as_words=as_words or (),
            literal=literal,
            mode=mode,
            k=k,
            skip=skip,
            facets=facet or (),
            encoder=encoder,
        )
        if heat:
            _draw_heat(opened, hits, heat)
        if as_json:
            show_json(hits_document(hits))
        else:
            show_hits(hits, explain=explain)


def _draw_heat(shop: "Shop", hits: "Hits", folder: Path) -> None:
    """A picture for every hit that was found by one: ID.png, what matched as it is and the rest faded."""
    from urllib.parse import quote

    from PIL import Image

    from duomo.guard.pictures import open_picture
    from duomo.search.heat import overlay

    folder.mkdir(parents=True, exist_ok=True)
    for hit in (hit for hit in hits if hit.why.picture):
        try:
            heat = shop.heat(hits.query, hit.variant.id)
        except MissingProduct as error:  # words of a limit alone: nothing to hold against a picture
            notes.print(f"[dim]no picture of {escape(hit.product.id)}: {escape(str(error))}[/]")
            continue
        drawn = overlay(open_picture(shop.picture(hit.why.picture)).pixels, heat)
        Image.fromarray(drawn).save(folder / f"{quote(hit.product.id, safe='')}.png")


def _chosen(given: list[str]) -> dict[str, list[str]]:
    """Ticked values as they are written: color=red; raises BadQuery."""
    chosen: dict[str, list[str]] = {}
    for each in given:
        name, _, value = each.partition("=")
        if not name.strip() or not value.strip():
            problem = f"--choose {each}: that is no column and its value"
            raise BadQuery(problem, remedy="Write it like color=red")
        chosen.setdefault(name.strip(), []).append(value.strip())
    return chosen


def _weights(given: list[str]) -> "dict[AskedWith, float]":
    """Weights as they are written: picture=2; raises BadQuery."""
    weights: dict[AskedWith, float] = {}
    for each in given:
        name, _, number = each.partition("=")
        try:
            weights[cast("AskedWith", name.strip())] = float(number)
        except ValueError as error:
            problem = f"--weigh {each}: that is no part and its number"
            raise BadQuery(problem, remedy="Write it like picture=2; parts: words, picture, like") from error
    return weights


def similar_command(
    id: Annotated[str, typer.Argument(help="The id of a product or variant.")],
    shop: ShopDir,
    where: Where = "",
    k: K = 10,
    explain: Explain = False,
    encoder: EncoderName = "",
    as_json: AsJson = False,
) -> None:
    """Show the products that are most like one."""
    with speaking(as_json):
        settings = settings_for(shop)
        from duomo.shop import Shop

        hits = Shop.open(shop, settings=settings).similar(id, k=k, where=where, encoder=encoder)
        if as_json:
            show_json(hits_document(hits))
        else:
            show_hits(hits, explain=explain)


def show_command(
    shop: ShopDir,
    id: Annotated[str, typer.Argument(help="The id of a product or variant; none: the shop itself.")] = "",
    as_json: AsJson = False,
) -> None:
    """Show one product with all its variants, or what the shop holds."""
    with speaking(as_json):
        settings = settings_for(shop)
        from duomo.shop import Shop

        opened = Shop.open(shop, settings=settings)
        if id:
            product = opened.product(id)
            if as_json:
                show_json(product_document(product))
            else:
                show_product(product)
            return
        manifest = opened.manifest
        document = {
            "folder": str(shop),
            "variants": len(opened),
            "encoders": list(manifest.encoders),
            "abroad": dict(manifest.abroad),
            "columns": opened.columns(),
            "catalogs": {
                name: {"products": s.products, "variants": s.variants, "skipped": s.skipped, "built": s.built}
                for name, s in manifest.sources.items()
            },
        }
        if as_json:
            show_json(document)
            return
        console.print(
            f"[bold]{shop}[/]  {counted(len(opened), 'variant')}, encoders: {', '.join(manifest.encoders)}"
        )
        for name, source in manifest.sources.items():
            console.print(
                f"  {name}  [dim]{counted(source.products, 'product')}, built {source.built}[/]",
                soft_wrap=True,
            )
        show_domain(manifest.abroad, shop)
        columns = ", ".join(f"{name} [dim]{kind}[/]" for name, kind in opened.columns().items())
        console.print(f"[dim]columns to filter and count:[/] {columns}", soft_wrap=True)
