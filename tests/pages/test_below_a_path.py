"""Behind a proxy that shows us below a path, no link, file or form of a page leaves that path."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest
from flask.testing import FlaskClient

from kb.app import create_app
from kb.settings import Settings
from tests.conftest import KnowledgeBase

HOST, BELOW = "http://kennisbank.test", "/kennis"
LINK = re.compile(r'\b(?:href|src|action|srcset|data-href)="([^"]*)"')
FIRST = (
    *("/", "/zoeken?q=sloop&scale=wijk", "/casussen?page=2", "/valkuilen", "/bestanddelen"),
    *("/vragen", "/onderzoeken", "/bevindingen", "/docs", "/insluiten", "/werkwijze"),
    *("/embed/zoeken?q=sloop", "/embed/casus/place2bu-utrecht", "/casussen/bestaat-niet"),
    *("/kaart-van-het-bewijs?rows=strategy", "/embed/kaart-van-het-bewijs?rows=strategy"),
    "/insluiten/kaart-van-het-bewijs",
    *(
        "/casussen/place2bu-utrecht?lang=en",
        "/casussen/gemengd-wonen-in-een-complex",
        "/problems/not-found",
    ),
    "/bestanddelen/buddy-systeem",
)
PER_KIND = 15  # links that are followed to each kind of page


@pytest.fixture
def client(seeded: KnowledgeBase) -> Iterator[FlaskClient]:
    """The first cases as they answer when the world reaches them below a path."""
    settings: Settings = seeded.app.extensions["kb"].settings
    below = Settings(data_dir=settings.data_dir, public_url=f"{HOST}{BELOW}")
    app = create_app(below, serving=False)
    yield app.test_client()
    app.extensions["kb"].search.close()
    app.extensions["kb"].database.dispose()


def test_no_link_leaves_the_path_and_each_leads_somewhere(client: FlaskClient) -> None:
    waiting = [f"{HOST}{BELOW}{path}" for path in FIRST]
    seen, counted = set(waiting), dict[str, int]()
    while waiting:
        address = waiting.pop()
        split = urlsplit(address)
        inner = split.path.removeprefix(BELOW)  # as a proxy passes it on
        query = f"?{split.query}" if split.query else ""
        answer = client.get(f"{inner}{query}", headers={"Accept": "text/html"}, buffered=True)
        if answer.status_code == 303:  # to where editors sign in
            waiting.append(urljoin(address, answer.headers["Location"]))
            continue
        missing = "bestaat-niet" in address
        assert answer.status_code == (404 if missing else 200), address
        if answer.mimetype != "text/html":
            continue
        for link in LINK.findall(answer.text):
            target = urljoin(address, unescape(link)).partition("#")[0]
            if not target.startswith(f"{HOST}/"):
                continue  # of another site, or an address to write to
            assert target.startswith(f"{HOST}{BELOW}/"), (address, link)
            kind = "/".join(urlsplit(target).path.split("/")[:3])  # "/kennis/casussen"
            if target not in seen and counted.setdefault(kind, 0) < PER_KIND:
                seen.add(target)
                counted[kind] += 1
                if "/v1/" not in target:  # the API tells its own addresses
                    waiting.append(target)

    assert len(seen) > 60


def test_a_proxy_may_leave_the_path_in_the_address(client: FlaskClient) -> None:
    for path in ("", "/", "/static/site.css", "/v1/cases", "/casussen/place2bu-utrecht"):
        assert client.get(f"{BELOW}{path}", buffered=True).status_code == 200
    assert client.get("/kennisbank").status_code == 404


def test_addresses_of_the_api_are_below_the_path(client: FlaskClient) -> None:
    answer = client.get("/v1/cases?q=sloop&pageSize=1")
    links = [answer.json["items"][0]["_links"]["html"], *answer.json["_links"].values()]

    assert all(each["href"].startswith(f"{HOST}{BELOW}/") for each in links)
    for script, wanted in (
        ("static/site.js", "../v1/suggestions"),
        ("docs/docs.js", "../v1/openapi.json"),
    ):
        text = client.get(f"/{script}", buffered=True).text
        assert wanted in text
        assert not re.search(r"""["'`]/(v1|static|embed|docs)""", text)
    assert client.get("/sitemap.xml").text.count(f"<loc>{HOST}{BELOW}/") > 100
