"""The promise of a search engine: what it is given, what it answers, and how it may fail."""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple, Protocol, TypedDict

import numpy as np
from numpy.typing import NDArray

from kb.kinds import KINDS, KindName
from kb.search.analysis.analyzer import Analyzer
from kb.search.filters import Range
from kb.search.query.parse import Clause, ParsedQuery
from kb.vocabulary.terms import Language

TextField = Literal["title", "labels", "details", "body"]  # the one that weighs most first
RETRY_AFTER_SECONDS = 5  # that an index takes to be made, when nobody knows better


class SearchUnavailable(Exception):
    """There is no index that can answer; `check` is what /health/ready says of it."""

    check: Literal["unavailable", "no-access"] = "unavailable"

    def __init__(self, reason: str = "", *, retry_after: int = RETRY_AFTER_SECONDS) -> None:
        """`retry_after` is when to come back, in seconds, as far as the engine can tell."""
        super().__init__(reason)
        self.retry_after = retry_after


class IndexBusy(Exception):
    """Another writer held the index for longer than the set wait."""


class IndexInUse(IndexBusy):
    """A running process of another release uses the index; this one does not make it anew."""


class IndexState(NamedTuple):
    """Which change of the database an index has come to, and how it was made."""

    change: int = 0  # the number of the last change that it holds
    fingerprint: str = ""  # of the terms and the analysis that it was made with
    nonce: str = ""  # of that change, which tells it from others with its number


EMPTY_INDEX = IndexState()


class Passage(NamedTuple):
    """A text of a document."""

    field: str  # the key of the document, as the API has it, under which the text stands
    text_field: TextField  # the field of the index that it is part of
    text: str


class FindingValues(NamedTuple):
    """What one finding can be filtered by, under the names of the filters: ids of terms."""

    effectDomain: str
    effectLevel: str
    effectDirection: str
    evidence: str
    lane: str


class PitfallValues(NamedTuple):
    """What one pitfall can be filtered by, under the names of the filters: ids of terms."""

    pitfallCategory: str
    phase: str


@dataclass(frozen=True)
class SearchDocument:
    """A published thing as an engine indexes it."""

    type: KindName
    id: str
    title: str
    passages: tuple[Passage, ...] = ()
    concepts: tuple[str, ...] = ()  # keys (scheme/id) of the terms it is tagged with
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by filter
    findings: tuple[FindingValues, ...] = ()
    pitfalls: tuple[PitfallValues, ...] = ()
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What else is read of all documents at once, by name; nothing filters by it."""
    start_year: int | None = None  # of a case, also for what it owns
    population: int | None = None  # of the municipality of a case, also for what it owns
    social_rent: int | None = None  # likewise
    year: int | None = None  # of a publication: a study, or the source of a finding
    lane_rank: int | None = None  # of its strongest finding: the place of that lane, from 0
    updated_at: datetime | None = None
    position: int = 0  # among those of its type, for questions and ingredients
    items: Mapping[str, str] = field(default_factory=dict)  # by language: as lists show it, in JSON

    @property
    def key(self) -> str:
        """What tells it from every other document, also of other types: `type:id`."""
        return f"{self.type}:{self.id}"

    @property
    def owner(self) -> str:
        """The id of the case or study that owns a pitfall or finding; empty for other types."""
        return owner_of(self.type, self.id)


def owner_of(kind: str, slug: str) -> str:
    """The id of the case or study that owns a pitfall or finding; empty for other types."""
    return slug.partition("--")[0] if KINDS[kind].is_owned else ""


@dataclass(frozen=True)
class SearchRequest:
    """One page of one list, in an order, with facets."""

    types: tuple[KindName, ...]  # of documents that are listed
    query: ParsedQuery | None = None
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Each is met by any of its values; `id` is one too."""
    missing: tuple[str, ...] = ()  # filters of which a thing must have no value at all
    all_ingredients: bool = False  # the filter `ingredient` must be met by all of its values
    ranges: Mapping[str, Range] = field(default_factory=dict)  # of numbers
    sort: tuple[str, ...] = ()
    """relevance, updatedAt, title, lane (strongest first), or a number; `-` turns it round"""
    facets: tuple[str, ...] = ()  # the filters to count the values of
    offset: int = 0  # hits before the page
    limit: int = 20  # hits on the page
    language: Language = "nl"  # of the stored items
    highlight: bool = True  # say where each hit meets the query


class MetWord(TypedDict):
    """A clause of the query as it was typed, and the words of the document that meet it."""

    input: str
    met: list[str]


class Snippet(TypedDict):
    """A part of a passage with the words that were met."""

    field: str
    html: str  # escaped, with <mark> only
    text: str
    ranges: list[list[int]]  # characters of `text` that are marked: first, and last (excluded)


class Match(TypedDict):
    """How a document meets the query, as `schemas.match.Match` describes it."""

    fields: list[str]
    words: list[MetWord]
    snippets: list[Snippet]


class Hit(NamedTuple):
    """A document that matches; scores above 0 compare within one result only."""

    type: KindName
    id: str
    score: float
    item: str  # as lists show it, in JSON: `SearchDocument.items` in the language of the request
    updated_at: datetime | None
    match: Match | None  # None without a query, or without a wish to highlight


@dataclass(frozen=True)
class FacetCounts:
    """How many documents would match with each value of a filter alone, its own filter aside."""

    counts: Mapping[str, int]  # by value; those that no document has may be left out
    missing: int  # documents without any value


@dataclass(frozen=True)
class SearchResult:
    """One page of hits with totals and facets, all of one snapshot of the index."""

    hits: tuple[Hit, ...]
    total: int  # documents that match, exactly
    facets: Mapping[str, FacetCounts] = field(default_factory=dict)
    total_full: int = 0  # those that meet all required clauses of the query
    matched_before_filters: int = 0  # documents of these types that match the query alone
    dropped: tuple[Clause, ...] = ()  # required clauses that even the best documents do not meet
    unmet: tuple[Clause, ...] = ()  # required clauses that no document of these types meets
    state: IndexState = EMPTY_INDEX  # of the snapshot
    degraded: bool = False  # found by slower means, which rank less well


@dataclass(frozen=True)
class HitStream:
    """All hits of a request, of one snapshot, to be read once."""

    total: int
    hits: Iterator[Hit]  # in order
    state: IndexState  # of the snapshot


FAMILY_FILTER = "archetype"  # names the head of a case's family; without a value it is its own
WEIGHT_UNIT = 1000  # weights are whole numbers, so that sums are the same in every engine


@dataclass(frozen=True)
class MoreLikeThis:
    """A wish for the cases that share most with a case.

    A shared value weighs as much as its field says, times ln(1 + N / n) with n of the N cases
    having it, in whole thousandths and at least one. Of `FAMILY_FILTER` n is 1, and the head of a
    family shares the value that the others have.
    """

    id: str  # of the case
    fields: Mapping[str, float]  # filters by whose values cases are compared: how much they say
    not_alone: Collection[str] = ()  # those that by themselves make no case similar
    limit: int = 6


class SharedValues(NamedTuple):
    """Values that two cases both have of a filter."""

    field: str
    values: tuple[str, ...]  # the one that weighs most first, equals by id


class SimilarHit(NamedTuple):
    """A case that is like another."""

    id: str
    shared: tuple[SharedValues, ...]  # the field that weighs most first, equals as requested


class Suggestion(NamedTuple):
    """What somebody may be typing."""

    type: str  # a kind, place, province, or the filter of a term
    id: str  # of a place its name
    text: str


Rows = NDArray[np.int64]


class Column(NamedTuple):
    """The values of a field: a pair of a row and a value for each value that a document has."""

    values: tuple[str, ...]  # each once
    rows: Rows  # of each pair
    ordinals: Rows  # of each pair: the index of its value


class DocumentTable(Protocol):
    """All documents of one type in one snapshot, to be counted in ways that a facet cannot.

    A row is a document; rows are numbered from 0, in no order that means anything.
    """

    def __len__(self) -> int:
        """How many rows there are."""

    @property
    def ids(self) -> Sequence[str]:
        """By row."""

    def column(self, field: str) -> Column:
        """The values of one filter, or of what else a document has in `columns`."""

    def years(self) -> Rows:
        """The year of publication by row; 0 where there is none."""

    def matches(self, request: SearchRequest) -> Rows:
        """The rows of what meets the filters of a request, ascending; its words are not read."""


class IndexBatch(Protocol):
    """Changes to an index that are saved together."""

    change: int  # the number of the last change in the index; set it to the newest one applied
    nonce: str  # of that change; set both together
    before: IndexState  # of the index when this batch became its only writer

    def put(self, document: SearchDocument) -> None:
        """Add a document, or take the place of the one with its key."""

    def remove(self, key: str) -> None:
        """Take a document out, if it is there."""

    def remove_owned(self, owner: str) -> None:
        """Take out the pitfalls and findings of a case or study, by its id."""


class SearchEngine(Protocol):
    """Finds published documents. An index is a copy: losing it costs time, never knowledge."""

    analyzer: Analyzer  # of the documents; queries are to be parsed with the same
    changes_per_batch: int  # that it likes to save together, when there is a backlog

    def search(self, request: SearchRequest) -> SearchResult:
        """The hits in order; equals by type and id, so that pages never overlap.

        What matches a query meets all of its required clauses or, where hardly any document does
        (`ParsedQuery.allows_partial`), at least one. Those that meet all come first in every order
        but that of relevance, where they count for more.
        Raises SearchUnavailable when there is no index that can answer.
        """

    def search_all(self, request: SearchRequest) -> HitStream:
        """All hits in order, whatever `offset` and `limit` say; without facets.

        They are read while the stream is. Raises SearchUnavailable.
        """

    def items(self, keys: Iterable[str], language: Language) -> dict[str, str]:
        """The stored items of those documents that it holds, by key. Raises SearchUnavailable."""

    def table(self, kind: KindName) -> DocumentTable:
        """All documents of a type, of one snapshot. Raises SearchUnavailable."""

    def suggest(
        self, words: str, types: tuple[str, ...], limit: int, *, slips: bool = False
    ) -> list[Suggestion]:
        """At most `limit` things that begin as the words do, best first; none under two letters.

        A word of a title begins as each of them does; with `slips` one of five letters or more may
        have one letter more, less, other or swapped. Raises SearchUnavailable.
        """

    def more_like_this(self, request: MoreLikeThis) -> tuple[SimilarHit, ...]:
        """The cases that share most with one, equals by id; none when it does not hold that one.

        Raises SearchUnavailable.
        """

    def spelling_suggestion(self, word: str) -> str | None:
        """The folded word of the documents that was probably meant by this one, if any is near.

        Near is one letter more, less, other or swapped; two in words of eight letters or more.
        Raises SearchUnavailable.
        """

    def writing(self, *, afresh: bool = False) -> AbstractContextManager[IndexBatch]:
        """Be the only writer: the batch is saved whole at the end of the block, or not at all.

        With `afresh` it replaces everything; searches see the old index until then.
        Raises IndexBusy when another writer holds on for longer than the set wait, and with
        `afresh` IndexInUse while a process with other terms or analysis uses the index.
        """

    def start_merging(self) -> None:
        """Begin to tidy what many small batches leave, in the background and if need be.

        Writers and searches go on meanwhile. Raises SearchUnavailable.
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

    def is_degraded(self, since: float = math.inf) -> bool:
        """Whether it answers by slower means for now, which rank less well, or has `since` then.

        `since` is a time of the monotonic clock. No when it cannot answer.
        """

    def snapshot_id(self) -> Hashable:
        """Another value after each change to what it answers with. Raises SearchUnavailable."""

    def counts(self) -> dict[str, int]:
        """How many documents of each type it holds."""

    def keys(self) -> Iterator[str]:
        """The keys of all documents it holds, each once, of one snapshot."""

    def close(self) -> None:
        """Let go of what it holds open; it may be used again."""
