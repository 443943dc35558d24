"""One request to another website, that cannot be led to a machine of our own network.

A name is resolved once, and the connection goes to an address that was looked at: so no answer of
the name server can change between. Nothing waits longer than the deadline, and of a body never
more is read than was asked for.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from threading import Event, Timer
from typing import Any
from urllib.parse import quote, urlsplit

from kb.database import now

TIMEOUT_SECONDS = 10.0  # of one step: connecting, or one piece of the response
DEADLINE_SECONDS = 30.0  # of a request in all
MAX_WAIT_SECONDS = 30 * 24 * 3600.0  # that Retry-After may ask
NAT64 = IPv6Network("64:ff9b::/96")
SAFE = "%/:=&?~+!$,;'@()*[]"  # signs that stand in a path or query as they are
LOCAL_NAT64 = IPv6Network("64:ff9b:1::/48")


class LinkError(Exception):
    """An address could not be read; `reason` is a key of `judge.STATES`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Response:
    """What a server answered, as far as a check reads it."""

    status: int
    location: str | None
    retry_after: float | None  # seconds from now
    body: bytes


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet; one within another counts as itself."""
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address) and (within := _within(ip)) is not None:
        return is_public(str(within))
    is_local = isinstance(ip, IPv6Address) and ip in LOCAL_NAT64
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or is_local)


def _within(ip: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 address leads to."""
    if ip in NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)


class LinkClient:
    """Sends requests in the name of this knowledge base."""

    def __init__(
        self,
        user_agent: str,
        *,
        may_connect: Callable[[str], bool] = is_public,
        timeout: float = TIMEOUT_SECONDS,
        deadline: float = DEADLINE_SECONDS,
    ) -> None:
        self._headers = {"User-Agent": user_agent, "Accept": "*/*", "Connection": "close"}
        self._may_connect = may_connect
        self._timeout = timeout
        self._deadline = deadline
        self._tls = ssl.create_default_context()

    def send(self, method: str, url: str, max_body: int = 0) -> Response:
        """The response to a request without a body; follows no redirect. Raises LinkError."""
        try:
            parts = urlsplit(url)
            is_tls = parts.scheme == "https"
            host, port = parts.hostname or "", parts.port or (443 if is_tls else 80)
            if parts.scheme not in {"http", "https"} or not host:
                raise LinkError("bad-address")
            host = host.encode("idna").decode()
        except ValueError:
            raise LinkError("bad-address") from None
        connection = _PinnedConnection(
            host, port, self._resolve(host, port), self._tls if is_tls else None, self._timeout
        )
        target = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
        return self._exchange(connection, method, quote(target, safe=SAFE), max_body)

    def _exchange(
        self, connection: _PinnedConnection, method: str, path: str, max_body: int
    ) -> Response:
        is_late = Event()

        def give_up() -> None:
            is_late.set()
            connection.abort()

        timer = Timer(self._deadline, give_up)
        timer.daemon = True
        timer.start()
        try:
            connection.request(method, path, headers=self._headers)
            answer = connection.getresponse()
            body = answer.read(max_body) if max_body else b""
            if is_late.is_set():  # what was cut off may look whole
                raise TimeoutError
            waits = _seconds(answer.getheader("Retry-After"))
            return Response(answer.status, answer.getheader("Location"), waits, body)
        except (OSError, HTTPException, ValueError) as error:
            raise LinkError("timeout" if is_late.is_set() else _reason(error)) from None
        finally:
            timer.cancel()
            connection.close()

    def _resolve(self, host: str, port: int) -> Sequence[Any]:
        """The addresses of a host that may be connected to. Raises LinkError."""
        try:
            every = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise LinkError("dns") from None
        allowed = [each for each in every if self._may_connect(str(each[4][0]))]
        if not allowed:
            raise LinkError("private-address")
        return allowed


class _PinnedConnection(HTTPConnection):
    """A connection to addresses that were resolved before; by TLS when there is a context."""

    def __init__(
        self,
        host: str,
        port: int,
        addresses: Sequence[Any],
        context: ssl.SSLContext | None,
        timeout: float,
    ) -> None:
        super().__init__(host, port, timeout=timeout)
        self.default_port = 443 if context else 80
        self._addresses = addresses
        self._context = context
        self._seconds = timeout

    def connect(self) -> None:
        """Open the socket at the first address that takes it."""
        error: OSError | None = None
        for family, kind, protocol, _, address in self._addresses:
            self.sock = socket.socket(family, kind, protocol)
            self.sock.settimeout(self._seconds)
            try:
                self.sock.connect(address)
                break
            except OSError as failure:
                self.sock.close()
                error = failure
        else:
            raise error or OSError("no address")
        if self._context:
            self.sock = self._context.wrap_socket(
                self.sock, server_hostname=self.host, do_handshake_on_connect=False
            )
            self.sock.do_handshake()

    def abort(self) -> None:
        """End whatever this waits for; another thread calls it."""
        try:
            socket.socket.shutdown(self.sock, socket.SHUT_RDWR)
        except (OSError, AttributeError, TypeError):  # not open yet, or closed already
            return


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, ssl.SSLError):
        return "tls"
    is_wrong = isinstance(error, ValueError) and not isinstance(error, (OSError, HTTPException))
    return "bad-address" if is_wrong else "connection"


def _seconds(text: str | None) -> float | None:
    """What Retry-After says, in seconds from now; None when it says nothing that can be read."""
    if text is None:
        return None
    text = text.strip()
    try:
        moment: datetime | None = None if text.isdecimal() else parsedate_to_datetime(text)
        seconds = float(text) if moment is None else (moment - now()).total_seconds()
    except (TypeError, ValueError, OverflowError):
        return None
    return min(max(seconds, 0.0), MAX_WAIT_SECONDS)
