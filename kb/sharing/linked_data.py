"""What is public as linked data: one tree of nodes, written as JSON-LD and as Turtle.

The tree is JSON-LD in which every address is `{"@id": …}` and every text in a language
`{"@value": …, "@language": …}`, so that both forms say the same. Terms of schema.org stand bare,
others with a prefix.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from kb.sharing.authors import authors

SCHEMA = "https://schema.org/"
PREFIXES = {
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "dct": "http://purl.org/dc/terms/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
}
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
SCHEMES = {  # by the key under which a thing has their terms
    "strategies": "strategies",
    "targetGroups": "target-groups",
    "ingredients": "ingredients",
    "scale": "scales",
    "status": "statuses",
    "kind": "kinds",
    "category": "pitfall-categories",
    "phase": "phases",
    "domain": "effect-domains",
    "level": "effect-levels",
    "direction": "effect-directions",
    "evidence": "evidence-levels",
    "theme": "themes",
    "broader": "ingredient-groups",
}
TYPES = {
    "case": "Article",
    "pitfall": "CreativeWork",
    "finding": "Claim",
    "study": "Report",
    "question": "Question",
    "ingredient": "DefinedTerm",
}
TEXTS = {  # keys that hold running text, and what schema.org calls them
    "summary": "abstract",
    "description": "description",
    "definition": "description",
    "avoidance": "disambiguatingDescription",
    "conditions": "disambiguatingDescription",
}
AS_IT_IS: dict[str, Any] = {"ensure_ascii": False, "separators": (",", ":")}
Node = dict[str, Any]


def iri(address: str) -> Node:
    """An address as a node; what may not stand in one is percent-encoded."""
    return {"@id": quote(address, safe="!#$%&'()*+,/:;=?@[]~-._")}


def dutch(text: str) -> Node:
    """A text of the content, which is Dutch."""
    return {"@value": text, "@language": "nl"}


def term_iri(base: str, scheme: str, term: str) -> str:
    """The address of a term, below that of its vocabulary."""
    return f"{base}/v1/vocabularies/{scheme}#{term}"


def thing(told: Mapping[str, Any], base: str) -> Node:
    """A thing as JSON tells it, in the words of schema.org."""
    node: Node = {}
    if "_links" in told:
        node |= iri(told["_links"]["self"]["href"])
    page = told.get("_links", {}).get("html")
    node |= {"@type": TYPES[told["type"]], "name": _name_of(told), "identifier": told["id"]}
    node |= {"mainEntityOfPage": iri(page["href"])} if page else {}
    node |= _rights(told)
    for key, name in TEXTS.items():
        if told.get(key):
            node[name] = dutch(told[key])
    node["about"] = list(_terms(told, base))
    node |= _of_a_case(told, base) | _of_a_publication(told)
    parts = [thing({"type": kind, **part}, base) for kind, part in _parts(told)]
    node["subjectOf" if told["type"] == "study" else "hasPart"] = parts
    if told.get("answer"):
        behind = [iri(f"{base}/v1/studies/{study['id']}") for study in told["studies"]]
        node["acceptedAnswer"] = {"@type": "Answer", "text": dutch(told["answer"])}
        node["acceptedAnswer"] |= {"citation": behind} if behind else {}
    return {key: value for key, value in node.items() if value not in (None, [])}


def _rights(told: Mapping[str, Any]) -> Node:
    """The language and the licence of what we wrote; a publication has its own, unknown to us.

    Of a publication only the description is ours, which `sdLicense` is for.
    """
    if told["type"] == "ingredient":
        return {}
    if told["type"] == "study":
        return {"sdLicense": iri(LICENCE)}
    return {"inLanguage": "nl", "license": iri(LICENCE)}


def _name_of(told: Mapping[str, Any]) -> Any:
    """What a thing is called; the name of a term is in the language of the request, or in all.

    A publication may have any language, so the name of a study says none.
    """
    if told["type"] == "study":
        return told["title"]
    if told["type"] == "ingredient":
        labels = told.get("labels", {}).items()
        return [{"@value": text, "@language": code} for code, text in labels] or told["title"]
    return dutch(told.get("title") or told["claim"])


def website(name: str, about: str, base: str) -> tuple[Node, Node]:
    """The site, with how to search it, and the catalogue of all that can be taken over."""
    forms = {"ndjson": "application/x-ndjson", "csv": "text/csv"}  # these are the whole list
    site = iri(f"{base}/") | {
        "@type": "WebSite",
        "name": name,
        "description": about,
        "url": iri(f"{base}/"),
        "potentialAction": {
            "@type": "SearchAction",
            "target": {
                "@type": "EntryPoint",
                "urlTemplate": f"{base}/zoeken?q={{search_term_string}}",
            },
            "query-input": "required name=search_term_string",
        },
    }
    catalogue = iri(f"{base}/#catalogue") | {
        "@type": "DataCatalog",
        "name": name,
        "license": iri(LICENCE),
        "dataset": [
            iri(f"{base}/v1/{collection}")
            | {
                "@type": "Dataset",
                "name": f"{name}: {collection}",
                "description": about,
                "license": iri(LICENCE),
                "distribution": [
                    {
                        "@type": "DataDownload",
                        "encodingFormat": media,
                        "contentUrl": iri(f"{base}/v1/{collection}?format={form}"),
                    }
                    for form, media in forms.items()
                ],
            }
            for collection in ("cases", "pitfalls", "findings", "studies", "questions")
        ],
    }
    return site, catalogue


def _parts(told: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for kind, key in (("pitfall", "pitfalls"), ("finding", "findings")):
        for part in told.get(key) or ():
            yield kind, part


def _terms(told: Mapping[str, Any], base: str) -> Iterator[Node]:
    for key, scheme in SCHEMES.items():
        given = told.get(key) or []
        for term in given if isinstance(given, list) else [given]:
            node = iri(term_iri(base, scheme, term["id"]))
            yield node | {"@type": "DefinedTerm", "name": term["label"], "termCode": term["id"]}


def _of_a_case(told: Mapping[str, Any], base: str) -> Node:
    if told["type"] != "case":
        return {}
    body = "\n\n".join(filter(None, (told.get(key) for key in BODY)))
    return {
        "articleBody": dutch(body) if body else None,
        "contentLocation": _place(told["place"]),
        "temporalCoverage": _years(told["startYear"], told["endYear"]),
        "isBasedOn": told.get("archetype") and iri(f"{base}/v1/cases/{told['archetype']['id']}"),
        "dateModified": _moment(told.get("updatedAt")),
        "datePublished": _moment(told.get("publishedAt")),
        "version": told.get("version"),
        "contributor": [
            {"@type": "Organization", "name": party["name"]} for party in told.get("parties") or ()
        ],
        "citation": [
            {"@type": "CreativeWork", "name": source["title"]} | _of_a_publication(source)
            for source in told.get("sources") or ()
        ],
    }


NOT_IN_PAGE = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}
BODY = ("context", "approach", "results", "collaboration")


def _of_a_publication(told: Mapping[str, Any]) -> Node:
    writers = [each for each in authors(told.get("authors") or ()) if not each.stands_for_others]
    found = {
        "author": [
            {"@type": "Person" if each.is_person else "Organization", "name": each.name}
            for each in writers
        ],
        "datePublished": str(told["year"]) if told.get("year") else None,
        "publisher": told.get("publisher") and {"@type": "Organization", "name": told["publisher"]},
        "url": iri(told["url"]) if told.get("url") else None,
    }
    return {key: value for key, value in found.items() if value}


def _place(place: Mapping[str, str | None]) -> Node | None:
    keys = {
        "addressLocality": "municipality",
        "addressRegion": "province",
        "addressCountry": "country",
    }
    address = {name: place[key] for name, key in keys.items() if place[key]}
    if not address:
        return None
    name = place["neighbourhood"] or place["municipality"] or place["province"] or place["country"]
    return {"@type": "Place", "name": name, "address": {"@type": "PostalAddress"} | address}


def _years(start: int | None, end: int | None) -> str | None:
    return f"{start or '..'}/{end or '..'}" if start or end else None


def _moment(text: str | None) -> Node | None:
    return text and {"@value": text, "@type": "xsd:dateTime"}  # type: ignore[return-value]


def item_list(items: Iterable[Node], address: str, total: int, first: int) -> Node:
    """A page of a list; `first` is the place of its first item, counted from 1."""
    return iri(address) | {
        "@type": "ItemList",
        "numberOfItems": total,
        "itemListElement": [
            {"@type": "ListItem", "position": place, "item": item}
            for place, item in enumerate(items, start=first)
        ],
    }


def json_ld(*nodes: Node) -> str:
    """The tree as JSON-LD; its context is in it, so nobody has to fetch one."""
    written: dict[str, Node] = {}
    once = [_written_once(node, written) for node in nodes]
    body = json.dumps(once[0] if len(once) == 1 else {"@graph": once}, **AS_IT_IS)
    context = json.dumps({"@vocab": SCHEMA, **_used_in(body)}, **AS_IT_IS)
    return f'{{"@context":{context},{body[1:]}'


def _used_in(written: str) -> dict[str, str]:
    """The prefixes that a text needs."""
    return {name: address for name, address in PREFIXES.items() if f"{name}:" in written}


def _written_once(value: Any, written: dict[str, Node]) -> Any:
    """A value in which each node is whole the first time; after that its address is enough."""
    if isinstance(value, list):
        return [_written_once(each, written) for each in value]
    if not isinstance(value, dict):
        return value
    address = value.get("@id")
    if address in written and written[address] == value:
        return {"@id": address}
    if address and len(value) > 1:
        written.setdefault(address, value)
    return {key: _written_once(each, written) for key, each in value.items()}


def in_page(*nodes: Node) -> Markup:
    """The tree as JSON-LD for a script element; no text in it can close that or open another."""
    return Markup(json_ld(*nodes).translate(NOT_IN_PAGE))  # noqa: S704 - that is what it is for


def turtle(*nodes: Node) -> str:
    """The tree as Turtle, every node with an address once, with all that is said of it."""
    said: dict[str, dict[str, None]] = {}
    nameless = []
    todo = deque(nodes)
    while todo:
        node = todo.popleft()
        pairs = _pairs(node, todo)
        if "@id" in node:
            said.setdefault(node["@id"], {}).update(dict.fromkeys(pairs))
        elif pairs:
            nameless.append(f"[]\n    {_joined(pairs)} .\n")
    told = [f"<{address}>\n    {_joined(pairs)} .\n" for address, pairs in said.items() if pairs]
    body = "\n".join(told + nameless)
    known = {**_used_in(body), "schema": SCHEMA}
    lines = [f"@prefix {name}: <{address}> ." for name, address in known.items()]
    return "\n".join([*lines, "", body])


def _joined(pairs: Iterable[str]) -> str:
    return " ;\n    ".join(pairs)


def _pairs(node: Node, todo: deque[Node]) -> list[str]:
    """The properties of a node; the nodes with an address below it are added to `todo`."""
    pairs = []
    for key, value in node.items():
        if key == "@id":
            continue
        name = "a" if key == "@type" else _name(key)
        for each in value if isinstance(value, list) else [value]:
            pairs.append(f"{name} {_name(each) if key == '@type' else _object(each, todo)}")
    return pairs


def _name(name: str) -> str:
    return name if ":" in name else f"schema:{name}"


def _object(value: Any, todo: deque[Node]) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return _quoted(value)
    if "@value" in value:
        kind = f"@{value['@language']}" if "@language" in value else f"^^{_name(value['@type'])}"
        return _quoted(value["@value"]) + kind
    if "@id" in value:
        if len(value) > 1:
            todo.append(value)
        return f"<{value['@id']}>"
    return f"[ {_joined(_pairs(value, todo))} ]"


ESCAPES = str.maketrans(
    {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    | {chr(code): f"\\u{code:04X}" for code in (*range(9), 11, 12, *range(14, 32), 127)}
)


def _quoted(text: str) -> str:
    return f'"{text.translate(ESCAPES)}"'
