"""/v1/imports, /v1/cases/_validate and /v1/schemas/case: documents in bulk, and help with them."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any

from flask import Response, current_app, jsonify, request
from flask.views import MethodView
from flask_babel import gettext

from kb.bodies import check_media, read_json
from kb.database import now, session
from kb.editors import advice, intake, rows
from kb.editors.http import EditorsBlueprint, ForEditors, database, editor
from kb.editors.keyed_posts import store_response
from kb.editors.model import Import
from kb.problems import (
    MOST_ERRORS,
    N_,
    Forbidden,
    InvalidInput,
    Misplaced,
    Mistake,
    TooLarge,
    UnknownId,
)
from kb.web import Blueprint, public_address, told_mistake
from schemas import imports, json_schema
from schemas.lists import LanguageQuery
from schemas.terms import language

LINES = "application/x-ndjson"
LARGEST = 2**25  # bytes of all documents together
MOST = 1000  # documents; errors that a report lists, beside the first of each row
blp = EditorsBlueprint("imports", __name__, "Many documents at once, and help while writing.")
public = Blueprint("schemas", __name__, url_prefix="/v1", description="What a document may be.")


@blp.route("/imports")
class Imports(ForEditors):
    @blp.arguments(imports.ImportQuery, location="query")
    @blp.response(201, imports.Import)
    def post(self, query: dict[str, Any]) -> Response:
        """Take over an array of documents, or a document on each line (NDJSON)."""
        dry_run, publish = query["dry_run"] == "true", query["publish"] == "true"
        if publish:
            editor().must_be("publisher")
            if current_app.extensions["kb.settings"].four_eyes:
                raise Forbidden(
                    N_("Publishing at once is for where four eyes are not asked for; leave it out.")
                )
        told = _documents()
        return _take(told, publish=publish, dry_run=dry_run)


def _documents() -> list[rows.Told]:
    """The documents of the body, numbered. Raises TooLarge, InvalidInput."""
    request.max_content_length = LARGEST
    check_media("application/json", LINES)
    told: Iterable[rows.Told]
    if request.mimetype == LINES:
        told = rows.from_lines(request.get_data().split(b"\n"))
    else:
        listed = read_json()
        if not isinstance(listed, list):
            mistake = Mistake("wrong-type", {"expected": "list"})
            raise InvalidInput([Misplaced(mistake, "body", "")])
        told = enumerate(listed, start=1)
    found = list(told)
    if len(found) > MOST:
        text = N_("Send at most %(most)s documents at once; “kb import” takes more.")
        raise TooLarge(text, most=MOST)
    return found


def _take(told: list[rows.Told], *, publish: bool, dry_run: bool) -> Response:
    who = editor().owner
    report = intake.take(database(), told, author=who, publish=publish, dry_run=dry_run)
    said = {
        "id": None if dry_run else secrets.token_hex(12),
        "dry_run": dry_run,
        "totals": report.totals,
        "rows": _told_rows(report.rows),
    }
    answer = jsonify(imports.Import().dump(said))
    if dry_run:
        return answer
    answer.status_code = 201
    answer.headers["Location"] = public_address(f"/v1/imports/{said['id']}")
    with database().transaction() as session:
        session.add(Import(id=said["id"], owner=who, at=now(), report=answer.get_json()))
        store_response(session, answer)
    if publish:
        current_app.extensions["kb.follow"](0)
    return answer


def _told_rows(done: Iterable[intake.Row]) -> list[dict[str, Any]]:
    """What became of each row; of a rejected one the first errors, as many as fit the report."""
    left, rows = MOST, []
    for row in done:
        errors = row.errors[: max(1, min(MOST_ERRORS, left))]
        left -= len(errors)
        rows.append(_told_row(row, errors))
    return rows


def _told_row(row: intake.Row, errors: intake.Found) -> dict[str, Any]:
    return {
        "row": row.number,
        "id": row.id,
        "outcome": row.outcome,
        "errors": [told_mistake(Misplaced(mistake, "body", at)) for at, mistake in errors],
        "error_count": len(row.errors),
    }


@blp.route("/imports/<slug:import_id>")
class OneImport(ForEditors):
    @blp.arguments(LanguageQuery, location="query")
    @blp.response(200, imports.Import)
    def get(self, _query: dict[str, Any], import_id: str) -> Response:
        """Read again what an import did with each document."""
        kept = session().get(Import, import_id)
        if kept is None:
            raise UnknownId(import_id, ())
        return jsonify(kept.report)


@blp.route("/cases/_validate")
class Validations(ForEditors):
    writes_nothing = True

    @blp.arguments(LanguageQuery, location="query")
    @blp.response(200, imports.Validation)
    def post(self, _query: dict[str, Any]) -> dict[str, Any]:
        """Try a document: what stands in the way of publishing it, and advice; nothing is saved."""
        errors, found = advice.validate(session(), read_json())
        return {
            "valid": not errors,
            "errors": [told_mistake(Misplaced(mistake, "body", at)) for at, mistake in errors],
            "advice": [
                {
                    "code": each.code,
                    "pointer": each.pointer,
                    "detail": gettext(each.detail) % each.values,
                    "related": each.related,
                }
                for each in found
            ],
        }


@public.route("/schemas/case")
class CaseSchema(MethodView):
    @public.arguments(LanguageQuery, location="query")
    @public.response(200, {"type": "object"})
    def get(self, _query: dict[str, Any]) -> Response:
        """Read the JSON Schema of a case: what a draft may have, and what publishing needs."""
        return jsonify(json_schema.case_schema(language()))
