"""A term is merged into another: everywhere, as one batch that is reviewed."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from kb.editors.batches.operations import lists_of_terms, names_term, rewrite_term
from kb.vocabulary.terms import released
from schemas.cases import CaseDocument
from tests.builders import a_case, a_finding, a_question, a_study
from tests.conftest import KnowledgeBase
from tests.editors.batches import decide, public, publish, read
from tests.editors.conftest import Person, codes, somebody
from tests.strategies import cases

OLD = "buddy-systeem"
NEW, THIRD = [each for each in released().schemes["ingredients"].terms if each != OLD][:2]
BUDDY = f"/vocabularies/ingredients/terms/{OLD}"


def merge(who: Person, path: str = BUDDY, into: str = NEW, *, dry: bool = False) -> TestResponse:
    dry_run = "true" if dry else "false"
    return who.ask("POST", f"{path}/merges?dryRun={dry_run}", {"into": into})


def how(term: str, text: str) -> dict[str, str]:
    return {"id": term, "how": text}


def bring(who: Person, piet: Person, kind: str, document: dict[str, Any]) -> None:
    """Publish a study or question."""
    path = f"/{kind}/{document['id']}"
    begun = who.ask("POST", f"/{kind}", document)
    etag = begun.headers["ETag"]
    sent = who.ask("POST", f"{path}/draft/reviews", {"decision": "submit"}, tag=etag)
    done = piet.ask("POST", f"{path}/publications", {}, tag=sent.headers["ETag"])
    assert done.status_code == 201, done.text


def ids_of(document: Any) -> list[str]:
    return [each["id"] for each in document["ingredients"]]


def test_a_merge_is_published_everywhere_at_once(
    kb: KnowledgeBase, anna: Person, piet: Person
) -> None:
    both = [how(NEW, "Eerst."), how(OLD, "Dan.")]
    credited = a_finding("tuin", ingredients=[OLD])
    kb.publish(
        a_case("tuin", ingredients=[how(OLD, "Samen.")], findings=[credited]),
        a_case("plein", ingredients=both),
        a_case("straat", ingredients=[how(THIRD, "Zo.")]),
    )
    study_finding = a_finding("onderzoek", ingredients=[OLD])
    del study_finding["source"]
    bring(anna, piet, "studies", a_study(findings=[study_finding]))
    bring(anna, piet, "questions", a_question(ingredients=[OLD, NEW]))
    label = kb.client.get(f"/v1/ingredients/{OLD}").json["title"]

    made = merge(anna)
    published = publish(piet, decide(anna, made, "submit"))

    assert made.status_code == 201, made.text
    assert [(each["type"], each["id"]) for each in made.json["items"]] == [
        ("term", f"ingredients/{NEW}"),
        ("term", f"ingredients/{OLD}"),
        ("case", "plein"),
        ("case", "tuin"),
        ("study", "onderzoek"),
        ("question", "wat-werkt"),
    ]
    assert [each["id"] for each in made.json["items"] if each["joined"]] == ["plein"]
    assert published.status_code == 201, published.text
    assert published.json["published"] == 6
    plein, tuin = public(kb, "plein"), public(kb, "tuin")
    assert [each["how"] for each in plein["ingredients"]] == ["Eerst.\n\nDan."]
    assert ids_of(plein) == ids_of(tuin) == [NEW]
    assert ids_of(tuin["findings"][0]) == [NEW]
    assert ids_of(kb.client.get("/v1/questions/wat-werkt").json) == [NEW]
    assert ids_of(kb.client.get("/v1/studies/onderzoek").json["findings"][0]) == [NEW]
    assert public(kb, "straat")["version"] == 1
    terms = {
        each["id"]: each for each in kb.client.get("/v1/vocabularies/ingredients").json["terms"]
    }
    assert (terms[OLD]["deprecated"], terms[OLD]["replacedBy"]) == (True, NEW)
    assert label in terms[NEW]["synonyms"]["nl"]
    hits = kb.client.get("/v1/cases", query_string={"ingredient": NEW, "q": label}).json["items"]
    assert {"tuin", "plein"} <= {each["id"] for each in hits}
    assert kb.client.get(f"/v1/ingredients/{OLD}").status_code == 301


def test_a_draft_of_somebody_else_gets_the_new_term_and_stays_a_draft(
    kb: KnowledgeBase, anna: Person, piet: Person
) -> None:
    kb.publish(a_case("tuin", ingredients=[how(OLD, "Samen.")]))
    piet.ask("POST", "/cases/tuin/draft", {})
    piet.patch("tuin", {"title": "Half af"})
    anna.create(a_case("nieuw", ingredients=[how(OLD, "Zo."), how(NEW, "Zo.")]))

    made = merge(anna)
    before = (public(kb, "tuin"), anna.ask("GET", "/cases/nieuw/draft").json)
    published = publish(piet, decide(anna, made, "submit"))

    assert {each["id"]: each["state"] for each in made.json["items"] if each["type"] == "case"} == {
        "nieuw": "alongside",
        "tuin": "alongside",
    }
    assert ids_of(before[0]) == [OLD]  # nothing before it is published
    assert ids_of(before[1]) == [OLD, NEW]
    assert published.status_code == 201, published.text
    draft = piet.ask("GET", "/cases/tuin/draft").json
    assert (draft["title"], draft["_draft"]["basedOn"], ids_of(draft)) == ("Half af", 2, [NEW])
    assert (public(kb, "tuin")["title"], ids_of(public(kb, "tuin"))) == ("Tuin", [NEW])
    new = anna.ask("GET", "/cases/nieuw/draft").json
    assert [(each["id"], each["how"]) for each in new["ingredients"]] == [(NEW, "Zo.")]
    assert kb.client.get("/v1/cases/nieuw").status_code == 404


def test_what_came_to_have_the_term_meanwhile_is_taken_in_first(
    kb: KnowledgeBase, anna: Person, piet: Person
) -> None:
    made = decide(anna, merge(anna), "submit")
    kb.publish(a_case("tuin", ingredients=[how(OLD, "Samen.")]))

    refused = publish(piet, made)
    assert refused.status_code == 409
    assert "tuin" in refused.json["detail"]
    again = read(anna, made)
    assert "extend" in again.json["actions"]
    path = f"/batches/{made.json['id']}/items"
    extended = anna.ask("POST", path, tag=again.headers["ETag"])

    assert extended.json["state"] == "draft"
    assert "tuin" in [each["id"] for each in extended.json["items"]]
    assert publish(piet, decide(anna, extended, "submit")).status_code == 201
    assert ids_of(public(kb, "tuin")) == [NEW]


def test_a_merge_that_somebody_undid_in_one_draft_is_not_published(
    kb: KnowledgeBase, anna: Person, piet: Person
) -> None:
    kb.publish(a_case("tuin", ingredients=[how(OLD, "Samen.")]))
    made = merge(anna)
    anna.patch("tuin", {"ingredients": [how(OLD, "Toch.")]})
    submitted = decide(anna, read(anna, made), "submit")

    assert publish(piet, submitted).status_code == 409
    assert ids_of(public(kb, "tuin")) == [OLD]
    assert (
        anna.ask(
            "DELETE",
            f"/batches/{made.json['id']}/items/case/tuin",
            tag=submitted.headers["ETag"],
        ).status_code
        == 409
    )


def test_a_dry_run_of_a_merge_says_what_is_made_while_others_write(
    kb: KnowledgeBase, anna: Person, piet: Person
) -> None:
    kb.publish(a_case("tuin", ingredients=[how(OLD, "Samen.")]))
    kb.publish(a_case("plein", ingredients=[how(OLD, "Samen.")]))
    piet.ask("POST", "/cases/plein/draft", {})

    with kb.database.transaction():
        planned = merge(anna, dry=True)

    assert planned.status_code == 200, planned.text
    assert planned.json["items"] == merge(anna).json["items"]


def test_a_dry_run_of_a_merge_proposes_nothing(kb: KnowledgeBase, anna: Person) -> None:
    kb.publish(a_case("tuin", ingredients=[how(OLD, "Samen.")]))

    answer = merge(anna, dry=True)

    assert answer.status_code == 200
    assert "tuin" in [each["id"] for each in answer.json["items"]]
    assert anna.ask("GET", BUDDY).json["_draft"] is None
    assert anna.ask("GET", "/drafts").json["items"] == []


def test_a_discarded_merge_leaves_no_proposal(anna: Person) -> None:
    made = merge(anna)
    path = f"/batches/{made.json['id']}"
    assert merge(anna).status_code == 409  # one at a time

    assert anna.ask("DELETE", path, tag=made.headers["ETag"]).status_code == 204

    assert anna.ask("GET", BUDDY).json["_draft"] is None
    assert merge(anna).status_code == 201


def test_a_group_is_merged_with_what_is_in_it(
    kb: KnowledgeBase, anna: Person, piet: Person
) -> None:
    groups = released().schemes["ingredient-groups"].terms
    old = released().schemes["ingredients"].terms[OLD].broader
    new = next(each for each in groups if each != old)

    made = merge(anna, f"/vocabularies/ingredient-groups/terms/{old}", new)
    published = publish(piet, decide(anna, made, "submit"))

    assert published.status_code == 201, published.text
    terms = kb.client.get("/v1/vocabularies/ingredients").json["terms"]
    assert {each["id"]: each["broader"] for each in terms}[OLD] == new
    assert old not in {each["broader"] for each in terms}


@pytest.mark.parametrize(
    ("path", "into", "status"),
    [
        (BUDDY, OLD, 400),
        (BUDDY, "zand", 400),
        ("/vocabularies/statuses/terms/lopend", "afgerond", 400),
        ("/vocabularies/ingredients/terms/zand", OLD, 404),
        ("/vocabularies/zand/terms/zand", OLD, 404),
    ],
)
def test_terms_that_cannot_be_merged_are_refused(
    anna: Person, path: str, into: str, status: int
) -> None:
    refused = merge(anna, path, into)

    assert refused.status_code == status
    if status == 400:
        assert set(codes(refused)) == {"/into"}


def test_two_texts_that_do_not_fit_into_one_are_mended_first(
    kb: KnowledgeBase, anna: Person
) -> None:
    kb.publish(a_case("tuin", ingredients=[how(OLD, "a" * 1500), how(NEW, "b" * 1500)]))

    refused = merge(anna)

    assert codes(refused) == {"/case/tuin/ingredients/0/how": "too-long"}
    assert anna.ask("GET", "/batches").json["items"] == []


LISTS = [each for size in (1, 2, 3) for each in permutations((OLD, NEW, THIRD), size)]


def test_after_a_merge_nothing_has_the_old_term_and_all_have_the_new_one_once(
    kb: KnowledgeBase, anna: Person, piet: Person
) -> None:
    def case(slug: str, terms: tuple[str, ...]) -> dict[str, Any]:
        return a_case(slug, ingredients=[how(each, each) for each in terms])

    wanted: dict[str, tuple[str, ...]] = {}
    for place, terms in enumerate(LISTS):
        anna.create(case(f"draft-{place}", terms))
        other = LISTS[-1 - place]
        wanted |= {f"public-{place}": terms, f"both-{place}": terms}
        wanted |= {f"draft-{place}/draft": terms, f"both-{place}/draft": other}
    public_ones = {slug: terms for slug, terms in wanted.items() if "/" not in slug}
    kb.publish(*(case(slug, terms) for slug, terms in public_ones.items()))
    for place in range(len(LISTS)):
        piet.ask("POST", f"/cases/both-{place}/draft", {})
        other = case("", LISTS[-1 - place])["ingredients"]
        assert piet.patch(f"both-{place}", {"ingredients": other}).status_code == 200

    published = publish(piet, decide(anna, merge(anna), "submit"))

    assert published.status_code == 201, published.text
    expected = {
        path: list(dict.fromkeys(NEW if each == OLD else each for each in terms))
        for path, terms in wanted.items()
    }
    assert {path: ids_of(anna.ask("GET", f"/cases/{path}").json) for path in wanted} == expected
    assert kb.client.get(f"/v1/cases?ingredient={NEW}&pageSize=100").json["page"][
        "totalItems"
    ] == sum(NEW in terms for path, terms in expected.items() if "/" not in path)
    state = anna.ask("GET", BUDDY).json
    assert state["uses"] == {"case": 0, "study": 0, "question": 0}


@given(case=cases(), old=st.data())
def test_no_place_of_a_text_keeps_a_term_that_is_replaced(
    case: dict[str, Any], old: st.DataObject
) -> None:
    scheme = old.draw(st.sampled_from(("strategies", "ingredients", "party-roles", "phases")))
    terms = tuple(released().schemes[scheme].terms)
    term, other = old.draw(st.permutations(terms))[:2]

    after = rewrite_term(CaseDocument, case, scheme, term, other)

    assert not names_term(CaseDocument, after, scheme, term)
    assert names_term(CaseDocument, after, scheme, other) == (
        names_term(CaseDocument, case, scheme, term)
        or names_term(CaseDocument, case, scheme, other)
    )
    assert rewrite_term(CaseDocument, after, scheme, term, other) == after
    for key, has_items in lists_of_terms(CaseDocument).values():
        ids = [each["id"] if has_items else each for each in after[key]]
        assert len(set(ids)) == len(ids)


def test_a_merge_on_postgresql_too(postgres_kb: KnowledgeBase) -> None:
    kb = postgres_kb
    anna, piet = somebody(kb, "Anna", "editor"), somebody(kb, "Piet", "publisher")
    kb.publish(
        a_case("tuin", ingredients=[how(OLD, "Samen.")]),
        a_case("plein", ingredients=[how(OLD, "Samen."), how(NEW, "Zo.")]),
    )
    piet.ask("POST", "/cases/tuin/draft", {})

    published = publish(piet, decide(anna, merge(anna), "submit"))

    assert published.status_code == 201, published.text
    assert ids_of(public(kb, "tuin")) == ids_of(public(kb, "plein")) == [NEW]
    assert ids_of(piet.ask("GET", "/cases/tuin/draft").json) == [NEW]
