"""Signing in at an organisation, at the desk and out again, in a real browser with its CSP."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import DESK, PHONE, opened, wait_until_it_answers
from tests.conftest import KnowledgeBase
from tests.openid.conftest import (
    ACCOUNTS,
    SECRET,
    IdentityProvider,
    free_port,
    identity_provider,
)

NAME = "Gemeente Wijkdam"


@contextmanager
def served(kb: KnowledgeBase, port: int, issuer: str, folder: Path) -> Iterator[str]:
    """The address of `kb serve`, as an operator sets it up."""
    file = folder / "client-secret"
    file.write_text(SECRET, "utf-8")
    base = f"http://localhost:{port}"  # another site than that of the provider
    environment = os.environ | {
        "KB_DATA_DIR": str(kb.app.extensions["kb"].settings.data_dir),
        "KB_PORT": str(port),
        "KB_PUBLIC_URL": base,
        "KB_WORKERS": "1",
        "KB_OIDC_ISSUER": issuer,
        "KB_OIDC_NAME": NAME,
        "KB_OIDC_CLIENT_ID": "kennisbank",
        "KB_OIDC_CLIENT_SECRET_FILE": str(file),
        "KB_OIDC_EDITOR_VALUES": "redacteur",
        "KB_OIDC_PUBLISHER_VALUES": "publiceerder",
    }
    kb_program = str(Path(sys.executable).with_name("kb"))
    with (folder / "server.log").open("w") as out:
        server = subprocess.Popen([kb_program, "serve"], env=environment, stdout=out, stderr=out)
        try:
            wait_until_it_answers(f"{base}/health/live", server)
            yield base
        finally:
            server.terminate()
            server.wait(timeout=60)


def type_account(page: Page, account: str) -> None:
    """Fill in the form of the provider."""
    page.locator("[name=login]").fill(account)
    page.locator("[name=password]").fill("x")
    page.locator("[type=submit]").click()


@pytest.mark.slow
def test_from_the_sign_in_page_to_the_desk_and_out(
    kb: KnowledgeBase, browser: Browser, tmp_path: Path
) -> None:
    port = free_port()
    home = f"http://localhost:{port}"
    with (
        identity_provider(public_url=home) as provider,
        served(kb, port, provider.issuer, tmp_path) as address,
        opened(browser, DESK) as seen,
    ):
        walk(seen.page, address, provider)
        assert [each for each in seen.complaints if "Content Security" in each] == []
    assert SECRET not in (tmp_path / "server.log").read_text("utf-8")


def walk(page: Page, address: str, provider: IdentityProvider) -> None:
    page.goto(f"{address}/redactie/begrippen")
    expect(page.get_by_role("link", name=f"Aanmelden met {NAME}")).to_be_visible()
    assert_accessible(page)

    page.get_by_role("link", name=f"Aanmelden met {NAME}").click()
    page.wait_for_url(f"{provider.issuer}/interaction/**")
    type_account(page, "niemand")
    page.wait_for_url(f"{address}/redactie/aanmelden/terug**")
    expect(page.get_by_role("alert")).to_contain_text("Niek Mand")
    assert_accessible(page)

    page.get_by_role("link", name="Met een ander account aanmelden").click()
    page.wait_for_url(f"{provider.issuer}/interaction/**")
    type_account(page, "anna")
    page.wait_for_url(f"{address}/redactie")  # signed in at once, though it came from elsewhere
    expect(page.get_by_text(str(ACCOUNTS["anna"]["name"])).first).to_be_visible()

    page.get_by_role("link", name="Begrippen").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.get_by_role("button", name="Afmelden").click()
    page.wait_for_url(f"{address}/redactie/aanmelden?done=signed-out-here")
    expect(page.get_by_text("Je bent hier afgemeld.")).to_be_visible()
    assert_accessible(page)

    page.get_by_role("link", name=f"Ook bij {NAME} afmelden").click()
    page.wait_for_url(f"{provider.issuer}/session/end**")
    page.get_by_role("button", name=re.compile("yes|sign me out", re.IGNORECASE)).click()
    page.wait_for_url(f"{address}/redactie/aanmelden")
    page.get_by_role("link", name=f"Aanmelden met {NAME}").click()
    page.wait_for_url(f"{provider.issuer}/interaction/**")  # it wants a password again


def assert_accessible(page: Page) -> None:
    violations = Axe().run(page).response["violations"]
    assert violations == []
    for size in (PHONE, DESK):
        page.set_viewport_size({"width": size["width"], "height": size["height"]})
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
