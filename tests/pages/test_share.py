"""Pages tell those who pass them on what they are, how to refer to them and what to take along."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

import pytest

from kb.kinds import DOWNLOADS
from tests.conftest import PUBLIC_URL, KnowledgeBase
from tests.contract.addresses import local

CASE = "/casussen/place2bu-utrecht"
STUDY = "/onderzoeken/govind-2025"
PAGES = (
    *("/", "/zoeken", "/zoeken?q=wonen&scale=wijk", "/valkuilen", "/bestanddelen", "/vragen"),
    *("/zoeken?type=study&page=2", "/insluiten", CASE, STUDY, "/bestanddelen/buddy-systeem"),
)


class Head(HTMLParser):
    """The meta elements of a page, in their order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.metas: list[tuple[str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        name = attributes.get("property") or attributes.get("name")
        if tag == "meta" and name:
            self.metas.append((name, attributes.get("content") or ""))


def read(kb: KnowledgeBase, path: str) -> str:
    answer = kb.client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 200
    return answer.text


def metas(kb: KnowledgeBase, path: str) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for name, content in Head(read(kb, path)).metas:
        values.setdefault(name, []).append(content)
    return values


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_a_card(path: str, seeded: KnowledgeBase) -> None:
    values = metas(seeded, path)

    once = {name: values[0] for name, values in values.items() if len(values) == 1}
    assert once["og:url"] == f"{PUBLIC_URL}{path}"
    assert once["og:site_name"] == "Kennisbank gemengde wijken"
    assert once["og:locale"] == "nl_NL"
    assert once["og:type"] == ("article" if path.count("/") > 1 else "website")
    assert 20 < len(once["og:description"]) <= 201
    assert once["og:title"]
    assert "Kennisbank" not in once["og:title"]  # og:site_name says it
    picture = seeded.client.get(once["og:image"].removeprefix(PUBLIC_URL), buffered=True)
    assert (picture.status_code, picture.mimetype) == (200, "image/png")
    size = (int.from_bytes(picture.data[16:20]), int.from_bytes(picture.data[20:24]))
    assert size == (int(once["og:image:width"]), int(once["og:image:height"]))


def test_a_card_is_in_the_language_of_its_page(seeded: KnowledgeBase) -> None:
    values = metas(seeded, f"{CASE}?lang=en")

    assert values["og:locale"] == ["en_GB"]
    assert values["og:site_name"] == ["Knowledge base on mixed neighbourhoods"]
    assert values["og:url"] == [f"{PUBLIC_URL}{CASE}"]


def test_an_error_has_no_card(seeded: KnowledgeBase) -> None:
    answer = seeded.client.get("/casussen/nergens", headers={"Accept": "text/html"})

    assert answer.status_code == 404
    assert "og:title" not in answer.text


def test_a_study_can_be_taken_into_a_reference_manager(seeded: KnowledgeBase) -> None:
    values = metas(seeded, STUDY)

    study = seeded.client.get("/v1/studies/govind-2025").json
    assert values["citation_title"] == [study["title"]]
    assert values["citation_author"][0] == "Govind, Yajna"
    assert len(values["citation_author"]) == len(study["authors"])
    assert values["citation_publication_date"] == ["2025"]
    assert values["citation_journal_title"] == ["IZA / RFBerlin"]
    assert values["citation_public_url"] == [study["url"]]
    assert not [name for name in metas(seeded, CASE) if name.startswith("citation_")]


def test_a_study_and_a_case_say_how_to_refer_to_them(seeded: KnowledgeBase) -> None:
    study, case = (unescape(read(seeded, path)) for path in (STUDY, CASE))

    assert "Govind, Y., Melbourne, J., Signorelli, S., & Zink, E. (2025). The making of" in study
    title = seeded.client.get("/v1/cases/place2bu-utrecht").json["title"]
    assert f"). {title}. {PUBLIC_URL}{CASE}" in case
    assert "Kennisbank gemengde wijken. (20" in case


@pytest.mark.parametrize(("path", "collection"), [(CASE, "cases"), (STUDY, "studies")])
def test_each_finding_says_how_to_refer_to_it(
    path: str, collection: str, seeded: KnowledgeBase
) -> None:
    body = unescape(read(seeded, path))

    owner = seeded.client.get(f"/v1/{collection}/{path.rpartition('/')[2]}").json
    for each in owner["findings"]:
        end = "" if each["claim"].endswith(".") else "."
        assert f"(z.d.). {each['claim']}{end} {PUBLIC_URL}{path}#{each['id']}" in body


@pytest.mark.parametrize(
    ("path", "forms", "feed"),
    [
        ("/zoeken?q=wonen&scale=wijk", {"csv", "ndjson", "atom"}, "/v1/cases?q=wonen&scale=wijk"),
        ("/zoeken?type=study", {"csv", "ndjson", "bibtex", "ris", "atom"}, "/v1/studies?"),
        ("/valkuilen", {"csv", "ndjson", "atom"}, "/v1/pitfalls?"),
        ("/bestanddelen", {"csv", "ndjson", "atom"}, "/v1/ingredients?"),
        ("/vragen", {"csv", "ndjson", "atom"}, "/v1/questions?"),
        (CASE, {*DOWNLOADS, "ndjson", "jsonld", "turtle"}, ""),
        (STUDY, {*DOWNLOADS, "jsonld", "turtle"}, ""),
        ("/bestanddelen/buddy-systeem", {"atom"}, "/v1/cases?ingredient=buddy-systeem"),
    ],
)
def test_a_page_leads_to_its_files_and_its_feed(
    path: str, forms: set[str], feed: str, seeded: KnowledgeBase
) -> None:
    body = read(seeded, path).partition("<main")[2]
    links = [unescape(each) for each in re.findall(r'href="([^"]*[?;]format=[^"]*)"', body)]

    assert {re.findall("format=([a-z]+)", each)[0] for each in links} == forms
    assert any("csvSeparator=semicolon" in each for each in links) == ("csv" in forms)
    if feed:
        [followed] = [each for each in links if "format=atom" in each]
        assert followed.startswith(feed)
    for each in links:
        address = local(each) if each.startswith("http") else each
        assert seeded.client.get(address, buffered=True).status_code == 200


def test_the_front_page_leads_to_the_catalogue_of_data(seeded: KnowledgeBase) -> None:
    assert 'type="text/turtle" title="DCAT" href="/dcat"' in read(seeded, "/")
