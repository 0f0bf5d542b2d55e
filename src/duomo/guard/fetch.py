"""Downloads from addresses that strangers wrote: public hosts only, limited in size, time and type."""

import functools
import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import BinaryIO, Final, Self

import httpcore
import httpx

from duomo.errors import BlockedUrl
from duomo.guard.connect import Address, Connector, is_public
from duomo.guard.pictures import format_of
from duomo.settings import Settings

MAX_REDIRECTS: Final = 5
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
PICTURES: Final = ("image/",)
# What servers say of files that they know nothing of; then the first bytes of a picture tell.
_UNTOLD: Final = frozenset({"", "application/octet-stream", "binary/octet-stream"})
_HEAD: Final = 12  # bytes that tell
_LATER: Final = frozenset({408, 425, 429})  # beside 500 and above: a server that will not now
_CLOSED: Final = frozenset({401, 402, 403, 407})
_DAY_S: Final = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What came back from an address."""

    body: bytes
    type: str  # of the Content-Type header, lower case, without parameters
    url: str  # after redirects
    etag: str = ""  # what the server calls this version; "" where it says nothing
    modified: str = ""  # its Last-Modified, as it stands
    charset: str = ""  # of the Content-Type header, lower case
    packed: bool = False  # True: with gzip, for the way
    unchanged: bool = False  # True: still the version that was asked about, and the body is empty


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a download may be."""

    limit_mb: float  # millions of bytes
    timeout_s: float  # for all of it: resolving, redirects, headers and body
    kinds: tuple[str, ...] = PICTURES  # how its Content-Type may begin
    allowed: Callable[[Address], bool] = is_public  # where it may come from
    gzip: bool = False  # True: it may come packed, and is handed on so
    what: str = "picture"  # what it is to be, and the settings that limit it: for what is said of it
    limit: str = "picture_mb"
    timeout: str = "fetch_timeout_s"

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The rules for a picture that a catalog names."""
        return cls(
            limit_mb=settings.picture_mb,
            timeout_s=settings.fetch_timeout_s,
            allowed=anywhere if settings.fetch_private else is_public,
        )

    @classmethod
    def of_feeds(cls, settings: Settings) -> Self:
        """The rules for a feed, of whatever type its server says it is."""
        return cls(
            limit_mb=settings.file_mb,
            timeout_s=settings.feed_timeout_s,
            kinds=("",),
            allowed=anywhere if settings.fetch_private else is_public,
            gzip=True,
            what="feed",
            limit="file_mb",
            timeout="feed_timeout_s",
        )


def anywhere(address: Address) -> bool:
    """True: addresses inside this network are allowed, too."""
    return True


def fetch(
    url: str, *, limit_mb: float, timeout_s: float, kinds: tuple[str, ...] = PICTURES, private: bool = False
) -> Fetched:
    """What is at an http or https address.

    Args:
        url: without user name and password.
        limit_mb: how large it may be, in millions of bytes.
        timeout_s: how long everything together may take, in seconds.
        kinds: how its Content-Type may begin.
        private: True: addresses inside this network are allowed, too.

    Raises:
        BlockedUrl: it may not be fetched, cannot be reached, or is too large, too slow or of another type.

    >>> fetch("ftp://shop.example/mug.jpg", limit_mb=1, timeout_s=1)
    Traceback (most recent call last):
        ...
    duomo.errors.BlockedUrl: ftp://shop.example/mug.jpg: not an http or https address. Correct the address.
    """
    allowed = anywhere if private else is_public
    return download(url, Rules(limit_mb=limit_mb, timeout_s=timeout_s, kinds=kinds, allowed=allowed))


def download(
    url: str, rules: Rules, *, etag: str = "", modified: str = "", into: BinaryIO | None = None
) -> Fetched:
    """What is at an address, unless it is still the version that `etag` or `modified` name.

    Redirects are followed by hand, at most five, and each address is checked like the first. Proxies and
    credentials that the environment names are not used.

    Args:
        url: http or https.
        rules: what it may be.
        etag: what the server called the version that is there already.
        modified: when the server said that it was changed.
        into: where the body is to be written, piece by piece; None: it is in the answer.

    Raises:
        BlockedUrl: see `fetch`; it names the address.
    """
    shown = shown_url(url)
    try:
        return _follow(url, rules, etag=etag, modified=modified, into=into)
    except BlockedUrl as error:
        named = BlockedUrl(f"{shown}: {shown_url(error.args[0])}", remedy=error.remedy)
        named.retry_after_s = error.retry_after_s
        raise named from error
    except httpcore.TimeoutException as error:
        problem = f"{shown}: took longer than {rules.timeout_s:g} s"
        raise BlockedUrl(problem, remedy=f"Try again later, or raise the setting {rules.timeout}") from error
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        problem = f"{shown}: the connection failed ({shown_url(str(error)) or type(error).__name__})"
        raise BlockedUrl(problem, remedy="Check the address, or try again later") from error


def shown_url(url: str) -> str:
    """An address as it may be told: without user name and password, printable, at most 200 letters."""
    shown = re.sub("//[^/?#]*@", "//…@", url)  # a password belongs in no log
    shown = "".join(letter if letter.isprintable() else "?" for letter in shown)
    return shown if len(shown) <= 200 else f"{shown[:199]}…"


def _follow(url: str, rules: Rules, *, etag: str, modified: str, into: BinaryIO | None) -> Fetched:
    """What the redirects lead to; raises httpcore's errors, and BlockedUrl that does not name the address."""
    asked = {
        "User-Agent": "Duomo",
        "Accept": "*/*",
        "Accept-Encoding": "gzip" if rules.gzip else "identity",  # so that what is counted is what arrives
        "If-None-Match": etag,
        "If-Modified-Since": modified,
    }
    headers = [(name.encode(), value.encode("latin-1")) for name, value in asked.items() if value]
    connector = Connector(allowed=rules.allowed, deadline=monotonic() + rules.timeout_s)
    here = _checked(url, rules)
    with httpcore.ConnectionPool(ssl_context=_trust(), network_backend=connector) as pool:
        for _ in range(MAX_REDIRECTS + 1):
            target = httpcore.URL(
                scheme=here.raw_scheme, host=here.raw_host, port=here.port, target=here.raw_path
            )
            with pool.stream("GET", target, headers=headers) as response:
                if response.status in REDIRECTS:
                    here = _checked(_header(response, b"location"), rules, base=here)
                elif response.status == 304 and (etag or modified):
                    return Fetched(
                        body=b"", type="", url=str(here), etag=etag, modified=modified, unchanged=True
                    )
                else:
                    return _received(response, here, rules, into)
    raise BlockedUrl(f"more than {MAX_REDIRECTS} redirects", remedy="Name the address they lead to")


def _checked(url: str, rules: Rules, base: httpx.URL | None = None) -> httpx.URL:
    """The parsed address, relative to base if there is one; raises BlockedUrl unless it may be asked."""
    try:
        parsed = base.join(url) if base is not None else httpx.URL(url)
        host = parsed.host  # parsed here and now: a wrong international name raises
    except (httpx.InvalidURL, ValueError) as error:
        raise BlockedUrl(f"not an address ({error})", remedy="Correct the address") from error
    if parsed.scheme not in ("http", "https") or not host:
        led = "leads to something that is " if base is not None else ""
        raise BlockedUrl(f"{led}not an http or https address", remedy="Correct the address")
    if (parsed.port or 0) > 65535:
        raise BlockedUrl(f"no port has the number {parsed.port}", remedy="Correct the address")
    if parsed.userinfo:
        problem = "holds a user name or password"
        raise BlockedUrl(problem, remedy=f"Put the {rules.what} where none is needed")
    return parsed


def _received(response: httpcore.Response, here: httpx.URL, rules: Rules, into: BinaryIO | None) -> Fetched:
    """The body, if status, type and size are what the rules say; raises BlockedUrl."""
    if response.status != 200:
        raise _refused(response.status, _seconds(_header(response, b"retry-after")), rules)
    said = _header(response, b"content-type")
    kind = said.partition(";")[0].strip().lower()
    untold = kind in _UNTOLD and rules.kinds == PICTURES
    if not untold and not kind.startswith(rules.kinds):
        wanted = " or ".join(f"{k}*" if k.endswith("/") else k for k in rules.kinds)
        problem = f"the server sent '{kind}' where {wanted} was expected"
        raise BlockedUrl(problem, remedy=f"Name the address of the {rules.what} itself, not of its page")
    packed = rules.gzip and _header(response, b"content-encoding").lower() in ("gzip", "x-gzip")
    if not packed and _header(response, b"content-encoding").lower() not in ("", "identity"):
        raise BlockedUrl("the server sent it compressed, unasked", remedy="Put it on another server")
    too_large = BlockedUrl(
        f"larger than the limit of {rules.limit_mb:g} MB",
        remedy=f"Make it smaller, or raise the setting {rules.limit}",
    )
    limit = int(rules.limit_mb * 1e6)
    announced = _header(response, b"content-length")
    if announced.isdecimal() and int(announced) > limit:
        raise too_large
    body, size, head = bytearray(), 0, b""
    for chunk in response.iter_stream():
        size += len(chunk)
        if size > limit:
            raise too_large
        if untold and len(head) < _HEAD:
            head += chunk[: _HEAD - len(head)]
            if len(head) == _HEAD and not format_of(head):
                break
        if into is None:
            body += chunk
        else:
            into.write(chunk)
    if untold and not format_of(head):
        problem = f"the server sent something of type '{kind}' that is no picture of a known kind"
        raise BlockedUrl(problem, remedy="Name the address of a JPEG, PNG, WebP or GIF")
    return Fetched(
        body=bytes(body),
        type=kind,
        url=str(here),
        etag=_header(response, b"etag"),
        modified=_header(response, b"last-modified"),
        charset=_charset(said),
        packed=packed,
    )


def _refused(status: int, retry_after_s: float, rules: Rules) -> BlockedUrl:
    """The error of an answer without what was asked for, and what helps against it."""
    remedy = "Check the address"
    if status in _LATER or status >= 500:
        remedy = f"Try again in {retry_after_s:.0f} s" if retry_after_s else "Try again later"
    elif status in _CLOSED:
        remedy = f"Put the {rules.what} where it can be fetched without a login"
    error = BlockedUrl(f"the server answered {status}", remedy=remedy)
    error.retry_after_s = retry_after_s
    return error


def _charset(content_type: str) -> str:
    """The charset that a Content-Type names, lower case; "" where it names none.

    >>> _charset('text/csv; header=present; charset="GB2312"')
    'gb2312'
    """
    named = EmailMessage()
    try:
        named["Content-Type"] = content_type
        return (named.get_content_charset() or "").lower()
    except (ValueError, LookupError, IndexError):  # what the standard library's parser trips over
        return ""


def _seconds(retry_after: str) -> float:
    """How long a Retry-After header asks to wait, in seconds, at most a day; 0 where it says nothing.

    It is a number of seconds or a date (RFC 9110, section 10.2.3).
    """
    if retry_after.strip().isdecimal():
        return min(float(retry_after[:20]), _DAY_S)
    try:
        until = parsedate_to_datetime(retry_after)
        return min(max(0.0, (until - datetime.now(UTC)).total_seconds()), _DAY_S)
    except (TypeError, ValueError):  # TypeError: without a time zone, it is less than a date
        return 0.0


def _header(response: httpcore.Response, name: bytes) -> str:
    """The first value of a header; "" where there is none."""
    return next((v.decode("latin-1") for n, v in response.headers if n.lower() == name), "")


@functools.cache
def _trust() -> ssl.SSLContext:
    """The certificate authorities to trust; made once, because reading them takes tens of milliseconds."""
    return httpcore.default_ssl_context()
