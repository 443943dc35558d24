"""What can be taken over from here, as DCAT-AP-NL 3 describes it to catalogues of open data.

The mandatory properties of the profile are all here, and of the recommended ones those that we
know. Terms of its code lists are addresses in the registers of the EU's Publications Office.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kb.database import format_utc
from kb.kinds import CASE, KINDS, Kind
from kb.sharing.rdf import LICENCE, Node, dutch, iri

EU = "http://publications.europa.eu/resource/authority"
REPRESENTATIONS = "https://www.iana.org/assignments/media-types"
LANGUAGE = f"{EU}/language/NLD"
PUBLIC = f"{EU}/access-right/PUBLIC"
THEMES = (f"{EU}/data-theme/SOCI", f"{EU}/data-theme/REGI")  # society; regions and cities
DESIGN_RULES = "https://logius-standaarden.github.io/API-Design-Rules/"
IRREGULAR = f"{EU}/frequency/IRREG"
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
FILES = {  # that hold a whole list: what each is called, its media type and its type of file
    "csv": ("CSV", "text/csv", f"{EU}/file-type/CSV"),
    "ndjson": ("JSON Lines", "application/x-ndjson", f"{EU}/file-type/JSON"),
}
TERMS = {  # the same of the vocabularies
    "turtle": ("SKOS (Turtle)", "text/turtle", f"{EU}/file-type/RDF_TURTLE"),
    "jsonld": ("SKOS (JSON-LD)", "application/ld+json", f"{EU}/file-type/JSON_LD"),
}


@dataclass(frozen=True)
class Publisher:
    """The organisation that is responsible; without its own address it is known by our name."""

    name: str = ""
    uri: str = ""  # in a register of organisations, such as TOOI or ROR
    email: str = ""


def catalogue(base: str, publisher: Publisher, changed: datetime) -> list[Node]:
    """The catalogue, its data sets with their files, and the API; `base` is our address."""
    ours = _Ours(base, publisher, changed)
    sets = [ours.dataset(kind) for kind in KINDS.values()]
    sets.append(ours.vocabularies())
    service = ours.service([each["@id"] for each in sets])
    whole = iri(f"{base}/dcat#catalog") | {
        "@type": "dcat:Catalog",
        **ours.told(TITLE, ABOUT),
        "dct:publisher": ours.agent(),
        "dct:creator": ours.agent(),
        "dcat:contactPoint": ours.contact(),
        "dct:language": iri(LANGUAGE),
        "dct:license": iri(LICENCE),
        "foaf:homepage": iri(f"{base}/"),
        "dct:modified": ours.modified(),
        "dcat:dataset": sets,
        "dcat:service": [service],
    }
    return [whole]


@dataclass(frozen=True)
class _Ours:
    """What all parts of the catalogue have in common."""

    base: str
    publisher: Publisher
    changed: datetime

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
        return self._dataset(address, title, kind.about, page, FILES)

    def vocabularies(self) -> Node:
        """The terms with which everything is described."""
        title = {"nl": f"{TITLE['nl']}: begrippenlijsten", "en": f"{TITLE['en']}: vocabularies"}
        about = {
            "nl": "De termen waarmee alles is beschreven, met definities en synoniemen.",
            "en": "The terms that everything is described with: definitions and synonyms.",
        }
        return self._dataset(f"{self.base}/v1/vocabularies", title, about, "/bestanddelen", TERMS)

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
            **self.told(title, about),
            **self._in_common(f"{address}#dataset"),
            "dct:accrualPeriodicity": iri(IRREGULAR),
            "dct:modified": self.modified(),
            "dcat:landingPage": iri(f"{self.base}{page}"),
            "dcat:distribution": list(self._files(address, title, files)),
        }

    def _files(
        self, address: str, title: Mapping[str, str], files: Mapping[str, tuple[str, str, str]]
    ) -> Iterator[Node]:
        for form, (name, media, kind) in files.items():
            file = f"{address}?format={form}"
            yield iri(f"{file}#distribution") | {
                "@type": "dcat:Distribution",
                "dct:title": _texts({code: f"{text} ({name})" for code, text in title.items()}),
                "dcat:accessURL": iri(file),
                "dcat:downloadURL": iri(file),
                "dcat:mediaType": iri(f"{REPRESENTATIONS}/{media}"),
                "dct:format": iri(kind),
                "dct:license": iri(LICENCE),
                "dct:language": iri(LANGUAGE),
                "dct:modified": self.modified(),
            }

    def service(self, sets: list[str]) -> Node:
        """The API, which serves all of the data sets."""
        address = f"{self.base}/v1"
        return iri(f"{address}#service") | {
            "@type": "dcat:DataService",
            **self.told(
                {code: f"{text}: API" for code, text in TITLE.items()},
                {
                    "nl": "Zoeken en lezen in de kennisbank, zonder sleutel. Naar de Nederlandse "
                    "API Design Rules.",
                    "en": "Search and read the knowledge base, without a key. By the Dutch API "
                    "Design Rules.",
                },
            ),
            **self._in_common(f"{address}#service"),
            "dct:license": iri(LICENCE),
            "dct:conformsTo": iri(DESIGN_RULES),
            "dcat:endpointURL": iri(address),
            "dcat:endpointDescription": iri(f"{address}/openapi.json"),
            "foaf:page": iri(f"{self.base}/docs"),
            "dcat:servesDataset": [{"@id": each} for each in sets],
        }

    def _in_common(self, identifier: str) -> Node:
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

    def told(self, title: Mapping[str, str], about: Mapping[str, str]) -> Node:
        """Title and description in both languages."""
        return {"dct:title": _texts(title), "dct:description": _texts(about)}

    def agent(self) -> Node:
        """Who publishes this, and made it."""
        names = _texts(TITLE) if not self.publisher.name else [dutch(self.publisher.name)]
        address = self.publisher.uri or f"{self.base}/dcat#publisher"
        return iri(address) | {"@type": "foaf:Agent", "foaf:name": names}

    def contact(self) -> Node:
        """Where to write to: an e-mail address, or else our page."""
        ours: dict[str, Any] = {
            "@type": "vcard:Kind",
            "vcard:fn": _texts(TITLE) if not self.publisher.name else [dutch(self.publisher.name)],
            "vcard:hasURL": iri(f"{self.base}/"),
        }
        if self.publisher.email:
            ours["vcard:hasEmail"] = iri(f"mailto:{self.publisher.email}")
        return iri(f"{self.base}/dcat#contact") | ours

    def modified(self) -> Node:
        """When anything changed last."""
        return {"@value": format_utc(self.changed), "@type": "xsd:dateTime"}


def _texts(texts: Mapping[str, str]) -> list[Node]:
    return [{"@value": text, "@language": code} for code, text in texts.items()]
