"""Folders of heads: a card of JSON, and arrays in a file of safetensors whose hash the card names."""

import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from duomo.errors import BadFile, BadQuery, MissingFile
from duomo.files import beside, hash_bytes, sync_folder, take_place

CARD: Final = "card.json"
WEIGHTS: Final = "weights.safetensors"
TOWER_FILE: Final = "picture.onnx"  # where a head has a tower of its own

Arrays = Mapping[str, NDArray[np.generic]]


def save_head(
    folder: Path, card: Mapping[str, object], arrays: Arrays, *, moved: Mapping[str, Path] | None = None
) -> None:
    """Write a head as a folder, which appears whole in the place of an older one.

    Args:
        folder: where to.
        card: what it says of itself, its form among that.
        arrays: by name.
        moved: further files of it, name -> where they lie now.

    Raises:
        BadQuery: as `check_place`.
    """
    check_place(folder)
    body = save({name: np.ascontiguousarray(array) for name, array in arrays.items()})
    text = json.dumps({**card, "weights": hash_bytes(body)}, ensure_ascii=False, indent=1)
    folder.parent.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(dir=folder.parent, prefix=beside(folder)))
    (new / WEIGHTS).write_bytes(body)
    (new / CARD).write_text(text + "\n", encoding="utf-8")
    for name, path in (moved or {}).items():
        shutil.move(path, new / name)
    new.chmod(0o755)  # a folder made for a while is its owner's alone
    take_place(new, folder)
    sync_folder(folder.parent)


def check_place(folder: Path) -> None:
    """Refuse a place for a head where something else would be lost.

    Args:
        folder: of an older head, empty, or not there.

    Raises:
        BadQuery: it is a file, or holds what is no part of a head.
    """
    if folder.exists() and not folder.is_dir():
        raise BadQuery(f"{folder} is a file, and a head is a folder", remedy="Name a folder")
    others = {each.name for each in folder.iterdir()} - {CARD, WEIGHTS, TOWER_FILE} if folder.exists() else ()
    if others:
        problem = f"{folder} holds '{min(others)}', which is no part of a head and would be lost"
        raise BadQuery(problem, remedy="Name another folder, or move that away")


def load_head(folder: Path, *, form: int, again: str) -> tuple[dict[str, Any], Arrays]:
    """The card of a head, without form and hash, and its arrays.

    Args:
        folder: that `save_head` wrote.
        form: of the files that can be read.
        again: what to do where they cannot.

    Raises:
        MissingFile: there is no head.
        BadFile: it is damaged, or of another form.
    """
    if not (folder / CARD).is_file():
        raise MissingFile(f"there is no trained head in {folder}", remedy=again)
    while True:
        there = _which(folder)
        try:
            card = json.loads((folder / CARD).read_text(encoding="utf-8"))
            body = (folder / WEIGHTS).read_bytes()
            if card.pop("form") != form or card.pop("weights") != hash_bytes(body):
                raise ValueError("its weights are not those of its card")
            return card, load(body)
        except (SafetensorError, OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            if _which(folder) == there:  # else a newer head took its place in between
                raise BadFile(f"the head in {folder} cannot be used ({error})", remedy=again) from error


def _which(folder: Path) -> tuple[int, int] | None:
    """What tells a folder from another one of its name; None: there is none."""
    try:
        found = folder.stat()
    except OSError:
        return None
    return found.st_ino, found.st_ctime_ns
