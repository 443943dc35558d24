"""Answers that were finished before, for lists and for the pages that show them."""

from __future__ import annotations

from collections.abc import Hashable

from flask import Response, current_app, request

from kb.search.engine import SearchUnavailable
from kb.search.kept import KeptAnswer, KeptAnswers
from kb.web import keep_when_finished, send_again


def give_as_before(*asked: Hashable) -> Response | None:
    """The finished answer when nothing has changed since this was asked last; else keep the new."""
    answers: KeptAnswers | None = current_app.extensions["kb.kept_answers"]
    if answers is None or request.method != "GET":
        return None
    try:
        name = answers.name(*asked)
    except SearchUnavailable:
        return None  # what is wrong with the request is told first, and a page may do without
    if kept := answers.find(name):
        return send_again(*kept)

    def keep(response: Response) -> None:
        answers.keep(name, KeptAnswer(response.get_data(), tuple(response.headers.items())))

    keep_when_finished(keep)
    return None
