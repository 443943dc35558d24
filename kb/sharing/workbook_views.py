"""/v1/case-workbook: public cases as a workbook, for editors who change them in a spreadsheet."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Response

from kb.cases import queries
from kb.cases.model import Case
from kb.database import now
from kb.editors import audit
from kb.editors.blueprint import EditorsBlueprint, EditorView, current_editor
from kb.editors.imports.body import XLSX
from kb.editors.tables.xlsx_export import write_workbook
from kb.kinds import CASE
from kb.search.service import list_request, search_all
from kb.services import services, session
from kb.vocabulary.terms import language
from kb.web.parsing import api_parameters
from schemas import imports
from schemas.cases import as_document

WORKBOOK = {XLSX: {"schema": {"type": "string", "format": "binary"}}}
blp = EditorsBlueprint("case_workbooks", __name__, "Cases for spreadsheets.")


@blp.route("/case-workbook")
class CaseWorkbook(EditorView):
    @blp.arguments(imports.CaseWorkbookQuery, location="query")
    @blp.doc(responses={"200": {"description": "The workbook.", "content": WORKBOOK}})
    def get(self, query: dict[str, Any]) -> Response:
        """Public cases as a workbook (.xlsx) to change and to import again.

        Unchanged, it changes nothing. Above the columns stand their titles in the language of the
        request; two more sheets say what the columns and the terms mean.
        """
        is_empty = query.pop("empty") == "true"
        documents = [] if is_empty else _chosen_cases(query)
        thing = f"{len(documents)} cases"
        who = current_editor().owner
        audit.note(services().database, "workbook-exported", who=who, at=now(), thing=thing)
        name = {"nl": "casussen", "en": "cases"}[language()]
        response = Response(write_workbook(documents, language()), content_type=XLSX)
        response.headers["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
        return response


def _chosen_cases(query: dict[str, Any]) -> list[dict[str, Any]]:
    """The public cases that a query chooses, in their order. Raises SearchUnavailable."""
    request = list_request("/cases", (CASE.name,), api_parameters(query))
    items = search_all(services().search, replace(request, whole_items=True, highlight=False)).items
    slugs = [item.document["id"] for item in items]
    rows = queries.many(session(), Case, slugs)
    return [as_document(rows[slug]) for slug in slugs if slug in rows]
