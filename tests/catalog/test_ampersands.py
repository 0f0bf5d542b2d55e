"""Feeds whose ampersands are not written as XML wants them."""

from collections.abc import Callable
from html import escape
from xml.parsers import expat

from hypothesis import given
from hypothesis import strategies as st

from duomo.catalog.formats.ampersands import Ampersands
from duomo.catalog.read import Catalog

CatalogOf = Callable[..., Catalog]

FEED = """<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel>
<item><g:id>A</g:id><title>{}</title><link>https://x.cn/a?b=1&c=2&amp;d=3</link></item>
<item><g:id>B</g:id><title>杯子</title><link><![CDATA[https://x.cn/b?c=1&amp;d=2&e=3]]></link></item>
</channel></rss>
"""


def test_a_bare_ampersand_is_read_as_it_was_meant_and_told_once(catalog_of: CatalogOf) -> None:
    found = catalog_of(FEED.format("Salt & pepper&nbsp;mill&hearts; AT&T"), "feed.xml")
    assert [(product.title, product.url) for product in found.products] == [
        ("Salt & pepper mill♥ AT&T", "https://x.cn/a?b=1&c=2&d=3"),
        ("杯子", "https://x.cn/b?c=1&amp;d=2&e=3"),
    ]
    (told,) = found.problems
    assert (told.line, told.severity, told.problem) == (
        2,
        "warning",
        "an & that is not written as &amp; was read as it was meant, and 4 more after it",
    )


def test_a_remark_neither_hides_nor_counts(catalog_of: CatalogOf) -> None:
    feed = FEED.replace("<item>", "<!-- <![CDATA[ Tom & Jerry --><?x A&B?><item>", 1)
    found = catalog_of(feed.format("Salt & pepper"), "feed.xml")
    assert [product.title for product in found.products] == ["Salt & pepper", "杯子"]
    (told,) = found.problems
    assert (told.line, told.problem.endswith("and 1 more after it")) == (2, True)


PIECES = st.lists(
    st.sampled_from(
        ["&", "&amp;", "&lt;", "&#65;", "&#x41;", "&eacute;", "&b", ";", "a", "杯", "\n", "]]", "]", "> "]
    )
    | st.text("ab]&;#x1", max_size=3)
).map("".join)


@given(
    PIECES, PIECES, st.sampled_from(["", "<![CDATA[", "<? ", "]]> "]), st.integers(1, 9), st.integers(0, 200)
)
def test_what_is_mended_is_xml_however_it_is_cut(
    plain: str, data: str, remark: str, step: int, fill: int
) -> None:
    plain = plain.replace("]]>", "") + "x" * fill
    data = data.replace("]]>", "")
    remark = f"<!-- {remark}{data} --><?x {remark}{data.replace('?>', '')}?>"
    text = f"<t>{remark}<a>{plain}</a><b><![CDATA[{data}]]></b><a>{plain}</a>{remark}</t>"
    whole = Ampersands()
    mended = whole.part_of(text, is_last=True)
    parts = Ampersands()
    cut = [parts.part_of(text[n : n + step]) for n in range(0, len(text), step)]
    assert "".join((*cut, parts.part_of("", is_last=True))) == mended
    assert (parts.count, parts.first) == (whole.count, whole.first)
    assert f"<![CDATA[{data}]]>" in mended
    assert mended.count(remark) == 2
    expat.ParserCreate().Parse(mended, True)


@given(st.text("ab&<>;#x1杯\n", max_size=30))
def test_what_is_right_is_left_as_it_is(text: str) -> None:
    mend = Ampersands()
    right = f"<t>{escape(text)}</t>"
    assert mend.part_of(right, is_last=True) == right
    assert mend.count == 0
