"""An editor hears when a text is saved otherwise than it was sent, where that can be seen."""

from __future__ import annotations

from typing import Any

from tests.builders import a_case, a_pitfall
from tests.editors.conftest import Person


def spellings(advice: list[dict[str, Any]]) -> dict[str, str]:
    return {each["pointer"]: each["detail"] for each in advice if each["code"] == "normalised"}


def test_saving_tells_what_reads_otherwise(anna: Person) -> None:
    made = anna.create(
        a_case(
            "tuin",
            title="Tuin\nin  bloei",
            summary=" Een tuin.\u200b ",
            place={"country": "NL", "province": "Fryslân"},
            pitfalls=[a_pitfall("tuin", title="\u202eKort\u202c")],
        )
    ).get_json()

    text = spellings(made["_draft"]["advice"])
    assert set(text) == {"/title", "/place/province", "/pitfalls/0/title"}
    assert "Tuin in bloei" in text["/title"]
    assert "Friesland" in text["/place/province"]


def test_what_looks_the_same_is_not_reported(anna: Person) -> None:
    made = anna.create(a_case("tuin", title=" Cafe\u0301\u00a0De\u00adTuin ")).get_json()

    assert made["title"] == "Café DeTuin"
    assert made["_draft"]["advice"] == []


def test_an_edit_hears_of_what_it_sent_and_a_reader_of_nothing(anna: Person) -> None:
    anna.create(a_case("tuin", title="Tuin\nA"))

    patched = anna.patch("tuin", {"summary": "Een\u2028\u2028twee", "context": "Een\u2800twee"})
    put = anna.put("tuin", patched.get_json() | {"title": "Tuin\tB"})
    read = anna.ask("GET", "/cases/tuin/draft")

    assert set(spellings(patched.get_json()["_draft"]["advice"])) == {"/context"}
    assert set(spellings(put.get_json()["_draft"]["advice"])) == {"/title"}
    assert read.get_json()["_draft"]["advice"] == []


def test_trying_and_importing_tell_it_too(anna: Person) -> None:
    document = a_case("tuin", title="Tuin\nA")

    tried = anna.ask("POST", "/cases/_validate", document).get_json()
    wrong = anna.ask("POST", "/cases/_validate", document | {"scale": "x"}).get_json()
    row = anna.ask("POST", "/imports", [document]).get_json()["rows"][0]
    again = anna.ask("POST", "/imports", [document]).get_json()["rows"][0]

    assert set(spellings(tried["advice"])) == set(spellings(wrong["advice"])) == {"/title"}
    assert set(spellings(row["advice"])) == {"/title"}
    assert (again["outcome"], again["advice"]) == ("unchanged", [])


def test_a_long_text_is_shown_by_its_beginning(anna: Person) -> None:
    made = anna.create(a_case("tuin", summary="\u202e" + "x" * 500)).get_json()

    [detail] = spellings(made["_draft"]["advice"]).values()
    assert "x" * 79 + "…" in detail
    assert len(detail) < 250


def test_lists_of_what_is_wrong_end_and_say_how_long_they_are(anna: Person) -> None:
    pitfalls = [{"title": f"Valkuil {number}"} for number in range(60)]
    document = a_case("tuin", title="Tuin\nA", pitfalls=pitfalls)

    state = anna.create(document).get_json()["_draft"]
    tried = anna.ask("POST", "/cases/_validate", document).get_json()

    assert (len(state["problems"]), state["problemCount"]) == (100, 180)
    assert (len(tried["errors"]), tried["errorCount"]) == (100, 180)
    assert tried["adviceCount"] == len(tried["advice"])
