"""What was searched for what was typed: with typing errors corrected, or words left out."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from kb.kinds import CASE
from kb.search.corrections import correct, read_otherwise
from kb.search.engine import SearchEngine, SearchRequest, SearchResult
from kb.search.query.parse import Clause, ParsedQuery, parse
from kb.services import services

MANY_HITS = 5  # of a word, before it is suggested for another one that exists


@dataclass(frozen=True)
class Interpretation:
    """What was searched for what was typed."""

    query: ParsedQuery
    dropped: tuple[str, ...]  # as they were typed
    did_you_mean: str | None
    is_corrected: bool = False  # whether that was searched, in the place of what was typed


def search_words(
    engine: SearchEngine, request: SearchRequest, typed: str | None
) -> tuple[Interpretation | None, SearchResult]:
    """Search for what was typed; at zero hits for what was probably meant, else for part of it.

    Whether to correct or to drop words is decided on the whole list, before any filter. Raises
    SearchUnavailable.
    """
    begun = time.perf_counter()
    answer = search_unmeasured(engine, request, typed)
    note_unmet = services().note_unmet
    if typed and note_unmet and CASE.name in request.types and _is_unmet(answer):
        note_unmet(typed)
    if observe := services().observe_search:
        observe(time.perf_counter() - begun)
    return answer


def _is_unmet(answer: tuple[Interpretation | None, SearchResult]) -> bool:
    """Whether no thing has all of the words, whatever the filters; typing errors are mended."""
    interpretation, result = answer
    is_partial = interpretation is not None and bool(interpretation.dropped)
    return is_partial or not result.matched_before_filters


def search_unmeasured(
    engine: SearchEngine, request: SearchRequest, typed: str | None
) -> tuple[Interpretation | None, SearchResult]:
    """The same, outside an application too: nothing is counted or noted."""
    if typed is None:
        return None, engine.search(request)
    snapshot_id = engine.snapshot_id()
    answer = _search_words(engine, request, typed)
    if engine.snapshot_id() != snapshot_id:  # what was corrected may exist by now
        answer = _search_words(engine, request, typed)
    return answer


def _search_words(
    engine: SearchEngine, request: SearchRequest, typed: str
) -> tuple[Interpretation, SearchResult]:
    query = parse(typed, engine.analyzer)
    result = engine.search(replace(request, query=query))
    did_you_mean, is_corrected = None, False
    misread = read_otherwise(engine, query)
    if result.unmet or misread:
        other, did_you_mean, is_sure = _search_corrected(engine, request, result, misread, typed)
        if is_sure and (misread or result.dropped or not result.matched_before_filters):
            query, result, is_corrected = *other, True
    dropped = (*query.left_out, *(clause.input for clause in result.dropped))
    return Interpretation(query, dropped, did_you_mean, is_corrected), result


def _search_corrected(
    engine: SearchEngine,
    request: SearchRequest,
    result: SearchResult,
    misread: tuple[Clause, ...],
    typed: str,
) -> tuple[tuple[ParsedQuery, SearchResult], str | None, bool]:
    """What the corrected text is, and finds, and whether it has typing errors corrected alone.

    There is no such text unless it finds more of the words than `result` does, or those that were
    `misread` by their own spelling; and in the place of words that exist, many things.
    """
    for may_replace_words in (False, True):
        clauses = dict.fromkeys((*result.unmet, *misread))
        corrected = correct(engine, clauses, typed, existing=may_replace_words)
        if corrected:
            query = parse(corrected, engine.analyzer)
            other = engine.search(replace(request, query=query))
            fewer = len(result.unmet) - len(other.unmet)
            least = MANY_HITS if may_replace_words else 1
            if other.matched_before_filters >= least and (fewer > 0 or (misread and not fewer)):
                return (query, other), corrected, not may_replace_words
    return (ParsedQuery(), result), None, False
