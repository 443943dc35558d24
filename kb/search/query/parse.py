"""What was typed → a query of clauses, each with its expansions. No input is an error."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Literal, NamedTuple

from kb.search.analysis.analyzer import DUTCH, Analyzer, fold, tokenize
from kb.search.analysis.dutch import PLACE_NAMES
from kb.search.query.expand import (
    Expansion,
    expand_neighbours,
    expand_phrase,
    expand_phrases_with_stop_words,
    expand_place_name,
    expand_word,
    pair_words,
)
from kb.vocabulary.terms import per_vocabulary

TYPED_TOKEN = re.compile(r'(?P<minus>(?<!\S)-)?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')
DOUBLE_QUOTES = re.compile("[“”„‟«»＂]")
SINGLE_QUOTES = re.compile(  # around several words; 's avonds and foto's have apostrophes
    r"(?<!\w)[‘‚'](?!\w\b)((?:[^'‘’\"]|(?<=\w)['’](?=\w))+)['’](?!\w)"
)
MARKUP = re.compile(r"</?[A-Za-z][^<>]*>")
SIGNS_BETWEEN = re.compile(r"(?<!\d)[/:|<>;+=\\—]+|[/:|<>;+=\\—]+(?!\d)")  # words; 24/7 stays one
COMMA_BETWEEN = re.compile(r"(?<!\d),(?=\S)|,(?=[^\s\d])")  # words, as a comma before a space
SIGNS_AROUND = re.compile(r"^[\W_]+|[^\w,]+$|_+$")  # a word; before a comma even a stop word counts
MAX_WORDS = 16  # that are looked for; of more, those that say least are left out
MAX_EXPANDED_WORDS = 8  # of more, each is looked for without its parts and its neighbours
MIN_FULL_MATCHES = 10  # documents; when fewer meet all clauses, those that meet a part follow
TAG_WEIGHT = 2  # of a clause that names a tag, beside 1 for any other one
LONGEST_PLACE_NAME = max(map(len, PLACE_NAMES))  # words
CACHE_SIZE = 1024  # queries that stay parsed
MAX_CACHED_SELECTIONS = 256  # of expansions of one query


class Clause(NamedTuple):
    """What a document must meet in one of its expansions, or must not."""

    input: str  # as it was typed, without signs
    expansions: tuple[Expansion, ...]  # what was typed comes first
    excluded: bool = False
    optional: bool = False  # it counts for the order only
    word: str = ""  # the single folded word that it is, for spelling; empty for anything else
    is_phrase: bool = False  # between quotes: it must be met, however few documents do

    @property
    def occur(self) -> Literal["must", "should", "must-not"]:
        """Whether documents are to meet it, may, or may not."""
        if self.excluded:
            return "must-not"
        return "should" if self.optional else "must"

    @property
    def names_tag(self) -> bool:
        """Whether it is a name of a term of the vocabulary."""
        return any(
            each.kind == "concept" and not each.concept.startswith("id/")
            for each in self.expansions
        )


class Mark(NamedTuple):
    """What to mark in a passage: an expansion of a clause."""

    clause: int  # its number
    term: str  # the only one of the expansion; empty when it has several
    expansion: Expansion


@dataclass(frozen=True)
class ParsedQuery:
    """All clauses: the required ones must be met, and none of the excluded."""

    clauses: tuple[Clause, ...] = ()
    word_pairs: tuple[Expansion, ...] = ()  # neighbours, which count more when they stand together
    left_out: tuple[str, ...] = ()  # words that are not looked for, since there are too many

    @cached_property
    def _hash(self) -> int:
        return hash((self.clauses, self.word_pairs))

    def __hash__(self) -> int:
        """Worked out once: engines cache what a query matches under it."""
        return self._hash

    @cached_property
    def terms(self) -> frozenset[str]:
        """All terms that may show where a document meets a clause."""
        expansions = (each for clause in self.clauses for each in clause.expansions)
        return frozenset(term for each in expansions for group in each.terms for term in group)

    @cached_property
    def concepts(self) -> frozenset[str]:
        """All tags (scheme/id) that may meet a clause."""
        expansions = [each for clause in self.clauses for each in clause.expansions]
        return frozenset(each.concept for each in expansions if each.kind == "concept")

    def marks_of(self, terms: tuple[str, ...]) -> Sequence[Mark]:
        """By what a passage with these terms may meet clauses that are not excluded."""
        marks = self._marks_of.get(terms)
        if marks is None:
            groups: dict[int, int] = {}  # by the place of a mark: which of its words are there
            for term in terms:
                for place, group in self._places.get(term, ()):
                    groups[place] = groups.get(place, 0) | group
            marks = [
                self._marks[place]
                for place in sorted(groups)
                if self._marks[place].expansion.may_stand_with(groups[place])
            ]
            if len(self._marks_of) < MAX_CACHED_SELECTIONS:
                self._marks_of[terms] = marks
        return marks

    @cached_property
    def _marks_of(self) -> dict[tuple[str, ...], list[Mark]]:
        """What `marks_of` selected before, since passages often have the same terms."""
        return {}

    @cached_property
    def _marks(self) -> Sequence[Mark]:
        """Every expansion of every clause that is not excluded, in order."""
        return [
            Mark(number, expansion.only_term, expansion)
            for number, clause in enumerate(self.clauses)
            if not clause.excluded
            for expansion in clause.expansions
        ]

    @cached_property
    def _places(self) -> Mapping[str, list[tuple[int, int]]]:
        """For each term the places among `_marks` that have it, with the bits of its words."""
        places: dict[str, list[tuple[int, int]]] = {}
        for place, mark in enumerate(self._marks):
            for number, terms in enumerate(mark.expansion.terms):
                for term in terms:
                    places.setdefault(term, []).append((place, 1 << number))
        return places

    @property
    def required(self) -> tuple[Clause, ...]:
        """The clauses that must be met."""
        return tuple(each for each in self.clauses if not each.excluded and not each.optional)

    def allows_partial(self, full_matches: int) -> bool:
        """Whether documents that meet a part of the clauses follow those that meet all.

        They do when fewer than ten documents meet all (`full_matches`). What is a part, has every
        phrase between quotes.
        """
        return len(self.required) > 1 and full_matches < MIN_FULL_MATCHES

    def clause_weights(self, doc_freqs: Sequence[int], num_docs: int) -> tuple[int, ...]:
        """What each required clause counts where documents meet a part of them.

        `doc_freqs` are how many of the `num_docs` documents meet each. Rare words count more than
        frequent ones, and names of tags double. Whole numbers, so that every engine has the same
        sums.
        """
        return tuple(
            max(1, round(1000 * idf(doc_freq, num_docs))) * (TAG_WEIGHT if each.names_tag else 1)
            for each, doc_freq in zip(self.required, doc_freqs, strict=True)
        )

    def dropped(self, documents: Sequence[int], most: int) -> tuple[Clause, ...]:
        """The required clauses that even the best documents do not meet, in their own order.

        The best have the greatest sum of `clause_weights`. `documents` are how many of them meet
        each required clause, and `most` is how many clauses one of them meets at most.
        """
        order = sorted(range(len(documents)), key=lambda place: (documents[place], -place))
        left_out = len(self.required) - most
        return tuple(self.required[place] for place in sorted(order[:left_out]))


class _Token(NamedTuple):
    """A word or phrase as it was typed."""

    text: str
    is_phrase: bool
    excluded: bool
    is_alternative: bool  # OR stands before it
    is_name: bool = False  # of several words, side by side

    @property
    def is_plain(self) -> bool:
        """Whether its meaning may depend on its neighbours."""
        return not (self.is_phrase or self.excluded or self.is_alternative)


def idf(doc_freq: int, num_docs: int) -> float:
    """Inverse document frequency: more for what fewer documents have, always more than 0."""
    return math.log1p((num_docs - doc_freq + 0.5) / (doc_freq + 0.5))


@per_vocabulary(CACHE_SIZE)
def parse(typed: str, analyzer: Analyzer = DUTCH) -> ParsedQuery:
    """Read plain words, "phrases", -without and OR; anything else is a plain word."""
    tokens = _with_names(list(_tokens(typed)))
    numbered = _without_stop_words(tokens, analyzer)
    telling = _most_telling(numbered, analyzer)
    left_out = tuple(token.text for place, token in numbered if place not in telling)
    numbered = _only(telling, numbered)
    wanted = [token for _, token in numbered]
    fillers = [not each.is_phrase and analyzer.is_filler_word(each.text) for each in wanted]
    all_fillers = all(fillers[n] for n, each in enumerate(wanted) if not each.excluded)
    is_long = len(wanted) > MAX_EXPANDED_WORDS
    shared, pairs = ({}, ()) if is_long else _expand_runs(wanted, analyzer)
    in_phrases = {} if is_long else _expand_phrases(tokens, analyzer)
    clauses: list[Clause] = []
    for number, token in enumerate(wanted):
        own = _expand(token, analyzer, is_split=not is_long)
        if is_long:
            own = (own[0], *(each for each in own[1:] if len(each.terms) < 2))
        clause = Clause(
            token.text,
            (*own, *shared.get(number, ()), *in_phrases.get(numbered[number][0], ())),
            token.excluded,
            optional=fillers[number] and not all_fillers,
            word="" if token.is_phrase or token.is_name else fold(token.text),
            is_phrase=token.is_phrase,
        )
        last = clauses[-1] if clauses else None
        if token.is_alternative and last and not last.excluded and not clause.excluded:
            clauses[-1] = Clause(
                f"{last.input} OR {clause.input}",
                last.expansions + clause.expansions,
                is_phrase=last.is_phrase and clause.is_phrase,
            )
        else:
            clauses.append(clause)
    return ParsedQuery(tuple(dict.fromkeys(clauses)), pairs, tuple(dict.fromkeys(left_out)))


def _most_telling(numbered: Sequence[tuple[int, _Token]], analyzer: Analyzer) -> Collection[int]:
    """The places of what is looked for: of too many words, those that say most."""
    words = [(place, token) for place, token in numbered if not (token.is_phrase or token.excluded)]
    by_weight = sorted(words, key=lambda each: -analyzer.weight(each[1].text))
    return {place for place, _ in numbered} - {place for place, _ in by_weight[MAX_WORDS:]}


def _only(
    places_wanted: Collection[int], numbered: Sequence[tuple[int, _Token]]
) -> list[tuple[int, _Token]]:
    """The tokens in these places; one of several alternatives joins only the others of them."""
    wanted: list[tuple[int, _Token]] = []
    has_alternative = False  # among those of this token
    for place, token in numbered:
        has_alternative = has_alternative and token.is_alternative
        if place in places_wanted:
            wanted.append((place, token._replace(is_alternative=has_alternative)))
            has_alternative = True
    return wanted


def _tokens(typed: str) -> Iterator[_Token]:
    is_alternative = has_token = False
    for match in TYPED_TOKEN.finditer(_with_plain_signs(typed)):
        is_phrase = match["word"] is None
        if match["word"] == "OR" and not match["minus"]:
            is_alternative = has_token
            continue
        for text in [match["phrase"]] if is_phrase else _words_between_signs(match["word"]):
            if tokenize(text):
                bare = text.strip() if is_phrase else SIGNS_AROUND.sub("", text)
                yield _Token(bare, is_phrase, bool(match["minus"]), is_alternative)
                is_alternative, has_token = False, True


def _with_plain_signs(typed: str) -> str:
    """The same with straight double quotes around every phrase, and without marks of HTML."""
    text = DOUBLE_QUOTES.sub('"', MARKUP.sub(" ", typed))
    return SINGLE_QUOTES.sub(lambda match: _quoted(match[1]) or match[0], text)


def _quoted(text: str) -> str:
    """A phrase of several words between double quotes; empty for a single word."""
    return f'"{text}"' if len(tokenize(text)) > 1 and " " in text.strip() else ""


def _words_between_signs(word: str) -> list[str]:
    """What a comma, slash or colon parts: ouderen/studenten are two words. A hyphen parts none."""
    return COMMA_BETWEEN.sub(", ", SIGNS_BETWEEN.sub(" ", word)).split()


def _without_stop_words(tokens: Sequence[_Token], analyzer: Analyzer) -> list[tuple[int, _Token]]:
    """The words that count, by their number; all when nothing else is looked for.

    Of `a OR b`, where one of them is a stop word, the other stands by itself; `a OR de b` is
    `a OR b`.
    """
    is_left_out = [not each.is_phrase and analyzer.is_stop_word(each.text) for each in tokens]
    if all(each.excluded or left_out for each, left_out in zip(tokens, is_left_out, strict=True)):
        return list(enumerate(tokens))
    counted: list[tuple[int, _Token]] = []
    for number, token in enumerate(tokens):
        if not is_left_out[number]:
            before = number > 0 and is_left_out[number - 1]
            or_before = tokens[number - 1].is_alternative if before else token.is_alternative
            counted.append((number, token._replace(is_alternative=or_before)))
    return counted


def _with_names(tokens: list[_Token]) -> list[_Token]:
    """The same, with each name of a place of several words as one, also after a minus or OR."""
    joined: list[_Token] = []
    place = 0
    while place < len(tokens):
        end = place + _name_length(tokens, place)
        first = tokens[place]
        text = " ".join(each.text for each in tokens[place:end])
        joined.append(first._replace(text=text, is_name=True) if end - place > 1 else first)
        place = end
    return joined


def _name_length(tokens: Sequence[_Token], start: int) -> int:
    """Of how many of these tokens, from this one, the name of a place consists; else 1."""
    if tokens[start].is_phrase:
        return 1
    run = tokens[start : start + LONGEST_PLACE_NAME]
    words = [fold(run[0].text), *(fold(each.text) if each.is_plain else "" for each in run[1:])]
    lengths = range(len(words), 1, -1)
    return next((length for length in lengths if tuple(words[:length]) in PLACE_NAMES), 1)


def _expand(token: _Token, analyzer: Analyzer, *, is_split: bool) -> tuple[Expansion, ...]:
    if token.is_phrase:
        return expand_phrase(token.text, analyzer)
    if token.is_name:
        return expand_place_name(token.text, analyzer)
    return expand_word(token.text, analyzer, is_split=is_split)


def _expand_runs(
    tokens: Sequence[_Token], analyzer: Analyzer
) -> tuple[dict[int, list[Expansion]], tuple[Expansion, ...]]:
    """What plain words have with their neighbours: the expansions of each, by number; and pairs."""
    shared: dict[int, list[Expansion]] = {}
    pairs: list[Expansion] = []
    for numbers, words in _plain_runs(tokens):
        shared.update(zip(numbers, expand_neighbours(words, analyzer), strict=True))
        pairs += pair_words(words, analyzer)
    return shared, tuple(pairs)


def _expand_phrases(tokens: Sequence[_Token], analyzer: Analyzer) -> dict[int, list[Expansion]]:
    """What words mean together with the stop words among them, by number."""
    shared: dict[int, list[Expansion]] = {}
    for numbers, words in _plain_runs(tokens):
        expansions = expand_phrases_with_stop_words(words, analyzer)
        shared.update(zip(numbers, expansions, strict=True))
    return shared


def _plain_runs(tokens: Sequence[_Token]) -> Iterator[tuple[list[int], list[str]]]:
    """The numbers and texts of words side by side whose meaning may depend on each other."""
    for is_plain, run in groupby(enumerate(tokens), lambda pair: pair[1].is_plain):
        if is_plain:
            numbers, plain = zip(*run, strict=True)
            yield list(numbers), [token.text for token in plain]
