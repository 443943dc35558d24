"""Studies and questions are written, reviewed, published and taken away as cases are."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest

from kb.kinds import KINDS as KINDS_BY_NAME
from tests.builders import a_case, a_finding, a_pitfall, a_question, a_study
from tests.conftest import KnowledgeBase
from tests.editors.conftest import MERGE_PATCH, Person, codes

STUDY = a_study(
    findings=[a_finding("onderzoek", source=None)],
    pitfalls=[a_pitfall("onderzoek")],
)
del STUDY["findings"][0]["source"]
QUESTION = a_question(strategies=["sociaal-beheer"], effectDomains=["leefbaarheid"])
KINDS = [
    pytest.param("studies", "study", STUDY, "summary", id="study"),
    pytest.param("questions", "question", QUESTION, "answer", id="question"),
]
of_each_kind = pytest.mark.parametrize(("collection", "kind", "document", "key"), KINDS)


def tag(person: Person, address: str) -> str:
    answer = person.ask("GET", f"{address}/draft")
    assert answer.status_code == 200, answer.text
    return answer.headers["ETag"]


def patch(person: Person, address: str, changes: dict[str, Any]) -> Any:
    sent = {"tag": tag(person, address), "Content_Type": MERGE_PATCH}
    answer = person.ask("PATCH", f"{address}/draft", changes, **sent)
    assert answer.status_code == 200, answer.text
    return answer.json


def approve(anna: Person, piet: Person, address: str, **options: Any) -> Any:
    """Submit the draft, and have another publish it."""
    submit = {"decision": "submit"}
    answer = anna.ask("POST", f"{address}/draft/reviews", submit, tag=tag(anna, address))
    assert answer.status_code == 200, answer.text
    answer = piet.ask("POST", f"{address}/publications", options, tag=tag(piet, address))
    assert answer.status_code == 201, answer.text
    return answer.json


def publish(anna: Person, piet: Person, collection: str, document: dict[str, Any]) -> str:
    """Write and publish something; gives its address."""
    answer = anna.ask("POST", f"/{collection}", document)
    assert answer.status_code == 201, answer.text
    address = f"/{collection}/{answer.json['id']}"
    approve(anna, piet, address)
    return address


def read(kb: KnowledgeBase, path: str, status: int = 200) -> Any:
    answer = kb.client.get(f"/v1{path}")
    assert answer.status_code == status, answer.text
    return answer.json


@of_each_kind
def test_a_draft_is_public_once_another_has_approved_it(
    kb: KnowledgeBase,
    anna: Person,
    piet: Person,
    collection: str,
    kind: str,
    document: dict[str, Any],
    key: str,
) -> None:
    begun = anna.ask("POST", f"/{collection}", {"title": document["title"]})

    assert begun.status_code == 201, begun.text
    assert begun.headers["Location"].endswith(f"/v1/{collection}/{begun.json['id']}/draft")
    assert {each["pointer"] for each in begun.json["_draft"]["problems"]} >= {f"/{key}"}
    address = f"/{collection}/{document['id']}"
    whole = anna.ask("PUT", f"{address}/draft", document, tag=tag(anna, address))
    assert whole.json["_draft"]["problems"] == []
    read(kb, address, 404)
    approve(anna, piet, address)

    shown = read(kb, address)
    assert shown[key] == document[key]
    assert shown["type"] == kind
    assert read(kb, f"/{collection}?q={shown['title'].split()[0]}")["items"]


@of_each_kind
def test_what_readers_get_may_be_sent_back(
    kb: KnowledgeBase,
    anna: Person,
    piet: Person,
    collection: str,
    kind: str,
    document: dict[str, Any],
    key: str,
) -> None:
    address = publish(anna, piet, collection, document)
    draft = anna.ask("POST", f"{address}/draft", {}).json

    for text in (read(kb, address), draft):
        answer = anna.ask("PUT", f"{address}/draft", text, tag=tag(anna, address))
        assert answer.status_code == 200, answer.text

    assert anna.ask("GET", f"{address}/draft/changes").json == []


@of_each_kind
def test_every_text_can_be_read_and_compared(
    kb: KnowledgeBase,
    anna: Person,
    piet: Person,
    collection: str,
    kind: str,
    document: dict[str, Any],
    key: str,
) -> None:
    address = publish(anna, piet, collection, document)
    anna.ask("POST", f"{address}/draft", {})
    patch(anna, address, {key: "Een betere tekst."})
    listed = anna.ask("GET", f"/drafts?type={kind}").json["items"]
    compared = anna.ask("GET", f"{address}/draft/changes").json
    approve(anna, piet, address)

    assert [(each["type"], each["id"]) for each in listed] == [(kind, document["id"])]
    assert [each["path"] for each in compared] == [f"/{key}"]
    assert [each["version"] for each in read(kb, f"{address}/versions")["items"]] == [2, 1]
    first = read(kb, f"{address}/versions/1")
    assert (first[key], first["version"]) == (document[key], 1)
    assert [each["path"] for each in read(kb, f"{address}/versions/2/changes?from=1")] == [
        f"/{key}"
    ]
    steps = anna.ask("GET", f"{address}/history").json["items"]
    assert [each["what"] for each in steps[:3]] == ["published", "submitted", "saved"]
    saved = anna.ask("GET", f"{address}/revisions/{steps[-1]['revision']}")
    assert saved.json[key] == document[key]


@of_each_kind
def test_what_is_withdrawn_answers_410_until_it_is_back(
    kb: KnowledgeBase,
    anna: Person,
    piet: Person,
    collection: str,
    kind: str,
    document: dict[str, Any],
    key: str,
) -> None:
    address = publish(anna, piet, collection, document)
    answer = piet.ask("POST", f"{address}/withdrawals", {"reason": "Verouderd."})
    assert answer.status_code == 201, answer.text

    assert read(kb, address, 410)["reason"] == "Verouderd."
    page = kb.client.get(f"{KINDS_BY_NAME[kind].page_path}/{document['id']}")
    assert (page.status_code, "Verouderd." in page.text) == (410, True)
    assert read(kb, f"/{collection}")["items"] == []
    assert read(kb, "/changes")["items"][-1]["event"] == "withdrawn"
    anna.ask("POST", f"{address}/draft", {})
    approve(anna, piet, address, reinstate=True)
    assert read(kb, address)[key] == document[key]


@of_each_kind
def test_a_former_id_leads_to_the_new_one(
    kb: KnowledgeBase,
    anna: Person,
    piet: Person,
    collection: str,
    kind: str,
    document: dict[str, Any],
    key: str,
) -> None:
    address = publish(anna, piet, collection, document)

    answer = piet.ask("POST", f"{address}/renames", {"id": "nieuw"})

    assert answer.status_code == 201, answer.text
    moved = kb.client.get(f"/v1{address}")
    assert (moved.status_code, moved.headers["Location"][-3:]) == (301, "euw")
    shown = read(kb, f"/{collection}/nieuw")
    assert [each["id"] for each in shown.get("findings", ())] in (
        [],
        ["nieuw--minder-overlast"],
    )
    assert anna.ask("POST", f"/{collection}", document).status_code == 409


@of_each_kind
def test_an_erased_version_is_gone_for_good(
    kb: KnowledgeBase,
    anna: Person,
    piet: Person,
    collection: str,
    kind: str,
    document: dict[str, Any],
    key: str,
) -> None:
    address = publish(anna, piet, collection, document)
    anna.ask("POST", f"{address}/draft", {})
    patch(anna, address, {key: "Een betere tekst."})
    approve(anna, piet, address)

    answer = piet.ask("DELETE", f"{address}/versions/1", {"reason": "Privacy."})

    assert answer.status_code == 200, answer.text
    assert read(kb, f"{address}/versions/1", 410)["reason"] == "Privacy."


@of_each_kind
def test_a_seed_leaves_the_work_of_editors_alone(
    kb: KnowledgeBase,
    anna: Person,
    piet: Person,
    collection: str,
    kind: str,
    document: dict[str, Any],
    key: str,
) -> None:
    seeded = {collection: [document]}
    kb.take(**seeded)
    kb.take(**{collection: [{**document, key: "Van een latere uitgave."}]})
    address = f"/{collection}/{document['id']}"
    assert read(kb, address)[key] == "Van een latere uitgave."
    anna.ask("POST", f"{address}/draft", {})
    patch(anna, address, {key: "Van de redactie."})
    approve(anna, piet, address)

    report = kb.take(**seeded)

    assert report.left_alone == [document["id"]]
    assert read(kb, address)[key] == "Van de redactie."
    kb.take()
    assert read(kb, address)[key] == "Van de redactie."


@of_each_kind
def test_the_schema_of_a_kind_describes_its_documents(
    kb: KnowledgeBase, collection: str, kind: str, document: dict[str, Any], key: str
) -> None:
    dutch, english = (read(kb, f"/schemas/{kind}?lang={each}") for each in ("nl", "en"))

    valid = jsonschema_rs.validator_for(english).is_valid
    assert valid(document)
    assert valid(english["examples"][0])
    assert not valid({**document, "extra": 1})
    assert english["properties"][key]["x-required-to-publish"]
    for name in english["properties"]:
        assert dutch["properties"][name]["title"], name
    assert dutch["description"] != english["description"]


def test_new_pitfalls_and_findings_of_a_study_get_ids(anna: Person) -> None:
    finding = {key: value for key, value in STUDY["findings"][0].items() if key != "id"}

    draft = anna.ask("POST", "/studies", {**STUDY, "findings": [finding]}).json

    assert draft["findings"][0]["id"] == "onderzoek--minder-overlast"
    changed = patch(anna, "/studies/onderzoek", {"findings": [finding]})
    assert changed["findings"][0]["id"] == "onderzoek--minder-overlast"


def test_a_question_goes_on_without_a_withdrawn_study_and_gets_it_back(
    kb: KnowledgeBase, anna: Person, piet: Person
) -> None:
    study = publish(anna, piet, "studies", STUDY)
    question = publish(anna, piet, "questions", a_question(studies=["onderzoek"]))
    review = publish(anna, piet, "studies", a_study("overzicht", covers=["onderzoek"]))

    piet.ask("POST", f"{study}/withdrawals", {"reason": "Verouderd."})

    assert read(kb, question)["studies"] == []
    assert read(kb, review)["covers"] == []
    anna.ask("POST", f"{question}/draft", {})
    approve(anna, piet, question)  # it may still name the study that it rests on
    anna.ask("POST", f"{study}/draft", {})
    approve(anna, piet, study, reinstate=True)
    assert [each["id"] for each in read(kb, question)["studies"]] == ["onderzoek"]
    assert [each["id"] for each in read(kb, review)["covers"]] == ["onderzoek"]
    piet.ask("POST", f"{study}/renames", {"id": "nieuw"})
    assert [each["id"] for each in read(kb, question)["studies"]] == ["nieuw"]
    assert [each["id"] for each in read(kb, f"{review}/versions/1")["covers"]] == ["nieuw"]


@of_each_kind
def test_what_took_the_place_of_something_is_of_its_kind(
    kb: KnowledgeBase,
    anna: Person,
    piet: Person,
    collection: str,
    kind: str,
    document: dict[str, Any],
    key: str,
) -> None:
    kb.publish(a_case("tuin"))
    address = publish(anna, piet, collection, document)
    other = {**document, "id": "ander", "findings": [], "pitfalls": []}
    if kind == "question":
        del other["findings"], other["pitfalls"]
    publish(anna, piet, collection, other)
    sent = {"reason": "Verouderd.", "replacedBy": "tuin"}
    refused = piet.ask("POST", f"{address}/withdrawals", sent)
    assert codes(refused) == {"/replacedBy": "unknown-reference"}

    piet.ask("POST", f"{address}/withdrawals", {**sent, "replacedBy": "ander"})

    folder = KINDS_BY_NAME[kind].page_path
    html = {"Accept": "text/html"}
    page = kb.client.get(f"{folder}/{document['id']}", headers=html).text
    assert f'href="{folder}/ander"' in page
    dossier = read(kb, f"/dossiers?item={kind}:{document['id']}&item={kind}:ander")
    assert [each["replacedBy"] for each in dossier["absent"]] == [f"{kind}:ander"]


def test_a_question_names_public_studies_only(anna: Person, piet: Person) -> None:
    answer = anna.ask("POST", "/questions", a_question(studies=["nergens"]))

    problems = answer.json["_draft"]["problems"]
    assert [each["pointer"] for each in problems] == ["/studies/0"]
    address = "/questions/wat-werkt"
    submit = {"decision": "submit"}
    anna.ask("POST", f"{address}/draft/reviews", submit, tag=tag(anna, address))
    refused = piet.ask("POST", f"{address}/publications", {}, tag=tag(piet, address))
    assert codes(refused) == {"/studies/0": "unknown-reference"}


def test_a_study_and_a_case_never_have_the_same_id(kb: KnowledgeBase, anna: Person) -> None:
    kb.publish(a_case("tuin"))

    assert anna.ask("POST", "/studies", a_study("tuin")).status_code == 409
    assert anna.ask("POST", "/questions", a_question("tuin")).status_code == 201
    assert anna.ask("POST", "/cases", a_case("tuin")).status_code == 409


def test_a_seed_leaves_an_id_to_the_editors_who_took_it(kb: KnowledgeBase, anna: Person) -> None:
    anna.ask("POST", "/studies", a_study("tuin"))

    report = kb.take(cases=[a_case("tuin")])

    assert report.left_alone == ["tuin"]
    assert read(kb, "/studies/tuin/draft", 401)
    read(kb, "/cases/tuin", 404)


def test_a_new_question_comes_after_the_others(
    kb: KnowledgeBase, anna: Person, piet: Person
) -> None:
    kb.take(questions=[a_question("zee"), a_question("aap")])

    publish(anna, piet, "questions", a_question("mier"))

    assert [each["id"] for each in read(kb, "/questions")["items"]] == ["zee", "aap", "mier"]


def test_what_left_the_files_is_withdrawn_and_comes_back_with_them(kb: KnowledgeBase) -> None:
    kb.take(studies=[STUDY], questions=[a_question(studies=["onderzoek"])])

    report = kb.take(questions=[a_question()])

    assert report.withdrawn == ["onderzoek"]
    assert read(kb, "/studies/onderzoek", 410)["reason"]
    kb.take(studies=[STUDY], questions=[a_question()])
    assert read(kb, "/studies/onderzoek")["findings"]
