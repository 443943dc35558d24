"""The form in a browser without script."""

from __future__ import annotations

import re

import pytest

from tests.builders import a_case, a_finding, a_source
from tests.conftest import KnowledgeBase
from tests.desk.conftest import Desk, SignedIn
from tests.desk.forms import FORM, Fields, draft, opened, send

MARKS = r'</?ins>|<span class="out-of-sight">.*?</span>'  # of words that differ


def test_a_form_that_nobody_changed_changes_nothing(kb: KnowledgeBase, anna: Desk) -> None:
    kb.draft(a_case(findings=[a_finding("tuin")]))
    before = draft(anna)

    answer = send(anna, opened(anna), do="save")

    assert answer.status_code == 303
    assert draft(anna) == before


def test_what_is_typed_is_saved(kb: KnowledgeBase, anna: Desk) -> None:
    kb.draft(a_case(findings=[a_finding("tuin")]))

    answer = send(
        anna,
        opened(anna),
        do="save",
        **{"title": "Een tuin", "startYear": "2012", "findings.0.claim": "Meer contact."},
    )

    assert answer.status_code == 303
    assert "Bewaard." in anna.get(answer.location).text
    saved = draft(anna)
    assert (saved["title"], saved["startYear"]) == ("Een tuin", 2012)
    assert saved["findings"][0]["claim"] == "Meer contact."
    assert saved["findings"][0]["id"] == "tuin--minder-overlast"


def test_what_is_wrong_stands_beside_its_field_and_the_rest_is_saved(
    kb: KnowledgeBase, anna: Desk
) -> None:
    kb.draft(a_case())

    answer = send(anna, opened(anna), title="Een tuin", startYear="in 2012", endYear="9999")

    assert answer.status_code == 400
    assert 'href="#f.startYear"' in answer.text
    assert 'href="#f.endYear"' in answer.text
    assert ("startYear", "in 2012") in Fields(answer.text).pairs
    assert draft(anna)["title"] == "Een tuin"
    assert draft(anna)["startYear"] == 2016
    mended = send(anna, Fields(answer.text).pairs, startYear="2012", endYear="")
    assert mended.status_code == 303
    assert draft(anna)["startYear"] == 2012


def test_items_are_added_moved_and_removed_by_buttons(kb: KnowledgeBase, anna: Desk) -> None:
    kb.draft(a_case(findings=[a_finding("tuin", "een"), a_finding("tuin", "twee")]))
    before = draft(anna)

    more = Fields(send(anna, opened(anna), do="add:findings").text).pairs
    more = [(name, "Drie" if name == "findings.2.claim" else text) for name, text in more]
    moved = Fields(send(anna, more, do="up:findings.2").text).pairs
    fewer = Fields(send(anna, moved, do="remove:findings.0").text).pairs

    assert draft(anna) == before
    assert send(anna, fewer, do="save").status_code == 303
    findings = draft(anna)["findings"]
    assert [each["claim"] for each in findings] == ["Drie", "Twee"]
    assert findings[1]["id"] == "tuin--twee"


def test_a_finding_picks_a_source_and_nobody_sees_an_id(kb: KnowledgeBase, anna: Desk) -> None:
    kb.draft(
        a_case(
            sources=[a_source(), a_source("bron-2", title="Krant")],
            findings=[a_finding("tuin")],
        )
    )
    page = anna.get(FORM).text

    assert send(anna, Fields(page).pairs, **{"findings.0.source": "1"}).status_code == 303
    assert draft(anna)["findings"][0]["source"]["id"] == "bron-2"
    shown = page.partition("<main")[2].partition('<script type="application/json"')[0]
    without_hidden = "".join(part.partition(">")[2] for part in shown.split("<"))
    assert "bron-1" not in without_hidden
    assert "tuin--" not in without_hidden


def test_advice_stands_beside_the_text(kb: KnowledgeBase, anna: Desk) -> None:
    kb.publish(a_case("de-tuin", title="De tuin van de buurt"))
    kb.draft(a_case(title="De tuin van de buurt", approach="Elke bewoner kreeg een maatje."))

    page = anna.get(FORM).text

    assert "/redactie/casussen/de-tuin" in page
    assert "voeg een bevinding toe" in page.lower()


def test_an_ingredient_that_the_text_names_is_added_by_a_button(
    kb: KnowledgeBase, anna: Desk
) -> None:
    kb.draft(a_case())

    added = Fields(send(anna, opened(anna), do="add:ingredients:gedeelde-ruimten").text).pairs

    assert ("ingredients.1.id", "gedeelde-ruimten") in added


def test_what_a_colleague_saved_meanwhile_is_put_together(
    kb: KnowledgeBase, anna: Desk, piet: Desk
) -> None:
    kb.draft(a_case())
    mine = opened(anna)
    send(piet, opened(piet), dwellings="40")

    answer = send(anna, mine, summary="Van mij.")

    assert answer.status_code == 303
    assert (draft(anna)["summary"], draft(anna)["dwellings"]) == ("Van mij.", 40)


def test_a_conflict_is_settled_by_who_sees_both_texts(
    kb: KnowledgeBase, anna: Desk, piet: Desk
) -> None:
    kb.draft(a_case())
    mine = opened(anna)
    send(piet, opened(piet), summary="Van Piet.", title="De tuin van Piet", dwellings="40")

    page = send(anna, mine, summary="Van mij.", title="Mijn tuin")

    assert page.status_code == 409
    texts = re.sub(MARKS, "", page.text)
    assert "Van Piet." in texts
    assert "Van mij." in texts
    choices = {"choice.summary": "both", "choice.title": "mine", "do": "settle"}
    assert send(anna, Fields(page.text).pairs, **choices).status_code == 303
    saved = draft(anna)
    assert saved["summary"] == "Van Piet.\n\nVan mij."
    assert (saved["title"], saved["dwellings"]) == ("Mijn tuin", 40)


def test_a_choice_is_made_again_when_the_other_saved_again(
    kb: KnowledgeBase, anna: Desk, piet: Desk
) -> None:
    kb.draft(a_case())
    mine = opened(anna)
    send(piet, opened(piet), summary="Van Piet.")
    page = send(anna, mine, summary="Van mij.")
    send(piet, opened(piet), summary="Nog eens van Piet.")

    again = send(anna, Fields(page.text).pairs, **{"choice.summary": "theirs", "do": "settle"})

    assert again.status_code == 409
    assert "Nog eens van Piet." in re.sub(MARKS, "", again.text)


def test_what_was_typed_stays_when_the_session_has_ended(
    kb: KnowledgeBase, anna: Desk, signed_in: SignedIn
) -> None:
    kb.draft(a_case())
    typed = [(name, "Nog hier" if name == "title" else text) for name, text in opened(anna)]
    anna.post("/redactie/afmelden")

    ended = anna.client.post(FORM, data=dict(typed))

    assert ended.status_code == 401
    assert "Nog hier" in ended.text
    assert ended.text.count("<li><div>") == 2  # each step in one piece
    anna.sign_in()
    again = send(anna, typed, do="show")
    assert ("title", "Nog hier") in Fields(again.text).pairs
    assert draft(anna)["title"] == "Tuin"
    assert send(anna, Fields(again.text).pairs, do="save").status_code == 303
    assert draft(anna)["title"] == "Nog hier"


def test_a_form_of_another_session_saves_nothing(kb: KnowledgeBase, anna: Desk) -> None:
    kb.draft(a_case())

    answer = send(anna, opened(anna), csrf="anders", title="Van een ander", do="save")

    assert answer.status_code == 200
    assert "Nog niet bewaard" in answer.text
    assert draft(anna)["title"] == "Tuin"
    assert anna.client.post(FORM, data={"csrf": "anders", "do": "begin"}).status_code == 403


def test_a_form_of_which_the_end_was_lost_saves_nothing(kb: KnowledgeBase, anna: Desk) -> None:
    kb.draft(a_case())
    whole = opened(anna)

    answer = send(anna, whole[: len(whole) // 2], do="save")

    assert answer.status_code == 400
    assert draft(anna)["sources"][0]["title"] == "Verslag van de buurt"


def test_editing_what_is_public_begins_with_a_draft(kb: KnowledgeBase, anna: Desk) -> None:
    kb.publish(a_case())
    assert 'value="begin"' in anna.get(FORM).text

    assert anna.post(FORM, {"do": "begin"}).status_code == 303

    assert ("title", "Tuin") in opened(anna)
    assert anna.get("/redactie/casussen/nergens/bewerken").status_code == 404
    assert anna.get("/redactie/dingen/tuin/bewerken").status_code == 404


def test_the_form_sends_for_review_what_it_saves(kb: KnowledgeBase, anna: Desk) -> None:
    kb.draft(a_case())

    answer = send(anna, opened(anna), title="Klaar", do="submit")

    assert answer.status_code == 303
    assert (draft(anna)["title"], draft(anna)["_draft"]["state"]) == ("Klaar", "submitted")


def test_who_has_not_signed_in_is_led_to_where_that_is_done(kb: KnowledgeBase) -> None:
    answer = kb.client.get(FORM)

    assert answer.status_code == 303
    assert "/redactie/aanmelden?next=" in answer.location


def test_the_form_of_a_case_leads_to_its_images(kb: KnowledgeBase, anna: Desk) -> None:
    kb.draft(a_case())

    assert 'href="/redactie/casussen/tuin/beelden"' in anna.get(FORM).text


def test_the_name_of_a_country_leads_to_its_code(kb: KnowledgeBase, anna: Desk) -> None:
    kb.draft(a_case())

    wrong = send(anna, opened(anna), **{"place.country": "Nederland"})

    assert "Bedoelde je “NL”?" in wrong.text


def test_mistakes_read_as_people_write(kb: KnowledgeBase, anna: Desk) -> None:
    kb.draft(a_case())
    fields = [*opened(anna), ("ingredients", "n1"), ("ingredients.n1.id", "buddy-systeem")]

    wrong = send(anna, opened(anna), startYear="circa 2019")
    twice = send(anna, [*fields, ("ingredients.n1.how", "Ook.")])

    assert "Vul een jaartal in, zoals 2019." in wrong.text
    assert twice.status_code == 303  # it can be saved, and not be published
    assert "“Buddy&#39;s en maatjes” staat hier meer dan één keer." in anna.get(FORM).text


def test_an_address_without_its_beginning_is_completed(kb: KnowledgeBase, anna: Desk) -> None:
    kb.draft(a_case())

    assert send(anna, opened(anna), **{"sources.0.url": "www.voorbeeld.nl/x"}).status_code == 303
    assert draft(anna)["sources"][0]["url"] == "https://www.voorbeeld.nl/x"


@pytest.mark.parametrize(
    "base",
    [
        *("[" * 5000, '{"parties": {"a": 1}}', '{"place": []}', '{"strategies": [{}, []]}'),
        *('{"findings": ["x"]}', '{"title": {"a": 1}}', '{"parties": [{"name": []}]}', "{}{}"),
    ],
)
def test_a_hidden_field_that_is_not_ours_is_refused(
    kb: KnowledgeBase, anna: Desk, base: str
) -> None:
    kb.draft(a_case("tuin"))
    pairs = opened(anna)

    answer = send(anna, pairs, base=base, do="save")

    assert answer.status_code == 400


def test_what_an_item_hides_and_is_not_ours_is_left_out(kb: KnowledgeBase, anna: Desk) -> None:
    kb.draft(a_case("tuin"))
    pairs = [(name, "[" * 5000 if name.endswith("._") else value) for name, value in opened(anna)]

    assert send(anna, pairs, do="save").status_code in {303, 400}
