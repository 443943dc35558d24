"""Every representation is read by a parser that is not ours, and says what the JSON says."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as Xml

import feedparser
import pytest
import rdflib
import rispy
import skosify
from bibtexparser.entrypoint import parse_string as parse_bibtex
from rdflib.compare import isomorphic
from rdflib.namespace import SKOS

from kb.kinds import KINDS, LIST_REPRESENTATIONS
from kb.sharing import rdf
from kb.web.negotiation import REPRESENTATIONS
from tests.builders import a_case, a_finding, a_pitfall, a_source, a_study
from tests.conftest import PUBLIC_URL, KnowledgeBase
from tests.contract.addresses import EVERY_LIST, local, with_query

CASE = "/v1/cases/place2bu-utrecht"
STUDY = "/v1/studies/kleinhans-2004"
SCHEMA = rdflib.Namespace("https://schema.org/")
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


def text_of(kb: KnowledgeBase, address: str, representation: str) -> str:
    answer = kb.client.get(with_query(address, f"format={representation}"))
    assert answer.status_code == 200, answer.text
    return answer.get_data().decode()


def graph(kb: KnowledgeBase, address: str, representation: str) -> Any:
    names = {"jsonld": "json-ld", "turtle": "turtle"}
    return rdflib.Graph().parse(
        data=text_of(kb, address, representation), format=names[representation]
    )


def whole(kb: KnowledgeBase, address: str) -> Iterator[dict[str, Any]]:
    """All items of a list, page by page."""
    while address:
        page: Any = kb.client.get(address).json
        yield from page["items"]
        address = local(page["_links"]["next"]["href"]) if "next" in page["_links"] else ""


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
        (CASE, "application/atom+xml"),
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
def test_a_feed_has_the_items_newest_first(address: str, seeded: KnowledgeBase) -> None:
    feed = feedparser.parse(text_of(seeded, f"{address}?pageSize=7&lang=en", "atom"))

    page: Any = seeded.client.get(f"{address}?pageSize=7&lang=en&sort=-updatedAt").json
    assert not feed.bozo, feed.get("bozo_exception")
    assert feed.version == "atom10"
    assert [each.title for each in feed.entries] == [each["title"] for each in page["items"]]
    assert [each.id for each in feed.entries] == [
        each["_links"]["self"]["href"] for each in page["items"]
    ]
    assert all(each.updated_parsed and each.links for each in feed.entries)
    links = {link["rel"]: link["href"] for link in feed.feed.links}
    assert ("next" in links) == ("next" in page["_links"])
    assert feed.feed.author
    assert links["license"] == "https://creativecommons.org/licenses/by/4.0/"


@pytest.mark.parametrize(
    ("address", "title", "page"),
    [
        ("/v1/cases", "Casussen", "/zoeken"),
        ("/v1/cases?q=wonen", "Casussen: “wonen”", "/zoeken?q=wonen"),
        (
            "/v1/cases?targetGroup=jongeren&targetGroup=ouderen&municipality=Utrecht",
            "Casussen: Doelgroep Jongeren / Ouderen, Gemeente Utrecht",
            "/zoeken?targetGroup=jongeren&targetGroup=ouderen&municipality=Utrecht",
        ),
        (
            "/v1/cases?startYearFrom=2015&lang=en",
            "Cases: Started in or after 2015",
            "/zoeken?startYearFrom=2015&lang=en",
        ),
        (
            "/v1/cases?archetype=gemengd-wonen-in-een-complex",
            "Casussen: Type interventie Gemengd wonen",
            "/zoeken?archetype=gemengd-wonen-in-een-complex",
        ),
        (
            "/v1/pitfalls?phase=uitvoering",
            "Valkuilen: Fase Uitvoering",
            "/valkuilen?phase=uitvoering",
        ),
        (
            "/v1/pitfalls?scale=wijk&missing=province",
            "Valkuilen: Schaal Wijk, zonder: Provincie",
            "/valkuilen?scale=wijk&missing=province",
        ),
        ("/v1/studies?page=2", "Onderzoeken", "/zoeken?type=study"),
        ("/v1/findings", "Bevindingen", "/zoeken?type=finding"),
        ("/v1/questions?theme=proces", "Vragen: Thema Proces", "/vragen?theme=proces"),
        ("/v1/ingredients", "Werkzame bestanddelen", "/bestanddelen"),
        ("/v1/search?q=a%26b", "Zoeken: “a&b”", "/zoeken?q=a%26b"),
        ("/v1/search?type=pitfall&q=tuin", "Valkuilen: “tuin”", "/valkuilen?q=tuin"),
    ],
)
def test_a_feed_says_what_it_is_of_and_leads_to_our_page(
    address: str, title: str, page: str, seeded: KnowledgeBase
) -> None:
    text = text_of(seeded, address, "atom")
    feed = feedparser.parse(text)

    assert feed.feed.title.startswith(title)
    assert feed.feed.title.endswith(
        "· Knowledge base on mixed neighbourhoods"
        if "lang=en" in address
        else "· Kennisbank gemengde wijken"
    )
    assert feed.feed.link == f"{PUBLIC_URL}{page}"
    assert seeded.client.get(page).status_code == 200
    [first, *others] = feed.feed.links  # for readers that look no further than the first
    assert (first["rel"], first["href"]) == ("alternate", f"{PUBLIC_URL}{page}")
    assert [each["href"] for each in others if each["rel"] == "alternate"] == []
    for entry in feed.entries:
        assert entry.link == entry.links[0]["href"]
        assert entry.link.startswith(f"{PUBLIC_URL}/")
        assert "/v1/" not in entry.link


def test_a_feed_says_what_is_ours_and_in_which_language(seeded: KnowledgeBase) -> None:
    xml = "{http://www.w3.org/XML/1998/namespace}"
    atom = "{http://www.w3.org/2005/Atom}"
    parsed = {
        kind: Xml.fromstring(text_of(seeded, f"/v1/{kind}?lang=en&pageSize=2", "atom"))
        for kind in ("cases", "studies", "ingredients")
    }

    titles: Any = {kind: root.find(f"{atom}entry/{atom}title") for kind, root in parsed.items()}
    assert titles["cases"].get(f"{xml}lang") == "nl"
    assert titles["studies"].get(f"{xml}lang") == ""
    assert titles["ingredients"].get(f"{xml}lang") is None  # as the feed, English
    for root in parsed.values():
        assert root.get(f"{xml}lang") == "en"
        summary: Any = root.find(f"{atom}entry/{atom}summary")
        assert summary.get(f"{xml}lang") == "nl"
        assert "Publications have rights of their own" in str(root.findtext(f"{atom}rights"))


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


@pytest.mark.parametrize("address", [STUDY, "/v1/studies?pageSize=100", "/v1/search?type=study"])
def test_a_publication_is_not_ours_to_license(address: str, seeded: KnowledgeBase) -> None:
    parsed = graph(seeded, address, "turtle")

    studies = list(parsed.subjects(rdflib.RDF.type, SCHEMA.Report))
    assert studies
    for study in studies:
        assert parsed.value(study, SCHEMA.license) is None
        assert parsed.value(study, SCHEMA.inLanguage) is None
        assert parsed.value(study, SCHEMA.name).language is None  # many are English
        assert parsed.value(study, SCHEMA.sdLicense) == rdflib.URIRef(rdf.LICENCE)
        assert (
            list(parsed.objects(study, SCHEMA.hasPart)) == []
        )  # what we say of it is no part of it
    for claim in parsed.subjects(rdflib.RDF.type, SCHEMA.Claim):
        assert parsed.value(claim, SCHEMA.license) == rdflib.URIRef(rdf.LICENCE)


def test_sources_of_a_case_are_not_ours_to_license(seeded: KnowledgeBase) -> None:
    parsed = graph(seeded, CASE, "jsonld")

    for source in parsed.objects(None, SCHEMA.citation):
        assert parsed.value(source, SCHEMA.license) is None
        assert parsed.value(source, SCHEMA.inLanguage) is None
        assert parsed.value(source, SCHEMA.name).language is None


@pytest.mark.parametrize("address", [f"{STUDY}", STUDY.replace("/v1/studies", "/onderzoeken")])
def test_no_link_gives_a_publication_our_licence(address: str, seeded: KnowledgeBase) -> None:
    links = seeded.client.get(address).headers.getlist("Link")

    assert any('rel="type"' in link for link in links)
    assert not any('rel="license"' in link for link in links)


@pytest.mark.parametrize("address", [f"{each}?pageSize=12" for each in EVERY_LIST] + [CASE, STUDY])
def test_linked_data_say_the_same_in_both_forms(address: str, seeded: KnowledgeBase) -> None:
    parsed, again = graph(seeded, address, "jsonld"), graph(seeded, address, "turtle")

    for triples in (parsed, again):  # their own address differs by `format`
        for s, p, o in list(triples):
            if "format=" in s:
                triples.remove((s, p, o))
                triples.add((rdflib.URIRef("urn:list"), p, o))
    assert len(parsed) > 10
    assert isomorphic(parsed, again)


def test_linked_data_of_a_case_say_what_it_is(seeded: KnowledgeBase) -> None:
    case: Any = seeded.client.get(CASE).json
    parsed = graph(seeded, CASE, "jsonld")
    me = rdflib.URIRef(case["_links"]["self"]["href"])

    assert parsed.value(me, rdflib.RDF.type) == SCHEMA.Article
    assert parsed.value(me, SCHEMA.name) == rdflib.Literal(case["title"], lang="nl")
    assert len(list(parsed.objects(me, SCHEMA.citation))) == len(case["sources"])
    assert len(list(parsed.objects(me, SCHEMA.hasPart))) == len(case["pitfalls"] + case["findings"])


def test_sources_go_into_a_reference_manager(seeded: KnowledgeBase) -> None:
    case: Any = seeded.client.get(CASE).json
    titles = [source["title"] for source in case["sources"]]

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
        a_study(f"kwaad-{n}", title=text, summary=text, authors=[text], publisher=text)
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
        [record] = rispy.loads(text_of(hostile, case, "ris"))
        assert not record["title"].startswith("BOOK")
        [entry] = parse_bibtex(text_of(hostile, case, "bibtex")).entries
        assert entry.entry_type == "techreport"
        me = rdflib.URIRef(f"{PUBLIC_URL}{case}")
        for representation in ("turtle", "jsonld"):
            assert str(graph(hostile, case, representation).value(me, SCHEMA.name)) == title


@pytest.mark.parametrize("representation", ["jsonld", "turtle"])
def test_vocabularies_are_sound_skos(representation: str, seeded: KnowledgeBase) -> None:
    parsed = graph(seeded, "/v1/vocabularies", representation)
    before = len(parsed)

    skosify.check.hierarchy_cycles(parsed, fix=True)
    skosify.check.disjoint_relations(parsed, fix=True)
    skosify.check.hierarchical_redundancy(parsed, fix=True)
    skosify.check.label_overlap(parsed, fix=True)
    skosify.check.preflabel_uniqueness(parsed)
    assert len(parsed) == before  # there was nothing to mend

    terms: Any = seeded.client.get("/v1/vocabularies/ingredients").json["terms"]
    for term in terms:
        concept = rdflib.URIRef(f"{PUBLIC_URL}/v1/vocabularies/ingredients#{term['id']}")
        labels = {str(each.language): str(each) for each in parsed.objects(concept, SKOS.prefLabel)}
        assert labels == term["labels"]
    for concept in parsed.subjects(rdflib.RDF.type, SKOS.Concept):
        languages = [each.language for each in parsed.objects(concept, SKOS.prefLabel)]
        assert sorted(languages) == ["en", "nl"]  # one in each (S14)
        names = set(parsed.objects(concept, SKOS.prefLabel))
        assert not names & set(parsed.objects(concept, SKOS.altLabel))  # disjoint (S13)
        assert parsed.value(concept, SKOS.inScheme) is not None
        for broader in parsed.objects(concept, SKOS.broader):
            assert (broader, SKOS.narrower, concept) in parsed  # inverse (S25)
            assert (broader, rdflib.RDF.type, SKOS.Concept) in parsed
    for scheme, top in parsed.subject_objects(SKOS.hasTopConcept):
        assert (top, SKOS.topConceptOf, scheme) in parsed  # inverse (S8)
    assert graph(seeded, "/v1/vocabularies/scales", representation)


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
