"""What nobody has checked yet is a work list; a check holds for what was checked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kb.editors.verifications.digests import digest_of, unverified_keys
from tests.builders import a_case, a_pitfall, a_study
from tests.conftest import KnowledgeBase
from tests.editors.conftest import Person, codes

Live = Callable[..., None]
PATH = "/cases/tuin/verifications"
KEYS = ["dwellings", "pitfalls.avoidance"]


def garden(**keys: Any) -> dict[str, Any]:
    case = a_case("tuin", dwellings=40, pitfalls=[a_pitfall("tuin")], unverified=KEYS)
    return case | keys


def check(person: Person, key: str = "dwellings", **body: Any) -> Any:
    sent = {"key": key, "version": 1, "source": "bron-1", **body}
    return person.ask("POST", PATH, sent)


def public(kb: KnowledgeBase) -> list[str]:
    keys: list[str] = kb.client.get("/v1/cases/tuin").json["unverified"]
    return keys


def test_what_was_checked_is_no_longer_unverified_for_anybody(
    kb: KnowledgeBase, anna: Person
) -> None:
    kb.publish(garden())
    before = kb.client.get("/v1/cases/tuin").headers["ETag"]

    checked = check(anna, reference="p. 12", note="Tabel 3.")

    assert checked.status_code == 201, checked.text
    assert checked.json["sourceTitle"] == "Verslag van de buurt"
    assert (checked.json["editor"], checked.json["inForce"]) == ("Anna", True)
    assert public(kb) == ["pitfalls.avoidance"]
    answer = kb.client.get("/v1/cases/tuin")
    assert answer.headers["ETag"] != before
    assert answer.json["version"] == 1
    assert kb.client.get("/v1/cases/tuin/versions/1").json["unverified"] == KEYS  # as published
    assert kb.client.get("/v1/changes").json["items"][-1]["event"] == "updated"
    page = kb.client.get("/casussen/tuin").text
    assert "Verslag van de buurt (p. 12)" in page
    for place in (page, answer.text):
        assert "Anna" not in place
        assert "Tabel 3" not in place


def test_the_work_list_has_what_is_public_and_unverified(kb: KnowledgeBase, anna: Person) -> None:
    kb.publish(garden(), a_case("straat"))
    kb.draft(a_case("concept", dwellings=1, unverified=["dwellings"]))
    kb.take(studies=[a_study(unverified=["year"])])

    listed: Any = anna.ask("GET", "/unverified-things").json

    assert {each["id"]: each["unverified"] for each in listed["items"]} == {
        "tuin": KEYS, "onderzoek": ["year"]
    }  # fmt: skip
    assert anna.ask("GET", "/unverified-things?type=study").json["page"]["totalItems"] == 1
    [first, *_] = anna.ask("GET", "/unverified-things?author=redactie&type=case").json["items"]
    assert first["version"] == 1
    assert anna.ask("GET", "/unverified-things?author=Niemand").json["items"] == []
    for key in KEYS:
        assert check(anna, key).status_code == 201
    study = {"key": "year", "version": 1, "source": "onderzoek"}
    assert anna.ask("POST", "/studies/onderzoek/verifications", study).status_code == 201
    assert anna.ask("GET", "/unverified-things").json["items"] == []
    assert kb.client.get("/v1/studies/onderzoek").json["unverified"] == []


def test_another_value_is_unverified_again_and_the_former_one_checked(
    kb: KnowledgeBase, anna: Person, life: Live
) -> None:
    kb.publish(garden())
    check(anna)

    life(garden(summary="Iets anders."))
    assert public(kb) == ["pitfalls.avoidance"]
    life(garden(dwellings=41, unverified=[]))  # also when the text does not say so
    assert public(kb) == ["dwellings"]
    [item] = anna.ask("GET", PATH).json["items"]
    assert not item["inForce"]
    life(garden(dwellings=40, unverified=[]))
    assert public(kb) == []


def test_a_check_of_a_value_that_changed_meanwhile_is_refused(
    kb: KnowledgeBase, anna: Person, life: Live
) -> None:
    kb.publish(garden())
    life(garden(dwellings=41))

    stale = check(anna)

    assert (stale.status_code, stale.json["changed"]) == (412, ["dwellings"])
    assert check(anna, "pitfalls.avoidance").status_code == 201  # that one did not change
    again = check(anna, "pitfalls.avoidance", version=2)
    assert again.status_code == 409
    assert "pitfalls.avoidance" in again.json["detail"]
    assert public(kb) == ["dwellings"]


def test_what_is_wrong_with_a_check_is_reported(kb: KnowledgeBase, anna: Person) -> None:
    kb.publish(garden())

    assert codes(check(anna, "niets", version=9, source="bron-9")) == {
        "/key": "bad-format", "/version": "unknown-reference", "/source": "unknown-reference"
    }  # fmt: skip
    assert codes(check(anna, source=None)) == {"/source": "required"}
    assert codes(check(anna, reference="x" * 501, note=" ", extra=1)) == {
        "/reference": "too-long", "/note": "empty", "/extra": "unknown-key"
    }  # fmt: skip
    assert check(anna, "summary").status_code == 409  # it is not unverified
    assert check(anna, source=None, reference="Het kadaster").status_code == 201


def test_roles_drafts_and_withdrawn_things(kb: KnowledgeBase, anna: Person) -> None:
    assert kb.client.get("/v1/unverified-things").status_code == 401
    assert check(anna).status_code == 404
    kb.publish(garden())
    assert kb.client.get(f"/v1{PATH}").status_code == 401
    assert anna.ask("POST", "/questions/x/verifications", {}).status_code == 404
    kb.withdraw("tuin")
    assert check(anna).status_code == 410
    assert anna.ask("GET", PATH).status_code == 410
    assert anna.ask("GET", "/unverified-things").json["items"] == []


def test_checks_follow_another_id(kb: KnowledgeBase, anna: Person, piet: Person) -> None:
    kb.publish(garden())
    check(anna, "pitfalls.avoidance")
    anna.ask("POST", "/cases/tuin/draft", {})
    piet.ask("POST", "/cases/tuin/renames", {"id": "hof"}, tag=anna.tag("tuin"))

    listed: Any = anna.ask("GET", "/cases/hof/verifications").json
    assert listed["unverified"] == ["dwellings"]
    assert listed["items"][0]["inForce"]


VALUES = st.sampled_from([1, 2, 3])
STEPS = st.lists(st.tuples(st.booleans(), VALUES, st.booleans()), max_size=15)


@given(STEPS)
def test_a_value_is_verified_when_it_was_checked_and_never_else(
    steps: list[tuple[bool, int, bool]],
) -> None:
    document: dict[str, Any] = {"dwellings": 1, "unverified": ["dwellings"]}
    checks: list[tuple[str, str]] = []
    values = set[int]()
    for is_check, value, declares in steps:
        if is_check:
            checks.append(("dwellings", digest_of(document, "dwellings")))
            values.add(document["dwellings"])
        else:
            document = {"dwellings": value, "unverified": ["dwellings"] if declares else []}
        is_open = bool(values) or bool(document["unverified"])
        wanted = ["dwellings"] if is_open and document["dwellings"] not in values else []
        assert unverified_keys(document, checks) == wanted


def test_the_order_of_items_makes_no_difference_and_their_texts_do() -> None:
    one, two = a_pitfall("tuin"), a_pitfall("tuin", "tweede")
    first = {"pitfalls": [one, two]}

    for key in ("pitfalls", "pitfalls.avoidance"):
        assert digest_of(first, key) == digest_of({"pitfalls": [two, one]}, key)
        swapped = [one | {"avoidance": "Anders."}, two]
        assert digest_of(first, key) != digest_of({"pitfalls": swapped}, key)
        assert digest_of(first, key) != digest_of({"pitfalls": [one]}, key)
