"""A WSGI application that tells observers how each request went: metrics, the log of requests."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from kb.web.wsgi import Environ, StartResponse, WSGIApplication

Observer = Callable[[Environ, str, float], None]  # (environment, status line, seconds)


class ObservingMiddleware:
    """Stands before everything else, so that it sees what a cache or a limit answers too."""

    def __init__(self, app: WSGIApplication, observers: Sequence[Observer]) -> None:
        self._app = app
        self._observers = observers

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, and tell when its response began: a long one is still being sent."""
        status = "500"

        def start(line: str, *arguments: Any) -> Any:
            nonlocal status
            status = line
            return start_response(line, *arguments)

        begun = time.perf_counter()
        try:
            return self._app(environ, start)
        finally:
            seconds = time.perf_counter() - begun
            for observe in self._observers:
                observe(environ, status, seconds)
