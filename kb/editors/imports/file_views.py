"""/v1/import-files: upload a file first, see what is in it, and then import it by its id."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request

from kb.editors.blueprint import EditorsBlueprint, EditorView, current_editor, database
from kb.editors.idempotency.requests import store_response
from kb.editors.imports.body import MAX_BODY_BYTES
from kb.editors.imports.files import examine
from kb.editors.imports.queries import delete_file, find_file, save_file
from kb.editors.model import ImportFile
from kb.editors.tables.headers import choices
from kb.services import session
from kb.web.addresses import public_address
from kb.web.components import header_refs
from schemas import imports
from schemas.lists import LanguageQuery

BODY = {"application/octet-stream": {"type": "string", "format": "binary"}}
blp = EditorsBlueprint("import_files", __name__, "Files that wait to be imported.")


@blp.route("/import-files")
class ImportFiles(EditorView):
    @blp.arguments(imports.ImportFileQuery, location="query")
    @blp.response(201, imports.ImportFile, headers=header_refs("Location"))
    @blp.body(BODY)
    def post(self, query: dict[str, Any]) -> Response:
        """Upload a file to import: an Excel workbook (.xlsx), CSV, JSON or NDJSON.

        What it is, its content says, whatever its name or Content-Type. The answer tells which
        column each one of a table is, and which it may be. `POST /v1/imports?file=` reads it. It is
        kept for an hour, for you alone; of more than ten, the oldest goes.
        """
        request.max_content_length = MAX_BODY_BYTES
        content = request.get_data()
        facts = examine(content)
        with database().transaction() as writing:
            file = save_file(writing, content, query["name"], facts, current_editor().owner)
            response = jsonify(imports.ImportFile().dump(_body(file)))
            response.status_code = 201
            response.headers["Location"] = public_address(f"/v1/import-files/{file.id}")
            store_response(writing, response)
        return response


@blp.route("/import-files/<slug:file_id>")
class OneImportFile(EditorView):
    @blp.arguments(LanguageQuery, location="query")
    @blp.response(200, imports.ImportFile)
    def get(self, _query: dict[str, Any], file_id: str) -> dict[str, Any]:
        """Read again what is in a file that you uploaded.

        While it is kept; 404 after that, and for everybody else.
        """
        return _body(find_file(session(), file_id, current_editor().owner))

    @blp.arguments(LanguageQuery, location="query")
    @blp.response(204)
    def delete(self, _query: dict[str, Any], file_id: str) -> None:
        """Have a file forgotten before its hour is over.

        The dry runs of it are forgotten too; what was imported from it stays.
        """
        with database().transaction() as writing:
            delete_file(writing, find_file(writing, file_id, current_editor().owner).id)


def _body(file: ImportFile) -> dict[str, Any]:
    """A file, ready to be dumped."""
    head = {"id": file.id, "name": file.name, "at": file.at, "expires_at": file.expires_at}
    return head | file.facts | {"choices": list(choices())}
