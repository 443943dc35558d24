"""People with tokens, who ask over HTTP."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from kb.database import now
from kb.editors import access
from tests.builders import a_case, a_finding, a_pitfall, a_question, a_study
from tests.conftest import KnowledgeBase
from tests.editors.seed_folders import SEED, write

MERGE_PATCH = "application/merge-patch+json"


@dataclass
class Person:
    """Somebody with a token."""

    kb: KnowledgeBase
    token: str

    def ask(
        self, method: str, path: str, body: Any = None, *, tag: str | None = None, **headers: str
    ) -> TestResponse:
        """Ask for something below /v1; `tag` is the ETag of what was read."""
        sent = {"Authorization": f"Bearer {self.token}"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        if tag is not None:
            sent["If-Match"] = tag
        body_options = {} if body is None else {"json": body}
        return self.kb.client.open(f"/v1{path}", method=method, headers=sent, **body_options)

    def create(self, document: dict[str, Any], **headers: str) -> TestResponse:
        """Begin a new case."""
        return self.ask("POST", "/cases", document, **headers)

    def tag(self, slug: str) -> str:
        """The ETag of the draft of now."""
        answer = self.ask("GET", f"/cases/{slug}/draft")
        assert answer.status_code == 200, answer.text
        return answer.headers["ETag"]

    def patch(self, slug: str, changes: Any, tag: str | None = None) -> TestResponse:
        """Change some keys of the draft as it is now, or as `tag` says."""
        tag = tag or self.tag(slug)
        path = f"/cases/{slug}/draft"
        return self.ask("PATCH", path, changes, tag=tag, Content_Type=MERGE_PATCH)

    def put(self, slug: str, document: Any, tag: str | None = None) -> TestResponse:
        """Give the draft another text."""
        return self.ask("PUT", f"/cases/{slug}/draft", document, tag=tag or self.tag(slug))

    def review(self, slug: str, decision: str, tag: str | None = None, **note: Any) -> TestResponse:
        """Submit the draft, or return it."""
        path, tag = f"/cases/{slug}/draft/reviews", tag or self.tag(slug)
        return self.ask("POST", path, {"decision": decision, **note}, tag=tag)

    def publish(self, slug: str, tag: str | None = None, **note: Any) -> TestResponse:
        """Publish the draft."""
        tag = tag or self.tag(slug)
        return self.ask("POST", f"/cases/{slug}/publications", note, tag=tag)


def somebody(kb: KnowledgeBase, owner: str, role: str) -> Person:
    """A person with a new token."""
    with kb.database.transaction() as session:
        text = access.create_token(
            session, owner=owner, role=role, at=now(), lasts=timedelta(days=90)
        )
    return Person(kb, text)


@pytest.fixture
def anna(kb: KnowledgeBase) -> Person:
    """An editor."""
    return somebody(kb, "Anna", "editor")


@pytest.fixture
def piet(kb: KnowledgeBase) -> Person:
    """A publisher."""
    return somebody(kb, "Piet", "publisher")


@pytest.fixture
def life(anna: Person, piet: Person) -> Callable[..., None]:
    """Take a case through writing, submitting and publishing, by two people."""

    def live(document: dict[str, Any], **options: Any) -> None:
        slug = document["id"]
        if anna.create(document).status_code == 409:
            anna.ask("POST", f"/cases/{slug}/draft", {})
            assert anna.put(slug, document).status_code == 200
        assert anna.review(slug, "submit").status_code == 200
        answer = piet.publish(slug, **options)
        assert answer.status_code == 201, answer.text

    return live


def codes(answer: TestResponse) -> dict[str, str]:
    """The codes of the mistakes in an answer, by where they are."""
    assert answer.status_code == 400, answer.text
    return {each.get("pointer", each.get("name")): each["code"] for each in answer.json["errors"]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A seed folder with two cases, a study and a question."""
    made = tmp_path / "seed"
    shutil.copytree(SEED / "terms", made / "terms")
    case = a_case("tuin", archetype="type", pitfalls=[a_pitfall("tuin")])
    for name, document in (
        ("cases/type", a_case("type", kind="archetype")),
        ("cases/tuin", case | {"findings": [a_finding("tuin")]}),
        ("studies/onderzoek", a_study()),
    ):
        write(made, name, document)
    write(made, "questions", [a_question(studies=["onderzoek"])])
    return made
