"""/v1/imports, /v1/cases/_validate and /v1/schemas/case: documents in bulk, and help with them."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from itertools import islice
from typing import Any

from flask import Response, jsonify, request
from flask.views import MethodView

from kb.database import now
from kb.editors import advice
from kb.editors.http import EditorsBlueprint, ForEditors, database, editor, told_advice
from kb.editors.idempotency.requests import store_response
from kb.editors.imports import intake, rows
from kb.editors.model import Import
from kb.editors.tables import spreadsheet
from kb.input_errors import MAX_ERRORS, InputError, Mistake
from kb.problems import Forbidden, InvalidInput, TooLarge, UnknownId, UnsupportedMediaType
from kb.services import services, session
from kb.translation import N_
from kb.vocabulary.terms import language
from kb.web.addresses import public_address
from kb.web.blueprint import Blueprint
from kb.web.components import header_refs
from kb.web.errors import error_item
from kb.web.parsing import check_media_type, read_json
from schemas import imports, json_schema
from schemas.lists import LanguageQuery

LINES = "application/x-ndjson"
CSV = "text/csv"
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CHARSETS = {  # that a table may say it is in, and what Python calls these
    **dict.fromkeys(("utf-8", "utf8"), "utf-8"),
    **dict.fromkeys(("windows-1252", "cp1252", "iso-8859-1", "latin1", "latin-1"), "windows-1252"),
    **{"utf-16": "utf-16", "utf-16le": "utf-16-le", "utf-16be": "utf-16-be"},
}
LARGEST = 2**25  # bytes of all documents together
MOST = 1000  # documents; errors that a report lists, beside the first of each row
DOCUMENTS: dict[str, dict[str, Any]] = {
    "application/json": {
        "type": "array",
        "items": {
            "description": "A case; one that is wrong is told in its row, and harms no other."
        },
    },
    LINES: {"type": "string"},
    CSV: {"type": "string"},
    WORKBOOK: {"type": "string", "format": "binary"},
}
blp = EditorsBlueprint("imports", __name__, "Many documents at once, and help while writing.")
public = Blueprint("schemas", __name__, url_prefix="/v1", description="What a document may be.")


@blp.route("/imports")
class Imports(ForEditors):
    @blp.arguments(imports.ImportQuery, location="query")
    @blp.response(201, imports.Import, headers=header_refs("Location"))
    @blp.alt_response(200, schema=imports.Import, headers=header_refs())
    @blp.body(DOCUMENTS)
    def post(self, query: dict[str, Any]) -> Response:
        """Take over documents: an array, one on each line (NDJSON), or a table (CSV, .xlsx).

        Each document is taken over by itself: one that is wrong is rejected, with all its errors,
        and harms no other. A key that is left out stays as it is, and so does a part that is left
        out of `place`, or of an item that was there already (by its id, or else by its title, claim
        or name); `null` and `[]` make empty. `changes` tells this key by key, and `advice` what is
        saved in another spelling. A table (CSV, .xlsx) has the columns of the codebook
        (docs/codebook.md); there an empty cell is left out. A row without an id is about the case
        with the same title, municipality and first year, when it has all three, and else begins a
        new one. Sending the same again changes nothing. At most 1,000 documents; a dry run does the
        very same, takes it back and answers 200.
        """
        dry_run, publish = query["dry_run"] == "true", query["publish"] == "true"
        if publish:
            editor().must_be("publisher")
            if services().settings.four_eyes:
                raise Forbidden(
                    N_("Publishing at once is for where four eyes are not asked for; leave it out.")
                )
        told, table = _documents()
        return _take(told, table, publish=publish, dry_run=dry_run)


def _documents() -> tuple[list[rows.Told], spreadsheet.Table | None]:
    """The documents of the body, numbered, and how a table was read.

    Raises TooLarge, InvalidInput, UnsupportedMediaType.
    """
    request.max_content_length = LARGEST
    told: Iterable[rows.Told]
    table = _table()
    if table:
        told = table.rows
    elif request.mimetype == LINES:
        check_media_type(LINES)
        told = rows.from_lines(request.get_data().split(b"\n"))
    else:
        check_media_type("application/json", LINES, CSV, WORKBOOK)
        listed = read_json()
        if not isinstance(listed, list):
            mistake = Mistake("wrong-type", {"expected": "list"})
            raise InvalidInput([InputError(mistake, "body", "")])
        told = enumerate(listed, start=1)
    found = list(islice(told, MOST + 1))
    if len(found) > MOST:
        text = N_("Send at most %(most)s documents at once; “kb import” takes more.")
        raise TooLarge(text, most=MOST)
    return found, table


def _table() -> spreadsheet.Table | None:
    """The table in the body, when it has one. Raises UnsupportedMediaType."""
    if request.mimetype not in {CSV, WORKBOOK}:
        return None
    charset = request.mimetype_params.get("charset", "").lower()
    known = request.mimetype == CSV and charset in CHARSETS
    if request.headers.get("Content-Encoding") or (charset and not known):
        text = N_("Send %(expected)s in UTF-8, UTF-16 or Windows-1252, and not compressed.")
        raise UnsupportedMediaType(text, CSV)
    if request.mimetype == WORKBOOK:
        return spreadsheet.read_xlsx(request.get_data())
    return spreadsheet.read_csv(request.get_data(), CHARSETS.get(charset))


def _take(
    told: list[rows.Told], table: spreadsheet.Table | None, *, publish: bool, dry_run: bool
) -> Response:
    who = editor().owner
    report = intake.take(database(), told, author=who, publish=publish, dry_run=dry_run)
    said = {
        "id": None if dry_run else secrets.token_hex(12),
        "dry_run": dry_run,
        "table": table,
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
        services().after_publication(0)
    return answer


def _told_rows(done: Iterable[intake.Row]) -> list[dict[str, Any]]:
    """What became of each row; of a rejected one the first errors, as many as fit the report."""
    left, advice_left, rows = MOST, MAX_ERRORS, []
    for row in done:
        errors = row.errors[: max(1, left)]
        left -= len(errors)
        found = told_advice(advice.normalised(row.respelt[:advice_left]))
        advice_left -= len(found)
        rows.append(_told_row(row, errors) | {"advice": found})
    return rows


def _told_row(row: intake.Row, errors: intake.Found) -> dict[str, Any]:
    told = [
        error_item(InputError(mistake, "body", at))
        | ({"cell": row.cells[at]} if at in row.cells else {})
        for at, mistake in errors
    ]
    return {
        "row": row.number,
        "id": row.id,
        "outcome": row.outcome,
        "errors": told,
        "error_count": row.error_count,
        "changes": row.changes,
    }


@blp.route("/imports/<slug:import_id>")
class OneImport(ForEditors):
    @blp.arguments(LanguageQuery, location="query")
    @blp.response(200, imports.Import)
    def get(self, _query: dict[str, Any], import_id: str) -> Response:
        """Read again what an import did with each document.

        As it was answered then.
        """
        kept = session().get(Import, import_id)
        if kept is None:
            raise UnknownId(import_id, ())
        return jsonify(kept.report)


@blp.route("/cases/_validate")
class Validations(ForEditors):
    writes_nothing = True

    @blp.arguments(LanguageQuery, location="query")
    @blp.response(200, imports.Validation)
    @blp.body({"application/json": {"description": "What would be sent as a case."}})
    @blp.alt_responses(409)
    def post(self, _query: dict[str, Any]) -> dict[str, Any]:
        """Try a document: what stands in the way of publishing it, and advice; nothing is saved.

        The same checks as when it is published. `advice` tells of likely duplicates, missing
        evidence, ingredients that the text seems to mention, and texts that would be saved in
        another spelling.
        """
        errors, found = advice.validate(session(), read_json())
        return {
            "valid": not errors,
            "errors": [
                error_item(InputError(mistake, "body", at)) for at, mistake in errors[:MAX_ERRORS]
            ],
            "error_count": len(errors),
            "advice": told_advice(found),
            "advice_count": len(found),
        }


@public.route("/schemas/case")
class CaseSchema(MethodView):
    @public.arguments(LanguageQuery, location="query")
    @public.response(200, {"type": "object"})
    def get(self, _query: dict[str, Any]) -> Response:
        """Read the JSON Schema of a case: what a draft may have, and what publishing needs.

        JSON Schema 2020-12, for editors' tools. What publishing needs on top of a draft is marked
        with `x-required-to-publish`.
        """
        return jsonify(json_schema.case_schema(language()))
