"""What the head of a page says to those who pass it on: its card, and how to refer to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from flask import request

from kb import image_names
from kb.kinds import CASE
from kb.pages.links import current_address
from kb.sharing import citations
from kb.sharing.references import as_publication
from kb.vocabulary.terms import language
from kb.web.addresses import public_address
from kb.web.translation import gettext

Document = Mapping[str, Any]  # what a page is about, as the API has it in JSON
LOCALES = {"nl": "nl_NL", "en": "en_GB"}
PICTURE = ("/static/share.png", "1200", "630")  # with its width and height in pixels
MAX_DESCRIPTION_LENGTH = 200  # characters


def open_graph(title: str, document: Document | None = None) -> list[tuple[str, str]]:
    """The card of a page: properties of Open Graph and their contents."""
    url = public_address(quote(request.path)) if document else current_address()
    return [
        ("og:title", title),
        ("og:description", _description(document or {})),
        ("og:url", url),
        ("og:type", "article" if document else "website"),
        ("og:site_name", gettext("Knowledge base on mixed neighbourhoods")),
        ("og:locale", LOCALES[language()]),
        *((f"og:image{name}", value) for name, value in _picture(document or {}).items()),
    ]


def _picture(document: Document) -> dict[str, str]:
    """The first image of a case, or else that of the knowledge base: what is said of it."""
    image = next(iter(document.get("images") or ()), None)
    if image:
        file = image_names.jpeg_file(image["id"])
        width, height = str(file.width), str(file.height)
        address, media_type, alt = public_address(file.path), "image/jpeg", image["alt"]
    else:
        path, width, height = PICTURE
        address, media_type = public_address(path), "image/png"
        alt = gettext("Three houses of different heights, with the name of the knowledge base")
    values = ((":type", media_type), (":width", width), (":height", height), (":alt", alt))
    return {"": address, **dict(values)}


def _description(document: Document) -> str:
    """The first words of a document's text; of other pages what the site is for."""
    keys = ("summary", "answer", "description", "definition")
    text = next((document[key] for key in keys if document.get(key)), "")
    words = " ".join(text.split())
    if not words:
        words = gettext(
            "Cases, active ingredients, pitfalls and research on mixed neighbourhoods, with their "
            "sources."
        )
    if len(words) <= MAX_DESCRIPTION_LENGTH:
        return words
    start = words[:MAX_DESCRIPTION_LENGTH]
    return f"{start.rpartition(' ')[0] or start}…"


def citation_tags(document: Document | None) -> list[tuple[str, str]]:
    """The tags by which reference managers know the publication that a page is about."""
    if not document or document.get("type") != "study":
        return []
    return citations.highwire(document)


def reference(document: Document) -> str:
    """How to refer to a publication, or to one of our own texts."""
    return citations.reference(as_publication(document), gettext("n.d."))


def finding_reference(finding: Document) -> str:
    """How to refer to a finding; in the text of its case it has no address of its own."""
    owner = finding["id"].partition("--")[0]
    page = {"href": public_address(f"{CASE.page_path}/{owner}#{finding['id']}")}
    links = finding.get("_links") or {"html": page}
    return reference({**finding, "type": "finding", "title": finding["claim"], "_links": links})
