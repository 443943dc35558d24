"""/v1/changes: what happened since, for who keeps a copy."""

from __future__ import annotations

from typing import Any

from flask import request
from flask.views import MethodView

from kb.cases.changes import changed_since, last_number, nonce_of
from kb.input_errors import InputError, Mistake
from kb.problems import InvalidInput
from kb.services import session
from kb.translation import N_
from kb.web.addresses import public_address
from kb.web.blueprint import Blueprint
from schemas import changes

OTHER_HISTORY = N_(
    "The database was restored to a moment before this cursor was given. Begin anew: leave "
    "“cursor” out, take over what comes, and drop what you have that does not come by."
)
blp = Blueprint("changes", __name__, url_prefix="/v1/changes", description="What happened since.")


@blp.route("")
class Changes(MethodView):
    @blp.arguments(changes.ChangesQuery, location="query")
    @blp.response(200, changes.Changes)
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """Follow what is public: everything created, updated or withdrawn since a cursor.

        For who keeps a copy: read on with “nextCursor” until “items” is empty, and come back later
        with the same one. For each change read the thing anew; one that answers 404 or 410 is gone.
        After a restore from a backup a cursor may lie beyond the last change: that is 400, and the
        copy must begin anew.
        """
        cursor, size = query["cursor"], query["page_size"]
        last = last_number(session())
        start = _with_mark(cursor, last)
        page = changed_since(session(), start.number, size)
        end = changes.Cursor(*page[-1].position) if page else start
        links = {"self_": _page_link(query, cursor)}
        if end.number < last:
            links["next"] = _page_link(query, end)
        return {"items": page, "next_cursor": str(end), "links": links}


def _with_mark(cursor: changes.Cursor, last: int) -> changes.Cursor:
    """The cursor with its nonce. Raises InvalidInput when this database never gave it."""
    nonce = nonce_of(session(), cursor.number)
    if nonce and cursor.nonce in {None, nonce}:
        return changes.Cursor(cursor.number, nonce)
    mistake = Mistake("other-history")
    if cursor.nonce is None:
        mistake = Mistake("out-of-range", {"minimum": 0, "maximum": last})
    raise InvalidInput([InputError(mistake, "query", "cursor")], OTHER_HISTORY)


def _page_link(query: dict[str, Any], cursor: changes.Cursor) -> dict[str, str]:
    parameters = {"cursor": cursor, "pageSize": query["page_size"]}
    parameters |= {"lang": query["lang"]} if "lang" in query else {}
    encoded = "&".join(f"{name}={value}" for name, value in parameters.items())
    return {"href": f"{public_address(request.path)}?{encoded}"}
