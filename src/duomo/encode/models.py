"""The encoders by name: built in, in a folder, of other packages, from a hub, behind an address."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from functools import cache, partial
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import MappingProxyType
from typing import Final

from duomo.encode.base import CARD, Towers
from duomo.encode.hashed_picture import HashedPicture
from duomo.encode.hashed_text import HashedText
from duomo.errors import BadFile, BadSetup, MissingFile, UnknownEncoder

OWN: Final = "models"  # the folder inside a shop that holds the encoders made for it
HUB: Final = "hub:"  # before a folder, or a name on the hub
REMOTE: Final = "openai:"  # before an address
FORMS: Final = (f"{HUB}NAME", f"{REMOTE}URL")
ENTRY_POINTS: Final = "duomo.encoders"  # name -> a function without arguments that gives Towers

SHIPPED: Final = Path(__file__).parent / "weights"  # the folders of the encoders that Duomo brings along


@cache  # they never change, and a server that is sent products would open them for each
def _shipped(name: str) -> Towers:
    from duomo.encode.folder import open_folder  # here, as ONNX Runtime takes a while to import

    return open_folder(SHIPPED / name)


ENCODERS: Final[Mapping[str, Callable[[], Towers]]] = MappingProxyType(
    {
        **{name: partial(_shipped, name) for name in ("pocket", "pocket-cleared")},
        "hashed": lambda: Towers(name="hashed", text=HashedText(256), picture=HashedPicture()),
        "hashed-1024": lambda: Towers(name="hashed-1024", text=HashedText(1024), picture=HashedPicture()),
    }
)


def lasting_name(name: str) -> str:
    """The name that loads an encoder from anywhere: of a folder its absolute path, others as they are.

    >>> lasting_name("hub:openai/clip-vit-base-patch32")
    'hub:openai/clip-vit-base-patch32'
    """
    if name.startswith(HUB) and _is_folder(place := name.removeprefix(HUB)):
        return f"{HUB}{Path(place).resolve()}"
    return str(Path(name).resolve()) if _is_folder(name) and (Path(name) / CARD).is_file() else name


def load_encoder(name: str, *, home: Path | None = None, key: str = "") -> Towers:
    """The encoder called `name`, ready to encode; `Towers.name` is the name given, so it loads again.

    Args:
        name: one of `encoder_names()`, or the path of an encoder folder (see `duomo.encode.folder`), or
            `hub:` before a folder or a name on the hub (`duomo.encode.hub`), or `openai:` before an address
            (`duomo.encode.remote`).
        home: a shop's folder: `models/NAME` is an encoder that the shop holds itself, wherever it is moved.
        key: sent to the server behind an address, and to nobody else.

    Raises:
        UnknownEncoder: no encoder is called this, and no folder with a card stands there.
        BadFile, MissingFile: the folder's card or one of its files is not right.
        BadSetup: the package, the hub or the server that offers the encoder cannot be used.
        MissingExtra: a model from a hub needs the extra `hub`.

    >>> load_encoder("hashed").text.card.dim
    256
    >>> load_encoder("hashd")
    Traceback (most recent call last):
        ...
    duomo.errors.UnknownEncoder: no encoder is called 'hashd'. Did you mean 'hashed'? Known: ...
    """
    if make := ENCODERS.get(name):
        return make()
    if offered := _offered().get(name):
        return replace(_load(offered), name=name)
    if name.startswith(HUB):
        from duomo.encode.hub import open_hub  # here, as PyTorch takes seconds to import

        return replace(open_hub(name.removeprefix(HUB)), name=name)
    if name.startswith(REMOTE):
        from duomo.encode.remote import open_remote  # here, as httpx takes a while to import

        return replace(open_remote(name.removeprefix(REMOTE), key=key), name=name)
    place = home / name if home and name.startswith(f"{OWN}/") else Path(name)
    if place != Path(name) and place.is_dir():
        return replace(_of_shop(place), name=name)
    if _is_folder(str(place) if name else ""):
        if not (place / CARD).is_file():
            raise UnknownEncoder(
                f"the folder '{name}' is no encoder: it holds no {CARD}",
                remedy="Name a folder that holds one",
            )
        from duomo.encode.folder import open_folder  # here, as ONNX Runtime takes a while to import

        return replace(open_folder(place), name=name)
    known = encoder_names()
    near = get_close_matches(name, known, n=1)
    hint = f"Did you mean '{near[0]}'? " if near else ""
    raise UnknownEncoder(
        f"no encoder is called '{name}'",
        remedy=f"{hint}Known: {', '.join(known)}, or the path of a folder with a {CARD}.",
    )


def folder_of(name: str, *, home: Path | None = None) -> Path | None:
    """The folder that an encoder is kept in, with its card; None: it is kept in none.

    Args:
        name: as for `load_encoder`.
        home: a shop's folder.

    >>> folder_of("hashed") is None
    True
    """
    places = [SHIPPED / name] if name in ENCODERS else [Path(name)]
    if home and name.startswith(f"{OWN}/"):
        places = [home / name]
    return next((place for place in places if name and (place / CARD).is_file()), None)


def encoder_names() -> tuple[str, ...]:
    """The names of the built-in encoders, then of those that installed packages offer, then the two forms.

    >>> encoder_names()[:4]
    ('pocket', 'pocket-cleared', 'hashed', 'hashed-1024')
    """
    return (*ENCODERS, *sorted(_offered().keys() - ENCODERS.keys()), *FORMS)


def _of_shop(place: Path) -> Towers:
    """An encoder that a shop holds itself; where it is damaged there is one to go back to."""
    from duomo.encode.folder import open_folder  # here, as ONNX Runtime takes a while to import

    try:
        return open_folder(place)
    except (BadFile, MissingFile) as error:
        home = place.parents[1]
        remedy = f"Go back to the encoder before it: duomo train rollback --shop {home}"
        raise type(error)(error.args[0], remedy=remedy) from error


def _is_folder(name: str) -> bool:
    try:
        return bool(name) and Path(name).is_dir()
    except OSError:  # longer than a path may be
        return False


def _offered() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=ENTRY_POINTS)}


def _load(point: EntryPoint) -> Towers:
    whose = f"the encoder '{point.name}' of the package {point.dist.name if point.dist else point.value}"
    try:
        make = point.load()
    except (ImportError, AttributeError) as error:
        raise BadSetup(
            f"{whose} cannot be imported ({error})", remedy="Install what it needs, or remove the package"
        ) from error
    towers = make()
    if not isinstance(towers, Towers):
        raise BadSetup(f"{whose} gave no Towers", remedy="Ask its author, or choose another encoder")
    return towers
