"""What was probably meant by words that nothing has as they were typed.

Some meet nothing; others are read as another word all the same, since both have one stem (beheeer
and beheer). A word that exists is never replaced: somebody may well look for what is not there. It
may be asked whether another one was meant, where that is a long word with many hits, or for a
compound the words that it is made of.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from rapidfuzz.distance import OSA

from kb.search.engine import SearchEngine
from kb.search.query.parse import Clause, ParsedQuery

MIN_TYPO_LENGTH = 4  # letters; any short word is near many others
MIN_LENGTH_OF_OTHER = 6  # letters of a word that exists, before another one is suggested for it


def read_otherwise(engine: SearchEngine, query: ParsedQuery) -> tuple[Clause, ...]:
    """The words that are no words, and that meet what has another word, by their stem.

    An ending more or less makes no other word.
    """
    return tuple(clause for clause in query.clauses if _is_read_otherwise(engine, clause))


def _is_read_otherwise(engine: SearchEngine, clause: Clause) -> bool:
    word = _near_word(engine, clause, existing=False)
    if not word or word.startswith(clause.word) or clause.word.startswith(word):
        return False
    return engine.analyzer.terms(word) == engine.analyzer.terms(clause.input)


def correct(
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
