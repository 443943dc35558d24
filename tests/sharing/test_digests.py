"""The digest: what is new in what is followed, to whom it goes, and when it does not go."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage

import pytest
from sqlalchemy import update

from kb.services import services_of
from kb.sharing import digest as digests
from kb.sharing import subscriptions
from kb.sharing.mail import MailServer
from kb.sharing.model import Subscription
from tests.builders import a_case, a_finding, a_pitfall
from tests.conftest import PUBLIC_URL, KnowledgeBase
from tests.sharing.following import (
    ADDRESS,
    MONDAY,
    WEEK,
    a_mix,
    follow,
    link_in,
    plain,
    rows,
    send,
)
from tests.sharing.mail_server import Mailbox


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


def test_who_follows_a_case_hears_that_it_was_withdrawn(
    mailing: KnowledgeBase, mailbox: Mailbox
) -> None:
    mailing.publish(a_case("tuin", title="De tuin"), a_case("plein"))
    follow(mailing, mailbox, "/volgen/casussen/tuin")
    follow(mailing, mailbox, "/volgen/casussen", "bob@voorbeeld.nl")
    mailbox.raw.clear()
    mailing.withdraw("tuin", reason="Er stond iets in dat niet klopte.")

    assert send(mailing) == {"sent": 1, "nothing": 1}

    [letter] = mailbox.letters
    assert letter["To"] == ADDRESS
    assert letter["Subject"].startswith("Ingetrokken: ")
    assert "Er stond iets in dat niet klopte." in plain(letter)
    assert f"{PUBLIC_URL}/casussen/tuin" in plain(letter)
    assert send(mailing, MONDAY + WEEK) == {"nothing": 2}


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
