"""Partners: registered by an operator, counted per day, without a trace of their visitors."""

from __future__ import annotations

import threading
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from kb.cli.main import main
from kb.database import now
from kb.sharing import partners
from kb.sharing.partner_use import MAX_ORIGINS, UseCounter
from tests.conftest import KnowledgeBase

PORTAL = "https://www.portaal.nl"


def run(folder: Path, *words: str) -> Result:
    return CliRunner(env={"KB_DATA_DIR": str(folder)}).invoke(main, ["partner", *words])


def counter(kb: KnowledgeBase) -> UseCounter:
    partner_use: UseCounter = kb.app.extensions["kb"].background.partner_use
    return partner_use


def used(kb: KnowledgeBase) -> list[tuple[str, int]]:
    with kb.database.reading() as session:
        return [(use.name, use.requests) for use in partners.usage(session, date(2000, 1, 1))]


def register(kb: KnowledgeBase, name: str = "Portaal", *origins: str) -> None:
    with kb.database.transaction() as session:
        partners.add(session, name, origins or (PORTAL,), now())


def test_a_partner_is_added_listed_and_removed(kb: KnowledgeBase, tmp_path: Path) -> None:
    assert run(tmp_path, "add", "Portaal", "--origin", f"{PORTAL}/").exit_code == 0
    assert run(tmp_path, "add", "Portaal", "--origin", "https://Elders.nl:443").exit_code == 0

    [line] = run(tmp_path, "list").stdout.splitlines()
    assert line.split("\t")[0] == "Portaal"
    assert line.endswith(f"https://elders.nl {PORTAL}")
    with kb.database.reading() as session:
        assert partners.frame_ancestors(session) == ["https://elders.nl", PORTAL]

    assert run(tmp_path, "remove", "Portaal").exit_code == 0
    assert run(tmp_path, "list").stdout == ""
    assert run(tmp_path, "remove", "Portaal").exit_code == 1
    with kb.database.reading() as session:
        assert partners.frame_ancestors(session) == []


@pytest.mark.parametrize(
    "words",
    [
        ("Portaal",),
        (" ", "--origin", PORTAL),
        ("a" * 201, "--origin", PORTAL),
        *(
            ("Portaal", "--origin", wrong)
            for wrong in (
                *("", "portaal.nl", "*", "https://*.nl", "ftp://portaal.nl", "https://"),
                *(f"{PORTAL}/zoeken", f"{PORTAL}?a=b", "https://a.nl;script-src *", "null"),
                *("https://portaal.nl:99999", "https://a b.nl", "https://a.nl\r\nx: y/"),
            )
        ),
    ],
)
def test_what_cannot_be_a_partner_is_refused(
    words: tuple[str, ...], kb: KnowledgeBase, tmp_path: Path
) -> None:
    assert run(tmp_path, "add", *words).exit_code in {1, 2}
    assert run(tmp_path, "list").stdout == ""


def test_an_origin_has_one_partner(kb: KnowledgeBase, tmp_path: Path) -> None:
    register(kb)

    result = run(tmp_path, "add", "Ander", "--origin", PORTAL)

    assert result.exit_code == 1
    assert "belongs to another partner" in result.output
    assert len(run(tmp_path, "list").stdout.splitlines()) == 1


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://Gemeente.NL/wijk?x=1", "https://gemeente.nl"),
        ("http://gemeente.nl:80", "http://gemeente.nl"),
        ("https://gemeente.nl:8443/", "https://gemeente.nl:8443"),
        ("https://gemeënte.nl", "https://xn--gemente-uya.nl"),
        ("null", None),
        ("https://[::1", None),
        ("https://" + "a" * 300 + ".nl", None),
    ],
)
def test_an_origin_is_what_browsers_make_of_an_address(address: str, origin: str | None) -> None:
    assert partners.origin_of(address) == origin


def test_use_is_counted_per_day_by_origin_or_referer(any_kb: KnowledgeBase) -> None:
    register(any_kb, "Portaal", PORTAL, "https://elders.nl")
    register(any_kb, "Stil", "https://stil.nl")
    headers: list[dict[str, str]] = [
        {"Origin": PORTAL},
        {"Referer": f"{PORTAL}/wonen?bezoeker=12"},
        {"Origin": "https://elders.nl", "Referer": "https://stil.nl/"},
        {"Origin": "https://onbekend.nl"},
        {"Origin": "null"},
        {},
    ]
    for each in headers:
        any_kb.client.get("/v1/vocabularies", headers=each)
    any_kb.client.options("/v1/vocabularies", headers={"Origin": PORTAL})
    any_kb.client.get("/health/live", headers={"Origin": PORTAL})
    assert used(any_kb) == []

    counter(any_kb).flush()
    assert used(any_kb) == [("Portaal", 3)]
    any_kb.client.get("/v1/vocabularies", headers=headers[0])
    counter(any_kb).flush()
    assert used(any_kb) == [("Portaal", 4)]


def test_usage_is_reported_on_the_command_line(kb: KnowledgeBase, tmp_path: Path) -> None:
    register(kb)
    days = {now().date()}
    kb.client.get("/v1/vocabularies", headers={"Origin": PORTAL})
    counter(kb).flush()
    days.add(now().date())  # another one at midnight

    assert run(tmp_path, "usage").stdout in {f"{day}\t1\tPortaal\n" for day in days}
    assert run(tmp_path, "usage", "--days", "0").exit_code == 2


def test_nothing_is_stored_of_a_visitor(kb: KnowledgeBase) -> None:
    register(kb)
    visitor = {"Referer": f"{PORTAL}/wonen?bezoeker=12", "User-Agent": "Geheim/1"}
    kb.client.get("/v1/cases?q=geheim", headers=visitor, environ_base={"REMOTE_ADDR": "10.1.2.3"})
    counter(kb).flush()

    with kb.database.reading() as session:
        rows = [
            str(session.execute(text(f"SELECT * FROM {table}")).all())
            for table in ("partner", "partner_origin", "partner_use")
        ]
    for secret in ("bezoeker", "wonen", "Geheim", "10.1.2.3", "geheim"):
        assert secret not in " ".join(rows)


def test_many_requests_cost_one_write(kb: KnowledgeBase) -> None:
    register(kb)
    begun: list[str] = []
    event.listen(
        kb.database.engine,
        "before_cursor_execute",
        lambda _c, _k, statement, *_rest: begun.append(statement),
    )
    for _ in range(20):
        kb.client.get("/v1/vocabularies", headers={"Origin": PORTAL})
    assert [each for each in begun if "partner" in each] == []

    counter(kb).flush()
    assert len([each for each in begun if each.startswith(("INSERT", "UPDATE"))]) == 1


def test_invented_origins_do_not_fill_the_memory(kb: KnowledgeBase) -> None:
    register(kb)
    use_counter = counter(kb)
    use_counter.note(PORTAL)
    for number in range(MAX_ORIGINS * 2):
        use_counter.note(f"https://n{number}.nl")
    use_counter.note(PORTAL)

    assert len(use_counter._counted) == MAX_ORIGINS
    use_counter.flush()
    assert used(kb) == [("Portaal", 2)]


def test_what_cannot_be_written_now_is_written_later(kb: KnowledgeBase) -> None:
    register(kb)
    use_counter = counter(kb)
    use_counter.note(PORTAL)

    def full(*_: Any) -> None:
        raise OperationalError("disk", None, OSError("full"))

    event.listen(kb.database.engine, "before_cursor_execute", full)
    use_counter.flush()
    event.remove(kb.database.engine, "before_cursor_execute", full)
    assert used(kb) == []

    use_counter.flush()
    assert used(kb) == [("Portaal", 1)]


def test_processes_that_write_at_once_lose_nothing(any_kb: KnowledgeBase) -> None:
    register(any_kb)
    counters = [UseCounter(any_kb.database) for _ in range(4)]
    for each in counters:
        each.note(PORTAL)
    threads = [threading.Thread(target=each.flush) for each in counters]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert used(any_kb) == [("Portaal", 4)]
