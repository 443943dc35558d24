"""A question in other words leads to ours, and other words do not: measured on what people ask."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest

from tests.conftest import KnowledgeBase
from tests.pages.test_reading import Links, read

CONTACT, YIELD = "leidt-mengen-tot-contact", "wat-levert-mengen-op"
MEASURE, PITFALLS = "hoe-meet-je-of-mengen-werkt", "welke-valkuilen-mengen"
ALLOCATION, DEMOLITION = "helpt-rotterdamwet", "werkt-sloop-nieuwbouw"
RESIDENTS, SEGREGATION = "hoe-betrek-je-bewoners", "neemt-segregatie-toe"
CONCENTRATION, POOR = "nadelen-concentratie-kwetsbare-groepen", "worden-bewoners-armer-van-de-buurt"
COMPLEX, SCALE = "wat-werkt-in-gemengd-wonen-complex", "op-welke-schaal-mengen"
QUOTA, PARTIES = "werken-verplichte-aandelen-sociale-huur", "hoe-werken-partijen-samen"
MEANT = {  # what people type, and the questions that answer it
    "Werkt mengen eigenlijk wel?": {YIELD, MEASURE},
    "Heeft mengen zin?": {YIELD},
    "Hoe betrek ik bewoners?": {RESIDENTS},
    "Does mixing work?": {YIELD, MEASURE},
    "leidt mengen tot contact": {CONTACT},
    "krijg je meer contact tussen bewoners als je mengt?": {CONTACT},
    "hebben kopers en huurders meer contact in een gemengde wijk": {CONTACT},
    "wat levert een gemengde wijk op": {YIELD},
    "wat zijn de voordelen van een gemengde wijk?": {YIELD},
    "wat levert mengen op?": {YIELD},
    "helpt de rotterdamwet": {ALLOCATION},
    "Werkt de Rotterdamwet bij woningtoewijzing?": {ALLOCATION},
    "heeft selectieve woningtoewijzing zin": {ALLOCATION},
    "is sloop een goede oplossing": {DEMOLITION},
    "werkt sloop en nieuwbouw": {DEMOLITION},
    "moet je een wijk slopen om te mengen": {DEMOLITION},
    "hoe betrek je bewoners": {RESIDENTS},
    "hoe houd je draagvlak bij bewoners": {RESIDENTS},
    "hoe krijg je bewoners mee": {RESIDENTS},
    "welke valkuilen zijn er bij mengen": {PITFALLS},
    "wat zijn valkuilen van gemengde wijken": {PITFALLS},
    "wat gaat er mis bij het mengen van wijken": {PITFALLS},
    "hoe meet je of mengen werkt": {MEASURE},
    "hoe meet je het effect van mengen": {MEASURE},
    "neemt de segregatie toe in nederland": {SEGREGATION},
    "is er meer segregatie dan vroeger?": {SEGREGATION},
    "hoe erg is segregatie": {SEGREGATION},
    "nadelen van concentratie van kwetsbare groepen": {CONCENTRATION},
    "welke nadelen heeft concentratie van kwetsbare mensen in een wijk?": {CONCENTRATION},
    "word je armer van een arme buurt": {POOR},
    "krijgen bewoners minder kansen in een arme buurt": {POOR},
    "wat werkt in een magic mix complex": {COMPLEX},
    "wat werkt bij gemengd wonen in een complex": {COMPLEX},
    "op welke schaal kun je het beste mengen": {SCALE},
    "mengen op portiekniveau of straatniveau?": {SCALE},
    "werken verplichte percentages sociale huur": {QUOTA},
    "verplicht aandeel sociale woningbouw nieuwbouwwijk": {QUOTA},
    "hoe moeten gemeente en corporatie samenwerken": {PARTIES},
    "hoe werken gemeente, zorg en corporatie goed samen": {PARTIES},
}
OTHER_WORDS = [
    *("statushouders jongeren", "buddy systeem", "place2bu utrecht", "overlast in portieken"),
    *("huismeester in flat", "gemengd wonen", "sociale samenhang", "kosten van een huismeester"),
    *("wooncoöperatie amsterdam", "tijdelijke woningen voor spoedzoekers", "corporatie zorg"),
    *("wat kost een sociaal beheerder", "hoe voorkom je eenzaamheid bij ouderen"),
    *("waarom mislukte stek oost", "sloop bijlmermeer", "hoe werkt het klushuis", "gemengde wijk"),
    *("wie betaalt de buddy's", "studenten wonen bij ouderen", "veiligheid en handhaving"),
    *("gentrificatie rotterdam", "jongeren en ouderen samen", "scholen en segregatie op school"),
    *("huurders selecteren op motivatie", "renovatie met behoud van bewoners"),
    *("hoe selecteer je nieuwe bewoners", "vergunninghouders huisvesten in kleine dorpen"),
    *("werk en inkomen project", "sociale huur verkopen"),
]


def shown_questions(kb: KnowledgeBase, typed: str, more: str = "") -> list[str]:
    """The questions in the box above the results."""
    page = read(kb.client, f"/zoeken?{urlencode({'q': typed})}{more}")
    [box] = re.findall(r'<section class="near-questions.*?</section>', page, re.DOTALL) or [""]
    return re.findall(r'<h3><a href="/vragen/([^"?]+)', box)


def test_most_questions_in_other_words_lead_to_ours(seeded: KnowledgeBase) -> None:
    shown = {typed: shown_questions(seeded, typed) for typed in MEANT}
    right = [typed for typed in MEANT if MEANT[typed].intersection(shown[typed])]
    wrong = [typed for typed in MEANT if shown[typed] and typed not in right]

    assert len(right) >= 0.85 * len(MEANT), set(MEANT) - set(right)
    assert len(wrong) <= 0.1 * len(MEANT), wrong


def test_the_title_of_a_question_always_leads_to_it(seeded: KnowledgeBase) -> None:
    questions = seeded.client.get("/v1/questions?pageSize=100").json["items"]

    assert {each["id"]: shown_questions(seeded, each["title"])[:1] for each in questions} == {
        each["id"]: [each["id"]] for each in questions
    }


@pytest.mark.parametrize(
    "typed",
    ["werkt mengen eigenlijk wel?", "Werkt mengen?", "Heeft mengen echt zin", "does mixing work"],
)
def test_a_phrasing_that_editors_gave_a_question_leads_to_it_alone(
    typed: str, seeded: KnowledgeBase
) -> None:
    assert shown_questions(seeded, typed) == [YIELD]


def test_a_phrasing_among_other_words_leads_nowhere_by_itself(seeded: KnowledgeBase) -> None:
    assert COMPLEX not in shown_questions(seeded, "gemengd wonen")
    assert YIELD not in shown_questions(seeded, "werkt mengen met een buddy systeem?")


def test_other_words_lead_to_no_question(seeded: KnowledgeBase) -> None:
    shown = {typed for typed in OTHER_WORDS if shown_questions(seeded, typed)}

    assert len(shown) <= 0.1 * len(OTHER_WORDS), shown


def test_a_question_stands_with_the_beginning_of_its_answer(seeded: KnowledgeBase) -> None:
    page = read(seeded.client, "/zoeken?q=leidt+mengen+tot+contact&lang=en")
    answer = seeded.client.get(f"/v1/questions/{CONTACT}").json["answer"]

    [beginning] = re.findall(r'<section class="near-questions.*?<p lang="nl">(.*?)</p>', page, re.S)
    assert answer.startswith(beginning)
    assert beginning.endswith(".")
    assert f"/vragen/{CONTACT}?lang=en" in [link["href"] for link in Links(page).links]
    assert page.index("near-questions") < page.index('id="found"')


@pytest.mark.parametrize("typed", ["mengen", "rotterdamwet", "valkuilen?", "segregatie"])
def test_a_single_word_is_no_question(typed: str, seeded: KnowledgeBase) -> None:
    assert shown_questions(seeded, typed) == []


@pytest.mark.parametrize("more", ["&type=question", "&page=2", "&scale=wijk"])
def test_a_question_stands_above_the_first_results_only(more: str, seeded: KnowledgeBase) -> None:
    assert shown_questions(seeded, "leidt mengen tot contact")
    assert shown_questions(seeded, "leidt mengen tot contact", more) == []
