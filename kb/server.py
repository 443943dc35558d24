"""The WSGI server behind `kb serve`: gunicorn, set up for short requests that compute."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from select import select
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.workers.sync import SyncWorker
from werkzeug.wsgi import ClosingIterator

from kb.settings import Settings

IDLE = 1.0  # seconds until a new connection must have asked something


class Worker(SyncWorker):
    """Gives one answer at a time; after each part of a long one it tells that it is alive.

    Gunicorn ends a worker that has told nothing for `timeout` seconds, and all of a large list
    takes longer than that.
    """

    def load_wsgi(self) -> None:
        """Take the application, and hear of every part that it gives."""
        super().load_wsgi()
        app: Any = self.wsgi  # type: ignore[has-type]

        def telling(environ: Any, start_response: Any) -> Iterable[bytes]:
            parts = app(environ, start_response)
            return ClosingIterator(self._told(parts), getattr(parts, "close", None))

        self.wsgi = telling

    def handle(self, listener: Any, client: Any, addr: Any) -> None:
        """Answer who asks something; browsers open connections ahead that they may never use."""
        asking, _, _ = select([client], [], [], IDLE)
        if asking:
            super().handle(listener, client, addr)
        else:
            client.close()
        self.notify()

    def _told(self, parts: Iterable[bytes]) -> Iterator[bytes]:
        for part in parts:
            yield part
            self.notify()


class Server(BaseApplication):
    """Some processes, each with one thread and an application (and an index) of its own."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        """A request line may be as long as the longest query with every filter needs."""
        options: dict[str, Any] = {
            "bind": f"{self._settings.host}:{self._settings.port}",
            "workers": self._settings.workers,
            "limit_request_line": 8190,
            "accesslog": None,
            "worker_class": Worker,
            "timeout": 60,
            "graceful_timeout": 10,
            "control_socket_disable": True,  # a file in the home folder that nobody asked for
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Called in each process, after the fork."""
        from kb.app import create_app

        app = create_app(self._settings)
        gc.collect()
        gc.freeze()  # the words of a language need not be looked through for garbage
        return app
