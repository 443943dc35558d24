"""What a case owns keeps its ids through every edit; none of them comes to mean another thing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.builders import a_case, a_finding, a_pitfall
from tests.editors.conftest import Person


def sources(answer: Any) -> dict[str, str]:
    return {each["id"]: each["title"] for each in answer.json["sources"]}


def test_a_finding_never_changes_its_source_in_silence(anna: Person) -> None:
    anna.create(a_case(findings=[a_finding("tuin", source="bron-1")]))

    anna.patch("tuin", {"sources": []})
    answer = anna.patch("tuin", {"sources": [{"title": "Krantenbericht B"}]})

    assert sources(answer) == {"bron-2": "Krantenbericht B"}
    problems = {each["pointer"]: each["code"] for each in answer.json["_draft"]["problems"]}
    assert problems["/findings/0/source"] == "unknown-reference"


def test_an_id_of_a_published_version_is_not_assigned_to_another(
    anna: Person, life: Callable[..., None]
) -> None:
    life(a_case())
    life(a_case(sources=[{"title": "Een ander verslag", "sourceType": "rapport"}]))
    anna.ask("POST", "/cases/tuin/draft", {})

    anna.patch("tuin", {"sources": []})
    answer = anna.patch("tuin", {"sources": [{"title": "Krantenbericht B"}]})

    assert sources(answer) == {"bron-3": "Krantenbericht B"}


def test_an_import_gives_no_id_of_an_earlier_text_to_another(
    anna: Person, life: Callable[..., None]
) -> None:
    life(a_case())
    anna.ask("POST", "/cases/tuin/draft", {})
    anna.patch("tuin", {"sources": []})

    answer = anna.ask("POST", "/imports", [a_case(sources=[{"title": "Krantenbericht B"}])])

    assert answer.json["totals"]["updated"] == 1, answer.text
    assert sources(anna.ask("GET", "/cases/tuin/draft")) == {"bron-2": "Krantenbericht B"}


def test_an_id_that_an_editor_sends_with_another_title_is_a_correction(anna: Person) -> None:
    anna.create(a_case())

    answer = anna.patch("tuin", {"sources": [{"id": "bron-1", "title": "Verslag, herzien"}]})

    assert sources(answer) == {"bron-1": "Verslag, herzien"}


def test_a_mended_title_keeps_the_address_of_a_pitfall(
    anna: Person, life: Callable[..., None]
) -> None:
    pitfall = a_pitfall("tuin", "te-wienig-geld", title="Te wienig geld")
    life(a_case(pitfalls=[pitfall]))
    without = {key: value for key, value in pitfall.items() if key != "id"}

    life(a_case(pitfalls=[without | {"title": "Te weinig geld"}]))

    answer = anna.kb.client.get("/v1/pitfalls/tuin--te-wienig-geld")
    assert (answer.status_code, answer.json["title"]) == (200, "Te weinig geld")
