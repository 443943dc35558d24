"""How texts are cut into words."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kb.search.analysis.analyzer import APOSTROPHES, TOKEN, word_spans

letters = st.sampled_from(f"aZ9é{APOSTROPHES}_- \n") | st.characters(exclude_categories=["Cs"])


@given(st.text(letters))
def test_words_stand_where_the_regular_expression_finds_them(text: str) -> None:
    assert word_spans(text).tolist() == [list(word.span()) for word in TOKEN.finditer(text)]
