"""schema.org Product and ProductGroup in JSON-LD, from a JSON file, JSON lines or a saved web page."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import urljoin

from duomo.catalog.assemble import Goods, media_of, variant_of
from duomo.catalog.columns import Plan, attribute_name, normal
from duomo.catalog.formats.grouped import Group, group_id, groups_of
from duomo.catalog.formats.linked import Linked
from duomo.catalog.formats.offered import Terms, terms_of
from duomo.catalog.formats.reviewed import rating_of, review_of
from duomo.catalog.formats.schema_org import Graph, Node, term
from duomo.catalog.offers import Dialect, Offer, offer_of
from duomo.catalog.pictures import Place
from duomo.catalog.rows import Cell, Notes, Row, Table
from duomo.catalog.text import one_line, value_text
from duomo.errors import BadFile
from duomo.files import hash_bytes
from duomo.product import Origin, Product, Review, Variant

JSONLD: Final = Dialect()
_TEXTS: Final = {"title": ("name",), "description": ("description",), "brand": ("brand", "manufacturer")}
_GTINS: Final = ("gtin14", "gtin13", "gtin12", "gtin8", "gtin", "isbn")
# Property -> attribute; further ones stand in additionalProperty.
_PROPERTIES: Final = {
    **{name: name for name in ("color", "size", "material", "pattern", "weight", "width", "height", "depth")},
    **{"itemCondition": "condition", "countryOfOrigin": "country_of_origin"},
}
_AUDIENCE: Final = {"suggestedGender": "gender", "suggestedAge": "age_group", "audienceType": "audience"}
_REVIEWS: Final = frozenset({"Review", "UserReview", "CriticReview", "EmployerReview"})
_POINTER: Final = frozenset(
    {"@id", "@type", "@context", "url"}
)  # a variant with nothing else is on another page


def read_jsonld(table: Table, *, mapping: Mapping[str, str], place: Place, notes: Notes) -> Goods:
    """The products of linked data: a ProductGroup with its variants is one, any other Product one of its own.

    Objects with one ``@id`` are one thing, wherever they stand. Offers with SKUs of their own are variants;
    of several offers for one thing the first that is in stock counts.
    Products that another one only mentions (``isRelatedTo``, ``isSimilarTo``) are not read. Reviews are kept;
    the average rating becomes the attributes ``rating`` and ``rating_count``. Relative addresses begin from
    where the page says it is from. A problem names the path of the value as its column.

    Args:
        table: what `read_linked` or `read_page` opened.
        mapping: field or attribute -> property of a product, for those that have names of their own.
        place: from `placer`.
        notes: of the file.

    Raises:
        BadFile: the file is no linked data, or holds no product.
    """
    if not isinstance(table, Linked):
        raise BadFile(
            f"{table.path} is no JSON-LD", remedy="Name its format with --format, or leave that out"
        )
    notes.problems.extend((*table.warnings, *table.broken))
    notes.rows += len(table.broken)
    notes.skipped += len(table.broken)
    graph = Graph(table.documents)
    groups = groups_of(graph)
    if not groups and not table.broken:
        problem = f"{table.path} holds JSON-LD, but no product of schema.org"
        raise BadFile(problem, remedy="Save the page of a product, or export objects of type Product")
    reader = _Reader(table, mapping, place, notes)
    products = [product for group in groups if (product := reader.product(group)) is not None]
    reader.keep_reviews_beside(graph)
    return Goods(products, reviews=tuple(reader.reviews))


class _Reader:
    """Makes products of groups of nodes."""

    def __init__(self, table: Linked, mapping: Mapping[str, str], place: Place, notes: Notes) -> None:
        self.reviews: list[Review] = []
        self._base, self._place, self._notes = table.base, place, notes
        self._mapping = mapping
        self._ids: dict[str, int] = {}  # of variants: their lines
        self._products: dict[str, int] = {}
        self._sold: dict[str, str] = {}  # id of a variant or product -> product
        self._placed: dict[int, str] = {}  # node -> product
        self._told: set[int] = set()  # nodes of reviews

    def product(self, group: Group) -> Product | None:
        """The product of a group; None where nothing of it can be read, which is noted."""
        node, notes = group.whole, self._notes
        named = [each for each in group.variants if each.value.keys() <= _POINTER]
        for each in named:
            problem, remedy = "is a variant on another page, which is not read", "Read that page as well"
            notes.often(each.line, problem, remedy, column=each.path, value=each.text("url")[1])
        sold = [each for each in group.variants if each not in named] or [node]
        apart = int(group.is_row and sold != [node])  # the group is a row of its own
        notes.rows += apart
        pairs = [pair for each in sold for pair in self._variants(each)]
        key = group_id(node) if group.is_row or group.variants else self._id(node)
        if pairs and key not in self._products:
            self._products[key] = node.line
            is_sold = any(each.value is node.value for each in sold)
            whole = None if is_sold else self._offer(node, key, terms_of(node))
            return self._assembled(key, node, whole, pairs)
        problem = f"is product '{key}', which was already on line {self._products.get(key)}" if pairs else ""
        for _ in range(apart):
            problem = problem or "has no variant that can be read"
            notes.skip(node.line, problem, "Write each product once", column=node.path, value=key)
        for each, offer in pairs:
            notes.skip(each.line, problem, "Write each product once", column=each.path, value=offer.id)
        return None

    def _assembled(
        self, key: str, node: Node, whole: Offer | None, pairs: Sequence[tuple[Node, Offer]]
    ) -> Product:
        """The product, with what its variants have in common."""
        offers = [offer for _, offer in pairs]
        first, notes = offers[0], self._notes
        everywhere = dict(whole.attributes) if whole else {}
        for name, values in first.attributes.items():
            if all(offer.attributes.get(name) == values for offer in offers):
                everywhere.setdefault(name, values)
        shared = (whole.pictures if whole else ()) or tuple(
            source for source in first.pictures if all(source in offer.pictures for offer in offers)
        )
        url = (whole.url if whole else "") or first.url
        self._sold.update({key: key, **{offer.id: key for offer in offers}})
        for each in {id(found.value): found for found in (node, *(sold for sold, _ in pairs))}.values():
            self._keep_reviews(each, key)
        return Product(
            id=key,
            title=(whole.title if whole else "") or first.title,
            description=(whole.description if whole else "") or first.description,
            brand=(whole.brand if whole else "") or first.brand,
            category=(whole.category if whole else ()) or first.category,
            attributes=everywhere,
            variants=tuple(self._variant(offer, everywhere, shared, url, whole) for offer in offers),
            media=media_of(shared),
            url=url,
            origin=Origin(file=notes.file, line=node.line),
        )

    def _keep_reviews(self, node: Node, product_id: str) -> None:
        self._placed[id(node.value)] = product_id
        for each in node.nodes("review", "reviews"):
            self._told.add(id(each.value))
            if (review := review_of(each, product_id, self._notes)) is not None:
                self.reviews.append(review)

    def keep_reviews_beside(self, graph: Graph) -> None:
        """Take the reviews that stand beside the products and name one by its ``@id`` or SKU."""
        for node in graph.find(_REVIEWS):
            if id(node.value) in self._told:
                continue
            about = ""
            for reviewed in node.nodes("itemReviewed"):
                sku = value_text(reviewed.text("sku", "productGroupID")[1])
                about = about or self._placed.get(id(reviewed.value)) or self._sold.get(sku, "")
            if not about:
                problem = "is a review of no product in this file"
                self._notes.often(node.line, problem, "Name its product by @id or sku", column=node.path)
            elif (review := review_of(node, about, self._notes)) is not None:
                self.reviews.append(review)

    def _variant(
        self,
        offer: Offer,
        everywhere: Mapping[str, tuple[str, ...]],
        shared: Sequence[str],
        url: str,
        whole: Offer | None,
    ) -> Variant:
        if offer.price is None and whole:
            offer = replace(offer, price=whole.price, list_price=whole.list_price)
        return variant_of(
            offer,
            Origin(file=self._notes.file, line=offer.line),
            attributes={
                name: values for name, values in offer.attributes.items() if everywhere.get(name) != values
            },
            media=media_of(source for source in offer.pictures if source not in shared),
            url="" if offer.url == url else offer.url,
        )

    def _variants(self, node: Node) -> list[tuple[Node, Offer]]:
        """What a node sells: itself, or each of its offers that has a SKU of its own."""
        sold = terms_of(node)
        by_sku: dict[str, list[Terms]] = {}
        for each in sold:
            by_sku.setdefault(each.sku, []).append(each)
        unnamed = by_sku.pop("", [])
        if len(by_sku) > 1:
            found = list(by_sku.items())
            if unnamed:
                problem = "has offers without a SKU beside some with one; they are left out"
                remedy = "Give every offer a sku of its own"
                path = f"{node.path}.offers".lstrip(".")
                self._notes.often(node.line, problem, remedy, column=path)
        else:
            found = [(self._id(node), sold)]
        self._notes.rows += len(found)
        pairs: list[tuple[Node, Offer]] = []
        for key, terms in found:
            if not key:
                problem = "has neither a SKU, nor another id, nor a name, so it cannot become a product"
                self._notes.skip(node.line, problem, "Give every product a sku", column=node.path)
            elif key in self._ids:
                problem = f"was already on line {self._ids[key]}, which stands"
                remedy = "Give every product a sku of its own, or write it once"
                self._notes.skip(node.line, problem, remedy, column=node.path, value=key, product_id=key)
            else:
                self._ids[key] = node.line
                pairs.append((node, self._offer(node, key, terms)))
        return pairs

    def _id(self, node: Node) -> str:
        named = (
            node.text("sku", "productID", "productGroupID", *_GTINS, "@id", "url")[1] or node.text("mpn")[1]
        )
        if named:
            return value_text(named)
        title, image = node.text("name")[1], node.text("image")[1]
        return hash_bytes(title.encode(), image.encode())[:12] if title else ""

    def _offer(self, node: Node, key: str, sold: Iterable[Terms]) -> Offer:
        """The offer that a node makes under these terms, read like a row of a file."""
        fields: dict[str, str] = {}
        cells: dict[str, Cell] = {}
        attributes: dict[str, str] = {}

        def keep(name: str, path: str, value: Cell) -> None:
            if value and name not in fields:
                fields[name], cells[path] = path, value

        for target, named in self._mapping.items():
            path, text = node.text(named)
            if normal(target) in _TEXTS:
                keep(normal(target), path, text)
            elif text:
                attributes[path], cells[path] = attribute_name(target), text
        for name, keys in _TEXTS.items():
            keep(name, *node.text(*keys))
        keep(
            "category", *max(node.texts("category"), key=lambda found: found[1].count(">"), default=("", ""))
        )
        keep("gtin", *node.text(*_GTINS))
        keep("mpn", *node.text("mpn"))
        path, address = node.text("url")
        keep("url", path, self._address(address))
        images = [self._address(text) for text in _images(node)]
        if images:
            keep("image", f"{node.path}.image".lstrip("."), tuple(images))
        for terms in sold:
            for name, (path, text) in terms.fields.items():
                if name == "condition":
                    attributes[path], cells[path] = name, _condition(text)
                else:
                    keep(name, path, self._address(text) if name == "url" else text)
        for name, path, values in _attributes_of(node):
            attributes[path], cells[path] = name, values
        plan = Plan(fields, attributes)
        row = Row(node.line, cells)
        return offer_of(row, key=key, plan=plan, dialect=JSONLD, place=self._place, notes=self._notes)

    def _address(self, text: str) -> str:
        return urljoin(self._base, text) if self._base and text and not text.startswith("data:") else text


def _images(node: Node) -> Iterator[str]:
    """The pictures of a node: addresses, or ImageObjects that have one."""
    for path, value in node.each("image"):
        if isinstance(value, dict):
            value = node.graph.resolved(Node(value, path, node.line, node.graph)).text(
                "contentUrl", "url", "@id"
            )[1]
        if isinstance(value, str) and value.strip():
            yield value.strip()


def _attributes_of(node: Node) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """The attributes of a node: name, path, values."""
    for key, name in _PROPERTIES.items():
        if key in node.value and (values := tuple(text for _, text in node.texts(key))):
            yield (
                name,
                f"{node.path}.{key}".lstrip("."),
                tuple(map(_condition, values)) if name == "condition" else values,
            )
    for audience in node.nodes("audience"):
        for key, name in _AUDIENCE.items():
            path, text = audience.text(key)
            if text:
                yield name, path, (one_line(term(text)).lower() if name == "gender" else text,)
    if tags := tuple(
        tag for _, text in node.texts("keywords") for part in text.split(",") if (tag := part.strip())
    ):
        yield "tags", f"{node.path}.keywords".lstrip("."), tags
    for detail in node.nodes("additionalProperty"):
        name = attribute_name(detail.text("name", "propertyID")[1])
        unit = detail.text("unitText")[1]
        values = tuple(f"{text} {unit}".strip() for _, text in detail.texts("value", "description"))
        if name and values:
            yield name, detail.path, values
    yield from rating_of(node)


def _condition(text: str) -> str:
    named = term(text)
    return named.removesuffix("Condition").lower() if named.endswith("Condition") else named
