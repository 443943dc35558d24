"""Every error from every source is a problem of ours."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kb.app import create_app
from kb.cases.aliases import Thing
from kb.database import now
from kb.editors import erasure
from kb.editors.model import Token
from kb.problems import PROBLEMS_BY_NAME
from kb.settings import Settings
from tests.builders import a_case
from tests.conftest import KnowledgeBase, make
from tests.contract.addresses import EVERY, PATH_EXAMPLES, filled, local

Ask = Callable[..., TestResponse]
TOKENS = {"editor": "kb_of-an-editor", "publisher": "kb_of-a-publisher"}


def as_role(role: str, **headers: str) -> dict[str, Any]:
    """The headers of somebody with a token."""
    return {"headers": {"Authorization": f"Bearer {TOKENS[role]}", **headers}}


PROBLEMS: dict[str, tuple[str, str, str, str, dict[str, Any]]] = {
    # how to provoke each: its name, then what to ask of which application
    "unknown parameter": ("invalid-input", "sound", "GET", "/v1/cases?onbekend=1", {}),
    "unknown term": ("invalid-input", "sound", "GET", "/v1/cases?scale=dorp", {}),
    "empty value": ("invalid-input", "sound", "GET", "/v1/cases?q=", {}),
    "required value left out": ("invalid-input", "sound", "GET", "/v1/suggestions", {}),
    "health with a slip": ("invalid-input", "sound", "GET", "/health/live?x=1", {}),
    "a body that is not JSON": (
        *("invalid-input", "sound", "POST", "/v1/of-this-test/body"),
        {"data": "{", "content_type": "application/json"},
    ),
    "oEmbed in XML": ("unsupported-format", "sound", "GET", "/v1/oembed?format=xml", {}),
    "unknown address": ("not-found", "sound", "GET", "/v1/nergens", {}),
    "unknown address elsewhere": ("not-found", "sound", "GET", "/nergens", {}),
    "unknown file of /docs": ("not-found", "sound", "GET", "/docs/page.js", {}),
    "unknown type of problem": ("not-found", "sound", "GET", "/problems/geen", {}),
    "the base path itself": ("not-found", "sound", "GET", "/v1", {}),
    "double slash": ("not-found", "sound", "GET", "/v1//cases", {}),
    "an id with an underscore first": ("not-found", "sound", "GET", "/v1/cases/_iets", {}),
    "an id that is no text": ("invalid-input", "sound", "GET", "/v1/cases/%ff%00", {}),
    "wrong method on a list": ("method-not-allowed", "sound", "PUT", "/v1/cases", {}),
    "nobody knows who": ("unauthorized", "sound", "GET", "/v1/me", {}),
    "a new case of nobody": ("unauthorized", "sound", "POST", "/v1/cases", {"json": {}}),
    "a role that may not": (
        *("forbidden", "sound", "POST", "/v1/cases/tuin/withdrawals"),
        as_role("editor"),
    ),
    "a second draft": (
        *("conflict", "sound", "POST", "/v1/cases/straat/draft"),
        as_role("editor"),
    ),
    "no draft": ("not-found", "sound", "GET", "/v1/cases/tuin/draft", as_role("editor")),
    "no version": ("not-found", "sound", "GET", "/v1/cases/tuin/versions/7", {}),
    "an edit of who knows what": (
        *("if-match-required", "sound", "DELETE", "/v1/cases/straat/draft"),
        as_role("editor"),
    ),
    "an edit of any text": (
        *("if-match-required", "sound", "DELETE", "/v1/cases/straat/draft"),
        as_role("editor", **{"If-Match": "*"}),
    ),
    "an edit of another text": (
        *("stale-edit", "sound", "DELETE", "/v1/cases/straat/draft"),
        as_role("editor", **{"If-Match": '"oud-nl"'}),
    ),
    "wrong method on a thing": ("method-not-allowed", "sound", "DELETE", "/v1/cases/tuin", {}),
    "wrong method on health": ("method-not-allowed", "sound", "PUT", "/health/live", {}),
    "wrong method on the document": ("method-not-allowed", "sound", "POST", "/v1/openapi.json", {}),
    "a method that nobody knows": ("method-not-allowed", "sound", "BREW", "/v1/cases", {}),
    "only images": (
        *("not-acceptable", "sound", "GET", "/v1/cases"),
        {"headers": {"Accept": "image/png"}},
    ),
    "a browser that wants a page": (
        *("not-acceptable", "sound", "GET", "/v1/cases/tuin"),
        {"headers": {"Accept": "text/html"}},
    ),
    "withdrawn": ("withdrawn", "sound", "GET", "/v1/cases/weg", {}),
    "erased": ("erased", "sound", "GET", "/v1/cases/plein/versions/1", {}),
    "too large": (
        *("too-large", "sound", "POST", "/v1/of-this-test/body"),
        {"data": b"[" + b" " * 2**20 + b"]", "content_type": "application/json"},
    ),
    "another media type": (
        *("unsupported-media-type", "sound", "POST", "/v1/of-this-test/body"),
        {"data": "x", "content_type": "text/plain"},
    ),
    "an accident in a view": ("internal-error", "sound", "GET", "/v1/of-this-test/accident", {}),
    "no database": ("database-unavailable", "broken", "GET", "/v1/cases/tuin", {}),
    "no index": ("search-unavailable", "broken", "GET", "/v1/cases", {}),
    "no index to suggest from": ("search-unavailable", "broken", "GET", "/v1/suggestions?q=tu", {}),
    "asking too often": ("too-many-requests", "crowded", "GET", "/v1/vocabularies", {}),
    "not ready": ("not-ready", "broken", "GET", "/health/ready", {}),
}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    """A knowledge base in good health, with two views that only this test has."""
    made = make(tmp_path_factory.mktemp("sound"))
    made.app.add_url_rule("/v1/of-this-test/body", view_func=_read_body, methods=["POST"])
    made.app.add_url_rule("/v1/of-this-test/accident", view_func=_have_an_accident)
    made.app.add_url_rule("/of-this-test/accident", view_func=_have_an_accident, endpoint="page")
    with made.database.transaction() as session:
        for role, text in TOKENS.items():
            digest = hashlib.sha256(text.encode()).hexdigest()
            token = Token(hash=digest, owner=role, role=role, created_at=now())
            token.expires_at = now() + timedelta(days=1)
            session.add(token)
    made.draft(a_case("straat"))
    made.publish(a_case("tuin"), a_case("weg"))
    for title in ("Wie er woont", "Plein"):
        made.publish(a_case("plein", title=title))
    with made.database.transaction() as session:
        details: dict[str, Any] = {"reason": "Privacy.", "of_draft": None, "who": "Piet"}
        erasure.erase(session, Thing("case", "plein"), 1, at=now(), **details)
    made.withdraw("weg", "Opgegaan in een ander project.", replaced_by="tuin")
    yield made
    made.close()


def _read_body() -> dict[str, bool]:
    return {"read": bool(request.get_json())}


def _have_an_accident() -> str:
    raise RuntimeError("the secret of the house")


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    """A knowledge base whose files somebody threw away."""
    folder = tmp_path_factory.mktemp("broken")
    made = make(folder)
    made.close()
    shutil.rmtree(folder)
    folder.mkdir()
    app = create_app(made.app.extensions["kb"].settings, serving=False)
    lost = KnowledgeBase(app, app.extensions["kb"].database, app.extensions["kb"].search)
    yield lost
    lost.close()


@pytest.fixture(scope="module")
def crowded(sound: KnowledgeBase) -> Iterator[KnowledgeBase]:
    """An application that answers an address once a day, and has done so."""
    app = create_app(
        replace(sound.app.extensions["kb"].settings, rate_limit="1/day"), serving=False
    )
    made = KnowledgeBase(app, app.extensions["kb"].database, app.extensions["kb"].search)
    made.client.get("/v1/vocabularies")
    yield made
    made.close()


@pytest.fixture
def provoke(sound: KnowledgeBase, broken: KnowledgeBase, crowded: KnowledgeBase) -> Ask:
    """Ask for trouble, by its name in PROBLEMS."""
    bases = {"sound": sound, "broken": broken, "crowded": crowded}

    def ask(trouble: str, **more: str) -> TestResponse:
        _, base, method, path, options = PROBLEMS[trouble]
        request_options = dict(options)
        request_options["headers"] = {**request_options.pop("headers", {}), **more}
        return bases[base].client.open(path, method=method, **request_options)

    return ask


def test_this_walk_meets_every_problem_that_we_know() -> None:
    provoked = {name for name, *_ in PROBLEMS.values()}

    assert provoked == set(PROBLEMS_BY_NAME)


@pytest.mark.parametrize("trouble", PROBLEMS)
def test_every_error_is_a_problem_with_a_number_that_the_log_has_too(
    trouble: str, provoke: Ask, sound: KnowledgeBase, caplog: pytest.LogCaptureFixture
) -> None:
    answer = provoke(trouble)

    body = answer.get_json(force=True)
    name = PROBLEMS[trouble][0]
    assert answer.status_code == body["status"] == PROBLEMS_BY_NAME[name].status
    assert answer.content_type == "application/problem+json"
    assert body["type"] == f"http://kennisbank.test/problems/{name}"
    assert body["title"]
    assert body["detail"]
    assert "%(" not in answer.text
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", body["instance"])
    assert body["instance"] in caplog.text
    assert answer.headers["API-Version"] == "1.1.0"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers
    assert "house" not in answer.text
    assert "Traceback" not in answer.text
    path = urlsplit(PROBLEMS[trouble][3]).path
    public = path == "/v1" or path.startswith("/v1/")
    assert answer.headers.get("Access-Control-Allow-Origin") == ("*" if public else None)
    page = sound.client.get(local(body["type"]))
    assert page.status_code == 200
    assert page.mimetype == "text/html"


@pytest.mark.parametrize("trouble", PROBLEMS)
def test_every_error_is_reported_in_dutch_and_on_request_in_english(
    trouble: str, provoke: Ask
) -> None:
    dutch = provoke(trouble)
    english = provoke(trouble, **{"Accept-Language": "en-GB, nl;q=0.5"})

    assert dutch.headers["Content-Language"] == "nl"
    assert english.headers["Content-Language"] == "en"
    assert "Accept-Language" in dutch.headers["Vary"]
    for key in ("title", "detail"):
        texts = [answer.get_json(force=True)[key] for answer in (dutch, english)]
        assert texts[0] != texts[1]
    assert english.get_json(force=True)["title"] == PROBLEMS_BY_NAME[PROBLEMS[trouble][0]].title


def test_every_mistake_is_reported_in_both_languages(seeded: KnowledgeBase) -> None:
    slips = "onbekend=1&page=0&pageSize=x&scale=dorp&q=&facets=kind,kind&startYearFrom=1"

    dutch, english = (
        seeded.client.get(f"/v1/cases?{slips}", headers={"Accept-Language": language})
        for language in ("nl", "en")
    )

    details = [[each["detail"] for each in answer.json["errors"]] for answer in (dutch, english)]
    assert len(details[0]) == 6
    assert not set(details[0]) & set(details[1])


@pytest.mark.parametrize("template", EVERY)
def test_a_slash_at_the_end_is_a_404_everywhere(template: str, seeded: KnowledgeBase) -> None:
    path = filled(template).partition("?")[0]

    answer = seeded.client.get(f"{path}/")

    assert answer.status_code == 404
    assert answer.json["type"].endswith("/problems/not-found")


@pytest.mark.parametrize("template", EVERY)
def test_a_wrong_method_is_answered_with_the_right_ones(
    template: str, seeded: KnowledgeBase
) -> None:
    more = {
        "/v1/cases": {"POST"},
        "/v1/memos": {"POST"},
        "/v1/questions": {"POST"},
        "/v1/studies": {"POST"},
        "/v1/cases/{caseId}/versions/{version}": {"DELETE"},
        "/v1/questions/{questionId}/versions/{version}": {"DELETE"},
        "/v1/studies/{studyId}/versions/{version}": {"DELETE"},
    }
    right = {"GET", "HEAD", "OPTIONS"} | more.get(template, set())
    for method in {"POST", "PUT", "PATCH", "DELETE", "TRACE"} - right:
        answer = seeded.client.open(filled(template), method=method)

        assert answer.status_code == 405
        assert answer.headers["Allow"] == ", ".join(sorted(right))


@pytest.mark.parametrize("template", [each for each in EVERY if "{" in each])
def test_an_unknown_id_gets_ids_that_come_near(template: str, seeded: KnowledgeBase) -> None:
    name = re.findall(r"{(\w+)}", template)[0]
    right = PATH_EXAMPLES[name]

    answer = seeded.client.get(filled(template).replace(right, right[:-2]))

    assert answer.status_code == 404
    assert right in answer.json["suggestions"]
    assert right[:-2] in answer.json["detail"]


def test_a_withdrawn_case_says_why_and_what_came_instead(sound: KnowledgeBase) -> None:
    body = sound.client.get("/v1/cases/weg").json

    assert body["reason"] == "Opgegaan in een ander project."
    assert body["replacedBy"] == "tuin"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", body["withdrawnAt"])


def test_without_an_index_only_lists_have_to_wait(tmp_path: Path) -> None:
    kb = make(tmp_path)
    kb.publish(a_case("tuin"))
    kb.close()
    shutil.rmtree(tmp_path / "index")
    app = create_app(Settings(data_dir=tmp_path), serving=False)

    with _client_of(app) as client:
        paths = ("/v1/cases", "/v1/search?q=a", "/v1/transfer-checks?case=tuin&scale=wijk")
        answers = {path: client.get(path) for path in paths}
        answers["page"] = client.get("/past-het-hier?case=tuin&scale=wijk")

        for answer in answers.values():
            assert answer.status_code == 503
            assert int(answer.headers["Retry-After"]) > 0
        assert client.get("/v1/cases/tuin").status_code == 200
        assert client.get("/v1/transfer-checks?case=tuin").status_code == 200  # without a place
        assert client.get("/v1/vocabularies/ingredients").status_code == 200
        assert client.get("/health/live").status_code == 200
        ready = client.get("/health/ready")
        assert ready.status_code == 503
        assert ready.json["checks"] == {"database": "ok", "search": "unavailable"}
        assert int(ready.headers["Retry-After"]) > 0


@contextmanager
def _client_of(app: Flask) -> Iterator[FlaskClient]:
    """A client of an application whose files are let go of afterwards."""
    yield app.test_client()
    app.extensions["kb"].search.close()
    app.extensions["kb"].database.dispose()


def test_what_the_log_says_of_a_mistake_stays_on_one_line(
    seeded: KnowledgeBase, caplog: pytest.LogCaptureFixture
) -> None:
    seeded.client.get("/v1/cases/a%0aERROR%20forged%0d%1b[2J")

    (line,) = [record.getMessage() for record in caplog.records if record.name == "kb.web"]
    assert line.isprintable()


@pytest.mark.parametrize(
    ("path", "status"), [("/nergens", 404), ("/docs/nergens", 404), ("/of-this-test/accident", 500)]
)
def test_a_person_gets_the_same_problem_as_a_page(
    path: str, status: int, sound: KnowledgeBase
) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}

    page = sound.client.get(path, headers=browser)
    english = sound.client.get(path, headers={**browser, "Accept-Language": "en"})
    program = sound.client.get(path, headers={"Accept": "*/*"})

    assert page.status_code == english.status_code == program.status_code == status
    assert page.mimetype == "text/html"
    assert '<html lang="nl">' in page.text
    assert ("urn:uuid:" in page.text) == (status == 500)  # who is lost needs no number
    assert '<html lang="en">' in english.text
    assert PROBLEMS_BY_NAME[program.json["type"].rpartition("/")[2]].title in english.text
    assert program.mimetype == "application/problem+json"


def test_under_v1_a_person_gets_json_too(seeded: KnowledgeBase) -> None:
    answer = seeded.client.get("/v1/nergens", headers={"Accept": "text/html,*/*;q=0.8"})

    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"
