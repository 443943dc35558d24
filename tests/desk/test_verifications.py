"""The work list of what nobody has checked, ticked at the desk."""

from __future__ import annotations

import re

from tests.builders import a_case, a_pitfall, a_study
from tests.conftest import KnowledgeBase
from tests.desk.conftest import Desk, SignedIn

LIST = "/redactie/nakijken"
PAGE = "/redactie/casussen/tuin/nakijken"
KEYS = ["dwellings", "pitfalls.avoidance"]


def garden(kb: KnowledgeBase, dwellings: int = 47) -> None:
    pitfalls = [a_pitfall("tuin")]
    kb.publish(a_case("tuin", dwellings=dwellings, pitfalls=pitfalls, unverified=KEYS))


def tick(key: str, **form: str) -> dict[str, str]:
    fields = {f"{name}.{key}": value for name, value in form.items()}
    return {"key": key, "version": "1", f"source.{key}": "bron-1", **fields}


def test_an_editor_ticks_what_was_checked_beside_its_text(kb: KnowledgeBase, anna: Desk) -> None:
    garden(kb)
    assert PAGE in anna.get(LIST).text
    page = anna.get(PAGE).text
    assert "<p>47</p>" in page
    assert "Korte adem: Spreek vooraf af" in page

    sent = anna.post(PAGE, tick("dwellings", reference="p. 3"))

    assert sent.status_code == 303
    after = anna.get(PAGE).text
    assert 'value="dwellings"' not in after
    assert "Verslag van de buurt (p. 3)" in after
    assert "Anna" in after
    assert anna.call("GET", "/cases/tuin").json["unverified"] == ["pitfalls.avoidance"]


def test_what_is_refused_stays_on_the_page(kb: KnowledgeBase, anna: Desk) -> None:
    garden(kb)
    empty = anna.post(PAGE, {"version": "1"})
    assert empty.status_code == 400

    wrong = anna.post(PAGE, tick("dwellings", source="*", note="Mijn aantekening"))
    assert wrong.status_code == 400
    assert "Bladzijde, of de andere bron: Vul dit in." in wrong.text
    assert "Mijn aantekening" in wrong.text

    garden(kb, dwellings=48)
    stale = anna.post(PAGE, tick("dwellings", note="Te laat"))
    assert stale.status_code == 412
    assert "Te laat" in stale.text
    assert "<p>48</p>" in stale.text


def test_a_source_is_chosen_on_purpose(kb: KnowledgeBase, anna: Desk) -> None:
    garden(kb)
    assert re.search(
        r'name="source.dwellings">\s*<option value="">Kies een bron<', anna.get(PAGE).text
    )

    refused = anna.post(PAGE, tick("dwellings", source=""))

    assert refused.status_code == 400
    assert "In welke bron: Kies een bron." in refused.text
    assert anna.call("GET", "/cases/tuin").json["unverified"] == KEYS


def test_odd_forms_are_refused_and_break_nothing(kb: KnowledgeBase, anna: Desk) -> None:
    garden(kb)
    for form in (
        {"key": "dwellings"}, {"key": "dwellings", "version": "x"}, {"key": "", "version": "1"},
        {"key": "__class__", "version": "1"}, tick("pitfalls.0"),
        tick("dwellings", note="x" * 3000), tick("dwellings", source="bron-9"), tick("x" * 300),
    ):  # fmt: skip
        assert anna.post(PAGE, form).status_code == 400, form
    assert anna.client.post(PAGE, data=tick("dwellings")).status_code in {200, 403}  # no secret
    assert anna.call("GET", "/cases/tuin").json["unverified"] == KEYS


def test_filters_studies_and_things_without_such_keys(kb: KnowledgeBase, anna: Desk) -> None:
    garden(kb)
    kb.take(studies=[a_study(unverified=["year"])])

    listed = anna.get(f"{LIST}?type=study").text
    assert "/redactie/onderzoeken/onderzoek/nakijken" in listed
    assert PAGE not in listed
    assert anna.get(f"{LIST}?author=Niemand&lang=en").status_code == 200
    assert anna.get(f"{LIST}?type=x").status_code == 400
    study = "/redactie/onderzoeken/onderzoek/nakijken"
    form = {"key": "year", "version": "1", "source.year": "onderzoek"}
    assert anna.post(study, form).status_code == 303
    assert "2018" in anna.get("/onderzoeken/onderzoek").text
    assert anna.get("/redactie/casussen/weg/nakijken").status_code == 404
    assert anna.get("/redactie/vragen/wat/nakijken").status_code == 404
    assert kb.client.get(LIST).status_code == 303


def test_who_ticked_by_mistake_takes_that_back(kb: KnowledgeBase, anna: Desk, piet: Desk) -> None:
    garden(kb)
    assert anna.post(PAGE, tick("pitfalls.avoidance")).status_code == 303
    number = anna.call("GET", "/cases/tuin/verifications").json["items"][0]["id"]
    address = "/casussen/tuin", "/valkuilen/tuin--korte-adem"
    assert all("Nagekeken op" in kb.client.get(each).text for each in address)
    assert f'name="take-back" value="{number}"' in anna.get(PAGE).text
    assert anna.post(PAGE, {"take-back": "99"}).status_code == 404

    done = anna.post(PAGE, {"take-back": str(number)})

    assert done.status_code == 303
    assert anna.call("GET", "/cases/tuin").json["unverified"] == KEYS
    assert anna.call("GET", "/cases/tuin/verifications").json["items"] == []
    assert not any("Nagekeken op" in kb.client.get(each).text for each in address)


def test_only_a_publisher_takes_back_what_another_ticked(
    kb: KnowledgeBase, anna: Desk, piet: Desk, signed_in: SignedIn
) -> None:
    garden(kb)
    bas = signed_in("editor", "Bas")
    anna.post(PAGE, tick("dwellings"))
    number = anna.call("GET", "/cases/tuin/verifications").json["items"][0]["id"]

    assert "take-back" not in bas.get(PAGE).text
    assert bas.post(PAGE, {"take-back": str(number)}).status_code == 403
    assert piet.post(PAGE, {"take-back": str(number)}).status_code == 303
