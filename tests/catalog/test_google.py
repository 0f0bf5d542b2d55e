from collections.abc import Callable
from pathlib import Path

import pytest

from duomo.catalog.read import Catalog
from duomo.errors import BadFile
from duomo.product import Price

CatalogOf = Callable[..., Catalog]

HEADER = (
    *("id", "title", "description", "link", "image link", "additional image link", "price", "sale_price"),
    *("availability", "brand", "gtin", "item group id", "color", "size", "product type"),
    *("google product category", "product detail", "gender"),
)
ROWS = (
    (
        *("S-1", "Shirt", "<b>Soft</b> &amp; warm", "https://x.cn/s?v=1", "https://x.cn/1.jpg"),
        *("https://x.cn/w_2,h_2/b.jpg,https://x.cn/c.jpg", "20.00 USD", "15.00 USD", "in stock", "Acme"),
        *("4006381333931", "S", "Red/White", "S", "Men > Shirts", "Apparel & Accessories > Clothing"),
        *('Fabric:Weave:Oxford,"Care:Wash:30°, mild"', "male"),
    ),
    (
        *("S-2", "Shirt", "", "https://x.cn/s?v=2", "https://x.cn/2.jpg"),
        *("https://x.cn/c.jpg", "20.00 USD", "", "preorder", "Acme"),
        *("", "S", "Blue", "M", "Men > Shirts", "Apparel & Accessories > Clothing"),
        *("Fabric:Weave:Oxford", "male"),
    ),
    (
        *("M", "Mug", "A mug", "https://x.cn/m", "https://x.cn/m.jpg"),
        *("", "1.299,00 EUR", "", "out_of_stock", ""),
        *("", "", "", "", "Home > Kitchen", "", "", ""),
    ),
)
TSV = "".join("\t".join(row) + "\n" for row in (HEADER, *ROWS))


def test_a_tab_separated_feed_groups_its_variants(catalog_of: CatalogOf) -> None:
    found = catalog_of(TSV, "feed.txt")
    shirt, mug = found.products
    assert found.format == "google"
    assert not found.problems
    assert (shirt.id, shirt.title, shirt.description, shirt.brand) == ("S", "Shirt", "Soft & warm", "Acme")
    assert shirt.category == ("Men", "Shirts")
    assert shirt.attributes == {
        "gender": ("male",),
        "weave": ("Oxford",),
        "google_product_category": ("Apparel & Accessories > Clothing",),
    }
    one, two = shirt.variants
    assert one.attributes == {"color": ("Red", "White"), "size": ("S",), "wash": ("30°, mild",)}
    assert (one.price, one.list_price) == (Price(1500, "USD"), Price(2000, "USD"))
    assert (one.availability, two.availability) == ("in_stock", "preorder")
    assert one.gtin == "04006381333931"
    assert (shirt.url, one.url, two.url) == ("https://x.cn/s?v=1", "", "https://x.cn/s?v=2")
    assert [media.source for media in shirt.media] == ["https://x.cn/c.jpg"]
    assert [media.source for media in one.media] == ["https://x.cn/1.jpg", "https://x.cn/w_2,h_2/b.jpg"]
    assert (mug.id, mug.variants[0].id, mug.category) == ("M", "M", ("Home", "Kitchen"))
    assert mug.variants[0].price == Price(129900, "EUR")


RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel>
<title>Shop</title><link>https://x.cn</link><description>All</description>
<item>
  <g:id>A</g:id><title>Plain title</title><g:title>Real title</g:title>
  <description><![CDATA[<p>One</p><p>Two</p>]]></description>
  <link>https://x.cn/a</link>
  <g:image_link>https://x.cn/a.jpg</g:image_link>
  <g:additional_image_link>https://x.cn/b.jpg</g:additional_image_link>
  <g:additional_image_link>https://x.cn/c,d.jpg</g:additional_image_link>
  <g:price>9 GBP</g:price>
  <g:product_detail><g:section_name>General</g:section_name><g:attribute_name>Lens Type</g:attribute_name>
     <g:attribute_value>wide, fast: f/1.4</g:attribute_value></g:product_detail>
  <g:shipping><g:country>US</g:country><g:price>5 USD</g:price></g:shipping>
  <pubDate>Tue, 31 Mar 2026</pubDate>
</item>
<item>
  <title>No id</title>
</item>
</channel></rss>
"""

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0">
<title>Shop</title><updated>2026-03-31T00:00:00Z</updated>
<entry><id>tag:x.cn,2026:1</id><g:id>A</g:id><title>Mug</title><summary>Fine</summary>
<link href="https://x.cn/a"/><g:price>9.00 EUR</g:price><updated>2026-03-31T00:00:00Z</updated></entry>
</feed>
"""


def test_an_rss_feed_prefers_googles_elements_and_counts_lines(catalog_of: CatalogOf) -> None:
    found = catalog_of(RSS)
    (product,) = found.products
    assert (product.id, product.title, product.description) == ("A", "Real title", "One\nTwo")
    assert (product.url, product.origin.line) == ("https://x.cn/a", 4)
    assert [media.source for media in product.media] == [
        "https://x.cn/a.jpg",
        "https://x.cn/b.jpg",
        "https://x.cn/c,d.jpg",
    ]
    assert product.attributes == {"lens_type": ("wide, fast: f/1.4",), "shipping": ("US:5 USD",)}
    assert (found.rows, found.skipped, found.problems[0].line) == (2, 1, 17)
    assert "has no id" in str(found.problems[0])


def test_an_atom_feed_is_read_with_its_own_elements(catalog_of: CatalogOf) -> None:
    (product,) = catalog_of(ATOM, "feed.csv").products
    assert (product.id, product.title, product.description, product.url) == (
        "A",
        "Mug",
        "Fine",
        "https://x.cn/a",
    )
    assert product.attributes == {}


def test_a_feed_in_the_encoding_it_declares_is_read(catalog_of: CatalogOf) -> None:
    text = RSS.replace("Real title", "Café 1/2").replace('encoding="UTF-8"', 'encoding="ISO-8859-1"')
    assert catalog_of(text.encode("latin-1")).products[0].title == "Café 1/2"
    chinese = RSS.replace("Real title", "马克杯").replace('encoding="UTF-8"', 'encoding="gb2312"')
    assert catalog_of(chinese.encode("gb2312")).products[0].title == "马克杯"
    assert catalog_of(RSS.encode("utf-16")).products[0].title == "Real title"


LAUGHS = """<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">]>
<rss version="2.0"><channel><item><title>&lol2;</title></item></channel></rss>
"""
OUTSIDE = """<!DOCTYPE rss SYSTEM "file:///etc/passwd"><rss version="2.0"></rss>"""


@pytest.mark.parametrize("content", [LAUGHS, OUTSIDE])
def test_document_types_and_entities_are_refused(catalog_of: CatalogOf, content: str) -> None:
    with pytest.raises(BadFile, match=r"declares a document type or entities.*Remove the DOCTYPE"):
        catalog_of(content, "feed.xml")


def test_broken_xml_names_the_line(catalog_of: CatalogOf) -> None:
    with pytest.raises(BadFile, match=r"feed\.xml line 3 is not well-formed XML \(mismatched tag\)"):
        catalog_of('<rss version="2.0">\n<channel>\n<item></channel></rss>', "feed.xml")


def test_meta_feeds_are_read_by_their_names(catalog_of: CatalogOf) -> None:
    found = catalog_of(
        "id,title,availability,price,link,image_link,quantity_to_sell_on_facebook,fb_product_category\n"
        "A,Mug,available for order,9.00 USD,https://x.cn/a,https://x.cn/a.jpg,75,home\n"
    )
    assert found.format == "google"
    variant = found.products[0].variants[0]
    assert (variant.stock, variant.availability) == (75, "in_stock")


def test_a_category_that_is_only_a_number_is_kept_as_an_attribute(catalog_of: CatalogOf) -> None:
    (product,) = catalog_of("id\ttitle\tgoogle_product_category\nA\tMug\t2169\n").products
    assert product.category == ()
    assert product.attributes == {"google_product_category": ("2169",)}


def test_a_format_that_is_asked_for_needs_its_columns(catalog_of: CatalogOf, tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=r"a product feed needs a column 'id'; its columns are: titel"):
        catalog_of("titel\nMug\n", format="google")
    found = catalog_of("nr;titel\n1;Mug\n", format="google", mapping={"id": "nr", "title": "titel"})
    assert found.products[0].title == "Mug"
