"""Lists as Atom (RFC 4287), so that any search can be followed with a feed reader."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from xml.etree import ElementTree as Xml

ATOM = "http://www.w3.org/2005/Atom"
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
NAME = "Kennisbank gemengde wijken"
Xml.register_namespace("", ATOM)


def feed(
    title: str,
    entries: Sequence[tuple[Mapping[str, Any], datetime]],
    links: Mapping[str, str],
    changed: datetime,
    language: str,
    licence: str,
) -> bytes:
    """A feed of things as JSON tells them, each with when it changed.

    `links` are those of the page by their relation; `changed` is told when there are no entries.
    """
    root = Xml.Element(f"{{{ATOM}}}feed", {"xml:lang": language})
    _add(root, "id", links["self"])
    _add(root, "title", title)
    _add(root, "updated", _moment(max((moment for _, moment in entries), default=changed)))
    _add(_add(root, "author"), "name", NAME)
    _add(root, "rights", "CC BY 4.0")
    _add(root, "link", rel="license", href=licence, type="text/html")  # RFC 4946
    for rel, href in links.items():
        _add(root, "link", rel=rel, href=href, type=TYPES.get(rel, "application/atom+xml"))
    for told, moment in entries:
        _entry(_add(root, "entry"), told, moment)
    written: bytes = Xml.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


TYPES = {"alternate": "application/json"}


def _entry(entry: Xml.Element, told: Mapping[str, Any], moment: datetime) -> None:
    links = told["_links"]
    _add(entry, "id", links["self"]["href"])
    _add(entry, "title", told["title"])
    _add(entry, "updated", _moment(moment))
    _add(entry, "summary", told["summary"])
    page = links.get("html")
    if page:
        _add(entry, "link", rel="alternate", href=page["href"], type="text/html")
    rel = "related" if page else "alternate"
    _add(entry, "link", rel=rel, href=links["self"]["href"], type="application/json")
    for value in told.values():
        for term in value if isinstance(value, list) else [value]:
            if isinstance(term, Mapping) and term.keys() == {"id", "label"}:
                _add(entry, "category", term=term["id"], label=term["label"])


def _add(parent: Xml.Element, name: str, text: str | None = None, **given: str) -> Xml.Element:
    clean = {key: NOT_XML.sub("\ufffd", value) for key, value in given.items()}
    child = Xml.SubElement(parent, f"{{{ATOM}}}{name}", clean)
    child.text = None if text is None else NOT_XML.sub("\ufffd", text)
    return child


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
