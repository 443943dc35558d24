"""Visitors who ask for lists all the time, and what came of each time."""

from __future__ import annotations

import itertools
import json
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from typing import Any, NamedTuple

from tests.cluster.rounds import QUESTIONS, Content, Publisher, Question
from tests.durability.rounds import slugs

NUMBER = 2
CROWD = 20  # more than the server has threads
PAUSE_SECONDS = 0.05
READING_PAUSE_SECONDS = 0.2
MAX_SECONDS = 30  # that an answer may take before its visitor gives up
ROUND = re.compile(r"ronde(\d+)")


class Visit(NamedTuple):
    """An answer, or what came instead."""

    begun: float
    ended: float
    status: int
    retry_after: str
    question: Question | None  # None: a single thing
    rounds: frozenset[int]  # that the items say they are of
    content: Content | str

    @property
    def is_refused(self) -> bool:
        """Whether it was told to come back later."""
        return self.status == 503 and self.retry_after.isdigit()

    def is_right(self, publisher: Publisher) -> bool:
        """Whether it is what the scan engine says of one round."""
        if self.status != 200 or len(self.rounds) != 1 or self.question is None:
            return False
        return self.content == publisher.expected(min(self.rounds), self.question)


class Visitors:
    """Some threads that ask for lists, and one that asks for a single thing, until they end.

    One who asks for lists keeps the connection, so the same process answers all the time.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._numbers = itertools.count()
        self._visits: list[Visit] = []
        self._stays: list[list[Visit]] = []  # those of one connection, in order
        self._readings: list[Visit] = []
        self._ended, self._alone = threading.Event(), threading.Event()
        self._threads = [self._started(self._read, self._ended)]
        self._threads += [self._started(self._ask, self._ended) for _ in range(NUMBER - 1)]
        self._threads.append(self._started(self._stay, self._ended))
        self._crowd: list[threading.Thread] = []

    def since(self, moment: float) -> list[Visit]:
        """The lists that were asked for at that moment or later, and have come."""
        return [each for each in self._visits if each.begun >= moment]

    def readings_since(self, moment: float) -> list[Visit]:
        """The same of the single thing."""
        return [each for each in self._readings if each.begun >= moment]

    def steps_back_since(self, moment: float) -> list[tuple[Visit, Visit]]:
        """Where one process went back: a visit, and a later one that shows an older round.

        By one round it may, while that is being written: another copy of a shard answers then.
        """
        return [
            (newest, visit)
            for stay in self._stays
            for newest, visit in _with_newest_before(v for v in stay if v.rounds)
            if visit.begun >= moment and max(visit.rounds) < max(newest.rounds) - 1
        ]

    def crowd(self) -> None:
        """Let many more come."""
        self._alone.clear()
        self._crowd = [self._started(self._ask, self._alone) for _ in range(CROWD)]

    def disperse(self) -> None:
        """Let them go again."""
        self._alone.set()
        for thread in self._crowd:
            thread.join()

    def end(self) -> None:
        """Ask no more."""
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _started(
        self, work: Callable[[threading.Event], None], ended: threading.Event
    ) -> threading.Thread:
        thread = threading.Thread(target=work, args=(ended,), daemon=True)
        thread.start()
        return thread

    def _ask(self, ended: threading.Event) -> None:
        while not ended.wait(PAUSE_SECONDS):
            number = next(self._numbers)
            question = QUESTIONS[number % len(QUESTIONS)]
            self._visits.append(self._visit(question.address(number), question))

    def _stay(self, ended: threading.Event) -> None:
        while not ended.is_set():
            stay: list[Visit] = []
            self._stays.append(stay)
            with closing(self._connection()) as connection:
                connection.connect()
                while connection.sock is not None and not ended.wait(PAUSE_SECONDS):
                    number = next(self._numbers)
                    question = QUESTIONS[number % len(QUESTIONS)]
                    stay.append(self._visit(question.address(number), question, connection))
                    self._visits.append(stay[-1])

    def _read(self, ended: threading.Event) -> None:
        while not ended.wait(READING_PAUSE_SECONDS):
            self._readings.append(self._visit(f"/v1/cases/{slugs(0)[0]}"))

    def _connection(self) -> HTTPConnection:
        return HTTPConnection("127.0.0.1", self._port, timeout=MAX_SECONDS)

    def _visit(
        self,
        address: str,
        question: Question | None = None,
        connection: HTTPConnection | None = None,
    ) -> Visit:
        """Ask, by a connection of its own when none is passed."""
        begun = time.monotonic()
        status, retry_after, content = 0, "", b""
        try:
            if connection is None:
                with closing(self._connection()) as own:
                    status, retry_after, content = _get(own, address)
            else:
                status, retry_after, content = _get(connection, address)
        except (OSError, HTTPException) as error:
            content = repr(error).encode()
        ended = time.monotonic()
        if status != 200 or question is None:
            text = content.decode()[:500]
            return Visit(begun, ended, status, retry_after, question, frozenset(), text)
        body: Any = json.loads(content)
        titles = " ".join(item["title"] for item in body["items"])
        rounds = frozenset(map(int, ROUND.findall(titles)))
        return Visit(begun, ended, status, "", question, rounds, question.content(body))


def _get(connection: HTTPConnection, address: str) -> tuple[int, str, bytes]:
    connection.request("GET", address)
    response = connection.getresponse()
    return response.status, response.headers.get("Retry-After", ""), response.read()


def _with_newest_before(visits: Iterable[Visit]) -> Iterator[tuple[Visit, Visit]]:
    """Each visit but the first, after the one before it that showed the newest round."""
    newest: Visit | None = None
    for visit in visits:
        if newest is not None:
            yield newest, visit
        if newest is None or max(visit.rounds) >= max(newest.rounds):
            newest = visit
