"""What each key of a case is called and meant for, as editors are told; and an example of one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kb.translation import N_

CASE_ANNOTATION = (N_("Case"), N_("One intervention, told so that others can learn from it."))
TO_PUBLISH = N_("Needed to publish.")
ANNOTATIONS: Mapping[
    str, tuple[str, str]
] = {  # by the path of a key: its title, what to write there
    "$schema": (N_("Schema"), N_("The address of this schema, for tools that check files.")),
    "id": (
        N_("Id"),
        N_(
            "Lower-case letters, digits and single dashes. It never changes. Without one, it is "
            "made from the title."
        ),
    ),
    "type": (N_("Kind of thing"), N_("Always “case”.")),
    "kind": (
        N_("Kind of case"),
        N_("A local project, or an archetype: a kind of project that is run in many places."),
    ),
    "archetype": (
        N_("Archetype"),
        N_("The id of the archetype that this local project is an example of."),
    ),
    "title": (N_("Title"), N_("The name by which people know it.")),
    "summary": (N_("Summary"), N_("What it is and what it led to, in a few sentences.")),
    "context": (
        N_("Background"),
        N_("What was going on before, and why something was done."),
    ),
    "approach": (N_("Approach"), N_("What was done, by whom and in which order.")),
    "results": (N_("Results"), N_("What came of it, also what did not work.")),
    "collaboration": (N_("Collaboration"), N_("Who worked together, and how.")),
    "place": (N_("Place"), N_("Where it is. What is unknown, or everywhere, is left out.")),
    "place.country": (N_("Country"), N_("Two capitals (ISO 3166-1), such as NL.")),
    "place.province": (N_("Province"), N_("The province, or what is like one abroad.")),
    "place.municipality": (N_("Municipality"), N_("The municipality or city.")),
    "place.neighbourhood": (N_("Neighbourhood"), N_("The part of the municipality.")),
    "place.urbanity": (N_("Urbanity of the municipality"), N_("Told by us, and ignored.")),
    "place.population": (N_("Inhabitants of the municipality"), N_("Told by us, and ignored.")),
    "place.socialRent": (
        N_("Percent of dwellings that housing associations own"),
        N_("Told by us, and ignored."),
    ),
    "place.figuresYear": (N_("Year of these figures"), N_("Told by us, and ignored.")),
    "startYear": (N_("First year"), N_("The year in which it began.")),
    "endYear": (N_("Last year"), N_("The year in which it ended or will end.")),
    "status": (N_("Status of the project"), N_("How far the project is.")),
    "scale": (N_("Scale"), N_("How large an area it is about.")),
    "dwellings": (N_("Dwellings"), N_("How many dwellings it is about.")),
    "strategies": (N_("Strategies"), N_("The ways in which it seeks a mixed neighbourhood.")),
    "targetGroups": (N_("Target groups"), N_("The people it is for.")),
    "parties": (N_("Parties"), N_("The organisations that took part, each with its role.")),
    "parties.name": (N_("Name"), N_("What the organisation is called.")),
    "parties.role": (N_("Role"), N_("What kind of organisation it is.")),
    "ingredients": (N_("Active ingredients"), N_("What those involved name as having helped.")),
    "ingredients.id": (N_("Ingredient"), N_("Which ingredient it is.")),
    "ingredients.label": (N_("Label"), N_("Told by us, and ignored.")),
    "ingredients.how": (
        N_("How it was used here"),
        N_("How this ingredient was used in this case."),
    ),
    "pitfalls": (N_("Pitfalls"), N_("What went wrong on the way, and how to avoid it.")),
    "pitfalls.id": (
        N_("Id of the pitfall"),
        N_("That of the case, two dashes and a name. Without one it keeps its old id or gets one."),
    ),
    "pitfalls.title": (N_("Pitfall"), N_("The pitfall in a few words.")),
    "pitfalls.category": (N_("Kind of pitfall"), N_("What kind of pitfall it is.")),
    "pitfalls.phase": (N_("Phase"), N_("The phase of the project in which it opens.")),
    "pitfalls.description": (N_("Description"), N_("What went wrong.")),
    "pitfalls.avoidance": (N_("How to avoid it"), N_("Advice; it needs no evidence.")),
    "pitfalls.searchTerms": (
        N_("Search words of the pitfall"),
        N_("Words by which people look for it. Search has them; no page shows them."),
    ),
    "findings": (N_("Findings"), N_("Claims about effects, each with its evidence and source.")),
    "findings.id": (
        N_("Id of the finding"),
        N_("That of the case, two dashes and a name. Without one it keeps its old id or gets one."),
    ),
    "findings.claim": (N_("Claim"), N_("What was found, in one sentence.")),
    "findings.domain": (N_("Domain"), N_("What the effect is on.")),
    "findings.level": (N_("Level"), N_("For whom or where it was seen.")),
    "findings.direction": (N_("Direction"), N_("Whether it is an improvement.")),
    "findings.evidence": (N_("Kind of evidence"), N_("The kind of evidence behind the claim.")),
    "findings.lane": (N_("Lane of evidence"), N_("Told by us, and ignored.")),
    "findings.conditions": (N_("Conditions"), N_("When, where or for whom it holds.")),
    "findings.ingredients": (
        N_("Credited ingredients"),
        N_("The ingredients of this case to which the source itself ascribes the effect."),
    ),
    "findings.programme": (
        N_("Programme of the finding"),
        N_(
            "The id of the programme that it is about, when other documents tell of the same one: "
            "then it counts once."
        ),
    ),
    "findings.source": (
        N_("Source of the finding"),
        N_("The id of the source in this document that bears the claim out."),
    ),
    "sources": (N_("Sources"), N_("The publications that this text rests on.")),
    "sources.id": (
        N_("Id of the source"),
        N_("For the findings to refer to. Without one it keeps its old id, or gets one."),
    ),
    "sources.title": (N_("Title of the source"), N_("As it stands on the publication.")),
    "sources.authors": (N_("Authors"), N_("Who wrote it, one by one.")),
    "sources.year": (N_("Year"), N_("The year of the publication.")),
    "sources.publisher": (N_("Publisher"), N_("Who published it.")),
    "sources.url": (N_("Web address"), N_("Where to read it.")),
    "sources.sourceType": (N_("Kind of source"), N_("Report, article, news and so on.")),
    "events": (N_("Timeline"), N_("The turns in its course, of which the year is known.")),
    "events.year": (N_("Year of the event"), N_("The year in which it happened or will happen.")),
    "events.month": (N_("Month of the event"), N_("The number of the month, if that is known.")),
    "events.what": (N_("Event"), N_("What happened, in one sentence.")),
    "images": (
        N_("Images"),
        N_("Pictures of it; the first one stands in lists. The file itself is uploaded apart."),
    ),
    "images.id": (N_("Id of the image"), N_("As uploading the file gave it.")),
    "images.alt": (
        N_("What is to be seen"),
        N_("In one sentence, for who does not see the image."),
    ),
    "images.maker": (N_("Maker of the image"), N_("Whose name stands with it.")),
    "images.licence": (
        N_("Licence of the image"),
        N_("On what terms it may be shown, such as “CC BY 4.0”."),
    ),
    "images.width": (N_("Width"), N_("Told by us, and ignored.")),
    "images.height": (N_("Height"), N_("Told by us, and ignored.")),
    "images.href": (N_("Address of the image"), N_("Told by us, and ignored.")),
    "images.files": (N_("Files of the image"), N_("Told by us, and ignored.")),
    "searchTerms": (
        N_("Search words"),
        N_("Words by which people look for this case. Search has them; no page shows them."),
    ),
    "programme": (
        N_("Programme"),
        N_(
            "The id of the programme that this case is of, when other documents tell of the same "
            "one: then their findings count once."
        ),
    ),
    "unverified": (
        N_("Not verified yet"),
        N_("Keys that nobody has checked against a source yet, such as “place.municipality”."),
    ),
    "outcome": (N_("What was found"), N_("Told by us, and ignored.")),
    "findingsByLane": (N_("Findings by lane of evidence"), N_("Told by us, and ignored.")),
    "practiceNotes": (N_("Reactions from practice"), N_("Told by us, and ignored.")),
    "version": (N_("Version"), N_("Told by us, and ignored.")),
    "publishedAt": (N_("Published at"), N_("Told by us, and ignored.")),
    "updatedAt": (N_("Updated at"), N_("Told by us, and ignored.")),
}
EXAMPLE: Mapping[str, Any] = {
    "id": "buurttuin-de-akker",
    "kind": "praktijk",
    "archetype": None,
    "title": "Buurttuin De Akker",
    "summary": "Bewoners van huur- en koopwoningen beheren samen de tuin tussen hun huizen.",
    "context": "Na de nieuwbouw kenden oude en nieuwe bewoners elkaar niet.",
    "approach": "De corporatie gaf het binnenterrein in beheer aan bewoners uit alle blokken.",
    "results": "Veertig huishoudens tuinieren mee; de helft van de klachten is weg.",
    "collaboration": "Bewoners, corporatie en welzijnswerk overleggen elke maand in de tuin.",
    "place": {
        "country": "NL",
        "province": "Utrecht",
        "municipality": "Utrecht",
        "neighbourhood": "Overvecht",
    },
    "startYear": 2019,
    "endYear": 2022,
    "status": "afgerond",
    "scale": "buurt",
    "dwellings": 240,
    "strategies": ["sociaal-beheer"],
    "targetGroups": ["jongeren"],
    "parties": [{"name": "Woningcorporatie De Hof", "role": "woningcorporatie"}],
    "ingredients": [{"id": "buddy-systeem", "how": "Een nieuwe tuinier krijgt een vaste maat."}],
    "pitfalls": [
        {
            "id": "buurttuin-de-akker--trekker-vertrekt",
            "title": "De trekker vertrekt",
            "category": "korte-adem",
            "phase": "uitvoering",
            "description": "Toen de trekker verhuisde, lag de tuin een seizoen stil.",
            "avoidance": "Verdeel de sleutels en de taken vanaf het begin over drie mensen.",
            "searchTerms": ["kartrekker weg"],
        }
    ],
    "findings": [
        {
            "id": "buurttuin-de-akker--meer-contact-tussen-bewoners",
            "claim": "Meer contact tussen bewoners van huur- en koopwoningen.",
            "domain": "leefbaarheid",
            "level": "wijk",
            "direction": "positief",
            "evidence": "praktijkervaring",
            "conditions": "Zolang de tuin vaste werkdagen heeft.",
            "ingredients": ["buddy-systeem"],
            "programme": "samen-tuinieren",
            "source": "bron-1",
        }
    ],
    "sources": [
        {
            "id": "bron-1",
            "title": "Drie jaar De Akker",
            "authors": ["J. Jansen", "F. de Vries"],
            "year": 2022,
            "publisher": "Woningcorporatie De Hof",
            "url": "https://example.org/drie-jaar-de-akker",
            "sourceType": "rapport",
        }
    ],
    "events": [
        {"year": 2019, "month": 3, "what": "De corporatie geeft het binnenterrein in beheer."},
        {"year": 2020, "month": None, "what": "De eerste moestuinen liggen er."},
    ],
    "images": [
        {
            "id": "3f0c9a1de25b7c4486a0b1d2e3f4a5e1-1600x900",
            "alt": "Twee buren planten boerenkool in de gedeelde tuin.",
            "maker": "Woningcorporatie De Hof",
            "licence": "CC BY 4.0",
        }
    ],
    "searchTerms": ["samen moestuinieren", "volkstuintje"],
    "programme": "samen-tuinieren",
    "unverified": ["dwellings"],
}
