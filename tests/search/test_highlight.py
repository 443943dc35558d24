"""`match` says through what a document matches, and marks it safely."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.search.execute.highlight import marked_html
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
