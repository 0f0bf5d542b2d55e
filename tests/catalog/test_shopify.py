from collections.abc import Callable
from pathlib import Path

import pytest

from duomo.catalog.read import Catalog
from duomo.errors import BadFile
from duomo.product import Price

CatalogOf = Callable[..., Catalog]

OLD = """\
Handle,Title,Body (HTML),Vendor,Product Category,Type,Tags,Published,\
Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant SKU,\
Variant Inventory Qty,Variant Price,Variant Compare At Price,Variant Barcode,Image Src,Image Position,\
Google Shopping / Gender,Variant Image,Material (product.metafields.custom.material),Status
shirt,Oxford Shirt,"<p>Soft &amp; warm</p>
<ul><li>Cotton</li></ul>",Acme,Apparel & Accessories > Clothing > Shirts,Shirt,"new, summer",TRUE,\
Color,Red,Size,S,SH-R-S,5,29.90,39.90,4006381333931,https://cdn.x.cn/front.jpg,2,male,\
https://cdn.x.cn/red.jpg,cotton; linen,active
shirt,,,,,,,,,Red,,M,SH-R-M,0,29.90,,,//cdn.x.cn/first.jpg,1,,https://cdn.x.cn/red.jpg,,
shirt,,,,,,,,,Blue,,M,,-1,31,,,,,,,,
shirt,,,,,,,,,,,,,,,,,https://cdn.x.cn/back.jpg,3,,,,
mug,Mug,,,,Kitchen > Mugs,,true,Title,Default Title,,,MUG-1,,9,,,https://cdn.x.cn/mug.jpg,1,,,,Active
"""

NEW = """\
Title,URL handle,Description,Vendor,Product category,Type,Tags,Published on online store,Status,SKU,Barcode,\
Option1 name,Option1 value,Option2 name,Option2 value,Price,Compare-at price,Inventory quantity,\
Product image URL,Image position,\
Variant image URL,Google Shopping / Gender,Material (product.metafields.custom.material)
Oxford Shirt,shirt,"<p>Soft &amp; warm</p>
<ul><li>Cotton</li></ul>",Acme,Apparel & Accessories > Clothing > Shirts,Shirt,"new, summer",TRUE,Active,\
SH-R-S,4006381333931,Color,Red,Size,S,29.90,39.90,5,https://cdn.x.cn/front.jpg,2,\
https://cdn.x.cn/red.jpg,male,cotton; linen
,shirt,,,,,,,,SH-R-M,,,Red,,M,29.90,,0,//cdn.x.cn/first.jpg,1,https://cdn.x.cn/red.jpg,,
,shirt,,,,,,,,,,,Blue,,M,31,,-1,,,,,
,shirt,,,,,,,,,,,,,,,,,https://cdn.x.cn/back.jpg,3,,,
Mug,mug,,,,Kitchen > Mugs,,true,Active,MUG-1,,Title,Default Title,,,9,,,https://cdn.x.cn/mug.jpg,1,,,
"""


@pytest.mark.parametrize("export", [OLD, NEW])
def test_both_generations_of_headers_give_the_same_products(catalog_of: CatalogOf, export: str) -> None:
    found = catalog_of(export)
    shirt, mug = found.products
    assert (found.format, found.rows, found.skipped, found.problems) == ("shopify", 5, 0, ())
    assert (shirt.id, shirt.title, shirt.brand) == ("shirt", "Oxford Shirt", "Acme")
    assert shirt.description == "Soft & warm\n- Cotton"
    assert shirt.category == ("Apparel & Accessories", "Clothing", "Shirts")
    assert shirt.attributes == {
        "tags": ("new", "summer"),
        "status": ("active",),
        "published": ("true",),
        "product_type": ("Shirt",),
        "gender": ("male",),
        "material": ("cotton", "linen"),
    }
    assert [media.source for media in shirt.media] == [
        "https://cdn.x.cn/first.jpg",
        "https://cdn.x.cn/front.jpg",
        "https://cdn.x.cn/back.jpg",
    ]
    small, medium, blue = shirt.variants
    assert [variant.id for variant in shirt.variants] == ["SH-R-S", "SH-R-M", "shirt-blue-m"]
    assert small.attributes == {"color": ("Red",), "size": ("S",)}
    assert (small.price, small.list_price, small.stock) == (Price(2990), Price(3990), 5)
    assert small.gtin == "04006381333931"
    assert [Path(media.source).name for media in small.media] == ["red.jpg"]
    assert (medium.stock, medium.list_price, blue.stock, blue.media) == (0, None, -1, ())
    assert (mug.category, mug.attributes["status"], mug.attributes["published"]) == (
        ("Kitchen", "Mugs"),
        ("active",),
        ("true",),
    )
    assert [(variant.id, variant.attributes) for variant in mug.variants] == [("MUG-1", {})]


def test_what_is_not_published_is_left_out_and_counted(catalog_of: CatalogOf) -> None:
    found = catalog_of(
        "Handle,Title,Variant SKU,Variant Price,Option1 Name,Option1 Value,Published,Status\n"
        "a,杯子,A,5,,,true,active\nb,Draft,B-1,5,Size,S,true,draft\nb,,B-2,5,,M,,\nc,Unlisted,C,5,,,true,Unlisted\n"
        "d,Old,D,5,,,TRUE,archived\ne,Elsewhere,E,5,,,FALSE,active\n"
    )
    assert [product.id for product in found.products] == ["a"]
    left = "says that shoppers are not to see it; left out"
    assert [(p.line, p.column, p.value, p.problem) for p in found.problems] == [
        (3, "Status", "draft", f"{left} (and 2 more like this)"),
        (7, "Published", "FALSE", left),
    ]
    assert (found.rows, found.skipped) == (6, 0)


def test_only_a_title_is_needed(catalog_of: CatalogOf) -> None:
    found = catalog_of("Handle,Title,Variant Price\n,Red Mug,\n,,5\n", format="shopify")
    (product,) = found.products
    assert (product.id, [variant.id for variant in product.variants]) == ("red-mug", ["red-mug"])
    assert "line 3: has neither a handle nor a title" in str(found.problems[0])
    assert (found.rows, found.skipped) == (2, 1)


def test_a_sku_that_comes_twice_is_replaced_and_a_variant_that_does_is_skipped(catalog_of: CatalogOf) -> None:
    found = catalog_of(
        "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price\n"
        "a,A,Size,S,X,1\na,,,M,X,2\na,,,S,,3\na,,,S,,4\nb,B,Title,Default Title,,twelve\n"
    )
    assert [variant.id for variant in found.products[0].variants] == ["X", "a-m", "a-s"]
    twice, again, price = map(str, found.problems)
    assert "line 3: 'X' is already the SKU of line 2; this variant is called 'a-m'" in twice
    assert "line 5: 'a-s' is already the variant of line 4, which stands" in again
    assert "line 6: Variant Price 'twelve' is not a number" in price
    assert (found.rows, found.skipped) == (5, 1)


def test_columns_of_ones_own_can_be_mapped(catalog_of: CatalogOf) -> None:
    text = "Handle,Title,Variant Price,Maker,Sleeve\nshirt,Shirt,5,Acme,long\n"
    (product,) = catalog_of(text, mapping={"brand": "maker", "sleeve": "Sleeve"}).products
    assert (product.brand, product.attributes) == ("Acme", {"sleeve": ("long",)})
    with pytest.raises(BadFile, match="there is no column 'brand'"):
        catalog_of(text, mapping={"brand": "Marke"})
