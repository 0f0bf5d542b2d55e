"""Encoders kept in a folder: `card.json` beside the ONNX files it names; what training makes and shops load.

    {"name": "pocket", "space": "pocket-1", "licence": "Apache-2.0", "source": "duomo.train", "dim": 256,
     "text":    {"file": "text.onnx", "tokenizer": "tokenizer.json", "max_tokens": 64},
     "picture": {"file": "picture.onnx", "size": 224, "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}}

With `"heads": "heads.safetensors"` the models are towers, whose word the heads make vectors of (`heads`).
With `"towers": "../towers"` a file that does not lie beside the card is looked for there: shipped
encoders share their towers. `"hashes": {file: hash}` are held against the files. One of the two towers
may be absent. A picture model that takes bytes has neither mean nor std.
`version`, `training` and `quality` may say more, as in `EncoderCard`.
What goes into the models and what comes out stands in `onnx_towers`.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar, cast, get_origin

import numpy as np
from tokenizers import Tokenizer

from duomo.arrays import Vectors
from duomo.encode.base import CARD, EncoderCard, Modality, Towers
from duomo.encode.heads import HeadWeights
from duomo.encode.onnx import OnnxSession
from duomo.encode.onnx_towers import OnnxPicture, OnnxText
from duomo.errors import BadFile, BadSetting, MissingFile
from duomo.files import hash_bytes, hash_file, json_line

_MEND: Final = "Correct the card, or export the encoder again"
# With more, the planes of a convolutional net leave the cache of a core: 12 ms a picture (Lite0, float)
# become 17 at 16 pictures and 21 at 32.
_PICTURES_AT_ONCE: Final = 4
_SAYINGS: Final = ("version", "training", "quality")  # what a card may leave out

Fields = Mapping[str, object]
Value = TypeVar("Value", str, int, dict[str, object], list[object])


@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderFiles:
    """Where the files of an encoder with heads lie: what training goes on from."""

    card: Fields
    text: Path
    tokenizer: Path
    picture: Path
    heads: Path


def files_of(folder: Path) -> EncoderFiles:
    """The files of an encoder folder that has both towers and heads.

    Raises:
        MissingFile, BadFile: as `open_folder`.
        BadSetting: the encoder has no heads, or one tower alone: there is nothing that could be trained.
    """
    path = folder / CARD
    card = _card(path)
    if not {"text", "picture", "heads"} <= card.keys():
        problem = f"the encoder in {folder} has no heads that could be trained"
        raise BadSetting(problem, remedy="Take one that has: pocket, or one that was aligned before")
    text, picture = (_field(path, card, side, dict[str, object]) for side in ("text", "picture"))
    return EncoderFiles(
        card=card,
        text=_file(path, card, text, "file"),
        tokenizer=_file(path, card, text, "tokenizer"),
        picture=_file(path, card, picture, "file"),
        heads=_file(path, card, card, "heads"),
    )


def open_folder(folder: Path, *, threads: int = 1) -> Towers:
    """The towers of an encoder folder, each tried on one input, under the name its card gives.

    Args:
        folder: holds `card.json` and the files it names.
        threads: threads of one run of a model.

    Raises:
        MissingFile: the card or a file that it names is not there.
        BadFile: the card says too little or something wrong, or a file is not what the card says.
    """
    path = folder / CARD
    card = _card(path)
    if not {"text", "picture"} & card.keys():
        raise BadFile(f"{path}: neither 'text' nor 'picture' is there", remedy=_MEND)
    text = _open_text(path, card, threads) if "text" in card else None
    goods, asks_goods = text.for_goods() if text and text.heads else (None, None)
    return Towers(
        name=_field(path, card, "name", str),
        text=text,
        picture=_open_picture(path, card, threads) if "picture" in card else None,
        goods=goods,
        asks_goods=asks_goods,
    )


def _card(path: Path) -> Fields:
    if not path.is_file():
        raise MissingFile(f"there is no {path}", remedy="Name the folder of an encoder")
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise BadFile(f"{path} is not JSON ({error})", remedy=_MEND) from error
    if not isinstance(card, dict):
        raise BadFile(f"{path} is not a JSON object", remedy=_MEND)
    return card


def _open_text(path: Path, card: Fields, threads: int) -> OnnxText:
    section = _field(path, card, "text", dict[str, object])
    model, words = _file(path, card, section, "file"), _file(path, card, section, "tokenizer")
    try:
        tokenizer = Tokenizer.from_file(str(words))
    except Exception as error:  # the package raises Exception itself, nothing narrower
        raise BadFile(f"{words} is no tokenizer ({error})", remedy=_MEND) from error
    tokenizer.no_padding()
    tokenizer.enable_truncation(_positive(path, section, "max_tokens"))
    tower = OnnxText(
        _encoder_card(path, card, "text", (model, words)),
        OnnxSession(model, threads=threads),
        tokenizer,
        _heads(path, card),
    )
    _try(model, lambda: tower.encode(["a"]))
    return tower


def _open_picture(path: Path, card: Fields, threads: int) -> OnnxPicture:
    section = _field(path, card, "picture", dict[str, object])
    model = _file(path, card, section, "file")
    mean, std = (_channels(path, section, name) if name in section else None for name in ("mean", "std"))
    if (mean is None) != (std is None):
        raise BadFile(f"{path}: 'mean' and 'std' belong together: one is missing", remedy=_MEND)
    if std is not None and min(std) <= 0:
        raise BadFile(f"{path}: 'std' must be above 0, not {list(std)}", remedy=_MEND)
    card_of_tower = _encoder_card(path, card, "picture", (model,))
    session = OnnxSession(model, threads=threads, batch=_PICTURES_AT_ONCE)
    tower = OnnxPicture(
        card_of_tower,
        session,
        size=_positive(path, section, "size"),
        mean=mean,
        std=std,
        heads=_heads(path, card),
    )
    _try(model, lambda: tower.encode([np.zeros((1, 1, 3), np.uint8)]))
    return tower


def _encoder_card(path: Path, card: Fields, modality: Modality, files: Sequence[Path]) -> EncoderCard:
    """The card of one tower; its hash covers the files and how inputs are prepared for them."""
    if "heads" in card:
        files = (*files, _file(path, card, card, "heads"))
    sayings = {name: _field(path, card, name, str) for name in _SAYINGS if name in card}
    return EncoderCard(
        name=_field(path, card, "name", str),
        modality=modality,
        dim=_positive(path, card, "dim"),
        space=_field(path, card, "space", str),
        licence=_field(path, card, "licence", str),
        source=_field(path, card, "source", str),
        weights_hash=hash_bytes(json_line(card[modality]).encode(), *(hash_file(f).encode() for f in files)),
        **sayings,
    )


def _try(model: Path, encode: Callable[[], Vectors]) -> None:
    """Encode one input now, so that a wrong card is found here and not in the middle of a build."""
    try:
        encode()
    except ValueError as error:
        raise BadFile(f"{model} is not what its card says: {error}", remedy=_MEND) from error


def _heads(path: Path, card: Fields) -> HeadWeights | None:
    return HeadWeights.load(_file(path, card, card, "heads")) if "heads" in card else None


def _file(path: Path, card: Fields, section: Fields, name: str) -> Path:
    """A file that lies beside the card, or where it says its towers are; of the content the card says."""
    file = _field(path, section, name, str)
    if not file or Path(file).name != file:
        raise BadFile(f"{path}: '{name}' must name a file beside the card, not '{file}'", remedy=_MEND)
    places = [path.parent / file]
    if "towers" in card:
        places.append(path.parent / _field(path, card, "towers", str) / file)
    try:
        found = next((place for place in places if place.is_file()), None)
    except (OSError, ValueError) as error:  # a name that no file can have
        raise BadFile(f"{path}: the place of {file} is none ({error})", remedy=_MEND) from error
    if found is None:
        raise MissingFile(f"{path} names {file}, which is not there", remedy="Copy the whole folder again")
    expected = _field(path, card, "hashes", dict[str, object]).get(file) if "hashes" in card else None
    if expected is not None and hash_file(found) != expected:
        raise BadFile(f"{found} is not the file that {path} was written for", remedy=_MEND)
    return found


def _positive(path: Path, section: Fields, name: str) -> int:
    number = _field(path, section, name, int)
    if number < 1:
        raise BadFile(f"{path}: '{name}' must be at least 1, not {number}", remedy=_MEND)
    return number


def _channels(path: Path, section: Fields, name: str) -> tuple[float, float, float]:
    match _field(path, section, name, list[object]):
        case [int() | float() as red, int() | float() as green, int() | float() as blue]:
            return red, green, blue
        case other:
            raise BadFile(f"{path}: '{name}' must be three numbers, not {other}", remedy=_MEND)


def _field(path: Path, section: Fields, name: str, kind: type[Value]) -> Value:
    value = section.get(name)
    if value is None:
        raise BadFile(f"{path}: '{name}' is missing", remedy=_MEND)
    plain: type = get_origin(kind) or kind
    if not isinstance(value, plain) or isinstance(value, bool):
        wanted = {str: "text", int: "a whole number", dict: "an object", list: "a list"}[plain]
        raise BadFile(f"{path}: '{name}' must be {wanted}, not {json.dumps(value)}", remedy=_MEND)
    return cast(Value, value)
