"""A publisher who rewrites all cases once a second, and what every list must then say.

The rounds are those of `tests/durability/rounds.py`: a list tells in every title of which round it
is. What it must say, the scan engine tells of the documents that the database had in that round.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

from kb.database import Database
from kb.kinds import KindName
from kb.search import documents
from kb.search.engine import SearchDocument, SearchRequest
from kb.search.published import every_row
from kb.search.query.parse import parse
from tests.durability.rounds import take_round
from tests.scan_engine import ScanEngine
from tests.search.engines import put

PERIOD_SECONDS = 1.0
LIMIT = 20  # on a page


class Content(NamedTuple):
    """What a list says: its ids in order, how many there are, and its facet."""

    ids: tuple[str, ...]
    total: int
    counts: Mapping[str, int]


class Question(NamedTuple):
    """A list, as visitors and as an engine are asked for it."""

    kind: KindName
    path: str
    words: str
    sort: tuple[str, ...]  # by relevance when empty: then of equal documents
    facet: str

    def address(self, number: int) -> str:
        """Where the list is; with another number the answer is not a cached one."""
        order = f"&sort={','.join(self.sort)}" if self.sort else ""
        words = self.words.replace(" ", "+")
        return f"{self.path}?facets={self.facet}&q={words}+-x{number}{order}"

    def content(self, body: Any) -> Content:
        """What an answer to it says."""
        values = body["facets"][self.facet]["values"]
        return Content(
            tuple(item["id"] for item in body["items"]),
            body["page"]["totalItems"],
            {each["value"]: each["count"] for each in values if each["count"]},
        )

    def expected(self, engine: ScanEngine) -> Content:
        """What an answer must say when this engine has all documents."""
        request = SearchRequest(
            types=(self.kind,),
            query=parse(f"{self.words} -x"),
            sort=self.sort,
            facets=(self.facet,),
            limit=LIMIT,
        )
        result = engine.search(request)
        return Content(
            tuple(hit.id for hit in result.hits),
            result.total,
            {value: count for value, count in result.facets[self.facet].counts.items() if count},
        )


QUESTIONS = (
    Question("case", "/v1/cases", "tuin", (), "municipality"),
    Question("case", "/v1/cases", "tuin plaats", ("-title",), "municipality"),
    Question("pitfall", "/v1/pitfalls", "kuil", ("title",), "pitfallCategory"),
)


class Publisher:
    """Publishes a round each second in a thread of its own, while it goes."""

    def __init__(self, database: Database) -> None:
        self.number = 0  # of the last round
        self.published_at: dict[int, float] = {}
        self._database = database
        self._engines: dict[int, ScanEngine] = {}  # by round: with what was public in it
        self._ended, self._going = threading.Event(), threading.Event()
        self._busy = threading.Lock()
        self._thread = threading.Thread(target=self._publish, daemon=True)
        self._thread.start()

    def resume(self) -> None:
        """Publish until it pauses."""
        self._going.set()

    def pause(self) -> None:
        """Publish nothing more for the time being; the last round is public when this returns."""
        self._going.clear()
        with self._busy:
            pass

    def end(self) -> None:
        """Publish nothing more."""
        self._ended.set()
        self._thread.join()

    def expected(self, number: int, question: Question) -> Content:
        """What a list must say in a round."""
        return question.expected(self._engines[number])

    def _publish(self) -> None:
        while not self._ended.wait(PERIOD_SECONDS):
            with self._busy:
                if self._going.is_set():
                    self._take(self.number + 1)

    def _take(self, number: int) -> None:
        self.published_at[number] = time.monotonic()
        take_round(self._database, number)
        engine = ScanEngine()
        put(engine, *self._documents())
        self._engines[number] = engine
        self.number = number

    def _documents(self) -> list[SearchDocument]:
        with self._database.reading() as session:
            rows = every_row(session)
            return [each for kind, row in rows for each in documents.of_row(kind, row)]
