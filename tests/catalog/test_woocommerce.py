import csv
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.catalog.read import Catalog, read_catalog
from duomo.errors import BadFile
from duomo.product import Link, Price, Product

FILES = Path(__file__).parent / "files"


def of(catalog: Catalog) -> dict[str, Product]:
    return {product.id: product for product in catalog.products}


@pytest.fixture(scope="module")
def outfitter() -> Catalog:
    return read_catalog(FILES / "woocommerce.csv")


def test_the_export_is_known_by_its_columns_and_no_row_is_lost(outfitter: Catalog) -> None:
    assert outfitter.format == "woocommerce"
    assert (outfitter.rows, outfitter.skipped) == (12, 1)
    assert list(of(outfitter)) == [
        *("field-hoodie", "rain-cap", "mug-350", "camp-set", "62", "lost-shirt"),
    ]
    assert read_catalog(FILES / "woocommerce.csv", format="woocommerce").products == outfitter.products


def test_variations_belong_to_their_parent_by_sku_or_number(outfitter: Catalog) -> None:
    hoodie = of(outfitter)["field-hoodie"]
    assert (hoodie.title, hoodie.brand, hoodie.category) == (
        "Field Hoodie",
        "Outdoor",
        ("Clothing", "Hoodies"),
    )
    assert hoodie.description == (
        "Brushed inside, for cold mornings.\nA heavy hoodie of organic cotton.\n"
        "- Double hood\n- Kangaroo pocket"
    )
    assert hoodie.attributes == {
        "weight_kg": ("0.65",),
        "length_cm": ("30",),
        "width_cm": ("25",),
        "height_cm": ("8",),
        "tags": ("organic", "warm"),
        "categories": ("Clothing > Hoodies", "Sale"),
    }
    assert [media.source for media in hoodie.media] == [
        "https://shop.example/up/hoodie-2.jpg",
        "https://shop.example/up/hoodie-1,w_800.jpg",
    ]
    assert [(v.id, dict(v.attributes), str(v.price), v.stock, v.availability) for v in hoodie.variants] == [
        ("field-hoodie-forest-s", {"color": ("Forest",), "size": ("S",)}, "39.90", 7, "in_stock"),
        ("field-hoodie-sand-m", {"color": ("Sand",), "size": ("M",)}, "59.90", None, "backorder"),
    ]
    assert hoodie.variants[0].gtin == "04006381333931"
    assert hoodie.variants[0].list_price == Price(5990)
    assert hoodie.variants[1].list_price is None  # its sale ended in 2020


def test_simple_external_virtual_and_grouped_products_are_read(outfitter: Catalog) -> None:
    found = of(outfitter)
    cap, mug, group = (found[key] for key in ("rain-cap", "mug-350", "camp-set"))
    assert cap.attributes == {
        "weight_kg": ("0.12",),
        "material": ("Cotton", "Wax"),
        "visibility": ("search",),
    }
    assert cap.variants[0].gtin == "00036000291452"
    assert (mug.title, mug.category, mug.url) == (
        "Enamel Mug, 350 ml",
        ("Home", "Kitchen", "Mugs"),
        "https://partner.example/mug",
    )
    assert mug.description == "Holds ½ pint."
    assert [media.source for media in mug.media] == [str(FILES / "up" / "mug.jpg")]
    assert group.variants[0].price is None
    assert outfitter.links == (
        Link(product_id="field-hoodie", linked_id="rain-cap", type="upsell"),
        Link(product_id="field-hoodie", linked_id="rain-cap", type="crosssell"),
        Link(product_id="field-hoodie", linked_id="mug-350", type="crosssell"),
        Link(product_id="camp-set", linked_id="rain-cap", type="related"),
        Link(product_id="camp-set", linked_id="mug-350", type="related"),
    )


def test_what_cannot_be_used_is_told_with_line_value_and_remedy(outfitter: Catalog) -> None:
    told = [str(problem).partition("woocommerce.csv ")[2] for problem in outfitter.problems]
    assert told == [
        "line 6: Published '0' says that shoppers are not to see it; left out (and 1 more like this). "
        "Publish it where it is sold and export again, if it is to be found.",
        "line 13: SKU 'rain-cap' is already the SKU of line 7; this row is called '62'. "
        "Give it a SKU of its own.",
        "line 14: has neither a SKU, nor a number, nor a name, so it cannot become a product. "
        "Give every row a SKU of its own.",
        "line 11: Parent 'lost-shirt' is the parent of no product in this file; its variations are kept "
        "as one product. Export variable products together with their variations.",
        "line 12: Regular price 'nineteen' is not a number. "
        "Write it like 12.50 or 12.50 USD; the row is kept without it.",
        "line 10: Grouped products 'id:999' is no product of this file; the link is left out. "
        "Correct the id.",
    ]
    lost = of(outfitter)["lost-shirt"]
    assert (lost.title, [v.id for v in lost.variants]) == ("Lost Shirt - S", ["lost-s", "lost-m"])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_chinese_export_is_read_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    text = (FILES / "woocommerce_zh.csv").read_text("utf-8")
    (tmp_path / "导出.csv").write_bytes(text.encode(encoding))
    found = read_catalog(tmp_path / "导出.csv")
    assert (found.format, found.rows, found.skipped) == ("woocommerce", 3, 0)
    (dress,) = found.products
    assert (dress.title, dress.brand, dress.category) == ("改良旗袍连衣裙", "锦年", ("女装", "连衣裙"))
    assert dress.description == "真丝面料，四季可穿\n立领盘扣，收腰显瘦。"
    assert dress.attributes == {
        "weight_公斤": ("0.4",),
        "tags": ("旗袍", "真丝"),
        "categories": ("女装 > 连衣裙", "新品"),
    }
    red, green = dress.variants
    assert (red.attributes, red.price, red.list_price) == ({"color": ("酒红",)}, Price(29900), Price(39900))
    assert (green.attributes, green.price, green.availability) == (
        {"color": ("墨绿",)},
        Price(1200000),
        "out_of_stock",
    )


def test_a_german_export_with_semicolons_groups_with_points() -> None:
    found = read_catalog(FILES / "woocommerce_de.csv")
    assert (found.format, found.problems) == ("woocommerce", ())
    natural, black = found.products[0].variants
    assert (natural.price, natural.list_price, black.price) == (Price(109900), Price(129900), Price(134950))
    assert found.products[0].description == "Buche, geölt"


def test_columns_can_be_mapped(tmp_path: Path) -> None:
    path = tmp_path / "goods.csv"
    path.write_text("Type,SKU,Name,Regular price,Parent,Art,Sleeve\nsimple,A,Shirt,5,,Tops,long\n")
    (shirt,) = read_catalog(path, mapping={"category": "Art", "sleeve": "Sleeve"}).products
    assert (shirt.category, shirt.attributes) == (("Tops",), {"sleeve": ("long",)})
    with pytest.raises(BadFile, match="there is no column 'categories'"):
        read_catalog(path, mapping={"category": "Kind"})


HEAD = "ID,Type,SKU,Name,Regular price,Parent,Attribute 1 name,Attribute 1 value(s)\n"
NUMBERED = (
    "7,simple,10,Mug,5,,,",
    '10,variable,,衬衫,,,Size,"S, M"',
    "11,variation,,衬衫 - S,20,id:10,Size,S",
    "12,variation,11,衬衫 - M,21,ID: 10,Size,M",
    "13,variation,,Mug - L,6,10,Size,L",
)


@given(st.permutations(NUMBERED))
def test_a_number_that_is_the_sku_of_another_names_its_product_by_id(
    tmp_path_factory: pytest.TempPathFactory, rows: list[str]
) -> None:
    path = tmp_path_factory.mktemp("woo") / "goods.csv"
    path.write_text(HEAD + "\n".join(rows), "utf-8")
    found = read_catalog(path)
    assert {p.title: (p.id, {v.id: v.price for v in p.variants}) for p in found.products} == {
        "Mug": ("10", {"13": Price(600)}),
        "衬衫": ("id:10", {"id:10-s": Price(2000), "11": Price(2100)}),
    }
    assert (found.skipped, [problem.severity for problem in found.problems]) == (0, ["warning"])
    assert "to say which products are published or which are hidden" in found.problems[0].problem


def test_what_is_not_published_is_left_out_with_its_variations_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "goods.csv"
    path.write_text(
        "ID,Type,SKU,Name,Published,Visibility in catalog,Regular price,Parent,Upsells\n"
        '1,simple,a,杯子,1,visible,5,,"b, c, id:4"\n'
        "2,simple,b,Draft,-1,visible,5,,\n"
        "3,simple,c,回收站,trash,visible,5,,\n"
        "5,variation,d-s,Private - S,1,visible,5,d,\n"
        "4,variable,d,Private,0,visible,5,,\n"
        "6,variation,d-m,Private - M,1,visible,5,id:4,\n"
        "7,simple,e,Hidden,1,hidden,5,,\n"
        "8,variable,f,All off,1,visible,,,\n"
        "9,variation,f-s,All off - S,0,visible,5,f,\n"
        "10,variation,g-s,Parent elsewhere,1,visible,5,g,\n",
        "utf-8",
    )
    found = read_catalog(path)
    assert [(p.id, [v.id for v in p.variants]) for p in found.products] == [("a", ["a"]), ("g", ["g-s"])]
    assert (found.links, found.skipped) == ((), 0)
    left = "says that shoppers are not to see it; left out"
    assert [(p.line, p.column, p.value, p.problem) for p in found.problems if "left out" in p.problem] == [
        (3, "Published", "-1", f"{left} (and 3 more like this)"),
        (8, "Visibility in catalog", "hidden", left),
        (5, "Parent", "d", f"{left} (and 1 more like this)"),
        (9, "Type", "variable", "has variations, but none that shoppers are to see; left out"),
    ]


CELLS = st.text("ab,\\ \"'中1:>", max_size=6)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "ID": st.sampled_from(["", "1", "2", "3"]),
            "Type": st.sampled_from(["simple", "variable", "variation", "grouped", "", "simple, virtual"]),
            "SKU": st.sampled_from(["", "a", "b", "c", "1"]),
            "Name": CELLS,
            "Published": st.sampled_from(["", "1", "0", "-1"]),
            "Parent": st.sampled_from(["", "a", "b", "id:1", "id:9", "zz"]),
            "Regular price": st.sampled_from(["", "5", "1,299", "x"]),
            "Attribute 1 name": CELLS,
            "Attribute 1 value(s)": CELLS,
            "Upsells": CELLS,
        }
    ),
    max_size=8,
)


@given(ROWS)
def test_every_row_is_a_product_or_a_variant_or_told(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, str]]
) -> None:
    path = tmp_path_factory.mktemp("woo") / "export.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]) if rows else ["Type", "Name", "Parent", "Regular price"])
        writer.writeheader()
        writer.writerows(rows)
    found = read_catalog(path, format="woocommerce")
    lines = {product.origin.line for product in found.products}
    lines |= {variant.origin.line for product in found.products for variant in product.variants}
    skipped = [problem.line for problem in found.problems if problem.severity == "error"]
    assert len(skipped) == found.skipped
    more = [
        re.search(r"to see(?: it)?; left out(?: \(and (\d+) more|$)", problem.problem)
        for problem in found.problems
    ]
    withheld = sum(1 + int(match[1] or 0) for match in more if match)
    assert len(lines) + found.skipped + withheld == found.rows
    assert not lines & set(skipped)
    ids = [variant.id for product in found.products for variant in product.variants]
    assert len(ids) == len(set(ids))
    assert all(product.variants for product in found.products)


def test_line_breaks_are_those_of_the_exporter(tmp_path: Path) -> None:
    rows = (
        "ID,Type,SKU,Name,Published,Short description,Description\n"
        '1,simple,A,Tasse,1,"kurz\\ngut","Schöne Tasse\\nspülfest, \\\\n bleibt"\n'
    )
    (tmp_path / "woo.csv").write_text(rows, "utf-8")
    (product,) = read_catalog(tmp_path / "woo.csv", format="woocommerce").products
    assert product.description == "kurz\ngut\nSchöne Tasse\nspülfest, \\n bleibt"


# Type, SKU, name, published, visibility, sale price, regular price, stock, categories, parent, and the name
# and the values of an attribute, as exports in these languages call them; then what says nothing to shoppers.
LANGUAGES = {
    "zh_CN": (
        "类型,SKU,名称,已发布,在列表页可见,促销价格,常规售价,库存,分类,父级,属性 1 名称,属性 1 值",
        "是推荐产品？,税状态,库存不足,位置,属性 1 可见,Meta: _x",
    ),
    "zh_TW": (
        "類型,貨號,名稱,已發佈,目錄的可見度,特價,原價,庫存,分類,上層,屬性 1 名稱,屬性 1 值",
        "是特色商品？,稅金狀態,低庫存量,位置",
    ),
    "ja": (
        "タイプ,SKU,名前,公開済み,カタログでの表示,セール価格,標準価格,在庫,カテゴリー,親,"
        "属性 1 名前,属性 1 値",
        "オススメですか ?,課税ステータス,在庫量わずか,位置",
    ),
    "it": (
        "Tipo,COD,Nome,Pubblicato,Visibilità nel catalogo,Prezzo in offerta,Prezzo di listino,Magazzino,"
        "Categorie,Genitore,Attributo 1 nome,Attributo 1 valuta(e)",
        "In primo piano?,Stato delle imposte,Posizione,Attributo 1 globale",
    ),
    "nl": (
        "Type,Artikelnummer,Naam,Gepubliceerd,Zichtbaarheid in catalogus,Actieprijs,Reguliere prijs,Voorraad,"
        "Categorieën,Hoofd,Naam eigenschap 1,Waarde eigenschap 1",
        "Uitgelicht?,Btw status,Lage voorraad,Positie,Zichtbare eigenschap 1",
    ),
    "pt_BR": (
        "Tipo,SKU,Nome,Publicado,Visibilidade no catálogo,Preço promocional,Preço,Estoque,Categorias,"
        "Ascendente,Nome do atributo 1,Valores do atributo 1",
        "Em destaque?,Status do imposto,Quantidade baixa de estoque,Posição",
    ),
    "ru": (
        "Тип,Артикул,Имя,Опубликован,Видимость в каталоге,Цена распродажи,Базовая цена,Запасы,Категории,"
        "Родительский,Имя атрибута 1,Значение(-я) аттрибута(-ов) 1",
        "рекомендуемый?,Статус налога,Позиция,Мета: _x",
    ),
    "es": (
        "Tipo,SKU,Nombre,Publicado,Visibilidad en el catálogo,Precio rebajado,Precio normal,Inventario,"
        "Categorías,Superior,Nombre del atributo 1,Valor(es) del atributo 1",
        "¿Está destacado?,Estado del impuesto,Posición,Atributo visible 1",
    ),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_export_is_read_in_its_language_without_a_complaint(tmp_path: Path, language: str) -> None:
    header, unused = LANGUAGES[language]
    more = "," * (unused.count(",") + 1)
    (tmp_path / "export.csv").write_text(
        f'{header},{unused}\nvariable,a,衬衫,1,visible,,,,Tops > Shirts,,Size,"S, M"{more}\n'
        f"variation,a-s,衬衫 - S,1,visible,15,20,7,,a,Size,S{more}\nsimple,b,Hidden,1,hidden,,5,,,,,{more}\n"
        f"simple,c,Draft,0,visible,,5,,,,,{more}\n",
        "utf-8",
    )
    found = read_catalog(tmp_path / "export.csv")
    assert (found.format, [p.line for p in found.problems]) == ("woocommerce", [4, 5])
    (shirt,) = found.products
    assert (shirt.id, shirt.title, shirt.category) == ("a", "衬衫", ("Tops", "Shirts"))
    (small,) = shirt.variants
    assert (small.price, small.list_price, small.stock) == (Price(1500), Price(2000), 7)
    assert small.attributes == {"size": ("S",)}


def test_a_header_of_another_translation_is_read_by_a_general_name_or_told(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text(
        "类型,SKU,名称,已发布,简短描述,在目录内显示,促销价,常规售价,面料成分,税状态\nsimple,a,衬衫,1,薄,hidden,15,20,棉,x\n",
        "utf-8",
    )
    found = read_catalog(path)
    (shirt,) = found.products
    assert (shirt.variants[0].price, shirt.variants[0].list_price) == (Price(1500), Price(2000))
    assert [problem.problem for problem in found.problems] == [
        "has 2 columns whose names Duomo does not know and does not read: 在目录内显示, 面料成分",
        "has no column that Duomo knows to say which are hidden from the catalog; all are taken as shown",
    ]
    mapped = read_catalog(path, mapping={"visibility": "在目录内显示", "material": "面料成分"})
    assert (list(mapped.products), [p.column for p in mapped.problems]) == ([], ["在目录内显示"])
