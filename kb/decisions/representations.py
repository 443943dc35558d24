"""Things as texts for people: Word and Markdown, beside the representations that sharing writes."""

from __future__ import annotations

from typing import Any

from flask import Response, g

from kb.decisions import report_markdown, report_word
from kb.decisions.dossier import Dossier
from kb.decisions.report import Report
from kb.decisions.thing_report import dossier_report, thing_report
from kb.sharing import representations
from kb.web.negotiation import REPRESENTATIONS

TEXTS = ("markdown", "docx")


def write_item(row: Any) -> Response:
    """One thing, or some vocabularies, in the representation of this request."""
    if g.representation not in TEXTS:
        return representations.write_item(row)
    document = representations.document_of(row)
    return write_report(thing_report(document), document["id"])


def write_dossier(dossier: Dossier, address: str) -> Response:
    """A dossier in the representation of this request; `address` is that of its page."""
    if g.representation not in TEXTS:
        return representations.write_things(dossier.documents)
    return write_report(dossier_report(dossier, address), "dossier")


def write_report(report: Report, name: str) -> Response:
    """A report as Markdown, or as a Word document to be saved under a name."""
    content_type = REPRESENTATIONS[g.representation].content_type
    if g.representation == "markdown":
        return Response(report_markdown.write(report), content_type=content_type)
    response = Response(report_word.write(report), content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.docx"'
    return response
