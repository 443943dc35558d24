"""Tokens: shown once, kept as a hash, with a role, an owner and an end."""

from __future__ import annotations

import hashlib
import logging
import re
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select, update

from kb.cli.main import main
from kb.database import now
from kb.editors import access
from kb.editors.model import Token
from tests.conftest import KnowledgeBase
from tests.editors.conftest import Person, somebody


def run(folder: Path, *words: str) -> Result:
    return CliRunner(env={"KB_DATA_DIR": str(folder)}).invoke(main, ["token", *words])


def made(folder: Path, *words: str) -> str:
    result = run(folder, "create", *words)
    assert result.exit_code == 0, result.output
    return result.stdout.strip()


def tokens(kb: KnowledgeBase) -> list[Token]:
    with kb.database.reading() as session:
        return list(session.scalars(select(Token).order_by(Token.id)))


def test_a_token_is_printed_once_and_stored_as_a_hash(kb: KnowledgeBase, tmp_path: Path) -> None:
    words = ("--role", "editor", "--owner", "Anna  de Wit", "--expires", "90d")
    text = made(tmp_path, *words)

    [stored] = tokens(kb)
    assert re.fullmatch(r"kb_[\w-]{43}", text)  # 256 random bits
    assert stored.hash == hashlib.sha256(text.encode()).hexdigest()
    assert text not in repr(vars(stored))
    assert (stored.owner, stored.role) == ("Anna de Wit", "editor")
    assert stored.expires_at - stored.created_at == timedelta(days=90)
    assert made(tmp_path, *words) != text


def test_me_tells_whose_token_it_is(kb: KnowledgeBase, tmp_path: Path) -> None:
    piet = Person(kb, made(tmp_path, "--role", "publisher", "--owner", "Piet", "--expires", "2w"))

    response = piet.ask("GET", "/me")

    [stored] = tokens(kb)
    assert response.status_code == 200
    assert response.json == {
        "owner": "Piet",
        "role": "publisher",
        "expiresAt": f"{stored.expires_at:%Y-%m-%dT%H:%M:%SZ}",
        "fourEyes": True,
    }
    assert response.headers["Cache-Control"] == "no-store"
    assert "ETag" not in response.headers


@pytest.mark.parametrize(
    "words",
    [
        ("--role", "baas", "--owner", "Anna"),
        ("--role", "editor"),
        ("--role", "editor", "--owner", " "),
        ("--role", "editor", "--owner", "Seed"),  # the seed takes over what it wrote itself
        ("--role", "editor", "--owner", "a" * 201),
        *(
            ("--role", "editor", "--owner", "Anna", "--expires", wrong)
            for wrong in ("0d", "90", "-1d", "d", "11y", "90 d", "")
        ),
    ],
)
def test_a_token_that_makes_no_sense_is_not_made(
    kb: KnowledgeBase, tmp_path: Path, words: tuple[str, ...]
) -> None:
    assert run(tmp_path, "create", *words).exit_code == 2
    assert tokens(kb) == []


def test_the_list_tells_of_each_token_its_owner_end_and_last_use(
    kb: KnowledgeBase, tmp_path: Path
) -> None:
    anna = Person(kb, made(tmp_path, "--role", "editor", "--owner", "Anna"))
    days = {now().date()}
    made(tmp_path, "--role", "publisher", "--owner", "Piet", "--expires", "1y")
    anna.ask("GET", "/me")
    run(tmp_path, "revoke", "2")

    lines = run(tmp_path, "list").stdout.splitlines()

    days.add(now().date())  # another one at midnight
    assert lines[0].startswith("1\teditor\tAnna\texpires ")
    assert any(f"used {day}" in lines[0] for day in days)
    assert lines[1] in {f"2\tpublisher\tPiet\trevoked {day}\tused never" for day in days}
    assert anna.token not in "".join(lines)


def test_a_revoked_token_ends_at_once(kb: KnowledgeBase, anna: Person, tmp_path: Path) -> None:
    assert anna.ask("GET", "/me").status_code == 200

    assert run(tmp_path, "revoke", "1").exit_code == 0

    assert anna.ask("GET", "/me").status_code == 401
    assert run(tmp_path, "revoke", "7").exit_code == 1


def test_an_expired_token_is_reported_as_expired(kb: KnowledgeBase, anna: Person) -> None:
    with kb.database.transaction() as session:
        session.execute(update(Token).values(expires_at=now()))

    answer = anna.ask("GET", "/me")

    assert answer.status_code == 401
    assert "verlopen" in answer.json["detail"]


@pytest.mark.parametrize(
    ("header", "error"),
    [
        (None, False),
        ("", False),
        ("Bearer", True),
        ("Bearer kb_onbekend", True),
        ("Basic YTpi", True),
        ("Bearer één", True),
        ("Bearer a b", True),
        ("Bearer " + "a" * 5000, True),
    ],
)
def test_who_is_not_known_hears_how_to_be(
    kb: KnowledgeBase, header: str | None, error: bool
) -> None:
    headers = {} if header is None else {"Authorization": header}

    answer = kb.client.get("/v1/me?onbekend=1", headers=headers)

    assert answer.status_code == 401
    expected = 'Bearer realm="kennisbank"' + (', error="invalid_token"' if error else "")
    assert answer.headers["WWW-Authenticate"] == expected
    assert answer.headers["Cache-Control"] == "no-store"
    assert "onbekend" not in answer.text


EDITORS_ONLY = [
    *(("GET", path) for path in ("/me", "/drafts", "/cases/tuin/draft")),
    *(("POST", path) for path in ("/cases", "/cases/tuin/draft", "/cases/tuin/draft/reviews")),
    *((method, "/cases/tuin/draft") for method in ("PUT", "PATCH", "DELETE")),
    *(("POST", path) for path in ("/cases/tuin/publications", "/cases/tuin/withdrawals")),
    ("POST", "/cases/tuin/renames"),
]


@pytest.mark.parametrize(("method", "path"), EDITORS_ONLY)
def test_nothing_of_the_editors_is_for_who_has_no_token(
    kb: KnowledgeBase, method: str, path: str
) -> None:
    kb.draft({"id": "tuin", "title": "Geheim"})

    answer = kb.client.open(f"/v1{path}", method=method, json={})

    assert answer.status_code == 401
    assert "eheim" not in answer.text


@pytest.mark.parametrize("path", ["/cases/tuin/publications", "/cases/tuin/withdrawals"])
def test_an_editor_hears_which_role_publishing_takes(anna: Person, path: str) -> None:
    answer = anna.ask("POST", path, {})

    assert answer.status_code == 403
    assert "“publisher”" in answer.json["detail"]


def test_a_token_is_in_no_log_and_no_error(
    kb: KnowledgeBase, anna: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    stranger = Person(kb, "kb_een-geheim-token-van-een-ander")
    answers = [
        *(who.ask("GET", "/drafts?state=onzin&token=1") for who in (anna, stranger)),
        anna.ask("GET", "/cases/niets/draft"),
        anna.ask("POST", "/cases", [1]),
        anna.ask("POST", "/cases/tuin/publications", {}),
    ]

    for token in (anna.token, stranger.token):
        assert token not in caplog.text
        assert not [each for each in answers if token in each.text or token in str(each.headers)]


def test_the_last_use_is_stored_to_the_minute_and_not_at_each_request(
    kb: KnowledgeBase, anna: Person
) -> None:
    anna.ask("GET", "/me")
    first = tokens(kb)[0].last_used_at
    anna.ask("GET", "/me")
    second = tokens(kb)[0].last_used_at
    with kb.database.transaction() as session:
        session.execute(update(Token).values(last_used_at=now() - timedelta(seconds=61)))
    anna.ask("GET", "/me")
    third = tokens(kb)[0].last_used_at

    assert first is not None
    assert first == second
    assert third is not None
    assert third > first


def test_who_reads_does_not_wait_for_who_writes_for_long(kb: KnowledgeBase, anna: Person) -> None:
    with kb.database.transaction() as session:  # SQLite has one writer at a time
        session.scalars(select(Token)).all()
        answer = anna.ask("GET", "/me")

    assert answer.status_code == 200
    assert tokens(kb)[0].last_used_at is None


def test_a_reader_on_another_website_may_send_a_token(kb: KnowledgeBase) -> None:
    answer = kb.client.options("/v1/cases", headers={"Origin": "https://elders.nl"})

    allowed = answer.headers["Access-Control-Allow-Headers"].split(", ")
    assert {"Authorization", "If-Match", "Idempotency-Key", "Content-Type"} <= set(allowed)
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_each_period_has_a_length() -> None:
    assert access.parse_period("90d") == timedelta(days=90)
    assert access.parse_period("12w") == timedelta(weeks=12)
    assert access.parse_period("2y") == timedelta(days=730)


def test_a_token_of_one_person_is_not_that_of_another(kb: KnowledgeBase) -> None:
    people = [somebody(kb, name, "editor") for name in ("Anna", "Piet")]

    assert [each.ask("GET", "/me").json["owner"] for each in people] == ["Anna", "Piet"]
