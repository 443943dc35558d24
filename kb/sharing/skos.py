"""Vocabularies as SKOS: a concept scheme, and a concept for each term."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kb.sharing.rdf import LICENCE, Node, iri, term_address
from kb.vocabulary.terms import BROADER_SCHEMES, Scheme, Term, schemes


def scheme_nodes(scheme: Scheme, base: str) -> Iterator[Node]:
    """A scheme and its concepts; the broader ones of another scheme stand in that one."""
    address = f"{base}/v1/vocabularies/{scheme.id}"
    top = [
        iri(term_address(base, scheme.id, term.id))
        for term in scheme.in_order
        if not _broader(term)
    ]
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
    broader, narrower = _broader(term), _narrower(term)
    node = iri(term_address(base, term.scheme, term.id)) | {
        "@type": "skos:Concept",
        "skos:inScheme": iri(scheme),
        "skos:notation": term.id,
        "skos:prefLabel": _labels(term.labels.items()),
        "skos:altLabel": _labels(_alternative_labels(term)),
        "skos:definition": [{"@value": term.definition, "@language": "nl"}],
        "skos:broader": [iri(term_address(base, each.scheme, each.id)) for each in broader],
        "skos:narrower": [iri(term_address(base, each.scheme, each.id)) for each in narrower],
    }
    if term.is_deprecated:
        node["owl:deprecated"] = True
    if term.replaced_by:
        node["dct:isReplacedBy"] = iri(term_address(base, term.scheme, term.replaced_by))
    if not broader:
        node["skos:topConceptOf"] = iri(scheme)
    return {key: value for key, value in node.items() if value != []}


def _labels(labels: Iterable[tuple[str, str]]) -> list[Node]:
    return [{"@value": label, "@language": language} for language, label in labels]


def _alternative_labels(term: Term) -> Iterator[tuple[str, str]]:
    """Synonyms by language, each once and none that is the label itself (SKOS, S13)."""
    for language, words in term.synonyms.items():
        for word in dict.fromkeys(words):
            if word != term.labels[language]:
                yield language, word


def _broader(term: Term) -> list[Term]:
    """The broader term, of the scheme that groups this one; empty for none."""
    if term.broader is None:
        return []
    return [schemes()[BROADER_SCHEMES[term.scheme]].terms[term.broader]]


def _narrower(term: Term) -> list[Term]:
    """The terms whose broader term this is."""
    names = [name for name, groups in BROADER_SCHEMES.items() if groups == term.scheme]
    return [each for name in names for each in schemes()[name].in_order if term in _broader(each)]
