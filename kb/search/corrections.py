"""What was probably meant by words that nothing meets.

A word that exists is never replaced: somebody may well look for what is not there. It may be
asked whether another one was meant.
"""

from __future__ import annotations

import re

from kb.search.engine import SearchEngine, SearchResult
from kb.search.query.parse import Clause

MIN_TYPO_LENGTH = 4  # letters; any short word is near many others


def correct(
    engine: SearchEngine, result: SearchResult, typed: str, *, existing: bool
) -> str | None:
    """The text with near words for those that nothing meets; None when there are none.

    With `existing`, words that exist are replaced too.
    """
    corrected = typed
    for clause in result.unmet:
        word = _near_word(engine, clause, existing=existing)
        if word:
            word = _with_capitals_of(clause.input, word)
            corrected = re.sub(rf"(?<!\w){re.escape(clause.input)}(?!\w)", word, corrected)
    return corrected if corrected != typed else None


def _near_word(engine: SearchEngine, clause: Clause, *, existing: bool) -> str | None:
    analyzer = engine.analyzer
    if len(clause.word) < MIN_TYPO_LENGTH or not clause.word.isalpha():
        return None
    if analyzer.is_word(clause.input) and not existing:
        return None
    word = engine.spelling_suggestion(clause.word)
    if word in {None, clause.word} or analyzer.is_stop_word(word or ""):
        return None
    return word


def _with_capitals_of(typed: str, word: str) -> str:
    """A word in capitals, or with one, as the other is typed."""
    if typed.isupper():
        return word.upper()
    return word.capitalize() if typed[:1].isupper() else word
