"""The WSGI server behind `kb serve`: gunicorn keeps the processes, waitress their connections.

In each process one thread takes what clients send and gives them what is ready, at their pace;
others compute answers. So only computing keeps a thread busy, and a slow client nobody
(docs/decisions/0020-slow-clients.md has the measurements).
"""

from __future__ import annotations

import gc
import json
import logging
import math
import os
import resource
import socket
import sys
import time
import uuid
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.workers.base import Worker as Process
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.server import create_server
from waitress.task import ErrorTask, WSGITask
from waitress.utilities import Error

from kb.observing import metrics_server
from kb.observing.logs import JsonServerLogger
from kb.observing.metrics_server import MetricsServer
from kb.services import services_of
from kb.settings import Settings
from kb.web.headers import API_VERSION

if TYPE_CHECKING:
    from kb.observing.metrics import Metrics

MAX_REQUEST_LINE_BYTES = 8190  # the longest query with every filter fits
MAX_HEADER_BYTES = 2**16  # of a request's line and headers together
MAX_BODY_BYTES = 2**26  # the application itself takes less, and says so
MAX_CONNECTIONS = 4000  # of a process
OUTPUT_HIGH_WATERMARK_BYTES = 2**26  # of one response that wait for its reader before we go on
MAX_BUFFERED_BYTES = 2**29  # that all clients of a process together may leave with it
IDLE_TIMEOUT_SECONDS = 60.0  # that a connection may be silent
SCARCE_IDLE_TIMEOUT_SECONDS = 5.0  # the same while connections are scarce
HEADER_TIMEOUT_SECONDS = 30.0  # that the headers of a request may take
REQUEST_TIMEOUT_SECONDS = 300.0  # that a whole request may take
SHUTDOWN_TIMEOUT_SECONDS = 30.0  # that who is being answered has when the server stops
SHUTDOWN_REQUEST_TIMEOUT_SECONDS = 5.0  # that a request which was half received has then
LINGER_SECONDS = 1.0  # that a connection stays open then, in case a request is on its way
FIRST_POLL_SECONDS = 10.0  # that a process which begins may take to bring its index up to date
SWITCH_INTERVAL_SECONDS = 0.001  # that one thread computes before another may
log = logging.getLogger("kb.server")
log.setLevel(logging.INFO)  # who reports a problem by its number must find it in the log


class UriTooLong(Error):
    """Why a request cannot be read, for whom our application never hears of it."""

    code = 414
    reason = "URI Too Long"


class RequestParser(HTTPRequestParser):
    """Reads a request, and refuses what two readers could understand in two ways."""

    def __init__(self, adj: Any) -> None:
        super().__init__(adj)
        self.error: Error | None = None
        self.started_at = time.monotonic()

    def received(self, data: bytes) -> int:
        """Take some bytes; tells how many were of this request."""
        count: int = super().received(data)
        line = getattr(self, "first_line", self.header_plus.lstrip().partition(b"\r\n")[0])
        if len(line) > MAX_REQUEST_LINE_BYTES and not self.error:
            limit = f"{MAX_REQUEST_LINE_BYTES} bytes"
            self.error = UriTooLong(f"The request line has more than {limit}.")
            self.completed = True
        return count

    def parse_header(self, header_plus: bytes) -> None:
        """Read line and headers. Raises ParsingError."""
        try:
            super().parse_header(header_plus)
        except ValueError as error:  # an address like http://[::1
            raise ParsingError(str(error)) from None
        coded = self.chunked or "TRANSFER_ENCODING" in self.headers
        if coded and ("CONTENT_LENGTH" in self.headers or self.version != "1.1"):
            raise ParsingError("Transfer-Encoding and Content-Length exclude each other")
        self.headers.pop("PROXY", None)  # some libraries would take it for a setting of ours


class ResponseTask(WSGITask):
    """An answer of the application."""

    def build_response_header(self) -> bytes:
        """Line and headers; a server that stops says that it will close the connection."""
        if self.channel.server.stopping:
            self.set_close_on_finish()
        built: bytes = super().build_response_header()
        return built


class ProblemTask(ErrorTask):
    """An answer to what is no request, in the same form as those of the application."""

    def execute(self) -> None:
        """Write it, and close the connection."""
        error = self.request.error
        name = {400: "invalid-input", 413: "too-large", 500: "internal-error"}.get(error.code)
        body = {
            "type": f"{self.channel.server.public_url}/problems/{name}" if name else "about:blank",
            "title": error.reason,
            "status": error.code,
            "detail": f"The server could not read this request: {error.body}",
            "instance": f"urn:uuid:{uuid.uuid4()}",
        }
        if name == "invalid-input":
            body["errors"] = [{"in": "header", "code": "bad-format", "detail": str(error.body)}]
        log.info("%s %s %s", body["instance"], error.code, error.reason)  # never what was sent
        text = json.dumps(body).encode()
        self.status = f"{error.code} {error.reason}"
        self.response_headers += [
            ("Content-Type", "application/problem+json"),
            ("Content-Language", "en"),
            ("API-Version", API_VERSION),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
        ]
        self.channel.is_refused = True
        self.set_close_on_finish()
        self.content_length = len(text)
        self.write(text)


class Channel(HTTPChannel):
    """A connection with a client."""

    parser_class = RequestParser
    task_class = ResponseTask
    error_task_class = ProblemTask
    is_refused = False  # what the client sends is no request
    is_lingering = False  # we have said all, and let the client end what it sends

    @property
    def received_bytes(self) -> int:
        """Bytes of a body that is not whole yet."""
        return self.request.body_bytes_received if self.request else 0

    def close_if_late(
        self, idle_timeout: float, header_timeout: float, request_timeout: float
    ) -> None:
        """Close it when it, or a request that arrives, has taken longer; all in seconds."""
        silence = time.time() - self.last_activity
        request = self.request
        if self.is_lingering:
            late = silence > LINGER_SECONDS
        elif request:
            took = time.monotonic() - request.started_at
            late = took > (request_timeout if request.headers_finished else header_timeout)
        else:
            limit = IDLE_TIMEOUT_SECONDS if self.total_outbufs_len else idle_timeout
            late = not self.requests and silence > limit
        if late:
            self.handle_close()

    def readable(self) -> bool:
        """Whether what the client sends is of use."""
        return self.is_lingering or super().readable()

    def handle_read(self) -> None:
        """Take what came; after a refusal only to throw it away."""
        if not self.is_lingering:
            super().handle_read()
        else:
            with suppress(OSError):
                self.recv(self.adj.recv_bytes)

    def handle_close(self) -> None:
        """Close; who was refused gets the chance to read why.

        Closing while something is unread would break the connection, and the answer with it.
        """
        if self.is_refused and not self.is_lingering:
            self.is_lingering = True
            self.will_close = self.close_when_flushed = False
            with suppress(OSError):
                self.socket.shutdown(socket.SHUT_WR)
                return
        super().handle_close()


class Worker(Process):
    """A process that answers until it is told to stop, or its master is no more."""

    _server: Any = None
    place = 0  # among the processes that live: what its metrics are called by

    def handle_exit(self, sig: int, frame: object) -> None:
        """Stop after what has begun."""
        super().handle_exit(sig, frame)
        if self._server:
            self._server.pull_trigger()

    def run(self) -> None:
        """Answer, then end what was begun; the threads of the application end last."""
        background = services_of(self.wsgi).background
        background.start()
        background.wait_for_first_poll(FIRST_POLL_SECONDS)
        gc.collect()
        gc.freeze()  # the words of a language need not be looked through for garbage
        try:
            self._serve()
        finally:
            background.stop()

    def _serve(self) -> None:
        sys.setswitchinterval(SWITCH_INTERVAL_SECONDS)
        self._server = server = self._listen()
        last_sweep = time.monotonic()
        while self.alive and os.getppid() == self.ppid:
            self._poll(1.0)
            if time.monotonic() - last_sweep > 1:
                self._close_slow_connections()
                if metrics := self.app.metrics:
                    metrics.connections.set(len(server.active_channels))
                    metrics.queued.set(len(server.task_dispatcher.queue))
                last_sweep = time.monotonic()
        self._stop_listening()
        begun = time.monotonic()
        while (
            server.active_channels
            and (waited := time.monotonic() - begun) < SHUTDOWN_TIMEOUT_SECONDS
        ):
            header_timeout = math.inf if waited < SHUTDOWN_REQUEST_TIMEOUT_SECONDS else 0.0
            for channel in list(server.active_channels.values()):
                channel.close_if_late(LINGER_SECONDS, header_timeout, header_timeout)
            self._poll(0.05)
        server.task_dispatcher.shutdown(timeout=1)

    def _listen(self) -> Any:
        """A server of waitress on the sockets of the master."""
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        files = min(most, 2**16) if most != resource.RLIM_INFINITY else 2**16
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, most))
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # who waits is no news
        settings: Settings = self.app.settings
        server = create_server(
            self.wsgi,
            sockets=[each.sock for each in self.sockets],
            threads=settings.threads,
            clear_untrusted_proxy_headers=not settings.trusted_proxies,
            connection_limit=min(MAX_CONNECTIONS, files // 4),
            outbuf_high_watermark=OUTPUT_HIGH_WATERMARK_BYTES,
            max_request_header_size=MAX_HEADER_BYTES,
            max_request_body_size=MAX_BODY_BYTES,
            channel_timeout=int(IDLE_TIMEOUT_SECONDS),
            asyncore_use_poll=True,
            log_socket_errors=False,
            ident=None,
        )
        server.channel_class = Channel
        server.public_url = settings.public_url
        server.stopping = False
        return server

    def _poll(self, seconds: float) -> None:
        """Receive and send what can be; wait for that no longer than this."""
        wasyncore.loop(seconds, use_poll=True, map=self._server._map, count=1)
        self.notify()

    def _close_slow_connections(self) -> None:
        """Close what takes too long; when connections get scarce, idle ones first."""
        channels = list(self._server.active_channels.values())
        is_scarce = len(channels) > self._server.adj.connection_limit / 2
        idle_timeout = SCARCE_IDLE_TIMEOUT_SECONDS if is_scarce else IDLE_TIMEOUT_SECONDS
        for channel in channels:
            channel.close_if_late(idle_timeout, HEADER_TIMEOUT_SECONDS, REQUEST_TIMEOUT_SECONDS)
        left = {each: each.total_outbufs_len + each.received_bytes for each in channels}
        total = sum(left.values())
        for channel in sorted(channels, key=left.__getitem__, reverse=True):
            if total <= MAX_BUFFERED_BYTES:
                break
            log.warning("closed a connection: %d bytes wait for slow clients", total)
            total -= left[channel]
            channel.handle_close()  # at once: who reads nothing never lets us write a last word

    def _stop_listening(self) -> None:
        """Take who has connected already, and nobody else."""
        server = self._server
        server.stopping = True
        channels_before = -1
        while channels_before < len(server.active_channels):
            channels_before = len(server.active_channels)
            server.handle_accept()
        wasyncore.dispatcher.close(server)


class Server(BaseApplication):
    """Some processes, each with an application (and an index) of its own."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._metrics_server = MetricsServer() if settings.metrics_port else None
        self.metrics: Metrics | None = None  # of the process that this is, once it is forked
        super().__init__()

    def run(self) -> None:
        """Serve until stopped. Raises MetricsUnavailable."""
        if self._metrics_server:
            self._metrics_server.start(self.settings.metrics_host, self.settings.metrics_port)
        super().run()

    def load_config(self) -> None:
        """Gunicorn's own settings."""
        options: dict[str, Any] = {
            "bind": self.settings.address,
            "workers": self.settings.workers,
            "accesslog": None,
            "worker_class": Worker,
            "timeout": 60,
            "graceful_timeout": int(SHUTDOWN_TIMEOUT_SECONDS) + 5,
            "control_socket_disable": True,  # a file in the home folder that nobody asked for
        }
        if self._metrics_server:
            options |= {
                "pre_fork": _take_place,
                "post_fork": lambda _arbiter, worker: metrics_server.write_as(worker.place),
                "child_exit": lambda _arbiter, worker: self._metrics_server.forget(worker.place),
                "on_exit": lambda _arbiter: self._metrics_server.stop(),
            }
        if self.settings.log_format == "json":
            options["logger_class"] = JsonServerLogger
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Called in each process, after the fork."""
        from kb.app import create_app

        if not self._metrics_server:
            return create_app(self.settings)
        from kb.observing.metrics import Metrics

        self.metrics = Metrics()
        return create_app(self.settings, metrics=self.metrics)


def _take_place(arbiter: Any, worker: Worker) -> None:
    """Give a process that is about to begin the place of one that died."""
    worker.place = metrics_server.free_place(each.place for each in arbiter.WORKERS.values())
