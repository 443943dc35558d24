"""Every text that a Dutch reader meets is Dutch."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from kb.problems import KNOWN
from kb.translations import catalogue

PLACE = re.compile(r"%\(\w+\)\w")


def test_every_marked_text_has_its_dutch_and_no_other_is_kept() -> None:
    kept = {message.id for message in catalogue.kept() if message.id}

    assert kept == set(catalogue.marked()), "make translations"
    assert [message.id for message in catalogue.kept() if not message.string] == []


def test_no_dutch_is_a_guess() -> None:
    assert [message.id for message in catalogue.kept() if message.fuzzy] == []


def test_the_dutch_has_the_same_places_as_the_english() -> None:
    def places(texts: object) -> list[str]:
        return sorted(PLACE.findall(str(texts)))

    differing = [
        message.id
        for message in catalogue.kept()
        if message.id and places(message.id) != places(message.string)
    ]

    assert differing == []


def test_what_is_read_is_what_was_written() -> None:
    renewed = catalogue.level_with_the_texts()

    assert catalogue.PO.read_bytes() == catalogue.as_po(renewed), "make translations"
    assert catalogue.MO.read_bytes() == catalogue.as_mo(renewed), "make translations"


@pytest.mark.parametrize(
    ("address", "headers", "language", "title"),
    [
        ("/v1/cases/niets", {}, "nl", "Niet gevonden"),
        ("/v1/cases/niets", {"Accept-Language": "fr"}, "nl", "Niet gevonden"),
        ("/v1/cases/niets", {"Accept-Language": "en-GB,en;q=0.9,nl;q=0.8"}, "en", "Not found"),
        ("/v1/cases/niets?lang=en", {}, "en", "Not found"),
        ("/v1/cases/niets?lang=nl", {"Accept-Language": "en"}, "nl", "Niet gevonden"),
    ],
)
def test_an_answer_is_dutch_unless_english_is_asked(
    client: FlaskClient, address: str, headers: dict[str, str], language: str, title: str
) -> None:
    answer = client.get(address, headers=headers)

    assert answer.json["title"] == title
    assert answer.headers["Content-Language"] == language


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_a_type_of_problem_is_explained_in_dutch_and_in_english(
    client: FlaskClient, name: str
) -> None:
    page = client.get(f"/problems/{name}").text
    english = client.get(f"/problems/{name}?lang=en").text

    assert '<html lang="nl">' in page
    assert KNOWN[name].explanation not in page
    assert '<html lang="en">' in english
    assert KNOWN[name].explanation in english
