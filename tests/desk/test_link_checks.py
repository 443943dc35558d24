"""The page of sources that need attention."""

from __future__ import annotations

from datetime import timedelta

from kb.database import now
from kb.editors.link_checks import run
from kb.editors.link_checks.checker import LinkChecker, Pace
from kb.editors.link_checks.client import LinkClient
from tests.builders import a_case, a_source
from tests.conftest import KnowledgeBase
from tests.desk.conftest import Desk
from tests.editors.odd_websites import a_website

PAGE = "/redactie/bronnen"


def check_all(kb: KnowledgeBase) -> None:
    checker = LinkChecker(LinkClient("kennisbank", may_connect=lambda _: True), Pace(0))
    with kb.database.reading() as session:
        due = run.due_links(session, older_than=timedelta(0), at=now())
    run.check_links(kb.database, checker, due, lambda _: None)


def test_editors_see_what_needs_attention_and_where_to_mend_it(
    kb: KnowledgeBase, anna: Desk
) -> None:
    with a_website() as website:
        kb.publish(
            a_case("weg", sources=[a_source(url=website.url("/404"))]),
            a_case("om", sources=[a_source(url=website.url("/to/301/page"))]),
            a_case("goed", sources=[a_source(url=website.url("/page"))]),
        )
        assert "kb links check" in anna.get(PAGE).text
        check_all(kb)

        page = anna.get(PAGE).text

    assert 'href="/redactie/casussen/weg/bewerken"' in page
    assert f'href="{website.url("/page")}"' in page  # the suggestion
    assert "/redactie/casussen/goed/bewerken" not in page
    assert "/redactie/casussen/goed/bewerken" in anna.get(f"{PAGE}?state=ok").text
    assert PAGE in anna.get("/redactie/casussen/weg").text.partition("<main")[2]
    assert PAGE not in anna.get("/redactie/casussen/goed").text.partition("<main")[2]


def test_it_says_when_nothing_needs_attention(anna: Desk) -> None:
    assert anna.get(PAGE).status_code == 200
    assert anna.get(f"{PAGE}?state=refused&lang=en").status_code == 200
    assert anna.get(f"{PAGE}?state=weg").status_code == 400
    assert anna.get(f"{PAGE}?page=x").status_code == 400


def test_who_has_not_signed_in_is_led_to_where_that_is_done(kb: KnowledgeBase) -> None:
    assert kb.client.get(PAGE).status_code == 303
