"""What `kb serve` adds to gunicorn."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests.conftest import until

PARTS = 12
SLOW = f"""
import time
from kb.server import Server
from kb.settings import Settings

class Slow(Server):
    def load_config(self):
        super().load_config()
        self.cfg.set("timeout", 2)

    def load(self):
        def app(environ, start_response):
            start_response("200 OK", [])
            if environ["PATH_INFO"] == "/long":
                for _ in range({PARTS}):
                    time.sleep(0.25)
                    yield b"."
        return app

Slow(Settings.from_environment()).run()
"""


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[str]:
    """The address of our server with little patience and an answer that takes long."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {"KB_PORT": str(port), "KB_WORKERS": "1"}
    with (tmp_path / "server.log").open("w") as log:
        server = subprocess.Popen([sys.executable, "-c", SLOW], env=environment, stderr=log)
        base = f"http://127.0.0.1:{port}"
        try:
            until(lambda: _answers(base), 30)
            yield base
        finally:
            server.terminate()
            server.wait(timeout=20)


def _answers(base: str) -> bool:
    try:
        with urlopen(f"{base}/short", timeout=5):
            return True
    except URLError:
        return False


def test_an_answer_may_take_longer_than_a_worker_may_be_silent(slow: str) -> None:
    with urlopen(f"{slow}/long", timeout=30) as answer:
        assert answer.read() == b"." * PARTS


def test_connections_that_ask_nothing_hold_up_nobody_for_long(slow: str, tmp_path: Path) -> None:
    host, _, port = slow.removeprefix("http://").partition(":")
    idle = [socket.create_connection((host, int(port))) for _ in range(3)]

    assert _answers(slow)

    for each in idle:
        each.close()
    assert "TIMEOUT" not in (tmp_path / "server.log").read_text()
