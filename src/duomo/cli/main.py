"""duomo: the command line. Says the same things as the Python face and HTTP."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, Final, cast

import typer

from duomo import logs
from duomo.cli.show import show_error
from duomo.errors import BadUsage, DuomoError, Kind, of_system
from duomo.settings import Settings

EXIT: Final[Mapping[Kind, int]] = {"input": 2, "missing": 3, "conflict": 4, "setup": 5}
# LanceDB reads this once, when it is loaded. By default it reads so far ahead that merging the pieces of a
# table takes half of it into memory (decision 22).
_READ_AHEAD: Final = {"LANCE_DEFAULT_FRAGMENT_READAHEAD": "1", "LANCE_DEFAULT_BATCH_SIZE": "1024"}

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
LogLevel = Annotated[
    str | None, typer.Option("--log-level", help="How much is logged: DEBUG, INFO, WARNING, ERROR.")
]
LogFormat = Annotated[str | None, typer.Option("--log-format", help="How: text, or json, an object a line.")]


def settings_for(folder: Path | None, **given: object) -> Settings:
    """Argument, then DUOMO_* variable, then the shop's duomo.toml (None: there is no shop), then default."""
    for name, value in _READ_AHEAD.items():
        os.environ.setdefault(name, value)
    stands = Settings.of_shop(folder, os.environ) if folder else Settings.load({}, os.environ)
    settings = stands.changed(given)
    logs.set_up(level=settings.log_level, format=settings.log_format, secrets=settings.secrets)
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
        _give_up_stdout()
        raise typer.Exit(0) from None
    except OSError as error:
        refused = of_system(error)
        with suppress(OSError):  # stdout may be what is full
            show_error(refused, as_json=as_json)
        try:
            sys.stdout.flush()
        except OSError:
            _give_up_stdout()
        raise typer.Exit(EXIT[refused.kind]) from None
    except KeyboardInterrupt:
        typer.echo("Stopped. What was committed stays; run the same command again to go on.", err=True)
        raise typer.Exit(130) from None


def _give_up_stdout() -> None:
    """Let what is still to be written go nowhere, so that nothing fails when the process ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


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


# Typer has Click's errors inside it, where they have no public name, or beside it; this works with both.
_WrongUse: Final = cast(type[Exception], typer.BadParameter.__bases__[0])


def main() -> None:
    """Run the command line; a command that cannot be meant is told as a document too where --json stands."""
    from duomo.cli import (
        asking,
        checking,
        exporting,
        goods,
        labelling,
        measuring,
        operating,
        reading,
        serving,
        suggesting,
        tending,
        training,
    )

    for commands in (
        serving,
        checking,
        goods,
        asking,
        suggesting,
        measuring,
        training,
        reading,
        labelling,
        exporting,
        operating,
        tending,
    ):
        commands.add_to(app)
    arguments = sys.argv[1 : sys.argv.index("--")] if "--" in sys.argv else sys.argv[1:]
    if "--json" not in arguments:
        app()
    try:
        sys.exit(app(standalone_mode=False))
    except _WrongUse as error:
        refused = _usage(error)
        show_error(refused, as_json=True)
        sys.exit(EXIT[refused.kind])


def _usage(error: Exception) -> BadUsage:
    """What Typer says of a command line that it cannot make sense of, with where to read how it is meant."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "duomo"
    said = getattr(error, "format_message", error.__str__)().rstrip(".")
    return BadUsage(said[:1].lower() + said[1:], remedy=f"Run: {command} --help")
