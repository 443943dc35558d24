"""Lists as Atom (RFC 4287), so that any search can be followed with a feed reader."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from xml.etree import ElementTree as Xml

from kb.database import format_utc
from kb.translation import N_

ATOM = "http://www.w3.org/2005/Atom"
INVALID_CHARACTERS = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
Document = Mapping[str, Any]  # a thing as the API has it in JSON
NAME = "Kennisbank gemengde wijken"
RIGHTS = N_("Our descriptions are CC BY 4.0. Publications have rights of their own.")
DUTCH = {"xml:lang": "nl"}  # as what we write is, in a feed of any language
Xml.register_namespace("", ATOM)


def write_feed(
    entries: Sequence[tuple[Document, datetime]],
    *,
    title: str,
    page: str,
    links: Mapping[str, str],
    changed_at: datetime,
    language: str,
    rights: str,
    licence: str,
) -> bytes:
    """A feed of documents, each with when it changed, in UTF-8.

    `page` is where people read the same list, `links` are those of the list by their relation;
    `changed_at` is of the newest entry, and `rights` says what `licence` is about.
    """
    root = Xml.Element(f"{{{ATOM}}}feed", {"xml:lang": language})
    _add(root, "link", rel="alternate", href=page, type="text/html")  # readers take the first
    _add(root, "id", links["self"])
    _add(root, "title", title)
    _add(root, "updated", format_utc(changed_at))
    _add(_add(root, "author"), "name", NAME)
    for rel, href in links.items():
        _add(root, "link", rel=rel, href=href, type="application/atom+xml")
    _add(root, "rights", rights)
    _add(root, "link", rel="license", href=licence)  # RFC 4946; last, or it passes for our home
    for document, moment in entries:
        _fill_entry(_add(root, "entry"), document, moment)
    written: bytes = Xml.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _fill_entry(entry: Xml.Element, document: Document, moment: datetime) -> None:
    links = document["_links"]
    _add(entry, "id", links["self"]["href"])
    _add(entry, "title", document["title"], **_language_of_title(document["type"]))
    _add(entry, "updated", format_utc(moment))
    _add(entry, "summary", document["summary"], **DUTCH)
    page = links.get("html")
    if page:
        _add(entry, "link", rel="alternate", href=page["href"], type="text/html")
    rel = "related" if page else "alternate"
    _add(entry, "link", rel=rel, href=links["self"]["href"], type="application/json")
    if image := document.get("image"):
        _add(entry, "link", rel="enclosure", href=image["href"], type="image/jpeg")
    for term in _terms(document):
        _add(entry, "category", term=term["id"], label=term["label"])


def _terms(document: Document) -> Iterator[Mapping[str, str]]:
    """The terms of a document, under any of its keys."""
    for value in document.values():
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, Mapping) and each.keys() == {"id", "label"}:
                yield each


def _language_of_title(kind: str) -> Mapping[str, str]:
    """Ours are Dutch, a publication's is unknown; labels are in the language of the feed."""
    return {"study": {"xml:lang": ""}, "ingredient": {}}.get(kind, DUTCH)


def _add(parent: Xml.Element, name: str, text: str | None = None, **attributes: str) -> Xml.Element:
    clean = {key: INVALID_CHARACTERS.sub("\ufffd", value) for key, value in attributes.items()}
    child = Xml.SubElement(parent, f"{{{ATOM}}}{name}", clean)
    child.text = None if text is None else INVALID_CHARACTERS.sub("\ufffd", text)
    return child
