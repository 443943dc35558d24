"""Each request is answered with one vocabulary, from its beginning to its end."""

from __future__ import annotations

from contextlib import ExitStack

from flask import Flask, g

from kb.services import services
from kb.vocabulary.terms import in_force


def init_app(app: Flask) -> None:
    """Let the vocabulary that is in force count in every request, also of those inside others."""
    app.before_request(_begin)
    app.teardown_request(_end)


def _begin() -> None:
    parts = services()
    g.kb_vocabulary = ExitStack()
    vocabulary = parts.vocabulary.for_request(lambda: parts.background.is_running)
    g.kb_vocabulary.enter_context(in_force(vocabulary))


def _end(_error: BaseException | None) -> None:
    if begun := g.pop("kb_vocabulary", None):
        begun.close()
