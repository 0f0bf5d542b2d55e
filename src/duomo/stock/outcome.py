"""A build from its catalogs to the shelf; one that fails is noted, for those who were not there."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal, Self

from duomo.errors import BlockedUrl, DuomoError, MissingFile, ShopBusy, of_system
from duomo.files import write_atomic
from duomo.product import is_address
from duomo.progress import Tick
from duomo.settings import Settings
from duomo.shelf.manifest import Manifest
from duomo.stock.build import build
from duomo.stock.feeds import brought
from duomo.stock.intake import UNPACKED, Intake
from duomo.stock.report import BuildReport, as_packed

FAILED: Final = "build-failed.json"  # in a shop's folder, for as long as its last build is one that failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """The last build of a shop's catalogs, where it failed."""

    when: str  # ISO 8601, UTC
    problem: str
    remedy: str = ""

    @classmethod
    def of(cls, folder: Path) -> Self | None:
        """That of a shop's folder; None: the last build did not fail, or was killed before it could tell."""
        try:
            failure = cls(**json.loads((folder / FAILED).read_bytes()))
            datetime.fromisoformat(failure.when)
        except (OSError, ValueError, TypeError):
            return None
        return failure


def bring(
    folder: Path,
    catalogs: Sequence[Path | str],
    how: Intake,
    *,
    settings: Settings,
    prune: bool | Literal["anyway"],
    tick: Tick,
) -> BuildReport:
    """Fetch catalogs where they lie at addresses, and put them on a shop's shelf: see `Shop.build`.

    A failure is noted in the shop's folder until a build succeeds, but for one of some rows alone: whoever
    sent those is told. Another process that is writing is no failure, and a catalog that the shop never had
    and that is not there is a slip.
    """
    whole = prune is not True
    with (
        _noted(folder, catalogs, how.partial),
        brought(folder, catalogs, how, settings, shrinks=whole) as intakes,
    ):
        report = build(folder, intakes, settings=settings, prune=bool(prune), tick=tick)
    return replace(report, problems=tuple(as_packed(each, folder / UNPACKED) for each in report.problems))


@contextmanager
def _noted(folder: Path, catalogs: Sequence[Path | str], partial: bool) -> Iterator[None]:
    try:
        yield
    except ShopBusy:
        raise
    except Exception as error:
        absent = isinstance(error, MissingFile | BlockedUrl)
        if not partial and not (absent and catalogs and not _any_known(folder, catalogs)):
            _note(folder, error)
        raise
    if not partial:
        (folder / FAILED).unlink(missing_ok=True)


def _any_known(folder: Path, catalogs: Sequence[Path | str]) -> bool:
    """Whether the shop was built from one of these before."""
    try:
        sources = Manifest.load(folder).sources
    except DuomoError:
        return True
    names = map(str, catalogs)
    return any((name if is_address(name) else str(Path(name).resolve())) in sources for name in names)


def _note(folder: Path, error: Exception) -> None:
    """Write it down, if that is still possible: the disk may be what failed."""
    told = of_system(error) if isinstance(error, OSError) else error
    problem, remedy = type(error).__name__, ""  # what nobody expected may speak of anything
    if isinstance(told, DuomoError):
        problem, remedy = told.args[0], told.remedy
    failure = Failure(when=datetime.now(UTC).isoformat(timespec="seconds"), problem=problem, remedy=remedy)
    with suppress(OSError):
        if folder.is_dir():
            write_atomic(folder / FAILED, json.dumps(asdict(failure), ensure_ascii=False))
