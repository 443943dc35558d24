"""Vocabularies as SKOS: a concept scheme, and a concept for each term."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kb.sharing.rdf import LICENCE, Node, iri, term_address
from kb.vocabulary.terms import Scheme, Term, schemes


def scheme_nodes(scheme: Scheme, base: str) -> Iterator[Node]:
    """A scheme and its concepts; the broader ones of another scheme stand in that one."""
    address = f"{base}/v1/vocabularies/{scheme.id}"
    top = [iri(term_address(base, scheme.id, term.id)) for term in scheme.in_order if not _up(term)]
    yield iri(address) | {
        "@type": "skos:ConceptScheme",
        "skos:prefLabel": _labels(scheme.labels.items()),
        "dct:title": _labels(scheme.labels.items()),
        "dct:license": iri(LICENCE),
        **({"skos:hasTopConcept": top} if top else {}),
    }
    for term in scheme.in_order:
        yield _concept(term, address, base)


def _concept(term: Term, scheme: str, base: str) -> Node:
    above, below = _up(term), _down(term)
    node = iri(term_address(base, term.scheme, term.id)) | {
        "@type": "skos:Concept",
        "skos:inScheme": iri(scheme),
        "skos:notation": term.id,
        "skos:prefLabel": _labels(term.labels.items()),
        "skos:altLabel": _labels(_other_names(term)),
        "skos:definition": [{"@value": term.definition, "@language": "nl"}],
        "skos:broader": [iri(term_address(base, each.scheme, each.id)) for each in above],
        "skos:narrower": [iri(term_address(base, each.scheme, each.id)) for each in below],
    }
    if not above:
        node["skos:topConceptOf"] = iri(scheme)
    return {key: value for key, value in node.items() if value != []}


def _labels(labels: Iterable[tuple[str, str]]) -> list[Node]:
    return [{"@value": label, "@language": language} for language, label in labels]


def _other_names(term: Term) -> Iterator[tuple[str, str]]:
    """Synonyms by language, each once and none that is the label itself (SKOS, S13)."""
    for language, words in term.synonyms.items():
        for word in dict.fromkeys(words):
            if word != term.labels[language]:
                yield language, word


def _up(term: Term) -> list[Term]:
    if term.broader is None:
        return []
    own = schemes()[term.scheme].terms
    return [own.get(term.broader) or schemes()["ingredient-groups"].terms[term.broader]]


def _down(term: Term) -> list[Term]:
    near = [term.scheme, *(["ingredients"] if term.scheme == "ingredient-groups" else [])]
    return [each for name in near for each in schemes()[name].in_order if term in _up(each)]
