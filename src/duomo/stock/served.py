"""What readers see of a shop folder: one version of its tables, and what it takes to ask it."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock
from typing import Final

import numpy as np

from duomo.encode.base import Towers
from duomo.encode.models import load_encoder
from duomo.encode.remembered import remembering
from duomo.errors import BadSetup, MissingProduct, MissingShop, UnknownEncoder
from duomo.guard.pictures import open_picture
from duomo.hits import Hits, Query
from duomo.search.asked import Ears
from duomo.search.find import Searched, find, worded
from duomo.search.goods import find_product
from duomo.search.heat import HeatMap, heat
from duomo.search.members import Chance
from duomo.search.questions import question_of, shown_by
from duomo.search.reader import Reader
from duomo.search.rerank import LearnedOrder
from duomo.search.standing import Standing
from duomo.settings import Settings
from duomo.shelf.base import ID, Snapshot
from duomo.shelf.exact import ExactSnapshot, load_exact
from duomo.shelf.filters import Compare
from duomo.shelf.lance import LanceShelf
from duomo.shelf.layered import changes
from duomo.shelf.manifest import PICTURES, VARIANTS, Manifest
from duomo.stock.domain import lean_of
from duomo.stock.orders import order_of
from duomo.stock.swap import vector_columns

MOST_CHANGES: Final = 5_000  # rows that may lie as changes over a version in memory, or
CHANGED: Final = 0.1  # this share of it: more slow down every question


@dataclass(frozen=True, slots=True)
class Served:
    """One version of a shop as readers see it."""

    folder: Path
    settings: Settings
    stamp: tuple[int, int]  # of its manifest
    manifest: Manifest
    snapshot: Snapshot  # of the variants
    pictures: Snapshot
    ears: Ears
    reader: Reader
    standing: Standing
    order: LearnedOrder | None  # that the shop has learned
    chances: dict[str, Chance]
    towers: dict[str, Towers] = field(default_factory=dict)  # those that were asked for, by name
    loading: Lock = field(default_factory=Lock)  # of a tower: one thread loads it, the others wait
    table: tuple[int, int] = (0, 0)  # device and inode of the table's folder: another one after a restore
    whole: "Served | None" = None  # the version that this one lies over as changes; None: it is whole itself

    @classmethod
    def load(
        cls, folder: Path, settings: Settings, stamp: tuple[int, int], before: "Served | None" = None
    ) -> "Served":
        """The version that the folder serves now.

        Args:
            folder: of the shop.
            settings: that it is asked with.
            stamp: of its manifest.
            before: an earlier version, of the same settings; where little has changed since, only that is
                read, and what was made for the earlier one is used on.

        Raises:
            MissingShop: there is no shop, or no build of it has ended yet.
            BadSetup: its manifest or its table cannot be read.
        """
        manifest, pictures = _shown(folder)
        remedy = f"Run: duomo build CATALOG --shop {folder}"
        if not manifest.served and manifest.sources and not manifest.building:
            problem = f"the shop in {folder} is empty: no row of what it was built from became a product"
            raise MissingShop(problem, remedy="Correct the catalog, and build again")
        if not manifest.served:
            raise MissingShop(f"no build of the shop in {folder} has ended yet", remedy=remedy)
        if before and (near := before.changed(manifest, pictures, stamp)):
            return near
        shelf = LanceShelf(folder / VARIANTS)
        snapshot: Snapshot = shelf.snapshot(probes=manifest.probes, version=manifest.served)
        if not snapshot.schema.names:
            raise BadSetup(f"the table {folder / VARIANTS} is gone", remedy=remedy)
        if len(snapshot) <= settings.exact_rows:
            snapshot = load_exact(snapshot)
        return cls(
            folder=folder,
            settings=settings,
            stamp=stamp,
            manifest=manifest,
            snapshot=snapshot,
            pictures=pictures,
            ears=Ears(snapshot, settings),
            reader=Reader(snapshot, folder),
            standing=Standing.of(snapshot, settings),
            order=order_of(folder, manifest),
            chances={way: Chance(*pair) for way, pair in manifest.chances.items()},
            table=table_in(folder),
        )

    def changed(self, manifest: Manifest, pictures: Snapshot, stamp: tuple[int, int]) -> "Served | None":
        """The version of a newer manifest, made from this one; None: it has to be loaded as a whole."""
        if table_in(self.folder) != self.table:  # its numbers of versions and rows may mean others
            return None
        if self._asked_alike(manifest) and manifest.served == self.manifest.served:
            return replace(self, stamp=stamp, manifest=manifest)  # a build has begun, or changed nothing
        whole = self.whole or self
        if not whole._asked_alike(manifest) or not isinstance(whole.snapshot, ExactSnapshot):
            return None
        newest = LanceShelf(self.folder / VARIANTS).snapshot(version=manifest.served)
        most = max(MOST_CHANGES, int(CHANGED * len(whole.snapshot)))
        snapshot = changes(whole.snapshot, newest, "product_hash", most)
        if snapshot is None or len(snapshot) > self.settings.exact_rows:
            return None
        return replace(
            self,
            stamp=stamp,
            manifest=manifest,
            snapshot=snapshot,
            pictures=pictures,
            reader=whole.reader.over(snapshot),
            standing=whole.standing.over(snapshot, self.settings),
            chances={way: Chance(*pair) for way, pair in manifest.chances.items()},
            whole=whole,
        )

    def _asked_alike(self, manifest: Manifest) -> bool:
        """Whether the encoders and the learned order of a manifest are those that are held here."""
        return all(getattr(manifest, n) == getattr(self.manifest, n) for n in ("cards", "abroad", "order"))

    def ask(self, query: Query) -> Hits:
        """The answer to a query; raises UnknownEncoder, and what `search.find` raises."""
        return find(query, self.searched(query.encoder))

    def searched(self, encoder: str = "") -> Searched:
        """What is asked with one of the encoders, "": the first; raises UnknownEncoder, BadSetup."""
        name = encoder or self.manifest.encoders[0]
        if name not in self.manifest.encoders:
            remedy = f"It has: {', '.join(self.manifest.encoders)}"
            raise UnknownEncoder(f"this shop was not built with the encoder '{name}'", remedy=remedy)
        return Searched(
            snapshot=self.snapshot,
            towers=self.tower(name),
            chances=self.chances,
            reader=self.reader,
            standing=self.standing,
            scorer=self.order if self.order and self.order.encoder == name else None,
        )

    def picture(self, hash: str) -> bytes:
        """The small picture that is kept of one of the shop's; raises MissingProduct."""
        try:
            return _body_of(self.pictures, hash)
        except BadSetup:  # its files were merged into others since this version was loaded
            return _body_of(LanceShelf(self.folder / PICTURES).snapshot(latest=True), hash)

    def heat(self, query: Query, id: str) -> HeatMap:
        """Which part of a product's picture made it match; see `Shop.heat`."""
        product, variant, _ = find_product(self.snapshot, id)
        towers = self.tower(query.encoder or self.manifest.encoders[0])
        shown = shown_by(query, self.snapshot, towers)
        wording = worded(query, self.reader)
        against = question_of(query, wording, shown, towers, self.chances).vectors
        vector = against.get("picture", against.get("text") if towers.shared else None)
        every = [media.hash for media in product.media_of(variant) if media.hash]
        if vector is None or towers.picture is None or not every:
            problem = f"the product '{id}' cannot be found by a picture with this question"
            remedy = "Ask with a picture, or with words and an encoder that holds them against pictures"
            raise MissingProduct(problem, remedy=remedy)
        pictures = [open_picture(self.picture(hash)).pixels for hash in every[: self.settings.pictures_each]]
        best = int((towers.picture.encode(pictures) @ vector).argmax())
        return replace(heat(pictures[best], towers.picture, vector), picture=every[best])

    def tower(self, name: str) -> Towers:
        """The encoder, if its vectors can be held against those on the shelf; raises BadSetup."""
        with self.loading:
            if name not in self.towers:
                towers = load_encoder(name, home=self.folder, key=self.settings.openai_key)
                towers = towers.leaning(lean_of(self.manifest.abroad.get(name, 0.0)))
                self.manifest.check_vectors(name, vector_columns([towers]))
                self.towers[name] = remembering(towers)
            return self.towers[name]


def _shown(folder: Path) -> tuple[Manifest, Snapshot]:
    """The manifest, and the pictures that it was written beside: later ones may lack what it shows."""
    while True:
        manifest = Manifest.load(folder)
        pictures = LanceShelf(folder / PICTURES).snapshot(latest=True)
        if Manifest.load(folder).served == manifest.served:
            return manifest, pictures


def _body_of(pictures: Snapshot, hash: str) -> bytes:
    rows = pictures.search(filter=Compare(ID, "=", hash)).rows if len(pictures) else np.zeros(0, np.int64)
    if not rows.size:
        raise MissingProduct(f"the shop has no picture '{hash}'", remedy="Take it from a product's media")
    body: bytes = pictures.take(rows, ["body"])["body"][0].as_py()
    return body


def table_in(folder: Path) -> tuple[int, int]:
    """Device and inode of the folder that a shop's variants lie in; zeros where there is none."""
    try:
        status = (folder / VARIANTS).stat()
    except OSError:
        return 0, 0
    return status.st_dev, status.st_ino
