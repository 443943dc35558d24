"""`kb digest` and `kb forget-address`: what an operator runs for those who follow by e-mail."""

from __future__ import annotations

from pathlib import Path

from kb.cases.changes import last_number
from kb.database import Database, now
from kb.sharing.address_seal import AddressSeal
from kb.sharing.model import Subscription
from tests.builders import a_case
from tests.cli.commands import Run, failed, succeeded, write
from tests.sharing.mail_server import Mailbox, a_mail_server

ADDRESS = "Anna@voorbeeld.nl"


def a_subscription(folder: Path, slug: str) -> None:
    """Somebody follows a case, up to the newest change."""
    database = Database(f"sqlite:///{folder}/var/kb.sqlite3")
    seal = AddressSeal.of_file(folder / "var" / "mail.key")
    with database.transaction() as session:
        row = Subscription(
            address=ADDRESS, address_hash=seal.hash(ADDRESS), list_key=slug, kind="case", query={},
            slug=slug, language="nl", token=f"token-{slug}", confirmed_at=now(),
            last_change=last_number(session), sent_at=None, failures=0,
        )  # fmt: skip
        session.add(row)
    database.dispose()


def mail_settings(mailbox: Mailbox) -> dict[str, str]:
    return {
        "KB_SMTP_HOST": mailbox.host,
        "KB_SMTP_PORT": str(mailbox.port),
        "KB_SMTP_ENCRYPTION": "none",
        "KB_MAIL_FROM": "volgen@kennis.example",
        "KB_PUBLIC_URL": "https://kennis.example",
    }


def test_without_a_mail_server_a_digest_says_what_to_set(run: Run, prepared: None) -> None:
    assert "KB_SMTP_HOST" in failed(run("digest"))


def test_a_digest_is_sent_and_counted(
    run: Run, prepared: None, small: Path, tmp_path: Path
) -> None:
    a_subscription(tmp_path, "tuin")
    with a_mail_server(Mailbox()) as mailbox:
        settings = mail_settings(mailbox)
        assert "1 nothing" in succeeded(run("digest", **settings))
        write(small, a_case("tuin", title="De tuin"))
        succeeded(run("seed", small))
        succeeded(run("index", "catch-up"))

        assert "1 sent" in succeeded(run("digest", **settings))
        assert "nobody is waiting" in succeeded(run("digest", **settings))

    [letter] = mailbox.letters
    assert letter["To"] == ADDRESS


def test_a_digest_that_does_not_go_is_a_failure(
    run: Run, prepared: None, small: Path, tmp_path: Path
) -> None:
    a_subscription(tmp_path, "tuin")
    write(small, a_case("tuin", title="De tuin"))
    succeeded(run("seed", small))
    succeeded(run("index", "catch-up"))
    with a_mail_server(Mailbox(answers={"mail": "421 busy"})) as mailbox:
        result = run("digest", **mail_settings(mailbox))

    assert result.exit_code == 1
    assert "1 not-sent" in result.stderr


def test_an_address_is_forgotten(run: Run, prepared: None, tmp_path: Path) -> None:
    a_subscription(tmp_path, "tuin")
    a_subscription(tmp_path, "straat")

    assert "it followed 2" in succeeded(run("forget-address", f" {ADDRESS.lower()} "))
    assert "it followed 0" in succeeded(run("forget-address", ADDRESS))
