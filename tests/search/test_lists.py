"""Every list is a search."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient

from tests.builders import a_case


def test_a_draft_is_never_a_hit(
    client: FlaskClient, published: Callable[..., None], drafted: Callable[..., None]
) -> None:
    published(a_case(id="tuin"))
    drafted(a_case(id="moestuin"))

    answer = client.get("/v1/search?type=case")

    assert [hit["id"] for hit in answer.json["items"]] == ["tuin"]
