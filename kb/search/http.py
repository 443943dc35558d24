"""Answers that were finished before: of lists, and of the pages that show them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from flask import Response, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug import Response as PlainResponse

from kb.cases.changes import last_position
from kb.search.engine import SearchUnavailable
from kb.services import services, session
from kb.web.headers import cache_when_finished, finished_response
from kb.web.response_cache import CachedResponse, CacheKey, ResponseCache

KEY_VARIABLES = ("PATH_INFO", "QUERY_STRING", "HTTP_ACCEPT", "HTTP_ACCEPT_LANGUAGE")
Environ = dict[str, Any]  # as WSGI has it


class CacheMiddleware:
    """A WSGI application that gives a finished answer again before the other one hears of it."""

    def __init__(self, app: Any, answers: ResponseCache, note: Callable[[Environ], None]) -> None:
        """`note` hears of each request that was answered so."""
        self._app = app
        self._answers = answers
        self._note = note

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Answer a request; 304 for who has this very answer."""
        name = _cache_key(self._answers, environ)
        kept = self._answers.find(name) if name else None
        if kept is None:
            answered: Iterable[bytes] = self._app(environ, start_response)
            return answered
        self._note(environ)
        answer = PlainResponse(kept.body, headers=list(kept.headers))
        return answer.make_conditional(environ)(environ, start_response)


def _cache_key(answers: ResponseCache, environ: Environ) -> CacheKey | None:
    """What the answer to a request is kept under; None when it is not kept."""
    if environ["REQUEST_METHOD"] != "GET":
        return None
    try:
        return answers.name(*map(environ.get, KEY_VARIABLES))
    except SearchUnavailable:
        return None  # what is wrong with the request is told first, and a page may do without


def serve_cached() -> Response | None:
    """The finished answer when nothing has changed since this was asked last; else keep the new."""
    answers = services().response_cache
    name = _cache_key(answers, request.environ) if answers else None
    if answers is None or name is None:
        return None
    if kept := answers.find(name):
        return finished_response(*kept)

    def keep(response: Response) -> None:
        kept = CachedResponse(response.get_data(), tuple(response.headers.items()))
        with suppress(SearchUnavailable, SQLAlchemyError):  # then it is good for this once
            answers.keep(name, kept, last_position(session()))

    cache_when_finished(keep)
    return None
