"""Public texts are compressed for who accepts that; what may hold secrets never is."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import brotli
import pytest
from flask_compress.compat import compression

from tests.conftest import KnowledgeBase

DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": compression.zstd.decompress,
}
TEXTS = (
    *("/v1/cases", "/v1/cases/place2bu-utrecht", "/v1/openapi.json", "/zoeken", "/"),
    *("/static/site.css", "/v1/cases?format=csv", "/v1/cases?format=ndjson", "/dcat.ttl"),
)


@pytest.mark.parametrize("address", TEXTS)
@pytest.mark.parametrize("encoding", DECODERS)
def test_a_text_is_compressed_for_who_accepts_that(
    address: str, encoding: str, seeded: KnowledgeBase
) -> None:
    plain = seeded.client.get(address, buffered=True)

    answer = seeded.client.get(address, headers={"Accept-Encoding": encoding}, buffered=True)

    assert answer.headers["Content-Encoding"] == encoding
    assert DECODERS[encoding](answer.data) == plain.data
    assert len(answer.data) < 0.5 * len(plain.data)
    assert "Content-Encoding" not in plain.headers
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert "Accept-Encoding" in answer.headers["Vary"]


def test_the_best_encoding_that_is_accepted_is_taken(seeded: KnowledgeBase) -> None:
    def encoding(accepted: str) -> str | None:
        answer = seeded.client.get("/v1/cases", headers={"Accept-Encoding": accepted})
        return answer.headers.get("Content-Encoding")

    assert encoding("gzip, deflate, br, zstd") == "zstd"
    assert encoding("gzip, deflate, br") == "br"
    assert encoding("gzip, br;q=0.5") == "gzip"
    assert encoding("identity") is None
    assert encoding("gzip;q=0") is None
    assert encoding("compress, nonsense;q=x") is None


@pytest.mark.parametrize("address", TEXTS)
def test_each_encoding_has_an_etag_of_its_own(address: str, seeded: KnowledgeBase) -> None:
    def status(accepted: str, tag: str) -> int:
        headers = {"Accept-Encoding": accepted, "If-None-Match": tag}
        return seeded.client.get(address, headers=headers, buffered=True).status_code

    tags = {
        accepted: seeded.client.get(
            address, headers={"Accept-Encoding": accepted}, buffered=True
        ).headers["ETag"]
        for accepted in ("identity", "gzip", "zstd")
    }

    assert len(set(tags.values())) == 3
    assert all(status(accepted, tag) == 304 for accepted, tag in tags.items())
    assert status("gzip", tags["zstd"]) == 200


@pytest.mark.parametrize("address", ["/health/live", "/robots.txt", "/v1/nowhere", "/v1/me"])
def test_what_is_short_an_error_or_not_public_is_as_it_is(
    address: str, seeded: KnowledgeBase
) -> None:
    answer = seeded.client.get(address, headers={"Accept-Encoding": "gzip"})

    assert "Content-Encoding" not in answer.headers


FORMS = ['"{}-gzip"', 'W/"{}-gzip"', '"ander", "{}-gzip"', '"a-gzip", W/"{}-br", "c"', '"{}-zstd"']


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("address", ["/v1/cases", "/", "/static/site.css", "/v1/cases?format=csv"])
def test_the_etag_of_a_proxy_that_compressed_is_ours(
    address: str, form: str, seeded: KnowledgeBase
) -> None:
    tag = seeded.client.get(address, buffered=True).headers["ETag"].strip('"')

    def status(name: str) -> int:
        headers = {"If-None-Match": form.format(name)}
        return seeded.client.get(address, headers=headers, buffered=True).status_code

    assert status(tag) == 304
    assert status("anders") == 200
