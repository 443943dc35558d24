"""The words of the field that are no terms: `seed_data/words.json`."""

from __future__ import annotations

import json
from importlib import resources

from kb.search.analysis.analyzer import DUTCH
from kb.vocabulary.terms import field_words
from schemas.vocabularies import FieldWordsFile


def test_the_file_has_the_shape_of_its_schema() -> None:
    words = json.loads((resources.files("seed_data") / "words.json").read_text("utf-8"))

    assert FieldWordsFile().load(words) == words


def test_every_word_is_a_word_to_search() -> None:
    words = [word for group in field_words().same for word in group]
    words += [
        *field_words().english,
        *(w for group in field_words().english.values() for w in group),
    ]

    assert [word for word in words if not DUTCH.terms(word)] == []


def test_no_english_word_stands_for_nothing_in_particular() -> None:
    assert [word for word in field_words().english if DUTCH.is_stop_word(word)] == []
