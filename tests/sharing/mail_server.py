"""A real SMTP server on this machine, which does what a test wants of it."""

from __future__ import annotations

import email
import email.policy
import subprocess
from asyncio import Server
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass
class Mailbox:
    """What a server got, and how it answers."""

    host: str = "127.0.0.1"
    port: int = 0
    raw: list[bytes] = field(default_factory=list)
    senders: list[str | None] = field(default_factory=list)
    were_encrypted: list[bool] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)  # by command, or recipient
    hang_up_at: str = ""  # a command, “body” or “end”

    @property
    def letters(self) -> list[EmailMessage]:
        """The messages that it took, parsed."""
        parse = email.message_from_bytes
        return [parse(raw, policy=email.policy.default) for raw in self.raw]

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Where a message begins."""
        if self.hang_up_at == "mail":
            _hang_up(server)
        if "mail" in self.answers:
            return self.answers["mail"]
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Whom it is for."""
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """All of it."""
        content = envelope.content
        assert isinstance(content, bytes)
        if "data" in self.answers:
            return self.answers["data"]
        self.raw.append(content)
        self.senders.append(envelope.mail_from)
        self.were_encrypted.append(session.ssl is not None)
        if self.hang_up_at == "end":
            _hang_up(server)
        return "250 taken"


def _hang_up(server: SMTP) -> None:
    assert server._writer
    server._writer.transport.abort()


class AnyPort(Controller):
    """A server that takes the port it was given by the machine."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@contextmanager
def a_mail_server(mailbox: Mailbox, **options: Any) -> Iterator[Mailbox]:
    """Let it listen on a free port inside; `options` are those of `aiosmtpd.smtp.SMTP`."""
    controller = AnyPort(mailbox, hostname=mailbox.host, port=0, **options)
    controller.start()
    try:
        mailbox.port = controller.port
        yield mailbox
    finally:
        controller.stop()


def authenticate(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, login: Any
) -> AuthResult:
    """One user, with one password."""
    is_known = isinstance(login, LoginPassword) and login == LoginPassword(b"kb", b"geheim")
    return AuthResult(success=is_known, handled=False)


def certificate(folder: Path) -> tuple[Path, SSLContext]:
    """A certificate of this machine that signed itself, and what a server does with it."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-keyout", str(key), "-out", str(certificate), "-subj", "/CN=localhost"),
            *("-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"),
        ],
        check=True,
        capture_output=True,
    )
    context = SSLContext(PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return certificate, context
