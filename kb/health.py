"""Does the process answer, does the database, and is the index level with it."""

from __future__ import annotations

import shutil
from typing import Any

from flask.views import MethodView
from sqlalchemy.exc import SQLAlchemyError

from kb.database import now
from kb.migrations import steps
from kb.operating_state import folders
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
        `disk` is there when it is `full`, or nearly.
        """
        checks = run_checks()
        if not READY.issuperset(checks.values()):
            raise NotReady(checks)
        return {"status": "ok", "checks": checks}


def run_checks() -> dict[str, str]:
    """`ok`, or what is wrong, for the database and for search; and `disk` when that is full."""
    database = services().database
    engine = services().search
    full = {} if _has_free_space(services().settings) else {"disk": "full"}
    try:
        with database.reading() as session:
            if not steps.is_current(session):
                return {"database": "other-release", "search": "unknown", **full}
            return {"database": "ok", "search": readiness(session, engine, now()), **full}
    except SQLAlchemyError:
        return {"database": "unavailable", "search": "unknown", **full}


def _has_free_space(settings: Settings) -> bool:
    """Whether the folders that this process writes in have room left; PostgreSQL has its own."""
    own = [each for each in folders(settings) if each[0] != "images"]  # lists need none of these
    return all(shutil.disk_usage(folder).free >= MIN_FREE_BYTES for _, folder in own)
