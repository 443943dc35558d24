"""Our content in the words of schema.org, as nodes of linked data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kb.kinds import KINDS
from kb.sharing.authors import authors
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
TEXTS = {  # keys that hold running text, and what schema.org calls them
    "summary": "abstract",
    "description": "description",
    "definition": "description",
    "avoidance": "disambiguatingDescription",
    "conditions": "disambiguatingDescription",
}


def thing(told: Mapping[str, Any], base: str) -> Node:
    """A thing as JSON tells it, in the words of schema.org."""
    node: Node = {}
    if "_links" in told:
        node |= iri(told["_links"]["self"]["href"])
    page = told.get("_links", {}).get("html")
    node |= {
        "@type": KINDS[told["type"]].schema_org_type,
        "name": _name_of(told),
        "identifier": told["id"],
    }
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
            for collection in (kind.collection for kind in KINDS.values() if kind.model)
        ],
    }
    return site, catalogue


def _parts(told: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for kind in KINDS.values():
        if kind.is_owned:
            for part in told.get(kind.collection) or ():
                yield kind.name, part


def _terms(told: Mapping[str, Any], base: str) -> Iterator[Node]:
    for key, scheme in SCHEMES.items():
        given = told.get(key) or []
        for term in given if isinstance(given, list) else [given]:
            node = iri(term_address(base, scheme, term["id"]))
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
