"""What the columns of a WooCommerce export are called, in the languages its exports come in."""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Final

from duomo.catalog.columns import FIELDS, attribute_name, normal

# What we call a column -> what WooCommerce calls it in the languages of its exports, as `normal` writes it:
# English; Chinese, simplified and traditional; German, French, Spanish, Italian, Dutch, Portuguese; Japanese,
# Russian. The names are those of exports in these languages.
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "number": ("id", "代碼"),
    "type": ("type", "类型", "類型", "typ", "tipo", "タイプ", "тип"),
    "sku": ("sku", "货号", "貨號", "artikelnummer", "ugs", "cod", "ref", "артикул"),
    "gtin": (
        *("gtin_upc_ean_or_isbn", "gtin_upc_ean_或_isbn", "gtin_upc_ean_oder_isbn"),
        *("gtin_upc_ean_ou_isbn", "gtin_upc_ean_o_isbn", "gtin_upc_ean_of_isbn", "gtin_upc_ean_или_isbn"),
        *("gtin_upc_ean_isbn",),
    ),
    "title": ("name", "名称", "名稱", "nom", "nombre", "nome", "naam", "名前", "имя"),
    "published": (
        *("published", "已发布", "已發佈", "veröffentlicht", "publié", "publicado"),
        *("pubblicato", "gepubliceerd", "公開済み", "опубликован"),
    ),
    "visibility": (
        *("visibility_in_catalog", "visibility_in_catalogue", "catalog_visibility"),
        *("在列表页可见", "在目录中可见", "目录可见性", "目錄的可見度", "目錄可見度"),
        *("sichtbarkeit_im_katalog", "katalogsichtbarkeit", "visibilité_dans_le_catalogue"),
        *("visibilidad_en_el_catálogo", "visibilità_nel_catalogo", "zichtbaarheid_in_catalogus"),
        *("visibilidade_no_catálogo", "カタログでの表示", "видимость_в_каталоге"),
    ),
    "short": (
        *("short_description", "简短描述", "簡短內容說明", "kurzbeschreibung", "description_courte"),
        *("descripción_corta", "breve_descrizione", "korte_beschrijving", "korte_omschrijving"),
        *("descrição_curta", "簡単な説明", "короткое_описание"),
    ),
    "description": (
        *("description", "描述", "beschreibung", "descripción", "descrizione", "beschrijving", "descrição"),
        *("説明", "описание"),
    ),
    "sale_from": (
        *("date_sale_price_starts", "促销开始日期", "折扣價開始日期", "datum_an_dem_angebotspreis_beginnt"),
        *("datum_an_dem_der_angebotspreis_beginnt", "angebotspreis_gültig_ab", "date_de_début_de_promo"),
        *("día_en_que_empieza_el_precio_rebajado", "data_di_partenza_del_prezzo_in_saldo"),
        *("startdatum_actieprijs", "data_de_preço_promocional_começa_em", "セール価格の開始日"),
        *("дата_начала_действия_продажной_цены",),
    ),
    "sale_until": (
        *("date_sale_price_ends", "促销截止日期", "折扣價結束日期", "datum_an_dem_angebotspreis_endet"),
        *("datum_an_dem_der_angebotspreis_endet", "angebotspreis_gültig_bis", "date_de_fin_de_promo"),
        *("día_en_que_termina_el_precio_rebajado", "data_in_cui_termina_l_offerta"),
        *("termine_data_del_prezzo_di_vendita", "einddatum_actieprijs"),
        *("data_de_preço_promocional_termina_em", "セール価格の終了日"),
        *("дата_окончания_действия_продажной_цены",),
    ),
    "availability": (
        *(
            "in_stock",
            "有货",
            "有庫存",
            "vorrätig",
            "auf_lager",
            "en_stock",
            "en_inventaire",
            "en_inventario",
        ),
        *("existencias", "op_voorraad", "em_estoque", "在庫の有無", "в_наличии"),
    ),
    "stock": (
        *("stock", "库存", "庫存", "bestand", "lager", "inventaire", "inventario", "magazzino", "voorraad"),
        *("estoque", "在庫", "запасы"),
    ),
    "weight": ("weight", "重量", "gewicht", "poids", "peso", "вес"),
    "length": (
        *("length", "长度", "長", "長さ", "länge", "longueur", "longitud", "lunghezza", "lengte"),
        *("comprimento", "длина"),
    ),
    "width": (
        *("width", "宽度", "寬", "幅", "breite", "largeur", "anchura", "ancho", "larghezza", "breedte"),
        *("largura", "ширина"),
    ),
    "height": (
        *("height", "高度", "高", "高さ", "höhe", "hauteur", "altura", "altezza", "hoogte", "высота"),
    ),
    "sale_price": (
        *("sale_price", "促销价格", "特價", "angebotspreis", "tarif_promo", "precio_rebajado"),
        *("prezzo_in_offerta", "actieprijs", "preço_promocional", "セール価格", "цена_распродажи"),
    ),
    "price": (
        *("regular_price", "常规售价", "原價", "regulärer_preis", "tarif_régulier", "precio_normal"),
        *("prezzo_di_listino", "reguliere_prijs", "preço", "標準価格", "базовая_цена"),
    ),
    "categories": (
        *("categories", "分类", "分類", "kategorien", "catégories", "categorías", "categorie", "categorieën"),
        *("categorias", "カテゴリー", "категории"),
    ),
    "tags": (
        *(
            "tags",
            "标签",
            "標籤",
            "schlagwörter",
            "étiquettes",
            "etiquetas",
            "tag",
            "etichette",
            "タグ",
            "метки",
        ),
    ),
    "brand": (
        *("brands", "品牌", "marken", "marques", "marcas", "marchi", "merken", "ブランド", "бренды", "brand"),
    ),
    "image": (
        *("images", "图片", "圖片", "bilder", "imágenes", "immagine", "immagini", "afbeeldingen", "imagens"),
        *("画像", "изображения"),
    ),
    "parent": (
        *("parent", "父级", "上層", "übergeordnetes_produkt", "superior", "genitore", "hoofd", "ascendente"),
        *("親", "родительский"),
    ),
    "grouped": (
        *("grouped_products", "分组产品", "組合商品", "gruppierte_produkte", "groupes_de_produits"),
        *("productos_agrupados", "prodotti_raggruppati", "gegroepeerde_producten", "grupo_de_produtos"),
        *("セット販売商品", "сгруппированные_товары"),
    ),
    "upsell": (
        *("upsells", "追加销售", "追加銷售", "zusatzverkäufe", "produits_suggérés", "ventas_dirigidas"),
        *("up_sell", "アップセル", "апсейл"),
    ),
    "crosssell": (
        *("cross_sells", "交叉销售", "交叉銷售", "cross_sells_querverkäufe", "ventes_croisées"),
        *("ventas_cruzadas", "cross_sell", "venda_cruzada", "クロスセル", "кросселы"),
    ),
    "url": (
        *("external_url", "外部链接", "外部網址", "externe_url", "url_externe", "url_externa", "url_esterno"),
        *("url_esterna", "外部_url", "внешний_url"),
    ),
}
# What an export has beside these, which says nothing to shoppers: featured, tax status and class, low stock,
# backorders, sold individually, reviews allowed, purchase note, shipping class, download limit and expiry,
# text of the button, position; in the same languages.
_UNUSED: Final = frozenset(
    normal(column)
    for line in (
        "Is featured?|Tax status|Tax class|Low stock amount|Backorders allowed?|Sold individually?|"
        "Allow customer reviews?|Purchase note|Shipping class|Download limit|Download expiry days|"
        "Button text|Position",
        "是推荐产品？|税状态|税类|库存不足|允许缺货下单？|单独出售？|允许客户评价？|允许顾客评价？|购物备注|运费类|"
        "下载限制|下载的过期天数|按钮文本|位置",
        "是特色商品？|稅金狀態|稅率類別|低庫存量|允許無庫存下單嗎？|單獨銷售?|允許客戶評論嗎？|購買備註|運送類別|"
        "下載限制|下載點過期天數|按鈕文字",
        "Ist hervorgehoben?|Hervorgehoben?|Steuerstatus|Steuerklasse|Geringe Lagermenge|Rückstände erlaubt?|"
        "Lieferrückstände erlaubt?|Nur einzeln verkaufen?|Kundenbewertungen erlauben?|Hinweis zum Kauf|"
        "Kundenrezensionen erlauben?|Versandklasse|Downloadlimit|Ablauftage des Downloads|Button-Text",
        "Mis en avant ?|État de la TVA|Statut fiscal|Classe de TVA|Montant de stock faible|"
        "Autoriser les commandes de produits en rupture ?|Vendre individuellement ?|"
        "Autoriser les avis clients ?|Note de commande|Classe d’expédition|Limite de téléchargement|"
        "Jours d’expiration du téléchargement|Libellé du bouton",
        "¿Está destacado?|Estado del impuesto|Clase de impuesto|Cantidad de bajo inventario|"
        "¿Permitir reservas de productos agotados?|¿Vendido individualmente?|"
        "¿Permitir valoraciones de clientes?|Nota de compra|Clase de envío|Límite de descargas|"
        "Días de caducidad de la descarga|Texto del botón|Posición",
        "In primo piano?|Stato delle imposte|Aliquota di imposta|Quantità in magazzino bassa|"
        "Abilita gli ordini arretrati?|Venduto singolarmente?|Permetti le recensioni clienti?|"
        "Nota di acquisto|Classe di spedizione|Limite di download|Scarica i giorni di scadenza|"
        "Testo del pulsante|Posizione",
        "Uitgelicht?|Btw status|Belastingklasse|Lage voorraad|Nabestellingen toestaan?|"
        "Wordt individueel verkocht?|Klantbeoordelingen toestaan?|Aankoopnotitie|Verzendklasse|"
        "Dagen vervaltijd download|Knop tekst|Positie",
        "Em destaque?|Status do imposto|Classe de imposto|Quantidade baixa de estoque|"
        "São permitidas encomendas?|Vendido individualmente?|Permitir avaliações de clientes?|"
        "Nota da compra|Classe de entrega|Limite de downloads|Dias para expirar o download|"
        "Texto do botão|Posição",
        "オススメですか ?|課税ステータス|税区分|在庫量わずか|お取り寄せを許可する ?|個別に販売しますか ?|"
        "カスタマーレビューを許可しますか ?|注意事項|配送クラス|ダウンロード制限|"
        "ダウンロード有効期限日|ボタンのテキスト",
        "рекомендуемый?|Статус налога|Налоговый класс|Малое количество на складе|Задержанный заказ возможен?|"
        "Продано индивидуально?|Разрешить отзывы от клиентов?|Примечание к покупке|Класс доставки|"
        "Лимит загрузок|Число дней до просроченной загрузки|Текст кнопки|Позиция",
    )
    for column in line.split("|")
)
_META: Final = ("meta_", "мета_", "元数据_")  # of plugins; not for shoppers
_ATTRIBUTE: Final = re.compile(r"att?ribut|属性|屬性|eigenschap|атт?рибут")
_NAME: Final = re.compile(r"(?:^|_)(?:name|nom|nombre|nome|naam|имя)(?:_|$)|名称|名稱|名前")
_VALUE: Final = re.compile(r"(?:^|_)(?:value|valeur|valor|valuta|wert|waarde|значени)|[值値]")
MEASURES: Final = ("weight", "length", "width", "height")  # their unit stands in the header: Weight (kg)
_FIELDS: Final = {"id": "sku", "category": "categories", "list_price": "price", "more_images": "image"}
# Columns that go by general names, too, where none has WooCommerce's; the field in `columns.FIELDS`.
_GENERAL: Final = {
    **{name: name for name in ("gtin", "title", "description", "sale_from", "sale_until", "availability")},
    **{name: name for name in ("stock", "sale_price", "price", "brand", "image", "url")},
    **{"sku": "id", "categories": "category"},
}
_OTHERS: Final = frozenset({"product_type"})  # general names that mean something else here
_TELLING: Final = ("visibility", "price", "availability", "parent", "short", "sale_from")


def is_woocommerce(columns: Collection[str]) -> bool:
    """Whether columns are those of a WooCommerce export: a type and a name, and two that only it has."""
    names = {normal(column) for column in columns}
    telling = sum(bool(names & set(COLUMNS[name])) for name in _TELLING)
    telling += any(_attribute(name) for name in names)
    return bool(names & set(COLUMNS["type"]) and names & set(COLUMNS["title"])) and telling >= 2


def wanted_columns(columns: Iterable[str], mapping: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The names to look for: WooCommerce's, then general ones; the merchant's word goes first.

    Measures are known by how their headers begin.
    """
    names = [normal(column) for column in columns]
    special = {name for aliases in COLUMNS.values() for name in aliases} | _OTHERS
    general = {
        key: (*COLUMNS[key], *(name for name in FIELDS[field] if name not in special))
        for key, field in _GENERAL.items()
    }
    measured = {
        measure: tuple(name for name in names if name.partition("_")[0] in COLUMNS[measure])
        for measure in MEASURES
    }
    mapped = {field_named(to): (normal(column),) for to, column in mapping.items()}
    return {**COLUMNS, **general, **measured, **mapped}


def unread(columns: Iterable[str], read: Collection[str]) -> list[str]:
    """The columns that hold what shoppers may look for, and are not read.

    Args:
        columns: of the file.
        read: those that are read.
    """
    return [
        column
        for column in columns
        if column not in read
        and (name := normal(column))
        and name not in _UNUSED
        and not name.startswith(_META)
        and not (_ATTRIBUTE.search(name) and re.search(r"\d", name))
    ]


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
    >>> attribute_columns(["Nombre del atributo 2", "Valor(es) del atributo 2"])
    [('Nombre del atributo 2', 'Valor(es) del atributo 2')]
    """
    found: dict[int, dict[bool, str]] = {}
    for column in columns:
        if part := _attribute(normal(column)):
            number, is_name = part
            found.setdefault(number, {})[is_name] = column
    return [(pair[True], pair[False]) for _, pair in sorted(found.items()) if len(pair) == 2]


def _attribute(name: str) -> tuple[int, bool] | None:
    """The number of the attribute that a column is of, and whether it holds its name; else its values."""
    number = re.search(r"\d{1,4}", name)
    if not number or name.startswith(_META) or not _ATTRIBUTE.search(name):
        return None
    is_name = _NAME.search(name) is not None
    return (int(number[0]), is_name) if is_name or _VALUE.search(name) else None


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
