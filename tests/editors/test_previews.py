"""Previews: one address at which a draft can be read without an account, for a while."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from kb.database import now
from kb.editors.reviewing import previews
from kb.editors.reviewing.model import DraftPreview
from kb.problems import NotFound
from tests.builders import a_case
from tests.conftest import KnowledgeBase
from tests.editors.conftest import Person, codes

Live = Callable[..., None]
PATH = "/cases/tuin/draft/previews"


def previewed(kb: KnowledgeBase, url: str, at: datetime | None = None) -> str | None:
    """The title of the draft that an address shows; None when it shows none."""
    with kb.database.reading() as session:
        try:
            draft, _ = previews.previewed_draft(session, url.rpartition("/")[2], at or now())
        except NotFound:
            return None
        title: str = draft.document["title"]
        return title


@pytest.fixture
def url(anna: Person) -> str:
    """The address of a preview of the draft of `tuin`."""
    anna.create(a_case("tuin", title="Tuin"))
    response = anna.ask("POST", PATH, {})
    assert response.status_code == 201, response.text
    address: str = response.json["url"]
    return address


def test_a_preview_shows_the_draft_as_it_is_now_for_two_weeks(
    kb: KnowledgeBase, anna: Person, url: str
) -> None:
    assert url.startswith("http://kennisbank.test/voorbeeld/")
    assert previewed(kb, url) == "Tuin"

    anna.patch("tuin", {"title": "Een andere tuin"})

    assert previewed(kb, url) == "Een andere tuin"
    assert previewed(kb, url, now() + timedelta(days=13, hours=23)) == "Een andere tuin"
    assert previewed(kb, url, now() + timedelta(days=14)) is None


def test_the_secret_of_a_preview_is_stored_nowhere(kb: KnowledgeBase, url: str) -> None:
    secret = url.rpartition("/")[2]

    with kb.database.reading() as session:
        dump = "\n".join(session.connection().connection.dbapi_connection.iterdump())

    assert secret not in dump
    assert "draft_preview" in dump
    assert len(secret) >= 43  # 256 bits


def test_previews_are_listed_without_their_address_and_end_when_revoked(
    kb: KnowledgeBase, anna: Person, piet: Person, url: str
) -> None:
    [item] = piet.ask("GET", PATH).json["items"]
    assert item.keys() == {"id", "createdBy", "createdAt", "expiresAt"}
    assert item["createdBy"] == "Anna"

    assert piet.ask("DELETE", f"{PATH}/{item['id']}").status_code == 204

    assert previewed(kb, url) is None
    assert anna.ask("GET", PATH).json["items"] == []
    assert anna.ask("DELETE", f"{PATH}/{item['id']}").status_code == 404


def test_a_shorter_period_is_what_it_lasts(kb: KnowledgeBase, anna: Person, url: str) -> None:
    short = anna.ask("POST", PATH, {"days": 1}).json

    assert previewed(kb, short["url"], now() + timedelta(hours=23)) == "Tuin"
    assert previewed(kb, short["url"], now() + timedelta(hours=25)) is None
    assert codes(anna.ask("POST", PATH, {"days": 15})) == {"/days": "out-of-range"}
    assert codes(anna.ask("POST", PATH, {"days": 0})) == {"/days": "out-of-range"}
    assert codes(anna.ask("POST", PATH, {"dagen": 1})) == {"/dagen": "unknown-key"}


def test_a_preview_ends_when_the_draft_is_published(
    kb: KnowledgeBase, anna: Person, piet: Person, url: str
) -> None:
    anna.review("tuin", "submit")
    assert previewed(kb, url) == "Tuin"

    assert piet.publish("tuin").status_code == 201

    assert previewed(kb, url) is None
    anna.ask("POST", "/cases/tuin/draft", {})
    assert previewed(kb, url) is None
    assert anna.ask("GET", PATH).json["items"] == []


def test_a_preview_ends_when_the_draft_is_discarded_and_does_not_come_back(
    kb: KnowledgeBase, anna: Person, url: str
) -> None:
    anna.ask("DELETE", "/cases/tuin/draft", tag=anna.tag("tuin"))
    assert previewed(kb, url) is None

    [item] = anna.ask("GET", "/drafts?state=discarded").json["items"]
    anna.ask("POST", "/cases/tuin/draft", {"fromRevision": item["revision"]})

    assert anna.ask("GET", "/cases/tuin/draft").json["title"] == "Tuin"
    assert previewed(kb, url) is None


def test_a_preview_ends_when_the_draft_is_erased(
    kb: KnowledgeBase, anna: Person, piet: Person, life: Live
) -> None:
    life(a_case("tuin"))
    life(a_case("tuin", summary="Anders."))
    anna.ask("POST", "/cases/tuin/draft", {})
    url = anna.ask("POST", PATH, {}).json["url"]
    assert previewed(kb, url)

    body = {"reason": "Privacy.", "draft": "erase"}
    assert piet.ask("DELETE", "/cases/tuin/versions/1", body).status_code == 200

    assert previewed(kb, url) is None


def test_what_has_ended_is_swept(kb: KnowledgeBase, anna: Person, url: str) -> None:
    with kb.database.transaction() as session:
        session.execute(update(DraftPreview).values(expires_at=now() - timedelta(minutes=1)))

    anna.ask("POST", PATH, {})

    with kb.database.reading() as session:
        assert len(session.scalars(select(DraftPreview)).all()) == 1


def test_a_preview_is_of_a_draft_and_by_an_editor(
    kb: KnowledgeBase, anna: Person, piet: Person
) -> None:
    kb.publish(a_case("plein"))
    anna.create(a_case("tuin"))
    anna.create(a_case("straat"))
    number = anna.ask("POST", PATH, {}).json["id"]

    assert kb.client.post("/v1/cases/tuin/draft/previews", json={}).status_code == 401
    assert anna.ask("POST", "/cases/plein/draft/previews", {}).status_code == 404
    assert anna.ask("POST", "/cases/niets/draft/previews", {}).status_code == 404
    assert anna.ask("DELETE", f"/cases/straat/draft/previews/{number}").status_code == 404
    assert previewed(kb, "http://kennisbank.test/voorbeeld/é\x00raden") is None
