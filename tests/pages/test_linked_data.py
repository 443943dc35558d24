"""Machines that read pages find in them what each is about, in the words of schema.org."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any

import pytest
import rdflib

from tests.builders import a_case, a_finding, a_pitfall, a_question, a_study
from tests.conftest import PUBLIC_URL, KnowledgeBase
from tests.pages.test_reading import read

SCHEMA = rdflib.Namespace("https://schema.org/")
PAGES = {
    "/casussen/place2bu-utrecht": ("/v1/cases/place2bu-utrecht", "Article"),
    "/bestanddelen/buddy-systeem": ("/v1/ingredients/buddy-systeem", "DefinedTerm"),
    "/onderzoeken/kleinhans-2004": ("/v1/studies/kleinhans-2004", "Report"),
    "/vragen/nadelen-concentratie-kwetsbare-groepen": (
        "/v1/questions/nadelen-concentratie-kwetsbare-groepen",
        "Question",
    ),
}
HOSTILE = "</script><script>alert(1)</script><!--<script>\u2028\u2029&lt;\"'\\u003c ]]>"


class Blocks(HTMLParser):
    """The blocks of JSON-LD in a page, as a reader of HTML finds them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.linked: list[str] = []
        self._inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note where a block begins."""
        if self._inside and tag:
            raise AssertionError(f"{tag} inside a block")
        if tag == "script" and dict(attrs).get("type") == "application/ld+json":
            self._inside = True
            self.linked.append("")

    def handle_endtag(self, tag: str) -> None:
        """Note where it ends."""
        if tag == "script":
            self._inside = False

    def handle_data(self, data: str) -> None:
        """Keep what is in it."""
        if self._inside:
            self.linked[-1] += data


def described(kb: KnowledgeBase, address: str) -> Any:
    """What a page says of itself, as triples."""
    [block] = Blocks(read(kb.client, address)).linked
    return rdflib.Graph().parse(data=block, format="json-ld")


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_says_what_it_is_about(page: str, language: str, seeded: KnowledgeBase) -> None:
    address, kind = PAGES[page]
    item: Any = seeded.client.get(address).json
    me = rdflib.URIRef(PUBLIC_URL + address)

    linked = described(seeded, f"{page}?lang={language}")

    assert linked.value(me, rdflib.RDF.type) == SCHEMA[kind]
    assert linked.value(me, SCHEMA.mainEntityOfPage) == rdflib.URIRef(PUBLIC_URL + page)
    spoken = None if kind == "Report" else "nl"  # a publication may be in any language
    assert rdflib.Literal(item["title"], lang=spoken) in set(linked.objects(me, SCHEMA.name))


def test_a_page_says_what_the_api_says_as_json_ld(seeded: KnowledgeBase) -> None:
    for page, (address, kind) in PAGES.items():
        if kind in {"Article", "Report"}:
            [block] = Blocks(read(seeded.client, page)).linked
            item = seeded.client.get(f"{address}?format=jsonld").data

            assert json.loads(block) == json.loads(item)


def test_a_question_says_which_studies_its_answer_rests_on(kb: KnowledgeBase) -> None:
    kb.take(studies=[a_study("rapport")], questions=[a_question("waarom", studies=["rapport"])])

    linked = described(kb, "/vragen/waarom")

    answer = linked.value(rdflib.URIRef(f"{PUBLIC_URL}/v1/questions/waarom"), SCHEMA.acceptedAnswer)
    assert list(linked.objects(answer, SCHEMA.citation)) == [
        rdflib.URIRef(f"{PUBLIC_URL}/v1/studies/rapport")
    ]


def test_the_front_page_says_how_to_search_and_what_to_take_over(seeded: KnowledgeBase) -> None:
    linked = described(seeded, "/")

    template = str(next(linked.objects(None, SCHEMA.urlTemplate)))
    url = template.removeprefix(PUBLIC_URL).replace("{search_term_string}", "wonen")
    assert "<h1" in read(seeded.client, url)
    downloads = [
        str(each).removeprefix(PUBLIC_URL) for each in linked.objects(None, SCHEMA.contentUrl)
    ]
    assert len(downloads) == 10
    assert {seeded.client.get(each).status_code for each in downloads} == {200}


def test_no_text_breaks_out_of_what_a_page_says(kb: KnowledgeBase) -> None:
    texts: dict[str, Any] = dict.fromkeys(("title", "summary", "context", "approach"), HOSTILE)
    kb.publish(
        a_case(
            "kwaad",
            pitfalls=[a_pitfall("kwaad", title=HOSTILE, description=HOSTILE)],
            findings=[a_finding("kwaad", claim=HOSTILE)],
            parties=[{"name": HOSTILE, "role": "gemeente"}],
            place={"country": "NL", "municipality": HOSTILE},
            **texts,
        )
    )
    kb.take(
        studies=[a_study("kwaad-2", title=HOSTILE, summary=HOSTILE, authors=[HOSTILE])],
        questions=[a_question("kwaad-3", title=HOSTILE, answer=HOSTILE, studies=["kwaad-2"])],
    )

    for page, address in (
        ("/casussen/kwaad", "/v1/cases/kwaad"),
        ("/valkuilen/kwaad--korte-adem", "/v1/pitfalls/kwaad--korte-adem"),
        ("/onderzoeken/kwaad-2", "/v1/studies/kwaad-2"),
        ("/vragen/kwaad-3", "/v1/questions/kwaad-3"),
    ):
        name = described(kb, page).value(rdflib.URIRef(PUBLIC_URL + address), SCHEMA.name)
        assert str(name) == kb.client.get(address).json["title"]
        [block] = Blocks(read(kb.client, page)).linked
        assert not {"<", ">", "&", "\u2028", "\u2029"} & set(block)


@pytest.mark.parametrize(
    "address", ["/v1/cases?pageSize=100", "/v1/search?pageSize=100", "/v1/cases/place2bu-utrecht"]
)
def test_each_node_is_written_once_and_both_forms_say_the_same(
    seeded: KnowledgeBase, address: str
) -> None:
    sign = "&" if "?" in address else "?"
    turtle, jsonld = (
        seeded.client.get(f"{address}{sign}format={form}").text for form in ("turtle", "jsonld")
    )

    subjects = [line for line in turtle.splitlines() if line.startswith("<")]
    assert len(subjects) == len(set(subjects)) > 20
    one = rdflib.Graph().parse(data=turtle, format="turtle")
    other = rdflib.Graph().parse(data=jsonld, format="json-ld")
    assert len(one) == len(other)
    terms = [
        {(each, name) for each, name in graph.subject_objects(SCHEMA.termCode)}
        for graph in (one, other)
    ]
    assert terms[0] == terms[1]
    assert jsonld.count('"@type":"DefinedTerm"') <= len(terms[1])
