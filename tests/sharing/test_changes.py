"""Who follows the changes ends with exactly what is public, whatever happens meanwhile."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from kb.cases.changes import Change
from tests.builders import a_case, a_question, a_study
from tests.conftest import PUBLIC_URL, KnowledgeBase
from tests.contract.addresses import local
from tests.strategies import examples

Key = tuple[str, str]
NEVER_GIVEN = ("-1", "x", "1.5", "1" * 19, "%00", "1-", "1-xyz", "1-" + "A" * 16)
LISTS = {"case": "cases", "study": "studies", "question": "questions"}


class Follower:
    """Keeps a copy of all that is public, by reading the changes."""

    def __init__(self, kb: KnowledgeBase) -> None:
        self.client = kb.client
        self.cursor = ""
        self.copy: dict[Key, Any] = {}

    def read(self, size: int) -> int:
        """Take over one page; how many changes there were."""
        url = f"/v1/changes?pageSize={size}" + (f"&cursor={self.cursor}" if self.cursor else "")
        answer = self.client.get(url).json
        for change in answer["items"]:
            key = (change["type"], change["id"])
            thing = self.client.get(local(change["_links"]["self"]["href"]))
            self.copy.pop(key, None)
            if thing.status_code == 200 and change["event"] != "withdrawn":
                self.copy[key] = thing.json
        self.cursor = answer["nextCursor"]
        return len(answer["items"])

    def catch_up(self, size: int) -> None:
        """Take over all pages."""
        while self.read(size):
            pass


def public(kb: KnowledgeBase) -> dict[Key, Any]:
    """Everything that lists show, whole."""
    items_by_key = {}
    for kind, name in LISTS.items():
        for item in kb.client.get(f"/v1/{name}?pageSize=100&fields=id").json["items"]:
            items_by_key[kind, item["id"]] = kb.client.get(f"/v1/{name}/{item['id']}").json
    for item in kb.client.get("/v1/vocabularies").json["items"]:
        items_by_key["vocabulary", item["id"]] = kb.client.get(
            f"/v1/vocabularies/{item['id']}"
        ).json
    return items_by_key


Step = tuple[Literal["publish", "withdraw", "read"], str, int]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(("publish", "withdraw", "read")),
        st.sampled_from(("soort", "een", "twee")),
        st.integers(1, 7),
    ),
    max_size=8,
)


def take(kb: KnowledgeBase, what: str, slug: str, number: int) -> None:
    """Publish or withdraw a case; one that cannot be withdrawn is left alone."""
    public_now = kb.client.get(f"/v1/cases/{slug}").status_code == 200
    if what == "withdraw":
        if public_now:
            kb.withdraw(slug)
        return
    keys: dict[str, Any] = {"title": f"Titel {number}"}
    if slug == "soort":
        keys["kind"] = "archetype"
    elif kb.client.get("/v1/cases/soort").status_code == 200:
        keys["archetype"] = "soort"
    kb.publish(a_case(slug, **keys))


@examples(8)
@given(steps=STEPS, size=st.integers(1, 1000))
def test_a_follower_ends_with_what_is_public(
    any_kb: KnowledgeBase, steps: list[Step], size: int
) -> None:
    random.seed()  # Whoosh names its files at random, and Hypothesis gives each example the same
    follower = Follower(any_kb)
    for what, slug, number in steps:
        if what == "read":
            follower.read(number)
        else:
            take(any_kb, what, slug, number)
    follower.catch_up(size)

    assert follower.copy == public(any_kb)


def test_a_follower_misses_nothing_while_others_write(any_kb: KnowledgeBase) -> None:
    follower, done = Follower(any_kb), threading.Event()

    def write(name: str) -> None:
        for number in range(4):
            any_kb.publish(a_case(f"{name}-{number}"))
            any_kb.publish(a_case(f"{name}-0", title=f"Titel {number}"))
        any_kb.withdraw(f"{name}-1")

    def read() -> None:
        while not done.is_set():
            follower.read(2)

    reader = threading.Thread(target=read)
    writers = [threading.Thread(target=write, args=(name,)) for name in ("een", "twee")]
    for thread in (reader, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    reader.join()
    any_kb.catch_up()
    follower.catch_up(3)

    assert follower.copy == public(any_kb)
    assert len(follower.copy) > 6


def test_all_that_changes_is_reported(kb: KnowledgeBase) -> None:
    start = kb.client.get("/v1/changes?pageSize=1000").json["nextCursor"]
    kb.take(studies=[a_study("rapport")], questions=[a_question("waarom", studies=["rapport"])])
    kb.publish(a_case("tuin"))
    kb.publish(a_case("tuin", title="Tuinen"))
    kb.draft(a_case("geheim"))
    kb.withdraw("tuin")

    items = kb.client.get(f"/v1/changes?cursor={start}").json["items"]

    events = [(each["event"], each["type"], each["id"]) for each in items]
    assert events == [
        ("created", "study", "rapport"),
        ("created", "question", "waarom"),
        ("created", "case", "tuin"),
        ("updated", "case", "tuin"),
        ("withdrawn", "case", "tuin"),
    ]
    numbers = [each["number"] for each in items]
    assert numbers == list(range(reached(start) + 1, reached(start) + 6))
    assert items[2]["_links"] == {"self": {"href": f"{PUBLIC_URL}/v1/cases/tuin"}}


def test_links_lead_on_as_long_as_there_is_more(kb: KnowledgeBase) -> None:
    kb.publish(*(a_case(f"tuin-{n}") for n in range(5)))
    pages = list(_pages(kb, "/v1/changes?pageSize=2&lang=en"))

    numbers = [each["number"] for page in pages for each in page["items"]]
    assert numbers == list(range(1, len(numbers) + 1))
    cursor = pages[-1]["nextCursor"]
    assert reached(cursor) == numbers[-1]
    assert all("lang=en" in page["_links"]["self"]["href"] for page in pages)
    again = kb.client.get(f"/v1/changes?cursor={cursor}").json
    assert (again["items"], again["nextCursor"]) == ([], cursor)


def test_a_change_of_a_vocabulary_names_its_terms(any_kb: KnowledgeBase) -> None:
    any_kb.publish(a_case("tuin"))

    items = any_kb.client.get("/v1/changes?pageSize=1000").json["items"]

    for each in items:
        assert ("terms" in each) == (each["type"] == "vocabulary")
        if each["type"] == "vocabulary":
            scheme = any_kb.client.get(f"/v1/vocabularies/{each['id']}").json
            events = {term["id"]: term["_links"]["self"]["href"] for term in each["terms"]}
            assert list(events) == [term["id"] for term in scheme["terms"]]
            for href in events.values():
                assert any_kb.client.get(local(href).partition("#")[0]).status_code == 200
    [ingredients] = [each for each in items if each["id"] == "ingredients"]
    one = ingredients["terms"][0]
    assert one["_links"]["self"]["href"] == f"{PUBLIC_URL}/v1/ingredients/{one['id']}"


def test_a_change_of_an_earlier_release_may_be_of_any_term(kb: KnowledgeBase) -> None:
    with kb.database.transaction() as session:  # as the release before left it
        session.execute(update(Change).values(terms=None))

    items = kb.client.get("/v1/changes").json["items"]

    assert {each["terms"] for each in items if each["type"] == "vocabulary"} == {None}


def reached(cursor: str) -> int:
    """The number of the last change that is behind a cursor."""
    return int(cursor.partition("-")[0])


def _pages(kb: KnowledgeBase, address: str) -> Iterator[Any]:
    while address:
        page = kb.client.get(address).json
        yield page
        address = local(page["_links"]["next"]["href"]) if "next" in page["_links"] else ""


@pytest.mark.parametrize(
    ("query", "code"),
    [
        *((f"cursor={each}", "bad-format") for each in NEVER_GIVEN),
        ("cursor=", "empty"),
        ("cursor=1&cursor=2", "repeated"),
        ("cursor=999999", "out-of-range"),
        ("pageSize=1001", "out-of-range"),
        ("page=2", "unknown-parameter"),
    ],
)
def test_a_cursor_that_we_never_gave_is_a_mistake(kb: KnowledgeBase, query: str, code: str) -> None:
    answer = kb.client.get(f"/v1/changes?{query}")

    assert answer.status_code == 400
    assert [each["code"] for each in answer.json["errors"]] == [code]
