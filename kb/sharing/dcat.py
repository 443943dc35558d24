"""What can be taken over from here, as DCAT-AP-NL 3 describes it to catalogues of open data.

The mandatory properties of the profile are all here, and of the recommended ones those that we
know. Terms of its code lists are addresses in the registers of the EU's Publications Office.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from kb.database import format_utc
from kb.kinds import CASE, KINDS, Kind
from kb.sharing.rdf import LICENCE, Node, dutch, iri

EU_AUTHORITY = "http://publications.europa.eu/resource/authority"
IANA_MEDIA_TYPES = "https://www.iana.org/assignments/media-types"
LANGUAGE = f"{EU_AUTHORITY}/language/NLD"
PUBLIC = f"{EU_AUTHORITY}/access-right/PUBLIC"
THEMES = (
    f"{EU_AUTHORITY}/data-theme/SOCI",
    f"{EU_AUTHORITY}/data-theme/REGI",
)  # society; regions and cities
DESIGN_RULES = "https://logius-standaarden.github.io/API-Design-Rules/"
IRREGULAR = f"{EU_AUTHORITY}/frequency/IRREG"
TITLE = {"nl": "Kennisbank gemengde wijken", "en": "Knowledge base on mixed neighbourhoods"}
ABOUT = {
    "nl": "Praktijkvoorbeelden, werkzame bestanddelen, valkuilen, bevindingen en onderzoek over "
    "gemengde wijken: wat elders is geprobeerd, wat daarvan gevonden is en wat misging.",
    "en": "Cases, active ingredients, pitfalls, findings and research on mixed neighbourhoods: "
    "what was tried elsewhere, what was found of it and what went wrong.",
}
KEYWORDS = (
    "gemengde wijken",
    "gemengd wonen",
    "leefbaarheid",
    "volkshuisvesting",
    "kwetsbare groepen",
)
EXPORTS = {  # of a list: the name of each, its media type and its file type in the EU's register
    "csv": ("CSV", "text/csv", f"{EU_AUTHORITY}/file-type/CSV"),
    "ndjson": ("JSON Lines", "application/x-ndjson", f"{EU_AUTHORITY}/file-type/JSON"),
}
VOCABULARY_FILES = {  # the same of the vocabularies
    "turtle": ("SKOS (Turtle)", "text/turtle", f"{EU_AUTHORITY}/file-type/RDF_TURTLE"),
    "jsonld": ("SKOS (JSON-LD)", "application/ld+json", f"{EU_AUTHORITY}/file-type/JSON_LD"),
}


@dataclass(frozen=True)
class Publisher:
    """The organisation that is responsible; without its own address it is known by our name."""

    name: str = ""
    uri: str = ""  # in a register of organisations, such as TOOI or ROR
    email: str = ""


def catalogue(base: str, publisher: Publisher, changed_at: datetime) -> Node:
    """The catalogue, its data sets with their files, and the API; `base` is our address."""
    parts = _Catalogue(base, publisher, changed_at)
    datasets = [*map(parts.dataset, KINDS.values()), parts.vocabularies()]
    return iri(f"{base}/dcat#catalog") | {
        "@type": "dcat:Catalog",
        **parts.title_and_description(TITLE, ABOUT),
        "dct:publisher": parts.agent(),
        "dct:creator": parts.agent(),
        "dcat:contactPoint": parts.contact(),
        "dct:language": iri(LANGUAGE),
        "dct:license": iri(LICENCE),
        "foaf:homepage": iri(f"{base}/"),
        "dct:modified": parts.modified(),
        "dcat:dataset": datasets,
        "dcat:service": [parts.service([each["@id"] for each in datasets])],
    }


@dataclass(frozen=True)
class _Catalogue:
    """The parts of the catalogue, which have an address, publisher and last change in common."""

    base: str
    publisher: Publisher
    changed_at: datetime

    def dataset(self, kind: Kind) -> Node:
        """A collection of the API as a data set."""
        title = {
            code: f"{TITLE[code]}: {text[0].lower()}{text[1:]}"
            for code, text in (kind.dataset or kind.plural).items()
        }
        page = kind.list_path
        if page == CASE.list_path and kind is not CASE:
            page = f"{page}?type={kind.name}"
        address = f"{self.base}/v1/{kind.collection}"
        return self._dataset(address, title, kind.about, page, EXPORTS)

    def vocabularies(self) -> Node:
        """The terms with which everything is described."""
        title = {"nl": f"{TITLE['nl']}: begrippenlijsten", "en": f"{TITLE['en']}: vocabularies"}
        about = {
            "nl": "De begrippen waarmee alles is beschreven, met definities en synoniemen.",
            "en": "The terms that everything is described with: definitions and synonyms.",
        }
        return self._dataset(
            f"{self.base}/v1/vocabularies", title, about, "/bestanddelen", VOCABULARY_FILES
        )

    def _dataset(
        self,
        address: str,
        title: Mapping[str, str],
        about: Mapping[str, str],
        page: str,
        files: Mapping[str, tuple[str, str, str]],
    ) -> Node:
        return iri(f"{address}#dataset") | {
            "@type": "dcat:Dataset",
            **self.title_and_description(title, about),
            **self._common_properties(f"{address}#dataset"),
            "dct:accrualPeriodicity": iri(IRREGULAR),
            "dct:modified": self.modified(),
            "dcat:landingPage": iri(f"{self.base}{page}"),
            "dcat:distribution": list(self._distributions(address, title, files)),
        }

    def _distributions(
        self, address: str, title: Mapping[str, str], files: Mapping[str, tuple[str, str, str]]
    ) -> Iterator[Node]:
        for representation, (name, media_type, file_type) in files.items():
            file = f"{address}?format={representation}"
            yield iri(f"{file}#distribution") | {
                "@type": "dcat:Distribution",
                "dct:title": _texts({code: f"{text} ({name})" for code, text in title.items()}),
                "dcat:accessURL": iri(file),
                "dcat:downloadURL": iri(file),
                "dcat:mediaType": iri(f"{IANA_MEDIA_TYPES}/{media_type}"),
                "dct:format": iri(file_type),
                "dct:license": iri(LICENCE),
                "dct:language": iri(LANGUAGE),
                "dct:modified": self.modified(),
            }

    def service(self, datasets: list[str]) -> Node:
        """The API, which serves all of the data sets."""
        address = f"{self.base}/v1"
        return iri(f"{address}#service") | {
            "@type": "dcat:DataService",
            **self.title_and_description(
                {code: f"{text}: API" for code, text in TITLE.items()},
                {
                    "nl": "Zoeken en lezen in de kennisbank, zonder sleutel. Naar de Nederlandse "
                    "API Design Rules.",
                    "en": "Search and read the knowledge base, without a key. By the Dutch API "
                    "Design Rules.",
                },
            ),
            **self._common_properties(f"{address}#service"),
            "dct:license": iri(LICENCE),
            "dct:conformsTo": iri(DESIGN_RULES),
            "dcat:endpointURL": iri(address),
            "dcat:endpointDescription": iri(f"{address}/openapi.json"),
            "foaf:page": iri(f"{self.base}/docs"),
            "dcat:servesDataset": [{"@id": each} for each in datasets],
        }

    def _common_properties(self, identifier: str) -> Node:
        return {
            "dct:identifier": identifier,
            "dct:accessRights": iri(PUBLIC),
            "dct:publisher": self.agent(),
            "dct:creator": self.agent(),
            "dcat:contactPoint": self.contact(),
            "dcat:keyword": [dutch(word) for word in KEYWORDS],
            "dcat:theme": [iri(theme) for theme in THEMES],
            "dct:language": iri(LANGUAGE),
        }

    def title_and_description(self, title: Mapping[str, str], about: Mapping[str, str]) -> Node:
        """Title and description in both languages."""
        return {"dct:title": _texts(title), "dct:description": _texts(about)}

    def agent(self) -> Node:
        """Who publishes this, and made it."""
        names = _texts(TITLE) if not self.publisher.name else [dutch(self.publisher.name)]
        address = self.publisher.uri or f"{self.base}/dcat#publisher"
        return iri(address) | {"@type": "foaf:Agent", "foaf:name": names}

    def contact(self) -> Node:
        """Where to write to: an e-mail address, or else our page."""
        kind: Node = {
            "@type": "vcard:Kind",
            "vcard:fn": _texts(TITLE) if not self.publisher.name else [dutch(self.publisher.name)],
            "vcard:hasURL": iri(f"{self.base}/"),
        }
        if self.publisher.email:
            kind["vcard:hasEmail"] = iri(f"mailto:{self.publisher.email}")
        return iri(f"{self.base}/dcat#contact") | kind

    def modified(self) -> Node:
        """When anything changed last."""
        return {"@value": format_utc(self.changed_at), "@type": "xsd:dateTime"}


def _texts(texts: Mapping[str, str]) -> list[Node]:
    return [{"@value": text, "@language": code} for code, text in texts.items()]
