"""Texts are stored in one spelling: what looks the same is the same."""

from __future__ import annotations

import re
import sys
import unicodedata

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from schemas.text import BLANK, is_invalid_text, normalise, visible_changes

PIECES = st.sampled_from(
    [
        *("a", "é", "e\u0301", "ك", "क", "\u094d", "🏳", "👩", "⚕", "😀", "1", "\u20e3", "\u0653"),
        *(" ", "\n", "\r", "\t", "\u00a0", "\u2028", "\u200b", "\u200c", "\u200d", "\ufe0f"),
        *("\u202e", "\u3164", "\u00ad", "\U000e0041", "\U0001f3fb", "\x1c", "\x85", "\u0344"),
    ]
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"])) | st.lists(PIECES).map("".join)


@given(TEXTS, st.booleans())
@example("e\u200b\u0301", True)
@example("😀\u200d\u200d\ufe0f\u200d😀", False)
def test_normalising_again_changes_nothing(text: str, one_line: bool) -> None:
    once = normalise(text, one_line=one_line)

    assert normalise(once, one_line=one_line) == once
    assert unicodedata.is_normalized("NFC", once)
    assert once == once.strip()
    assert not one_line or len(once.splitlines()) < 2


@given(st.text(st.characters(categories=["L", "N", "P", "S"])))
def test_letters_are_never_lost(text: str) -> None:
    assume(not re.search(f"[{BLANK}]", text))

    assert normalise(text) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Utrecht ",
            "\u00a0Utrecht",
            "Utrecht\u200b",
            "\ufeffUtrecht",
            "Utr\u00adecht",
            "Utrecht\r\n",
        ),
        *("\u202eUtrecht\u202c", "Utr\u2060echt", "Utr\u200decht", "Utrecht\ufe0f", "Utrecht\x07"),
        *("Utrecht\u3000", "Utrecht\u3164", "Utr\u034fecht", "Utr\U000e0041echt", "Utr\u200cecht"),
    ],
)
def test_one_utrecht(text: str) -> None:
    assert normalise(text, one_line=True) == "Utrecht"


def test_every_format_and_control_character_goes_unless_it_is_seen() -> None:
    shown = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}
    left = {
        point
        for point in range(1, sys.maxunicode + 1)
        if unicodedata.category(chr(point)) in {"Cc", "Cf"}
        and normalise(f"a{chr(point)}b", one_line=True) not in {"ab", "a b"}
    }

    assert left <= shown


@pytest.mark.parametrize(
    "text",
    [
        *(
            "👩\u200d⚕\ufe0f",
            "🏳\ufe0f\u200d🌈",
            "👨\u200d👩\u200d👧",
            "1\ufe0f\u20e3",
            "❤\ufe0f",
            "👍🏽",
        ),
        *("می\u200cخواهم", "क्\u200dष", "Ĳssel", "naïef", "€ 5"),
    ],
)
def test_what_is_seen_stays(text: str) -> None:
    assert normalise(text, one_line=True) == text


def test_paragraphs_and_lines_stay_in_a_long_text() -> None:
    text = "\r\n  Eerst dit.  \r\n\r\n- een\u00a0\r- twee\u2028\tdrie\n\n"

    assert normalise(text) == "Eerst dit.\n\n- een\n- twee\n\tdrie"
    assert normalise(text, one_line=True) == "Eerst dit. - een - twee drie"


@given(st.text(st.sampled_from("\u200b\u00ad\u00a0 \n\t\ufeff\u2060\u3164\u202e\u2800\ufe0f")))
def test_a_text_of_what_nobody_sees_is_empty(text: str) -> None:
    assert normalise(text) == ""


@given(TEXTS)
def test_only_a_text_with_something_to_see_is_left(text: str) -> None:
    assert bool(normalise(text)) == bool(re.sub(f"[{BLANK}\\u0000]", "", text)) or "\0" in text


@pytest.mark.parametrize("text", ["\0", "a\ud800", "\udfffb"])
def test_a_nul_and_half_a_character_are_no_text(text: str) -> None:
    assert is_invalid_text(text)
    assert not is_invalid_text("😀")


def test_only_a_change_that_can_be_seen_is_reported() -> None:
    sent = {
        "title": "Twee\nregels ",
        "summary": "Zacht\u00adjes \u200b",
        "place": {"municipality": "\u202eUtrecht"},
        "authors": ["A", "B  C"],
        "kind": {"id": "praktijk"},
    }
    saved = {
        "title": "Twee regels",
        "summary": "Zachtjes",
        "place": {"municipality": "Utrecht"},
        "authors": ["A", "B C"],
        "kind": "praktijk",
    }

    assert list(visible_changes(sent, saved)) == [
        ("/title", "Twee regels"),
        ("/place/municipality", "Utrecht"),
        ("/authors/1", "B C"),
    ]
