"""Every knob, read once: argument, then DUOMO_* variable, then duomo.toml, then default."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, Self

from duomo.errors import BadSetting
from duomo.logs import FORMATS

PREFIX: Final = "DUOMO_"
FILE: Final = "duomo.toml"
LOG_LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
SECRET: Final = ("write_key", "openai_key")  # settings that are shown to nobody
RANGES: Final[Mapping[str, tuple[float, float]]] = {  # least and largest value, both allowed
    "workers": (-1, 256),
    "batch_rows": (1, 1_000_000),
    "exact_rows": (0, 1_000_000_000),
    "picture_mb": (0.001, 100_000),
    "picture_megapixels": (0.001, 100_000),
    "picture_side": (16, 4096),
    "pictures_each": (1, 20),
    "fetch_timeout_s": (0.01, 86_400),
    "feed_timeout_s": (0.01, 86_400),
    "file_mb": (0.001, 10_000_000),
    "archive_members": (1, 10_000_000),
    "archive_mb": (0.001, 10_000_000),
    "archive_ratio": (2, 1_000_000),
    "body_mb": (0.001, 100_000),
    "port": (0, 65_535),
    "stop_s": (0, 3600),
    "boost_stock": (0, 0.3),
    "boost_margin": (0, 0.3),
    "boost_novelty": (0, 0.3),
    "novelty_days": (1, 36_500),
    "spread_brands": (0, 0.5),
    "spread_twins": (0, 0.5),
}

CURRENCIES: Final = frozenset(
    re.findall(
        "...",
        "AEDAFNALLAMDANGAOAARSAUDAWGAZNBAMBBDBDTBGNBHDBIFBMDBNDBOBBRLBSDBTNBWPBYNBZDCADCDFCHFCLPCNYCOPCRCCUPCVECZKDJFDKK"
        "DOPDZDEGPERNETBEURFJDFKPGBPGELGHSGIPGMDGNFGTQGYDHKDHNLHTGHUFIDRILSINRIQDIRRISKJMDJODJPYKESKGSKHRKMFKPWKRWKWDKYD"
        "KZTLAKLBPLKRLRDLSLLYDMADMDLMGAMKDMMKMNTMOPMRUMURMVRMWKMXNMYRMZNNADNGNNIONOKNPRNZDOMRPABPENPGKPHPPKRPLNPYGQARRON"
        "RSDRUBRWFSARSBDSCRSDGSEKSGDSHPSLESOSSRDSSPSTNSVCSYPSZLTHBTJSTMTTNDTOPTRYTTDTWDTZSUAHUGXUSDUYUUZSVEDVESVNDVUVWST"
        "XAFXCDXCGXOFXPFYERZARZMWZWG",
    )
)  # ISO 4217, currencies in circulation


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What can be set about how Duomo works; what a shop *is* stands in its own duomo.toml table.

    >>> Settings.load({"workers": 3}, {"DUOMO_WORKERS": "1"}).workers
    1
    """

    encoder: str = "pocket"  # what a new shop is built with
    workers: int = -1  # processes that decode and encode; -1: one a core; 0: none, all in this process
    batch_rows: int = 1000  # rows encoded and committed together
    exact_rows: int = 200_000  # up to here a shop is searched exactly, in memory
    picture_mb: float = 30.0  # largest picture file or download
    picture_megapixels: float = 100.0  # largest picture, in millions of pixels
    picture_side: int = 320  # longest side, in pixels, of the pictures a shop keeps to show
    pictures_each: int = 4  # of a variant, the best first, that it is found by; later ones show details
    fetch_timeout_s: float = 10.0  # a download that takes longer is given up
    fetch_private: bool = False  # True: pictures and feeds may come from addresses inside this network
    feed_timeout_s: float = 300.0  # a feed that takes longer to download is given up
    currency: str = ""  # of prices in catalogs that name none: a code of ISO 4217; "": they have none
    file_mb: float = 2000.0  # largest catalog file, feed, or file in an archive
    archive_members: int = 100_000  # most files that an archive may hold
    archive_mb: float = 8000.0  # most that all files of an archive may have together, unpacked
    archive_ratio: float = 200.0  # how many times its packed size a file in an archive may have
    body_mb: float = 40.0  # largest request the server takes
    host: str = "127.0.0.1"
    port: int = 8000
    stop_s: float = 8.0  # what is being answered when the server is stopped has so long to be finished
    boost_stock: float = 0.0  # share of a score that goods have for being in stock
    boost_margin: float = 0.0  # share of a score for their margin
    margin_column: str = "margin"  # the column of numbers that says it
    boost_novelty: float = 0.0  # share of a score for being new
    novelty_column: str = "released"  # the column of dates or years that says since when there is the product
    novelty_days: float = 90.0  # days after which what novelty gives has halved
    spread_brands: float = 0.02  # most that a product can lose to others of its brand before it
    spread_twins: float = 0.05  # most that it can lose to products with its title or its picture before it
    write_key: str = field(
        default="", repr=False
    )  # whoever writes over HTTP must send it; "": nobody may write
    hears: str = "pocketsphinx"  # what makes words of sounds: a recogniser's name, or openai: and an address
    openai_key: str = field(default="", repr=False)  # sent to the server of an openai: encoder
    log_level: str = "WARNING"  # how much is logged, one of LOG_LEVELS
    log_format: str = "text"  # how: one of logs.FORMATS

    def __post_init__(self) -> None:
        """Hold every value to its range; raises BadSetting, which names it."""
        for name, (least, most) in RANGES.items():
            value = getattr(self, name)
            if not least <= value <= most:  # a NaN is in no range
                raise _wrong(name, value, f"{_KINDS[type(value)]} from {least:.12g} to {most:.12g}")
        object.__setattr__(self, "currency", self.currency.upper())  # as prices are read: eur is EUR
        if self.currency not in CURRENCIES | {""}:
            raise _wrong("currency", self.currency, "a currency code of ISO 4217, like EUR or CNY")
        if self.log_level.upper() not in LOG_LEVELS:
            raise _wrong("log_level", self.log_level, f"one of {', '.join(LOG_LEVELS)}")
        if self.log_format not in FORMATS:
            raise _wrong("log_format", self.log_format, f"one of {', '.join(FORMATS)}")

    @property
    def secrets(self) -> tuple[str, ...]:
        """The values that no log and no report may show."""
        return tuple(getattr(self, name) for name in SECRET)

    @classmethod
    def load(cls, file: Mapping[str, object], env: Mapping[str, str]) -> Self:
        """Settings from the [settings] table of duomo.toml and the environment; raises BadSetting."""
        from_env = {key[len(PREFIX) :].lower(): value for key, value in env.items() if key.startswith(PREFIX)}
        return cls().changed({**file, **from_env})

    @classmethod
    def of_shop(cls, folder: Path, env: Mapping[str, str]) -> Self:
        """Settings from a shop's duomo.toml, where there is one, and the environment; raises BadSetting."""
        return cls.load(_in_file(folder / FILE), env)

    def changed(self, given: Mapping[str, object]) -> Self:
        """These settings with the given ones in their place; None keeps what stands. Raises BadSetting."""
        known = {field.name: type(field.default) for field in fields(self)}
        for name in given:
            if name not in known:
                near = get_close_matches(name, known, n=1)
                hint = f"Did you mean '{near[0]}'?" if near else f"Known: {', '.join(known)}."
                raise BadSetting(f"no setting is called '{name}'", remedy=hint)
        parsed: dict[str, Any] = {n: _parse(n, known[n], v) for n, v in given.items() if v is not None}
        return replace(self, **parsed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A setting as it stands, and who said so."""

    name: str
    value: object  # of a secret "***", if there is one
    default: object
    origin: str  # "default", "duomo.toml line 3", "DUOMO_PORT", "--port"


def explained(
    folder: Path | None, env: Mapping[str, str], given: Mapping[str, object]
) -> tuple[list[Explained], list[BadSetting]]:
    """Every setting with its origin; and what of the file, the environment and the options cannot be taken.

    Args:
        folder: of a shop; None: there is none.
        env: the environment.
        given: options of the command line; None: it was not given.
    """
    wrong: list[BadSetting] = []
    lines: dict[str, int] = {}
    in_file: Mapping[str, object] = {}
    if folder is not None:
        try:
            in_file = _in_file(folder / FILE)
            lines = _lines_of(folder / FILE, in_file)
        except BadSetting as error:
            wrong.append(error)
    said: list[tuple[str, str, object]] = [
        *((n, f"{FILE} line {lines[n]}" if n in lines else FILE, v) for n, v in in_file.items()),
        *((k[len(PREFIX) :].lower(), k, v) for k, v in sorted(env.items()) if k.startswith(PREFIX)),
        *((n, f"--{n.replace('_', '-')}", v) for n, v in given.items() if v is not None),
    ]
    stands, origins = Settings(), {}
    for name, origin, value in said:
        try:
            stands = stands.changed({name: value})
            origins[name] = origin
        except BadSetting as error:
            wrong.append(BadSetting(f"{origin}: {error.args[0]}", remedy=error.remedy))
    found = []
    for each in fields(Settings):
        value, default = getattr(stands, each.name), each.default
        shown = "***" if each.name in SECRET and value else value
        origin = origins.get(each.name, "default")
        found.append(Explained(name=each.name, value=shown, default=default, origin=origin))
    return found, wrong


def _in_file(path: Path) -> Mapping[str, object]:
    """The table [settings] of a duomo.toml; empty where there is no such file. Raises BadSetting."""
    try:
        tables = tomllib.loads(path.read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError):  # no such folder, or a file in its place
        return {}
    except (OSError, ValueError) as error:
        raise BadSetting(f"{path} cannot be read ({error})", remedy="Mend it, or delete it") from error
    if unknown := sorted(tables.keys() - {"settings"}):
        raise BadSetting(f"{path} has a part '{unknown[0]}'", remedy="Put settings under [settings]")
    settings = tables.get("settings", {})
    if not isinstance(settings, dict):
        raise BadSetting(f"{path}: 'settings' is no table", remedy="Put settings under [settings]")
    return settings


def _lines_of(path: Path, names: Iterable[str]) -> dict[str, int]:
    """Setting -> the line of the file that it stands in, from 1; TOML lets each stand in one line alone."""
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    found = {}
    for name in names:
        written = re.compile(rf"\s*(settings\s*\.\s*)?[\"']?{re.escape(name)}[\"']?\s*=")
        place = next((n for n, line in enumerate(lines, start=1) if written.match(line)), 0)
        if place:
            found[name] = place
    return found


def _parse(name: str, kind: type, value: object) -> object:
    """The value as the setting's own type: "false" is False, "3" is 3."""
    if kind is bool and isinstance(value, str):
        words = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
        if value.strip().lower() in words:
            return words[value.strip().lower()]
    elif kind is bool and isinstance(value, bool):
        return value
    elif kind is int and isinstance(value, int | str) and not isinstance(value, bool):
        with suppress(ValueError):
            return int(value)
    elif kind is float and isinstance(value, int | float | str) and not isinstance(value, bool):
        with suppress(ValueError, OverflowError):  # OverflowError: a whole number of 400 digits
            return float(value)
    elif kind is str and isinstance(value, str):
        return value
    raise _wrong(name, value, _KINDS[kind])


_KINDS: Final[Mapping[type, str]] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
}


def _wrong(name: str, value: object, wanted: str) -> BadSetting:
    value = "***" if name in SECRET else value
    return BadSetting(f"setting {name}: '{value}' is not {wanted}", remedy="Correct it and run again.")
