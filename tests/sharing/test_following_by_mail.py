"""Following by e-mail: from the form to its confirmation, and its end."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import inspect, text, update

from kb.database import now
from kb.services import services_of
from kb.sharing import subscriptions
from kb.sharing.address_seal import AddressSeal
from kb.sharing.model import Subscription, SubscriptionRequest
from tests.conftest import PUBLIC_URL, KnowledgeBase
from tests.pages.test_reading import READER
from tests.sharing.following import (
    ADDRESS,
    FORM,
    LIST,
    a_mix,
    follow,
    link_in,
    rows,
    send,
)
from tests.sharing.mail_server import Mailbox


def everything_stored(kb: KnowledgeBase) -> str:
    """All rows of the tables of following, as text."""
    with kb.database.reading() as session:
        tables = [
            name for name in inspect(session.connection()).get_table_names() if "subscr" in name
        ]
        assert len(tables) == 2
        return str([session.execute(text(f"SELECT * FROM {name}")).all() for name in tables])


def test_without_a_mail_server_there_is_nothing_of_it(kb: KnowledgeBase) -> None:
    page = kb.client.get(LIST, headers=READER).text

    assert 'type="email"' not in page
    assert "Volgen per e-mail" not in kb.client.get("/privacy", headers=READER).text
    for path in (LIST, "/volgen/verzonden"):
        ask = kb.client.post if path == LIST else kb.client.get
        assert ask(path, headers=READER).status_code == 404


def test_an_address_is_stored_only_after_it_was_confirmed(
    mailing: KnowledgeBase, mailbox: Mailbox
) -> None:
    client = mailing.client
    assert 'type="email"' in client.get(LIST, headers=READER).text
    assert 'id="volgen">Volgen per e-mail' in client.get("/privacy", headers=READER).text

    answer = client.post(LIST, data=FORM, headers=READER)

    assert (answer.status_code, answer.location) == (303, "/volgen/verzonden")
    assert answer.headers["Cache-Control"] == "no-store"
    [letter] = mailbox.letters
    assert letter["To"] == ADDRESS
    assert letter["Subject"].startswith("Bevestig: volg Casussen: Strategie ")
    assert letter["List-Unsubscribe"] is None
    assert letter["Auto-Submitted"] == "auto-generated"
    assert "anna@" not in everything_stored(mailing).lower()
    confirm = link_in(letter, "bevestigen")
    assert "anna" not in confirm.lower()
    for _ in range(2):  # scanners of mail follow links
        page = client.get(confirm, headers=READER)
        assert page.status_code == 200
        assert page.headers["Cache-Control"] == "no-store"
        assert '<form method="post">' in page.text
    assert rows(mailing, Subscription) == []

    assert client.post(confirm, headers=READER).status_code == 200

    [row] = rows(mailing, Subscription)
    assert (row.address, row.kind, row.language) == (ADDRESS, "case", "nl")
    assert rows(mailing, SubscriptionRequest) == []
    assert "werkt niet meer" in client.post(confirm, headers=READER).text
    assert len(rows(mailing, Subscription)) == 1


def test_nobody_sees_whether_an_address_follows_already(
    mailing: KnowledgeBase, mailbox: Mailbox
) -> None:
    follow(mailing, mailbox)

    answers = [
        mailing.client.post(LIST, data={**FORM, "email": email}, headers=READER)
        for email in (ADDRESS, ADDRESS.lower(), "bob@voorbeeld.nl")
    ]

    assert len({(each.status_code, each.text, str(each.location)) for each in answers}) == 1
    first, again, other = mailbox.letters  # but not two within ten minutes
    assert again["To"] == ADDRESS
    assert other["To"] == "bob@voorbeeld.nl"
    assert again["Subject"] == first["Subject"]
    mailing.client.post(link_in(again, "bevestigen"))
    assert len(rows(mailing, Subscription)) == 1


def test_what_nobody_confirms_vanishes_and_no_mailbox_is_filled(
    mailing: KnowledgeBase, mailbox: Mailbox
) -> None:
    paths = [f"/volgen/casussen?q=woord{number}" for number in range(7)]
    for path in paths:
        assert mailing.client.post(path, data=FORM).status_code == 303

    assert len(mailbox.raw) == subscriptions.MAX_REQUESTS_OF_ADDRESS
    first = link_in(mailbox.letters[0], "bevestigen")
    with mailing.database.transaction() as session:
        session.execute(
            update(SubscriptionRequest).values(began_at=now() - subscriptions.REQUEST_LIFETIME)
        )
    assert "werkt niet meer" in mailing.client.get(first, headers=READER).text
    mailing.client.post(first)
    assert rows(mailing, Subscription) == []
    send(mailing)
    assert rows(mailing, SubscriptionRequest) == []


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"email": ADDRESS},
        {"email": "geen adres", "consent": "yes"},
        {"email": "a@b.nl\r\nBcc: c@d.nl", "consent": "yes"},
        {"email": "a" * 10_000, "consent": "yes"},
        {"email": "é\ud800@b.nl".encode("utf-8", "surrogatepass"), "consent": "yes"},
    ],
)
def test_a_form_that_is_wrong_says_so(
    form: dict[str, Any], mailing: KnowledgeBase, mailbox: Mailbox
) -> None:
    answer = mailing.client.post(LIST, data=form, headers=READER)

    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert mailbox.raw == []
    assert rows(mailing, SubscriptionRequest) == []


def test_robots_and_who_asks_too_often_get_no_letter(
    mailing: KnowledgeBase, mailbox: Mailbox
) -> None:
    robot = mailing.client.post(LIST, data={**FORM, "website": "http://spam"})
    answers = [
        mailing.client.post(LIST, data={**FORM, "email": f"a{number}@b.nl"}).status_code
        for number in range(20)
    ]

    assert robot.status_code == 303
    assert answers[:19] == [303] * 19
    assert answers[19:] == [429]
    assert len(mailbox.raw) == 19


def test_when_the_letter_does_not_go_the_form_says_so(
    mailing: KnowledgeBase, mailbox: Mailbox
) -> None:
    mailbox.answers = {"mail": "451 not now"}
    later = mailing.client.post(LIST, data=FORM, headers=READER)
    mailbox.answers = {ADDRESS: "550 nobody"}
    unknown = mailing.client.post(LIST, data=FORM, headers=READER)

    assert (later.status_code, unknown.status_code) == (503, 503)
    assert ADDRESS in unknown.text
    assert rows(mailing, SubscriptionRequest) == []
    mailbox.answers = {}
    follow(mailing, mailbox)


def test_who_stops_is_forgotten_with_one_click(mailing: KnowledgeBase, mailbox: Mailbox) -> None:
    follow(mailing, mailbox)
    follow(mailing, mailbox, "/volgen/valkuilen")
    mailing.publish(a_mix("nieuw"))
    send(mailing)
    [digest] = mailbox.letters[2:]
    stop = digest["List-Unsubscribe"].strip("<>").removeprefix(PUBLIC_URL)

    assert "<form" in mailing.client.get(stop, headers=READER).text
    assert len(rows(mailing, Subscription)) == 2
    answer = mailing.client.post(stop, data={"List-Unsubscribe": "One-Click"})  # no cookie, no page

    assert answer.status_code == 200
    assert answer.location is None
    [left] = rows(mailing, Subscription)
    assert left.kind == "pitfall"
    for path in (
        stop,
        "/volgen/stoppen/_onbekend",
        "/volgen/bevestigen/_onbekend",
    ):  # again, or never
        assert mailing.client.post(path).status_code == 200
        assert mailing.client.get(path, headers=READER).status_code == 200
    assert len(rows(mailing, Subscription)) == 1


def test_an_address_can_be_forgotten_by_the_operator(
    mailing: KnowledgeBase, mailbox: Mailbox
) -> None:
    follow(mailing, mailbox)
    mailing.client.post("/volgen/valkuilen", data=FORM)
    parts = services_of(mailing.app)
    seal = AddressSeal.of_file(parts.settings.mail_key_path)

    with mailing.database.transaction() as session:
        assert subscriptions.forget(session, seal, ADDRESS.upper()) == 1

    assert rows(mailing, Subscription) == rows(mailing, SubscriptionRequest) == []
