"""A run over the addresses in published texts, and what editors see of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from kb.cases.aliases import Thing
from kb.database import now
from kb.editors.link_checks import queries, run
from kb.editors.link_checks.checker import LinkChecker, Pace
from kb.editors.link_checks.cited_links import addresses_in
from kb.editors.link_checks.client import LinkClient
from kb.editors.link_checks.judge import GONE_AFTER, STATES, Outcome, judge
from kb.editors.link_checks.model import LinkCheck
from kb.editors.link_checks.queries import cited_links
from schemas import link_checks as shapes
from tests.builders import a_case, a_question, a_source, a_study
from tests.conftest import KnowledgeBase
from tests.editors.conftest import Person, codes
from tests.editors.odd_websites import Website, a_website

MOMENT = datetime(2026, 3, 1, tzinfo=UTC)
URL = "https://www.example.nl/rapport"


@pytest.fixture
def website() -> Iterator[Website]:
    """A website on this machine."""
    with a_website() as made:
        yield made


def a_checker() -> LinkChecker:
    return LinkChecker(LinkClient("kennisbank", may_connect=lambda _: True, timeout=1), Pace(0))


def check_all(kb: KnowledgeBase, *urls: str, days: int = 0) -> dict[str, int]:
    """Check what is due, or these."""
    with kb.database.reading() as session:
        due = run.due_links(session, older_than=timedelta(days=days), at=now())
    counts = run.check_links(kb.database, a_checker(), urls or due, lambda _: None)
    return dict(counts)


def cases(kb: KnowledgeBase, **urls: str) -> None:
    kb.publish(*(a_case(slug, sources=[a_source(url=url)]) for slug, url in urls.items()))


def states(person: Person, query: str = "") -> dict[str, str]:
    listed: Any = person.ask("GET", f"/link-checks{query}").json
    return {each["url"]: each["state"] for each in listed["items"]}


def test_an_address_is_met_wherever_it_stands(kb: KnowledgeBase) -> None:
    text = "Zie https://a.example/b_(c), (http://d.example/e) en “https://f.example/?g=h&i”."
    case = a_case("tuin", context=text, sources=[a_source(url="https://bron.example/x")])
    image = {"id": "i", "alt": "x", "maker": "x", "licence": "https://licentie.example/by"}
    kb.publish(case)
    kb.take(
        studies=[a_study(url="https://studie.example/")],
        questions=[a_question(answer="Lees HTTPS://Vraag.example/y!")],
    )
    kb.draft(a_case("concept", summary="https://concept.example/"))

    with kb.database.reading() as session:
        links = cited_links(session)
        [only] = cited_links(session, Thing("study", "onderzoek"))

    assert set(links) == {
        *("https://a.example/b_(c)", "http://d.example/e", "https://f.example/?g=h&i"),
        *("https://bron.example/x", "https://studie.example/", "HTTPS://Vraag.example/y"),
    }
    assert links["https://bron.example/x"][0].pointers == ["/sources/0/url"]
    assert only == "https://studie.example/"
    assert list(addresses_in({"images": [image]})) == [
        ("https://licentie.example/by", "/images/0/licence")
    ]


DOCUMENTS = st.recursive(
    st.text() | st.none() | st.integers(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(DOCUMENTS)
def test_any_document_can_be_read_for_addresses(document: Any) -> None:
    for url, _ in addresses_in(document):
        assert url.lower().startswith(("http://", "https://"))


def test_a_run_saves_what_came_of_each_and_editors_see_where_it_stands(
    kb: KnowledgeBase, anna: Person, website: Website
) -> None:
    cases(
        kb, weg=website.url("/404"), goed=website.url("/page"), dicht=website.url("/403"),
        om=website.url("/to/301/page"), stuk=website.url("/500"),
    )  # fmt: skip
    assert set(states(anna).values()) == {"unchecked"}

    counts = check_all(kb)

    assert counts == {"gone": 1, "ok": 1, "refused": 1, "redirected": 1, "failing": 1}
    listed: Any = anna.ask("GET", "/link-checks").json
    assert [each["state"] for each in listed["items"]] == [
        *("gone", "failing", "redirected", "refused", "ok")
    ]
    gone, failing, moved = listed["items"][:3]
    assert (gone["reason"], gone["httpStatus"], gone["failures"]) == ("not-found", 404, 1)
    assert gone["citedIn"][0]["id"] == "weg"
    assert gone["citedIn"][0]["pointers"] == ["/sources/0/url"]
    assert gone["citedIn"][0]["_links"]["html"]["href"].endswith("/casussen/weg")
    assert (failing["reason"], failing["failingSince"]) == ("server-error", failing["checkedAt"])
    assert moved["movedTo"] == website.url("/page")
    assert listed["states"]["gone"] == 1


def test_one_address_in_two_texts_is_checked_once(
    kb: KnowledgeBase, anna: Person, website: Website
) -> None:
    cases(kb, een=website.url("/page"), twee=website.url("/page"))

    check_all(kb)

    assert website.paths() == ["HEAD /page"]
    [item] = anna.ask("GET", "/link-checks").json["items"]
    assert [each["id"] for each in item["citedIn"]] == ["een", "twee"]


def test_what_was_checked_lately_is_left_alone_and_what_fails_comes_sooner(
    kb: KnowledgeBase, website: Website
) -> None:
    cases(kb, een=website.url("/page"), twee=website.url("/500"))
    check_all(kb)
    assert check_all(kb, days=7) == {}
    with kb.database.transaction() as session:
        session.execute(update(LinkCheck).values(checked_at=now() - timedelta(days=4)))

    assert check_all(kb, days=7) == {"failing": 1}  # it failed for the first time just now


def test_what_fails_again_days_later_is_gone(
    kb: KnowledgeBase, anna: Person, website: Website
) -> None:
    cases(kb, tuin=website.url("/500"))
    check_all(kb)
    assert check_all(kb) == {"failing": 1}
    with kb.database.transaction() as session:
        session.execute(update(LinkCheck).values(failing_since=now() - timedelta(days=3)))

    assert check_all(kb) == {"gone": 1}
    [item] = anna.ask("GET", "/link-checks?state=gone").json["items"]
    assert item["failures"] == 3


def test_a_host_that_wants_a_moment_is_tried_again_in_this_run(
    kb: KnowledgeBase, website: Website
) -> None:
    cases(kb, een=website.url("/busy/1"), twee=website.url("/page"))
    begin = time.monotonic()

    assert check_all(kb) == {"ok": 2}

    busy = [moment for moment, _, path in website.requests if path == "/busy/1"]
    assert len(busy) == 2
    assert busy[1] - busy[0] >= 0.95
    assert time.monotonic() - begin < 5


@pytest.mark.parametrize("path", ["/busy/7200", "/busy-until/7200"])
def test_a_host_that_asks_to_wait_for_long_is_left_for_another_run(
    kb: KnowledgeBase, website: Website, path: str
) -> None:
    cases(kb, een=website.url(path), twee=website.url("/page"), vier=website.url("/other"))
    begin = time.monotonic()

    counts = check_all(kb, website.url(path), website.url("/page"), website.url("/other"))

    assert counts["postponed"] == 2
    assert time.monotonic() - begin < 3
    assert check_all(kb) == {}  # also in the next run
    assert website.paths() == [f"HEAD {path}"]


def test_an_address_that_was_mended_is_forgotten(
    kb: KnowledgeBase, anna: Person, website: Website
) -> None:
    cases(kb, tuin=website.url("/404"))
    check_all(kb)
    cases(kb, tuin=website.url("/page"))

    assert states(anna) == {website.url("/page"): "unchecked"}
    with kb.database.transaction() as session:
        queries.forget_uncited(session)
        assert session.query(LinkCheck).count() == 0


def test_an_address_that_no_text_has_is_checked_and_not_saved(
    kb: KnowledgeBase, website: Website
) -> None:
    assert check_all(kb, website.url("/404")) == {"gone": 1}
    with kb.database.reading() as session:
        assert session.query(LinkCheck).count() == 0


def test_hosts_take_turns(kb: KnowledgeBase) -> None:
    urls = [f"https://{host}.example/{number}" for host in "ab" for number in (1, 2)]
    cases(kb, **{f"x{number}": url for number, url in enumerate(urls)})
    with kb.database.reading() as session:
        due = run.due_links(session, older_than=timedelta(0), at=now())

    assert [url[8] for url in due] == ["a", "b", "a", "b"]


def test_the_list_filters_by_state_and_thing_and_has_pages(kb: KnowledgeBase, anna: Person) -> None:
    cases(kb, **{f"c{number}": f"https://x.example/{number}" for number in range(3)})

    assert states(anna, "?id=c1") == {"https://x.example/1": "unchecked"}
    assert states(anna, "?id=c1&type=study") == {}
    assert states(anna, "?state=gone") == {}
    page: Any = anna.ask("GET", "/link-checks?pageSize=2&page=2").json
    assert (len(page["items"]), page["page"]["totalItems"]) == (1, 3)
    assert codes(anna.ask("GET", "/link-checks?state=weg&id=")) == {
        "state": "not-in-vocabulary", "id": "empty"
    }  # fmt: skip


def test_only_editors_see_it(kb: KnowledgeBase) -> None:
    assert kb.client.get("/v1/link-checks").status_code == 401


def test_the_states_and_reasons_of_the_api_are_those_of_the_checks() -> None:
    assert set(shapes.REASONS) == set(STATES)
    assert {*STATES.values(), "gone", "unchecked"} == set(shapes.STATES)


OUTCOMES = st.lists(
    st.tuples(st.sampled_from(sorted(STATES)), st.integers(0, 10 * 24)), min_size=1, max_size=12
)


@given(OUTCOMES)
def test_what_may_pass_is_never_gone_before_a_second_check_days_later(
    steps: list[tuple[str, int]],
) -> None:
    row, at, run_of_failures = None, MOMENT, list[datetime]()
    for reason, hours in steps:
        at += timedelta(hours=hours)
        row = judge(URL, Outcome(reason=reason), row, at)
        run_of_failures = [*run_of_failures, at] if row.failures else []
        assert row.failures == len(run_of_failures)
        assert row.failing_since == (run_of_failures[0] if run_of_failures else None)
        says_so = reason in {"gone", "not-found"}
        lasts = bool(run_of_failures) and at - run_of_failures[0] >= GONE_AFTER
        assert (row.state == "gone") == (says_so or (lasts and len(run_of_failures) > 1))
