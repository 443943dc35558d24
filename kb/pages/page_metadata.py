"""What a page tells those who pass it on: cards of social media, references, files and feeds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from flask import request
from flask_babel import gettext

from kb.kinds import BY_COLLECTION, LIST_REPRESENTATIONS
from kb.sharing import citations
from kb.translation import N_
from kb.vocabulary.terms import language
from kb.web.addresses import local_address, public_address
from kb.web.negotiation import REPRESENTATIONS

LOCALES = {"nl": "nl_NL", "en": "en_GB"}
PICTURE = ("/static/share.png", "1200", "630")  # with its width and height in pixels
LONGEST = 200  # characters of a description
WHOLE_LISTS = ("csv", "ndjson", "bibtex", "ris")  # other forms have one page of a list
NAMES: Mapping[str, str] = {  # of forms, for people
    "csv": N_("Table (CSV)"),
    "ndjson": N_("Data, one on each line (NDJSON)"),
    "bibtex": N_("References (BibTeX)"),
    "ris": N_("References for EndNote, Zotero or Mendeley (RIS)"),
    "jsonld": N_("Linked data (JSON-LD)"),
    "turtle": N_("Linked data (Turtle)"),
}


@dataclass(frozen=True)
class Download:
    """A file that can be taken along."""

    name: str
    address: str
    media: str


def open_graph(title: str, thing: Mapping[str, Any] | None = None) -> list[tuple[str, str]]:
    """The card of a page (Open Graph); `thing` is what the page is about, as the API tells it."""
    here = public_address(quote(request.path))
    if request.query_string and not thing:
        here = f"{here}?{request.query_string.decode('ascii', 'replace')}"
    picture, width, height = PICTURE
    return [
        ("og:title", title),
        ("og:description", _description(thing or {})),
        ("og:url", here),
        ("og:type", "article" if thing else "website"),
        ("og:site_name", gettext("Knowledge base on mixed neighbourhoods")),
        ("og:locale", LOCALES[language()]),
        ("og:image", public_address(picture)),
        ("og:image:type", "image/png"),
        ("og:image:width", width),
        ("og:image:height", height),
        (
            "og:image:alt",
            gettext("Three houses of different heights, with the name of the knowledge base"),
        ),
    ]


def _description(thing: Mapping[str, Any]) -> str:
    """The first words of what a thing says; of other pages what the site is for."""
    keys = ("summary", "answer", "description", "definition")
    text = next((thing[key] for key in keys if thing.get(key)), "")
    words = " ".join(text.split())
    if not words:
        words = gettext(
            "Cases, active ingredients, pitfalls and research on mixed neighbourhoods, with their "
            "sources."
        )
    if len(words) <= LONGEST:
        return words
    return f"{words[:LONGEST].rpartition(' ')[0] or words[:LONGEST]}…"


def citation_tags(thing: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """The tags by which reference managers know the publication that a page is about."""
    if not thing or thing.get("type") != "study":
        return []
    return citations.highwire(thing)


def reference(thing: Mapping[str, Any]) -> str:
    """How to refer to a publication, or to one of our own texts."""
    publication = thing if thing["type"] == "study" else _our_own(thing)
    return citations.reference(publication, gettext("n.d."))


def _our_own(thing: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "title": thing["title"],
        "year": int(thing["updatedAt"][:4]) if thing.get("updatedAt") else None,
        "publisher": gettext("Knowledge base on mixed neighbourhoods"),
        "url": thing["_links"]["html"]["href"],
    }


def downloads(api_address: str, *, whole_list: bool) -> list[Download]:
    """The files of a list, or of one thing, for which the API has its address."""
    collection = api_address.removeprefix(local_address("/v1/")).partition("?")[0].split("/")[0]
    kind = BY_COLLECTION.get(collection)
    offered: tuple[str, ...] = LIST_REPRESENTATIONS  # of /v1/search
    if kind:
        offered = kind.list_representations if whole_list else kind.representations
    found = []
    for representation, name in NAMES.items():
        if representation not in offered or (whole_list and representation not in WHOLE_LISTS):
            continue
        address = f"{api_address}{'&' if '?' in api_address else '?'}format={representation}"
        media = REPRESENTATIONS[representation].media_type
        if representation == "csv":
            excel = gettext("Table for Excel (CSV with semicolons)")
            found.append(Download(excel, f"{address}&csvSeparator=semicolon", media))
        found.append(Download(gettext(name), address, media))
    return found
