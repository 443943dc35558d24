"""A real HTTP server on this machine that answers in the ways in which websites do."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext
from typing import Any

CHUNK = b"x" * 4096


@dataclass
class Website:
    """A website: what it was asked, and when."""

    address: str = ""
    robots: str | None = None
    robots_status: int = 404
    requests: list[tuple[float, str, str]] = field(default_factory=list)  # when, method, path
    headers: dict[str, str] = field(default_factory=dict)  # of the last request
    sent: int = 0  # bytes of endless bodies
    ready_at: dict[str, float] = field(default_factory=dict)

    def url(self, path: str) -> str:
        """The address of a page here."""
        return f"{self.address}{path}"

    def paths(self) -> list[str]:
        """What was asked, without robots.txt."""
        return [f"{method} {path}" for _, method, path in self.requests if path != "/robots.txt"]


class Handler(BaseHTTPRequestHandler):
    """Answers by the path."""

    website: Website

    def do_HEAD(self) -> None:
        self.respond()

    def do_GET(self) -> None:
        self.respond()

    def respond(self) -> None:
        site = self.website
        site.requests.append((time.monotonic(), self.command, self.path))
        site.headers = dict(self.headers)
        first, _, rest = self.path.strip("/").partition("/")
        method = getattr(self, f"page_{first.replace('-', '_').replace('.', '_')}", None)
        if method:
            method(rest)
        elif first.isdecimal():
            self.answer(int(first))
        else:
            self.answer(200)

    def page_robots_txt(self, _rest: str) -> None:
        site = self.website
        self.answer(200 if site.robots else site.robots_status, body=(site.robots or "").encode())

    def page_to(self, rest: str) -> None:
        """/to/301/path redirects to /path; /to/302/http:/… elsewhere."""
        status, _, target = rest.partition("/")
        self.answer(int(status), Location=target if ":" in target else f"/{target}")

    def page_chain(self, rest: str) -> None:
        left = int(rest)
        if left < 0:
            self.answer(302, Location=self.path)
        elif left:
            self.answer(301, Location=f"/chain/{left - 1}")
        else:
            self.answer(200)

    def page_no_head(self, _rest: str) -> None:
        self.answer(405 if self.command == "HEAD" else 200)

    def page_head_lies(self, _rest: str) -> None:
        self.answer(404 if self.command == "HEAD" else 200)

    def page_drops_head(self, _rest: str) -> None:
        if self.command == "HEAD":
            self.connection.close()
        else:
            self.answer(200)

    def page_busy(self, rest: str) -> None:
        """/busy/2 asks to wait for 2 seconds, and works after that."""
        ready = self.website.ready_at.setdefault(self.path, time.monotonic() + float(rest) - 0.05)
        if time.monotonic() >= ready:
            self.answer(200)
        else:
            self.answer(429, retry_after=rest)

    def page_busy_until(self, rest: str) -> None:
        self.answer(503, retry_after=formatdate(time.time() + float(rest), usegmt=True))

    def page_silent(self, rest: str) -> None:
        time.sleep(float(rest))
        self.answer(200)

    def page_drips(self, _rest: str) -> None:
        """A header that never ends, a byte at a time."""
        try:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Drip: ")
            for _ in range(200):
                self.wfile.write(b"x")
                self.wfile.flush()
                time.sleep(0.1)
        except OSError:
            return
        finally:
            self.close_connection = True

    def page_endless(self, _rest: str) -> None:
        """A body without end; HEAD is not taken."""
        if self.command == "HEAD":
            self.answer(501)
            return
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(CHUNK)
                self.website.sent += len(CHUNK)
        except OSError:
            self.close_connection = True

    def page_noise(self, _rest: str) -> None:
        self.wfile.write(b"\x00\x01 this is no HTTP\r\n\r\n")
        self.close_connection = True

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_words: Any) -> None:
        """Nothing on the screen."""


class Server(ThreadingHTTPServer):
    """One that says nothing of connections that were broken off."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Leave it."""


@contextmanager
def a_website(tls: SSLContext | None = None) -> Iterator[Website]:
    """A website on this machine; by TLS with a context."""
    website = Website()
    handler = type("Own", (Handler,), {"website": website})
    server = Server(("127.0.0.1", 0), handler)
    scheme = "http"
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        scheme = "https"
    website.address = f"{scheme}://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield website
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
