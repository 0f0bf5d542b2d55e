"""The models that a shop holds itself: written beside the shared towers, found again."""

import json
from collections.abc import Mapping
from pathlib import Path

from duomo.encode.base import CARD
from duomo.encode.folder import EncoderFiles
from duomo.encode.heads import HeadWeights
from duomo.encode.models import OWN, encoder_names, folder_of
from duomo.errors import BadSetting, BadSetup
from duomo.files import hash_bytes, hash_file, write_atomic
from duomo.stock.encoders import BASE
from duomo.train.pocket import HEADS
from duomo.train.verdict import Compared


def home_of(encoder: str, folder: Path) -> Path:
    """The folder of an encoder of a shop.

    Raises:
        BadSetting: the encoder is kept in none, so there is nothing that could be trained.
    """
    place = folder_of(encoder, home=folder)
    if place is None:
        problem = f"the encoder '{encoder}' has no heads that could be trained"
        known = ", ".join(name for name in encoder_names() if folder_of(name))
        raise BadSetting(problem, remedy=f"Build the shop with one that has them: {known}")
    return place


def write_model(
    folder: Path,
    files: EncoderFiles,
    weights: HeadWeights,
    *,
    base: str,
    run: str,
    learned: int,
    deep: bool = False,
    exams: tuple[Compared, Compared],
) -> str:
    """Write an encoder into a shop, as `models/aligned-1` or the next number that is free.

    The card comes last: what has none is no encoder, and is overwritten. The towers are copied once, so that
    the shop can be moved.

    Args:
        folder: of the shop.
        files: of the encoder that it goes on from, or with a picture tower that goes on from that one's.
        weights: the new heads.
        base: the name of that encoder.
        run: names the training run; a model that the same run has left is taken again.
        learned: products that were learned from.
        deep: the picture tower among the files is not that of the base.
        exams: on the shop and on the guard set.

    Returns:
        Its name.
    """
    models = folder / OWN
    number = 1
    while card := _card(place := models / f"aligned-{number}"):
        if card.get("run") == run:
            return f"{OWN}/{place.name}"
        number += 1
    stem = hash_bytes(*(hash_file(path).encode() for path in (files.text, files.tokenizer, files.picture)))
    towers = models / f"towers-{stem[:12]}"
    for path in (files.text, files.tokenizer, files.picture):
        if not (towers / path.name).is_file():
            write_atomic(towers / path.name, path.read_bytes())
    weights.save(place / HEADS)
    shipped = {name: files.card[name] for name in ("licence", "source", "dim", "text", "picture")}
    tower = ", of which its picture tower learned, too" if deep else ""
    written = {
        **shipped,
        "name": place.name,
        "space": f"{place.name}-{hash_file(place / HEADS)[:12]}",
        "training": f"{files.card.get('training', '')}; then {learned} products of this shop{tower}",
        "quality": f"MRR on {exams[0].products} held-out products {exams[0].gain} more than {base}",
        "towers": f"../{towers.name}",
        "heads": HEADS,
        "hashes": {path.name: hash_file(path) for path in (files.text, files.tokenizer, files.picture)}
        | {HEADS: hash_file(place / HEADS)},
        BASE: base,
        "run": run,
        "exams": [exam.as_dict() for exam in exams],
    }
    write_atomic(place / CARD, json.dumps(written, ensure_ascii=False, indent=1) + "\n")
    return f"{OWN}/{place.name}"


def _card(place: Path) -> Mapping[str, object]:
    """The card of a model of the shop; {} where it was not finished."""
    try:
        card = json.loads((place / CARD).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise BadSetup(f"{place / CARD} is not JSON ({error})", remedy=f"Delete {place}") from error
    return card if isinstance(card, dict) else {}
