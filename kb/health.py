"""Does the process answer, does the database, and is the index level with it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import Any

from flask.views import MethodView
from sqlalchemy.exc import SQLAlchemyError

from kb.database import now
from kb.migrations import steps
from kb.observing.state import folders, index_lag
from kb.problems import NotReady
from kb.search.consistency import readiness
from kb.services import services
from kb.settings import Settings
from kb.web.blueprint import Blueprint
from kb.web.policy import Policy
from schemas import problems
from schemas.lists import LanguageQuery

blp = Blueprint(
    "health",
    __name__,
    Policy(rate_limited=False, for_programs=True),
    url_prefix="/health",
    description="For who runs this.",
    statuses=(),
)
READY = {"ok", "degraded"}  # what a check says while requests may be sent
MIN_FREE_BYTES = 2**25  # where the database and the index are written


@blp.route("/live")
class Live(MethodView):
    @blp.arguments(LanguageQuery, location="query")
    @blp.response(200, problems.Live)
    def get(self, _query: dict[str, Any]) -> dict[str, Any]:
        """Tell that this process answers.

        For who runs this: restart the process when it does not answer.
        """
        return {"status": "ok"}


@blp.route("/ready")
class Ready(MethodView):
    @blp.arguments(LanguageQuery, location="query")
    @blp.response(200, problems.Ready)
    @blp.alt_responses(503)
    def get(self, _query: dict[str, Any]) -> dict[str, Any]:
        """Tell whether the database answers and the index is of it and level with it.

        For who runs this: send no requests while it answers 503; `checks` says what is wrong.
        ---
        `database` is `unavailable`, or `other-release` when its tables are not of this release.
        `search` is `unavailable`, `no-access` (a search cluster refuses our user), `other-release`
        (another release made the index), `other-history` (the database was restored) or `behind`
        (by more than half a minute); or `degraded` while a part of the index is being repaired:
        then all is answered, but slower, and this answers 200.
        `disk` is there when it is `full`, or nearly. `details` says where the tables and the index
        are; metrics of the server have more.
        """
        report = run_checks()
        if not READY.issuperset(report.checks.values()):
            raise NotReady(report.checks, report.details and _dumped(report.details))
        return {"status": "ok", **{key: part for key, part in vars(report).items() if part}}


@dataclass
class Report:
    """`ok`, or what is wrong, for the database and for search; and `disk` when that is full."""

    checks: dict[str, str]
    details: dict[str, Any] | None = None


def _dumped(details: dict[str, Any]) -> dict[str, Any]:
    dumped: dict[str, Any] = problems.ReadyDetails().dump(details)
    return dumped


def run_checks() -> Report:
    """Look at everything, at this moment."""
    engine = services().search
    full = {} if _has_free_space(services().settings) else {"disk": "full"}
    try:
        with services().database.reading() as session:
            tables = steps.version(session.connection())
            details: dict[str, Any] = {
                "tables": tables,
                "release_tables": steps.newest(),
                "search_engine": "opensearch" if services().settings.search_url else "files",
            }
            if not steps.is_current(session):
                checks = {"database": "other-release", "search": "unknown", **full}
                return Report(checks, details)
            at = now()
            number, since = index_lag(session, engine)
            details["index_lag_changes"] = number
            details["index_lag_seconds"] = round((at - since).total_seconds()) if since else 0
            checks = {"database": "ok", "search": readiness(session, engine, at), **full}
            return Report(checks, details)
    except SQLAlchemyError:
        return Report({"database": "unavailable", "search": "unknown", **full})


def _has_free_space(settings: Settings) -> bool:
    """Whether the folders that this process writes in have room left; PostgreSQL has its own."""
    own = [each for each in folders(settings) if each[0] != "images"]  # lists need none of these
    return all(shutil.disk_usage(folder).free >= MIN_FREE_BYTES for _, folder in own)
