"""E-mail: what a message of ours looks like, and one connection to the server that takes it.

Whether a message went is one of three things: it did, it surely did not (`NotSent`), or nobody
can know (`Uncertain`), when the connection was lost after the last byte of it.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from kb.settings import Settings

TIMEOUT_SECONDS = 10.0  # that each answer of the server may take
MAX_ADDRESS_LENGTH = 254  # characters (RFC 5321, erratum 1690)
ADDRESS = re.compile(  # a part of what RFC 5321 allows; no server of any size gives out the rest
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]"
)
MAX_SUBJECT_LENGTH = 150  # characters
UNFOLDED = SMTP.clone(max_line_length=900)  # or an address in a header is encoded as words
Link = tuple[str, str]  # a text and an absolute address


class NotSent(Exception):
    """The message surely did not go; the text says why, for an operator."""


class AddressRefused(NotSent):
    """The server says for good that there is no such address."""


class Uncertain(Exception):
    """The connection was lost while the server took the message: it may have gone."""


@dataclass(frozen=True)
class Block:
    """A paragraph, or a thing with its link above it."""

    text: str = ""
    link: Link | None = None
    above: str = ""  # a word before the link


@dataclass(frozen=True)
class Letter:
    """What an e-mail says, before it is plain text and HTML."""

    subject: str
    language: str
    blocks: Sequence[Block]

    @property
    def plain(self) -> str:
        """As text alone."""
        return "\n\n".join("\n".join(_plain_lines(block)) for block in self.blocks) + "\n"

    @property
    def html(self) -> str:
        """As a simple page; nothing in it is loaded from anywhere."""
        body = Markup("\n").join(_html_of(block) for block in self.blocks)
        return Markup(
            '<!doctype html>\n<html lang="{}"><head><meta charset="utf-8"><title>{}</title></head>'
            '\n<body style="font-family: sans-serif; max-width: 40em; line-height: 1.5">\n{}\n'
            "</body></html>\n"
        ).format(self.language, self.subject, body)


def _plain_lines(block: Block) -> list[str]:
    lines = []
    if block.link:
        above = f"{block.above}: " if block.above else ""
        lines = [f"{above}{_one_line(block.link[0])}", block.link[1]]
    return [*lines, *([_one_line(block.text)] if block.text else [])]


def _html_of(block: Block) -> Markup:
    parts = []
    if block.link:
        above = escape(f"{block.above}: ") if block.above else Markup("")
        text, address = block.link
        parts.append(above + Markup('<a href="{}">{}</a>').format(address, _one_line(text)))
    if block.text:
        parts.append(escape(_one_line(block.text)))
    return Markup("<p>{}</p>").format(Markup("<br>").join(parts))


def _one_line(text: str) -> str:
    """A text as it may stand on one line: no control character, no direction that leaks."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def is_address(text: str) -> bool:
    """Whether this is an address that we can send to."""
    local = text.partition("@")[0]
    return len(text) <= MAX_ADDRESS_LENGTH and len(local) <= 64 and bool(ADDRESS.fullmatch(text))


def message(
    settings: Settings,
    letter: Letter,
    *,
    to: str,
    id: str,
    at: datetime,
    name: str,
    unsubscribe: str = "",
) -> EmailMessage:
    """The message itself, with a unique `id`, of whom is called `name`.

    `unsubscribe` is the address that stops with one click (RFC 8058).
    """
    host = urlsplit(settings.public_url).hostname or "localhost"
    made = EmailMessage(policy=SMTP)
    made["From"] = Address(name, addr_spec=settings.mail_from)
    made["To"] = Address(addr_spec=to)
    made["Subject"] = _one_line(letter.subject)[:MAX_SUBJECT_LENGTH]
    made["Date"] = format_datetime(at)
    made["Message-ID"] = f"<{id}@{host}>"
    made["Auto-Submitted"] = "auto-generated"
    made["X-Auto-Response-Suppress"] = "All"  # what Exchange knows of the same
    if unsubscribe:
        made["List-Id"] = f"<volgen.{host}>"
        made["List-Unsubscribe"] = f"<{unsubscribe}>"
        made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    made.set_content(letter.plain, cte="quoted-printable")
    made.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    made["Content-Language"] = letter.language  # of all parts, so it comes after them
    return made


class MailServer:
    """The server of the settings: connected at the first message, again when it went away."""

    def __init__(self, settings: Settings, timeout: float = TIMEOUT_SECONDS) -> None:
        self._settings = settings
        self._timeout = timeout
        self._smtp: smtplib.SMTP | None = None

    def __enter__(self) -> MailServer:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Take leave of the server, if there is one."""
        if self._smtp:
            with suppress(OSError, smtplib.SMTPException):
                self._smtp.quit()
            self._smtp.close()
            self._smtp = None

    def send(self, letter: EmailMessage) -> None:
        """Hand over a message. Raises NotSent, AddressRefused and Uncertain."""
        to = letter["To"].addresses[0].addr_spec
        is_new = self._smtp is None
        try:
            smtp = self._begin(to)
        except smtplib.SMTPServerDisconnected:
            self.close()
            if is_new:
                raise NotSent("the server hung up") from None
            smtp = self._begin_anew(to)  # it does not wait for long between two messages
        self._transfer(smtp, letter.as_bytes(policy=UNFOLDED))

    def _begin_anew(self, to: str) -> smtplib.SMTP:
        try:
            return self._begin(to)
        except smtplib.SMTPServerDisconnected:
            self.close()
            raise NotSent("the server hung up") from None

    def _begin(self, to: str) -> smtplib.SMTP:
        """A connection on which the message may follow. Raises NotSent, SMTPServerDisconnected."""
        smtp = self._smtp = self._smtp or self._connect()
        try:
            self._expect(smtp, lambda: smtp.mail(self._settings.mail_from), 250)
            code, reply = smtp.rcpt(to)
            if code not in {250, 251}:
                smtp.rset()
                refused = AddressRefused if 500 <= code < 600 else NotSent
                raise refused(f"{code} {reply.decode('utf-8', 'replace')[:200]}")
            self._expect(smtp, lambda: smtp.docmd("DATA"), 354)
        except smtplib.SMTPServerDisconnected:
            raise
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise NotSent(str(error)) from error
        return smtp

    @staticmethod
    def _expect(smtp: smtplib.SMTP, ask: Callable[[], tuple[int, bytes]], wanted: int) -> None:
        code, reply = ask()
        if code != wanted:
            smtp.rset()
            raise NotSent(f"{code} {reply.decode('utf-8', 'replace')[:200]}")

    def _transfer(self, smtp: smtplib.SMTP, text: bytes) -> None:
        try:
            smtp.send(re.sub(rb"(?m)^\.", b"..", text))  # a dot alone ends it
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise NotSent(f"lost half-way: {error}") from error
        try:
            smtp.send(b".\r\n" if text.endswith(b"\r\n") else b"\r\n.\r\n")
            code, reply = smtp.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise Uncertain(str(error)) from error
        if code != 250:
            raise NotSent(f"{code} {reply.decode('utf-8', 'replace')[:200]}")

    def _connect(self) -> smtplib.SMTP:
        """Raises NotSent; without encryption only where the settings say so."""
        settings = self._settings
        host, port, timeout = settings.smtp_host, settings.smtp_port, self._timeout
        smtp: smtplib.SMTP | None = None
        try:
            if settings.smtp_encryption == "tls":
                context = ssl.create_default_context()
                smtp = smtplib.SMTP_SSL(host, port, timeout=timeout, context=context)
            else:
                smtp = smtplib.SMTP(host, port, timeout=timeout)
            if settings.smtp_encryption == "starttls":
                smtp.starttls(context=ssl.create_default_context())
            smtp.ehlo_or_helo_if_needed()
            if settings.smtp_password_file:
                password = settings.smtp_password_file.read_text("utf-8").strip()
                smtp.login(settings.smtp_user, password)
        except (OSError, UnicodeError, smtplib.SMTPException) as error:
            if smtp:
                smtp.close()
            raise NotSent(f"no connection to {settings.smtp_host}: {error}") from error
        return smtp
