"""Pages of text: honest by default, the operator's own if there are, always safe."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from kb.app import create_app
from kb.evidence.verdicts import METHOD_VERSION
from kb.pages.site_texts import site_text
from kb.pages.text_views import TITLES
from kb.settings import Settings
from kb.vocabulary.terms import schemes
from tests.pages.test_reading import READER, Links, read

NAMES = sorted(TITLES)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """The folder with the operator's own texts."""
    folder = tmp_path / "texts"
    folder.mkdir()
    return folder


@pytest.fixture
def operated(own: Path, tmp_path: Path) -> Iterator[FlaskClient]:
    """A client of a service whose operator wrote texts, and can be reached."""
    settings = Settings(
        data_dir=tmp_path, texts_dir=own, contact_email="a+b@kennis.example", public_url="http://k"
    )
    app = create_app(settings, serving=False)
    from kb.migrations import steps

    steps.upgrade(app.extensions["kb"].database)
    yield app.test_client()
    app.extensions["kb"].search.close()
    app.extensions["kb"].database.dispose()


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("name", NAMES)
def test_every_page_has_a_text_in_both_languages_and_the_foot_leads_to_it(
    name: str, language: str, client: FlaskClient
) -> None:
    page = read(client, f"/{name}?lang={language}")

    assert page.count("<h1") == 1
    assert f"/{name}?lang={language}" in [link.get("href") for link in Links(page).links]
    assert len(re.sub(r"<[^>]+>", "", page[page.index("<main") : page.index("</main>")])) > 250
    for link in Links(page).links:  # nothing of ours leads nowhere
        href = link["href"] or ""
        if href.startswith("/") and not href.startswith(("/docs", "/static", "/v1")):
            answer = client.get(href, headers=READER, follow_redirects=True)
            assert answer.status_code == 200, href


def test_how_we_work_explains_every_kind_of_evidence_direction_and_level(
    client: FlaskClient,
) -> None:
    page = read(client, "/werkwijze")

    for scheme in ("evidence-lanes", "evidence-levels", "effect-directions", "effect-levels"):
        for term in schemes()[scheme].terms.values():
            assert f"<dt>{term.labels['nl']}</dt>" in page
    assert 'id="bestanddelen"' in page
    assert 'id="soorten-bewijs"' in page


@pytest.mark.parametrize(("language", "version"), [("nl", "versie"), ("en", "version")])
def test_how_we_work_tells_the_method_of_verdicts_by_its_version(
    client: FlaskClient, language: str, version: str
) -> None:
    page = read(client, f"/werkwijze?lang={language}")

    assert 'id="oordelen"' in page
    assert f"({version} {METHOD_VERSION} " in page
    assert 'href="#sporen"' in page
    assert 'id="sporen"' in page


def test_an_own_text_takes_the_place_of_ours(own: Path, operated: FlaskClient) -> None:
    (own / "over.md").write_text("\ufeff# Gemeente Meer\n\nWij zijn **Meer**. [Mail](/contact)\n")
    (own / "privacy.en.md").write_text("We keep nothing.\n\n# More\n")

    dutch, english = read(operated, "/over?lang=nl"), read(operated, "/over?lang=en")

    assert ">Gemeente Meer</h1>" in dutch
    assert "<strong>Meer</strong>" in dutch
    assert 'href="/contact?lang=nl"' in dutch
    assert '<div class="prose text" lang="nl">' in english  # nobody wrote it in English
    assert "We keep nothing." in read(operated, "/privacy?lang=en")
    assert "<h1" not in site_text("privacy", "en", own).html
    assert "We keep nothing." in read(operated, "/privacy?lang=nl")  # their words before ours
    assert "onafhankelijk" in read(operated, "/toegankelijkheid?lang=nl")


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[klik](javascript:alert(1))",
    "[klik](JaVaScRiPt:alert(1))",
    "[klik](data:text/html,<script>alert(1)</script>)",
    "![beeld](https://volger.example/punt.gif)",
    '<https://x.example/"onmouseover=alert(1)>',
    "[a](//elders.example)",
    '# <b>kop</b> {#x" onclick=alert(1)}',
    "&lt;script&gt;",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_runs_nothing_and_fetches_nothing(text: str, own: Path) -> None:
    (own / "over.md").write_text(text)
    html = site_text("over", "nl", own).html

    assert not re.search(r"<(script|img|b|iframe)\b", html)
    assert not re.search(r"<[^>]*\son\w+=", html)
    assert not re.search(r'href="\s*(javascript|data|vbscript):', html, re.IGNORECASE)


@given(st.text(max_size=200))
def test_any_text_can_be_shown(text: str) -> None:
    from kb.pages.site_texts import _read

    shown = _read(text, "nl", str)

    assert not re.search(r"<(script|img|iframe|style|h1)\b", shown.html)


def test_bytes_that_are_no_utf8_are_shown_all_the_same(own: Path) -> None:
    (own / "over.md").write_bytes(b"Caf\xe9")

    assert "Caf" in site_text("over", "nl", own).html


def test_who_finds_a_weak_place_learns_whom_to_tell(
    operated: FlaskClient, client: FlaskClient
) -> None:
    answer = operated.get("/.well-known/security.txt")
    fields = dict(line.split(": ", 1) for line in answer.text.splitlines())
    expires = datetime.strptime(fields["Expires"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)

    assert answer.content_type == "text/plain; charset=utf-8"
    assert fields["Contact"] == "mailto:a+b@kennis.example"
    assert timedelta(days=150) < expires - datetime.now(UTC) < timedelta(days=365)
    assert fields["Canonical"] == "http://k/.well-known/security.txt"
    assert client.get("/.well-known/security.txt").status_code == 404
    assert 'href="mailto:a+b@kennis.example"' in read(operated, "/contact")
    assert "nog geen e-mailadres" in read(client, "/contact")
