"""Linked data: a tree of JSON-LD nodes, written as JSON-LD and as Turtle.

In the tree every address is `{"@id": …}` and every text in a language `{"@value": …,
"@language": …}`. Terms of schema.org stand bare, others with one of the `PREFIXES`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import count
from typing import Any
from urllib.parse import quote

from markupsafe import Markup
from rdflib import RDF, BNode, Graph, Literal, URIRef

SCHEMA = "https://schema.org/"
PREFIXES = {
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "dct": "http://purl.org/dc/terms/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "owl": "http://www.w3.org/2002/07/owl#",
}
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
ENDS_SCRIPT = re.compile("[<>&\u2028\u2029]")
COMPACT: dict[str, Any] = {"ensure_ascii": False, "separators": (",", ":")}
Node = dict[str, Any]


def iri(address: str) -> Node:
    """An address as a node; what may not stand in one is percent-encoded."""
    return {"@id": quote(address, safe="!#$%&'()*+,/:;=?@[]~-._")}


def dutch(text: str) -> Node:
    """A text of the content, which is Dutch."""
    return {"@value": text, "@language": "nl"}


def term_address(base: str, scheme: str, term: str) -> str:
    """The address of a term, below that of its vocabulary."""
    return f"{base}/v1/vocabularies/{scheme}#{term}"


def json_ld(*nodes: Node) -> str:
    """The tree as JSON-LD; its context is in it, so nobody has to fetch one."""
    whole: dict[str, Node] = {}
    shortened = [_whole_once(node, whole) for node in nodes]
    body = json.dumps(shortened[0] if len(shortened) == 1 else {"@graph": shortened}, **COMPACT)
    used = {name: address for name, address in PREFIXES.items() if f"{name}:" in body}
    context = json.dumps({"@vocab": SCHEMA, **used}, **COMPACT)
    return f'{{"@context":{context},{body[1:]}'


def _whole_once(value: Any, whole: dict[str, Node]) -> Any:
    """A value in which each node is whole the first time; after that its address is enough."""
    if isinstance(value, list):
        return [_whole_once(each, whole) for each in value]
    if not isinstance(value, dict):
        return value
    address = value.get("@id")
    if address in whole and whole[address] == value:
        return {"@id": address}
    if address and len(value) > 1:
        whole.setdefault(address, value)
    return {key: _whole_once(each, whole) for key, each in value.items()}


def json_ld_in_page(*nodes: Node) -> Markup:
    """The tree as JSON-LD for a script element; no text in it can close that or open another."""
    escaped = ENDS_SCRIPT.sub(lambda sign: f"\\u{ord(sign[0]):04x}", json_ld(*nodes))
    return Markup(escaped)  # noqa: S704 - escaped just here


def turtle(*nodes: Node) -> str:
    """The tree as Turtle: the same triples as `json_ld` has."""
    graph = Graph(bind_namespaces="none")
    for prefix, namespace in {**PREFIXES, "schema": SCHEMA}.items():
        graph.bind(prefix, namespace)
    numbers = count(1)
    for node in nodes:
        _add(graph, node, numbers)
    return graph.serialize(format="turtle")


def _add(graph: Graph, node: Node, numbers: Iterator[int]) -> URIRef | BNode:
    """Add a node and all below it; returns what other nodes refer to it by.

    Nodes without an address are numbered, so that the same tree gives the same text.
    """
    subject = URIRef(node["@id"]) if "@id" in node else BNode(f"b{next(numbers):06}")
    for key, values in node.items():
        for value in values if isinstance(values, list) else [values]:
            if key == "@type":
                graph.add((subject, RDF.type, _term(value)))
            elif key != "@id":
                graph.add((subject, _term(key), _object(graph, value, numbers)))
    return subject


def _object(graph: Graph, value: Any, numbers: Iterator[int]) -> URIRef | BNode | Literal:
    if not isinstance(value, dict):
        return Literal(value)
    if "@value" not in value:
        return _add(graph, value, numbers)
    datatype = _term(value["@type"]) if "@type" in value else None
    return Literal(value["@value"], value.get("@language"), datatype, normalize=False)


def _term(name: str) -> URIRef:
    """A term as the tree writes it: `skos:Concept`, or bare when it is of schema.org."""
    prefix, _, local = name.partition(":")
    return URIRef(PREFIXES[prefix] + local if local else SCHEMA + name)
