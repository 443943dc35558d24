"""Editors who have signed in, in browsers without script."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kb.database import now
from kb.editors import access
from tests.conftest import KnowledgeBase

CSRF = re.compile(r'data-csrf="([^"]+)"')


@dataclass
class Desk:
    """A browser with a session: it keeps cookies, and sends the secret of its forms."""

    client: FlaskClient
    token: str
    csrf: str = ""

    def sign_in(self, **form: str) -> TestResponse:
        """Sign in with the token; the secret is read from the page that follows."""
        answer = self.client.post("/redactie/aanmelden", data={"token": self.token, **form})
        match = CSRF.search(self.client.get("/redactie").text)
        self.csrf = match[1] if match else ""
        return answer

    def get(self, path: str, **options: Any) -> TestResponse:
        """Open a page."""
        return self.client.get(path, **options)

    def post(self, path: str, form: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        """Send a form of ours."""
        return self.client.post(path, data={"csrf": self.csrf, **(form or {})}, **options)

    def call(self, method: str, path: str, **options: Any) -> TestResponse:
        """Call the API as a script of ours does."""
        headers = {"X-CSRF-Token": self.csrf, **options.pop("headers", {})}
        return self.client.open(f"/v1{path}", method=method, headers=headers, **options)


def make_token(kb: KnowledgeBase, owner: str, role: str, lasts: timedelta) -> str:
    """A new token."""
    with kb.database.transaction() as session:
        return access.create_token(session, owner=owner, role=role, at=now(), lasts=lasts)


SignedIn = Callable[..., Desk]


@pytest.fixture
def signed_in(kb: KnowledgeBase) -> SignedIn:
    """Sign somebody in: `signed_in("publisher", "Piet")`."""

    def sign_in(role: str = "editor", owner: str = "Anna", days: float = 90) -> Desk:
        token = make_token(kb, owner, role, timedelta(days=days))
        desk = Desk(kb.client, token)
        assert desk.sign_in().status_code == 303
        assert desk.csrf
        return desk

    return sign_in


@pytest.fixture
def anna(signed_in: SignedIn) -> Desk:
    """An editor at the desk."""
    return signed_in("editor", "Anna")


@pytest.fixture
def piet(signed_in: SignedIn) -> Desk:
    """A publisher at the desk."""
    return signed_in("publisher", "Piet")
