"""Cross-origin isolated pages may use our script, frames, files and answers."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

SHARED = (
    *("/v1/cases", "/v1/cases/nergens", "/v1/openapi.json", "/static/site.css", "/static/icon.svg"),
    *("/embed/kennisbank.js", "/embed/height.js", "/embed/zoeken", "/embed/casus/nergens"),
)


@pytest.mark.parametrize("address", SHARED)
def test_what_others_show_may_be_loaded_from_anywhere(client: FlaskClient, address: str) -> None:
    answer = client.get(address, buffered=True)

    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


@pytest.mark.parametrize("address", ["/embed/zoeken", "/embed/casus/nergens"])
def test_a_frame_is_isolated_itself(client: FlaskClient, address: str) -> None:
    answer = client.get(address, headers={"Accept": "text/html"})

    assert answer.headers["Cross-Origin-Embedder-Policy"] == "require-corp"


def test_pages_of_our_own_are_not_shared(client: FlaskClient) -> None:
    for address in ("/", "/zoeken", "/nergens"):
        assert "Cross-Origin-Resource-Policy" not in client.get(address).headers
