"""Shop: create, open, build, search, similar, show; opens the folders below and hands over."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, Self

from duomo.encode.models import lasting_name, load_encoder
from duomo.errors import Problem, ShopExists
from duomo.extras import needs
from duomo.files import is_empty, write_atomic
from duomo.hits import AskedWith, Hits, Mode, Query
from duomo.product import Product, Review
from duomo.progress import Tick, silent
from duomo.search.asked import File, Image, box_in, clip_of, listed, opened
from duomo.search.goods import find_product
from duomo.settings import FILE, Settings
from duomo.shelf.base import kind_of
from duomo.shelf.filters import FILTERABLE
from duomo.shelf.manifest import NAME, TABLES, Manifest
from duomo.shelf.tables import Tables
from duomo.stock.current import Current
from duomo.stock.encoders import add_encoder, roll_back
from duomo.stock.intake import Intake
from duomo.stock.orders import roll_back_order
from duomo.stock.outcome import bring
from duomo.stock.report import BuildReport
from duomo.stock.served import Served
from duomo.stock.swap import vector_columns

if TYPE_CHECKING:
    from duomo.catalog.events import Search
    from duomo.encode.regions import Box
    from duomo.measure.questions import Question
    from duomo.search.heat import HeatMap
    from duomo.search.suggest import Suggestion
    from duomo.train.adapt import Adapted
    from duomo.train.rank import Ordered

_TOML: Final = """# Settings of this shop; a DUOMO_* variable or an argument goes before them.
[settings]
"""


class Shop:
    r"""A folder that holds everything a shop needs to be searched.

    >>> from tempfile import mkdtemp
    >>> folder = Path(mkdtemp())
    >>> _ = (folder / "goods.csv").write_text("sku,title,color\nA1,Red mug,red\nA2,Blue mug,blue\n")
    >>> shop = Shop.create(folder / "shop")
    >>> shop.build(folder / "goods.csv").added
    2
    >>> [hit.product.title for hit in shop.search("red mug", k=1)]
    ['Red mug']
    """

    def __init__(self, folder: Path, settings: Settings) -> None:
        """Use `Shop.create` or `Shop.open`."""
        self.folder = folder
        self.settings = settings
        self._current = Current(folder, settings)

    @classmethod
    def create(
        cls, folder: Path | str, *, encoder: str | Sequence[str] = "", settings: Settings | None = None
    ) -> Self:
        """A new, empty shop in a folder that is empty or not there yet.

        Args:
            folder: where the shop is to be.
            encoder: the encoder or encoders it is built with, the default one first; "": as the settings say.
            settings: default: those of no file and no environment.

        Raises:
            ShopExists: the folder holds a shop, or other files.
            UnknownEncoder: no encoder has this name.
        """
        folder, settings = Path(folder), settings or Settings()
        if (folder / NAME).exists():
            problem = f"there is a shop in {folder} already"
            raise ShopExists(problem, remedy="Open it, or name another folder")
        if folder.exists() and not (folder.is_dir() and is_empty(folder, but=FILE)):
            raise ShopExists(f"{folder} is not an empty folder", remedy="Name an empty or a new folder")
        names = (encoder,) if isinstance(encoder, str) else tuple(encoder)
        names = tuple(dict.fromkeys(name or settings.encoder for name in names)) or (settings.encoder,)
        names = tuple(lasting_name(name) for name in names)
        vector_columns([load_encoder(name, key=settings.openai_key) for name in names])
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / FILE).exists():
            write_atomic(folder / FILE, _TOML)
        Manifest(encoders=names).save(folder)
        return cls(folder, settings)

    @classmethod
    def open(cls, folder: Path | str, *, settings: Settings | None = None) -> Self:
        """The shop in a folder; raises MissingShop where there is none.

        Args:
            folder: of the shop.
            settings: default: those of the shop's duomo.toml.
        """
        folder = Path(folder)
        Manifest.load(folder)
        return cls(folder, settings or Settings.of_shop(folder, {}))

    def build(
        self,
        *catalogs: Path | str,
        format: str = "auto",
        mapping: Mapping[str, str] | None = None,
        images: Path | str | None = None,
        prune: bool | Literal["anyway"] = False,
        partial: bool = False,
        replace: bool = False,
        trusted: bool = True,
        tick: Tick = silent,
    ) -> BuildReport:
        """Put catalogs on the shelf: new products are added, changed ones updated, the rest left alone.

        Args:
            catalogs: files, folders, ZIP files or addresses of what `duomo.catalog` reads; a product in two
                is taken from the first. None: all that the shop was built from, read as they were then.
            format: of the files; "auto" looks into them.
            mapping: Duomo's column -> the file's column, where Duomo cannot know: {"title": "name"}.
            images: the folder that picture paths are relative to; default: that of the catalog.
            prune: take off products that came from these catalogs and are in them no longer; "anyway": also
                those of one that has shrunk to less than half, which is refused otherwise.
            partial: the catalogs are some rows of many: products, variants and facts that they do not name
                stay as they are.
            replace: with partial: of the products named nothing stays but what the catalogs say.
            trusted: False: the catalogs come from outside; their pictures must be addresses, not files.
            tick: told how far the work is.

        Raises:
            MissingFile, BadFile, BlockedUrl: a catalog cannot be read at all; the shop stays as it was.
            ShopBusy: another process is writing to this shop.
        """
        how = Intake(
            format=format,
            mapping=dict(mapping or {}),
            images=Path(images) if images else None,
            partial=partial,
            amends=self.folder if partial and not replace else None,
            trusted=trusted,
        )
        return bring(self.folder, catalogs, how, settings=self.settings, prune=prune, tick=tick)

    def add_encoder(self, name: str, *, tick: Tick = silent) -> tuple[Problem, ...]:
        """Make the vectors of one more encoder for everything on the shelf; the others stay as they are.

        Returns:
            What was wrong with pictures that had to be opened again.

        Raises:
            UnknownEncoder: no encoder has this name.
            ShopBusy: another process is writing to this shop.
        """
        return add_encoder(self.folder, lasting_name(name), settings=self.settings, tick=tick)

    def adapt(
        self, *, encoder: str = "", deep: bool = False, forget: float = 0.02, tick: Tick = silent
    ) -> "Adapted":
        """Adapt an encoder with heads, as `pocket`, to these goods: see `duomo.train.adapt.adapt`.

        `deep`: its picture tower, too, which is taken if held-out goods of the shop gain by it.

        Raises:
            WorseModel: nothing was gained for sure, or more was forgotten; the shop stays as it was.
            BadSetting: the encoder has no heads, or the shop offers too little to learn from.
            MissingExtra: the extra `train` is not installed.
        """
        with needs("train", to="adapt an encoder"):
            from duomo.train.adapt import adapt
        return adapt(
            self.folder, encoder=encoder, settings=self.settings, deep=deep, forget=forget, tick=tick
        )

    def roll_back(self) -> tuple[str, str]:
        """Search again with what the first encoder was adapted from: see `duomo.stock.encoders`."""
        return roll_back(self.folder)

    def learn_order(
        self, questions: "Sequence[Question]" = (), *, searches: "Sequence[Search]" = (), tick: Tick = silent
    ) -> "Ordered":
        """Learn an order of hits from judged questions, or from what shoppers clicked; see `train.rank`.

        Raises:
            WorseModel: it is not better than the order in use for sure; the shop stays as it was.
            BadSetting: there is too little to learn from.
            MissingExtra: the extra `train` is not installed.
        """
        with needs("train", to="learn an order"):
            from duomo.train.rank import learn_order
        return learn_order(self.folder, questions, searches=searches, settings=self.settings, tick=tick)

    def roll_back_order(self) -> tuple[str, str]:
        """Order hits again as before the learned order: see `duomo.stock.orders`."""
        return roll_back_order(self.folder)

    def search(
        self,
        text: str = "",
        *,
        image: Image | None = None,
        box: "str | Box | None" = None,
        clip: File | None = None,
        audio: File | None = None,
        like: str | Sequence[str] = (),
        unlike: str | Sequence[str] = (),
        unwanted: str = "",
        where: str = "",
        chosen: Mapping[str, str | Sequence[str]] | None = None,
        weights: Mapping[AskedWith, float] | None = None,
        as_words: str | Sequence[str] = (),
        literal: bool = False,
        mode: Mode = "hybrid",
        k: int = 10,
        skip: int = 0,
        facets: Sequence[str] = (),
        encoder: str = "",
    ) -> Hits:
        """The products that answer words, a picture, a clip, speech, an example, or several of them together.

        Args:
            text: words in any language.
            image: a picture file, its bytes, or RGB pixels.
            box: the region of the picture that is meant, "x,y,w,h" in shares of it or in pixels; "main": what
                stands out most.
            clip: a clip or its bytes, in the place of a picture (extra `clips`).
            audio: a sound or its bytes; what is said in it is searched too (extra `voice`).
            like: id of a product or variant as an example, or several.
            unlike: the same, of what is not wanted.
            unwanted: words for what a product must not have or be: "hood", "红色".
            where: a filter: "price < 50 and color in ('red', 'navy')".
            chosen: column -> values ticked in its facet, any of which will do: {"color": ["red"]}. They limit
                like `where`, but that facet itself goes on counting what may be ticked as well.
            weights: what "words", "picture" and "like" count beside each other; 1 each.
            as_words: what of the words is not to be understood: the `said` of a meaning in `understood`.
            literal: take the words as they are: no limit, refusal, typo or translation is understood.
            mode: "hybrid", or only "keywords" or "vector".
            k: products a page, 1 to 1000.
            skip: products before this page.
            facets: columns to count over the whole result set.
            encoder: which of the shop's encoders; "": its first.

        Raises:
            BadQuery, BadFilter, BadPicture, BadClip, BadSound: the question has no answer, and why.
            MissingExtra: a clip or a sound needs a package that is not installed.
            MissingProduct: the example is not in the shop.
            UnknownEncoder: the shop was not built with this encoder.
        """
        alone = image is None and clip is None and not (text.strip() or like)
        picture = None if image is None else opened(image, self.settings)
        return self.ask_for(
            Query(
                text=text,
                heard=None if audio is None else self._now().ears.hear(audio, alone=alone),
                picture=None if picture is None else picture.pixels,
                box=box_in(picture, box),
                clip=None if clip is None else clip_of(clip, self.settings),
                like=listed(like),
                unlike=listed(unlike),
                unwanted=unwanted,
                where=where,
                chosen={name: listed(values) for name, values in (chosen or {}).items()},
                weights=weights or {},
                as_words=listed(as_words),
                literal=literal,
                mode=mode,
                k=k,
                skip=skip,
                facets=tuple(facets),
                encoder=encoder,
            )
        )

    def ask_for(self, query: Query) -> Hits:
        """The answer to a query; `search` with the question as one value."""
        return self._now().ask(query)

    def similar(self, id: str, *, k: int = 10, where: str = "", encoder: str = "") -> Hits:
        """Products like this one in what they are called and how they look; raises MissingProduct."""
        return self.search(like=id, k=k, where=where, encoder=encoder, mode="vector")

    def heat(self, query: Query, id: str) -> "HeatMap":
        """Which part of a product's picture made it match a query, and how much: see `search.heat`.

        Args:
            query: with words or a picture.
            id: of the product; its picture that lies nearest to the query is looked at.

        Raises:
            MissingProduct: the shop has no such product, or it was not found by a picture.
        """
        return self._now().heat(query, id)

    def suggest(self, text: str, *, k: int = 8) -> "tuple[Suggestion, ...]":
        """How a question that begins so may go on; see `search.suggest`."""
        return self._now().reader.suggester.suggest(text, k)

    def product(self, id: str) -> Product:
        """The product with this id, or with a variant of this id; raises MissingProduct."""
        return find_product(self._now().snapshot, id)[0]

    def picture(self, hash: str) -> bytes:
        """The small picture, a JPEG, kept of one with this `Media.hash`; raises MissingProduct."""
        return self._now().picture(hash)

    def reviews(self, product_id: str = "") -> list[Review]:
        """What shoppers said of a product, or of all ("") of them, in the order it came in."""
        records = Tables(self.folder / TABLES).scan("reviews").to_pylist()
        names = Review.__slots__
        return [Review(**{n: r[n] for n in names}) for r in records if product_id in ("", r["product_id"])]

    def columns(self) -> dict[str, str]:
        """The columns that can be filtered and counted, with their kinds."""
        kinds = {field.name: kind_of(field) for field in self._now().snapshot.schema}
        return {name: kind for name, kind in kinds.items() if kind in FILTERABLE}

    @property
    def manifest(self) -> Manifest:
        """What the shop says of itself: encoders, catalogs, last builds."""
        return Manifest.load(self.folder)

    def __len__(self) -> int:
        """How many variants the shop has on its shelf."""
        return len(self._now().snapshot)

    def pinned(self, *, whole: bool = False) -> Self:
        """This shop as it is now, whatever is built later; `whole`: loaded anew, not as changes over it."""
        pinned = type(self)(self.folder, self.settings)
        pinned._current = Current(self.folder, self.settings, self._current.whole() if whole else self._now())
        return pinned

    def rest_on(self, pinned: Self) -> None:
        """Have what changes from now on lie over a version that was pinned before."""
        self._current.rest_on(pinned._now())

    @property
    def changes(self) -> int:
        """How many rows lie as changes over the version that was last loaded as a whole."""
        return self._current.changes

    def _now(self) -> Served:
        """The version that is served now; what a build has changed since is loaded."""
        return self._current.now()
