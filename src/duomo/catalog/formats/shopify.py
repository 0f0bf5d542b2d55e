"""Shopify's product CSV, with the headers it had before 2024 and those it has now."""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from duomo.catalog.assemble import Goods, media_of
from duomo.catalog.columns import Plan, attribute_name, normal, pick
from duomo.catalog.offers import Dialect, Offer, category_path, offer_of
from duomo.catalog.pictures import Place, pictures_of
from duomo.catalog.pricing import learned
from duomo.catalog.rows import Notes, Row, Table, one
from duomo.catalog.text import value_text
from duomo.product import Origin, Product, Variant

# What we call a column -> what Shopify calls it, before and now, as `normal` writes it.
_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "handle": ("handle", "url_handle"),
    "title": ("title",),
    "description": ("body_html", "description", "body"),
    "brand": ("vendor",),
    "category": ("product_category", "standardized_product_type"),
    "type": ("type", "custom_product_type"),
    "tags": ("tags",),
    "status": ("status",),
    "published": ("published", "published_on_online_store"),
    "id": ("variant_sku", "sku"),
    "gtin": ("variant_barcode", "barcode"),
    "mpn": ("google_shopping_mpn",),
    "price": ("variant_price", "price"),
    "list_price": ("variant_compare_at_price", "compare_at_price"),
    "stock": ("variant_inventory_qty", "inventory_quantity"),
    "variant_image": ("variant_image", "variant_image_url"),
    "image": ("image_src", "product_image_url"),
    "position": ("image_position",),
    "option1_name": (),
    "option1_value": (),
    "option2_name": (),
    "option2_value": (),
    "option3_name": (),
    "option3_value": (),
}
_ATTRIBUTES: Final = {
    "google_shopping_gender": "gender",
    "google_shopping_age_group": "age_group",
    "google_shopping_condition": "condition",
    "google_shopping_color": "color",
    "google_shopping_size": "size",
    "google_shopping_material": "material",
}
_METAFIELD: Final = re.compile(r"(.+?) \(product\.metafields\.[^)]*\)")
_OPTIONS: Final = (
    ("option1_name", "option1_value"),
    ("option2_name", "option2_value"),
    ("option3_name", "option3_value"),
)
_VARIANT: Final = (
    "price",
    "list_price",
    "stock",
    "gtin",
    "mpn",
)  # fields of the plan that a variant's row fills
# What shoppers find neither in the shop nor in its search.
_UNSEEN: Final = {"status": frozenset({"draft", "archived", "unlisted"}), "published": frozenset({"false"})}
_SHOPIFY: Final = Dialect()


def is_shopify(columns: Collection[str]) -> bool:
    """Whether columns are those of a Shopify export: a handle beside a name that only Shopify uses."""
    names = {normal(column) for column in columns}
    old = {"body_html", "variant_sku", "variant_price", "option1_name", "option1_value", "image_src"}
    new = {
        "product_image_url",
        "option1_name",
        "option1_value",
        "compare_at_price",
        "published_on_online_store",
    }
    return bool(("handle" in names and names & old) or ("url_handle" in names and names & new))


def read_shopify(table: Table, *, mapping: Mapping[str, str], place: Place, notes: Notes) -> Goods:
    """The products of a Shopify export: one a handle, over as many rows as it has variants or pictures.

    Drafts, archived and unlisted products and what is not published are left out; one problem of each column
    counts them. Options become attributes of the variants. Tags, status, publication, metafields and
    Google's fields become attributes of the product; the product category is its category, the type where
    there is none. A variant is known by its SKU, or by the handle and its options where the SKU is missing
    or another variant has it. The file names no currency.

    Raises:
        BadFile: there is no column of titles, or a mapped column is not there.
    """
    wanted = {**_COLUMNS, **{normal(target): (normal(column),) for target, column in mapping.items()}}
    columns = pick(table.columns, path=table.path, wanted=wanted, needed=("title", *map(normal, mapping)))
    groups: dict[str, list[Row]] = {}
    product_plan, variant_plan = _plans(table.columns, columns, mapping)
    all_rows, variant_plan = learned(
        notes.read(table), variant_plan, title=columns["title"], delimiter=table.delimiter
    )
    for row in all_rows:
        handle = _text(row, columns, "handle") or "-".join(normal(_text(row, columns, "title")).split("_"))
        if handle:
            groups.setdefault(handle, []).append(row)
        else:
            problem = "has neither a handle nor a title, so it belongs to no product"
            notes.skip(row.line, problem, "Repeat the handle of the product in each of its rows")
    taken: dict[str, int] = {}
    products: list[Product] = []
    for handle, rows in groups.items():
        if unseen := next((n for n in _UNSEEN if _text(rows[0], columns, n).lower() in _UNSEEN[n]), ""):
            value = _text(rows[0], columns, unseen)
            notes.withhold(rows[0].line, column=columns[unseen], value=value, product_id=handle)
            continue
        whole = offer_of(rows[0], key=handle, plan=product_plan, dialect=_SHOPIFY, place=place, notes=notes)
        variants: list[Variant] = []
        for row, options in _variant_rows(rows, columns):
            if key := _free_id(row, columns, handle, options, taken, notes):
                offer = offer_of(row, key=key, plan=variant_plan, dialect=_SHOPIFY, place=place, notes=notes)
                variants.append(_variant(offer, options, notes.file))
        if variants:
            pictures = _pictures(rows, columns, place, notes, handle)
            kind = _text(rows[0], columns, "type")
            products.append(
                Product(
                    id=handle,
                    title=whole.title,
                    description=whole.description,
                    brand=whole.brand,
                    category=whole.category or category_path(kind),
                    attributes=_attributes(rows[0], columns, whole),
                    variants=tuple(variants),
                    media=media_of(pictures),
                    origin=Origin(file=notes.file, line=whole.line),
                )
            )
    return Goods(products)


def _plans(
    names: Collection[str], columns: Mapping[str, str], mapping: Mapping[str, str]
) -> tuple[Plan, Plan]:
    """How to read the first row of a product, and how to read a row of a variant."""
    attributes = {
        columns[normal(target)]: attribute_name(target)
        for target in mapping
        if normal(target) not in _COLUMNS
    }
    for name in names:
        if metafield := _METAFIELD.fullmatch(name):
            attributes[name] = attribute_name(metafield[1])
        elif known := _ATTRIBUTES.get(normal(name)):
            attributes[name] = known
    fields = {
        field: columns[field] for field in ("title", "description", "brand", "category") if field in columns
    }
    variant = {field: columns[field] for field in _VARIANT if field in columns}
    if "variant_image" in columns:
        variant["image"] = columns["variant_image"]
    return Plan(fields, attributes), Plan(variant, {})


def _text(row: Row, columns: Mapping[str, str], name: str) -> str:
    column = columns.get(name)
    return value_text(one(row.cells.get(column, ""))) if column is not None else ""


def _variant_rows(
    rows: Sequence[Row], columns: Mapping[str, str]
) -> list[tuple[Row, dict[str, tuple[str, ...]]]]:
    """The rows that sell something, with their options; a product without one sells its first row."""
    names = [next((text for row in rows if (text := _text(row, columns, name))), "") for name, _ in _OPTIONS]
    found: list[tuple[Row, dict[str, tuple[str, ...]]]] = []
    for row in rows:
        values = [_text(row, columns, value) for _, value in _OPTIONS]
        if any(values) or _text(row, columns, "id") or _text(row, columns, "price"):
            pairs = zip(names, values, strict=True)
            # Shopify gives a product without options the option Title with the value Default Title.
            options: dict[str, tuple[str, ...]] = {
                attribute_name(name) or f"option{place}": (value,)
                for place, (name, value) in enumerate(pairs, start=1)
                if value and (name, value) != ("Title", "Default Title")
            }
            found.append((row, options))
    return found or [(rows[0], {})]


def _free_id(
    row: Row,
    columns: Mapping[str, str],
    handle: str,
    options: Mapping[str, tuple[str, ...]],
    taken: dict[str, int],
    notes: Notes,
) -> str:
    """The SKU, or handle and options; "" where both are taken: the row is skipped then, with a note."""
    sku = _text(row, columns, "id")
    made = "-".join(
        [handle, *(normal(value).replace("_", "-") for values in options.values() for value in values)]
    )
    for key in filter(None, (sku, made)):
        if key not in taken:
            taken[key] = row.line
            if sku and key != sku:
                problem = f"is already the SKU of line {taken[sku]}; this variant is called '{key}'"
                notes.add(
                    "warning", row.line, problem, "Give it a SKU of its own", value=sku, product_id=handle
                )
            return key
    problem = f"is already the variant of line {taken[made]}, which stands"
    notes.skip(row.line, problem, "Remove one of the two rows", value=made, product_id=handle)
    return ""


def _variant(offer: Offer, options: dict[str, tuple[str, ...]], file: str) -> Variant:
    return Variant(
        id=offer.id,
        attributes=options,
        price=offer.price,
        list_price=offer.list_price,
        stock=offer.stock,
        gtin=offer.gtin,
        mpn=offer.mpn,
        media=media_of(offer.pictures),
        origin=Origin(file=file, line=offer.line),
    )


def _attributes(first: Row, columns: Mapping[str, str], whole: Offer) -> dict[str, tuple[str, ...]]:
    """What the first row says beside the fields; metafields part their values by semicolons."""
    found = {
        name: tuple(
            dict.fromkeys(part for value in values for text in value.split(";") if (part := text.strip()))
        )
        for name, values in whole.attributes.items()
    }
    if tags := _text(first, columns, "tags"):
        found["tags"] = tuple(dict.fromkeys(tag for part in tags.split(",") if (tag := part.strip())))
    for name in ("status", "published"):
        if text := _text(first, columns, name):
            found[name] = (text.lower(),)
    if whole.category and (text := _text(first, columns, "type")) and text != " > ".join(whole.category):
        found["product_type"] = (text,)
    return {name: values for name, values in found.items() if values}


def _pictures(
    rows: Sequence[Row], columns: Mapping[str, str], place: Place, notes: Notes, handle: str
) -> list[str]:
    """The pictures of a product in the order of their positions, then of the file."""
    found: list[tuple[int, int, str]] = []
    image = {columns["image"]: ""} if "image" in columns else {}
    for row in rows:
        written = _text(row, columns, "position")
        position = int(written) if written.isdecimal() else len(rows)
        placed = pictures_of(row, image, place, notes, product_id=handle)
        found += [(position, row.line, source) for source in placed]
    return [source for _, _, source in sorted(found)]
