"""Dossiers: things in full, in the order of who collected them, whatever became of some."""

from __future__ import annotations

import csv
import io
import json
from typing import Any
from urllib.parse import urlencode

import pytest
import rispy
from bibtexparser.entrypoint import parse_string as parse_bibtex
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from kb.cases.aliases import Thing
from kb.database import now
from kb.editors import renaming
from kb.kinds import KIND_NAMES, KINDS
from kb.services import services_of
from schemas.dossiers import DossierItem, DossierItemField
from tests.builders import a_case, a_finding, a_pitfall, a_question, a_study
from tests.conftest import KnowledgeBase
from tests.contract.addresses import local

Json = dict[str, Any]
EXAMPLES = [f"{kind.name}:{kind.example_id}" for kind in KINDS.values()]


def dossier(kb: KnowledgeBase, *items: str, status: int = 200, more: str = "") -> Json:
    query = urlencode([("item", item) for item in items])
    answer = kb.client.get(f"/v1/dossiers?{query}{more}")
    assert answer.status_code == status, answer.text
    return dict(answer.json or {})


def names(answer: Json) -> list[str]:
    return [f"{each['type']}:{each['id']}" for each in answer["items"]]


def test_each_thing_is_what_its_own_address_gives(seeded: KnowledgeBase) -> None:
    answer = dossier(seeded, *EXAMPLES)

    for item, kind in zip(answer["items"], KINDS.values(), strict=True):
        assert item == seeded.client.get(f"/v1/{kind.collection}/{kind.example_id}").json


@given(st.permutations(EXAMPLES))
def test_the_order_is_that_of_the_address(seeded: KnowledgeBase, order: list[str]) -> None:
    assert names(dossier(seeded, *order)) == order


def test_commas_do_as_well_and_labels_follow_the_language(seeded: KnowledgeBase) -> None:
    answer = seeded.client.get(f"/v1/dossiers?item={EXAMPLES[0]},{EXAMPLES[5]}&lang=en").json or {}

    assert names(answer) == [EXAMPLES[0], EXAMPLES[5]]
    assert answer["items"][1]["label"] == "Buddies and befriending"


@pytest.mark.parametrize(
    ("query", "name", "code"),
    [
        ("", "item", "required"),
        ("item=", "item", "empty"),
        ("item=case:a,", "item", "empty"),
        ("item=place2bu-utrecht", "item", "bad-format"),
        ("item=casus:place2bu-utrecht", "item", "not-in-vocabulary"),
        ("item=case:", "item", "bad-format"),
        ("item=case:A%20b", "item", "bad-format"),
        ("item=case:" + "a" * 177, "item", "too-long"),
        ("item=case:a&item=case:b&item=case:a", "item", "duplicate"),
        ("&".join(f"item=case:a-{n}" for n in range(51)), "item", "too-long"),
        ("item=case:a&items=case:b", "items", "unknown-parameter"),
    ],
)
def test_what_is_no_dossier_is_refused(
    query: str, name: str, code: str, seeded: KnowledgeBase
) -> None:
    answer = seeded.client.get(f"/v1/dossiers?{query}")

    assert answer.status_code == 400
    assert [(each["name"], each["code"]) for each in (answer.json or {})["errors"]] == [
        (name, code)
    ]


def test_a_kind_that_comes_near_is_suggested(seeded: KnowledgeBase) -> None:
    answer = seeded.client.get("/v1/dossiers?item=cases:place2bu-utrecht").json or {}

    assert answer["errors"][0]["suggestion"] == "case:place2bu-utrecht"
    assert "case, " in answer["errors"][0]["detail"]


def test_who_names_no_kind_reads_which_there_are(seeded: KnowledgeBase) -> None:
    [error] = (seeded.client.get("/v1/dossiers?item=foo:bar").json or {})["errors"]

    assert error["detail"] == f"“foo” is niet een van deze: {', '.join(KIND_NAMES)}."


def test_what_is_withdrawn_or_unknown_takes_nothing_from_the_rest(kb: KnowledgeBase) -> None:
    kb.publish(a_case("een"), a_case("weg"), a_case("nieuw"))
    kb.withdraw("weg", reason="Klopte niet.", replaced_by="nieuw")

    answer = dossier(kb, "case:weg", "case:een", "case:eem", "ingredient:buddy-sisteem")

    assert names(answer) == ["case:een"]
    withdrawn, unknown, term = answer["absent"]
    assert (withdrawn["item"], withdrawn["status"]) == ("case:weg", 410)
    assert (withdrawn["reason"], withdrawn["replacedBy"]) == ("Klopte niet.", "case:nieuw")
    assert (unknown["status"], unknown["suggestions"][0]) == (404, "case:een")
    assert term["suggestions"] == ["ingredient:buddy-systeem"]
    assert "case%3A" not in answer["_links"]["self"]["href"]
    again = kb.client.get(local(answer["_links"]["self"]["href"])).json
    assert again == answer


def test_what_a_withdrawn_case_owned_is_withdrawn_too(kb: KnowledgeBase) -> None:
    """Its own address, its page and a dossier say why, and what replaces the case."""
    owned: dict[str, Any] = {"pitfalls": [a_pitfall("weg")], "findings": [a_finding("weg")]}
    kb.publish(a_case("een"), a_case("weg", **owned), a_case("nieuw"))
    kb.withdraw("weg", reason="Klopte niet.", replaced_by="nieuw")
    paths = ("findings/weg--minder-overlast", "pitfalls/weg--korte-adem")

    for path in paths:
        answer = kb.client.get(f"/v1/{path}")
        assert answer.status_code == 410
        assert answer.get_json()["reason"] == "Klopte niet."
        assert answer.get_json()["replacedBy"] == "nieuw"
        assert "suggestions" not in answer.get_json()
    shown = kb.client.get("/valkuilen/weg--korte-adem")
    assert shown.status_code == 410
    assert "Klopte niet." in shown.get_data(as_text=True)
    [absent] = dossier(kb, "case:een", "finding:weg--minder-overlast")["absent"]
    assert (absent["status"], absent["replacedBy"]) == (410, "case:nieuw")


@pytest.mark.parametrize(("item", "status"), [("case:weg", 410), ("pitfall:nergens--iets", 404)])
def test_nothing_that_can_be_read_is_a_problem(item: str, status: int, kb: KnowledgeBase) -> None:
    kb.publish(a_case("weg"))
    kb.withdraw("weg", reason="Klopte niet.")

    dossier(kb, item, status=status)


@pytest.mark.parametrize("collection", ["dossiers", "memos"])
def test_where_nothing_can_be_read_items_are_suggested(
    collection: str, seeded: KnowledgeBase
) -> None:
    answer = seeded.client.get(f"/v1/{collection}?item=case:place2bu-utrech")

    assert answer.status_code == 404
    assert (answer.json or {})["suggestions"][0] == "case:place2bu-utrecht"


def test_a_former_id_gives_what_it_leads_to_now(kb: KnowledgeBase) -> None:
    kb.publish(a_case("oud", pitfalls=[a_pitfall("oud")]), a_case("ander"))
    with services_of(kb.app).database.transaction() as session:
        renaming.rename(session, Thing("case", "oud"), "nieuw", who="redactie", at=now())

    answer = dossier(kb, "case:oud", "case:ander", "case:nieuw", "pitfall:oud--korte-adem")

    assert names(answer) == ["case:nieuw", "case:ander", "pitfall:nieuw--korte-adem"]
    assert {"item": "case:oud", "now": "case:nieuw"} in answer["moved"]
    assert "oud" not in answer["_links"]["self"]["href"]
    assert answer["absent"] == []


def test_who_follows_a_former_id_is_led_on(kb: KnowledgeBase) -> None:
    kb.publish(a_case("oud"))
    with services_of(kb.app).database.transaction() as session:
        renaming.rename(session, Thing("case", "oud"), "nieuw", who="redactie", at=now())

    answer = kb.client.get("/volgen/casussen/oud")

    assert answer.status_code == 301
    assert answer.headers["Location"].endswith("/volgen/casussen/nieuw")


def test_a_whole_dossier_takes_few_statements(kb: KnowledgeBase) -> None:
    slugs = [f"casus-{number}" for number in range(8)]
    kb.publish(
        *(a_case(slug, pitfalls=[a_pitfall(slug)], findings=[a_finding(slug)]) for slug in slugs)
    )
    kb.take(studies=[a_study("studie")], questions=[a_question("vraag", studies=["studie"])])
    kinds = {"case": "", "pitfall": "--korte-adem", "finding": "--minder-overlast"}
    items = [f"{kind}:{slug}{end}" for kind, end in kinds.items() for slug in slugs]

    def statements(*chosen: str) -> int:
        executed: list[str] = []
        engine = services_of(kb.app).database.engine

        def listener(*arguments: object) -> None:
            if "change.mark" not in str(arguments[2]):  # the vocabulary, looked at each second
                executed.append(str(arguments[2]))

        event.listen(engine, "before_cursor_execute", listener)
        dossier(kb, *chosen)
        event.remove(engine, "before_cursor_execute", listener)
        return len(executed)

    others = ["study:studie", "question:vraag", "ingredient:buddy-systeem"]
    assert statements(*items, *others) == statements(*items[::8], *others)


def test_an_unchanged_dossier_is_not_sent_again(seeded: KnowledgeBase) -> None:
    address = f"/v1/dossiers?item={EXAMPLES[0]}"
    first = seeded.client.get(address)

    assert first.headers["Cache-Control"].startswith("public")
    again = seeded.client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


@given(st.text(max_size=30))
def test_any_text_is_an_item_or_a_mistake(seeded: KnowledgeBase, text: str) -> None:
    answer = seeded.client.get("/v1/dossiers", query_string={"item": text})

    assert answer.status_code in {400, 404}


@given(st.sampled_from(list(KINDS)), st.from_regex(r"[a-z0-9]+(-[a-z0-9]+){0,3}", fullmatch=True))
def test_an_item_reads_as_it_is_written(kind: str, slug: str) -> None:
    item = DossierItem(kind, slug)

    assert tuple(DossierItemField().deserialize(f"{item}")) == (kind, slug)


def test_a_table_has_a_row_for_each_thing(seeded: KnowledgeBase) -> None:
    query = "&".join(f"item={item}" for item in EXAMPLES)
    answer = seeded.client.get(f"/v1/dossiers?{query}&format=csv")

    rows = list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert [f"{row['type']}:{row['id']}" for row in rows] == EXAMPLES
    assert answer.headers["Row-Count"] == "6"


@pytest.mark.parametrize("representation", ["bibtex", "ris", "csl"])
def test_references_are_of_our_texts_and_what_is_behind_them(
    representation: str, seeded: KnowledgeBase
) -> None:
    query = "&".join(f"item={item}" for item in EXAMPLES)
    answer = seeded.client.get(f"/v1/dossiers?{query}&format={representation}")
    text = answer.get_data().decode()
    if representation == "bibtex":
        keys = [entry.key for entry in parse_bibtex(text).entries]
    else:
        read = json.loads if representation == "csl" else rispy.loads
        keys = [entry["id"] for entry in read(text)]

    assert len(keys) == len(set(keys))
    for item in EXAMPLES:
        assert item.partition(":")[2] in keys
    assert "place2bu-utrecht-bron-1" in keys
    assert len(keys) > len(EXAMPLES) + 3
