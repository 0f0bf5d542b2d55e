"""Catalogs at addresses, from a real server that answers as the test says."""

import gzip
import io
import json
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from duomo.errors import BadFile, BlockedUrl, MissingFile, ShopBusy
from duomo.settings import Settings
from duomo.shelf.lock import writing
from duomo.shop import Shop
from duomo.stock.backup import back_up
from duomo.stock.doctor import examine
from duomo.stock.outcome import FAILED, Failure
from duomo.stock.restore import restore

if TYPE_CHECKING:
    from tests.stock.conftest import Stall


@dataclass
class Server:
    """What stands at one address, and what was asked of it."""

    url: str
    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "text/csv"})
    drip_s: float = 0.0  # between single bytes
    asked: list[dict[str, str]] = field(default_factory=list)
    sent: int = 0  # bodies

    def gives(self, body: str | bytes, etag: str = "", **headers: str) -> None:
        """From now on this."""
        self.body = body.encode() if isinstance(body, str) else body
        self.status = 200
        self.headers = {"Content-Type": "text/csv"} | {k.replace("_", "-"): v for k, v in headers.items()}
        if etag:
            self.headers["ETag"] = etag

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        asked = {name.lower(): value for name, value in request.headers.items()}
        self.asked.append(asked)
        known = (asked.get("if-none-match"), asked.get("if-modified-since"))
        same = known != (None, None) and known == (
            self.headers.get("ETag"),
            self.headers.get("Last-Modified"),
        )
        request.send_response(304 if same and self.status == 200 else self.status)
        for name, value in self.headers.items():
            request.send_header(name, value)
        if same:
            request.end_headers()
            return
        request.send_header("Content-Length", str(len(self.body)))
        request.end_headers()
        self.sent += 1
        if not self.drip_s:
            request.wfile.write(self.body)
            return
        for at in range(len(self.body)):
            request.wfile.write(self.body[at : at + 1])
            request.wfile.flush()
            time.sleep(self.drip_s)


@pytest.fixture
def server() -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with suppress(OSError):  # the other side has hung up, as it should
                served.answer(self)

        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing."""

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running.daemon_threads = True
    running.block_on_close = False
    served = Server(f"http://127.0.0.1:{running.server_address[1]}/feed")
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield served
    running.shutdown()
    running.server_close()
    thread.join()


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    settings = Settings(workers=0, fetch_private=True, fetch_timeout_s=5, feed_timeout_s=5)
    return Shop.create(tmp_path / "shop", encoder="hashed", settings=settings)


def rows(count: int, word: str = "mug") -> str:
    return "sku,title,price,currency\n" + "".join(f"A{n},{word} 杯 {n},{n}.50,EUR\n" for n in range(count))


def test_a_feed_is_built_and_asked_only_whether_it_has_changed(shop: Shop, server: Server) -> None:
    server.gives(rows(20), '"v1"', Last_Modified="Mon, 02 Nov 2026 10:00:00 GMT")
    assert shop.build(server.url).added == 20
    report = shop.build(server.url)
    assert (report.unchanged, report.encoded, server.sent) == (20, 0, 1)
    assert server.asked[0]["accept-encoding"] == "gzip"
    assert server.asked[1]["if-none-match"] == '"v1"'
    assert server.asked[1]["if-modified-since"] == "Mon, 02 Nov 2026 10:00:00 GMT"
    server.gives(rows(20).replace("A7,mug", "A7,bowl"), '"v2"')
    report = shop.build(server.url)
    assert (report.updated, report.unchanged, report.encoded) == (1, 19, 1)
    assert list(shop.manifest.sources) == [server.url]


def test_a_server_that_says_nothing_of_versions_costs_a_download_and_no_more(
    shop: Shop, server: Server
) -> None:
    server.gives(rows(5))
    shop.build(server.url)
    report = shop.build(server.url)
    assert (report.unchanged, report.encoded, server.sent) == (5, 0, 2)


def test_a_feed_that_is_being_fetched_is_not_in_a_backup_and_the_last_one_is(
    shop: Shop, server: Server, tmp_path: Path
) -> None:
    server.gives(rows(5), '"v1"')
    shop.build(server.url)
    server.gives(rows(6), '"v2"')
    server.drip_s = 0.02
    fetching = threading.Thread(target=shop.build, args=(server.url,))
    fetching.start()
    while not (begun := list(shop.folder.glob("feeds/*/new-*/body"))):
        time.sleep(0.01)
    card = back_up(shop.folder, tmp_path / "shop.tar").card
    assert begun[0].exists()  # it was being fetched all the while
    server.drip_s = 0
    fetching.join()
    assert len(shop) == 6
    home = begun[0].parents[1].relative_to(shop.folder).as_posix()
    kept = {name for name in card.files if name.startswith("feeds/")}
    assert kept == {f"{home}/body", f"{home}/kept.json"}
    assert len(Shop.open(restore(tmp_path / "shop.tar", tmp_path / "again").place)) == 5


@pytest.mark.parametrize("layers", [1, 2])
def test_what_gzip_has_packed_is_unpacked(shop: Shop, server: Server, layers: int) -> None:
    body = gzip.compress(rows(30).encode())
    server.gives(gzip.compress(body) if layers == 2 else body, Content_Encoding="gzip")
    assert shop.build(server.url).added == 30


def test_a_zip_with_pictures_may_stand_at_an_address(stall: "Stall", server: Server) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in (stall.folder / "goods").iterdir():
            archive.write(path, f"goods/{path.name}")
    server.gives(packed.getvalue(), '"v1"', Content_Type="application/zip")
    shop = Shop.open(stall.shop.folder, settings=Settings(workers=0, fetch_private=True))
    report = shop.build(server.url)
    assert (report.added, report.encoded, report.problems) == (12, 24, ())
    assert (shop.build(server.url).encoded, server.sent) == (0, 1)


@pytest.mark.parametrize(
    ("charset", "encoding"), [("GB2312", "gb2312"), ("iso-8859-1", "latin-1"), ("utf-16", "utf-16")]
)
def test_the_charset_of_the_header_counts(shop: Shop, server: Server, charset: str, encoding: str) -> None:
    title = "Café crème" if encoding == "latin-1" else "红色杯子"
    server.gives(f"sku,title\nA,{title}\n".encode(encoding), Content_Type=f"text/csv; charset={charset}")
    report = shop.build(server.url)
    assert shop.product("A").title == title
    assert report.problems == ()


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "no-such", "base64", "windows-1252"])
def test_utf_8_stays_what_it_is_whatever_the_server_says_by_itself(
    shop: Shop, server: Server, charset: str
) -> None:
    server.gives("sku,title\nA,红色杯子 é\n", Content_Type=f"text/csv; charset={charset}")
    shop.build(server.url)
    assert shop.product("A").title == "红色杯子 é"


def test_an_xml_feed_in_the_charset_of_the_header_is_read(shop: Shop, server: Server) -> None:
    feed = (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:g="http://base.google.com/ns/1.0">'
        "<channel><item><g:id>A</g:id><title>红色杯子</title><g:image_link>/p/a.jpg</g:image_link>"
        "</item></channel></rss>"
    )
    server.gives(feed.encode("gb18030"), Content_Type="application/xml; charset=GBK")
    report = shop.build(server.url)
    assert shop.product("A").title == "红色杯子"
    assert report.problems[0].value == server.url.replace("/feed", "/p/a.jpg")


def test_the_pictures_of_a_feed_are_addresses_and_never_files(
    shop: Shop, server: Server, tmp_path: Path
) -> None:
    sources = "|".join((str(tmp_path / "a.jpg"), "file:///etc/hostname", "data:image/png;base64,AA", "//[x"))
    server.gives(f'sku,title,image\nA,a,"{sources}"\n')
    report = shop.build(server.url)
    assert not shop.product("A").media
    assert {problem.file for problem in report.problems} == {server.url}
    (said,) = [p.problem for p in report.problems if "not an http or https address" in p.problem]
    assert said.endswith("(and 2 more like this)")


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (404, b"", "the server answered 404"),
        (500, b"", "the server answered 500"),
        (200, b"\x89PNG\r\n\x1a\n", "is a PNG picture"),
        (200, b"", "is empty"),
        (200, b"colour\nred\n", "no column holds ids or titles"),
        (200, gzip.compress(b"sku\n" * 999, mtime=0)[:30], "is damaged or cut short"),
        (200, b"PK\x03\x04", "is damaged or cut short"),
    ],
)
def test_a_feed_that_fails_leaves_the_shop_as_it_was(
    shop: Shop, server: Server, status: int, body: bytes, said: str
) -> None:
    server.gives(rows(8), '"v1"')
    shop.build(server.url)
    server.gives(body, '"v2"')
    server.status = status
    for _ in range(2):
        with pytest.raises((BlockedUrl, BadFile), match=said) as refused:
            shop.build(server.url, prune=True)
        assert str(refused.value).startswith(server.url)
        assert "/feeds/" not in str(refused.value)
    assert len(shop) == 8
    server.gives(rows(8), '"v1"')
    assert shop.build(server.url).unchanged == 8


def test_a_slow_feed_is_given_up(shop: Shop, server: Server) -> None:
    server.gives(rows(50))
    server.drip_s = 0.05
    slow = Shop.open(shop.folder, settings=Settings(workers=0, fetch_private=True, feed_timeout_s=0.4))
    with pytest.raises(BlockedUrl, match=r"took longer than 0\.4 s\. .*feed_timeout_s"):
        slow.build(server.url)


def test_a_feed_that_is_too_large_is_given_up(shop: Shop, server: Server) -> None:
    server.gives(rows(500))
    small = Shop.open(shop.folder, settings=Settings(workers=0, fetch_private=True, file_mb=0.005))
    with pytest.raises(BlockedUrl, match=r"larger than the limit of 0\.005 MB\. .*file_mb"):
        small.build(server.url)
    server.gives(gzip.compress(rows(500).encode()))
    with pytest.raises(BadFile, match=r"has more than 0\.005 MB, which is the limit"):
        small.build(server.url)


def test_a_feed_inside_the_network_is_refused_unless_it_is_allowed(shop: Shop, server: Server) -> None:
    server.gives(rows(1))
    with pytest.raises(BlockedUrl, match=r"not on the public internet\. .*fetch_private"):
        Shop.open(shop.folder, settings=Settings(workers=0)).build(server.url)
    assert not server.asked


def test_a_feed_that_shrinks_is_not_pruned_unless_it_is_meant(shop: Shop, server: Server) -> None:
    server.gives(rows(40))
    shop.build(server.url)
    server.gives(rows(19))
    for _ in range(2):
        with pytest.raises(BadFile, match=r"has 19 products now, fewer than half .*--prune-anyway"):
            shop.build(server.url, prune=True)
    assert len(shop) == 40
    assert shop.build(server.url).vanished == 21  # without prune nothing is lost, and nothing is forgotten:
    server.gives(rows(18))
    with pytest.raises(BadFile, match=r"has 18 products now"):
        shop.build(server.url, prune=True)
    server.gives(rows(20))
    assert shop.build(server.url, prune=True).removed == 20
    server.gives(rows(3))
    assert shop.build(server.url, prune="anyway").removed == 17


def test_a_file_that_was_cut_short_prunes_nothing_unless_it_is_meant(shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "goods.csv"
    path.write_text(rows(40), "utf-8")
    shop.build(path)
    path.write_text(rows(40)[: len(rows(19))], "utf-8")  # as a copy that has ended early
    with pytest.raises(BadFile, match=r"goods\.csv: the file has 19 products now, fewer .*--prune-anyway"):
        shop.build(path, prune=True)
    with pytest.raises(BadFile, match=r"has 19 products now"):
        shop.build(prune=True)  # all that it was built from
    assert len(shop) == 40
    path.write_text(rows(19) + "B1,bowl 碗,9.50,EUR\n", "utf-8")
    assert shop.build(path, prune=True).removed == 21
    path.write_text(rows(2), "utf-8")
    assert shop.build(path, prune="anyway").removed == 18
    assert len(shop) == 2


def test_a_feed_that_could_not_be_read_is_fetched_again(shop: Shop, server: Server) -> None:
    server.gives("<rss><channel><item>", '"v1"')
    for _ in range(2):
        with pytest.raises(BadFile):
            shop.build(server.url)
    assert (server.sent, "if-none-match" in server.asked[-1]) == (2, False)
    server.gives(rows(3), '"v1"')  # mended, and the server still calls it by the same name
    assert shop.build(server.url).added == 3
    assert shop.build(server.url).unchanged == 3
    assert (server.sent, server.asked[-1]["if-none-match"]) == (3, '"v1"')


def test_a_build_that_failed_is_noted_until_one_succeeds(shop: Shop, server: Server) -> None:
    server.gives(rows(3))
    shop.build(server.url)
    assert Failure.of(shop.folder) is None
    server.status = 503
    with pytest.raises(BlockedUrl):
        shop.build(server.url)
    failure = Failure.of(shop.folder)
    assert failure is not None
    assert failure.problem == f"{server.url}: the server answered 503"
    said = [each for each in examine(shop.folder, shop.settings) if each.what == "build"]
    assert [(each.status, failure.problem in each.said) for each in said] == [("warning", True)]
    server.status = 200
    with writing(shop.folder, long=True), pytest.raises(ShopBusy):
        shop.build(server.url)
    assert Failure.of(shop.folder) == failure  # somebody else at work is neither the one nor the other
    (shop.folder / "rows.csv").write_text(rows(4), "utf-8")
    shop.build(shop.folder / "rows.csv", partial=True)
    with pytest.raises(MissingFile):
        shop.build(shop.folder / "none.csv", partial=True)
    assert Failure.of(shop.folder) == failure  # nor are some rows
    (shop.folder / FAILED).unlink()
    for slip in (shop.folder / "nosuch.csv", f"{server.url}/none"):
        server.status = 404
        with pytest.raises((MissingFile, BlockedUrl)):
            shop.build(slip)
    assert Failure.of(shop.folder) is None  # nor is a catalog that the shop never had and that is not there
    (shop.folder / "bad.csv").write_text("")
    with pytest.raises(BadFile):
        shop.build(shop.folder / "bad.csv")
    assert Failure.of(shop.folder) is not None
    server.status = 200
    shop.build(server.url)
    assert Failure.of(shop.folder) is None
    (shop.folder / FAILED).write_text('{"when": "yesterday", "problem": ""}')
    assert Failure.of(shop.folder) is None


def test_what_a_shop_was_built_from_is_read_again_without_naming_it(
    shop: Shop, server: Server, tmp_path: Path
) -> None:
    with pytest.raises(MissingFile, match=r"was built from no catalog yet"):
        shop.build()
    server.gives(rows(4))
    (tmp_path / "own.csv").write_text("nr,name\nB1,Bowl\n")
    shop.build(server.url)
    shop.build(tmp_path / "own.csv", mapping={"sku": "nr", "title": "name"})
    server.gives(rows(5))
    report = shop.build()
    assert (report.products, report.added, report.unchanged) == (6, 1, 5)
    assert shop.product("B1").title == "Bowl"


def test_a_currency_that_was_given_once_is_kept_when_the_shop_is_built_once_more(tmp_path: Path) -> None:
    (tmp_path / "goods.csv").write_text("sku,title,price\nB1,Bowl,5\n")
    Shop.create(tmp_path / "shop", encoder="hashed", settings=Settings(workers=0, currency="USD")).build(
        tmp_path / "goods.csv"
    )
    shop = Shop.open(tmp_path / "shop", settings=Settings(workers=0))

    def price() -> str:
        return str(shop.product("B1").variants[0].price)

    assert shop.build().unchanged == 1
    (tmp_path / "goods.csv").write_text("sku,title,price\nB1,Bowl,6\n")
    shop.build()
    assert price() == "6.00 USD"
    Shop.open(shop.folder, settings=Settings(workers=0, currency="EUR")).build()
    assert price() == "6.00 EUR"
    said = json.loads((shop.folder / "manifest.json").read_text())
    for source in said["sources"].values():
        del source["asked"]["currency"]
    (shop.folder / "manifest.json").write_text(json.dumps(said))
    shop.build()
    assert price() == "6.00"


@pytest.mark.parametrize("harm", [b"", b"half a fee", b"\0" * 40])
def test_a_damaged_copy_is_fetched_again(shop: Shop, server: Server, harm: bytes) -> None:
    server.gives(rows(6), '"v1"')
    shop.build(server.url)
    (body,) = (shop.folder / "feeds").glob("*/body")
    body.write_bytes(harm)
    assert (shop.build(server.url).unchanged, server.sent) == (6, 2)


@pytest.mark.parametrize("kind", ["seconds", "date", "nonsense", "none"])
def test_a_server_may_ask_to_be_left_alone(shop: Shop, server: Server, kind: str) -> None:
    then = datetime.now(UTC) + timedelta(seconds=600)
    said = {"seconds": "600", "date": format_datetime(then, usegmt=True), "nonsense": "soon"}
    server.gives(b"", **({"Retry_After": said[kind]} if kind in said else {}))
    server.status = 503
    with pytest.raises(BlockedUrl) as refused:
        shop.build(server.url)
    wanted = 600 if kind in ("seconds", "date") else 0
    assert refused.value.retry_after_s == pytest.approx(wanted, abs=60)
