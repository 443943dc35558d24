"""Other representations than JSON, of lists and of single things: who asks gets one of them.

`REPRESENTATIONS_BY_ENDPOINT` says which each address has; `kb.web` chooses by `format` or Accept.
What people download (a table, lines of JSON, references) is the whole list, whichever page was
asked for; everything else is a page of it, which leads to the next one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any
from urllib.parse import quote

from flask import Response, g, request, stream_with_context
from flask_babel import gettext
from markupsafe import Markup
from sqlalchemy.orm import Session

from kb.cases import queries
from kb.cases.changes import Position, changed_since, last_number, last_position
from kb.cases.model import Case
from kb.database import now
from kb.editors import csv_export
from kb.kinds import KINDS, STUDY
from kb.search import service
from kb.search.engine import Hit, SearchEngine
from kb.services import services, session
from kb.sharing import atom, citations, csv_items, list_titles, rdf, schema_org, skos
from kb.vocabulary.terms import Scheme, fingerprint, language
from kb.web.addresses import public_address
from kb.web.headers import API_VERSION, is_finished
from kb.web.negotiation import REPRESENTATIONS
from schemas import cases, studies
from schemas.base import cached_schema
from schemas.list_parameters import ALL_KEYS
from schemas.lists import ITEMS

LIST = ("json", "atom", "csv", "ndjson", "jsonld", "turtle")
REPRESENTATIONS_BY_ENDPOINT: Mapping[
    str, tuple[str, ...]
] = {  # by endpoint, the first when anything will do
    **{
        f"search.{name}": LIST
        for name in ("Cases", "Pitfalls", "Findings", "Questions", "Ingredients", "Search")
    },
    "search.Studies": (*LIST, "bibtex", "ris"),
    "cases.OneCase": ("json", "csv", "ndjson", "jsonld", "turtle", "bibtex", "ris"),
    "evidence.OneStudy": ("json", "jsonld", "turtle", "bibtex", "ris"),
    "vocabularies.Vocabularies": ("json", "jsonld", "turtle"),
    "vocabularies.OneVocabulary": ("json", "jsonld", "turtle"),
}
BY_FOLDER = {  # where single things are read, by programs and by people (signposting.org)
    **{f"/v1/{kind.collection}": kind for kind in KINDS.values() if kind.model},
    **{kind.page_path: kind for kind in KINDS.values() if kind.page_path},
}
WHOLE = {"csv", "ndjson", "bibtex", "ris"}  # of a list, not a page of it
MOST = 10**8  # things in a list
AT_ONCE = 200  # rows that are read together
IN_A_PART = 50  # rows that are sent together
CITED: Mapping[str, Callable[..., Iterator[str]]] = {
    "bibtex": citations.bibtex,
    "ris": citations.ris,
}
SINGLE = {"case": cases.Case, "study": studies.Study}


def write_list(asked: service.ListRequest) -> Response:
    """A list in the chosen form."""
    if g.representation in WHOLE:
        return _whole_list(asked)
    if g.representation == "atom" and "sort" not in asked.parameters:
        asked = replace(asked, parameters={**asked.parameters, "sort": ("-updatedAt",)})
    answer = service.list_page(_engine(), session(), asked)
    items = [_item(listed) for listed in answer.items]
    links = {name.strip("_"): link["href"] for name, link in answer.links.items()}
    g.links = [(links[rel], rel) for rel in ("next", "prev") if rel in links]
    if g.representation == "atom":
        moments = [_changed(listed.row) for listed in answer.items]
        entries = list(zip(items, moments, strict=True))
        return _answer(_feed(asked, entries, links))
    first = (answer.page["number"] - 1) * answer.page["size"] + 1
    nodes = [schema_org.thing(item, public_address()) for item in items]
    total = answer.page["total_items"]
    return _linked(schema_org.item_list(nodes, links["self"], total, first))


def _feed(
    asked: service.ListRequest,
    entries: list[tuple[dict[str, Any], datetime]],
    links: Mapping[str, str],
) -> bytes:
    return atom.feed(
        list_titles.title(session(), asked),
        entries,
        public_address(list_titles.page_of(asked)),
        links,
        last_change(),
        language(),
        gettext("Our descriptions are CC BY 4.0. Publications have rights of their own."),
        rdf.LICENCE,
    )


def describe(told: Mapping[str, Any]) -> Markup:
    """A thing as JSON tells it, for the page about it: JSON-LD that is safe in a script element."""
    return rdf.json_ld_in_page(schema_org.thing(told, public_address()))


def describe_site(about: str) -> Markup:
    """The whole site, for its front page."""
    return rdf.json_ld_in_page(*schema_org.website(atom.NAME, about, public_address()))


def signpost(response: Response) -> Response:
    """Tell machines what a single thing is, under which address to cite it, and its licence."""
    folder, _, slug = request.path.rpartition("/")
    kind = BY_FOLDER.get(folder) if request.view_args else None
    if not kind or response.status_code not in {200, 304} or is_finished():
        return response
    document = public_address(f"/v1/{kind.collection}/{quote(slug)}")
    page = public_address(f"{kind.page_path}/{quote(slug)}") if kind.page_path else document
    signs = [(page, "cite-as")]
    if folder == kind.page_path:
        signs.append((document, 'describedby"; type="application/json'))
        signs.append((f"{rdf.SCHEMA}AboutPage", "type"))
    signs.append((f"{rdf.SCHEMA}{kind.schema_org_type}", "type"))
    if kind is not STUDY:  # a publication has a licence of its own
        signs.append((rdf.LICENCE, "license"))
    for address, relation in signs:
        response.headers.add("Link", f'<{address}>; rel="{relation}"')
    return response


def write_thing(kind: str, found: Any) -> Response:
    """A case, study or vocabulary in the chosen form."""
    base = public_address()
    if kind == "vocabularies":
        return _linked(*(node for each in found for node in skos.scheme_nodes(each, base)))
    if isinstance(found, Scheme):
        return _linked(*skos.scheme_nodes(found, base))
    told = cached_schema(SINGLE[kind]).dump(found)
    if g.representation in CITED:
        owned = kind == "case"
        publications = told["sources"] if owned else [told]
        return _answer(
            "\n".join(CITED[g.representation](publications, told["id"] if owned else ""))
        )
    if g.representation == "csv":
        answer = _answer("".join(csv_items.rows(list(told), [told], _separator())))
        answer.headers["Row-Count"] = "1"
        return answer
    if g.representation == "ndjson":
        return _answer(_line(told))
    return _linked(schema_org.thing(told, base))


def _whole_list(asked: service.ListRequest) -> Response:
    """All of a list, sent while it is read; how many rows there are is told before."""
    interpretation, result = service.search_part(_engine(), asked, 0, MOST)
    database = services().database
    opened = ExitStack()  # until the answer was sent, or left unsent
    reading = opened.enter_context(database.reading())
    moment = last_position(reading)  # of all that is read from here on
    keys = asked.parameters.get("fields") or ()
    shown = {"id", "type", *keys}
    query = None  # neither a table nor a reference shows what matched
    if interpretation and g.representation == "ndjson":
        query = interpretation.query

    def items() -> Iterator[dict[str, Any]]:
        for start in range(0, len(result.hits), AT_ONCE):
            some = result.hits[start : start + AT_ONCE]
            for listed in service.list_items(reading, some, query):
                told = _item(listed)
                yield {key: told[key] for key in told if not keys or key in shown}
            reading.expunge_all()

    lines: Iterator[str]
    if ALL_KEYS in keys:
        lines = _whole_cases(reading, result.hits)
    elif g.representation in CITED:
        keys = ()
        lines = (f"{each}\n" for each in CITED[g.representation](items()))
    elif g.representation == "csv":
        columns = [key for key in _keys_of(asked.types) if not keys or key in shown]
        lines = csv_items.rows(columns, items(), _separator())
    else:
        lines = (_line(told) for told in items())
    answer = Response(
        stream_with_context(_in_parts(lines)),
        content_type=REPRESENTATIONS[g.representation].content_type,
    )
    answer.implicit_sequence_conversion = False  # or all is read first, to count its bytes
    answer.headers["Row-Count"] = str(result.total)
    answer.call_on_close(opened.close)
    if moment == (result.state.change, result.state.mark):  # hits and rows are of one moment
        answer.set_etag(_etag(moment))
    return answer


def _separator() -> str:
    """What parts the cells of a table: a comma, unless another was asked for."""
    return csv_items.SEPARATORS[request.args.get("csvSeparator", "comma")]


def _whole_cases(reading: Session, hits: Sequence[Hit]) -> Iterator[str]:
    """The lines of whole cases, as an import takes them."""
    whole = _cases(reading, [hit.id for hit in hits])
    if g.representation == "csv":
        return csv_export.table_of(reading, whole, _separator())
    return (_line(cached_schema(cases.Case).dump(case)) for case in whole)


def _cases(session: Session, slugs: Sequence[str]) -> Iterator[Any]:
    for start in range(0, len(slugs), AT_ONCE):
        some = slugs[start : start + AT_ONCE]
        found = queries.many(session, Case, some)
        yield from (found[slug] for slug in some if slug in found)
        session.expunge_all()


def _in_parts(lines: Iterator[str]) -> Iterator[str]:
    """Some lines at a time: each part is sent by itself."""
    while part := "".join(islice(lines, IN_A_PART)):
        yield part


def _etag(moment: Position) -> str:
    """What a streamed answer is told apart by: everything that it is made from."""
    asked = (request.path, request.query_string, g.representation, language())
    seen = repr((API_VERSION, fingerprint(), *moment, asked))
    return hashlib.sha256(seen.encode()).hexdigest()[:40]


def _keys_of(types: Iterable[str]) -> list[str]:
    """The keys of items of these types, each once, in their order."""
    fields = [field for kind in types for field in cached_schema(ITEMS[kind]).fields.values()]
    return list(dict.fromkeys(field.data_key or "" for field in fields))


def _item(listed: service.ListItem) -> dict[str, Any]:
    told: dict[str, Any] = cached_schema(ITEMS[listed.type]).dump(listed)
    return told


def _changed(row: Any) -> datetime:
    """When a thing changed: it itself, its owner, or anything at all."""
    for each in (row, getattr(row, "case", None), getattr(row, "study", None)):
        moment: datetime | None = getattr(each, "updated_at", None) if each is not None else None
        if moment:
            return moment
    return last_change()


def last_change() -> datetime:
    """When anything changed last; the database is asked once for a whole list."""
    if "last_change" not in g:
        last = last_number(session())
        found = changed_since(session(), last - 1, 1)
        g.last_change = found[0].changed_at if found else now()
    moment: datetime = g.last_change
    return moment


def _line(told: Mapping[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")) + "\n"


def _linked(*nodes: rdf.Node) -> Response:
    written = rdf.json_ld if g.representation == "jsonld" else rdf.turtle
    return _answer(written(*nodes))


def _answer(body: str | bytes) -> Response:
    return Response(body, content_type=_content_type())


def _content_type() -> str:
    return REPRESENTATIONS[g.representation].content_type


def _engine() -> SearchEngine:
    return services().search
