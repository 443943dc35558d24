"""/v1/imports and /v1/cases/_validate: documents in bulk, and help with them."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Response, jsonify

from kb.database import now
from kb.editors import advice
from kb.editors.blueprint import EditorsBlueprint, EditorView, current_editor, database
from kb.editors.idempotency.requests import store_response
from kb.editors.imports.body import BODIES
from kb.editors.imports.intake import import_rows
from kb.editors.imports.queries import last_imports, stored_report
from kb.editors.imports.report import Errors, ImportReport, RowResult
from kb.editors.imports.requests import Order, order_of, read_order
from kb.editors.imports.rows import NumberedRow
from kb.editors.model import Import
from kb.editors.response_bodies import advice_items
from kb.editors.tables.sheet import Table
from kb.input_errors import MAX_ERRORS, InputError
from kb.problems import Forbidden
from kb.services import services, session
from kb.translation import N_
from kb.web.addresses import public_address
from kb.web.components import header_refs
from kb.web.errors import error_item
from kb.web.parsing import read_json
from schemas import imports
from schemas.lists import LanguageQuery

MAX_REPORTED_ERRORS = 1000  # in a report, beside the first of each row
blp = EditorsBlueprint("imports", __name__, "Many documents at once, and help while writing.")


@blp.route("/imports")
class Imports(EditorView):
    @blp.arguments(LanguageQuery, location="query")
    @blp.response(200, imports.ImportList)
    def get(self, _query: dict[str, Any]) -> dict[str, Any]:
        """List your last twenty imports, the newest first.

        Without their rows; dry runs are not among them.
        """
        return {"items": last_imports(session(), current_editor().owner)}

    @blp.arguments(imports.ImportQuery, location="query")
    @blp.response(201, imports.Import, headers=header_refs("Location"))
    @blp.alt_response(200, schema=imports.Import, headers=header_refs())
    @blp.body(BODIES, required=False)
    @blp.alt_responses(404)
    def post(self, query: dict[str, Any]) -> Response:
        """Take over documents: an array, one on each line (NDJSON), or a table (CSV, .xlsx).

        Each document is taken over by itself: one that is wrong is rejected, with all its errors,
        and harms no other. A key that is left out stays as it is, and so does a part that is left
        out of `place`, or of an item that was there already (by its id, or else by its title, claim
        or name); `null` and `[]` make empty. `changes` tells this key by key, and `advice` what is
        saved in another spelling. A table (CSV, .xlsx) has the columns of the codebook
        (docs/codebook.md), or `column` says which they are; there an empty cell is left out. A row
        without an id is about the case with the same title, municipality and first year, when it
        has all three, and else begins a new one. Sending the same again changes nothing. At most
        1,000 documents; a dry run does the very same, takes it back and answers 200. With `file`
        an uploaded file is read, and its dry run can be done for good by `fromDryRun`.
        """
        order = order_of(query)
        if order.publish:
            current_editor().must_be("publisher")
            if services().settings.four_eyes:
                raise Forbidden(
                    N_("Publishing at once is for where four eyes are not asked for; leave it out.")
                )
        rows, table = read_order(order)
        return _import(order, rows, table)


def _import(order: Order, rows: list[NumberedRow], table: Table | None) -> Response:
    """Import the rows, and store the report with the response."""
    author = current_editor().owner
    report = import_rows(
        database(),
        rows,
        author=author,
        publish=order.publish,
        dry_run=order.dry_run,
        bases=order.bases,
    )
    is_stored = not order.dry_run or order.file is not None
    import_id = secrets.token_hex(12) if is_stored else None
    head = {"id": import_id, "at": now(), **order.facts()}
    response = jsonify(imports.Import().dump(head | _report_body(report, table)))
    if import_id is None:
        return response
    row = Import(id=import_id, owner=author, at=head["at"], report=response.get_json())
    if order.file is not None:
        row.file_id = order.file.id
        row.expires_at = order.file.expires_at if order.dry_run else None
    if not order.dry_run:
        response.status_code = 201
    response.headers["Location"] = public_address(f"/v1/imports/{import_id}")
    with database().transaction() as writing:
        writing.add(row)
        store_response(writing, response)
    if order.publish and not order.dry_run:
        services().after_publication(0)
    return response


def _report_body(report: ImportReport, table: Table | None) -> dict[str, Any]:
    """The report, ready to be dumped: of rejected rows as many errors as fit."""
    errors_left, advice_left, rows = MAX_REPORTED_ERRORS, MAX_ERRORS, []
    for row in report.rows:
        errors = row.errors[: max(1, errors_left)]
        errors_left -= len(errors)
        respelt = advice_items(advice.spelling_advice(row.respelt[:advice_left]))
        advice_left -= len(respelt)
        rows.append(_row_body(row, errors) | {"advice": respelt})
    return {"dry_run": report.dry_run, "table": table, "totals": report.totals, "rows": rows}


def _row_body(row: RowResult, errors: Errors) -> dict[str, Any]:
    items = [
        error_item(InputError(mistake, "body", pointer))
        | ({"cell": row.cells[pointer]} if pointer in row.cells else {})
        for pointer, mistake in errors
    ]
    return {
        "row": row.number,
        "id": row.id,
        "title": row.title,
        "basis": row.basis,
        "outcome": row.outcome,
        "errors": items,
        "error_count": row.error_count,
        "changes": row.changes,
    }


@blp.route("/imports/<slug:import_id>")
class OneImport(EditorView):
    @blp.arguments(LanguageQuery, location="query")
    @blp.response(200, imports.Import)
    def get(self, _query: dict[str, Any], import_id: str) -> Response:
        """Read again what an import did with each document.

        As it was answered then; the dry run of an uploaded file can be read while the file is kept.
        """
        return jsonify(stored_report(session(), import_id))


@blp.route("/cases/_validate")
class Validations(EditorView):
    ignores_keys = True

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
        errors, notes = advice.validate(session(), read_json())
        return {
            "valid": not errors,
            "errors": [
                error_item(InputError(mistake, "body", pointer))
                for pointer, mistake in errors[:MAX_ERRORS]
            ],
            "error_count": len(errors),
            "advice": advice_items(notes),
            "advice_count": len(notes),
        }
