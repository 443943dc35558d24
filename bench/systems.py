"""A page of search by several systems: ten best hits, the exact total and six facets.

Each system holds the cases with the same texts, in four weighted fields, and the same tags, and is
asked for all of the words. The peers are in `page_peers.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from bench.bars import THIS_SYSTEM, WORDS_ALONE
from bench.corpus import LogLine
from kb.search.analysis.analyzer import DUTCH, Analyzer
from kb.search.engine import SearchDocument, SearchRequest
from kb.search.query.parse import ParsedQuery, parse
from kb.search.whoosh_engine import WhooshEngine

MULTI_VALUED = ("strategy", "ingredient", "targetGroup")
SINGLE_VALUED = ("municipality", "province", "scale")
FACETS = MULTI_VALUED + SINGLE_VALUED
CaseDocuments = Sequence[Sequence[SearchDocument]]  # of each case: itself, then what it owns


class Built(Protocol):
    """Something that is made once from the cases."""

    name: str

    def begin(self) -> None:
        """Make an empty index."""

    def add(self, cases: CaseDocuments) -> None:
        """Take more cases in."""

    def finish(self) -> None:
        """Save, and put in order what is to be read often."""


class System(Protocol):
    """Something that searches."""

    name: str

    def open(self) -> None:
        """Get ready to be asked."""

    def page(self, line: LogLine) -> int:
        """Find ten hits, the total and six facets; tells the total."""

    def close(self) -> None:
        """Let go of everything."""


class Peer(Built, System, Protocol):
    """Something that searches, built once in a folder, then opened and asked."""


def values(document: SearchDocument, facet: str) -> tuple[str, ...]:
    """What a thing has of a facet."""
    return document.values.get(facet, ())


class ThisSystem:
    """Our engine, from typed words to ids, total and counts."""

    name = THIS_SYSTEM
    analyzer = DUTCH

    def __init__(self, folder: Path, change: int = 0) -> None:
        """`change` is the number of the last change of the database with the same cases."""
        self.folder = folder / "index"
        self._change = change
        self._engine: WhooshEngine | None = None

    @property
    def engine(self) -> WhooshEngine:
        """The engine that is asked."""
        if self._engine is None:
            self._engine = WhooshEngine(self.folder, analyzer=self.analyzer)
        return self._engine

    def is_of_this_release(self) -> bool:
        """Whether the index is of our terms and analysis, and level with the database."""
        state = (self.engine.fingerprint(), self.engine.change())
        return state == (DUTCH.fingerprint(), self._change)

    def open(self) -> None:
        """Open a new engine, as a new process would."""
        self.close()

    def parse(self, typed: str) -> ParsedQuery:
        """What is looked for."""
        return parse(typed)

    def page(self, line: LogLine) -> int:
        """One request; where its hits meet the words is measured as a part of whole requests."""
        request = SearchRequest(
            types=("case",),
            query=self.parse(line.typed),
            filters={name: (value,) for name, value in line.filters.items()},
            facets=FACETS,
            limit=10,
            highlight=False,
        )
        return self.engine.search(request).total

    def close(self) -> None:
        """Close the engine."""
        if self._engine is not None:
            self._engine.close()
            self._engine = None


class SameWork(ThisSystem):
    """Our engine, asked for no more than its peers are: the typed words, in the order of BM25F.

    What comes after that, no peer does: an order by the meaning of words and by shared tags. So the
    analyzer is without these two steps, which change nothing of an index.
    """

    name = WORDS_ALONE
    analyzer = Analyzer(without=("vectors", "tag feedback"))

    @lru_cache(maxsize=4096)  # noqa: B019 - there is one, for as long as the process lives
    def parse(self, typed: str) -> ParsedQuery:
        """Each word or phrase in its first expansion: neither in compounds nor by another name."""
        clauses = (each for each in parse(typed).clauses if not each.excluded)
        return ParsedQuery(tuple(each._replace(expansions=each.expansions[:1]) for each in clauses))


def totals(systems: Iterable[System], lines: Sequence[LogLine]) -> Mapping[str, int]:
    """The sum of the totals that each system finds: they should be near each other."""
    return {system.name: sum(system.page(each) for each in lines) for system in systems}
