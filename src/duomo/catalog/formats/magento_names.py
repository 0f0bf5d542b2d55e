"""What the columns of a Magento export are called."""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Final

from duomo.catalog.columns import FIELDS, normal

# What we call a column -> what the export calls it, as `normal` writes it. The names are never translated.
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "sku": (),
    "store": ("store_view_code", "_store"),
    "type": ("product_type", "_type"),
    "title": ("name",),
    "description": (),
    "short": ("short_description",),
    "categories": ("_category",),
    "price": (),
    "sale_price": ("special_price",),
    "sale_from": ("special_price_from_date", "special_from_date"),
    "sale_until": ("special_price_to_date", "special_to_date"),
    "list_price": ("msrp_price", "msrp"),
    "stock": ("qty",),
    "availability": ("is_in_stock",),
    "weight": (),
    "online": ("product_online", "status"),
    "visibility": (),
    "image": ("base_image",),
    "small": ("small_image", "thumbnail_image"),
    "more_images": ("additional_images",),
    "attributes": ("additional_attributes",),
    "variations": ("configurable_variations",),
    "related": ("related_skus",),
    "crosssell": ("crosssell_skus",),
    "upsell": ("upsell_skus",),
    "associated": ("associated_skus",),
    "bundled": ("bundle_values",),
}
_FIELDS: Final = {"id": "sku", "category": "categories"}
# Columns that go by general names, too, where none has Magento's; the field in `columns.FIELDS`.
_GENERAL: Final = {
    **{name: name for name in ("title", "description", "price", "sale_price", "sale_from", "sale_until")},
    **{name: name for name in ("list_price", "stock", "availability", "image", "more_images")},
    **{"sku": "id", "categories": "category"},
}
_TELLING: Final = frozenset(
    (
        *("attribute_set_code", "product_websites", "store_view_code", "additional_attributes"),
        *("configurable_variations", "product_online", "additional_images"),
    )
)
# Columns that an export has beside these, which say nothing to shoppers.
_UNUSED: Final = re.compile(
    r"_?(?:attribute_set(?:_code)?|product_websites|root_category|tax_class_name|url_key|url_path|meta_.*"
    r"|(?:created|updated)_at|new(?:s)?_(?:from|to)_date|display_product_options_in|map_.*|msrp_.*|custom_.*"
    r"|gift_?(?:message|card|wrapping)_.*|page_layout|(?:product_)?options_container|country_of_manufacture"
    r"|.*_labels?|.*_position|.*_qty|min_.*|max_.*|use_config_.*|is_qty_decimal|is_decimal_divided"
    r"|(?:allow_)?backorders|(?:use_)?(?:enable_)?qty_increments|enable_qty_inc(?:rements)?|website_id"
    r"|notify_(?:on_)?stock_.*|(?:use_config_)?manage_stock|stock_status_changed_.*|swatch_image.*|small_image"
    r"|hide_from_product_page|bundle_.*|downloadable_.*|links?_.*|samples_title|has_options|required_options"
    r"|product_online|media_.*|super_.*|tier_price_.*|associated_.*|thumbnail(?:_image)?|gallery)"
)


def is_magento(columns: Collection[str]) -> bool:
    """Whether columns are those of a Magento export: a SKU and a type, and one that only it has."""
    names = {normal(column) for column in columns}
    return "sku" in names and bool(names & {"product_type", "_type"}) and bool(names & _TELLING)


def wanted_columns(mapping: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The names to look for: Magento's, then general ones; the merchant's word goes first."""
    special = {name for key, names in COLUMNS.items() for name in (key, *names)} | {"product_type"}
    general = {
        key: (*COLUMNS[key], *(name for name in FIELDS[field] if name not in special))
        for key, field in _GENERAL.items()
    }
    return {**COLUMNS, **general, **{field_named(to): (normal(column),) for to, column in mapping.items()}}


def field_named(target: str) -> str:
    """The key of `COLUMNS` that a merchant means who maps this field.

    >>> field_named("category"), field_named("Sleeve")
    ('categories', 'sleeve')
    """
    return _FIELDS.get(normal(target), normal(target))


def unread(columns: Iterable[str], read: Iterable[str]) -> list[str]:
    """The columns that hold what shoppers may look for, and are not read.

    Args:
        columns: of the file.
        read: those that are read.
    """
    known = set(read)
    return [column for column in columns if column not in known and not _UNUSED.fullmatch(normal(column))]
