"""A server as an operator starts it: `kb serve`, with processes, a port and a log of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from tests.conftest import until

KB = str(Path(sys.executable).with_name("kb"))


@dataclass(frozen=True)
class Served:
    """Where it answers, how it was set up and what it has said."""

    port: int
    environment: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes]

    def answers(self) -> bool:
        """Whether it is ready."""
        with suppress(OSError):
            return self.get("/health/ready")[0] == 200
        return False

    def get(self, path: str) -> tuple[int, bytes]:
        """Ask as a new visitor, who may meet any of the processes."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def kill(self) -> None:
        """End all of its processes at once, as a machine does that loses its power."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a `kb` command beside it, with the same settings."""
        command = [KB, *words]
        return subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=120, check=False
        )


@contextmanager
def serving(folder: Path, database_url: str, **settings: str) -> Iterator[Served]:
    """Serve a data folder with two processes until the block ends; then it stops neatly.

    Unless the block has killed it.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {
        "KB_DATA_DIR": str(folder),
        "KB_DATABASE_URL": database_url,
        "KB_PORT": str(port),
        "KB_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "KB_WORKERS": "2",
        **settings,
    }
    log = folder / "server.log"
    with log.open("w") as out:
        server = subprocess.Popen(
            [KB, "serve"], env=environment, stdout=out, stderr=out, start_new_session=True
        )
        served = Served(port, environment, log, server)
        try:
            _wait_until_it_answers(served)
            yield served
        finally:
            server.terminate()
            code = server.wait(timeout=60)
    assert code in {0, -signal.SIGKILL}, served.log.read_text()


def _wait_until_it_answers(served: Served) -> None:
    def is_ready() -> bool:
        assert served.process.poll() is None, served.log.read_text()
        return served.answers()

    until(is_ready)
