"""Servers of our own on 127.0.0.1, for as long as they are needed."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

START_TIMEOUT_SECONDS = 120.0  # until a server must listen


class UnexpectedAnswer(Exception):
    """A server did not answer with 200; the text is the head of its answer."""


def get(port: int, path: str) -> int:
    """Ask once, on a new connection; tells how many bytes came. Raises UnexpectedAnswer."""
    with socket.create_connection(("127.0.0.1", port), timeout=START_TIMEOUT_SECONDS) as connection:
        connection.sendall(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode()
        )
        response = bytearray()
        while piece := connection.recv(1 << 20):
            response += piece
    if b" 200 " not in response[:20]:
        raise UnexpectedAnswer(f"{path}: {bytes(response[:300])!r}")
    return len(response)


def free_port() -> int:
    """One where nothing listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def running(
    *command: str, port: int, path: str, environment: Mapping[str, str] | None = None
) -> Iterator[int]:
    """A server that answers at `path`; gives its port."""
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while True:
            try:
                get(port, path)
                break
            except (OSError, UnexpectedAnswer):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def served(data: Path, workers: int = 1) -> AbstractContextManager[int]:
    """This system, serving a data directory; gives its port."""
    port = free_port()
    settings = {"KB_DATA_DIR": str(data), "KB_PORT": str(port), "KB_WORKERS": str(workers)}
    program = str(Path(sys.executable).with_name("kb"))
    return running(program, "serve", port=port, path="/health/ready", environment=settings)
