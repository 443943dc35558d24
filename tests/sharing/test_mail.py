"""Mail goes to a real server, or it is known whether it went; nothing breaks a header."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.settings import Settings
from kb.sharing.address_seal import AddressSeal
from kb.sharing.mail import (
    AddressRefused,
    Block,
    Letter,
    MailServer,
    NotSent,
    Uncertain,
    is_address,
    message,
)
from tests.conftest import need
from tests.sharing.mail_server import Mailbox, a_mail_server, authenticate, certificate

LETTER = Letter(
    "Nieuw: één", "nl", [Block("Eén\n.\nregel <b>", ("Tuin & plein", "http://k/a?b&c"))]
)
AT = datetime(2026, 11, 30, 7, tzinfo=UTC)


def settings_for(mailbox: Mailbox, encryption: str = "none", **others: object) -> Settings:
    return replace(
        Settings(public_url="https://kennis.example", mail_from="volgen@kennis.example"),
        smtp_host=mailbox.host,
        smtp_port=mailbox.port,
        smtp_encryption=encryption,  # type: ignore[arg-type]
        **others,  # type: ignore[arg-type]
    )


def send(settings: Settings, *addresses: str, letter: Letter = LETTER) -> None:
    with MailServer(settings, timeout=3) as server:
        for address in addresses:
            server.send(
                message(
                    settings,
                    letter,
                    to=address,
                    id="een",
                    at=AT,
                    name="Kennisbank",
                    unsubscribe=f"https://kennis.example/volgen/stoppen/{'x' * 90}",
                )
            )


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with a_mail_server(Mailbox()) as opened:
        yield opened


def test_a_letter_arrives_with_the_headers_that_programs_look_for(mailbox: Mailbox) -> None:
    send(settings_for(mailbox), "a@example.nl", "b@example.nl")

    first, second = mailbox.letters
    assert second["To"] == "b@example.nl"
    assert mailbox.senders == ["volgen@kennis.example"] * 2
    assert dict(first.items()) | {"Content-Type": "", "MIME-Version": ""} == {
        "From": "Kennisbank <volgen@kennis.example>",
        "To": "a@example.nl",
        "Subject": "Nieuw: één",
        "Date": "Mon, 30 Nov 2026 07:00:00 +0000",
        "Message-ID": "<een@kennis.example>",
        "Content-Language": "nl",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "List-Id": "<volgen.kennis.example>",
        "List-Unsubscribe": f"<https://kennis.example/volgen/stoppen/{'x' * 90}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "MIME-Version": "",
        "Content-Type": "",
    }
    assert (
        f"List-Unsubscribe: <https://kennis.example/volgen/stoppen/{'x' * 90}>\r\n".encode()
        in (mailbox.raw[0])
    )
    plain, html = first.iter_parts()
    assert plain.get_content().splitlines() == [
        *("Tuin & plein", "http://k/a?b&c", "Eén . regel <b>")
    ]
    assert '<p><a href="http://k/a?b&amp;c">Tuin &amp; plein</a><br>Eén . regel &lt;b&gt;</p>' in (
        html.get_content()
    )
    assert max(map(len, mailbox.raw[0].split(b"\r\n"))) < 998
    mailbox.raw[0].decode("ascii")


def test_nothing_is_sent_in_the_clear_when_it_was_to_be_encrypted(mailbox: Mailbox) -> None:
    with pytest.raises(NotSent, match="STARTTLS"):
        send(settings_for(mailbox, "starttls"), "a@example.nl")

    assert mailbox.raw == []


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, object]:
    need("openssl", shutil.which("openssl") is not None, "apt-get install openssl")
    return certificate(tmp_path_factory.mktemp("certificate"))


def test_with_starttls_password_and_letter_are_encrypted(
    signed: tuple[Path, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    password = tmp_path / "password"
    password.write_text("geheim\n")
    options = {"tls_context": signed[1], "auth_required": True, "authenticator": authenticate}
    with a_mail_server(Mailbox(), **options) as mailbox:
        known = settings_for(mailbox, "starttls", smtp_user="kb", smtp_password_file=password)
        with pytest.raises(NotSent, match="certificate"):  # that nobody we trust has signed
            send(known, "a@example.nl")
        monkeypatch.setenv("SSL_CERT_FILE", str(signed[0]))
        send(known, "a@example.nl")
        password.write_text("fout")
        with pytest.raises(NotSent, match="535"):
            send(known, "a@example.nl")
        password.write_text("gehéím")  # smtplib takes ASCII alone
        with pytest.raises(NotSent):
            send(known, "a@example.nl")

    assert mailbox.were_encrypted == [True]


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ({"a@example.nl": "550 no such user"}, AddressRefused),
        ({"a@example.nl": "450 come back later"}, NotSent),
        ({"mail": "550 we do not know you"}, NotSent),
        ({"data": "451 full"}, NotSent),
        ({"data": "554 looks like spam"}, NotSent),
    ],
)
def test_what_a_server_refuses_is_not_sent(
    answers: dict[str, str], error: type[Exception], mailbox: Mailbox
) -> None:
    mailbox.answers = answers

    with pytest.raises(error) as raised:
        send(settings_for(mailbox), "a@example.nl")

    assert type(raised.value) is error
    assert mailbox.raw == []
    mailbox.answers = {}
    send(settings_for(mailbox), "a@example.nl")
    assert len(mailbox.raw) == 1


def test_after_a_refusal_the_next_one_goes_over_the_same_connection(mailbox: Mailbox) -> None:
    mailbox.answers = {"a@example.nl": "550 no such user"}
    settings = settings_for(mailbox)
    with MailServer(settings, timeout=3) as server:
        for address, error in (("a@example.nl", AddressRefused), ("b@example.nl", None)):
            letter = message(settings, LETTER, to=address, id="een", at=AT, name="K")
            if error:
                with pytest.raises(error):
                    server.send(letter)
            else:
                server.send(letter)

    assert [each["To"] for each in mailbox.letters] == ["b@example.nl"]


def test_a_lost_connection_says_whether_the_letter_may_have_gone(mailbox: Mailbox) -> None:
    mailbox.hang_up_at = "mail"
    with pytest.raises(NotSent):
        send(settings_for(mailbox), "a@example.nl")
    mailbox.hang_up_at = "end"
    with pytest.raises(Uncertain):
        send(settings_for(mailbox), "a@example.nl")

    assert len(mailbox.raw) == 1  # it had it


def test_a_connection_that_ended_between_two_letters_is_made_again(mailbox: Mailbox) -> None:
    settings = settings_for(mailbox)
    with MailServer(settings, timeout=3) as server:
        letter = message(settings, LETTER, to="a@example.nl", id="een", at=AT, name="K")
        server.send(letter)
        assert server._smtp
        assert server._smtp.sock
        server._smtp.sock.shutdown(socket.SHUT_RDWR)
        server.send(letter)

    assert len(mailbox.raw) == 2


def test_nobody_there_and_nobody_who_speaks_are_not_sent() -> None:
    with pytest.raises(NotSent, match="no connection"):
        send(settings_for(Mailbox(port=1)), "a@example.nl")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        hung_up = threading.Thread(target=lambda: silent.accept()[0].close())
        hung_up.start()
        with pytest.raises(NotSent):
            send(settings_for(Mailbox(port=silent.getsockname()[1])), "a@example.nl")
        hung_up.join()


ANY_TEXT = st.text(st.characters(), max_size=300)


@given(ANY_TEXT, ANY_TEXT, ANY_TEXT)
def test_no_text_breaks_out_of_its_place(subject: str, title: str, text: str) -> None:
    letter = Letter(f"{subject}\r\nBcc: x@y.nl", "nl", [Block(text, (title, "http://k/1"), title)])

    raw = message(
        settings_for(Mailbox()), letter, to="a@example.nl", id="een", at=AT, name="K"
    ).as_bytes()

    read = message_from_bytes(raw, policy=policy.default)
    assert read["Bcc"] is None
    assert read.keys() == [
        *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"),
        *("X-Auto-Response-Suppress", "MIME-Version", "Content-Type", "Content-Language"),
    ]
    assert not read.defects


@pytest.mark.parametrize(
    "text",
    [
        *("", "a", "a@b", "a@b.c\nBcc: d@e.nl", "a@b.nl\r", "a b@c.nl", "a@@b.nl", "a@b..nl"),
        *("é@b.nl", "a@é.nl", "<a@b.nl>", "a@b.nl,c@d.nl", "a@b.nl d", ".a@b.nl", "a.@b.nl"),
        *(f"{'a' * 65}@b.nl", f"a@{'b.' * 130}nl", "a@b.nl\0", "a@-b.nl", '"a b"@c.nl'),
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    assert not is_address(text)


@given(st.emails())
def test_an_address_that_is_taken_makes_a_header(address: str) -> None:
    if is_address(address):
        made = message(settings_for(Mailbox()), LETTER, to=address, id="een", at=AT, name="K")
        assert made["To"].addresses[0].addr_spec == address


@given(st.emails(), st.binary(min_size=32, max_size=32))
def test_only_a_token_and_its_key_give_an_address_back(address: str, key: bytes) -> None:
    seal = AddressSeal(key)

    token = seal.seal(address)

    assert seal.open(token) == address
    assert seal.seal(address) != token
    assert address not in token
    assert seal.hash(address) == seal.hash(address.upper())
    assert AddressSeal(b"x" * 32).hash(address) != seal.hash(address)


@given(st.text(max_size=100))
def test_what_is_no_token_opens_nothing(token: str) -> None:
    seal = AddressSeal(b"k" * 32)
    with suppress(ValueError):
        seal.open(token)


def test_one_key_is_made_for_all_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "mail.key"
    seals: list[AddressSeal] = []
    threads = [
        threading.Thread(target=lambda: seals.append(AddressSeal.of_file(path))) for _ in range(8)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert len({seal.hash("a@b.nl") for seal in seals}) == 1
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["mail.key"]
