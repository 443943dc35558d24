"""The words of the field that are no terms: `seed_data/words.json`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from kb.search.analysis.analyzer import DUTCH, fold
from kb.search.execute.highlight import FIELD_OF_SCHEME
from kb.vocabulary.terms import every_term, field_words
from schemas.vocabularies import FieldWordsFile

RELATED = (field_words().english, field_words().narrower, field_words().query_only)
TAGS = {f"{term.scheme}/{term.id}" for term in every_term() if term.scheme in FIELD_OF_SCHEME}


def test_the_file_has_the_shape_of_its_schema() -> None:
    words = json.loads((resources.files("seed_data") / "words.json").read_text("utf-8"))

    assert FieldWordsFile().dump(FieldWordsFile().load(words)) == words


def test_every_word_is_a_word_to_search() -> None:
    words = [word for group in field_words().same for word in group]
    for others_by_word in RELATED:
        words += [*others_by_word, *(word for each in others_by_word.values() for word in each)]

    assert [word for word in words if not DUTCH.terms(word)] == []


def test_no_english_word_stands_for_nothing_in_particular() -> None:
    assert [word for word in field_words().english if DUTCH.is_stop_word(word)] == []


@pytest.mark.parametrize("related", RELATED[1:], ids=["narrower", "queryOnly"])
def test_what_a_word_leads_to_is_there_to_be_met(
    related: Mapping[str, tuple[str, ...]], content: str
) -> None:
    targets = {target for each in related.values() for target in each}

    assert {each for each in targets if "/" in each} <= TAGS
    words = {each for each in targets if "/" not in each}
    assert {each for each in words if _as_terms(each) not in content} == set()


@pytest.mark.parametrize("related", RELATED[1:], ids=["narrower", "queryOnly"])
def test_no_word_leads_to_itself_or_twice_to_another(
    related: Mapping[str, tuple[str, ...]],
) -> None:
    for typed, targets in related.items():
        assert fold(typed) not in {fold(each) for each in targets}, typed
        assert len({fold(each) for each in targets}) == len(targets), typed
    assert len({fold(typed) for typed in related}) == len(related)


@pytest.fixture(scope="module")
def content() -> str:
    """All that the seed says, as terms with spaces around them."""
    folder = Path(str(resources.files("seed_data")))
    files = [
        *folder.glob("cases/*.json"),
        *folder.glob("studies/*.json"),
        folder / "questions.json",
    ]
    texts = [text for file in files for text in _texts(json.loads(file.read_text("utf-8")))]
    texts += [text for term in every_term() for text in (*term.names, term.definition)]
    return "\n".join(_as_terms(text) for text in texts)


def _texts(document: Any) -> Iterator[str]:
    if isinstance(document, str):
        yield document
    elif isinstance(document, dict | list):
        for each in document.values() if isinstance(document, dict) else document:
            yield from _texts(each)


def _as_terms(text: str) -> str:
    return f" {' '.join(DUTCH.terms(text))} "
