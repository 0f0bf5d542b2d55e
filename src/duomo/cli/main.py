"""duomo: the command line. Says the same things as the Python face and HTTP."""

import logging
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer

from duomo.cli.show import show_error
from duomo.errors import DuomoError, Kind
from duomo.settings import Settings

EXIT: Final[Mapping[Kind, int]] = {"input": 2, "missing": 3, "conflict": 4, "setup": 5}

app = typer.Typer(
    name="duomo",
    help="A multimodal engine for shops: build a shop from your own product file, and search it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

ShopDir = Annotated[Path, typer.Option("--shop", metavar="DIR", help="The shop's folder.")]
AsJson = Annotated[
    bool, typer.Option("--json", help="One JSON document on stdout, everything else on stderr.")
]


def settings_for(folder: Path, **given: object) -> Settings:
    """Argument, then DUOMO_* variable, then the shop's duomo.toml, then default."""
    settings = Settings.of_shop(folder, os.environ).changed(given)
    logging.basicConfig(level=settings.log_level.upper(), format="%(levelname)s %(name)s: %(message)s")
    return settings


@contextmanager
def speaking(as_json: bool) -> Iterator[None]:
    """Turn an error raised on purpose into its sentence and its exit code."""
    try:
        yield
    except DuomoError as error:
        show_error(error, as_json=as_json)
        raise typer.Exit(EXIT[error.kind]) from None
    except BrokenPipeError:  # whoever read our output has gone: nothing is wrong
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None
    except KeyboardInterrupt:
        typer.echo("Stopped. What was committed stays; run the same command again to go on.", err=True)
        raise typer.Exit(130) from None


def version(wanted: bool) -> None:
    """Print the version and end."""
    if wanted:
        from duomo import __version__

        typer.echo(f"duomo {__version__}")
        raise typer.Exit


@app.callback()
def duomo(
    _: Annotated[
        bool, typer.Option("--version", callback=version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """A multimodal engine for shops: build a shop from your own product file, and search it."""


def main() -> None:
    """Run the command line."""
    from duomo.cli import asking, goods, serving

    for commands in (serving, goods, asking):
        commands.add_to(app)
    app()
