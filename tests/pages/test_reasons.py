"""Results say why they are there, as a person would say it."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from kb.pages.reasons import shown_snippets
from tests.builders import a_case, a_finding, a_pitfall
from tests.conftest import KnowledgeBase
from tests.pages.test_reading import read


def reasons_of(kb: KnowledgeBase, words: str, more: str = "") -> list[str]:
    """The sentences beside the first result."""
    page = read(kb.client, f"/zoeken?q={words}{more}")
    [why, *_] = re.findall(r'<div class="why">(.*?)</div>', page, re.DOTALL)
    sentences = re.findall("<p[ >].*?</p>", why)
    return [unescape(re.sub(r"<[^>]+>", "", each)).strip() for each in sentences]


@pytest.mark.parametrize(
    ("fields", "words", "dutch", "english"),
    [
        (
            {"targetGroups": ["statushouders"]},
            "vluchtelingen",
            "Gaat over statushouders (je zocht: vluchtelingen).",
            "Is about refugees with a residence permit (you searched for: vluchtelingen).",
        ),
        (
            {"targetGroups": ["middeninkomens"]},
            "middeninkomens",
            "Gaat over middeninkomens.",
            "Is about middle-income households.",
        ),
        (
            {"ingredients": [{"id": "buddy-systeem", "how": "Elke week."}]},
            "taalmaatje",
            "Met het werkzame bestanddeel buddy's en maatjes (je zocht: taalmaatje).",
            "Has the active ingredient buddies and befriending (you searched for: taalmaatje).",
        ),
        (
            {"summary": "Een galerijflat."},
            "flat",
            "Noemt “galerijflat”, waar “flat” in zit.",
            "Speaks of “galerijflat”, which has “flat” in it.",
        ),
        (
            {"summary": "De toewijzing van woningen."},
            "woningtoewijzing",
            "Noemt “toewijzing van woningen”, de delen van “woningtoewijzing”.",
            "Speaks of “toewijzing van woningen”, the parts of “woningtoewijzing”.",
        ),
        (
            {"summary": "Hier wonen statushouders.", "targetGroups": ["jongeren"]},
            "vergunninghouders",
            "Noemt “statushouders” (je zocht: vergunninghouders).",
            "Speaks of “statushouders” (you searched for: vergunninghouders).",
        ),
    ],
)
def test_each_kind_of_reason_is_a_sentence(
    fields: dict[str, Any], words: str, dutch: str, english: str, kb: KnowledgeBase
) -> None:
    kb.publish(a_case("tuin", **fields))

    assert dutch in reasons_of(kb, words)
    assert english in reasons_of(kb, words, "&lang=en")


def test_what_was_typed_needs_no_reason(kb: KnowledgeBase) -> None:
    kb.publish(a_case("tuin", summary="Hier wonen statushouders.", targetGroups=["statushouders"]))

    assert reasons_of(kb, "statushouders") == []


def test_a_quotation_says_where_it_stands(kb: KnowledgeBase) -> None:
    pitfall = a_pitfall("tuin", description="De vrijwilligers van het eerste uur raakten uitgeput.")
    kb.publish(a_case("tuin", pitfalls=[pitfall]))

    [quotation] = reasons_of(kb, "uitgeput")

    assert quotation == ("Uit de valkuilen: De vrijwilligers van het eerste uur raakten uitgeput.")


def test_a_short_part_is_named(kb: KnowledgeBase) -> None:
    kb.publish(a_case("tuin", parties=[{"name": "Portaal", "role": "woningcorporatie"}]))

    assert reasons_of(kb, "portaal") == ["Je woorden staan in de partijen."]


def test_words_of_editors_alone_are_a_reason_but_not_shown(kb: KnowledgeBase) -> None:
    kb.publish(a_case("tuin", searchTerms=["zwarte doos", "huurflats"]))

    assert reasons_of(kb, "zwarte doos") == ["Hoort volgens de redactie bij je woorden."]
    assert reasons_of(kb, "flats") == ["Hoort volgens de redactie bij je woorden."]


def test_words_of_editors_do_not_stand_in_a_part(kb: KnowledgeBase) -> None:
    parties = [{"name": "Portaal", "role": "woningcorporatie"}]
    kb.publish(a_case("tuin", parties=parties, searchTerms=["portaal"]))

    assert reasons_of(kb, "portaal") == ["Je woorden staan in de partijen."]


def test_words_with_a_sign_between_them_stand_apart(kb: KnowledgeBase) -> None:
    kb.publish(a_case("tuin", summary="Er waren zwakke scholen; hun achterstand bleef."))

    assert reasons_of(kb, "schoolachterstand") == [
        "Noemt “scholen” en “hun achterstand”, de delen van “schoolachterstand”."
    ]


def test_the_kind_of_a_pitfall_and_of_a_finding_is_what_it_is_about(kb: KnowledgeBase) -> None:
    kb.publish(
        a_case(
            "tuin",
            pitfalls=[a_pitfall("tuin", title="Te duur", category="verdringing")],
            findings=[a_finding("tuin", "f", domain="leefbaarheid")],
        )
    )

    pitfall = reasons_of(kb, "gentrification", "&type=pitfall")
    case = reasons_of(kb, "gentrification")

    assert pitfall == ["Gaat over verdringing en gentrificatie (je zocht: gentrification)."]
    assert (
        "Met een valkuil van de soort verdringing en gentrificatie (je zocht: gentrification)."
        in case
    )


def test_a_summary_is_whole_with_its_marks(kb: KnowledgeBase) -> None:
    summary = f"{'Eerst staat er iets anders over de buurt. ' * 8}Dan komt de moestuin."
    kb.publish(a_case("tuin", summary=summary))

    page = read(kb.client, "/zoeken?q=moestuin")

    assert summary.replace("moestuin", "<mark>moestuin</mark>") in page


def test_a_snippet_is_shown_unless_it_says_nothing_or_is_seen_anyway() -> None:
    snippets = [
        {"field": "context", "text": "De wijk telt veel flats van vier lagen hoog."},
        {"field": "summary", "text": "De samenvatting staat al boven de tekst hier."},
        {"field": "place", "text": "Utrecht"},
    ]

    shown = shown_snippets({"snippets": snippets}, ("summary",))

    assert [each["field"] for each in shown] == ["context"]
