"""Questions of many words: read by those that say most, and the others named."""

from __future__ import annotations

from typing import Any

from kb.search.query.parse import MAX_WORDS, parse
from tests.builders import a_case
from tests.conftest import KnowledgeBase

LONG = (
    "statushouders jongeren studenten flat wijk gemeente corporatie buurt bewoners huur straat "
    "plein school winkel park brug kerk markt tuin fiets"
)


def test_of_many_words_the_most_telling_are_looked_for() -> None:
    query = parse(LONG)

    assert len(query.clauses) == MAX_WORDS
    inputs = {clause.input for clause in query.clauses}
    assert {"brug", "kerk", "markt", "fiets"} <= inputs  # rare in the content
    assert {"wijk", "bewoners"} <= set(query.left_out)  # everywhere in it
    assert inputs | set(query.left_out) == set(LONG.split())


def test_phrases_and_excluded_words_are_never_left_out() -> None:
    query = parse(f'{LONG} "de wijk" -gemeentehuis')

    assert [clause.input for clause in query.clauses][-2:] == ["de wijk", "gemeentehuis"]


def test_what_is_left_out_of_alternatives_joins_no_other_words() -> None:
    query = parse(f"{LONG} OR schommel boom bewoners OR glijbaan")

    inputs = [clause.input for clause in query.clauses]
    assert "bewoners" in query.left_out
    assert "fiets OR schommel" in inputs
    assert {"boom", "glijbaan"} <= set(inputs)


def test_answers_name_what_was_left_out_and_the_role_of_each_word(kb: KnowledgeBase) -> None:
    kb.publish(a_case("tuin"))

    answer: Any = kb.client.get(f"/v1/cases?q={LONG} voorkomen -kat").json

    interpretation = answer["query"]["interpretation"]
    assert {"wijk", "bewoners"} <= set(interpretation["dropped"])
    occurs = {term["input"]: term["occur"] for term in interpretation["terms"]}
    assert occurs["kat"] == "must-not"
    assert occurs["tuin"] == "must"


def test_a_result_says_which_words_it_lacks(kb: KnowledgeBase) -> None:
    kb.publish(a_case("tuin", title="Moestuin"), a_case("plein", title="Moestuin met schommel"))

    page = kb.client.get("/zoeken?q=moestuin+schommel", headers={"Accept": "text/html"}).text

    assert page.count('Zonder: <s dir="auto">schommel</s>') == 1
    assert "1 resultaat heeft al je woorden" in page
