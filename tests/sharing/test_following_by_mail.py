"""Following by e-mail, from the form to the digest and its end, with a real mail server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from sqlalchemy import inspect, select, text, update

from kb.database import now
from kb.services import services_of
from kb.sharing import digest as digests
from kb.sharing import subscriptions
from kb.sharing.address_seal import AddressSeal
from kb.sharing.mail import MailServer
from kb.sharing.model import Subscription, SubscriptionRequest
from tests.builders import a_case, a_finding, a_pitfall
from tests.conftest import PUBLIC_URL, KnowledgeBase
from tests.pages.test_reading import READER
from tests.sharing.mail_server import Mailbox, a_mail_server

LIST = "/volgen/casussen?strategy=gemengd-wonencomplex"
ADDRESS = "Anna@voorbeeld.nl"
FORM = {"email": ADDRESS, "consent": "yes"}
MONDAY = datetime(2026, 11, 30, 6, tzinfo=UTC)
WEEK = timedelta(days=7)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with a_mail_server(Mailbox()) as opened:
        yield opened


@pytest.fixture
def mailing(any_kb: KnowledgeBase, mailbox: Mailbox) -> KnowledgeBase:
    """A knowledge base whose operator has a mail server."""
    parts = services_of(any_kb.app)
    settings = replace(
        parts.settings,
        smtp_host=mailbox.host,
        smtp_port=mailbox.port,
        smtp_encryption="none",
        mail_from="volgen@kennis.example",
    )
    any_kb.app.extensions["kb"] = replace(parts, settings=settings)
    return any_kb


def follow(kb: KnowledgeBase, mailbox: Mailbox, path: str = LIST, email: str = ADDRESS) -> None:
    """Ask, and confirm as the e-mail says."""
    before = len(mailbox.raw)
    answer = kb.client.post(path, data={**FORM, "email": email}, headers=READER)
    assert answer.status_code == 303, answer.text
    letter = mailbox.letters[before]
    assert kb.client.post(link_in(letter, "bevestigen"), headers=READER).status_code == 200


def link_in(letter: EmailMessage, word: str) -> str:
    """The path of a link in a letter."""
    match = re.search(rf"{PUBLIC_URL}(/volgen/{word}/\S+)", plain(letter))
    assert match
    return match[1]


def plain(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body
    content: str = body.get_content()
    return content.replace("\r\n", "\n")


def send(kb: KnowledgeBase, at: datetime = MONDAY) -> dict[str, int]:
    """What `kb digest` does."""
    parts = services_of(kb.app)
    with kb.app.app_context(), MailServer(parts.settings, timeout=3) as server:
        run = digests.Run(parts.settings, parts.database, parts.search, server, at)
        return {str(outcome): number for outcome, number in digests.send_digests(run).items()}


def rows(kb: KnowledgeBase, model: type[Any]) -> list[Any]:
    with kb.database.reading() as session:
        return list(session.scalars(select(model)))


def everything_stored(kb: KnowledgeBase) -> str:
    """All rows of the tables of following, as text."""
    with kb.database.reading() as session:
        tables = [
            name for name in inspect(session.connection()).get_table_names() if "subscr" in name
        ]
        assert len(tables) == 2
        return str([session.execute(text(f"SELECT * FROM {name}")).all() for name in tables])


def a_mix(slug: str, **others: Any) -> dict[str, Any]:
    return a_case(slug, strategies=["gemengd-wonencomplex"], **others)


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


def test_a_digest_has_what_is_new_and_nothing_else(
    mailing: KnowledgeBase, mailbox: Mailbox
) -> None:
    mailing.publish(a_mix("oud"), a_mix("beter"), a_case("anders"))
    follow(mailing, mailbox)
    follow(mailing, mailbox, "/volgen/valkuilen?lang=en", "bob@voorbeeld.nl")
    follow(mailing, mailbox, "/volgen/casussen?q=zeldzaam", "cas@voorbeeld.nl")
    follow(mailing, mailbox, "/volgen/casussen/oud", "dirk@voorbeeld.nl")
    mailbox.raw.clear()

    assert send(mailing) == {"nothing": 4}
    mailing.publish(
        a_mix("nieuw", title="Nieuw & <b>zeldzaam</b> huis"),
        a_mix("beter", title="Beter"),
        a_case("anders", title="Anders", pitfalls=[a_pitfall("anders")]),
    )
    mailing.draft(a_mix("geheim"))
    assert send(mailing) == {"sent": 3, "nothing": 1}

    mails = {each["To"]: each for each in mailbox.letters}
    anna = mails[ADDRESS]
    assert anna["Subject"].startswith("2 nieuw of gewijzigd: Casussen: Strategie ")
    lines = plain(anna)
    assert lines.index("Nieuw: Nieuw & <b>zeldzaam</b> huis\nhttp") < lines.index(
        "Gewijzigd: Beter"
    )
    assert f"{PUBLIC_URL}/casussen/nieuw\n" in lines
    assert f"{PUBLIC_URL}/zoeken?strategy=gemengd-wonencomplex" in lines
    for absent in ("Anders", "geheim", "casussen/oud"):
        assert absent not in lines
    html = anna.get_body(("html",))
    assert html
    assert "Nieuw &amp; &lt;b&gt;zeldzaam&lt;/b&gt; huis" in html.get_content()
    stop = link_in(anna, "stoppen")
    assert anna["List-Unsubscribe"] == f"<{PUBLIC_URL}{stop}>"
    assert anna["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert anna["Content-Language"] == "nl"
    assert mails["bob@voorbeeld.nl"]["Subject"] == "1 new or changed: Pitfalls"
    assert "?lang=en" in link_in(mails["bob@voorbeeld.nl"], "stoppen")
    assert "Nieuw: Nieuw" in plain(mails["cas@voorbeeld.nl"])
    assert "dirk@voorbeeld.nl" not in mails

    assert send(mailing) == {"nothing": 1}  # the others had theirs in this week
    mailing.publish(a_mix("later"))
    assert send(mailing, MONDAY + timedelta(days=6, hours=17)) == {"nothing": 1}
    assert send(mailing, MONDAY + WEEK) == {"nothing": 3, "sent": 1}
    assert "later" in plain(mailbox.letters[-1])
    assert "zeldzaam" not in plain(mailbox.letters[-1])


def test_a_case_and_a_finding_are_followed_too(mailing: KnowledgeBase, mailbox: Mailbox) -> None:
    mailing.publish(a_case("tuin"), a_case("weg"))
    follow(mailing, mailbox, "/volgen/casussen/tuin")
    follow(mailing, mailbox, "/volgen/bevindingen?effectDomain=leefbaarheid", "bob@voorbeeld.nl")
    mailbox.raw.clear()
    mailing.publish(
        a_case("tuin", title="De tuin"),
        a_case("weg", findings=[a_finding("weg", domain="leefbaarheid")]),
    )

    assert send(mailing) == {"sent": 2}

    first, second = mailbox.letters
    assert first["Subject"] == "1 nieuw of gewijzigd: De tuin"
    assert f"{PUBLIC_URL}/casussen/tuin" in plain(first)
    assert "casussen/weg" in plain(second)


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


def test_what_surely_did_not_go_is_sent_later_and_once(
    mailing: KnowledgeBase, mailbox: Mailbox
) -> None:
    follow(mailing, mailbox)
    mailing.publish(a_mix("nieuw"))
    mailbox.raw.clear()
    for answers in ({"mail": "421 busy"}, {ADDRESS: "450 later"}, {"data": "451 full"}):
        mailbox.answers = answers
        assert send(mailing) == {"not-sent": 1}
    mailbox.answers, mailbox.hang_up_at = {}, "mail"
    assert send(mailing) == {"not-sent": 1}
    mailbox.hang_up_at = ""

    assert send(mailing) == {"sent": 1}
    assert send(mailing) == {}
    assert len(mailbox.raw) == 1


def test_what_may_have_gone_is_never_sent_again(mailing: KnowledgeBase, mailbox: Mailbox) -> None:
    follow(mailing, mailbox)
    mailing.publish(a_mix("nieuw"))
    mailbox.raw.clear()
    mailbox.hang_up_at = "end"

    assert send(mailing) == {"lost": 1}

    mailbox.hang_up_at = ""
    assert send(mailing) == {}
    assert send(mailing, MONDAY + WEEK) == {"nothing": 1}
    assert len(mailbox.raw) == 1


def test_an_address_that_is_refused_three_weeks_is_forgotten(
    mailing: KnowledgeBase, mailbox: Mailbox
) -> None:
    follow(mailing, mailbox)
    mailing.publish(a_mix("nieuw"))
    mailbox.answers = {ADDRESS: "550 nobody here"}

    outcomes = [send(mailing, MONDAY + week * WEEK) for week in (0, 0, 1, 2, 3)]

    assert outcomes == [{"refused": 1}, {}, {"refused": 1}, {"forgotten": 1}, {}]
    assert rows(mailing, Subscription) == []


def test_two_runs_at_once_and_one_that_dies_send_nothing_twice(
    mailing: KnowledgeBase, mailbox: Mailbox
) -> None:
    follow(mailing, mailbox)
    mailing.publish(a_mix("nieuw"))
    mailbox.raw.clear()
    [row] = rows(mailing, Subscription)
    parts = services_of(mailing.app)

    class Rival(MailServer):
        """While this one sends, another run does all that it can."""

        def send(self, letter: EmailMessage) -> None:
            assert send(mailing) == {}
            with parts.database.transaction() as session:  # it had read the row before us
                assert not subscriptions.claim(session, row, 99, MONDAY, MONDAY)
            raise KeyboardInterrupt  # and this one dies

    rival = Rival(parts.settings)
    run = digests.Run(parts.settings, parts.database, parts.search, rival, MONDAY)
    with mailing.app.app_context(), pytest.raises(KeyboardInterrupt):
        digests.send_digests(run)

    assert send(mailing, MONDAY + WEEK) == {"nothing": 1}
    assert mailbox.raw == []


def test_a_server_in_trouble_is_left_alone(mailing: KnowledgeBase, mailbox: Mailbox) -> None:
    for number in range(5):
        follow(mailing, mailbox, email=f"a{number}@b.nl")
    mailing.publish(a_mix("nieuw"))
    mailbox.answers = {"mail": "421 busy"}

    assert send(mailing) == {"not-sent": digests.MAX_TROUBLE}


def test_a_list_that_is_no_more_is_reported(mailing: KnowledgeBase, mailbox: Mailbox) -> None:
    follow(mailing, mailbox)
    mailing.publish(a_mix("nieuw"))
    with mailing.database.transaction() as session:
        session.execute(update(Subscription).values(query={"strategy": ["weg"]}))

    assert send(mailing) == {"broken": 1}


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


def test_many_things_are_counted_and_not_all_named(
    mailing: KnowledgeBase, mailbox: Mailbox
) -> None:
    follow(mailing, mailbox)
    mailing.publish(*(a_mix(f"huis-{number}") for number in range(25)))

    assert send(mailing) == {"sent": 1}

    letter = mailbox.letters[-1]
    assert letter["Subject"].startswith("25 nieuw of gewijzigd")
    assert plain(letter).count("Nieuw: ") == 20
    assert "En nog 5." in plain(letter)
