"""What the columns of a WooCommerce export are called, in the languages its exports come in."""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Final

from duomo.catalog.columns import attribute_name, normal

# What we call a column -> what WooCommerce calls it in the languages of its exports, as `normal` writes it.
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "number": ("id",),
    "type": ("type", "类型", "typ", "tipo"),
    "sku": ("sku", "artikelnummer", "ugs"),
    "gtin": (
        *("gtin_upc_ean_or_isbn", "gtin_upc_ean_或_isbn", "gtin_upc_ean_oder_isbn"),
        *("gtin_upc_ean_ou_isbn", "gtin_upc_ean_o_isbn", "gtin_upc_ean_isbn"),
    ),
    "title": ("name", "名称", "nom", "nombre"),
    "published": ("published", "已发布", "veröffentlicht", "publié", "publicado"),
    "visibility": (
        *("visibility_in_catalog", "visibility_in_catalogue", "在列表页可见", "sichtbarkeit_im_katalog"),
        *("visibilité_dans_le_catalogue", "visibilidad_en_el_catálogo"),
    ),
    "short": ("short_description", "简短描述", "kurzbeschreibung", "description_courte", "descripción_corta"),
    "description": ("description", "描述", "beschreibung", "descripción"),
    "sale_from": (
        *("date_sale_price_starts", "促销开始日期", "datum_an_dem_angebotspreis_beginnt"),
        *("date_de_début_de_promo", "día_en_que_empieza_el_precio_rebajado"),
    ),
    "sale_until": (
        *("date_sale_price_ends", "促销截止日期", "datum_an_dem_angebotspreis_endet"),
        *("date_de_fin_de_promo", "día_en_que_termina_el_precio_rebajado"),
    ),
    "availability": ("in_stock", "有货", "vorrätig", "en_stock", "en_inventaire", "en_inventario"),
    "stock": ("stock", "库存", "bestand", "lager", "inventaire", "inventario"),
    "weight": ("weight", "重量", "gewicht", "poids", "peso"),
    "length": ("length", "长度", "länge", "longueur", "longitud"),
    "width": ("width", "宽度", "breite", "largeur", "anchura"),
    "height": ("height", "高度", "höhe", "hauteur", "altura"),
    "sale_price": ("sale_price", "促销价格", "angebotspreis", "tarif_promo", "precio_rebajado"),
    "price": ("regular_price", "常规售价", "regulärer_preis", "tarif_régulier", "precio_normal"),
    "categories": ("categories", "分类", "kategorien", "catégories", "categorías"),
    "tags": ("tags", "标签", "schlagwörter", "étiquettes", "etiquetas"),
    "brand": ("brands", "品牌", "marken", "marques", "marcas", "brand"),
    "image": ("images", "图片", "bilder", "imágenes"),
    "parent": ("parent", "父级", "übergeordnetes_produkt", "superior"),
    "grouped": (
        *(
            "grouped_products",
            "分组产品",
            "gruppierte_produkte",
            "groupes_de_produits",
            "productos_agrupados",
        ),
    ),
    "upsell": ("upsells", "追加销售", "zusatzverkäufe", "produits_suggérés", "ventas_dirigidas"),
    "crosssell": (
        *("cross_sells", "交叉销售", "cross_sells_querverkäufe", "ventes_croisées", "ventas_cruzadas"),
    ),
    "url": ("external_url", "外部链接", "externe_url", "url_externe", "url_externa"),
}
_ATTRIBUTE: Final = re.compile(
    r"(?:attribute?|属性|attribut|atributo)_(\d+)_(name|名称|nom|nombre|value_s|值|的值|wert_e|valeur_s|valor_es)"
)
_NAMES: Final = frozenset({"name", "名称", "nom", "nombre"})
MEASURES: Final = ("weight", "length", "width", "height")  # their unit stands in the header: Weight (kg)
_FIELDS: Final = {"id": "sku", "category": "categories", "list_price": "price", "more_images": "image"}
_TELLING: Final = ("visibility", "price", "availability", "parent", "short", "sale_from")


def is_woocommerce(columns: Collection[str]) -> bool:
    """Whether columns are those of a WooCommerce export: a type and a name, and two that only it has."""
    names = {normal(column) for column in columns}
    telling = sum(bool(names & set(COLUMNS[name])) for name in _TELLING)
    telling += any(_ATTRIBUTE.fullmatch(name) for name in names)
    return bool(names & set(COLUMNS["type"]) and names & set(COLUMNS["title"])) and telling >= 2


def wanted_columns(columns: Iterable[str], mapping: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The names to look for: measures by how their headers begin; the merchant's word goes first."""
    names = [normal(column) for column in columns]
    measured = {
        measure: tuple(name for name in names if name.partition("_")[0] in COLUMNS[measure])
        for measure in MEASURES
    }
    return {**COLUMNS, **measured, **{field_named(to): (normal(column),) for to, column in mapping.items()}}


def field_named(target: str) -> str:
    """The key of `COLUMNS` that a merchant means who maps this field.

    >>> field_named("category"), field_named("Sleeve")
    ('categories', 'sleeve')
    """
    return _FIELDS.get(normal(target), normal(target))


def attribute_columns(columns: Iterable[str]) -> list[tuple[str, str]]:
    """The columns that hold the name and the values of one attribute, by its number.

    >>> attribute_columns(["Attribute 1 value(s)", "Attribute 1 name", "Attribute 1 visible"])
    [('Attribute 1 name', 'Attribute 1 value(s)')]
    """
    found: dict[int, dict[bool, str]] = {}
    for column in columns:
        if match := _ATTRIBUTE.fullmatch(normal(column)):
            found.setdefault(int(match[1]), {})[match[2] in _NAMES] = column
    return [(pair[True], pair[False]) for _, pair in sorted(found.items()) if len(pair) == 2]


def further_columns(found: Mapping[str, str], mapping: Mapping[str, str]) -> dict[str, str]:
    """Column -> attribute, beside the numbered ones: measures with their unit, and what the merchant maps."""
    named = {
        found[field_named(target)]: attribute_name(target)
        for target in mapping
        if field_named(target) not in COLUMNS
    }
    for measure in MEASURES:
        if column := found.get(measure):
            unit = normal(column).partition("_")[2]
            named[column] = f"{measure}_{unit}" if unit else measure
    return named
