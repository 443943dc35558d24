"""What `kb serve` is: real processes, real sockets, clients that are slow or lie."""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest

from tests.conftest import until

PARTS, PART = 320, 65536
PATIENCE = 60  # seconds until a client gives up
APP = f"""
import json, logging, os, sys, time
from types import SimpleNamespace
import kb.server
from kb.server import Server
from kb.settings import Settings

for limit in os.environ.get("LIMITS", "").split():  # smaller ones, not to wait for minutes
    name, _, number = limit.partition("=")
    assert hasattr(kb.server, name)
    setattr(kb.server, name, float(number))

class Plain(Server):
    def load_config(self):
        super().load_config()
        self.cfg.set("timeout", 4)

    def load(self):
        def app(environ, start_response):
            path = environ["PATH_INFO"]
            start_response("200 OK", [("Content-Type", "text/plain")])
            if path == "/long":
                return (time.sleep(0.25) or b"." for _ in range(20))
            if path == "/large":
                return (b"x" * {PART} for _ in range({PARTS}))
            if path == "/body":
                return [environ["wsgi.input"].read()]
            if path == "/environ":
                texts = {{key: str(value) for key, value in environ.items()}}
                return [json.dumps(texts).encode()]
            return [str(sum(number * number for number in range(40_000))).encode()]
        threads = SimpleNamespace(
            start=lambda: None, stop=lambda: None, wait_for_first_poll=lambda seconds: None
        )
        app.extensions = {{"kb": SimpleNamespace(background=threads)}}
        return app

logging.basicConfig(level=logging.WARNING)
Plain(Settings.from_environment()).run()
"""


@dataclass(frozen=True)
class Running:
    """A server of ours with an application that does little."""

    host: str
    port: int
    process: subprocess.Popen[bytes]
    log: Path

    def connect(self, buffer: int = 0) -> socket.socket:
        """A connection; with a small buffer for what is received, if that is given."""
        kind = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        made = socket.socket(kind)
        made.settimeout(PATIENCE)
        if buffer:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        made.connect((self.host, self.port))
        return made

    def get(self, path: str = "/", headers: dict[str, str] | None = None) -> bytes:
        """What a new visitor gets."""
        with self.begun(path, headers) as response:
            return response.read()

    @contextmanager
    def begun(self, path: str, headers: dict[str, str] | None = None) -> Iterator[HTTPResponse]:
        """A response to a new visitor whose headers have come."""
        connection = HTTPConnection(self.host, self.port, timeout=PATIENCE)
        with closing(connection):
            connection.request("GET", path, headers=headers or {})
            response = connection.getresponse()
            assert response.status == 200
            yield response

    def send(self, request: bytes) -> tuple[int, bytes]:
        """Status and all that was answered to these bytes, until the server closes."""
        with self.connect() as connection:
            connection.sendall(request)
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        return int(answer.split(b" ", 2)[1]), answer

    def answers(self) -> bool:
        """Whether it does."""
        with suppress(OSError):
            return bool(self.get())
        return False


@contextmanager
def running(folder: Path, **settings: str) -> Iterator[Running]:
    """Serve until the block ends."""
    folder.mkdir(exist_ok=True)
    host = settings.pop("KB_HOST", "127.0.0.1")
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as free:
        free.bind((host, 0))
        port = free.getsockname()[1]
    environment = os.environ | {"KB_PORT": str(port), "KB_HOST": host, **settings}
    here = {"::": "::1"}.get(host, host)
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen([sys.executable, "-c", APP], env=environment, stderr=log)
        server = Running(here, port, process, folder / "server.log")
        try:
            until(server.answers)
            yield server
        finally:
            process.terminate()
            process.wait(timeout=60)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One for all tests that do it no harm."""
    # longer than anybody waits for an answer
    limits = "IDLE_TIMEOUT_SECONDS=600 HEADER_TIMEOUT_SECONDS=600 REQUEST_TIMEOUT_SECONDS=600"
    with running(tmp_path_factory.mktemp("server"), LIMITS=limits) as made:
        yield made


def test_an_answer_may_take_longer_than_a_process_may_be_silent(server: Running) -> None:
    assert server.get("/long") == b"." * 20


@pytest.fixture
def many_files() -> Iterator[None]:
    """Room for the connections of a crowd in this process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


CROWD = 500
HEAD = b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: "
BODY = b"POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n"
LARGE = b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n"
CROWDS: dict[str, tuple[int, bytes, bool]] = {  # how many, what they begin with, who goes on
    "idle": (CROWD, b"", False),
    "dripping headers": (CROWD, HEAD, True),
    "dripping bodies": (CROWD, BODY, True),
    "slow readers": (10, LARGE, False),
}


@contextmanager
def crowd(server: Running, count: int, begin: bytes, goes_on: bool) -> Iterator[None]:
    """Clients that send a byte a second, or read 2 KB of a large answer."""
    ended = threading.Event()
    with ExitStack() as stack:
        clients = [
            stack.enter_context(server.connect(buffer=4096 if begin == LARGE else 0))
            for _ in range(count)
        ]
        for client in clients:
            client.sendall(begin)

        def drip() -> None:
            while not ended.wait(1):
                for client in clients:
                    with suppress(OSError):
                        if goes_on:
                            client.send(b"a")
                        elif begin:
                            client.recv(2048)

        thread = threading.Thread(target=drip)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()


@pytest.mark.parametrize("kind", CROWDS)
def test_slow_clients_hold_up_nobody(kind: str, server: Running, many_files: None) -> None:
    """Who had to wait for one of them would give up."""
    with crowd(server, *CROWDS[kind]):
        for _ in range(50):
            assert server.get()


def test_who_leaves_too_much_unread_is_cut_off_before_others(tmp_path: Path) -> None:
    with ExitStack() as stack:
        server = stack.enter_context(
            running(tmp_path, LIMITS="MAX_BUFFERED_BYTES=30e6", KB_WORKERS="1")
        )
        readers = [stack.enter_context(server.connect(4096)) for _ in range(4)]
        for reader in readers:
            reader.sendall(LARGE)
        until(lambda: server.log.read_text().count("wait for slow clients") >= 3)

        amounts = [read_all(reader) for reader in readers]

    assert sum(amount > PARTS * PART for amount in amounts) == 1
    assert server.log.read_text().count("wait for slow clients") == 3


def read_all(reader: socket.socket) -> int:
    """How many bytes still come."""
    amount = 0
    with suppress(ConnectionResetError):
        while part := reader.recv(65536):
            amount += len(part)
    return amount


@pytest.mark.parametrize("begin", [b"", HEAD, BODY])
def test_a_connection_is_closed_when_its_time_is_over(begin: bytes, tmp_path: Path) -> None:
    limits = "IDLE_TIMEOUT_SECONDS=1 HEADER_TIMEOUT_SECONDS=1 REQUEST_TIMEOUT_SECONDS=1"
    with running(tmp_path, LIMITS=limits) as server:
        begun = time.monotonic()
        with server.connect() as connection:
            connection.sendall(begin)

            assert read_all(connection) == 0  # or its patience would have ended
        assert time.monotonic() - begun > 0.9


def test_stopping_loses_no_request_that_had_begun(tmp_path: Path) -> None:
    upload_head = b"POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n"
    with ExitStack() as stack:
        server = stack.enter_context(
            running(tmp_path, LIMITS="SHUTDOWN_REQUEST_TIMEOUT_SECONDS=60")
        )
        upload = stack.enter_context(server.connect())
        upload.sendall(upload_head + b"Expect: 100-continue\r\n\r\nab")
        assert upload.recv(4096).startswith(b"HTTP/1.1 100 ")
        reader = stack.enter_context(server.connect(4096))
        reader.sendall(LARGE)
        read = len(reader.recv(65536))
        begun = [stack.enter_context(server.begun("/long")) for _ in range(8)]

        server.process.terminate()
        until(lambda: not server.answers())
        upload.sendall(b"cd")
        uploaded = b"".join(iter(lambda: upload.recv(4096), b""))
        read += sum(map(len, iter(lambda: reader.recv(65536), b"")))

        assert [response.read() for response in begun] == [b"." * 20] * 8
        assert b"Connection: close" in uploaded
        assert b"abcd" in uploaded
        assert read > PARTS * PART
        assert server.process.wait(timeout=60) == 0


def test_requests_one_after_another_survive_a_stop(tmp_path: Path) -> None:
    """A connection that is kept open is told that it ends, with the last answer."""
    with running(tmp_path) as server:
        connection = HTTPConnection(server.host, server.port, timeout=PATIENCE)
        lasts = False
        server_stops = threading.Timer(0.5, server.process.terminate)
        server_stops.start()
        while not lasts:
            connection.request("GET", "/body", headers={"Host": "a"})
            answer = connection.getresponse()
            assert answer.status == 200
            answer.read()
            lasts = answer.getheader("Connection") == "close" and not server_stops.is_alive()
            if answer.will_close:
                connection.close()
        connection.close()


def test_a_killed_master_leaves_nobody_on_the_port(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        server.process.send_signal(signal.SIGKILL)
        server.process.wait()

        def is_free() -> bool:
            with socket.socket() as again:
                again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    again.bind((server.host, server.port))
                    again.listen()
                except OSError:
                    return False
            return True

        until(is_free)


END = b"Host: a\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"no request\r\n\r\n", 400),
        (b"get / HTTP/1.1\r\n" + END, 400),
        (b"GET http://[::1/ HTTP/1.1\r\n" + END, 400),
        (b"GET / HTTP/1.1\r\nno header\r\n" + END, 400),
        (b"GET / HTTP/1.1\r\nName : a\r\n" + END, 400),
        (b"GET / HTTP/1.1\nHost: a\r\n" + END, 400),
        (b"POST /body HTTP/1.1\r\nContent-Length: -1\r\n" + END, 400),
        (b"POST /body HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n" + END + b"ab", 400),
        (
            b"POST /body HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n"
            + END
            + b"0\r\n\r\n",
            400,
        ),
        (
            b"POST /body HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 0\r\n"
            + END
            + b"0\r\n\r\n",
            400,
        ),
        (b"POST /body HTTP/1.0\r\nTransfer-Encoding: chunked\r\n" + END + b"0\r\n\r\n", 400),
        (b"POST /body HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + END + b"x\r\n\r\n", 400),
        (b"POST /body HTTP/1.1\r\nTransfer-Encoding: gzip\r\n" + END, 501),
        (b"POST /body HTTP/1.1\r\nContent-Length: 99999999999\r\n" + END, 413),
        (b"GET /?" + b"a" * 8190 + b" HTTP/1.1\r\n" + END, 414),
        (b"GET / HTTP/1.1\r\nX-Long: " + b"a" * 70_000 + b"\r\n" + END, 431),
    ],
)
def test_what_is_no_request_gets_a_problem(
    request_bytes: bytes, status: int, server: Running
) -> None:
    answered, answer = server.send(request_bytes)

    head, _, body = answer.partition(b"\r\n\r\n")
    assert answered == status
    assert b"Content-Type: application/problem+json" in head
    problem = json.loads(body)
    assert (problem["status"], bool(problem["detail"])) == (status, True)
    assert problem["instance"] in server.log.read_text()


def test_a_request_line_may_be_as_long_as_the_longest_query(server: Running) -> None:
    line = b"GET /?" + b"a" * (8190 - len(b"GET /? HTTP/1.1")) + b" HTTP/1.1\r\n"

    assert server.send(line + END)[0] == 200


def test_requests_may_be_sent_ahead_and_bodies_in_chunks(server: Running) -> None:
    chunked = b"POST /body HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunks = b"2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n"

    status, answer = server.send(chunked + chunks + b"GET / HTTP/1.1\r\n" + END)

    assert status == 200
    assert b"abcde" in answer


@pytest.mark.parametrize(
    "name",
    [
        *("SCRIPT_NAME", "Script_Name", "PATH_INFO", "REMOTE_USER", "HTTP_HOST", "wsgi_input"),
        *("X_Script_Name", "Proxy", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"),
        *("X-Forwarded-Port", "X-Forwarded-By", "Forwarded", "X_Forwarded_For"),
    ],
)
def test_headers_that_only_a_proxy_may_send_never_arrive(name: str, server: Running) -> None:
    environ = json.loads(server.get("/environ", {name: "planted"}))

    assert "planted" not in environ.values()
    assert (environ["SCRIPT_NAME"], environ["PATH_INFO"]) == ("", "/environ")


def test_a_proxy_that_is_trusted_tells_the_address_of_its_visitor(tmp_path: Path) -> None:
    with running(tmp_path, KB_TRUSTED_PROXIES="1") as server:
        environ = json.loads(server.get("/environ", {"X-Forwarded-For": "192.0.2.7"}))

    assert environ["HTTP_X_FORWARDED_FOR"] == "192.0.2.7"


@pytest.mark.parametrize("host", ["::1", "::"])
def test_it_listens_on_ipv6(host: str, tmp_path: Path) -> None:
    with running(tmp_path, KB_HOST=host) as server:
        assert server.get()
