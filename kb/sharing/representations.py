"""Other representations than JSON, of a page of a list and of one thing.

Each view says which it has; `kb.web` chooses by `format` or Accept.
What people download (`UNPAGED`) is the whole list, whichever page was asked for: `exports.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import Response, g
from flask_babel import gettext
from markupsafe import Markup

from kb.cases.model import Published
from kb.kinds import kind_of
from kb.search import service
from kb.services import services
from kb.sharing import (
    atom,
    case_feed,
    csv_items,
    exports,
    list_titles,
    rdf,
    references,
    schema_org,
    skos,
)
from kb.sharing.last_change import last_change
from kb.vocabulary.terms import Scheme, language
from kb.web.addresses import public_address
from kb.web.headers import set_page_links
from kb.web.negotiation import REPRESENTATIONS
from schemas.base import cached_schema

Document = Mapping[str, Any]  # a thing as the API has it in JSON
UNPAGED = {"csv", "ndjson", "bibtex", "ris"}
REFERENCES = {"bibtex", "ris", "csl"}


def write_list(list_request: service.ListRequest) -> Response:
    """A list in the representation of this request: whole, or a page with links to the next."""
    if g.representation in UNPAGED:
        return exports.export_list(list_request)
    if g.representation == "atom" and "sort" not in list_request.parameters:
        parameters = {**list_request.parameters, "sort": ("-updatedAt",)}
        list_request = replace(list_request, parameters=parameters)
    list_request = replace(list_request, whole_items=True, highlight=False)
    page = service.list_page(services().search, list_request)
    documents = [item.document for item in page.items]
    links = {name.strip("_"): link["href"] for name, link in page.links.items()}
    set_page_links(page.links)
    if g.representation == "atom":
        moments = [item.updated_at or last_change() for item in page.items]
        return _response(_feed(list_request, list(zip(documents, moments, strict=True)), links))
    nodes = [schema_org.thing(document, public_address()) for document in documents]
    first = (page.page["number"] - 1) * page.page["size"] + 1
    total = page.page["total_items"]
    return _linked_data(schema_org.item_list(nodes, links["self"], total, first))


def _feed(
    list_request: service.ListRequest,
    entries: list[tuple[Document, datetime]],
    links: Mapping[str, str],
) -> bytes:
    return atom.write_feed(
        entries,
        title=list_titles.list_title(services().search, list_request),
        page=public_address(list_titles.page_path(list_request)),
        links=links,
        changed_at=max((moment for _, moment in entries), default=None) or last_change(),
        language=language(),
        rights=gettext(atom.RIGHTS),
        licence=rdf.LICENCE,
    )


def write_item(row: Document | Published | Scheme | tuple[Scheme, ...]) -> Response:
    """A case, a study or some vocabularies in the representation of this request."""
    base = public_address()
    if isinstance(row, Scheme | tuple):
        schemes = row if isinstance(row, tuple) else (row,)
        return _linked_data(*(node for each in schemes for node in skos.scheme_nodes(each, base)))
    document = document_of(row)
    if g.representation == "atom":
        return _response(case_feed.write_case_feed(document))
    if g.representation in REFERENCES:
        return _response(references.write_references([document], g.representation))
    if g.representation == "csv":
        table = csv_items.rows(list(document), [document], exports.csv_separator())
        response = _response("".join(table))
        response.headers["Row-Count"] = "1"
        return response
    if g.representation == "ndjson":
        return _response(exports.json_line(document))
    return _linked_data(schema_org.thing(document, base))


def document_of(row: Document | Published) -> Document:
    """A thing as the API has it in JSON."""
    if isinstance(row, Mapping):
        return row
    document: Document = cached_schema(kind_of(type(row)).schema()).dump(row)
    return document


def write_table(lines: Iterable[Iterable[Any]]) -> Response:
    """A table that is made of cells already, its header first, as CSV."""
    table = list(csv_items.table(lines, exports.csv_separator()))
    response = _response("".join(table))
    response.headers["Row-Count"] = str(len(table) - 1)
    return response


def write_things(documents: Sequence[Document]) -> Response:
    """Things of any kinds as a table, or their references."""
    if g.representation in REFERENCES:
        return _response(references.write_references(documents, g.representation))
    keys = list(dict.fromkeys(key for document in documents for key in document))
    response = _response("".join(csv_items.rows(keys, documents, exports.csv_separator())))
    response.headers["Row-Count"] = str(len(documents))
    return response


def json_ld_of(document: Document) -> Markup:
    """What the page of a thing is about, for a script element in it."""
    return rdf.json_ld_in_page(schema_org.thing(document, public_address()))


def json_ld_of_site(about: str) -> Markup:
    """The whole site, for a script element of its front page; `about` says what it is for."""
    return rdf.json_ld_in_page(*schema_org.website(atom.NAME, about, public_address()))


def _linked_data(*nodes: rdf.Node) -> Response:
    write = rdf.json_ld if g.representation == "jsonld" else rdf.turtle
    return _response(write(*nodes))


def _response(body: str | bytes) -> Response:
    return Response(body, content_type=REPRESENTATIONS[g.representation].content_type)
