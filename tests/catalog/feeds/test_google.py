from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duomo.catalog.feeds.feed import write_feed
from duomo.catalog.feeds.google import GoogleFeed
from duomo.catalog.read import read_catalog
from duomo.product import Media, Price, Product, Variant

if TYPE_CHECKING:
    from tests.catalog.feeds.conftest import Carried

Feed = Literal["tsv", "rss", "atom"]
FEEDS: Sequence[Feed] = ("tsv", "rss", "atom")


@given(st.data(), st.sampled_from(FEEDS))
def test_what_the_writer_writes_the_reader_reads_back(
    tmp_path_factory: pytest.TempPathFactory, carried: "Carried", data: st.DataObject, feed: Feed
) -> None:
    products = [data.draw(carried(prefix)) for prefix in data.draw(st.sampled_from(["A", "AB"]))]
    path = tmp_path_factory.mktemp("feed") / "feed"
    assert write_feed(products, GoogleFeed(feed), path).rows == sum(
        len(product.variants) for product in products
    )
    found = read_catalog(path, format="google")
    assert not found.problems
    assert list(found.products) == products


@pytest.mark.parametrize("feed", FEEDS)
def test_a_feed_is_recognized_for_what_it_is(tmp_path: Path, feed: Feed) -> None:
    product = Product(
        id="A",
        title="Tom & Jerry <b>mug</b>",
        description="one\n- two",
        attributes={"color": ("Red", "Blue/Green")},
        variants=(Variant(id="A", price=Price(900, "USD"), list_price=Price(1000, "USD")),),
        media=(Media(source="https://x.cn/a.jpg"),),
        url="https://x.cn/a",
    )
    write_feed([product], GoogleFeed(feed), tmp_path / "feed")
    found = read_catalog(tmp_path / "feed")
    assert (found.format, list(found.products)) == ("google", [product])


@pytest.mark.parametrize("feed", FEEDS)
def test_stock_says_what_is_available_and_what_is_free_stays_free(tmp_path: Path, feed: Feed) -> None:
    variants = tuple(
        Variant(id=f"杯-{stock}", attributes={"size": (f"{stock}",)}, stock=stock, price=Price(0, "CNY"))
        for stock in (3, 0, -1, None)
    )
    free = replace(variants[0], list_price=Price(900, "CNY"))
    write_feed(
        [Product(id="杯", title="杯子", variants=(free, *variants[1:]))], GoogleFeed(feed), tmp_path / "f"
    )
    (found,) = read_catalog(tmp_path / "f").products
    assert [v.availability for v in found.variants] == ["in_stock", "out_of_stock", "out_of_stock", ""]
    assert [replace(variant, availability="") for variant in found.variants] == list(variants)


@pytest.mark.parametrize("feed", FEEDS)
def test_a_shop_without_products_gives_an_empty_feed(tmp_path: Path, feed: Feed) -> None:
    assert write_feed([], GoogleFeed(feed), tmp_path / "feed").rows == 0
    assert read_catalog(tmp_path / "feed", format="google").products == ()


def test_cells_that_a_spreadsheet_would_run_are_defused_and_read_back(tmp_path: Path) -> None:
    titles = ["=cmd|' /C calc'!A0", "+1", "-20% off", "@sum", "'=quoted", "-5", "- list", "＝1+1", "＠杯"]
    products = [
        Product(id=f"P{n}", title=title, variants=(Variant(id=f"P{n}"),), url="https://x.cn/p")
        for n, title in enumerate(titles)
    ]
    write_feed(products, GoogleFeed("tsv"), tmp_path / "feed.tsv")
    lines = (tmp_path / "feed.tsv").read_text("utf-8").splitlines()
    shown = [line.split("\t")[2] for line in lines[1:]]
    assert shown == [
        "'=cmd|' /C calc'!A0", "+1", "'-20% off", "'@sum", "''=quoted", "-5", "'- list", "'＝1+1", "'＠杯"
    ]  # fmt: skip
    assert [product.title for product in read_catalog(tmp_path / "feed.tsv").products] == titles


def test_what_google_asks_for_and_a_product_lacks_is_told(tmp_path: Path) -> None:
    mug = Product(
        id="M",
        title="Mug",
        variants=(Variant(id="M-1", price=Price(5)), Variant(id="M-2", availability="in_stock")),
        media=(Media(source="/pictures/mug.jpg"),),
    )
    written = write_feed([mug], GoogleFeed("rss"), tmp_path / "feed.xml")
    assert (written.products, written.rows, written.left_out, written.errors) == (1, 2, 0, 0)
    told = {(problem.file, problem.column) for problem in written.problems}
    assert ("Google feed, variant 'M-2'", "price") in told
    assert ("Google feed, variant 'M-1'", "image_link") in told
    assert str(written.problems[0]) == (
        "Google feed, variant 'M-1': description is missing, and Google asks for it. "
        "Add it to the catalog and build again."
    )


def test_a_feed_that_cannot_be_finished_leaves_the_old_one(tmp_path: Path) -> None:
    (tmp_path / "feed.tsv").write_text("old")
    mug = Product(id="M", title="Mug", variants=(Variant(id="M"),))

    def products() -> Iterator[Product]:
        yield mug
        raise OSError("the shelf is gone")

    with pytest.raises(OSError, match="the shelf is gone"):
        write_feed(products(), GoogleFeed("tsv"), tmp_path / "feed.tsv")
    assert [path.name for path in tmp_path.iterdir()] == ["feed.tsv"]
    assert (tmp_path / "feed.tsv").read_text() == "old"
