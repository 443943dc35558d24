"""What answers when the database or the index is away: 503, and when to come back."""

from __future__ import annotations

import logging

from flask import Flask, Response, current_app, g
from sqlalchemy.exc import SQLAlchemyError

from kb.outage import outage_reason
from kb.problems import DatabaseUnavailable, SearchUnavailable
from kb.search import engine
from kb.services import leave_replica
from kb.web.errors import problem_response, server_error_response

log = logging.getLogger("kb.database")


def init_app(app: Flask) -> None:
    """Answer for the errors of the database and of search."""
    app.register_error_handler(SQLAlchemyError, _database_error)
    app.register_error_handler(engine.SearchUnavailable, _search_unavailable)


def _database_error(error: SQLAlchemyError) -> Response:
    """503 for what the database may do again in a while; anything else is a mistake of ours.

    What a replica could not read to its end is read again from the primary.
    """
    if leave_replica():
        return _dispatch_again()
    reason = outage_reason(error)
    if reason is None:
        return server_error_response(error)
    response = problem_response(DatabaseUnavailable(reason))
    log.error("%s %s: %s", g.problem_id, reason, getattr(error, "orig", error))
    return response


def _dispatch_again() -> Response:
    try:
        return current_app.make_response(current_app.dispatch_request())
    except Exception as error:
        return current_app.make_response(current_app.handle_user_exception(error))


def _search_unavailable(error: engine.SearchUnavailable) -> Response:
    return problem_response(SearchUnavailable(error.retry_after))
