"""Whatever a file holds, it is read or refused with a sentence; nothing else comes out."""

import io
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.catalog.read import read_catalog
from duomo.errors import DuomoError


def parquet() -> bytes:
    page = io.BytesIO()
    pq.write_table(pa.table({"sku": ["A", "B"], "title": ["Mug", "杯"], "price": [1.5, None]}), page)
    return page.getvalue()


FILES = (
    parquet(),
    '{"sku": "A", "title": "杯", "price": 1.5, "color": ["a", "b"]}\n{"sku": "B"}\n'.encode(),
    '<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel><item>'
    "<g:id>A</g:id><title>杯</title><g:shipping><g:price>1</g:price></g:shipping></item></channel></rss>".encode(),
    'sku,title,price,image,attributes_json\nA,"Mug\n杯",￥5,a.jpg,"{""a"": 1}"\nB,x,5,b|c,\n'.encode(),
    *(
        (Path(__file__).parent / "files" / name).read_bytes()
        for name in (
            *("woocommerce.csv", "woocommerce_zh.csv", "magento.csv", "meta_feed.csv"),
            *("product_page.html", "goods_zh.jsonld"),
        )
    ),
    b"Handle,Title,Option1 Name,Option1 Value,Variant SKU,Image Src\na,A,Size,S,X,i.jpg\na,,,M,Y,\n",
)
PIECES = st.binary(max_size=3) | st.sampled_from(
    [
        b'"',
        b",",
        b"{",
        b"]",
        b"</script>",
        b'"@id":',
        b"\n",
        b"\r",
        b"\0",
        b"|",
        b"<",
        b"&lt;",
        b"\xff\xfe",
        b"\xed\xa0\x80",
        b"1e999",
    ]
)


@given(
    st.sampled_from(FILES),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 9), PIECES), min_size=1, max_size=5),
)
def test_damaged_files_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, whole: bytes, damage: list[tuple[float, int, bytes]]
) -> None:
    content = whole
    for place, cut, piece in damage:
        start = int(place * len(content))
        content = content[:start] + piece + content[start + cut :]
    path = tmp_path_factory.mktemp("damaged") / "products.csv"
    path.write_bytes(content)
    try:
        found = read_catalog(path)
    except DuomoError:
        return
    assert sum(problem.severity == "error" for problem in found.problems) >= found.skipped
    assert "\n".join(map(repr, (*found.products, *found.problems))).encode()
