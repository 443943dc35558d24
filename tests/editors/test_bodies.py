"""Whatever is sent, the answer says what is wrong with it; never that we broke."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import a_case
from tests.conftest import KnowledgeBase
from tests.editors.conftest import MERGE_PATCH, Person, codes, somebody
from tests.strategies import examples

MIB = 2**20
JSON = "application/json"
BODIES: list[tuple[str, bytes]] = [
    ("nothing", b""),
    ("blank", b" "),
    ("half an object", b'{"title": '),
    ("two values", b"{} {}"),
    ("a comment", b'{"title": "x"} // klaar'),
    ("a comma too many", b'{"title": "x",}'),
    ("a byte order mark", b"\xef\xbb\xbf" + b'{"title": "x"}'),
    ("UTF-16", '{"title": "x"}'.encode("utf-16")),
    ("Latin-1", '{"title": "één"}'.encode("latin-1")),
    ("NaN", b'{"startYear": NaN}'),
    ("Infinity", b'{"startYear": -Infinity}'),
    ("a key twice", b'{"title": "a", "title": "b"}'),
    ("a key twice deep down", b'{"place": {"country": "NL", "country": "BE"}}'),
    ("10,000 lists", b'{"strategies": ' + b"[" * 10_000 + b"]" * 10_000 + b"}"),
    ("10,000 objects", b'{"x":' * 10_000 + b"1" + b"}" * 10_000),
    ("500 objects", b'{"x":' * 500 + b"1" + b"}" * 500),
    ("50 objects in what is ignored", b'{"_x":' * 50 + b"1" + b"}" * 50),
    ("a number of 5,000 digits", b'{"startYear": ' + b"1" * 5000 + b"}"),
    ("NUL", b'{"title": "x\x00"}'),
]
ROUTES = [
    ("POST", "/cases"),
    ("PUT", "/cases/tuin/draft"),
    ("PATCH", "/cases/tuin/draft"),
    ("POST", "/cases/tuin/draft/reviews"),
    ("POST", "/cases/tuin/publications"),
    ("POST", "/cases/tuin/withdrawals"),
    ("POST", "/cases/tuin/renames"),
]


def send(who: Person, method: str, path: str, body: bytes, media: str = "", **headers: str) -> Any:
    media = media or (MERGE_PATCH if method == "PATCH" else JSON)
    sent = {"Authorization": f"Bearer {who.token}", "If-Match": '"x-nl"', **headers}
    return who.kb.client.open(
        f"/v1{path}", method=method, data=body, content_type=media, headers=sent
    )


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize(("what", "body"), BODIES, ids=[what for what, _ in BODIES])
def test_a_body_that_is_no_json_is_a_clear_error(
    piet: Person, method: str, path: str, what: str, body: bytes
) -> None:
    answer = send(piet, method, path, body)

    assert codes(answer) == {"": "invalid-json"}
    assert len(answer.json["errors"][0]["detail"]) > len("Dit is geen geldige JSON: ")


@pytest.mark.parametrize("body", ["[]", "1", '"tekst"', "null", "true", "[{}]"])
@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_a_body_that_is_no_object_is_a_clear_error(
    piet: Person, method: str, path: str, body: str
) -> None:
    assert codes(send(piet, method, path, body.encode())) == {"": "wrong-type"}


@pytest.mark.parametrize(
    ("media", "headers"),
    [
        ("text/plain", {}),
        ("application/x-www-form-urlencoded", {}),
        ("multipart/form-data; boundary=x", {}),
        ("application/xml", {}),
        ("application/json; charset=latin-1", {}),
        ("application/json; charset=utf-16", {}),
        (JSON, {"Content-Encoding": "gzip"}),
        ("onzin", {}),
    ],
)
@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_another_kind_of_body_is_not_read(
    piet: Person, method: str, path: str, media: str, headers: dict[str, str]
) -> None:
    assert send(piet, method, path, b"{}", media, **headers).status_code == 415


def test_a_merge_patch_is_for_patch_alone(anna: Person) -> None:
    anna.create(a_case("tuin"))

    patched = send(anna, "PATCH", "/cases/tuin/draft", b"{}", JSON)
    put = send(anna, "PUT", "/cases/tuin/draft", b"{}", MERGE_PATCH)

    assert (patched.status_code, put.status_code) == (415, 415)
    assert MERGE_PATCH in patched.json["detail"]
    assert "application/json" in put.json["detail"]


def test_json_may_say_that_it_is_utf_8(anna: Person) -> None:
    body = '{"title": "Één"}'.encode()

    assert send(anna, "POST", "/cases", body, f"{JSON}; charset=UTF-8").status_code == 201


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_a_document_of_more_than_a_mebibyte_is_too_large(
    piet: Person, method: str, path: str
) -> None:
    body = b'{"title": "' + b"a" * MIB + b'"}'

    assert send(piet, method, path, body).status_code == 413


def test_a_text_of_almost_a_mebibyte_is_too_long(anna: Person) -> None:
    body = json.dumps({"title": "x", "context": "a" * (MIB - 100)})

    response = send(anna, "POST", "/cases", body.encode())

    assert codes(response) == {"/context": "too-long"}


def test_numbers_are_numbers_and_texts_are_texts(anna: Person) -> None:
    wrong = {
        "title": 7,
        "startYear": "2016",
        "endYear": 2016.5,
        "dwellings": True,
        "strategies": "sociaal-beheer",
        "place": "Utrecht",
        "kind": ["praktijk"],
        "sources": [None],
        "unverified": [1],
    }

    assert codes(anna.create(wrong)) == dict.fromkeys(
        (
            *("/title", "/startYear", "/endYear", "/dwellings", "/strategies", "/place", "/kind"),
            *("/sources/0", "/unverified/0"),
        ),
        "wrong-type",
    ) | {"/sources/0": "null"}


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from((*a_case(), "pitfalls", "findings", "unverified", "id", "how", "x")),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@examples(80)
@given(document=ANYTHING)
def test_no_document_breaks_us(kb: KnowledgeBase, document: Any) -> None:
    piet = somebody(kb, "Piet", "publisher")
    if kb.client.get("/v1/cases/tuin").status_code == 404:
        kb.publish(a_case("tuin"))
        piet.ask("POST", "/cases/tuin/draft", {})

    for answer in (
        piet.ask("POST", "/cases", document),
        piet.patch("tuin", document),
        piet.put("tuin", document),
        piet.ask("POST", "/cases/tuin/withdrawals", document),
    ):
        assert answer.status_code in {200, 201, 400, 409, 415}, answer.text
