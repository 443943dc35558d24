"""The least that an answer can take: the same server, Flask, and bytes that are always the same.

python -m bench.constant PORT WORKERS BYTES
"""

from __future__ import annotations

import sys
from types import SimpleNamespace

from flask import Flask, Response

from kb.server import Server
from kb.settings import Settings


class NoBackground:
    """In the place of `kb.background.Background`: nothing runs beside answering."""

    def start(self) -> None:
        """Start nothing."""

    def wait_for_first_poll(self, seconds: float) -> None:
        """Wait for nothing."""

    def stop(self) -> None:
        """Stop nothing."""


def constant_app(size: int) -> Flask:
    """An application of one route, which answers that many bytes."""
    app = Flask("constant")
    app.extensions["kb"] = SimpleNamespace(background=NoBackground())  # for our server
    body = b" " * size

    @app.route("/")
    def constant() -> Response:
        return Response(body, mimetype="application/json")

    return app


class ConstantServer(Server):
    """Our server with that application."""

    size = 0

    def load(self) -> Flask:
        """Called in each process, after the fork."""
        return constant_app(self.size)


def main() -> None:
    """Serve until ended."""
    port, workers, size = (int(each) for each in sys.argv[1:4])
    server = ConstantServer(Settings(port=port, workers=workers))
    server.size = size
    server.run()


if __name__ == "__main__":
    main()
