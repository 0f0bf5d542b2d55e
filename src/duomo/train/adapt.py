"""Adapts a shop's encoder to its own goods: what was gained, what was forgotten, and no worse model.

The shop's products are split by families. Heads go on from those in use, on the shop's own pairs, by
units that answer to these goods alone (`units`), and are held where they stood for all else
(`align.Anchor`); of the way from the old heads to the new ones a share is taken that the validation part
likes best and that forgets no more than allowed (`align.between`). Then the old encoder and the new one
answer the same held-out questions, once: of the shop, and of a guard set, a sample shop that is drawn for
this and that no encoder has learned from. A model that gains nothing for sure, or forgets more than
allowed, is refused, and the shop stays as it was.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from time import monotonic
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from duomo.catalog.read import read_catalog
from duomo.catalog.sample import draw_shop
from duomo.encode.folder import EncoderFiles, files_of
from duomo.encode.heads import HeadWeights
from duomo.encode.models import lasting_name
from duomo.errors import Problem, UnknownEncoder
from duomo.files import hash_bytes, hash_file
from duomo.progress import Tick, silent
from duomo.settings import Settings
from duomo.shelf.manifest import Manifest
from duomo.stock.encoders import add_encoder, prefer_encoder
from duomo.train.align import Anchor, Exam, Recipe, between, centres_of, train_heads
from duomo.train.features import features_of
from duomo.train.heads import Heads
from duomo.train.lexicon import ClassName, Concept, class_names, concepts
from duomo.train.loop import Course
from duomo.train.material import Domain, Encode, domain_of, prototypes
from duomo.train.models import home_of, write_model
from duomo.train.pairs import Pair, pairs_of, split_families
from duomo.train.pocket import HEADS, Towers, said_by
from duomo.train.shelf import pairs_on_shelf
from duomo.train.towers.picture import FEATURES
from duomo.train.units import Inputs, copy_of, with_units
from duomo.train.verdict import FORGET, Compared, compare, refuse_worse, served_score
from duomo.train.wordings import name_groups, phrase_groups

COURSE: Final = Course(steps=400, learning_rate=2e-3, weight_decay=0.0, check_every=100)  # see `with_units`
RECIPE: Final = Recipe(batch=512, keep=10.0)
SHARES: Final = (0.25, 0.5, 0.75, 1.0)  # of the way from the old heads to the new ones
GUARD: Final = 150  # products of the sample shop that is drawn as guard
_GUARD_SEED: Final = 2026  # another shop than the one that shipped encoders learned from
_BATCH: Final = {"shop": 0.7, "guard": 0.1, "prototypes": 0.2}  # shares of every batch
_PHRASES: Final = 6  # a product
_OF_LEXICON: Final = 2000  # groups of phrases, and
_KEPT: Final = 6000  # texts of them and of names that must stay where they are
_BLURS: Final = 3  # pictures that are made of each prototype, to stay where they are
_AS_GOOD: Final = 0.01  # MRR on the validation part
_CENTRES: Final = 64  # of the shop's texts, which are home from now on
_EXAM_SEED: Final = 99  # of the phrases that held-out products are asked by


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapted:
    """What came of adapting a shop's encoder."""

    encoder: str  # the new one, which the shop prefers now
    base: str
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
    course: Course = COURSE,
    recipe: Recipe = RECIPE,
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
        course: how long, how fast, from which seed.
        recipe: of the training.
        forget: MRR that the guard set may lose, 0 to 1.
        tick: told about the stages.

    Raises:
        BadSetting: the encoder has no heads, or the shop offers too little to learn from.
        UnknownEncoder: the shop was not built with this encoder.
        WorseModel: nothing was gained for sure, or more was forgotten than allowed.
        ShopBusy: another process is writing to this shop; the trained model is taken up at the next call.
    """
    started = monotonic()
    base = _of_shop(folder, encoder)
    files = files_of(home_of(base, folder))
    work = folder / "cache" / "align"
    shelved = pairs_on_shelf(folder, settings, tick=tick)
    guard = draw_guard(work / f"guard-{GUARD}", tick=tick)
    old = HeadWeights.load(files.heads)
    towers = _towers(files, old)
    run = work / f"run-{_key(files, shelved.pairs, course, recipe)}"
    parts = _Parts.of({"shop": shelved.pairs, "guard": guard}, towers, work, course.seed, tick)
    new, share = _learned(old, parts, towers, run, course, recipe, forget, tick)
    new.save(run / HEADS)
    new = HeadWeights.load(run / HEADS)  # rounded, as it would be served
    shop, kept = (compare(name, parts.asked[name], old, new) for name in ("shop", "guard"))
    refuse_worse(shop, kept, forget)
    learned = sum(pair.split == "train" for pair in shelved.pairs)
    made_by = f"{run.name} {share}"
    name = write_model(folder, files, new, base=base, run=made_by, learned=learned, exams=(shop, kept))
    add_encoder(folder, name, settings=settings, tick=tick)
    prefer_encoder(folder, name)
    for done in work.glob("run-*"):
        rmtree(done)
    return Adapted(
        encoder=name,
        base=base,
        share=share,
        learned=learned,
        shop=shop,
        guard=kept,
        seconds=monotonic() - started,
        problems=shelved.problems,
    )


def _of_shop(folder: Path, encoder: str) -> str:
    """The encoder that is meant, among those of the shop."""
    held = Manifest.load(folder).encoders
    name = lasting_name(encoder) if encoder else held[0]
    if name not in held:
        problem = f"this shop was not built with the encoder '{encoder}'"
        raise UnknownEncoder(problem, remedy=f"It has: {', '.join(held)}")
    return name


class _Parts(NamedTuple):
    """The pairs of the shop and of the guard set as arrays."""

    learned: dict[str, Domain]
    checked: dict[str, Exam]
    asked: dict[str, Domain]

    @classmethod
    def of(
        cls, pairs: Mapping[str, Sequence[Pair]], towers: Towers, work: Path, seed: int, tick: Tick
    ) -> "_Parts":
        encode = said_by(towers)
        found: dict[str, dict[str, Domain]] = {"train": {}, "val": {}, "test": {}}
        for name, every in pairs.items():
            for split, domains in found.items():
                some = [pair for pair in every if pair.split == split]
                pictures = [pair.picture for pair in some]
                domains[name] = domain_of(
                    name,
                    some,
                    share=_BATCH[name],
                    pictures=[features_of(pictures, work, model=towers.picture, tick=tick)],
                    encode=encode,
                    phrases=_PHRASES,
                    seed=seed if split == "train" else _EXAM_SEED,
                )
        checked = {name: Exam(domain) for name, domain in found["val"].items()}
        return cls(found["train"], checked, found["test"])


def _learned(
    old: HeadWeights,
    parts: _Parts,
    towers: Towers,
    run: Path,
    course: Course,
    recipe: Recipe,
    forget: float,
    tick: Tick,
) -> tuple[HeadWeights, float]:
    """The heads at the best share of the way, and that share."""
    encode = said_by(towers)
    shop, guard = parts.learned["shop"], parts.learned["guard"]
    typical = np.concatenate([shop.pictures[0], guard.pictures[0]]).astype(np.float32)
    free = prototypes(
        towers.projections["classify.weight"],
        typical[:, :FEATURES],
        typical[:, FEATURES:],
        [(*each.en, *each.zh) for each in class_names()],
        share=_BATCH["prototypes"],
        encode=encode,
    )
    blurred = [free.draw(len(free), np.random.default_rng(draw)).pictures.numpy() for draw in range(_BLURS)]
    known = np.concatenate([*blurred, guard.pictures[0].astype(np.float32)])
    said = encode(_known_words(shop.sayings.texts[: len(shop)]))
    own = Inputs(shop.pictures[0].astype(np.float32), np.unique(shop.said.hidden, axis=0))
    heads = with_units(old, own, Inputs(known, said.hidden))
    before = copy_of(heads)
    anchor = Anchor.of(before, known, said)
    train_heads(
        heads,
        [shop, guard, free],
        [parts.checked["shop"]],
        recipe=recipe,
        course=course,
        folder=run,
        anchor=anchor,
        tick=tick,
    )
    centres = _centres(old, encode, shop.sayings.texts)
    start = served_score(parts.checked["guard"], old)
    ways = [(share, _with_heads(old, between(before, heads, share), centres)) for share in SHARES]
    allowed = [way for way in ways if start - served_score(parts.checked["guard"], way[1]) <= forget]
    scores = [served_score(parts.checked["shop"], weights) for _, weights in allowed or ways[:1]]
    # the least of those that are as good: farther off more is forgotten that the guard does not show
    least = next(place for place, score in enumerate(scores) if score >= max(scores) - _AS_GOOD)
    share, best = (allowed or ways)[least]
    return best, share


def draw_guard(folder: Path, *, tick: Tick = silent) -> list[Pair]:
    """The pairs of the sample shop that is drawn as guard, split by families; drawn once into the folder."""
    if not (folder / "truth.json").is_file():  # written last
        draw_shop(folder, products=GUARD, seed=_GUARD_SEED, tick=tick)
    pairs = pairs_of(read_catalog(folder).products, domain="guard")
    return split_families(pairs, val=0.3, test=0.4)


def _known_words(titles: Sequence[str]) -> list[str]:
    """Names and phrases of our own, in both languages, that must stay where they are.

    Some stand behind the first words of the shop's titles: its brands may be asked for with other goods.
    """
    every: list[Concept | ClassName] = [*concepts(), *class_names()]
    groups = [*name_groups(every), *phrase_groups(concepts(), _OF_LEXICON, seed=2)]
    every_text = list(dict.fromkeys(text for group in groups for text in group))
    rng = np.random.default_rng(3)
    chosen = [every_text[place] for place in rng.permutation(len(every_text))[:_KEPT].tolist()]
    behind = []
    for text in chosen:
        words = titles[int(rng.integers(len(titles)))].split()
        first = words[: min(int(rng.integers(1, 4)), len(words) - 1)]  # never a whole title
        behind.append(" ".join([*first, text]))
    return list(dict.fromkeys([*chosen, *behind]))


def _centres(old: HeadWeights, encode: Encode, texts: Sequence[str]) -> NDArray[np.float32]:
    own = old.places(encode(list(dict.fromkeys(texts))).hidden)
    return np.concatenate([old.arrays["gate.centres"], centres_of(own, min(_CENTRES, len(own)))])


def _with_heads(old: HeadWeights, heads: Heads, centres: NDArray[np.float32]) -> HeadWeights:
    """An encoder's numbers with other heads, and with more texts that are home."""
    learned = {name: array.numpy() for name, array in heads.state_dict().items()}
    return HeadWeights({**old.arrays, **learned, "gate.centres": centres})


def _towers(files: EncoderFiles, weights: HeadWeights) -> Towers:
    projections = {
        name: array
        for name, array in weights.arrays.items()
        if name.startswith(("e5.", "minilm.", "classify."))
    }
    return Towers(files.text, files.tokenizer, files.picture, projections)


def _key(files: EncoderFiles, pairs: Sequence[Pair], course: Course, recipe: Recipe) -> str:
    """Names a run: what it goes on from, what it learns from, and how."""
    learned = [
        f"{pair.id}\0{pair.title}\0{pair.split}\0{sorted(pair.attributes.items())}\0{hash_file(pair.picture)}"
        for pair in pairs
    ]
    parts = (hash_file(files.heads), hash_file(files.picture), f"{course} {recipe}", *learned)
    return hash_bytes(*(part.encode() for part in parts))[:12]
