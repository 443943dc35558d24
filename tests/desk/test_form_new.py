"""A new case: its title and kind, and what it may be already."""

from __future__ import annotations

from tests.builders import a_case
from tests.conftest import KnowledgeBase
from tests.desk.conftest import Desk
from tests.desk.forms import Fields, draft

NEW = "/redactie/casussen/nieuw"


def test_a_title_and_a_kind_begin_a_draft(anna: Desk) -> None:
    answer = anna.post(NEW, {"title": "Onze tuin", "kind": "archetype"})

    assert answer.status_code == 303
    assert answer.location.endswith("/redactie/casussen/onze-tuin/bewerken")
    assert draft(anna, "onze-tuin")["kind"]["id"] == "archetype"


def test_what_it_may_be_already_is_shown_first(kb: KnowledgeBase, anna: Desk) -> None:
    kb.publish(a_case(title="De tuin van de buurt"))

    warned = anna.post(NEW, {"title": "De tuin van de buurt", "kind": "praktijk"})

    assert warned.status_code == 200
    assert "/redactie/casussen/tuin" in warned.text
    assert anna.call("GET", "/drafts").json["page"]["totalItems"] == 0
    begun = anna.post(NEW, dict(Fields(warned.text).pairs))
    assert begun.status_code == 303
    assert anna.call("GET", "/drafts").json["page"]["totalItems"] == 1


def test_another_title_is_looked_up_again(kb: KnowledgeBase, anna: Desk) -> None:
    kb.publish(a_case(title="De tuin van de buurt"))
    warned = anna.post(NEW, {"title": "De tuin van de buurt"})

    typed = {**dict(Fields(warned.text).pairs), "title": "Tuin van de buurt"}

    assert anna.post(NEW, typed).status_code == 200


def test_a_case_with_the_wanted_id_is_shown_first(kb: KnowledgeBase, anna: Desk) -> None:
    kb.publish(a_case("le-medi-rotterdam", title="Mediterraan woonblok"))

    page = anna.post(NEW, {"title": "Le Medi Rotterdam", "kind": "praktijk"})

    assert page.status_code == 200
    assert "/redactie/casussen/le-medi-rotterdam" in page.text


def test_without_a_title_it_says_so(anna: Desk) -> None:
    answer = anna.post(NEW, {"title": " ", "kind": "praktijk"})

    assert answer.status_code == 400
    assert 'href="#f.title"' in answer.text


def test_a_form_that_is_sent_twice_begins_one_draft(anna: Desk) -> None:
    form = {"title": "Onze tuin", "key": "een-keer"}

    first, second = (anna.post(NEW, form | {"seen": "Onze tuin"}) for _ in range(2))

    assert first.location == second.location
    assert anna.call("GET", "/drafts").json["page"]["totalItems"] == 1


def test_what_is_missing_is_named_in_the_summary(kb: KnowledgeBase, anna: Desk) -> None:
    answer = anna.post("/redactie/casussen/nieuw", {"title": "", "kind": "praktijk"})

    assert '<a href="#f.title">Titel: ' in answer.text
