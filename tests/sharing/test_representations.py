"""Every representation is read by a parser that is not ours, and says what the JSON says."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import feedparser
import pytest
import rdflib
import rispy
from bibtexparser.entrypoint import parse_string as parse_bibtex

from kb.kinds import KINDS, LIST_REPRESENTATIONS
from kb.web.negotiation import REPRESENTATIONS
from tests.builders import a_case, a_finding, a_pitfall, a_source, a_study
from tests.conftest import PUBLIC_URL, KnowledgeBase
from tests.contract.addresses import EVERY_LIST, with_query
from tests.sharing.representations import CASE, SCHEMA, STUDY, graph, text_of, whole

HOSTILE = (
    "=1+1", "</script><script>alert(1)</script>", '"<![CDATA[', "&amp;amp; <b>", "]]>",
    "\u202e\u200fעברית", "w" * 150, 'a\\"b\\', "{\\input{x}} %$#_^~",
    "on\x01\x0b\x7f\ufffe\u2028zichtbaar",
    "regel\nER  - \nTY  - BOOK", "@case{x,", "-2+3", "\t=x", "}} , y = {",
)  # fmt: skip
ADDRESSES = {
    "search": "/v1/search",
    "cases": CASE,
    "evidence": STUDY,
    "vocabularies": "/v1/vocabularies/ingredients",
}
EVERY_REPRESENTATION = [
    *(
        (f"{list_}?q=wonen", representation)
        for list_ in EVERY_LIST
        for representation in LIST_REPRESENTATIONS[1:]
    ),
    *(("/v1/studies", representation) for representation in ("bibtex", "ris")),
    *((CASE, representation) for representation in KINDS["case"].representations[1:]),
    *((STUDY, representation) for representation in KINDS["study"].representations[1:]),
    *(
        (address, representation)
        for address in ("/v1/vocabularies", "/v1/vocabularies/ingredients")
        for representation in ("jsonld", "turtle")
    ),
]


@pytest.mark.parametrize(("address", "representation"), EVERY_REPRESENTATION)
def test_accept_and_format_give_the_same(
    address: str, representation: str, seeded: KnowledgeBase
) -> None:
    by_name = seeded.client.get(with_query(address, f"format={representation}"), buffered=True)
    accept = {"Accept": f"{REPRESENTATIONS[representation].media_type}, text/html;q=0.5"}
    by_type = seeded.client.get(address, headers=accept, buffered=True)
    in_json = seeded.client.get(address)

    assert by_name.status_code == by_type.status_code == 200
    assert by_name.mimetype == by_type.mimetype == REPRESENTATIONS[representation].media_type
    assert by_name.headers["ETag"] != in_json.headers["ETag"]
    assert not by_name.headers["ETag"].startswith("W/")
    tag = by_type.headers["ETag"]
    again = seeded.client.get(address, headers={"Accept": by_type.mimetype, "If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert "Accept" in again.headers["Vary"]
    assert again.headers["Access-Control-Allow-Origin"] == "*"
    parsed = seeded.client.get(address, headers={"If-None-Match": tag})
    assert parsed.status_code == 200
    if "?" not in address:
        url = f"{PUBLIC_URL}{address}?format={representation}"
        href = f'<{url}>; rel="alternate"; type="{by_type.mimetype}"'
        assert href in in_json.headers.getlist("Link")


@pytest.mark.parametrize(
    ("address", "accept"),
    [
        ("/v1/cases", "application/x-bibtex"),
        (STUDY, "application/atom+xml"),
        ("/v1/changes", "text/csv"),
        ("/v1/pitfalls", "text/html"),
        ("/v1/vocabularies", "image/png"),
    ],
)
def test_what_we_do_not_have_is_406(address: str, accept: str, seeded: KnowledgeBase) -> None:
    answer = seeded.client.get(address, headers={"Accept": accept})

    assert answer.status_code == 406
    assert answer.mimetype == "application/problem+json"


def test_a_form_that_is_not_known_is_a_mistake(seeded: KnowledgeBase) -> None:
    answer = seeded.client.get("/v1/cases?format=jsonl")

    assert answer.status_code == 400
    [error] = answer.json["errors"]
    assert (error["code"], error["name"]) == ("not-in-vocabulary", "format")
    assert error["suggestion"] in {"json", "jsonld"}
    assert seeded.client.get("/v1/cases?format=csv&x=1").mimetype == "application/problem+json"
    assert seeded.client.get("/v1/cases/nergens?format=ris").status_code == 404


def test_a_browser_gets_json(seeded: KnowledgeBase) -> None:
    accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

    assert seeded.client.get("/v1/cases", headers={"Accept": accept}).mimetype == "application/json"


@pytest.mark.parametrize("address", EVERY_LIST)
def test_lines_of_json_are_the_whole_list(address: str, seeded: KnowledgeBase) -> None:
    query = f"{address}?q=wonen&pageSize=9&fields=title"
    answer = seeded.client.get(f"{query}&format=ndjson")

    assert answer.is_streamed
    assert "Content-Length" not in answer.headers  # nobody counted it, so it was not read first
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert lines == list(whole(seeded, query))
    assert answer.headers["Row-Count"] == str(len(lines))


@pytest.mark.parametrize("address", EVERY_LIST)
def test_a_table_has_a_row_for_every_item(address: str, seeded: KnowledgeBase) -> None:
    answer = seeded.client.get(f"{address}?q=wonen&format=csv")

    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))
    items = list(whole(seeded, f"{address}?q=wonen&pageSize=100"))
    assert [row["id"] for row in rows] == [item["id"] for item in items]
    assert [row["title"] for row in rows] == [item["title"] for item in items]
    assert answer.headers["Row-Count"] == str(len(rows))
    empty = seeded.client.get(f"{address}?q=qqqqqqqq&format=csv").data.decode("utf-8-sig")
    assert empty.count("\r\n") == 1


@pytest.mark.parametrize("separator", ["comma", "semicolon", "tab"])
@pytest.mark.parametrize("address", ["/v1/cases", "/v1/studies?q=wonen", "/v1/search", CASE])
def test_a_table_has_the_separator_that_a_spreadsheet_wants(
    address: str, separator: str, seeded: KnowledgeBase
) -> None:
    plain = seeded.client.get(with_query(address, "format=csv")).data
    answer = seeded.client.get(with_query(address, f"format=csv&csvSeparator={separator}"))

    assert answer.data.startswith(b"\xef\xbb\xbf")  # so that Excel reads UTF-8
    sign = {"comma": ",", "semicolon": ";", "tab": "\t"}[separator]
    read = io.StringIO(answer.data.decode("utf-8-sig"), newline="")
    usual = io.StringIO(plain.decode("utf-8-sig"), newline="")
    assert list(csv.reader(read, delimiter=sign)) == list(csv.reader(usual))
    assert answer.data.split(b"\r\n")[0].count(sign.encode()) > 5


@pytest.mark.parametrize("wrong", [";", "puntkomma", "", "semicolon&csvSeparator=tab"])
def test_another_separator_is_a_mistake(wrong: str, seeded: KnowledgeBase) -> None:
    answer = seeded.client.get(f"/v1/cases?format=csv&csvSeparator={wrong}")

    assert answer.status_code == 400
    assert [each["name"] for each in answer.json["errors"]] == ["csvSeparator"]


@pytest.mark.parametrize(
    "query", ["", "pageSize=3", "page=2&pageSize=5", "q=wonen", "fields=title"]
)
def test_references_are_those_of_the_whole_list(query: str, seeded: KnowledgeBase) -> None:
    ids = [each["id"] for each in whole(seeded, f"/v1/studies?{query}".replace("page=2&", ""))]
    assert len(ids) > 5

    for representation in ("bibtex", "ris"):
        answer = seeded.client.get(f"/v1/studies?{query}&format={representation}")
        assert answer.headers["Row-Count"] == str(len(ids))
        text = answer.get_data().decode()
        keys = (
            [each.key for each in parse_bibtex(text).entries]
            if representation == "bibtex"
            else [each["id"] for each in rispy.loads(text)]
        )
        assert keys == ids


@pytest.mark.parametrize("representation", ["atom", "jsonld", "turtle"])
def test_a_page_of_a_list_leads_to_the_next(representation: str, seeded: KnowledgeBase) -> None:
    answer = seeded.client.get(f"/v1/studies?pageSize=20&format={representation}")

    after = f'<{PUBLIC_URL}/v1/studies?format={representation}&page=2&pageSize=20>; rel="next"'
    assert after.split(";")[0].split("?")[0] in " ".join(answer.headers.getlist("Link"))
    assert any('rel="next"' in link for link in answer.headers.getlist("Link"))


def test_sources_go_into_a_reference_manager(seeded: KnowledgeBase) -> None:
    case: Any = seeded.client.get(CASE).json
    titles = [case["title"], *(source["title"] for source in case["sources"])]

    library = parse_bibtex(text_of(seeded, CASE, "bibtex"))
    records = rispy.loads(text_of(seeded, CASE, "ris"))

    assert not library.failed_blocks
    assert [each["title"].strip("{}") for each in library.entries] == titles
    assert [each["title"] for each in records] == titles
    study: Any = seeded.client.get(STUDY).json
    [entry] = parse_bibtex(text_of(seeded, STUDY, "bibtex")).entries
    assert (entry.key, entry["year"]) == (study["id"], str(study["year"]))
    [record] = rispy.loads(text_of(seeded, STUDY, "ris"))
    assert (record["title"], record["authors"]) == (study["title"], ["Kleinhans, Reinout"])
    assert entry["author"] == "Kleinhans, Reinout"


@pytest.fixture
def hostile(kb: KnowledgeBase) -> KnowledgeBase:
    """Cases and studies whose every text would break what is written carelessly."""
    all_in_one = " ".join(HOSTILE)
    for number, text in enumerate(HOSTILE):
        url = "https://a.nl/" + "".join(sign for sign in text if sign.isprintable() and sign != " ")
        bron = a_source(title=text, authors=[text], publisher=text, url=url)
        slug = f"kwaad-{number}"
        keys: dict[str, Any] = dict.fromkeys(("title", "summary", "context", "approach"), text)
        keys["results"] = all_in_one
        keys["place"] = {"municipality": text, "province": text}
        keys["pitfalls"] = [a_pitfall(slug, title=text, description=text)]
        keys["findings"] = [a_finding(slug, claim=text)]
        keys["parties"] = [{"name": text, "role": "gemeente"}]
        kb.publish(a_case(slug, sources=[bron], **keys))
    studies = [
        a_study(f"kwaad-onderzoek-{n}", title=text, summary=text, authors=[text], publisher=text)
        for n, text in enumerate(HOSTILE)
    ]
    kb.take(studies=studies)
    return kb


def test_hostile_texts_break_no_form(hostile: KnowledgeBase) -> None:
    number = len(HOSTILE)
    for address in ("/v1/cases?pageSize=100", "/v1/studies?pageSize=100", "/v1/search"):
        feed = feedparser.parse(text_of(hostile, address, "atom"))
        assert not feed.bozo, feed.get("bozo_exception")
        table = io.StringIO(text_of(hostile, address, "csv").removeprefix("\ufeff"), newline="")
        rows = list(csv.reader(table))
        assert {len(row) for row in rows} == {len(rows[0])}
        assert len(rows) > number
        for cell in (cell for row in rows for cell in row):
            assert not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))
        lines = text_of(hostile, address, "ndjson").rstrip("\n").split("\n")
        assert len([json.loads(line) for line in lines]) == len(rows) - 1
        assert len(graph(hostile, address, "turtle")) == len(graph(hostile, address, "jsonld"))
    entries = parse_bibtex(text_of(hostile, "/v1/studies?pageSize=100", "bibtex"))
    assert not entries.failed_blocks
    assert len(entries.entries) == number
    assert len(rispy.loads(text_of(hostile, "/v1/studies?pageSize=100", "ris"))) == number
    for n in range(number):
        case = f"/v1/cases/kwaad-{n}"
        title = hostile.client.get(case).json["title"]
        records = rispy.loads(text_of(hostile, case, "ris"))
        assert [each["type_of_reference"] for each in records] == ["ELEC", "RPRT"]
        assert not any(each["title"].startswith("BOOK") for each in records)
        entries = parse_bibtex(text_of(hostile, case, "bibtex"))
        assert [each.entry_type for each in entries.entries] == ["misc", "techreport"]
        me = rdflib.URIRef(f"{PUBLIC_URL}{case}")
        for representation in ("turtle", "jsonld"):
            assert str(graph(hostile, case, representation).value(me, SCHEMA.name)) == title


@pytest.mark.parametrize("representation", ["atom", "jsonld", "turtle", "csv", "bibtex"])
def test_a_list_without_keys_to_leave_out_is_whole(
    representation: str, seeded: KnowledgeBase
) -> None:
    address = f"/v1/studies?format={representation}&pageSize=2"

    whole, chosen = (seeded.client.get(f"{address}{fields}") for fields in ("", "&fields=title"))

    assert chosen.status_code == 200
    if representation == "csv":  # which has columns
        assert chosen.text.splitlines()[0] == "\ufeffid,type,title"
    else:
        assert chosen.text.count("kleinhans-2004") == whole.text.count("kleinhans-2004")
