"""`kb session` and `kb account`: who is signed in with a browser, and who they are."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kb.cli.main import main
from kb.database import now
from kb.editors import access, sessions, workflow
from kb.editors.openid import accounts
from schemas.cases import CaseDocument
from tests.builders import a_case
from tests.conftest import KnowledgeBase

ISSUER = "https://login.wijken.test"
A_YEAR = timedelta(days=365)


def run(folder: Path, *words: str) -> Result:
    return CliRunner(env={"KB_DATA_DIR": str(folder)}).invoke(main, words)


@pytest.fixture
def signed_in(kb: KnowledgeBase) -> dict[str, str]:
    """The ids of sessions: of Piet by his token, of Anna by her account."""
    at = now()
    with kb.database.transaction() as session:
        token = access.create_token(session, owner="Piet", role="publisher", at=at, lasts=A_YEAR)
        account = accounts.sign_in(session, issuer=ISSUER, subject="7", name="Anna", at=at)
        return {
            "Piet": sessions.begin(session, token, at)[0],
            "Anna": sessions.begin_for_account(session, account, "editor", at, at + A_YEAR)[0],
        }


def is_open(kb: KnowledgeBase, session_id: str) -> bool:
    return sessions.find(kb.database, session_id, now(), ISSUER) is not None


def test_the_operator_sees_who_is_signed_in(
    kb: KnowledgeBase, tmp_path: Path, signed_in: dict[str, str]
) -> None:
    lines = run(tmp_path, "session", "list").stdout.splitlines()

    rows = [line.split("\t") for line in lines]
    assert [row[:4] for row in rows] == [
        ["1", "publisher", "Piet", "token 1"],
        ["2", "editor", "Anna", "account 1"],
    ]
    assert all(each not in "".join(lines) for each in signed_in.values())


def test_a_session_of_an_account_lasts_twelve_hours_at_most(
    kb: KnowledgeBase, signed_in: dict[str, str]
) -> None:
    opened = sessions.find(kb.database, signed_in["Anna"], now(), ISSUER)

    assert opened
    assert opened.expires_at - now() <= timedelta(hours=12)
    assert opened.editor.expires_at == opened.expires_at


@pytest.mark.parametrize("words", [("2",), ("--owner", "Anna")])
def test_the_operator_ends_the_sessions_of_a_person(
    kb: KnowledgeBase, tmp_path: Path, signed_in: dict[str, str], words: tuple[str, ...]
) -> None:
    result = run(tmp_path, "session", "revoke", *words)

    assert result.exit_code == 0, result.output
    assert not is_open(kb, signed_in["Anna"])
    assert is_open(kb, signed_in["Piet"])


@pytest.mark.parametrize(
    ("words", "code"), [((), 2), (("2", "--owner", "Anna"), 2), (("9",), 1), (("x",), 2)]
)
def test_a_session_that_is_not_there_is_not_revoked(
    kb: KnowledgeBase,
    tmp_path: Path,
    signed_in: dict[str, str],
    words: tuple[str, ...],
    code: int,
) -> None:
    assert run(tmp_path, "session", "revoke", *words).exit_code == code
    assert all(is_open(kb, each) for each in signed_in.values())


def test_an_account_becomes_the_author_of_a_token(
    kb: KnowledgeBase, tmp_path: Path, signed_in: dict[str, str]
) -> None:
    before = run(tmp_path, "account", "list").stdout

    result = run(tmp_path, "account", "link", "1", "--owner", "Piet")

    assert before.split("\t")[:4] == ["1", "Anna", ISSUER, "7"]
    assert result.exit_code == 0, result.output
    opened = sessions.find(kb.database, signed_in["Anna"], now(), ISSUER)
    assert opened
    assert opened.editor.owner == "Piet"
    with kb.database.transaction() as session:
        again = accounts.sign_in(session, issuer=ISSUER, subject="7", name="Anna Smit", at=now())
        assert again.owner == "Piet"  # whatever the provider calls her


def test_who_has_written_stays_the_author(
    kb: KnowledgeBase, tmp_path: Path, signed_in: dict[str, str]
) -> None:
    with kb.database.transaction() as session:
        case = CaseDocument().load(a_case(id="tuin"))
        workflow.save_draft(session, case, author="Anna", at=now())

    result = run(tmp_path, "account", "link", "1", "--owner", "Piet")

    assert result.exit_code == 1
    assert "has written already" in result.stderr
    assert run(tmp_path, "account", "list").stdout.split("\t")[1] == "Anna"


@pytest.mark.parametrize(
    "words", [("9", "--owner", "Piet"), ("1", "--owner", "seed"), ("1", "--owner", " ")]
)
def test_an_account_is_not_linked_to_nobody(
    kb: KnowledgeBase, tmp_path: Path, signed_in: dict[str, str], words: tuple[str, ...]
) -> None:
    assert run(tmp_path, "account", "link", *words).exit_code != 0
    assert is_open(kb, signed_in["Anna"])


@pytest.mark.parametrize(
    ("name", "owner"),
    [
        ("ANNA", "ANNA (2)"),
        (" Anna\u200b ", "Anna (2)"),
        ("piet", "piet (2)"),
        ("seed", "seed (2)"),
        ("\u200b", "?"),
        ("x" * 500, "x" * 190),
    ],
)
def test_nobody_gets_the_name_of_another(
    kb: KnowledgeBase, signed_in: dict[str, str], name: str, owner: str
) -> None:
    with kb.database.transaction() as session:
        account = accounts.sign_in(session, issuer=ISSUER, subject="8", name=name, at=now())

        assert account.owner == owner
