"""Which Dutch words are taken for one another, and which are not."""

from __future__ import annotations

import pytest

from kb.search.analysis.analyzer import DUTCH
from kb.search.query.parse import parse
from tests.builders import a_case
from tests.conftest import KnowledgeBase


@pytest.mark.parametrize(
    "words",
    [
        "begrepen begrijpen begrip",
        "verboden verbod verbieden",
        "besloten besluit besluiten",
        "vertrokken vertrek",
        "aangenomen aanname aannemen",
        "deelgenomen deelname",
        "afgesproken afspraak",
        "gekozen keuze",
        "gemengd gemengde mengen menging",
        "gecontroleerd gecontroleerde controleren",
        "geïnterviewde geïnterviewd interview interviews",
        "gebruikt gebruik gebruiken",
        "gebouwd bouwen bouw",
        "uitgeplaatst uitplaatsing",
        "hergehuisvest geherhuisvest herhuisvesting",
        "gemeld melding melden",
        "heffing heffen",
        "begeleid begeleiding begeleiden",
        "verhuisd verhuizing verhuizen",
        "toegewezen toewijzing",
        "geschoold geschoolde scholing",
        "coördinatie gecoördineerd",
        "leefbaar leefbare leefbaarder leefbaarheid",
        "betaalbaar betaalbare betaalbaarheid",
        "rijke rijker rijkste",
        "verhuurder verhuurders",
    ],
)
def test_a_verb_its_participle_and_its_noun_are_one(words: str) -> None:
    assert len(set(map(DUTCH.term, words.split()))) == 1


@pytest.mark.parametrize(
    "words",
    [
        "geweld wel",
        "gemeente mening gemeen",
        "gebouw bouwen",
        "gezellig zelden",
        "eenheid een enig",
        "gezond zon",
        "gewoonte wonen",
        "gevel vellen",
        "gebied bieden",
        "geduld dulden",
        "gezicht zicht",
        "getal tal",
        "gemiddeld middel",
        "geslacht slachten",
        "begeleiding beleid",
        "begeleider beleid",
        "negeren negatief",
        "lift living",
        "orde or",
        "heftig heffing",
        "ons on",
        "alles als al",
        "wijziging wijzen",
        "verdeling verdrag",
        "partnergeweld partner",
        "ongelijk onlijk",
        "hofje hof",
        "hagen haag",
        "den de",
        "rading raad",
        "rijke rijk",
        "geweldig geweld",
        "schuldige schulden",
        "leefbaarheid leven",
        "betaalbaar betalen",
        "kostbaar kosten",
        "verhuurder verhuren",
        "huurders huren",
        "investeerder investeren",
        "vrijwilligers vrijwillig",
        "overheid over",
        "scholing scholen",
        "maatje maat",
        "duurt dure",
        "gepland plannen",
        "lopende lopen",
        "gestopt stoppen",
        "verdeeld verdelen",
        "ingrijpende ingrijpen",
        "branding branden",
    ],
)
def test_words_that_merely_look_alike_are_not(words: str) -> None:
    terms = list(map(DUTCH.term, words.split()))

    assert len(set(terms)) == len(terms)


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("ouderenhuisvesting", "ouderen huisvesting"),
        ("studentenhuisvesting", "studenten huisvesting"),
        ("woonzorgcomplexen", "woon zorg complexen"),
        ("huurwoningen", "huur woningen"),
        ("middeninkomens", "midden inkomens"),
        ("rijksbeleid", "rijk beleid"),
        ("huurkoop", "huur koop"),
        ("taalvaardigheid", "taal vaardigheid"),
    ],
)
def test_a_compound_has_its_parts(word: str, parts: str) -> None:
    assert DUTCH.part_terms(word) == DUTCH.terms(parts)


@pytest.mark.parametrize(
    "word",
    [
        "werkenden",
        "nederlanders",
        "mogelijkheden",
        "maatschappelijke",
        "eindhoven",
        "elzenhagen",
        "vijfhonderd",
        "vijftien",
        "waarderen",
        "resterende",
        "presenteerden",
        "huisvesting",
        "belangrijk",
        "kansrijke",
        "kleurrijk",
        "oostenrijk",
        "succesvolle",
        "gastvrij",
        "schuldenvrij",
        "regelmatig",
        "rechtvaardigheid",
        "gelijkwaardige",
        "noodzakelijk",
        "draagkrachtige",
        "vrijwilligheid",
        "goedkoop",
        "goedkopere",
        "bestanddelen",
    ],
)
def test_other_words_have_none(word: str) -> None:
    assert DUTCH.part_terms(word) == ()


def test_numbers_are_other_numbers() -> None:
    words = "vijf vijftien vijftig vijfhonderd vijfduizend".split()
    terms = [term for word in words for term in DUTCH.index_terms(word)]

    assert len(set(terms)) == len(words)


@pytest.mark.parametrize(
    "words",
    ["woonzorgcomplex woonzorgcomplexen", "ongelijk ongelijke", "burgemeester burgemeesters"],
)
def test_compounds_have_plurals(words: str) -> None:
    assert len(set(map(DUTCH.term, words.split()))) == 1


@pytest.mark.parametrize(
    ("typed", "inputs"),
    [
        ("Den Haag", ["Den Haag"]),
        ("sloop den haag", ["sloop", "den haag"]),
        ("wijk bij Duurstede", ["wijk bij Duurstede"]),
        ("wijk bij de stad", ["wijk", "stad"]),
        ('"den haag"', ["den haag"]),
        ("den -haag", ["den", "haag"]),
        ("sloop -den haag", ["sloop", "den haag"]),
        ("-alphen aan den rijn sloop", ["alphen aan den rijn", "sloop"]),
        ("Utrecht OR Den Haag", ["Utrecht OR Den Haag"]),
    ],
)
def test_a_place_of_several_words_is_one_name(typed: str, inputs: list[str]) -> None:
    assert [clause.input for clause in parse(typed).clauses] == inputs


@pytest.mark.parametrize(
    ("typed", "ids"),
    [
        ("Den Haag", {"haag"}),
        ("'s-Gravenhage", {"haag"}),
        ("den helder", set()),
        ("den bosch", {"bosch"}),
        ("'s-Hertogenbosch", {"bosch"}),
    ],
)
def test_a_place_is_met_by_its_names_alone(kb: KnowledgeBase, typed: str, ids: set[str]) -> None:
    kb.publish(
        a_case(id="haag", title="Wonen in Den Haag"),
        a_case(id="hagen", title="Een helder plan achter de hagen van het bosch"),
        a_case(id="bosch", title="Wonen in 's-Hertogenbosch"),
    )

    answer = kb.client.get("/v1/cases", query_string={"q": typed}).json

    assert {each["id"] for each in answer["items"]} == ids


@pytest.mark.parametrize(
    ("typed", "ids"),
    [
        ("rijke mensen", {"mensen"}),
        ("belangrijk -rijk", {"belang"}),
        ("koop", {"koop"}),
        ("verhuren", {"kamer"}),
        ("woonzorgcomplex", {"zorg"}),
        ("wooncomplex voor zorg", {"zorg"}),
    ],
)
def test_a_word_is_not_met_by_another_that_has_its_letters(
    kb: KnowledgeBase, typed: str, ids: set[str]
) -> None:
    kb.publish(
        a_case(id="mensen", title="Rijke mensen in de wijk"),
        a_case(id="rijk", title="Het Rijk betaalt", parties=[{"name": "BZK", "role": "rijk"}]),
        a_case(id="belang", title="Een belangrijk en goedkoop plan"),
        a_case(id="koop", title="Huurkoop in de stad"),
        a_case(id="kamer", title="Een kamer verhuren"),
        a_case(id="corporatie", title="De corporatie en de verhuurder"),
        a_case(id="zorg", title="Wonen in een woonzorgcentrum"),
    )

    answer = kb.client.get("/v1/cases", query_string={"q": typed}).json

    assert {
        each["id"] for each in answer["items"][: answer["query"]["interpretation"]["full"]]
    } == ids
