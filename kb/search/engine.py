"""The promise that every search engine keeps, and the words it is made in."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple, Protocol, get_args

from kb.search.analysis.analyzer import Analyzer
from kb.search.query.parse import Clause, ParsedQuery

Type = Literal["case", "pitfall", "finding", "study", "question", "ingredient"]
TYPES: tuple[Type, ...] = get_args(Type)
Weight = Literal["title", "labels", "details", "body"]  # the heaviest first


class SearchUnavailable(Exception):
    """There is no index that can answer; it is being made from the database."""


class IndexBusy(Exception):
    """Another writer held the index for longer than the set wait."""


class IndexOfAnother(IndexBusy):
    """A running process of another release uses the index; this one does not make it anew."""


class IndexState(NamedTuple):
    """What an index holds: the last change taken over, and how it was made."""

    change: int = 0  # its number
    fingerprint: str = ""  # of the terms and the analysis
    mark: str = ""  # of that change, which tells it from others with its number


NOTHING = IndexState()  # of an index that is new


class Passage(NamedTuple):
    """A text of a document, the key it stands under, and how much a word in it counts."""

    field: str
    weight: Weight
    text: str


class FindingFacts(NamedTuple):
    """What effect filters ask of one finding."""

    effectDomain: str
    effectLevel: str
    effectDirection: str
    evidence: str


class PitfallFacts(NamedTuple):
    """What pitfall filters ask of one pitfall."""

    pitfallCategory: str
    phase: str


@dataclass(frozen=True)
class SearchDocument:
    """A published thing as search sees it."""

    type: Type
    id: str
    title: str
    passages: tuple[Passage, ...] = ()
    concepts: tuple[str, ...] = ()  # keys (scheme/id) of the terms it is tagged with
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by filter
    findings: tuple[FindingFacts, ...] = ()
    pitfalls: tuple[PitfallFacts, ...] = ()
    year: int | None = None  # a case's first year, a study's year
    updated_at: datetime | None = None
    position: int = 0  # in its own order, for questions and ingredients

    @property
    def key(self) -> str:
        """What tells it from every other document, also of other types."""
        return f"{self.type}:{self.id}"

    @property
    def owner(self) -> str:
        """The id of the case or study that owns this pitfall or finding; empty for other things."""
        return self.id.partition("--")[0] if self.type in {"pitfall", "finding"} else ""


@dataclass(frozen=True)
class SearchRequest:
    """What is asked of one list."""

    types: tuple[Type, ...]  # of the list
    query: ParsedQuery | None = None
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # any of; keys: all
    all_ingredients: bool = False
    first_year: int | None = None  # the start year, both ends included
    last_year: int | None = None
    sort: tuple[str, ...] = ()  # relevance, updatedAt, title, startYear, year, position; `-`: down
    facets: tuple[str, ...] = ()
    offset: int = 0
    limit: int = 20


class Hit(NamedTuple):
    """A document that was found."""

    type: Type
    id: str
    score: float


@dataclass(frozen=True)
class FacetCounts:
    """How many things each value of a filter gives, and how many have none."""

    counts: Mapping[str, int]
    missing: int


@dataclass(frozen=True)
class SearchResult:
    """One page of hits, the exact total, and the facets that were asked for."""

    hits: tuple[Hit, ...]
    total: int
    facets: Mapping[str, FacetCounts] = field(default_factory=dict)
    matched_before_filters: int = 0  # how many things of the list meet the words, before any filter
    dropped: tuple[Clause, ...] = ()  # clauses left out, as too few things met all of them
    unmet: tuple[Clause, ...] = ()  # required clauses that nothing in the list meets
    state: IndexState = NOTHING  # of the snapshot that all of this is of


class Suggestion(NamedTuple):
    """Something that begins as what was typed."""

    type: str  # case, ingredient, pitfall or place
    id: str
    text: str


class IndexBatch(Protocol):
    """A series of changes that is saved as one."""

    change: int  # the number of the last change in the index; set it to the newest one taken over
    mark: str  # of that change; set both together
    before: IndexState  # what the index held when this batch became its only writer

    def put(self, document: SearchDocument) -> None:
        """Add a document, or take the place of the one with its key."""

    def remove(self, key: str) -> None:
        """Take a document out; one that is not there is no mistake."""

    def remove_owned(self, owner: str) -> None:
        """Take out the pitfalls and findings of a case or study, by its id."""


class SearchEngine(Protocol):
    """Finds published documents. An index is a copy: losing it costs time, never knowledge."""

    analyzer: Analyzer  # with which the index is made, and queries are to be parsed

    def search(self, request: SearchRequest) -> SearchResult:
        """Best hits first; equal scores by type and id, so that pages never overlap.

        Raises SearchUnavailable when there is no index to ask.
        """

    def suggest(self, words: str, types: tuple[str, ...], limit: int) -> list[Suggestion]:
        """What begins as the words do, best first. Raises SearchUnavailable."""

    def spelling_suggestion(self, word: str) -> str | None:
        """The word of the documents that was probably meant, if one comes near.

        One letter more, less, other or swapped; two in words of eight letters or more. Raises
        SearchUnavailable.
        """

    def writing(self, *, afresh: bool = False) -> AbstractContextManager[IndexBatch]:
        """Be the only writer: the block is saved whole at its end, or not at all.

        With `afresh` the batch replaces everything; searches see the old index until then.
        Raises IndexBusy when another writer holds on for longer than the set wait, and with
        `afresh` IndexOfAnother while a process with other terms or analysis uses the index.
        """

    def claim(self) -> None:
        """Be known to use the index with these terms and analysis, until this process ends.

        May be repeated. Raises OSError.
        """

    def state(self) -> IndexState:
        """What the index holds, as it is saved; an empty state when it is new or damaged.

        Raises OSError when it cannot be looked at now, which says nothing about it.
        """

    def snapshot_state(self) -> IndexState:
        """What it answers with at this moment. Raises SearchUnavailable."""

    def change(self) -> int:
        """The number of the last change in the index; 0 when it is new. Raises OSError."""

    def fingerprint(self) -> str:
        """Of the terms and the analysis that the index was made with; empty when it is new."""

    def snapshot_id(self) -> Hashable:
        """Another value after each change to what it answers with. Raises SearchUnavailable."""

    def counts(self) -> dict[str, int]:
        """How many documents of each type it holds."""

    def keys(self) -> set[str]:
        """The keys of all documents it holds."""

    def close(self) -> None:
        """Let go of what it holds open; it may be used again."""
