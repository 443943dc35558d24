"""Does the process answer, does the database, and is the index level with it."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask.views import MethodView
from sqlalchemy.exc import SQLAlchemyError

from kb.cases import queries
from kb.database import Database
from kb.problems import NotReady
from kb.search.engine import SearchEngine, SearchUnavailable
from kb.web import Blueprint
from schemas import problems
from schemas.lists import LanguageQuery

blp = Blueprint("health", __name__, url_prefix="/health", description="For who runs this.")
COUNTED = ("case", "pitfall", "finding", "study", "question")
LAG = 25  # things that the index may be ahead or behind while it catches up


@blp.route("/live")
class Live(MethodView):
    @blp.arguments(LanguageQuery, location="query")
    @blp.response(200, problems.Live)
    def get(self, _query: dict[str, Any]) -> dict[str, Any]:
        """Tell that this process answers."""
        return {"status": "ok"}


@blp.route("/ready")
class Ready(MethodView):
    @blp.arguments(LanguageQuery, location="query")
    @blp.response(200, problems.Ready)
    def get(self, _query: dict[str, Any]) -> dict[str, Any]:
        """Tell whether the database answers and the index holds as much as it does."""
        checks = look()
        if any(check != "ok" for check in checks.values()):
            raise NotReady(checks)
        return {"status": "ok", "checks": checks}


def look() -> dict[str, str]:
    """`ok`, or what is wrong, for the database and for search."""
    database: Database = current_app.extensions["kb.database"]
    engine: SearchEngine = current_app.extensions["kb.search"]
    try:
        with database.reading() as session:
            published = {kind: queries.count(session, kind) for kind in COUNTED}
    except SQLAlchemyError:
        return {"database": "unavailable", "search": "unknown"}
    try:
        indexed = engine.counts()
    except SearchUnavailable:
        return {"database": "ok", "search": "unavailable"}
    apart = sum(abs(published[kind] - indexed.get(kind, 0)) for kind in COUNTED)
    return {"database": "ok", "search": "ok" if apart <= LAG else "incomplete"}
