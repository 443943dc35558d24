"""/v1/changes: what happened since, for who keeps a copy."""

from __future__ import annotations

from typing import Any

from flask import request
from flask.views import MethodView

from kb.cases.changes import changed_since, last_number
from kb.database import session
from kb.problems import InvalidInput, Misplaced, Mistake
from kb.web import Blueprint, public_address
from schemas import changes

blp = Blueprint("changes", __name__, url_prefix="/v1/changes", description="What happened since.")


@blp.route("")
class Changes(MethodView):
    @blp.arguments(changes.ChangesQuery, location="query")
    @blp.response(200, changes.Changes)
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """Follow what is public: everything created, updated or withdrawn since a cursor."""
        cursor, size = query["cursor"], query["page_size"]
        last = last_number(session())
        if cursor > last:  # of another database, or of one that was restored from an older backup
            mistake = Mistake("out-of-range", {"minimum": 0, "maximum": last})
            raise InvalidInput([Misplaced(mistake, "query", "cursor")])
        found = changed_since(session(), cursor, size)
        reached = found[-1].number if found else cursor
        links = {"self_": _part(query, cursor)}
        if reached < last:
            links["next"] = _part(query, reached)
        return {"items": found, "next_cursor": str(reached), "links": links}


def _part(query: dict[str, Any], cursor: int) -> dict[str, str]:
    asked = {"cursor": cursor, "pageSize": query["page_size"]}
    asked |= {"lang": query["lang"]} if "lang" in query else {}
    told = "&".join(f"{name}={value}" for name, value in asked.items())
    return {"href": f"{public_address(request.path)}?{told}"}
