"""Calls of our own API from a page of the desk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import g

from kb.app import create_app
from kb.desk import api
from kb.services import session
from kb.settings import Settings
from tests.builders import a_case
from tests.conftest import KnowledgeBase
from tests.desk.conftest import Desk


@contextmanager
def at_a_page(kb: KnowledgeBase, desk: Desk, address: str = "/redactie") -> Iterator[None]:
    """Inside, a request of this editor is being answered."""
    cookie = desk.client.get_cookie("kb_session")
    assert cookie
    with kb.app.test_request_context(address, headers={"Cookie": f"kb_session={cookie.value}"}):
        yield


def test_a_call_is_made_in_the_name_of_the_editor(kb: KnowledgeBase, anna: Desk) -> None:
    with at_a_page(kb, anna):
        made = api.call("POST", "/cases", json=a_case("tuin"))
        read = api.call("GET", "/cases/tuin/draft")
        changed = api.call("PATCH", "/cases/tuin/draft", json={"title": "Anders"}, etag=read.etag)

    assert (made.status, made.ok) == (201, True)
    assert made.json["_draft"]["author"] == "Anna"
    assert made.headers["Location"].endswith("/v1/cases/tuin/draft")
    assert changed.json["title"] == "Anders"


def test_a_refusal_is_a_value_with_what_is_wrong_by_field(kb: KnowledgeBase, anna: Desk) -> None:
    with at_a_page(kb, anna):
        refused = api.call("POST", "/cases", json={"title": 3, "startYear": "x"})
        stale = api.call("PATCH", "/cases/tuin/draft", json={"title": "x"})

    assert (refused.status, refused.ok) == (400, False)
    assert set(refused.mistakes) == {"/title", "/startYear"}
    assert all(refused.mistakes.values())
    assert (stale.status, stale.mistakes) == (428, {})


def test_what_a_page_cannot_do_without_is_raised(kb: KnowledgeBase, anna: Desk) -> None:
    with at_a_page(kb, anna):
        with pytest.raises(api.ApiProblem) as raised:
            api.read("/cases/geen/draft")
        forbidden = api.call("GET", "/practice-notes")

    assert raised.value.response.status == 404
    assert forbidden.status == 403  # the role is that of the editor


@pytest.mark.parametrize(("address", "title"), [("/redactie?lang=en", "You"), ("/redactie", "Je")])
def test_the_api_answers_in_the_language_of_the_page(
    kb: KnowledgeBase, anna: Desk, address: str, title: str
) -> None:
    with at_a_page(kb, anna, address):
        refused = api.call("GET", "/practice-notes")

    assert refused.json["title"].startswith(title)


def test_a_call_leaves_nothing_behind_in_the_request_of_the_page(
    kb: KnowledgeBase, anna: Desk
) -> None:
    with at_a_page(kb, anna):
        g.mine = "page"
        reading = session()
        api.call("GET", "/cases")
        assert g.mine == "page"
        assert "representation" not in g
        assert session() is reading


def test_parameters_and_ids_are_written_as_an_address_has_them(
    kb: KnowledgeBase, anna: Desk
) -> None:
    with at_a_page(kb, anna):
        listed = api.call("GET", "/drafts", query={"state": ["draft", "returned"], "page": None})
        odd = api.call("GET", "/cases/een?x=1#b%20é/draft")

    assert listed.status == 200
    assert odd.status == 404
    assert "een?x=1#b%20é" in odd.json["detail"]


def test_a_call_does_not_count_for_the_limit_of_the_visitor(kb: KnowledgeBase, anna: Desk) -> None:
    data_dir = kb.app.extensions["kb"].settings.data_dir
    limited = create_app(Settings(data_dir=data_dir, rate_limit="3 per hour"), serving=False)
    cookie = anna.client.get_cookie("kb_session")
    assert cookie
    client = limited.test_client()
    client.set_cookie("kb_session", cookie.value)

    assert [client.get("/redactie").status_code for _ in range(4)] == [200, 200, 200, 429]


@pytest.mark.parametrize("text", ["\r\nX-Odd: y", "“é€”", "\x00", '"a\n"'])
def test_what_a_form_sends_for_a_header_is_at_most_another_text(
    kb: KnowledgeBase, anna: Desk, text: str
) -> None:
    kb.draft(a_case("tuin"))

    sent = anna.post("/redactie/casussen/tuin/weggooien", {"etag": text})
    begun = anna.post("/redactie/casussen/nieuw", {"title": "Hof", "kind": "praktijk", "key": text})

    assert sent.status_code == 412
    assert begun.status_code in {303, 400}
    assert anna.call("GET", "/cases/tuin/draft").status_code == 200
