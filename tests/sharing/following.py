"""Who follows by e-mail: from the form to the digest."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

from sqlalchemy import select

from kb.database import now
from kb.services import services_of
from kb.sharing import digest as digests
from kb.sharing.mail import MailServer
from tests.builders import a_case
from tests.conftest import PUBLIC_URL, KnowledgeBase
from tests.pages.test_reading import READER
from tests.sharing.mail_server import Mailbox

LIST = "/volgen/casussen?strategy=gemengd-wonencomplex"


ADDRESS = "Anna@voorbeeld.nl"


FORM = {"email": ADDRESS, "consent": "yes"}


MONDAY = digests.week_start(now()) + timedelta(days=7, hours=6)  # the next one


WEEK = timedelta(days=7)


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


def a_mix(slug: str, **others: Any) -> dict[str, Any]:
    return a_case(slug, strategies=["gemengd-wonencomplex"], **others)
