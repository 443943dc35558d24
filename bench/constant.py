"""The least that an answer can take: the same server, Flask, and bytes that are always the same.

python -m bench.constant PORT WORKERS BYTES
"""

from __future__ import annotations

import sys

from flask import Flask, Response

from kb.server import Server
from kb.settings import Settings


class ConstantServer(Server):
    """Our server with an application of one route."""

    body = b""

    def load(self) -> Flask:
        """Called in each process, after the fork."""
        app = Flask("constant")

        @app.route("/")
        def constant() -> Response:
            return Response(self.body, mimetype="application/json")

        return app


def main() -> None:
    """Serve until ended."""
    port, workers, size = (int(each) for each in sys.argv[1:4])
    server = ConstantServer(Settings(port=port, workers=workers))
    server.body = b" " * size
    server.run()


if __name__ == "__main__":
    main()
