"""Our content in the words of schema.org, as nodes of linked data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kb.cases.years import iso_month
from kb.kinds import KINDS
from kb.sharing.authors import parse_authors
from kb.sharing.rdf import LICENCE, Node, dutch, iri, term_address

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
Document = Mapping[str, Any]  # a thing as the API has it in JSON
BODY = ("context", "approach", "results", "collaboration")  # of a case
EXPORTS = {"ndjson": "application/x-ndjson", "csv": "text/csv"}  # of a whole list
TEXTS = {  # keys that hold running text, and what schema.org calls them
    "summary": "abstract",
    "description": "description",
    "definition": "description",
    "avoidance": "disambiguatingDescription",
    "conditions": "disambiguatingDescription",
}


def thing(document: Document, base: str) -> Node:
    """A thing as a node: its type in schema.org, its properties, and nodes of what it owns."""
    node: Node = {}
    if "_links" in document:
        node |= iri(document["_links"]["self"]["href"])
    page = document.get("_links", {}).get("html")
    node |= {
        "@type": KINDS[document["type"]].schema_org_type,
        "name": _name_of(document),
        "identifier": document["id"],
    }
    node |= {"mainEntityOfPage": iri(page["href"])} if page else {}
    node |= _rights(document)
    for key, name in TEXTS.items():
        if document.get(key):
            node[name] = dutch(document[key])
    node["about"] = list(_terms(document, base))
    node |= _of_a_case(document, base) | _of_a_publication(document)
    parts = [thing({"type": kind, **part}, base) for kind, part in _parts(document)]
    node["subjectOf" if document["type"] == "study" else "hasPart"] = parts
    if document.get("answer"):
        behind = [iri(f"{base}/v1/studies/{study['id']}") for study in document["studies"]]
        node["acceptedAnswer"] = {"@type": "Answer", "text": dutch(document["answer"])}
        node["acceptedAnswer"] |= {"citation": behind} if behind else {}
    return {key: value for key, value in node.items() if value not in (None, [])}


def _rights(document: Document) -> Node:
    """The language and the licence of what we wrote; a publication has its own, unknown to us.

    Of a publication only the description is ours, which `sdLicense` is for.
    """
    if document["type"] == "ingredient":
        return {}
    if document["type"] == "study":
        return {"sdLicense": iri(LICENCE)}
    return {"inLanguage": "nl", "license": iri(LICENCE)}


def _name_of(document: Document) -> Any:
    """The name of a thing; that of a term is in the language of the request, or in all.

    A publication may have any language, so the name of a study says none.
    """
    if document["type"] == "study":
        return document["title"]
    if document["type"] == "ingredient":
        labels = document.get("labels", {}).items()
        return [{"@value": text, "@language": code} for code, text in labels] or document["title"]
    return dutch(document.get("title") or document["claim"])


def website(name: str, about: str, base: str) -> tuple[Node, Node]:
    """The site, with how to search it, and the catalogue of all that can be taken over."""
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
            _dataset(f"{name}: {kind.collection}", about, f"{base}/v1/{kind.collection}")
            for kind in KINDS.values()
            if kind.model
        ],
    }
    return site, catalogue


def _dataset(name: str, about: str, address: str) -> Node:
    """A collection of the API, with the files that hold all of it."""
    return iri(address) | {
        "@type": "Dataset",
        "name": name,
        "description": about,
        "license": iri(LICENCE),
        "distribution": [
            {
                "@type": "DataDownload",
                "encodingFormat": media_type,
                "contentUrl": iri(f"{address}?format={representation}"),
            }
            for representation, media_type in EXPORTS.items()
        ],
    }


def _parts(document: Document) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for kind in KINDS.values():
        if kind.is_owned:
            for part in document.get(kind.collection) or ():
                yield kind.name, part


def _terms(document: Document, base: str) -> Iterator[Node]:
    for key, scheme in SCHEMES.items():
        terms = document.get(key) or []
        for term in terms if isinstance(terms, list) else [terms]:
            node = iri(term_address(base, scheme, term["id"]))
            yield node | {"@type": "DefinedTerm", "name": term["label"], "termCode": term["id"]}


def _of_a_case(document: Document, base: str) -> Node:
    if document["type"] != "case":
        return {}
    body = "\n\n".join(filter(None, (document.get(key) for key in BODY)))
    return {
        "articleBody": dutch(body) if body else None,
        "contentLocation": _place(document["place"]),
        "temporalCoverage": _years(document["startYear"], document["endYear"]),
        "isBasedOn": document.get("archetype")
        and iri(f"{base}/v1/cases/{document['archetype']['id']}"),
        "dateModified": _moment(document.get("updatedAt")),
        "datePublished": _moment(document.get("publishedAt")),
        "version": document.get("version"),
        "contributor": [
            {"@type": "Organization", "name": party["name"]}
            for party in document.get("parties") or ()
        ],
        "mentions": [
            {
                "@type": "Event",
                "name": dutch(event["what"]),
                "startDate": iso_month(event["year"], event["month"]),
            }
            for event in document.get("events") or ()
        ],
        "image": [_image(each) for each in document.get("images") or ()],
        "citation": [
            {"@type": "CreativeWork", "name": source["title"]} | _of_a_publication(source)
            for source in document.get("sources") or ()
        ],
    }


def _image(image: Document) -> Node:
    """An image with its maker; a licence that is an address is one that machines can follow."""
    licence = image["licence"]
    terms = {"license": iri(licence)} if "://" in licence else {"copyrightNotice": licence}
    return iri(image["href"]) | {
        "@type": "ImageObject",
        "contentUrl": iri(image["href"]),
        "caption": dutch(image["alt"]),
        "creditText": image["maker"],
        **terms,
    }


def _of_a_publication(document: Document) -> Node:
    writers = [each for each in parse_authors(document.get("authors") or ()) if not each.is_et_al]
    node = {
        "author": [
            {"@type": "Person" if each.is_person else "Organization", "name": each.name}
            for each in writers
        ],
        "datePublished": str(document["year"]) if document.get("year") else None,
        "publisher": document.get("publisher")
        and {"@type": "Organization", "name": document["publisher"]},
        "url": iri(document["url"]) if document.get("url") else None,
    }
    return {key: value for key, value in node.items() if value}


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
