"""Adapts a shop's encoder to its own goods: what was gained, what was forgotten, and no worse model.

The shop's products are split by families. Heads go on from those in use (`lesson`), on the features of the
frozen picture tower, and where that is wanted also on those of a tower that was fine-tuned on the shop's
pictures (`own_tower`); the validation part says which is taken. Then the old encoder and the new one answer
the same held-out questions, once: of the shop, and of a guard set, a sample shop that is drawn for this and
that no encoder has learned from. A model that gains nothing for sure, or forgets more than allowed, is
refused, and the shop stays as it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import rmtree
from time import monotonic

from duomo.encode.folder import EncoderFiles, files_of
from duomo.encode.heads import HeadWeights
from duomo.encode.models import folder_of, lasting_name, load_encoder
from duomo.errors import Problem, UnknownEncoder
from duomo.files import hash_bytes, hash_file
from duomo.progress import Tick, silent
from duomo.settings import Settings
from duomo.shelf.manifest import Manifest
from duomo.stock.encoders import add_encoder, prefer_encoder
from duomo.stock.swap import vector_columns
from duomo.train.align import Recipe
from duomo.train.lesson import COURSE, RECIPE, Lesson
from duomo.train.loop import Course
from duomo.train.own_models import home_of, write_model
from duomo.train.own_tower import DEEPENING, Deepening, own_tower, tower_to_train
from duomo.train.pairs import Pair
from duomo.train.parts import GUARD, draw_guard, parts_of, seen_by
from duomo.train.pocket import HEADS, Towers
from duomo.train.shop_pairs import pairs_on_shelf
from duomo.train.verdict import FORGET, Compared, compare, refuse_worse


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapted:
    """What came of adapting a shop's encoder."""

    encoder: str  # the new one, which the shop prefers now
    base: str
    deep: bool  # with a picture tower of its own
    share: float  # of the way from the old heads to the new ones
    learned: int  # products
    shop: Compared
    guard: Compared
    seconds: float
    problems: tuple[Problem, ...] = ()  # pictures that could not be opened

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return {
            "encoder": self.encoder,
            "base": self.base,
            "deep": self.deep,
            "share": self.share,
            "learned": self.learned,
            "exams": [self.shop.as_dict(), self.guard.as_dict()],
            "seconds": round(self.seconds, 1),
            "problems": [problem.as_dict() for problem in self.problems],
        }


def adapt(
    folder: Path,
    *,
    encoder: str = "",
    settings: Settings,
    deep: bool = False,
    course: Course = COURSE,
    recipe: Recipe = RECIPE,
    deepening: Deepening = DEEPENING,
    forget: float = FORGET,
    tick: Tick = silent,
) -> Adapted:
    """Adapt an encoder of a shop to the shop's goods, and let the shop prefer it.

    A run that was cut short goes on: pictures are not looked at twice, training goes on from its last
    checkpoint, vectors that were made are kept. The old encoder stays in the shop: see `roll_back`.

    Args:
        folder: of the shop.
        encoder: which of its encoders; "": its first. It must have heads, as `pocket` does.
        settings: of the shop.
        deep: fine-tune the picture tower, too; it is taken if the validation part likes it better.
        course: how long, how fast, from which seed.
        recipe: of the training.
        deepening: how the picture tower is fine-tuned.
        forget: MRR that the guard set may lose, 0 to 1.
        tick: told about the stages.

    Raises:
        BadSetting: the encoder has no heads, or the shop offers too little to learn from; or the tower is to
            be fine-tuned and is of another kind than that of `pocket`.
        UnknownEncoder: the shop was not built with this encoder.
        WorseModel: nothing was gained for sure, or more was forgotten than allowed.
        BadSetup: an older Duomo built the shop, or another encoder of this name.
        ShopBusy: another process is writing to this shop; the trained model is taken up at the next call.
    """
    started = monotonic()
    base = _of_shop(folder, encoder)
    files = files_of(home_of(base, folder))
    work = folder / "cache" / "align"
    old = HeadWeights.load(files.heads)
    towers = _towers(files, old)
    tower = tower_to_train(towers) if deep else None  # first: whether it can be trained is soon known
    shelved = pairs_on_shelf(folder, settings, tick=tick)
    pairs = {"shop": shelved.pairs, "guard": draw_guard(work / f"guard-{GUARD}", tick=tick)}
    parts = parts_of(pairs, towers, work, seed=course.seed, tick=tick)
    lesson = Lesson.of(old, parts, towers, course, recipe, forget, tick)
    run, seen = work / f"run-{_key(files, shelved.pairs, course, recipe)}", parts
    taken = lesson.aligned(parts, run)
    if tower is not None:
        own = work / f"run-{_key(files, shelved.pairs, course, recipe, deepening)}"
        file = own / files.picture.name
        picture = own_tower(
            tower, taken.heads, parts, pairs, lesson.free, file, deepening=deepening, tick=tick
        )
        deeper = seen_by(picture, parts, pairs, work, tick=tick)
        found = lesson.aligned(deeper, own)
        if deep := found.score >= taken.score + deepening.worth:
            run, seen, taken, files = own, deeper, found, replace(files, picture=picture)
    taken.weights.save(run / HEADS)
    new = HeadWeights.load(run / HEADS)  # rounded, as it would be served
    shop, kept = (
        compare(name, parts.asked[name], old, new, seen=seen.asked[name]) for name in ("shop", "guard")
    )
    refuse_worse(shop, kept, forget)
    learned = len(parts.learned["shop"])
    made_by = f"{run.name} {taken.share}"
    name = write_model(
        folder, files, new, base=base, run=made_by, learned=learned, deep=deep, exams=(shop, kept)
    )
    add_encoder(folder, name, settings=settings, tick=tick)
    prefer_encoder(folder, name)
    for done in work.glob("run-*"):
        rmtree(done, ignore_errors=True)
    return Adapted(
        encoder=name,
        base=base,
        deep=deep,
        share=taken.share,
        learned=learned,
        shop=shop,
        guard=kept,
        seconds=monotonic() - started,
        problems=shelved.problems,
    )


def _of_shop(folder: Path, encoder: str) -> str:
    """The encoder that is meant, among those of the shop."""
    manifest = Manifest.load(folder)
    name = lasting_name(encoder) if encoder else manifest.encoders[0]
    if name not in manifest.encoders:
        problem = f"this shop was not built with the encoder '{encoder}'"
        raise UnknownEncoder(problem, remedy=f"It has: {', '.join(manifest.encoders)}")
    if manifest.served and folder_of(name, home=folder):
        manifest.check_vectors(name, vector_columns([load_encoder(name, home=folder)]))
    return name


def _towers(files: EncoderFiles, weights: HeadWeights) -> Towers:
    projections = {
        name: array
        for name, array in weights.arrays.items()
        if name.startswith(("e5.", "minilm.", "classify."))
    }
    return Towers(files.text, files.tokenizer, files.picture, projections)


def _key(files: EncoderFiles, pairs: Sequence[Pair], *how: object) -> str:
    """Names a run: what it goes on from, what it learns from, and how."""
    learned = [
        f"{pair.id}\0{pair.title}\0{pair.split}\0{sorted(pair.attributes.items())}\0{hash_file(pair.picture)}"
        for pair in pairs
    ]
    parts = (hash_file(files.heads), hash_file(files.picture), " ".join(map(str, how)), *learned)
    return hash_bytes(*(part.encode() for part in parts))[:12]
