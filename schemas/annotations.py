"""What editors are told of the keys of each kind; see `case_annotations` for those of a case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from kb.translation import N_

from . import case_annotations

Words = tuple[str, str]  # a title, and what to write there
OF_CASES = case_annotations.ANNOTATIONS
IGNORED = N_("Told by us, and ignored.")


class Annotations(NamedTuple):
    """What editors are told of one kind."""

    itself: Words
    keys: Mapping[str, Words]  # by the path of a key
    example: Mapping[str, Any]


CASE = Annotations(case_annotations.CASE_ANNOTATION, OF_CASES, case_annotations.EXAMPLE)

_SHARED = {  # keys that mean the same in every kind
    key: OF_CASES[key]
    for key in ("$schema", "id", "searchTerms", "version", "publishedAt", "updatedAt")
}
STUDY = Annotations(
    (N_("Study"), N_("A publication about mixed neighbourhoods, with what it found.")),
    {
        **_SHARED,
        **{key: words for key, words in OF_CASES.items() if key.startswith("pitfalls")},
        **{key: words for key, words in OF_CASES.items() if key.startswith("findings")},
        **{
            key: OF_CASES[f"sources.{key}"]
            for key in ("authors", "year", "publisher", "url", "sourceType")
        },
        "type": (N_("Kind of thing"), N_("Always “study”.")),
        "title": (N_("Title"), N_("The title of the publication, as it stands on it.")),
        "summary": (N_("Summary"), N_("What was studied, how, and what came out.")),
        "programme": OF_CASES["programme"],
        "covers": (
            N_("Studies that it covers"),
            N_("Of a review: the ids of our studies that it holds, so that they count once."),
        ),
        "unverified": (
            N_("Not verified yet"),
            N_("Keys that nobody has checked against the publication yet, such as “year”."),
        ),
        "findings.ingredients": (
            N_("Credited ingredients"),
            N_("The ingredients to which the study itself ascribes the effect."),
        ),
        "findings.source": (N_("Source of the finding"), IGNORED),
    },
    {
        "id": "samen-in-de-tuin-2022",
        "title": "Samen in de tuin: tien gemengde wijken vergeleken",
        "authors": ["J. Jansen", "F. de Vries"],
        "year": 2022,
        "publisher": "Woningcorporatie De Hof",
        "url": "https://example.org/samen-in-de-tuin",
        "sourceType": "rapport",
        "summary": "Vergelijkt tien wijken met en zonder gedeelde tuin, voor en na de aanleg.",
        "findings": [
            {
                "id": "samen-in-de-tuin-2022--meer-contact-tussen-bewoners",
                "claim": "Meer contact tussen bewoners van huur- en koopwoningen.",
                "domain": "leefbaarheid",
                "level": "wijk",
                "direction": "positief",
                "evidence": "praktijkervaring",
                "conditions": "Zolang de tuin vaste werkdagen heeft.",
                "ingredients": ["buddy-systeem"],
                "programme": "samen-tuinieren",
            }
        ],
        "pitfalls": [dict(case_annotations.EXAMPLE["pitfalls"][0])],
        "programme": "samen-tuinieren",
        "covers": [],
        "searchTerms": ["samen moestuinieren"],
        "unverified": ["year"],
    },
)
STUDY.example["pitfalls"][0]["id"] = "samen-in-de-tuin-2022--trekker-vertrekt"
QUESTION = Annotations(
    (N_("Question"), N_("A question of practitioners, with an honest answer.")),
    {
        **_SHARED,
        "type": (N_("Kind of thing"), N_("Always “question”.")),
        "theme": (N_("Theme"), N_("What the question is about.")),
        "title": (N_("Question"), N_("The question, as practitioners ask it.")),
        "answer": (N_("Answer"), N_("What is known, how surely, and what is not known.")),
        "summary": (N_("Summary"), IGNORED),
        "studies": (N_("Studies"), N_("The ids of the studies that the answer rests on.")),
        "strategies": (N_("Strategies"), N_("Strategies that lead from here to cases.")),
        "ingredients": (
            N_("Active ingredients"),
            N_("Active ingredients that lead from here to cases."),
        ),
        "pitfallCategories": (
            N_("Kinds of pitfall"),
            N_("Kinds of pitfall that lead from here to pitfalls."),
        ),
        "effectDomains": (N_("Domains"), N_("Domains that lead from here to findings.")),
    },
    {
        "id": "leidt-een-tuin-tot-contact",
        "theme": "proces",
        "title": "Leidt een gedeelde tuin tot meer contact?",
        "answer": "In drie van de vier onderzoeken wel, zolang er vaste werkdagen zijn.",
        "studies": ["samen-in-de-tuin-2022"],
        "strategies": ["sociaal-beheer"],
        "ingredients": ["buddy-systeem"],
        "pitfallCategories": ["korte-adem"],
        "effectDomains": ["leefbaarheid"],
        "searchTerms": ["moestuin"],
    },
)
