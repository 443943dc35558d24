"""/v1/cases/{id}/renames, and the same of other kinds: another id."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from sqlalchemy.orm import Session

from kb.cases.aliases import Thing
from kb.cases.changes import Change
from kb.database import now
from kb.editors import renaming
from kb.editors.blueprint import EditorsBlueprint, PublisherThingView, current_editor, database
from kb.editors.idempotency.requests import store_response
from kb.kinds import KINDS
from kb.services import services
from kb.web.addresses import public_address
from kb.web.components import header_refs
from schemas import renames
from schemas.lists import LanguageQuery

blp = EditorsBlueprint("renaming", __name__, "Another id; the former one redirects.")


@blp.for_each_kind("/<id>/renames")
class Renames(PublisherThingView):
    @blp.arguments(LanguageQuery, location="query")
    @blp.arguments(renames.Rename)
    @blp.response(201, renames.Renamed, headers=header_refs("Location"))
    @blp.alt_responses(410)
    def post(self, _query: dict[str, Any], body: dict[str, Any], thing: Thing) -> Response:
        """Give a {kind} another id; the former one redirects, and is never given to another.

        What it owns, its draft, its versions and what others say of it follow.
        Reading a former id answers 301; writing to one is 404 with the new id in `suggestions`. In
        `/v1/changes` the former id is withdrawn and the new one created. A former id is given to
        nothing else; the {kind} itself may have it back.
        """
        wanted, who = body["slug"], current_editor().owner
        renamed = Thing(thing.kind, wanted)

        def rename(session: Session) -> Change | None:
            change = renaming.rename(session, thing, wanted, who=who, at=now())
            store_response(session, _renamed(renamed, change, searchable=False))
            return change

        change = database().write(rename)
        follow = services().after_publication
        searchable = change is not None and follow(change.number)
        return _renamed(renamed, change, searchable=searchable)


def _renamed(thing: Thing, change: Change | None, *, searchable: bool) -> Response:
    """What renaming did; what is not public yet has no change, and is read as a draft."""
    number = change.number if change else None
    response = jsonify({"id": thing.slug, "change": number, "searchable": searchable})
    response.status_code = 201
    address, below = f"/v1/{KINDS[thing.kind].collection}/{thing.slug}", "" if change else "/draft"
    response.headers["Location"] = public_address(f"{address}{below}")
    return response
