"""What was searched for what was typed: with typing errors corrected, or words left out.

Some words meet nothing as they were typed; others are read as another word all the same, since both
have one stem (beheeer and beheer). A word that exists is never replaced: somebody may well look for
what is not there. It may be asked whether another one was meant, where that is a long word with
many hits, or for a compound the words that it is made of.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace

from rapidfuzz.distance import OSA

from kb.kinds import CASE
from kb.search.engine import SearchEngine, SearchRequest, SearchResult
from kb.search.query.parse import Clause, ParsedQuery, parse
from kb.services import services

MIN_TYPO_LENGTH = 4  # letters; any short word is near many others
MIN_LENGTH_OF_OTHER = 6  # letters of a word that exists, before another one is suggested for it
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
    misread = _read_otherwise(engine, query)
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
        corrected = _correct(engine, clauses, typed, existing=may_replace_words)
        if corrected:
            query = parse(corrected, engine.analyzer)
            other = engine.search(replace(request, query=query))
            fewer = len(result.unmet) - len(other.unmet)
            least = MANY_HITS if may_replace_words else 1
            if other.matched_before_filters >= least and (fewer > 0 or (misread and not fewer)):
                return (query, other), corrected, not may_replace_words
    return (ParsedQuery(), result), None, False


def _read_otherwise(engine: SearchEngine, query: ParsedQuery) -> tuple[Clause, ...]:
    """The words that are no words, and that meet what has another word, by their stem.

    An ending more or less makes no other word.
    """
    return tuple(clause for clause in query.clauses if _is_read_otherwise(engine, clause))


def _is_read_otherwise(engine: SearchEngine, clause: Clause) -> bool:
    word = _near_word(engine, clause, existing=False)
    if not word or word.startswith(clause.word) or clause.word.startswith(word):
        return False
    return engine.analyzer.terms(word) == engine.analyzer.terms(clause.input)


def _correct(
    engine: SearchEngine, clauses: Iterable[Clause], typed: str, *, existing: bool
) -> str | None:
    """The text with near words for these clauses of it; None when there are none.

    With `existing`, words that exist are replaced too, compounds by their parts if need be.
    """
    corrected = typed
    for clause in clauses:
        word = _near_word(engine, clause, existing=existing)
        if not word and existing and clause.word.isalpha():
            word = " ".join(engine.analyzer.parts(clause.word))
        if word:
            word = _with_capitals_of(clause.input, word)
            corrected = re.sub(rf"(?<!\w){re.escape(clause.input)}(?!\w)", word, corrected)
    return corrected if corrected != typed else None


def _near_word(engine: SearchEngine, clause: Clause, *, existing: bool) -> str | None:
    analyzer, typed = engine.analyzer, clause.word
    if len(typed) < MIN_TYPO_LENGTH or not typed.isalpha():
        return None
    is_word = analyzer.is_word(clause.input)
    if is_word and not (existing and len(typed) >= MIN_LENGTH_OF_OTHER):
        return None
    word = engine.spelling_suggestion(typed)
    if word in {None, typed} or analyzer.is_stop_word(word or ""):
        return None
    return None if is_word and OSA.distance(typed, word or "") > 1 else word


def _with_capitals_of(typed: str, word: str) -> str:
    """A word in capitals, or with one, as the other is typed."""
    if typed.isupper():
        return word.upper()
    return word.capitalize() if typed[:1].isupper() else word
