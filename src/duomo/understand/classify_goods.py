"""Goods to learn from and to read: out of a product file, a folder of pictures, or a shop."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import numpy as np

from duomo.arrays import Pixels
from duomo.catalog.columns import attribute_name, field_of
from duomo.catalog.read import PRODUCT_FILES, read_catalog
from duomo.encode.base import EncoderCard
from duomo.encode.cache import VectorCache
from duomo.errors import BadPicture, BadQuery, BadSetting, DuomoError, MissingFile, Problem, WorseModel
from duomo.guard.pictures import open_picture, picture_bytes
from duomo.measure.compare import difference, interval
from duomo.product import Media, Product, Variant, is_address
from duomo.progress import Tick, silent
from duomo.settings import Settings
from duomo.understand.category import ByNames, Classifier, trained_in
from duomo.understand.classify import HEADS, words_of
from duomo.understand.classify_fitting import Fitted, fit_head
from duomo.understand.gate import Flags, Floats
from duomo.understand.sight import LEAST_SIDE, Sight
from duomo.understand.taxonomy import Node, Taxonomy, node_of

CATEGORY: Final = "category"  # the label that is a path; all others are attributes
PICTURE_ENDS: Final = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff")
_AT_ONCE: Final = 64  # pictures in memory
_NAME: Final = re.compile(r"[^\W.][^/\\\x00]{0,99}")  # of a label, as that of a folder
# What the heads of other readers are called, which lie in the same folder of a shop.
_TAKEN: Final = frozenset({"ads", "aspects", "match", "sentiment"})
_COMPARED: Final = 200  # goods that are read by names, too
_NO_COLUMNS: Final[Mapping[str, str]] = {}
_TRIED: Final = 3  # pictures of a product, until one can be opened

Bodies = Callable[[Sequence[str]], Mapping[str, bytes]]  # content hashes -> pictures that a shop keeps


@dataclass(slots=True)
class Opener:
    """Opens the first picture of each product that can be opened, and counts what cannot.

    Args:
        settings: the limits.
        bodies: of a shop, whose products name pictures by their content; None: products name files.
    """

    settings: Settings
    bodies: Bodies | None = None
    problems: list[Problem] = field(default_factory=list)
    _told: set[Problem] = field(default_factory=set, init=False)

    def open(self, products: Sequence[Product]) -> list[Pixels | None]:
        """(n,) products -> their pictures, (height, width, 3); None: there is none, or none can be opened."""
        held: Mapping[str, bytes] = {}
        if self.bodies:
            wanted = [media.hash for product in products for media in pictures_of(product) if media.hash]
            held = self.bodies(list(dict.fromkeys(wanted)))
        return [self._first(product, held) for product in products]

    def _first(self, product: Product, held: Mapping[str, bytes]) -> Pixels | None:
        for media in pictures_of(product):
            try:
                body = held.get(media.hash) if self.bodies else self._read(media.source)
                if body is None:
                    continue
                pixels = open_picture(
                    body, side=self.settings.picture_side, megapixels=self.settings.picture_megapixels
                ).pixels
                if min(pixels.shape[:2]) < LEAST_SIDE:
                    size = "{1} by {0}".format(*pixels.shape)
                    raise BadPicture(f"the picture is {size} pixels", remedy="Give one that shows something")
                return pixels
            except DuomoError as error:
                told = Problem(
                    file=product.origin.file or media.source,
                    line=product.origin.line,
                    column="image",
                    value=media.source,
                    problem=str(error.args[0]),
                    remedy=error.remedy,
                    severity="warning",
                    product_id=product.id,
                )
                if told not in self._told:  # who opens a picture again is not told again
                    self._told.add(told)
                    self.problems.append(told)
        return None

    def _read(self, source: str) -> bytes:
        if is_address(source):
            problem = "the picture lies behind an address, and reading a file fetches nothing"
            raise MissingFile(problem, remedy="Build a shop from it, and read that with --shop")
        return picture_bytes(Path(source), picture_mb=self.settings.picture_mb)


def pictures_of(product: Product) -> tuple[Media, ...]:
    """The first pictures of a product and its variants, each once."""
    every = (*product.media, *(media for variant in product.variants for media in variant.media))
    shown = {media.source: media for media in every if media.kind == "picture"}
    return tuple(shown.values())[:_TRIED]


def goods_in(
    path: Path, settings: Settings, columns: Mapping[str, str] = _NO_COLUMNS
) -> tuple[Sequence[Product], tuple[Problem, ...]]:
    """The goods of a product file, or one for each picture of a folder that holds no product file.

    Pictures come in the order of their paths, folders within the folder included; the id is the path.

    Args:
        path: of the file or folder.
        settings: the limits.
        columns: Duomo's column -> the file's, where that is not known by its name.

    Raises:
        MissingFile: there is nothing at the path, or the folder holds neither.
        BadFile: the file is no product file.
        BadQuery: columns of pictures are named.
    """
    if path.is_dir() and not any((path / name).is_file() for name in PRODUCT_FILES):
        files = sorted(
            file for file in path.rglob("*") if file.suffix.lower() in PICTURE_ENDS and file.is_file()
        )
        if not files:
            problem = f"the folder {path} holds neither products.csv nor a picture"
            raise MissingFile(problem, remedy="Name a product file, or a folder of pictures")
        if columns:
            problem = f"the folder {path} holds pictures alone, and they have no columns to be mapped"
            raise BadQuery(problem, remedy="Leave that out, or name a product file")
        return [_shown(file, file.relative_to(path).as_posix()) for file in files], ()
    catalog = read_catalog(path, mapping=columns, limit_mb=settings.file_mb)
    return catalog.products, catalog.problems


def label_of_goods(asked: str) -> str:
    """What a label is called in a product file: "category", "brand", or an attribute.

    Raises:
        BadSetting: there can be no such attribute, or the column is for something else.

    >>> [label_of_goods(name) for name in ("類別", "颜色", "My style")]
    ['category', 'color', 'my_style']
    """
    field, name = field_of(asked), attribute_name(asked)
    if field in (CATEGORY, "brand"):
        return field
    if field or not name:
        problem = f"no label can be called '{asked[:60]}': a product file has that column for something else"
        raise BadSetting(problem, remedy="Name category, brand, or an attribute such as color")
    return name


def labels_of(products: Sequence[Product], name: str) -> list[Node | None]:
    """The label of each product: its category path, or its only value of an attribute; None: it has none."""
    if name == CATEGORY:
        return [product.category or None for product in products]
    if name == "brand":
        return [(product.brand,) if product.brand else None for product in products]
    found: list[Node | None] = []
    for product in products:
        values = product.attributes.get(name, ())
        found.append((node_of(values[0]) or None) if len(values) == 1 else None)
    return found


def head_folder(shop: Path, name: str) -> Path:
    """Where a shop keeps the head of a label; raises BadSetting where a label cannot be called so."""
    if not _NAME.fullmatch(name):
        raise BadSetting(f"no label is called '{name[:60]}'", remedy="Name category, brand or an attribute")
    if name in _TAKEN:
        problem = f"the label '{name}' is called like a reader of its own, whose head would be lost"
        raise BadSetting(problem, remedy="Call the column otherwise in the product file")
    return shop / HEADS / name


def classifier_of(
    folder: Path, name: str, products: Callable[[], Iterable[Product]], *, tick: Tick = silent
) -> Classifier:
    """What tells a label for a shop: the head that it was taught, or else the names of its own labels.

    Args:
        folder: of the shop.
        name: of the label.
        products: its goods, asked for only where there is no head.
        tick: told of the names that are encoded.

    Raises:
        BadSetting: there is no such name of a head, or neither a head nor two labels to choose from.
        BadFile: the head is damaged.
    """
    head = head_folder(folder, name)
    if head.is_dir():
        return trained_in(head)
    own = sorted({node for node in labels_of([*products()], name) if node})
    if len(own) < 2:
        problem = f"the shop in {folder} has neither a trained head for '{name}' nor two values of it"
        raise BadSetting(problem, remedy="Name the labels to choose from, or train a head")
    return ByNames(Taxonomy(tuple(own)), tick=tick)


def learn(
    products: Sequence[Product],
    name: str,
    opener: Opener,
    *,
    sight: Sight | None = None,
    cache: Path | None = None,
    lineage: Mapping[str, object] | None = None,
    seed: int = 0,
    tick: Tick = silent,
) -> Fitted:
    """A head for a label that products carry, as `fit_head`.

    Args:
        products: with labels and without.
        name: "category", "brand", or an attribute.
        opener: of their pictures.
        sight: what sees them; None: the shipped one.
        cache: a file of a shop that keeps what was seen; the next label is then learned in seconds.
        lineage: what the card says of where the goods come from.
        seed: of everything random.
        tick: told about the stages "seeing" and "learning".

    Raises:
        BadSetting: too few goods carry the label.
    """
    sight = sight or Sight.shipped()
    labels = labels_of(products, name)
    some = [place for place, label in enumerate(labels) if label]
    chosen = [products[place] for place in some]
    seen, shown = features_of(chosen, opener, sight, cache, tick)
    return fit_head(
        name,
        [words_of(product, without=name) for product in chosen],
        seen,
        shown,
        [labels[place] for place in some],
        tower=sight.version,
        groups=[product.title.casefold() for product in chosen],
        lineage=lineage,
        seed=seed,
        tick=tick,
    )


def beside_names(
    fitted: Fitted, products: Sequence[Product], opener: Opener, *, tick: Tick = silent
) -> Fitted:
    """The same with one more figure in the card: how good the names of its labels alone are (`ByNames`).

    Args:
        fitted: by `learn`.
        products: that it was given.
        opener: of their pictures.
        tick: told of the names that are encoded.

    Raises:
        WorseModel: on goods that the head had not learned from it is right less often than the names alone.
    """
    card = fitted.head.card
    carrying = [product for product in products if labels_of([product], card.label)[0]]
    asked = np.random.default_rng(0).permutation(len(fitted.rows))[:_COMPARED]
    some = [carrying[fitted.rows[place]] for place in asked]
    reader = ByNames(fitted.head.taxonomy, tick=tick)
    shares = [
        reader.probabilities(
            [words_of(product, without=card.label) for product in some[at : at + _AT_ONCE]],
            opener.open(some[at : at + _AT_ONCE]),
        )
        for at in range(0, len(some), _AT_ONCE)
    ]
    right = fitted.right[asked]
    named = np.concatenate(shares).argmax(axis=1) == right
    told = fitted.unseen[asked].argmax(axis=1) == right
    if difference(named, told).high < 0:
        problem = (
            f"the names of its labels alone tell '{card.label}' right for {named.mean():.2f} of {len(some)} "
            f"goods, a head that learned from others for {told.mean():.2f}, so it is not kept"
        )
        raise WorseModel(problem, remedy="Label more goods of each, or read by the names")
    figure = {"n": len(some), **{k: round(v, 4) for k, v in interval(named)._asdict().items()}}
    figures = {**card.figures, "names_alone": figure}
    return replace(fitted, head=replace(fitted.head, card=replace(card, figures=figures)))


def features_of(
    products: Sequence[Product], opener: Opener, sight: Sight, cache: Path | None = None, tick: Tick = silent
) -> tuple[Floats, Flags]:
    """(n, dim) what is seen of the goods, and (n,) whether they have a picture.

    With a cache, what was seen of a picture of a shop (`Media.hash`) before is taken from there.
    """
    card = _card(sight)
    kept = VectorCache(cache) if cache else None
    seen, shown = np.zeros((len(products), sight.dim), np.float32), np.zeros(len(products), bool)
    for at in range(0, len(products), _AT_ONCE):
        some = products[at : at + _AT_ONCE]
        keys = [next((media.hash for media in pictures_of(each) if media.hash), "") for each in some]
        held = kept.get(card, [key for key in keys if key]) if kept else {}
        fresh = [place for place, key in enumerate(keys) if key not in held]
        pictures = opener.open([some[place] for place in fresh])
        there = [(place, pixels) for place, pixels in zip(fresh, pictures, strict=True) if pixels is not None]
        rows = sight.see([pixels for _, pixels in there])
        for (place, _), row in zip(there, rows, strict=True):
            seen[at + place], shown[at + place] = row, True
        for place, key in enumerate(keys):
            if key in held:
                seen[at + place], shown[at + place] = held[key], True
        new = {keys[place]: row for (place, _), row in zip(there, rows, strict=True) if keys[place]}
        if kept and new:
            kept.put(card, list(new), np.stack([*new.values()]))
        tick("seeing", min(at + _AT_ONCE, len(products)), len(products))
    return seen, shown


def _card(sight: Sight) -> EncoderCard:
    """Under which what is seen is kept."""
    return EncoderCard(
        name="sight",
        modality="picture",
        dim=sight.dim,
        space=f"sight-{sight.version}",
        licence="of pocket",
        source="duomo.understand.sight",
        weights_hash=sight.version,
    )


def _shown(file: Path, name: str) -> Product:
    variant = Variant(id=name)
    return Product(id=name, title="", variants=(variant,), media=(Media(source=str(file.absolute())),))
