"""The forms in pages and embeds carry on what was asked, and nothing else."""

from __future__ import annotations

import re

import pytest

from tests.conftest import KnowledgeBase

PLACES = ("/", "/zoeken", "/valkuilen", "/bestanddelen", "/vragen", "/insluiten", "/embed/zoeken")
OF_THE_API = "format=csv&fields=title&facets=scale&form=csv&keys=title&onzin=1"


def hidden(html: str) -> dict[str, str]:
    tags = re.findall(r'<input type="hidden"[^>]*>', html)
    pairs = [re.search(r'name="([^"]*)" value="([^"]*)"', tag) for tag in tags]
    return {pair[1]: pair[2] for pair in pairs if pair}


@pytest.mark.parametrize("place", PLACES)
def test_what_is_for_programs_is_in_no_form_and_no_link(seeded: KnowledgeBase, place: str) -> None:
    answer = seeded.client.get(f"{place}?{OF_THE_API}&lang=en", headers={"Accept": "text/html"})

    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    assert set(hidden(answer.text)) <= {"lang"}
    body = re.sub(r"<head>.*?</head>", "", answer.text, flags=re.DOTALL)
    for name in ("format", "fields", "facets", "form", "keys", "onzin"):
        links = re.findall(rf'(?:href|src|action)="[^"]*[?;&]{name}=[^"]*"', body)
        assert [each for each in links if "/v1/" not in each and 'lang=nl"' not in each] == []


def test_what_was_chosen_goes_on_with_the_next_words(seeded: KnowledgeBase) -> None:
    query = "q=tuin&scale=wijk&look=dark&page=2&format=json"

    answer = seeded.client.get(f"/embed/zoeken?{query}")

    assert hidden(answer.text) == {"scale": "wijk", "look": "dark"}
