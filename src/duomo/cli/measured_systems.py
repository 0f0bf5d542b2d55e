"""duomo measure search: the systems that are asked, and asking them."""

from collections.abc import Callable, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, get_args
from urllib.parse import unquote

from duomo.errors import BadQuery, MissingFile
from duomo.hits import Mode, Query
from duomo.progress import Tick

if TYPE_CHECKING:
    from duomo.arrays import Pixels
    from duomo.measure.questions import Question, Shown
    from duomo.settings import Settings
    from duomo.shop import Shop

MODES: Final[tuple[Mode, ...]] = get_args(Mode)
Ask = Callable[["Question", "Pixels | None"], "tuple[Shown, ...]"]
Seen = dict[str, "tuple[Shown, ...]"]


class Answers(NamedTuple):
    """What every system answered to the questions that were asked."""

    questions: "list[Question]"
    of: "dict[str, list[tuple[Shown, ...] | None]]"  # system -> one a question
    refused: dict[str, str]  # system -> why it could not be asked some of them
    unasked: int


def systems_for(
    shop: "Shop",
    against: str,
    *,
    mode: Mode,
    encoder: str,
    depth: Callable[["Question"], int],
    owners: Mapping[str, str],
    settings: "Settings",
) -> dict[str, Ask]:
    """Name -> system, the one that is measured first.

    Args:
        shop: that is measured.
        against: a mode, an encoder of the shop, the folder of a shop, or a TREC run; "": the other modes.
        mode: of the first system.
        encoder: of the first system.
        depth: how many hits are asked for.
        owners: product or variant id -> product id, for runs.
        settings: for another shop.

    Raises:
        BadQuery: a system would be compared with itself.
        MissingFile: there is nothing called so.
    """
    names: list[str]
    seen: Seen = {}
    first = _shop(shop, mode, encoder, depth, seen)
    if not against:
        others = [other for other in MODES if other != mode]
        return {mode: first, **{other: _shop(shop, other, encoder, depth, seen) for other in others}}
    if against in MODES:
        names = [mode, against]
        second = _shop(shop, against, encoder, depth, seen)
    elif against in shop.manifest.encoders:
        names = [encoder or shop.manifest.encoders[0], against]
        second = _shop(shop, mode, against, depth, {})
    elif Path(against).is_dir():
        from duomo.shop import Shop

        names = [shop.folder.resolve().name, Path(against).resolve().name]
        if names[0] == names[1] and not shop.folder.samefile(against):
            names = [str(shop.folder), against]
        second = _shop(Shop.open(Path(against), settings=settings), mode, "", depth, {})
    elif Path(against).is_file():
        names = [mode, Path(against).name]
        second = _run(Path(against), owners)
    else:
        remedy = (
            f"Name one of {', '.join(MODES)}, an encoder of the shop, the folder of a shop, or a TREC run"
        )
        raise MissingFile(f"nothing is called '{against}' that could be compared with", remedy=remedy)
    if names[0] == names[1]:
        problem = f"'{names[0]}' would be compared with itself"
        raise BadQuery(problem, remedy="Name another system to compare with")
    return {names[0]: first, names[1]: second}


def ask_all(
    questions: "Sequence[Question]",
    systems: Mapping[str, Ask],
    pixels_of: "Callable[[Question], Pixels | None]",
    tick: Tick,
) -> Answers:
    """Ask every system every question, a question of each kind in turn.

    So whoever stops it (control-C) has asked about as many of every kind, and is told what came of those.
    """
    by_kind: dict[str, list[Question]] = {}
    for question in questions:
        by_kind.setdefault(question.kind, []).append(question)
    in_turn = [one for row in zip_longest(*by_kind.values()) for one in row if one is not None]
    done: list[Question] = []
    of: dict[str, list[tuple[Shown, ...] | None]] = {name: [] for name in systems}
    refused: dict[str, str] = {}
    try:
        for question in in_turn:
            pixels = pixels_of(question)
            row: list[tuple[Shown, ...] | None] = []
            for name, ask in systems.items():
                try:
                    row.append(ask(question, pixels))
                except BadQuery as error:
                    refused.setdefault(name, error.args[0])
                    row.append(None)
            for name, answer in zip(of, row, strict=True):
                of[name].append(answer)
            done.append(question)
            tick("asking", len(done), len(in_turn))
    except KeyboardInterrupt:
        if not done:
            raise
    return Answers(
        done, {name: each[: len(done)] for name, each in of.items()}, refused, len(in_turn) - len(done)
    )


def pictures_for(shop: "Shop", settings: "Settings") -> "Callable[[Question], Pixels | None]":
    """What opens the picture of a question, altered as it says; raises MissingProduct, BadPicture."""
    from duomo.guard.pictures import open_picture, read_picture
    from duomo.measure.pictures_altered import altered

    side, megapixels = settings.picture_side, settings.picture_megapixels

    def pixels_of(question: "Question") -> "Pixels | None":
        if question.image:
            path = Path(question.image)
            found = read_picture(path, side=side, megapixels=megapixels, picture_mb=settings.picture_mb)
        elif question.picture:
            found = open_picture(shop.picture(question.picture), side=side, megapixels=megapixels)
        else:
            return None
        return altered(found.pixels, question.altered, question.seed)

    return pixels_of


def _shop(shop: "Shop", mode: Mode, encoder: str, depth: Callable[["Question"], int], seen: Seen) -> Ask:
    """A way of asking a shop. Seen: what other modes with this encoder answered to pictures alone.

    Without words there is nothing to look for but the vector: hybrid and vector are one, and reading a
    picture is what takes longest.
    """
    from duomo.measure.questions import Shown

    def ask(question: "Question", pixels: "Pixels | None") -> "tuple[Shown, ...]":
        alike = mode != "keywords" and pixels is not None and not question.text
        if alike and question.qid in seen:
            return seen[question.qid]
        query = Query(text=question.text, picture=pixels, mode=mode, k=depth(question), encoder=encoder)
        answer = tuple(Shown(hit.product.id, hit.variant.id) for hit in shop.ask_for(query))
        if alike:
            seen[question.qid] = answer
        return answer

    return ask


def _run(path: Path, owners: Mapping[str, str]) -> Ask:
    """A run answers what it names; for a question that it does not name it found nothing."""
    from duomo.measure.questions import Shown
    from duomo.measure.runs import read_run

    run = read_run(path)
    # A run cannot hold blanks: `duomo search --batch` writes ids with %20 in their place.
    run = {unquote(qid): answer for qid, answer in run.items()} | run

    def placed(hit: "Shown") -> "Shown":
        id = hit.product_id if hit.product_id in owners else unquote(hit.product_id)
        owner = owners.get(id, id)
        return Shown(owner, id if owner != id else "")

    def ask(question: "Question", _: "Pixels | None") -> "tuple[Shown, ...]":
        return tuple(map(placed, run.get(question.qid, ())))

    return ask
