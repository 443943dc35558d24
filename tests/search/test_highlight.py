"""`match` says through what a document matches, and marks it safely."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kb.search.execute.highlight import excerpt, marked_html
from tests.builders import a_case, a_pitfall
from tests.conftest import KnowledgeBase
from tests.strategies import examples


def match_of(kb: KnowledgeBase, typed: str, address: str = "/v1/cases") -> Any:
    """The match of the first hit."""
    answer = kb.client.get(address, query_string={"q": typed})
    return answer.json["items"][0]["match"]


def test_it_says_which_word_met_which(kb: KnowledgeBase) -> None:
    kb.publish(a_case("tuin", summary="Hier wonen statushouders."))

    match = match_of(kb, "vergunninghouders")

    assert match["words"] == [{"input": "vergunninghouders", "met": ["statushouders"]}]
    assert match["fields"] == ["summary"]


def test_a_tag_is_met_by_its_label(kb: KnowledgeBase) -> None:
    kb.publish(a_case("tuin", targetGroups=["statushouders"]))

    match = match_of(kb, "vergunninghouders")

    assert match["fields"] == ["targetGroups"]
    assert match["words"] == [{"input": "vergunninghouders", "met": ["statushouders"]}]


def test_search_terms_explain_only_what_nothing_else_does(kb: KnowledgeBase) -> None:
    kb.publish(a_case("tuin", summary="Een moestuin.", searchTerms=["moestuin", "wooncarrousel"]))

    assert match_of(kb, "moestuin")["fields"] == ["summary"]
    match = match_of(kb, "moestuin wooncarrousel")
    assert match["fields"] == ["summary", "searchTerms"]
    assert match["words"] == [
        {"input": "moestuin", "met": ["moestuin"]},
        {"input": "wooncarrousel", "met": ["wooncarrousel"]},
    ]


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ("moestuin", "title"),
        ("buddy", "ingredients"),
        ("uitgeput", "pitfalls"),
        ("Portaal", "parties"),
        ("Zeist", "place"),
        ("verslag", "sources"),
    ],
)
def test_it_names_the_field_through_which_a_case_matches(
    kb: KnowledgeBase, typed: str, field: str
) -> None:
    kb.publish(
        a_case(
            "moestuin",
            place={"municipality": "Zeist"},
            parties=[{"name": "Portaal", "role": "woningcorporatie"}],
            pitfalls=[a_pitfall("moestuin", title="Dragers raken uitgeput")],
        )
    )

    assert field in match_of(kb, typed)["fields"]


def test_ranges_count_characters_of_the_text(kb: KnowledgeBase) -> None:
    kb.publish(a_case("tuin", summary="𝄞 Één moestuin & <b>meer</b> voor de buurt."))

    (snippet,) = match_of(kb, "moestuin")["snippets"]

    ((start, end),) = snippet["ranges"]
    assert snippet["text"][start:end] == "moestuin"
    assert snippet["html"] == (
        "𝄞 Één <mark>moestuin</mark> &amp; &lt;b&gt;meer&lt;/b&gt; voor de buurt."
    )


def test_a_long_text_is_shown_around_the_word(kb: KnowledgeBase) -> None:
    kb.publish(a_case("tuin", context=f"{'Woord ' * 100}moestuin {'woord ' * 100}"))

    (snippet,) = match_of(kb, "moestuin")["snippets"]

    assert len(snippet["text"]) < 260
    assert snippet["text"].startswith("… ")
    assert snippet["text"].endswith(" …")


def snippet_of(kb: KnowledgeBase, context: str, typed: str) -> Any:
    """The snippet of the context of a case."""
    kb.publish(a_case("tuin", context=context))
    (snippet,) = [each for each in match_of(kb, typed)["snippets"] if each["field"] == "context"]
    return snippet


def marked_in(snippet: Any) -> list[str]:
    """The marked parts of a snippet."""
    return [snippet["text"][start:end] for start, end in snippet["ranges"]]


@pytest.mark.parametrize(
    ("typed", "context", "marked"),
    [
        (
            "woningtoewijzing",
            "De toewijzing duurt. Woningen staan leeg.",
            ["toewijzing", "Woningen"],
        ),
        ("woningtoewijzing", "De toewijzing van woningen.", ["toewijzing van woningen"]),
        ('"hoge flat"', "Men woont hoge. Flat en tuin.", ["hoge", "Flat"]),
        ('"hoge flat"', "Men woont hoge\n\nflat en tuin.", ["hoge", "flat"]),
        ('"bijv flat"', "Dat is bijv. Flat Zuid.", ["bijv. Flat"]),
    ],
)
def test_no_mark_runs_into_another_sentence(
    kb: KnowledgeBase, typed: str, context: str, marked: list[str]
) -> None:
    assert marked_in(snippet_of(kb, context, typed)) == marked


def test_a_snippet_is_whole_sentences_where_they_fit(kb: KnowledgeBase) -> None:
    before = "Hier staat iets anders over de buurt en haar bewoners. " * 8
    sentence = (
        "De bewoners maakten, met bijv. Anna en o.a. Bram, een moestuin op het dak van de flat."
    )

    snippet = snippet_of(kb, f"{before}{sentence} {before}{before}", "moestuin")

    assert snippet["text"].startswith(sentence)
    assert snippet["text"].endswith("bewoners.")


def test_a_snippet_of_a_long_sentence_begins_and_ends_at_a_clause(kb: KnowledgeBase) -> None:
    clause = "waar veel mensen lang op wachtten en ook naar uitkeken"
    context = f"{f'{clause}, ' * 6}kwam een moestuin op het dak, {f'{clause}, ' * 6}en dat was het"

    text = snippet_of(kb, context, "moestuin")["text"]

    assert text.startswith(f"… {clause}, ")
    assert text.endswith(f"{clause} …")


@examples(200)
@given(
    st.text("ab .,;!?\n–()'’A1", min_size=1, max_size=700),
    st.lists(st.integers(0, 100), min_size=1, max_size=5),
)
def test_an_excerpt_has_a_marked_word_and_no_half_words(text: str, places: list[int]) -> None:
    words = [(word.start(), word.end()) for word in re.finditer(r"\w+", text)]
    assume(words)
    spans = sorted({words[place % len(words)] for place in places})

    start, end, *_ = excerpt(text, spans)

    assert any(start <= first and last <= end for first, last in spans)
    for edge in (start, end):
        outside_a_word = re.search(r"\W|^$", text[max(0, edge - 1) : edge + 1])
        is_of_a_long_word = any(first <= edge <= last for first, last in spans)
        assert outside_a_word or edge in {0, len(text)} or is_of_a_long_word


@examples(200)
@given(st.text(max_size=60), st.lists(st.integers(0, 60), max_size=8))
def test_marked_text_is_the_text_and_marks_alone(text: str, cuts: list[int]) -> None:
    places = sorted({min(cut, len(text)) for cut in cuts})
    ranges = [[a, b] for a, b in zip(places[::2], places[1::2], strict=False)]

    marked = marked_html(text, ranges)

    bare = re.sub(r"</?mark>", "", marked)
    assert html.unescape(bare) == text
    assert "<" not in bare
    assert [html.unescape(part) for part in re.findall(r"<mark>(.*?)</mark>", marked, re.S)] == [
        text[a:b] for a, b in ranges
    ]


def test_a_mark_ends_after_the_bracket_that_it_opens(kb: KnowledgeBase) -> None:
    kb.publish(
        a_case("tuin", context="Het was (in de war) hier. Toen kwam een gebied (in transitie).")
    )

    [item] = kb.client.get("/v1/cases", query_string={"q": '"gebied in transitie"'}).json["items"]

    [snippet] = item["match"]["snippets"]
    assert "<mark>gebied (in transitie)</mark>" in snippet["html"]


@pytest.mark.parametrize(
    "collection", ["cases", "pitfalls", "findings", "studies", "questions", "ingredients"]
)
@pytest.mark.parametrize("typed", ["sociale samenhang", "woningen voor ouderen", "regie", "buddy"])
def test_what_match_names_are_keys_of_the_thing(
    seeded: KnowledgeBase, collection: str, typed: str
) -> None:
    answer = seeded.client.get(f"/v1/{collection}", query_string={"q": typed, "pageSize": 5})

    for item in answer.json["items"]:
        thing = seeded.client.get(f"/v1/{collection}/{item['id']}").json
        match = item["match"]
        assert set(match["fields"]) <= set(thing or {})
        assert {snippet["field"] for snippet in match["snippets"]} <= set(match["fields"])
        assert match["words"]
        for snippet in match["snippets"]:
            for start, end in snippet["ranges"]:
                assert 0 <= start < end <= len(snippet["text"])


@pytest.mark.parametrize(
    "before", ["", "Er was eens een wijk. ", "Zie bijv. de wijk, (d.w.z. hier) "]
)
@pytest.mark.parametrize("sign", [".", "?!", "...", "…”", ".)"])
def test_a_long_text_is_cut_where_a_sentence_ends(before: str, sign: str) -> None:
    sentence = f"{before}Bewoners spreken elkaar in de tuin van mevr. A. Jansen bij het hek{sign} "
    text = sentence * 9
    start = text.index("tuin", len(sentence) * 4)

    shown = excerpt(text, [(start, start + 4)])

    assert (shown.before, shown.after) == ("", "")
    assert text[shown.start :].startswith(("Er was", "Zie", "Bewoners"))
    assert text[: shown.end].endswith(("wijk.", f"hek{sign}"))


def test_the_words_of_a_clause_come_in_its_own_order_and_marks_in_that_of_the_text(
    kb: KnowledgeBase,
) -> None:
    kb.publish(a_case("tuin", summary="De buurvrouw zag de Buurman. De buurman niet.", title="X"))

    match = match_of(kb, "buurman OR buurvrouw -schutting")

    [words] = match["words"]
    assert words["met"][:2] == ["buurman", "buurvrouw"]
    snippet = match["snippets"][0]
    assert [snippet["text"][a:b] for a, b in snippet["ranges"]] == [
        *("buurvrouw", "Buurman", "buurman")
    ]
