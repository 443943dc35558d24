"""What the desk answers to addresses of nothing, former ids, and fields that we did not make."""

from __future__ import annotations

import pytest

from tests.builders import a_case
from tests.conftest import KnowledgeBase
from tests.desk.conftest import Desk

TUIN = "/redactie/casussen/tuin"
PAGES = ("", "/bewerken", "/beoordelen", "/voorbeeld", "/beelden", "/nakijken")
ACTIONS = ("/intrekken", "/hernoemen", "/weggooien", "/wissen/1")
BROKEN = "\r\nX-Smuggled: yes"


@pytest.mark.parametrize("page", [*PAGES, *ACTIONS])
def test_a_page_of_a_former_id_leads_to_the_same_page_of_the_new_one(
    page: str, kb: KnowledgeBase, piet: Desk
) -> None:
    kb.publish(a_case("tuin"))
    assert piet.call("POST", "/cases/tuin/renames", json={"id": "hof"}).status_code < 300

    answer = piet.get(f"{TUIN}{page}")

    assert answer.status_code == 301
    assert answer.headers["Location"] == f"/redactie/casussen/hof{page}"


def test_a_form_for_a_former_id_leads_to_the_page_of_the_new_one(
    kb: KnowledgeBase, piet: Desk
) -> None:
    kb.publish(a_case("tuin", unverified=["dwellings"]))
    piet.call("POST", "/cases/tuin/renames", json={"id": "hof"})

    answer = piet.post(f"{TUIN}/nakijken", {"key": "dwellings", "version": "1"})

    assert answer.status_code == 303
    assert answer.headers["Location"] == "/redactie/casussen/hof/nakijken"


@pytest.mark.parametrize("page", [*PAGES, *ACTIONS])
def test_a_page_of_nothing_is_not_there(page: str, piet: Desk) -> None:
    assert piet.get(f"/redactie/casussen/nergens{page}").status_code == 404


def test_a_version_that_never_was_cannot_be_erased(kb: KnowledgeBase, piet: Desk) -> None:
    kb.publish(a_case("tuin"))

    assert piet.get(f"{TUIN}/wissen/7").status_code == 404


@pytest.mark.parametrize(
    ("path", "form"),
    [
        (f"{TUIN}/weggooien", {"etag": BROKEN}),
        (f"{TUIN}/beoordelen", {"etag": BROKEN, "do": "submit"}),
        (f"{TUIN}/beelden", {"etag": BROKEN}),
        (f"{TUIN}/bewerken", {"etag": BROKEN, "do": "save"}),
        ("/redactie/reeks/1", {"etag": BROKEN, "do": "submit"}),
        ("/redactie/begrippen/ingredients/buddy-systeem", {"etag": BROKEN, "do": "save"}),
        ("/redactie/begrippen/ingredients/buddy-systeem", {"etag": BROKEN, "do": "deprecate"}),
        ("/redactie/casussen/nieuw", {"key": BROKEN, "title": "Een hof"}),
    ],
)
def test_a_line_break_where_none_can_be_is_refused(
    path: str, form: dict[str, str], kb: KnowledgeBase, piet: Desk
) -> None:
    kb.publish(a_case("tuin"))
    piet.call("POST", "/cases/tuin/draft", json={})

    answer = piet.post(path, form)

    assert answer.status_code < 500
    assert "X-Smuggled" not in answer.headers


@pytest.mark.parametrize(
    ("path", "form"),
    [
        (f"{TUIN}/intrekken", {"reason": " "}),
        (f"{TUIN}/hernoemen", {"id": ""}),
        (f"{TUIN}/wissen/1", {"reason": ""}),
        ("/redactie/reeks/nieuw", {"name": "replace-text", "find": ""}),
        ("/redactie/begrippen/ingredients/buddy-systeem", {"do": "save", "label.nl": ""}),
    ],
)
def test_a_refusal_speaks_of_fields_and_not_of_json(
    path: str, form: dict[str, str], kb: KnowledgeBase, piet: Desk
) -> None:
    kb.publish(a_case("tuin"), a_case("tuin", title="Een hof"))

    answer = piet.post(path, form)

    assert answer.status_code == 400
    assert "“errors”" not in answer.text
    assert "laat dit weg" not in answer.text
