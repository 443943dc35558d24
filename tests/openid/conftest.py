"""A real identity provider beside a test, and a knowledge base that knows it."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
import requests
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kb.app import create_app
from kb.database import Database
from kb.settings import Settings
from tests import npm
from tests.conftest import KnowledgeBase, until

SECRET = "geheim+met/vreemde:tekens %41="
ACCOUNTS: dict[str, dict[str, Any]] = {
    "anna": {
        "name": "Anna de Wit",
        "email": "anna@wijken.test",
        "email_verified": True,
        "roles": ["redacteur"],
    },
    "piet": {
        "name": "Piet Bakker",
        "email": "piet@wijken.test",
        "email_verified": True,
        "roles": ["redacteur", "publiceerder"],
        "realm_access": {"roles": ["publiceerder"]},
    },
    "niemand": {"name": "Niek Mand", "email": "niek@elders.test", "email_verified": True},
    "valsmail": {
        "name": "Vals",
        "email": "vals@wijken.test",
        "email_verified": False,
        "roles": ["redacteur"],
    },
    "naamgenoot": {"name": "Anna de Wit", "email": "anna2@wijken.test", "roles": ["publiceerder"]},
    "naamloos": {"email": "x@wijken.test", "roles": "redacteur"},
    "kort": {"name": "Kort", "roles": ["redacteur"], "session_expiry": 1},
    "vreemd": {"name": "<b>Vreemd</b>", "roles": {"redacteur": True}},
}
PUBLIC_URL = "http://kennisbank.test"


@dataclass
class IdentityProvider:
    """oidc-provider on a port of its own; another process has other keys."""

    port: int
    public_url: str = PUBLIC_URL
    settings: dict[str, Any] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def issuer(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        folder = npm.installed("oidc-provider", "jose")
        program = folder / "provider.mjs"
        shutil.copy(Path(__file__).with_name("provider.mjs"), program)
        configuration = {
            "port": self.port,
            "accounts": ACCOUNTS,
            "redirectUris": [f"{self.public_url}/redactie/aanmelden/terug"],
            "postLogoutRedirectUris": [f"{self.public_url}/redactie/aanmelden"],
            "secret": SECRET,
            "settings": self.settings,
        }
        self.process = subprocess.Popen(
            [shutil.which("node") or "node", str(program), json.dumps(configuration)],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

        def answers() -> bool:
            assert self.process is not None
            assert self.process.poll() is None, "the provider stopped"
            with suppress(OSError), urlopen(f"{self.issuer}/jwks", timeout=30):
                return True
            return False

        until(answers)

    def stop(self) -> None:
        """End it."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def tamper(self, how: str = "") -> None:
        """Have it answer wrongly from now on: see provider.mjs."""
        requests.get(f"{self.issuer}/test/tamper", params={"how": how}, timeout=30)


def free_port() -> int:
    """A port where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@contextmanager
def identity_provider(**options: Any) -> Iterator[IdentityProvider]:
    """A provider that answers."""
    made = IdentityProvider(free_port(), **options)
    made.start()
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture(scope="module")
def running_provider() -> Iterator[IdentityProvider]:
    """One provider for the tests of a module."""
    with identity_provider() as made:
        yield made


@pytest.fixture
def provider(running_provider: IdentityProvider) -> IdentityProvider:
    """A provider that answers as it should."""
    running_provider.tamper()
    return running_provider


@dataclass
class Visitor:
    """A browser: with us, and at the provider."""

    client: FlaskClient
    elsewhere: requests.Session = field(default_factory=requests.Session)

    def depart(self, path: str = "/redactie/aanmelden/organisatie") -> str:
        """Follow the link on our page: the address at the provider."""
        answer = self.client.get(path)
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    def pass_provider(self, address: str, account: str) -> str:
        """Sign in at the provider: the address that it sends back to, with us."""
        answer = self.elsewhere.get(address, allow_redirects=False, timeout=30)
        while not answer.headers.get("Location", "").startswith(PUBLIC_URL):
            if answer.is_redirect:
                url = requests.compat.urljoin(answer.url, answer.headers["Location"])  # type: ignore[attr-defined]
                answer = self.elsewhere.get(url, allow_redirects=False, timeout=30)
                continue
            form = re.search(r'action="([^"]+)"', answer.text)
            assert form, answer.text
            answer = self.elsewhere.post(
                form[1],
                data={"prompt": "login", "login": account, "password": "x"},
                allow_redirects=False,
                timeout=30,
            )
        location: str = answer.headers["Location"]
        return location.removeprefix(PUBLIC_URL)

    def sign_in(
        self, account: str = "anna", path: str = "/redactie/aanmelden/organisatie"
    ) -> TestResponse:
        """Go there and come back."""
        return self.client.get(self.pass_provider(self.depart(path), account))

    def close(self) -> None:
        """Let go of connections."""
        self.elsewhere.close()


@dataclass
class Office:
    """A knowledge base of an organisation that has an identity provider."""

    settings: Settings
    database: Database
    visitors: list[Visitor] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.app = create_app(self.settings, serving=False)

    def visitor(self) -> Visitor:
        """Another browser."""
        made = Visitor(self.app.test_client())
        self.visitors.append(made)
        return made

    def with_settings(self, **changes: Any) -> Office:
        """The same knowledge base, with other settings."""
        made = Office(replace(self.settings, **changes), self.database)
        made.visitors = self.visitors
        return made

    def close(self) -> None:
        """Let go of connections."""
        for each in self.visitors:
            each.close()
        parts = self.app.extensions["kb"]
        parts.search.close()
        parts.database.dispose()


@pytest.fixture
def office(kb: KnowledgeBase, provider: IdentityProvider, tmp_path: Path) -> Iterator[Office]:
    """A knowledge base that knows the provider."""
    made = Office(settings_for(kb, provider, tmp_path), kb.database)
    yield made
    made.close()


def settings_for(kb: KnowledgeBase, provider: IdentityProvider, folder: Path) -> Settings:
    """Settings of a knowledge base that knows the provider."""
    file = folder / "client-secret"
    file.write_text(f"{SECRET}\n", "utf-8")
    settings: Settings = kb.app.extensions["kb"].settings
    return replace(
        settings,
        oidc_issuer=provider.issuer,
        oidc_name="Gemeente Wijkdam",
        oidc_client_id="kennisbank",
        oidc_client_secret_file=file,
        oidc_editor_values="redacteur",
        oidc_publisher_values="hoofdredacteur; publiceerder",
    )
