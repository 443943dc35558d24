"""A mail server, and an operator who has set it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from kb.services import services_of
from tests.conftest import KnowledgeBase
from tests.sharing.mail_server import Mailbox, a_mail_server


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
