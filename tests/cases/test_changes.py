"""Numbered changes: whoever follows them meets every one, in order, and never skips."""

from __future__ import annotations

import random
import threading
import time

from kb.cases import changes
from kb.database import Database, now
from tests.builders import a_case
from tests.conftest import KnowledgeBase

WRITERS, EACH = 4, 12


class ChangedMind(Exception):
    """Why a writer takes its transaction back."""


def write_some(database: Database, writer: int, committed: list[tuple[int, str]]) -> None:
    """Commit and take back transactions of one to three changes, in a random rhythm."""
    rhythm = random.Random(writer)
    for turn in range(EACH):
        slug = f"w{writer}-{turn}"
        try:
            with database.transaction() as session:
                time.sleep(rhythm.random() / 500)
                taken = [
                    changes.record(session, "updated", "case", slug, now()).number
                    for _ in range(rhythm.randint(1, 3))
                ]
                session.flush()
                time.sleep(rhythm.random() / 500)
                if rhythm.random() < 0.3:
                    raise ChangedMind
            committed += [(number, slug) for number in taken]  # appending is atomic
        except ChangedMind:
            pass


def follow(
    database: Database, previous: list[tuple[int, str]], start: int, done: threading.Event
) -> None:
    """Poll for what is new after the last that was seen, two at a time, until all is quiet."""
    last = start
    while True:
        was_done = done.is_set()
        with database.reading() as session:
            some = changes.changed_since(session, last, limit=2)
            counted = changes.last_number(session)
        previous += [(change.number, change.slug) for change in some]
        last = some[-1].number if some else last
        assert counted >= last
        if was_done and not some:
            return


def test_followers_meet_every_committed_change_once_and_in_order(any_kb: KnowledgeBase) -> None:
    database = any_kb.database
    with database.reading() as session:
        start = changes.last_number(session)
    committed: list[tuple[int, str]] = []
    items: list[list[tuple[int, str]]] = [[], []]
    done = threading.Event()
    followers = [
        threading.Thread(target=follow, args=(database, each, start, done)) for each in items
    ]
    writers = [
        threading.Thread(target=write_some, args=(database, number, committed))
        for number in range(WRITERS)
    ]

    for thread in (*followers, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    for thread in followers:
        thread.join()

    assert len(committed) > WRITERS * EACH / 2
    for each in items:
        assert each == sorted(committed)
        assert [number for number, _ in each] == list(range(start + 1, start + 1 + len(each)))


def test_numbers_that_were_taken_back_are_used_again(any_kb: KnowledgeBase) -> None:
    def record(*, keep: bool) -> int:
        with any_kb.database.transaction() as session:
            number = changes.record(session, "created", "case", "tuin", now()).number
            if not keep:
                session.rollback()
        return number

    first = record(keep=True)

    assert record(keep=False) == first + 1
    assert record(keep=False) == first + 1
    assert record(keep=True) == first + 1


def test_a_writer_waits_for_the_one_that_took_a_number_before(any_kb: KnowledgeBase) -> None:
    first_has_its_number, order = threading.Event(), []

    def first() -> None:
        with any_kb.database.transaction() as session:
            order.append(("first", changes.record(session, "created", "case", "a", now()).number))
            first_has_its_number.set()
            time.sleep(0.2)
            order.append(("first commits", 0))

    def second() -> None:
        first_has_its_number.wait()
        with any_kb.database.transaction() as session:
            order.append(("second", changes.record(session, "created", "case", "b", now()).number))

    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [name for name, _ in order] == ["first", "first commits", "second"]
    assert order[2][1] == order[0][1] + 1


def test_a_reader_keeps_its_snapshot_while_others_publish(any_kb: KnowledgeBase) -> None:
    with any_kb.database.reading() as session:
        before = changes.last_number(session)
        publisher = threading.Thread(target=any_kb.publish, args=(a_case("tuin"),))
        publisher.start()
        publisher.join()

        assert changes.last_number(session) == before
        assert changes.changed_since(session, before, 10) == []

    with any_kb.database.reading() as session:
        assert [each.slug for each in changes.changed_since(session, before, 10)] == ["tuin"]


def test_what_is_requested_is_limited_and_oldest_first(kb: KnowledgeBase) -> None:
    kb.publish(*(a_case(f"tuin-{n}") for n in range(4)))

    with kb.database.reading() as session:
        last = changes.last_number(session)
        page = changes.changed_since(session, last - 4, limit=3)
        nothing = changes.changed_since(session, last, limit=3)

    assert [each.slug for each in page] == ["tuin-0", "tuin-1", "tuin-2"]
    assert [each.number for each in page] == [last - 3, last - 2, last - 1]
    assert nothing == []


def test_changes_that_are_recorded_together_are_numbered_in_their_order(
    any_kb: KnowledgeBase,
) -> None:
    with any_kb.database.transaction() as session:
        before = changes.last_number(session)
        changes.record(session, "created", "case", "een", now())
        made = changes.record_all(
            session, [("updated", "case", "twee"), ("withdrawn", "study", "drie")], now()
        )
        assert changes.record_all(session, [], now()) == []

    assert [each.number for each in made] == [before + 2, before + 3]
    with any_kb.database.reading() as session:
        stored = changes.changed_since(session, before, 10)
        assert [each.slug for each in stored] == ["een", "twee", "drie"]
        assert changes.last_number(session) == before + 3
