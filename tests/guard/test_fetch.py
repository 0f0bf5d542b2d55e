import shutil
import ssl
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from duomo.errors import BlockedUrl
from duomo.guard.connect import Address
from duomo.guard.fetch import Fetched, Rules, download, fetch

if TYPE_CHECKING:
    from tests.guard.conftest import Site

BODY = b"\xff\xd8\xff a picture, as far as a download can tell" * 20


def got(
    url: str, *, limit_mb: float = 1, timeout_s: float = 5, kinds: tuple[str, ...] = ("image/",)
) -> Fetched:
    """The download, with this machine's own addresses allowed."""
    return fetch(url, limit_mb=limit_mb, timeout_s=timeout_s, kinds=kinds, private=True)


def test_a_picture_is_fetched_with_what_the_server_says_of_it(site: "Site") -> None:
    url = site.gives(
        "/mug.jpg?w=200", BODY, "Image/JPEG; charset=binary", ETag='"v1"', Last_Modified="yesterday"
    )
    expected = Fetched(
        body=BODY, type="image/jpeg", url=url, etag='"v1"', modified="yesterday", charset="binary"
    )
    assert got(url) == expected


def test_the_server_is_asked_by_the_name_in_the_address(site: "Site") -> None:
    got(site.gives("/a.jpg", BODY))
    assert site.asked[0]["host"] == f"localhost:{site.port}"
    assert site.asked[0]["accept-encoding"] == "identity"


def test_an_address_in_chinese_is_fetched(site: "Site") -> None:
    site.gives("/%E7%BA%A2%E6%9D%AF.jpg", BODY)
    assert got(f"{site.url}/红杯.jpg").body == BODY


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "127.0.0.9", "[::1]", "[::ffff:127.0.0.1]", "[::]"]
)
def test_this_machine_is_not_the_public_internet(site: "Site", host: str) -> None:
    site.gives("/a.jpg", BODY)
    with pytest.raises(
        BlockedUrl, match=r"a\.jpg: '.*' is at .*, which is not on the public internet. Use a public"
    ):
        fetch(f"http://{host}:{site.port}/a.jpg", limit_mb=1, timeout_s=5)
    assert site.asked == []


@pytest.mark.parametrize(
    "host", ["10.0.0.1", "169.254.169.254", "192.168.1.1", "100.64.0.1", "[fe80::1]", "0.1.2.3"]
)
def test_private_networks_are_refused_before_anything_is_sent(host: str) -> None:
    with pytest.raises(BlockedUrl, match=r"not on the public internet"):
        fetch(f"http://{host}/latest/meta-data", limit_mb=1, timeout_s=5)


@pytest.mark.slow
@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "127.1", "0"])
def test_a_number_that_means_this_machine_is_refused(host: str) -> None:
    # In a process of its own: the tests' network guard lets no name but localhost be looked up.
    code = f"from duomo.guard.fetch import fetch; fetch('http://{host}/', limit_mb=1, timeout_s=5)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "which is not on the public internet" in run.stderr


BAD_ADDRESSES = {
    "ftp://shop.invalid/a.jpg": "not an http or https address",
    "file:///etc/passwd": "not an http or https address",
    "data:image/png;base64,AAAA": "not an http or https address",
    "/images/a.jpg": "not an http or https address",
    "http:///a.jpg": "not an http or https address",
    "": "not an http or https address",
    "http://a\0b/": "not an address",
    "http://xn--/": "not an address",
    "http://shop.invalid/\ud800": "not an address",
    "http://127.0.0.1:99999/": "no port has the number 99999",
    "http://shop.invalid/a.jpg": "the connection failed .*'shop.invalid' was not found",
}


@pytest.mark.parametrize("url", BAD_ADDRESSES)
def test_what_cannot_be_fetched_is_said_in_a_sentence(url: str) -> None:
    with pytest.raises(BlockedUrl, match=BAD_ADDRESSES[url]) as refused:
        got(url)
    assert str(refused.value).isprintable()


def test_a_password_in_an_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(BlockedUrl, match=r"holds a user name or password") as refused:
        got("http://anna:s3cret@shop.invalid/a.jpg")
    assert "s3cret" not in str(refused.value)
    assert "anna" not in str(refused.value)


def test_redirects_are_followed_and_the_last_address_is_named(site: "Site") -> None:
    last = site.gives("/new/mug.jpg", BODY)
    site.leads("/b", "new/mug.jpg", status=308)
    site.leads("/a", last.replace("/new/mug.jpg", "/b"), status=301)
    fetched = got(site.url + "/a")
    assert (fetched.body, fetched.url) == (BODY, last)


def test_redirects_without_end_are_refused(site: "Site") -> None:
    with pytest.raises(BlockedUrl, match=r"/round: more than 5 redirects"):
        got(site.leads("/round", "/round"))
    assert len(site.asked) == 6


def test_a_redirect_is_checked_like_the_first_address(site: "Site") -> None:
    def only_the_first(address: Address) -> bool:
        return address == ip_address("127.0.0.1")

    rules = Rules(limit_mb=1, timeout_s=5, allowed=only_the_first)
    inner = site.gives("/secret.jpg", BODY).replace("localhost", "127.0.0.2")
    start = site.leads("/a", inner).replace("localhost", "127.0.0.1")
    with pytest.raises(
        BlockedUrl, match=r"/a: '127.0.0.2' is at 127.0.0.2, which is not on the public internet"
    ):
        download(start, rules)
    assert len(site.asked) == 1


@pytest.mark.parametrize(
    "to",
    [
        "file:///etc/passwd",
        "ftp://shop.invalid/",
        "http://anna:s3cret@localhost/",
        "http://xn--/",
        "gopher://x",
    ],
)
def test_a_redirect_out_of_the_web_is_refused(site: "Site", to: str) -> None:
    with pytest.raises(BlockedUrl, match=r"leads to something|user name|not an address"):
        got(site.leads("/a", to))


@pytest.mark.parametrize("type", ["text/html", "application/json", "imagefoo/png"])
def test_another_type_is_refused(site: "Site", type: str) -> None:
    with pytest.raises(
        BlockedUrl, match=f"the server sent '{type}' where image/\\* was expected. Name the address"
    ):
        got(site.gives("/a", BODY, type))


UNTOLD = ["", "application/octet-stream", "binary/octet-stream", "Application/Octet-Stream; charset=binary"]


@pytest.mark.parametrize("type", UNTOLD)
def test_where_the_server_knows_no_type_the_first_bytes_tell(site: "Site", type: str) -> None:
    assert got(site.gives("/a", BODY, type)).body == BODY
    for other in (b"<html><body>no picture of a mug</body></html>" * 9, b"\xff\xd8", b"RIFF", b""):
        with pytest.raises(BlockedUrl, match=r"that is no picture of a known kind. Name the address of a"):
            got(site.gives("/b", other, type))


def test_what_is_no_picture_is_not_read_to_its_end(site: "Site") -> None:
    sent = []

    def endless(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        for _ in range(10_000):
            request.wfile.write(b"<p>" * 20_000)
            sent.append(1)

    site.answers["/a.jpg"] = endless
    with pytest.raises(BlockedUrl, match=r"of type '' that is no picture"):
        got(f"{site.url}/a.jpg", limit_mb=1000)
    assert len(sent) < 1000


def test_no_bytes_tell_where_something_else_is_wanted(site: "Site") -> None:
    with pytest.raises(BlockedUrl, match=r"the server sent 'application/octet-stream' where text/csv was"):
        got(site.gives("/a.csv", BODY, "application/octet-stream"), kinds=("text/csv",))


def test_other_kinds_can_be_asked_for(site: "Site") -> None:
    assert got(site.gives("/a.csv", b"id", "text/csv"), kinds=("text/csv", "text/plain")).type == "text/csv"


def test_a_wrong_status_is_named(site: "Site") -> None:
    with pytest.raises(BlockedUrl, match=r"/nothing.jpg: the server answered 404. Check the address"):
        got(f"{site.url}/nothing.jpg")


@pytest.mark.parametrize(
    ("status", "headers", "remedy"),
    [
        (429, {"Retry-After": "120"}, "Try again in 120 s"),
        (429, {}, "Try again later"),
        (500, {"Retry-After": "soon"}, "Try again later"),
        (503, {}, "Try again later"),
        (403, {}, "Put the picture where it can be fetched without a login"),
        (410, {"Retry-After": "120"}, "Check the address"),
    ],
)
def test_what_helps_hangs_on_the_status(
    site: "Site", status: int, headers: dict[str, str], remedy: str
) -> None:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        request.send_header("Content-Length", "0")
        request.end_headers()

    site.answers["/a.jpg"] = answer
    with pytest.raises(BlockedUrl, match=f"the server answered {status}\\. {remedy}\\.$"):
        got(f"{site.url}/a.jpg")


def test_an_announced_size_over_the_limit_is_refused_unread(site: "Site") -> None:
    url = site.gives("/a.jpg", b"x" * 10_001)
    with pytest.raises(BlockedUrl, match=r"larger than the limit of 0.01 MB. .*picture_mb"):
        got(url, limit_mb=0.01)
    assert len(got(url, limit_mb=0.010001).body) == 10_001


def test_an_endless_stream_is_cut_at_the_limit(site: "Site") -> None:
    sent = []

    def endless(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Type", "image/png")
        request.end_headers()
        while True:
            sent.append(request.wfile.write(b"x" * 10_000))

    site.answers["/endless"] = endless
    with pytest.raises(BlockedUrl, match=r"larger than the limit of 0.1 MB"):
        got(f"{site.url}/endless", limit_mb=0.1)


def test_a_compressed_body_is_refused(site: "Site") -> None:
    with pytest.raises(BlockedUrl, match=r"compressed, unasked"):
        got(site.gives("/a.jpg", BODY, Content_Encoding="gzip"))


@pytest.mark.parametrize("part", ["status", "headers", "body", "nothing"])
def test_a_dripping_server_is_given_up_at_the_deadline(site: "Site", part: str) -> None:
    over = threading.Event()

    def drip(request: BaseHTTPRequestHandler) -> None:
        start = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n"
        request.wfile.write({"headers": start, "body": start + b"\r\n"}.get(part, b""))
        while not over.wait(0.02):
            if part != "nothing":
                request.wfile.write(b"H" if part == "status" else b"x")

    site.answers["/slow"] = drip
    started = time.perf_counter()
    with pytest.raises(BlockedUrl, match=r"took longer than 0.3 s. .*fetch_timeout_s"):
        got(f"{site.url}/slow", timeout_s=0.3)
    assert 0.25 < time.perf_counter() - started < 1.5
    over.set()


def test_a_body_cut_short_is_refused(site: "Site") -> None:
    def cut(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Type", "image/png")
        request.send_header("Content-Length", "1000")
        request.end_headers()
        request.wfile.write(b"x" * 10)

    site.answers["/cut"] = cut
    with pytest.raises(BlockedUrl, match=r"/cut: the connection failed"):
        got(f"{site.url}/cut")


def test_what_is_not_http_is_refused(site: "Site") -> None:
    def raw(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(b"\0\1\2 hello\r\n\r\n")

    site.answers["/raw"] = raw
    with pytest.raises(BlockedUrl, match=r"/raw: the connection failed"):
        got(f"{site.url}/raw")


def test_a_closed_port_is_named(site: "Site") -> None:
    with pytest.raises(BlockedUrl, match=r"the connection failed .*refused"):
        got("http://127.0.0.1:1/a.jpg")


def test_proxies_of_the_environment_are_not_used(site: "Site", monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert got(site.gives("/a.jpg", BODY)).body == BODY


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed: no certificate can be made for this test")
    pair = ["-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "cert.pem")]
    make = [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    subprocess.run([*make, *pair, "-subj", "/CN=localhost"], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    names: list[str | None] = []
    context.sni_callback = lambda socket, name, context: names.append(name)
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.handle_request, daemon=True).start()
        with pytest.raises(BlockedUrl, match=r"the connection failed .*certificate verify failed"):
            got(f"https://localhost:{server.server_address[1]}/a.jpg")
    assert names == ["localhost"]
