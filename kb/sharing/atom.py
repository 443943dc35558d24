"""Lists as Atom (RFC 4287), so that any search can be followed with a feed reader."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from xml.etree import ElementTree as Xml

from kb.database import format_utc

ATOM = "http://www.w3.org/2005/Atom"
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
NAME = "Kennisbank gemengde wijken"
DUTCH = {"xml:lang": "nl"}  # as what we write is, in a feed of any language
Xml.register_namespace("", ATOM)


def feed(
    title: str,
    entries: Sequence[tuple[Mapping[str, Any], datetime]],
    page: str,
    links: Mapping[str, str],
    changed: datetime,
    language: str,
    rights: str,
    licence: str,
) -> bytes:
    """A feed of things as JSON tells them, each with when it changed.

    `page` is where people read the same list, `links` are those of the list by their relation;
    `changed` is told when there are no entries, and `rights` says what `licence` is about.
    """
    root = Xml.Element(f"{{{ATOM}}}feed", {"xml:lang": language})
    _add(root, "link", rel="alternate", href=page, type="text/html")  # readers take the first
    _add(root, "id", links["self"])
    _add(root, "title", title)
    _add(root, "updated", format_utc(max((moment for _, moment in entries), default=changed)))
    _add(_add(root, "author"), "name", NAME)
    for rel, href in links.items():
        _add(root, "link", rel=rel, href=href, type="application/atom+xml")
    _add(root, "rights", rights)
    _add(root, "link", rel="license", href=licence)  # RFC 4946; last, or it passes for our home
    for told, moment in entries:
        _entry(_add(root, "entry"), told, moment)
    written: bytes = Xml.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _entry(entry: Xml.Element, told: Mapping[str, Any], moment: datetime) -> None:
    links = told["_links"]
    _add(entry, "id", links["self"]["href"])
    _add(entry, "title", told["title"], **_language_of_title(told["type"]))
    _add(entry, "updated", format_utc(moment))
    _add(entry, "summary", told["summary"], **DUTCH)
    page = links.get("html")
    if page:
        _add(entry, "link", rel="alternate", href=page["href"], type="text/html")
    rel = "related" if page else "alternate"
    _add(entry, "link", rel=rel, href=links["self"]["href"], type="application/json")
    for value in told.values():
        for term in value if isinstance(value, list) else [value]:
            if isinstance(term, Mapping) and term.keys() == {"id", "label"}:
                _add(entry, "category", term=term["id"], label=term["label"])


def _language_of_title(kind: str) -> Mapping[str, str]:
    """Ours are Dutch, a publication's is unknown; labels are in the language of the feed."""
    return {"study": {"xml:lang": ""}, "ingredient": {}}.get(kind, DUTCH)


def _add(parent: Xml.Element, name: str, text: str | None = None, **given: str) -> Xml.Element:
    clean = {key: NOT_XML.sub("\ufffd", value) for key, value in given.items()}
    child = Xml.SubElement(parent, f"{{{ATOM}}}{name}", clean)
    child.text = None if text is None else NOT_XML.sub("\ufffd", text)
    return child
