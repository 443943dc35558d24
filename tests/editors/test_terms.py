"""Terms are content: proposed, approved by another, and never removed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from kb.database import now
from kb.editors import access, seed_files
from kb.editors import seed as seeding
from kb.vocabulary.terms import schemes
from tests.builders import a_case
from tests.conftest import KnowledgeBase
from tests.vocabulary.changed_terms import answers_anew

BUDDY = "/v1/vocabularies/ingredients/terms/buddy-systeem"
NEW = "/v1/vocabularies/strategies/terms/zandkastelen"
SOCIAL = schemes()["strategies"].terms["sociaal-beheer"]
A_TERM = {
    "labels": {"nl": "Zandkastelen bouwen", "en": "Building sandcastles"},
    "definition": "Buren bouwen samen iets van zand.",
    "synonyms": {"nl": ["strandgang"], "en": []},
}
Ask = Callable[..., TestResponse]


@pytest.fixture
def ask(kb: KnowledgeBase) -> Ask:
    """Call the API as somebody: `ask("anna", "PUT", path, json=…, etag=…)`."""
    with kb.database.transaction() as session:
        tokens = {
            owner.lower(): access.create_token(
                session, owner=owner, role=role, at=now(), lasts=timedelta(days=1)
            )
            for owner, role in (("Anna", "editor"), ("Piet", "publisher"))
        }

    def call(who: str, method: str, path: str, **options: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {tokens[who]}", **options.pop("headers", {})}
        if etag := options.pop("etag", None):
            headers["If-Match"] = etag
        return kb.client.open(path, method=method, headers=headers, **options)

    return call


def document(answer: TestResponse) -> dict[str, Any]:
    read: dict[str, Any] = answer.get_json()
    return read


def changed(ask: Ask, path: str, **values: Any) -> TestResponse:
    """Propose a term with other values."""
    current = ask("anna", "GET", path)
    return ask(
        "anna", "PUT", path, json={**document(current), **values}, etag=current.headers["ETag"]
    )


def approve(ask: Ask, path: str, etag: str) -> TestResponse:
    """Submit as Anna, publish as Piet."""
    submitted = ask("anna", "POST", f"{path}/draft/reviews", json={"decision": "submit"}, etag=etag)
    assert submitted.status_code == 200, submitted.text
    return ask("piet", "POST", f"{path}/publications", json={}, etag=submitted.headers["ETag"])


def new_term(ask: Ask, path: str = NEW, **values: Any) -> TestResponse:
    return ask("anna", "PUT", path, json={**A_TERM, **values}, headers={"If-None-Match": "*"})


def labels(kb: KnowledgeBase, scheme: str) -> dict[str, str]:
    terms = kb.client.get(f"/v1/vocabularies/{scheme}").json["terms"]
    return {term["id"]: term["label"] for term in terms}


def test_a_changed_label_is_public_once_another_approved_it(kb: KnowledgeBase, ask: Ask) -> None:
    proposed = changed(ask, BUDDY, labels={"nl": "Maatjes", "en": "Buddies"})
    before = labels(kb, "ingredients")["buddy-systeem"]

    published = approve(ask, BUDDY, proposed.headers["ETag"])

    assert proposed.json["_draft"]["changed"] == ["labels"]
    assert before != "Maatjes"
    assert published.status_code == 201, published.text
    assert labels(kb, "ingredients")["buddy-systeem"] == "Maatjes"


def test_a_term_is_not_approved_by_who_wrote_it(ask: Ask) -> None:
    current = ask("piet", "GET", BUDDY)
    body = {**document(current), "definition": "Anders."}
    etag = ask("piet", "PUT", BUDDY, json=body, etag=current.headers["ETag"]).headers["ETag"]
    submitted = ask(
        "piet", "POST", f"{BUDDY}/draft/reviews", json={"decision": "submit"}, etag=etag
    )

    refused = ask("piet", "POST", f"{BUDDY}/publications", json={}, etag=submitted.headers["ETag"])

    assert refused.status_code == 403


def test_a_new_term_may_be_used_when_it_is_public(kb: KnowledgeBase, ask: Ask) -> None:
    created = new_term(ask)
    approve(ask, NEW, created.headers["ETag"])

    begun = ask(
        "anna", "POST", "/v1/cases", json={"title": "Strand", "strategies": ["zandkastelen"]}
    )

    assert (created.status_code, begun.status_code) == (201, 201)
    assert begun.json["strategies"] == [{"id": "zandkastelen", "label": "Zandkastelen bouwen"}]
    assert kb.client.get("/v1/cases?strategy=zandkastelen").status_code == 200
    assert "zandkastelen" in kb.client.get("/v1/schemas/case").text


def test_a_new_synonym_finds_at_once(kb: KnowledgeBase, ask: Ask) -> None:
    kb.publish(a_case(id="tuin", ingredients=[{"id": "buddy-systeem", "how": "Samen."}]))
    proposed = changed(ask, BUDDY, synonyms={"nl": ["wijkmaatje"], "en": []})
    approve(ask, BUDDY, proposed.headers["ETag"])

    items = kb.client.get("/v1/cases?q=wijkmaatje").json["items"]

    assert [item["id"] for item in items] == ["tuin"]


def test_an_edit_on_an_old_copy_is_refused(ask: Ask) -> None:
    etag = ask("anna", "GET", BUDDY).headers["ETag"]
    changed(ask, BUDDY, definition="Eerst.")

    late = ask("anna", "PUT", BUDDY, json=A_TERM, etag=etag)

    assert late.status_code == 412


def test_an_id_is_taken_once(ask: Ask) -> None:
    assert new_term(ask, "/v1/vocabularies/strategies/terms/sociaal-beheer").status_code == 409
    assert new_term(ask).status_code == 201
    assert new_term(ask).status_code == 409


@pytest.mark.parametrize(
    ("path", "values", "pointer"),
    [
        (NEW, {"labels": {"nl": SOCIAL.label("nl").upper(), "en": "X"}}, "/labels/nl"),
        (NEW, {"broader": "sociaal-beheer"}, "/broader"),
        ("/v1/vocabularies/ingredients/terms/zandkastelen", {}, "/broader"),
        ("/v1/vocabularies/ingredients/terms/zandkastelen", {"broader": "geen"}, "/broader"),
        ("/v1/vocabularies/verdicts/terms/zandkastelen", {}, "/id"),
    ],
)
def test_mistakes_beside_other_terms_have_their_pointers(
    ask: Ask, path: str, values: dict[str, Any], pointer: str
) -> None:
    refused = new_term(ask, path, **values)

    assert refused.status_code == 400
    assert pointer in [error["pointer"] for error in refused.json["errors"]]


def deprecate(ask: Ask, path: str, successor: str | None) -> None:
    etag = ask("anna", "GET", path).headers["ETag"]
    proposed = ask("anna", "DELETE", path, json={"replacedBy": successor}, etag=etag)
    assert proposed.status_code == 200, proposed.text
    assert approve(ask, path, proposed.headers["ETag"]).status_code == 201


def test_texts_keep_a_deprecated_term_and_new_ones_are_refused_it(
    kb: KnowledgeBase, ask: Ask
) -> None:
    kb.publish(a_case(id="tuin", strategies=["sociaal-beheer"]))
    other = next(term for term in schemes()["strategies"].terms if term != "sociaal-beheer")
    deprecate(ask, "/v1/vocabularies/strategies/terms/sociaal-beheer", other)

    refused = ask(
        "anna", "POST", "/v1/cases", json={"title": "A", "strategies": ["sociaal-beheer"]}
    )
    begun = ask("anna", "POST", "/v1/cases/tuin/draft", json={})
    edited = ask(
        "anna",
        "PUT",
        "/v1/cases/tuin/draft",
        json={**document(begun), "summary": "Anders."},
        etag=begun.headers["ETag"],
    )

    assert refused.status_code == 400
    assert refused.json["errors"][0]["suggestion"] == other
    assert edited.status_code == 200, edited.text
    for term in ("sociaal-beheer", other):  # either finds what has the other
        items = kb.client.get(f"/v1/cases?strategy={term}").json["items"]
        assert [item["id"] for item in items] == ["tuin"]
    page = kb.client.get("/strategieen/sociaal-beheer")
    assert (page.status_code, page.headers["Location"]) == (301, f"/strategieen/{other}")


def test_the_names_of_a_deprecated_term_mean_its_successor(kb: KnowledgeBase, ask: Ask) -> None:
    kb.publish(a_case(id="tuin", strategies=["sociaal-beheer"]))
    created = new_term(ask)
    approve(ask, NEW, created.headers["ETag"])
    deprecate(ask, NEW, "sociaal-beheer")

    items = kb.client.get("/v1/cases?q=strandgang").json["items"]

    assert [item["id"] for item in items] == ["tuin"]
    assert "isReplacedBy" in kb.client.get("/v1/vocabularies/strategies?format=turtle").text


def test_the_versions_of_a_term_begin_with_that_of_the_release(ask: Ask) -> None:
    proposed = changed(ask, BUDDY, definition="Anders.")
    approve(ask, BUDDY, proposed.headers["ETag"])

    versions = ask("anna", "GET", f"{BUDDY}/versions").json["items"]

    assert [(each["version"], each["author"]) for each in versions] == [(2, "Anna"), (1, "seed")]
    assert versions[0]["text"]["definition"] == "Anders."


def test_a_discarded_proposal_leaves_what_is_public(kb: KnowledgeBase, ask: Ask) -> None:
    proposed = changed(ask, BUDDY, definition="Anders.")

    gone = ask("anna", "DELETE", f"{BUDDY}/draft", etag=proposed.headers["ETag"])

    assert gone.status_code == 204
    assert ask("anna", "GET", BUDDY).json["_draft"] is None


def test_a_place_among_the_terms_can_change(kb: KnowledgeBase, ask: Ask) -> None:
    path = "/v1/vocabularies/strategies/terms/sociaal-beheer"
    proposed = changed(ask, path, position=0)
    approve(ask, path, proposed.headers["ETag"])

    assert next(iter(labels(kb, "strategies"))) == "sociaal-beheer"


def test_seeding_leaves_the_terms_of_editors_alone(kb: KnowledgeBase, ask: Ask) -> None:
    proposed = changed(ask, BUDDY, labels={"nl": "Maatjes", "en": "Buddies"})
    approve(ask, BUDDY, proposed.headers["ETag"])
    created = new_term(ask)
    approve(ask, NEW, created.headers["ETag"])

    files = seed_files.SeedFiles(list(schemes().values()), [], [], [])
    report = seeding.seed(kb.database, files)
    answers_anew(kb)

    assert report.left_alone == ["ingredients/buddy-systeem"]
    assert labels(kb, "ingredients")["buddy-systeem"] == "Maatjes"
    assert labels(kb, "strategies")["zandkastelen"] == "Zandkastelen bouwen"


def test_drafts_of_cases_are_listed_without_those_of_terms(ask: Ask) -> None:
    changed(ask, BUDDY, definition="Anders.")

    assert ask("anna", "GET", "/v1/drafts").json["items"] == []
