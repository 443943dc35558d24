"""What a row leaves out stays, what it empties is emptied, and nothing is overwritten unseen."""

from __future__ import annotations

from typing import Any

import pytest

from kb.cases.aliases import Thing
from kb.editors import revisions, workflow
from kb.editors.imports.intake import import_rows
from kb.editors.imports.key_changes import key_changes
from kb.editors.tables.csv_import import read_csv
from schemas.cases import PLACE_KEYS
from tests.builders import a_case
from tests.conftest import KnowledgeBase
from tests.editors.bulk import everything, outcomes, reasons, results, run, text_of, whole


@pytest.mark.parametrize("publish", [False, True])
def test_what_a_row_leaves_out_stays(any_kb: KnowledgeBase, publish: bool) -> None:
    run(any_kb, whole(), publish=True)
    before = text_of(any_kb)

    report = run(any_kb, {"id": "tuin", "title": "Anders"}, publish=publish)

    assert outcomes(report) == ["updated"]
    assert text_of(any_kb) == before | {"title": "Anders"}
    assert report.rows[0].changes == (("title", "Tuin", "Anders"),)


@pytest.mark.parametrize(
    ("row", "key", "expected"),
    [
        ({"summary": None}, "summary", None),
        ({"findings": []}, "findings", []),
        ({"pitfalls": None}, "pitfalls", []),
        ({"strategies": []}, "strategies", []),
        ({"place": None}, "place", dict.fromkeys(PLACE_KEYS)),
    ],
)
def test_emptying_is_requested_and_reported(
    kb: KnowledgeBase, row: dict[str, Any], key: str, expected: Any
) -> None:
    run(kb, whole(), publish=True)
    before = text_of(kb)

    tried = run(kb, {"id": "tuin", **row}, dry_run=True)
    done = run(kb, {"id": "tuin", **row})

    assert text_of(kb) == before | {key: expected}
    assert tried.rows == done.rows
    [(value, old, new)] = done.rows[0].changes
    assert (value, new) == (key, expected)
    assert old == before[key]


def test_parts_that_are_left_out_stay_in_a_place_and_in_items_that_were_there(
    kb: KnowledgeBase,
) -> None:
    run(kb, whole(), publish=True)
    before = text_of(kb)
    row = {
        "id": "tuin",
        "place": {"neighbourhood": "Overvecht"},
        "pitfalls": [
            {"title": "TIJD", "avoidance": None},
            {"title": "Nieuw"},
            {"id": "tuin--a", "title": "Poen"},
        ],
    }

    assert outcomes(run(kb, row)) == ["updated"]

    after = text_of(kb)
    assert after["place"] == before["place"] | {"neighbourhood": "Overvecht"}
    money, hours = before["pitfalls"]
    changed, new, poen = after["pitfalls"]
    assert changed == hours | {"title": "TIJD", "avoidance": None}
    assert poen == money | {"title": "Poen"}
    assert (new["id"], new["category"]) == ("tuin--nieuw", None)


def test_a_row_of_a_sheet_takes_no_item_away_unless_requested(kb: KnowledgeBase) -> None:
    run(kb, whole(), publish=True)
    before = text_of(kb)

    def take_sheet(*lines: str) -> list[str]:
        rows = read_csv("\n".join(lines).encode()).rows
        return outcomes(import_rows(kb.database, rows, author="sanne"))

    assert take_sheet("id,pitfall1.title,pitfall2.title", "tuin,Tijd,Nieuw") == ["updated"]
    assert [each["title"] for each in text_of(kb)["pitfalls"]] == ["Geld", "Tijd", "Nieuw"]
    assert text_of(kb)["pitfalls"][:2] == before["pitfalls"]
    assert take_sheet("id,pitfalls,pitfall1.title", "tuin,[leeg],Tijd") == ["updated"]
    assert text_of(kb)["pitfalls"] == before["pitfalls"][1:]
    assert take_sheet("id,pitfalls", "tuin,[leeg]") == ["updated"]
    assert text_of(kb)["pitfalls"] == []


def test_a_mistake_in_a_sheet_is_reported_with_its_cell(kb: KnowledgeBase) -> None:
    run(kb, whole(), publish=True)
    sheet = "id;pitfall1.title;Soort valkuil 1;Schaal\ntuin;Nieuw;geldgebrek;wijkk"

    [row] = import_rows(kb.database, read_csv(sheet.encode()).rows, author="sanne").rows

    assert {at: row.cells[at] for at, _ in row.errors} == {
        "/scale": (2, "D", "Schaal", "wijkk"),
        "/pitfalls/2/category": (2, "C", "Soort valkuil 1", "geldgebrek"),
    }


@pytest.mark.parametrize("path", ["/v1/cases", "/v1/cases?q=tuin", "/v1/search", "/v1/pitfalls"])
def test_an_item_of_a_list_is_refused(kb: KnowledgeBase, path: str) -> None:
    run(kb, whole(), publish=True)
    kb.catch_up()
    before = everything(kb)
    listed: Any = kb.client.get(path).get_json()

    report = run(kb, *listed["items"], publish=True)

    assert {*outcomes(report)} == {"rejected"}
    assert {*reasons(report)} == {"list-item"}
    assert everything(kb) == before


def test_what_one_case_answers_goes_in_unchanged(kb: KnowledgeBase) -> None:
    run(kb, whole(), publish=True)

    assert outcomes(run(kb, kb.client.get("/v1/cases/tuin").get_json())) == ["unchanged"]


def test_a_row_without_an_id_is_a_new_case_unless_title_place_and_year_are_the_same(
    any_kb: KnowledgeBase,
) -> None:
    here = {"place": {"municipality": "Utrecht"}, "startYear": 2016}
    rows = [
        {"title": "Buurthuis", "summary": "In Utrecht"},
        {"title": "Buurthuis", "summary": "In Groningen"},
        {"title": "Tuin", **here},
    ]
    run(any_kb, *rows[:1])
    run(any_kb, *rows[1:])

    assert text_of(any_kb, "buurthuis")["summary"] == "In Utrecht"
    assert text_of(any_kb, "buurthuis-2")["summary"] == "In Groningen"
    again = run(any_kb, *rows, {"title": " TUIN", "summary": "x", **here})
    assert results(again) == [
        ("buurthuis", "unchanged", []),
        ("buurthuis-2", "unchanged", []),
        ("tuin", "unchanged", []),
        (None, "rejected", [("", "duplicate")]),
    ]
    same = run(any_kb, {"title": "tuin ", "summary": "x", **here})
    assert results(same) == [("tuin", "updated", [])]
    other = run(
        any_kb, {"title": "Tuin", **here, "startYear": 2017}, {"title": "Tuin", "place": {}}
    )
    assert results(other) == [("tuin-2", "created", []), ("tuin-3", "created", [])]


def test_titles_in_another_script_do_not_meet_in_one_case(kb: KnowledgeBase) -> None:
    report = run(kb, *({"title": title} for title in ("Сад", "花园", "حديقة", "🌷", "🌻", "!!")))

    assert [row.outcome for row in report.rows] == ["created"] * 6
    assert [row.id for row in report.rows] == [
        "sad", "huayuan", "hdyqh", "casus", "casus-2", "casus-3",
    ]  # fmt: skip


def test_a_row_of_a_withdrawn_case_keeps_what_it_leaves_out(kb: KnowledgeBase) -> None:
    kb.publish(whole())
    before = text_of(kb)
    kb.withdraw("tuin")

    assert outcomes(run(kb, {"id": "tuin", "title": "Anders"})) == ["created"]
    assert text_of(kb) == before | {"title": "Anders"}


def test_words_of_a_colleague_in_a_draft_are_not_overwritten_unseen(kb: KnowledgeBase) -> None:
    run(kb, a_case("tuin"))
    run_as = {"_draft": {"savedAt": "2001-01-01T00:00:00Z"}}
    with kb.database.transaction() as session:
        draft = revisions.revision_in(session, Thing("case", "tuin"), "draft")
        assert draft is not None
        for who in ("joris", "sanne"):  # the importer was the last to save, but not by this file
            document = draft.document | {"summary": f"Van {who}"}
            workflow.rewrite(session, draft, document, who=who, at=draft.saved_at)
        moment = f"{draft.saved_at:%Y-%m-%dT%H:%M:%SZ}"

    for row in (a_case("tuin", title="Oud"), a_case("tuin", title="Oud", **run_as)):
        assert reasons(run(kb, row)) == ["other-draft"]
    assert text_of(kb)["summary"] == "Van sanne"
    read = a_case("tuin", title="Nieuw", _draft={"savedAt": moment})
    assert outcomes(run(kb, read)) == ["updated"]


def test_long_texts_are_reported_where_they_differ() -> None:
    before = {"context": "a" * 5000 + "oud" + "b" * 5000, "pitfalls": [{"title": "c" * 999}]}
    after = {"context": "a" * 5000 + "nieuw" + "b" * 5000, "pitfalls": []}

    context, pitfalls = key_changes(before, after)

    assert (len(context.before), context.before[41:44]) == (202, "oud")
    assert context.after[41:46] == "nieuw"
    assert pitfalls == ("pitfalls", [{"title": "c" * 200 + "…"}], [])
