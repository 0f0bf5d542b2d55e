"""Addresses that lead inside, servers that never end, and names that mean another machine the second time."""

import socket
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from duomo.errors import BlockedUrl
from duomo.guard.fetch import Rules, download
from files import refusal
from served import HERE, PICTURE, Answer, Server, allowed, for_ever, head, leads, once
from table import Case

RULES = Rules(limit_mb=1, timeout_s=3, allowed=allowed)
INSIDE = r"BlockedUrl: .*is at .*, which is not on the public internet\. Use a public address; .*"
NOWHERE = (
    r"BlockedUrl: .*(is at .*, which is not on the public internet|not an address|the connection failed).*"
)
NO_ADDRESS = r"BlockedUrl: .*(not an address|not an http or https address).*"
FAILED = r"BlockedUrl: .*: the connection failed \(.*\)\. Check the address, or try again later\."
TOO_LARGE = r"BlockedUrl: .*larger than the limit of 1 MB.*"
LATE = r"BlockedUrl: .*: took longer than 3 s\. .*"


def told(url: str) -> str:
    """What is said of an address; of what came, how much it was."""
    try:
        got = download(url, RULES)
    except BlockedUrl as error:
        return refusal(error)
    return f"{len(got.body)} bytes came"


def asked(server: Server) -> str:
    """What is said of a server's picture."""
    return told(server.url)


def of(name: str, url: str, says: str) -> Case:
    """A case of one address."""
    return Case(name=name, make=lambda folder: url, meet=told, says=says, most_mb=50)


def serving(name: str, answer: Answer, says: str) -> Case:
    """A case of one server."""
    return Case(name=name, make=lambda folder: Server(answer), meet=asked, says=says, most_mb=50)


@contextmanager
def answered(*answers: list[str]) -> Iterator[list[str]]:
    """While this lasts, the system's resolver gives these addresses, one list after the other."""
    real, left, names = socket.getaddrinfo, list(answers), list[str]()

    def resolve(host: Any, port: Any, *more: Any, **named: Any) -> Any:
        if not str(host).endswith(".example"):
            return real(host, port, *more, **named)
        names.append(str(host))
        found = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    socket.getaddrinfo = resolve
    try:
        yield names
    finally:
        socket.getaddrinfo = real


def named(name: str, answer: Answer, answers: list[list[str]], says: str) -> Case:
    """A case of a name, and of what the resolver says when it is asked again and again."""

    def meet(server: Server) -> str:
        with answered(*answers) as names:
            said = told(f"http://shop.example:{server.port}/a.jpg")
        return f"{said} / looked up {len(names)} times, asked {len(server.asked)} times"

    return Case(name=name, make=lambda folder: Server(answer), meet=meet, says=says, most_mb=50)


def _again(folder: object) -> Server:
    """A server that leads back to its own name."""
    server: list[Server] = []
    server.append(Server(lambda: leads(f"http://shop.example:{server[0].port}/b.jpg")()))
    return server[0]


SPELLINGS = {
    "dotted": "127.0.0.1", "decimal": "2130706433", "hexadecimal": "0x7f000001", "octal": "0177.0.0.1",
    "two numbers": "127.1", "zero": "0", "all zeros": "0.0.0.0",  # noqa: S104  # it is to be refused
    "hexadecimal bytes": "0x7f.0x0.0x0.0x1",
    "IPv6": "[::1]", "IPv6 of zeros": "[::]", "mapped into IPv6": "[::ffff:127.0.0.1]",
    "mapped, in hexadecimal": "[::ffff:7f00:1]", "compatible with IPv4": "[::127.0.0.1]",
    "through NAT64": "[64:ff9b::7f00:1]", "through 6to4": "[2002:7f00:1::]", "a name": "localhost",
    "a name with a point behind it": "localhost.", "a name in capitals": "LOCALHOST",
    "digits in circles": "①②⑦.⓪.⓪.①", "digits of full width": "１２７.０.０.１",
    "ideographic points": "127。0。0。1", "the address of cloud metadata": "169.254.169.254",
    "cloud metadata, decimal": "2852039166", "cloud metadata, IPv6": "[fd00:ec2::254]",
    "one of this cable": "[fe80::1]", "a home network": "192.168.0.1", "a company network": "10.0.0.1",
    "a carrier's network": "100.64.0.1", "a network for measuring": "198.18.0.1",
    "many machines": "224.0.0.1", "all machines": "255.255.255.255", "a network of examples": "203.0.113.7",
}  # fmt: skip
LED = [
    serving(
        f"led to this machine or network: {kind}",
        leads(f"http://{host}/latest/meta-data"),
        NOWHERE if kind in ("octal", "a name with a point behind it") else INSIDE,
    )
    for kind, host in SPELLINGS.items()
    if host.isascii()
]
WRITTEN = [
    *[
        of(f"this machine in {kind}", f"http://{host}/a.jpg", NOWHERE)
        for kind, host in SPELLINGS.items()
        if not host.isascii()
    ],
    of(
        "a user name that looks like the host",
        f"http://{HERE}@127.0.0.1/",
        r"BlockedUrl: .*holds a user name or password\. .*",
    ),
    of("a fragment that looks like a user name", f"http://127.0.0.1#@{HERE}/", INSIDE),
    of("a backslash before the real host", f"http://{HERE}\\@127.0.0.1/", r"BlockedUrl: .*"),
    of("a backslash as a slash", "http:\\\\127.0.0.1\\", NO_ADDRESS),
    of("a line end and a header in the path", f"http://{HERE}/a\r\nHost: inside\r\n\r\n", NO_ADDRESS),
    of("a line end in the host", f"http://{HERE}\r\n/", NO_ADDRESS),
    of("a tab in the scheme", "ht\ttp://127.0.0.1/", NO_ADDRESS),
    of("a NUL behind the host", f"http://{HERE}\0.shop.example/", NO_ADDRESS),
    of("a bracket that is not closed", "http://[::1", NO_ADDRESS),
    of("a zone in an IPv6 address", "http://[fe80::1%25lo]/", r"BlockedUrl: .*"),
    of(
        "a port of six digits",
        "http://127.0.0.1:123456/",
        r"BlockedUrl: .*no port has the number 123456\. .*",
    ),
    of("a negative port", "http://127.0.0.1:-1/", r"BlockedUrl: .*"),
    of("an address of 100,000 letters", "http://127.0.0.1/" + "a" * 100_000, r"BlockedUrl: .*"),
    of("a host of 10,000 letters", "http://" + "a" * 10_000 + ".example/", r"BlockedUrl: .*"),
    of("a script", "javascript:alert(1)", NO_ADDRESS),
    of("a file in capitals", "FILE:///etc/passwd", NO_ADDRESS),
    of("gopher", "gopher://127.0.0.1:6379/_FLUSHALL", NO_ADDRESS),
    of("a socket", "http+unix://%2Fvar%2Frun%2Fdocker.sock/info", NO_ADDRESS),
    of("a blank before it", " http://127.0.0.1/", NO_ADDRESS + "|" + INSIDE),
]
NAMES = [
    named(
        "a name with one address outside and one inside",
        once(PICTURE, b"x"),
        [[HERE, "10.0.0.1"]],
        r".*which is not on the public internet.* / looked up 1 times, asked 0 times",
    ),
    named(
        "a name that means the inside from the second time on",
        once(PICTURE, b"picture"),
        [[HERE], ["127.0.0.1"]],
        r"7 bytes came / looked up 1 times, asked 1 times",
    ),
    Case(
        name="a name that means the inside when a redirect names it again",
        make=_again,
        meet=lambda server: _looked_up(server, [HERE], ["127.0.0.1"]),
        says=r".*'shop\.example' is at 127\.0\.0\.1, which is not on the public internet.* / asked 1 times",
        most_mb=50,
    ),
    named(
        "a name with 5,000 addresses inside",
        once(PICTURE),
        [["10.0.0.1"] * 5_000],
        r".*which is not on the public internet.* / looked up 1 times, asked 0 times",
    ),
    named(
        "a name without addresses",
        once(PICTURE),
        [[]],
        r".*the connection failed.* / looked up 1 times, asked 0 times",
    ),
]


def _looked_up(server: Server, *answers: list[str]) -> str:
    with answered(*answers):
        said = told(f"http://shop.example:{server.port}/a.jpg")
    return f"{said} / asked {len(server.asked)} times"


def _gzip() -> bytes:
    pack = zlib.compressobj(9, zlib.DEFLATED, 31)
    return pack.compress(b"\0" * 100_000_000) + pack.flush()


CHUNKED = head("Content-Type: image/jpeg", "Transfer-Encoding: chunked")
STREAMS = [
    serving("a body that never ends", for_ever(PICTURE, b"x" * 65536), TOO_LARGE),
    serving("chunks that never end", for_ever(CHUNKED, b"1000\r\n" + b"x" * 4096 + b"\r\n"), TOO_LARGE),
    serving(
        "chunks of one byte that never end", for_ever(CHUNKED, b"1\r\nx\r\n" * 1000), LATE + "|" + TOO_LARGE
    ),
    serving(
        "a chunk that says it has 2^63 bytes",
        for_ever(CHUNKED + b"7fffffffffffffff\r\n", b"x" * 65536),
        TOO_LARGE + "|" + FAILED,
    ),
    serving("a chunk whose size is no number", once(CHUNKED + b"zz\r\nx\r\n"), FAILED),
    serving(
        "an extension of a chunk that never ends",
        for_ever(CHUNKED + b"1;", b"x" * 65536),
        FAILED + "|" + LATE,
    ),
    serving(
        "lines behind the last chunk that never end",
        for_ever(CHUNKED + b"0\r\n", b"a: b\r\n" * 1000),
        FAILED + "|" + LATE,
    ),
    serving("headers that never end", for_ever(b"HTTP/1.1 200 OK\r\n", b"a: b\r\n" * 1000), FAILED),
    serving("one header that never ends", for_ever(b"HTTP/1.1 200 OK\r\na: ", b"x" * 65536), FAILED),
    serving("a first line that never ends", for_ever(b"HTTP/1.1 200 ", b"x" * 65536), FAILED),
    serving(
        "preliminary answers that never end",
        for_ever(b"", head(status="100 Continue") * 100),
        FAILED + "|" + LATE,
    ),
    serving(
        "100 MB of zeros in a gzip that was not asked for",
        once(head("Content-Type: image/jpeg", "Content-Encoding: gzip", "Connection: close"), _gzip()),
        r"BlockedUrl: .*the server sent it compressed, unasked.*",
    ),
    serving(
        "a transfer coding of gzip",
        lambda: iter(
            [head("Content-Type: image/jpeg", "Transfer-Encoding: gzip, chunked"), b"5\r\nabcde\r\n0\r\n\r\n"]
        ),
        FAILED + "|5 bytes came",
    ),
    serving(
        "a length that is more than comes",
        once(head("Content-Type: image/jpeg", "Content-Length: 1000"), b"x"),
        FAILED,
    ),
    serving(
        "a length that is less than comes",
        once(head("Content-Type: image/jpeg", "Content-Length: 5"), b"x" * 1000),
        r"5 bytes came",
    ),
    serving("a negative length", once(head("Content-Type: image/jpeg", "Content-Length: -1"), b"x"), FAILED),
    serving(
        "a length of 1,000 digits",
        once(head("Content-Type: image/jpeg", "Content-Length: " + "9" * 1000), b"x"),
        TOO_LARGE + "|" + FAILED,
    ),
    serving(
        "a length of 5,000 digits",
        once(head("Content-Type: image/jpeg", "Content-Length: " + "9" * 5000), b"x"),
        TOO_LARGE + "|" + FAILED,
    ),
    serving(
        "a length in digits of another script",
        once(head("Content-Type: image/jpeg", "Content-Length: \xb2"), b"x"),
        FAILED,
    ),
    serving(
        "two lengths",
        once(head("Content-Type: image/jpeg", "Content-Length: 1", "Content-Length: 5"), b"xxxxx"),
        FAILED,
    ),
    serving(
        "a length and chunks",
        once(
            head("Content-Type: image/jpeg", "Content-Length: 3", "Transfer-Encoding: chunked"),
            b"5\r\nabcde\r\n0\r\n\r\n",
        ),
        r"5 bytes came|" + FAILED,
    ),
    serving("an answer without a first line", once(b"hello, this is a picture"), FAILED),
    serving("the status 999", once(head(status="999 No")), r"BlockedUrl: .*the server answered 999\. .*"),
    serving("the status 99999", once(head(status="99999 No")), FAILED),
    serving("NULs in the headers", once(b"HTTP/1.1 200 OK\r\nContent-Type: image/\0jpeg\r\n\r\n"), FAILED),
    serving(
        "a type with an escape sequence",
        once(b"HTTP/1.1 200 OK\r\nContent-Type: \xff\x9b2J\r\nContent-Length: 0\r\n\r\n"),
        r"BlockedUrl: .*",
    ),
    serving(
        "a type of 50,000 letters",
        once(head("Content-Type: " + "x" * 50_000, "Content-Length: 0")),
        r"BlockedUrl: .*",
    ),
    serving("no answer, and the end", once(b""), FAILED),
    serving(
        "nothing where a picture was announced",
        once(head("Content-Type: image/jpeg", "Content-Length: 0")),
        r"0 bytes came",
    ),
    serving(
        "a redirect that names nothing",
        once(head("Content-Length: 0", status="302 Found")),
        r"BlockedUrl: .*",
    ),
    serving(
        "a redirect to a longer and longer address",
        leads("/a" + "a" * 5_000),
        r"BlockedUrl: .*more than 5 redirects\. .*",
    ),
    serving(
        "a redirect to a file",
        leads("file:///etc/passwd"),
        r"BlockedUrl: .*leads to something that is not an http or https address\. .*",
    ),
    serving(
        "a redirect to a script",
        leads("javascript:alert(1)"),
        r"BlockedUrl: .*leads to something that is not an http or https address\. .*",
    ),
    serving("a redirect with a line end in it", leads("http://127.0.0.1/%0d%0aHost:%20x"), INSIDE),
    serving(
        "a redirect with a user name",
        leads(f"http://{HERE}@127.0.0.1/"),
        r"BlockedUrl: .*holds a user name or password\. .*",
    ),
]

CASES = [*LED, *WRITTEN, *NAMES, *STREAMS]
