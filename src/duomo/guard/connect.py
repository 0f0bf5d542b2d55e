"""Connections to the public internet alone, to the very address that was checked, before a deadline."""

import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterable
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import Any, Final

import httpcore

from duomo.errors import BlockedUrl

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address


def is_public(address: Address) -> bool:
    """Whether an address belongs to the public internet, and to one machine there.

    False for private, loopback, link-local, shared (RFC 6598), reserved and multicast addresses, and for
    every IPv6 form that stands for such an IPv4 address. Source: the special-purpose registries of IANA.

    >>> [is_public(ipaddress.ip_address(a)) for a in ("1.1.1.1", "127.0.0.1", "::ffff:10.0.0.1")]
    [True, False, False]
    """
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
        if address.is_site_local:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


class Connector(httpcore.NetworkBackend):
    """Opens connections for one download: resolves a name once, checks every address, connects to those.

    The name is never resolved a second time, so an answer that changes between check and connection
    (DNS rebinding) gains nothing; and as the URL keeps its name, the Host header and the name that TLS
    verifies are the shop's own.

    Args:
        allowed: which addresses may be connected to.
        deadline: in seconds of `time.monotonic`; whatever is slower raises httpcore.TimeoutException.
    """

    def __init__(self, *, allowed: Callable[[Address], bool], deadline: float) -> None:
        self._allowed = allowed
        self._deadline = deadline
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to the first address that answers; raises BlockedUrl if any address is not allowed."""
        addresses = _resolve(host, port, wait_s=_left(self._deadline, httpcore.ConnectTimeout))
        for address in addresses:
            if not self._allowed(ipaddress.ip_address(address.partition("%")[0])):
                problem = f"'{host}' is at {address}, which is not on the public internet"
                remedy = "Use a public address; for a server of your own, set fetch_private to true"
                raise BlockedUrl(problem, remedy=remedy)
        failure = httpcore.ConnectError(f"'{host}' has no address")
        for address in addresses:
            try:
                stream = self._sockets.connect_tcp(
                    address, port, _left(self._deadline, httpcore.ConnectTimeout), None, socket_options
                )
            except httpcore.ConnectError as error:
                failure = error
            else:
                return _TimedStream(stream, self._deadline)
        raise failure


class _TimedStream(httpcore.NetworkStream):
    """A connection on which nothing lasts beyond the deadline, however slowly the other side drips."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._deadline, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._deadline, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        wait_s = _left(self._deadline, httpcore.ConnectTimeout)
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, wait_s), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(deadline: float, late: type[httpcore.TimeoutException]) -> float:
    """Seconds until the deadline; raises `late` when there are none."""
    left = deadline - monotonic()
    if left <= 0:
        raise late("the deadline has passed")
    return left


def _resolve(host: str, port: int, *, wait_s: float) -> list[str]:
    """Every address of a host, in the order the system prefers, each once.

    In a thread, because the system's resolver cannot be told how long it may take.
    """
    answer: SimpleQueue[list[str] | OSError | UnicodeError] = SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answer.put(list(dict.fromkeys(str(entry[4][0]) for entry in found)))
        except (OSError, UnicodeError) as error:
            answer.put(error)

    Thread(target=ask, daemon=True, name="resolve").start()
    try:
        addresses = answer.get(timeout=wait_s)
    except Empty:
        raise httpcore.ConnectTimeout(f"'{host}' was not found in time") from None
    if isinstance(addresses, list):
        return addresses
    raise httpcore.ConnectError(f"'{host}' was not found") from addresses
