"""duomo: the command line. Says the same things as the Python face and HTTP."""

import errno
import logging
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, Final

import typer

from duomo.cli.show import show_error
from duomo.errors import BadSetup, DuomoError, Kind
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


def settings_for(folder: Path | None, **given: object) -> Settings:
    """Argument, then DUOMO_* variable, then the shop's duomo.toml (None: there is no shop), then default."""
    stands = Settings.of_shop(folder, os.environ) if folder else Settings.load({}, os.environ)
    settings = stands.changed(given)
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
        _give_up_stdout()
        raise typer.Exit(0) from None
    except OSError as error:
        refused = _refused(error)
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


_REMEDIES: Final[Mapping[int | None, str]] = {
    errno.ENOSPC: "Make room on the disk, and run it again",
    errno.EDQUOT: "Make room on the disk, and run it again",
    errno.EACCES: "Get the right to it, or name another place",
    errno.EPERM: "Get the right to it, or name another place",
    errno.EROFS: "Nothing can be written there; name another place",
}


def _refused(error: OSError) -> BadSetup:
    """What the system would not do, as an error with a remedy."""
    why = error.strerror or (str(error).splitlines() or [type(error).__name__])[0]
    where = " to ".join(str(name) for name in (error.filename, error.filename2) if name is not None)
    problem = f"{where or 'a file or the output'} cannot be read or written ({why})"
    remedy = "Check that the path is right and can be used, and run it again"
    return BadSetup(problem, remedy=_REMEDIES.get(error.errno, remedy))


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


def main() -> None:
    """Run the command line."""
    from duomo.cli import asking, goods, serving

    for commands in (serving, goods, asking):
        commands.add_to(app)
    app()
