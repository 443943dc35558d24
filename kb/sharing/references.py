"""What somebody refers to who uses a thing: our own text of it, and the publications behind it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kb.cases import queries
from kb.cases.model import Study
from kb.services import session
from kb.sharing import citations
from kb.web.translation import gettext
from schemas.base import cached_schema
from schemas.studies import StudyItem

Document = Mapping[str, Any]  # a thing as the API has it in JSON
OWN_TYPE = {"id": "webpagina"}  # the type of source that our own texts are


def write_references(documents: Iterable[Document], representation: str) -> str:
    """The references of things, each once, for a reference manager."""
    publications = list(_each_once(documents))
    if representation == "csl":
        items = [item for each in publications for item in citations.csl([each])]
        return json.dumps(items, ensure_ascii=False, indent=1) + "\n"
    return "\n".join(citations.WRITERS[representation](publications))


def as_publication(document: Document) -> Document:
    """One of our own texts as a publication of ours; a study is its own."""
    if document["type"] == "study":
        return document
    updated_at = document.get("updatedAt")
    return {
        "id": document["id"],
        "title": document.get("title") or document["label"],
        "year": int(str(updated_at)[:4]) if updated_at else None,
        "publisher": gettext("Knowledge base on mixed neighbourhoods"),
        "url": document["_links"]["html"]["href"],
        "sourceType": OWN_TYPE,
    }


def _each_once(documents: Iterable[Document]) -> Iterator[Document]:
    seen = set()
    for document in documents:
        for publication in (as_publication(document), *_behind(document)):
            if publication["id"] not in seen:
                seen.add(publication["id"])
                yield publication


def _behind(document: Document) -> Iterator[Document]:
    """The publications on which a thing rests; those of a case are called after it."""
    if document["type"] == "case":
        yield from (_owned(document["id"], source) for source in document["sources"])
    elif document["type"] == "finding" and (source := document["source"]):
        case = document["case"]
        yield _owned(case["id"], source) if case else source
    elif document["type"] == "question":
        slugs = [study["id"] for study in document["studies"]]
        studies = queries.many(session(), Study, slugs)
        schema = cached_schema(StudyItem)
        yield from (schema.dump(studies[slug]) for slug in slugs if slug in studies)


def _owned(case: str, source: Document) -> Document:
    return {**source, "id": f"{case}-{source['id']}"}
