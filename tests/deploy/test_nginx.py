"""nginx with our files: what it keeps, hides, refuses and says, before a real `kb serve`."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urljoin
from uuid import UUID, uuid4

import brotli
import pytest

from kb.server import MAX_BODY_BYTES
from tests.conftest import KnowledgeBase, run_folder, until
from tests.deploy.nginx import FILES, HOST, PUBLIC_CACHE, Answer, Site, install, running

LIST = "/v1/cases?pageSize=1"
SECRETS = [
    "/voorbeeld/GEHEIM-van-een-concept",
    "/volgen/bevestigen/GEHEIM-van-een-lezer",
    "/volgen/stoppen/GEHEIM-van-een-lezer",
    "/redactie/aanmelden/terug?code=GEHEIM&state=GEHEIM",
]


@contextmanager
def prepared(folder: Path) -> Iterator[Path]:
    """A folder whose `data` is a copy of the seeded knowledge base."""
    shutil.copytree(run_folder() / "seeded", folder / "data")
    yield folder


@pytest.fixture(scope="module")
def site(seeded: KnowledgeBase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """nginx and the application, for tests that leave both as they are."""
    folder = tmp_path_factory.mktemp("nginx")
    with (
        prepared(folder),
        running(folder, KB_ACCESS_LOG="on", KB_LOG_FORMAT="json") as made,
        made.application(),
    ):
        yield made


@pytest.fixture
def folder(seeded: KnowledgeBase, tmp_path: Path) -> Iterator[Path]:
    """The same data, for a test with an nginx of its own."""
    with prepared(tmp_path) as place:
        yield place


def cached(site: Site, path: str, **headers: str) -> Answer:
    """What comes out of the cache, at the second request."""
    site.get(path, **headers)
    answer = site.get(path, **headers)
    assert answer.cached in {"HIT", "STALE", "UPDATING"}, (path, answer)
    return answer


def test_nginx_takes_the_files_without_a_warning(tmp_path: Path) -> None:
    command = install(tmp_path, (8080, 8443, 8000), {})

    result = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)

    assert result.returncode == 0, result.stderr
    assert len(result.stderr.splitlines()) == 2, result.stderr  # "is ok" and "is successful"


def test_zones_have_names_of_their_own() -> None:
    text = (FILES / "kennisbank.conf").read_text()

    zones = re.findall(r"(?:zone|shared)[=:](\w+):", text)

    assert sorted(zones) == ["kennisbank", "kennisbank_requests", "kennisbank_tls"]


@pytest.mark.parametrize("path", [LIST, "/", "/casussen", "/static/site.css"])
def test_public_answers_come_from_the_cache(path: str, site: Site) -> None:
    assert cached(site, path).status == 200


def test_who_has_an_answer_gets_304_from_the_cache(site: Site) -> None:
    answer = cached(site, "/v1/cases?pageSize=2")

    again = site.get("/v1/cases?pageSize=2", If_None_Match=answer.headers["etag"])

    assert (again.status, again.body) == (304, b"")
    assert again.cached in {"HIT", "STALE", "UPDATING"}


@pytest.mark.parametrize("header", [{"Authorization": "Bearer x"}, {"Cookie": "a=b"}])
def test_who_says_who_they_are_gets_and_leaves_nothing_cached(
    header: dict[str, str], site: Site
) -> None:
    path = f"/v1/cases?pageSize={len(str(header))}"  # another for each

    before = [site.get(path, **header).cached for _ in range(2)]
    cached(site, path)
    after = site.get(path, **header).cached

    assert [*before, after] == ["BYPASS"] * 3


@pytest.mark.parametrize(
    "path", ["/redactie/aanmelden", "/redactie", "/v1/me", "/v1/drafts", "/health/ready", *SECRETS]
)
def test_what_is_private_or_of_now_is_never_cached(path: str, site: Site) -> None:
    answers = [site.get(path) for _ in range(3)]

    assert {answer.cached for answer in answers} <= {"MISS", "BYPASS", ""}
    assert {answer.headers["cache-control"] for answer in answers} == {"no-store"}


def test_encodings_and_languages_are_cached_apart(site: Site) -> None:
    plain = cached(site, "/casussen", Accept_Encoding="identity")
    packed = {
        name: cached(site, "/casussen", Accept_Encoding=name) for name in ("gzip", "br", "zstd")
    }
    english = cached(site, "/casussen", Accept_Encoding="identity", Accept_Language="en")
    data = cached(site, "/v1/cases", Accept="application/json")
    turtle = cached(site, "/v1/cases", Accept="application/atom+xml")

    assert "content-encoding" not in plain.headers
    assert {name: answer.headers["content-encoding"] for name, answer in packed.items()} == {
        name: name for name in packed
    }
    assert gzip.decompress(packed["gzip"].body) == plain.body
    assert brotli.decompress(packed["br"].body) == plain.body
    assert (plain.headers["content-language"], english.headers["content-language"]) == ("nl", "en")
    assert data.headers["content-type"] != turtle.headers["content-type"]


def test_editors_answers_are_not_compressed_by_nginx(site: Site) -> None:
    answer = site.get("/redactie/aanmelden", Accept_Encoding="gzip")

    assert answer.status == 200
    assert "content-encoding" not in answer.headers


def test_old_answers_are_renewed_in_the_background(site: Site) -> None:
    path = "/v1/studies?pageSize=1"
    cached(site, path)
    time.sleep(2.1)

    late = site.get(path)
    until(lambda: site.get(path).cached == "HIT")

    assert late.cached in {"STALE", "UPDATING"}


@pytest.mark.slow
def test_without_the_application_what_is_cached_goes_on(folder: Path) -> None:
    with running(folder, PUBLIC_CACHE="public, max-age=1") as site:
        with site.application():
            first = site.get(LIST)
            time.sleep(2.1)
            second = site.get(LIST)
        time.sleep(2.1)

        after = site.get(LIST)
        unseen = site.get("/v1/studies")
        page = site.get("/casussen", Accept="text/html,*/*")
        statuses = {site.get(path).status for path in SECRETS}
        logs = site.logs

    assert (first.cached, second.cached) == ("MISS", "REVALIDATED")
    assert first.body == second.body
    assert (after.status, after.cached, after.body) == (200, "STALE", first.body)
    assert (unseen.status, unseen.headers["content-type"]) == (503, "application/problem+json")
    assert json.loads(unseen.body)["status"] == 503
    assert unseen.headers["retry-after"] == "10"
    assert unseen.headers["cache-control"] == "no-store"
    assert (page.status, page.headers["content-type"]) == (503, "text/html; charset=utf-8")
    assert "<title>503</title>" in page.body.decode()
    assert statuses == {503}
    assert '"GET /volgen/stoppen/-" 503' in logs
    assert "GEHEIM" not in logs


@pytest.mark.slow
def test_a_cache_with_other_settings_goes_on_because_we_say_so(folder: Path) -> None:
    own = "proxy_cache_use_stale error timeout invalid_header http_500 http_502 http_503 http_504;"
    without_renewal = PUBLIC_CACHE.replace(", stale-while-revalidate=600", "")
    with running(folder, replaced={own: ""}, PUBLIC_CACHE=without_renewal) as site:
        with site.application():
            first = site.get(LIST)
        time.sleep(2.1)

        after = site.get(LIST)

    assert (after.status, after.cached, after.body) == (200, "STALE", first.body)


def test_secrets_and_what_people_look_for_are_in_no_log(site: Site) -> None:
    for path in SECRETS:
        site.get(path, Referer=f"https://{HOST}{path}")
        site.get(f"/kennisbank{path}")
        site.get_insecurely(path)
    site.get("/v1/cases?q=schuldhulp", X_Test_Visitor="127.34.56.78", Authorization="Bearer GEHEIM")
    log = site.folder / "kennisbank.log"
    until(lambda: '"GET /v1/cases" 200' in log.read_text())

    assert "GEHEIM" not in site.logs
    assert "schuldhulp" not in site.logs
    assert " 127.34.56.0 " in log.read_text()
    assert "127.34.56.78" not in log.read_text()


def test_a_request_has_one_number_in_both_logs_and_in_its_problem(site: Site) -> None:
    chosen = uuid4()
    answer = site.get("/v1/cases/bestaat-niet", X_Request_Id=chosen.hex)

    number = UUID(json.loads(answer.body)["instance"])
    of_nginx, of_application = site.folder / "kennisbank.log", site.folder / "data" / "server.log"
    until(lambda: f" {number.hex}\n" in of_nginx.read_text())
    until(lambda: f'"requestId": "{number}"' in of_application.read_text())
    (line,) = (each for each in of_nginx.read_text().splitlines() if number.hex in each)
    assert '"GET /v1/cases/bestaat-niet" 404 ' in line
    assert number != chosen


@pytest.mark.parametrize(
    "path", ["/metrics", "/metrics/", "//metrics", "/%6detrics", "/over/../metrics", "/k/metrics"]
)
def test_figures_for_operators_are_not_public(path: str, site: Site) -> None:
    answer = site.get(path)

    assert answer.status == 404
    assert "api-version" not in answer.headers  # nginx says so, not the application


@pytest.mark.slow
def test_who_asks_too_often_is_refused(folder: Path) -> None:
    with running(folder, replaced={"rate=20r/s": "rate=1r/m"}) as site:
        answers = [site.get("/over", X_Test_Visitor="2001:db8:1::1") for _ in range(102)]
        neighbour = site.get("/over", X_Test_Visitor="2001:db8:1::2:0:0:2")
        other = site.get("/over", X_Test_Visitor="2001:db8:1:1::1")
        older = [site.get("/over", X_Test_Visitor="192.0.2.1") for _ in range(102)]

    refused = answers[-1]
    assert [answer.status for answer in answers] == [503] * 101 + [429]  # nobody answers behind it
    assert json.loads(refused.body)["status"] == 429
    assert (refused.headers["retry-after"], refused.cached) == ("1", "")
    assert neighbour.status == 429
    assert other.status == 503
    assert [answer.status for answer in older] == [503] * 101 + [429]


@pytest.mark.slow
def test_a_visitor_cannot_choose_an_address(folder: Path) -> None:
    with running(folder, KB_RATE_LIMIT="2 per hour") as site, site.application():
        first = [
            site.get(
                f"/v1/cases?page={n}", X_Forwarded_For=f"192.0.2.{n}", Forwarded="for=192.0.2.9"
            )
            for n in range(1, 4)
        ]
        other = site.get("/v1/cases?page=5", X_Test_Visitor="198.51.100.7")

    assert [answer.status for answer in first] == [200, 200, 429]
    assert other.status == 200


def test_uploads_may_be_as_large_as_for_the_application(site: Site) -> None:
    text = (FILES / "kennisbank.conf").read_text()
    ours = site.send("POST", "/v1/imports", b" " * 2**23, Content_Type="application/json")
    nginx = site.send("POST", "/v1/imports", None, Content_Length=str(MAX_BODY_BYTES + 1))

    assert f"client_max_body_size {MAX_BODY_BYTES >> 20}m;" in text
    assert "api-version" in ours.headers
    assert (nginx.status, json.loads(nginx.body)["status"]) == (413, 413)


def test_http_leads_to_https_and_nowhere_else(site: Site) -> None:
    answer = site.get_insecurely("/casussen?q=a%2Fb")
    elsewhere = site.get_insecurely("/over", Host="elders.example")

    assert (answer.status, answer.headers["location"]) == (301, f"https://{HOST}/casussen?q=a%2Fb")
    assert elsewhere.headers["location"] == f"https://{HOST}/over"


def test_hsts_has_one_header(site: Site) -> None:
    answer = site.get("/over")

    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert f"https://{HOST}/" in site.get("/v1/cases").body.decode()


def test_authorities_find_the_proof_of_a_new_certificate(site: Site) -> None:
    place = site.folder / "html" / ".well-known" / "acme-challenge" / "proof"
    place.parent.mkdir(parents=True)
    place.write_text("proof")

    assert site.get_insecurely("/.well-known/acme-challenge/proof").body == b"proof"


def test_who_sends_headers_too_slowly_is_let_go(folder: Path) -> None:
    faster = {"client_header_timeout 30s;": "client_header_timeout 1s;"}
    with running(folder, replaced=faster) as site:
        address = ("127.0.0.1", site.https_port)
        with closing(socket.create_connection(address, timeout=30)) as client:
            client.sendall(b"\x16")

            assert client.recv(1) == b""


@pytest.mark.slow
def test_a_site_may_stand_below_a_path(folder: Path) -> None:
    below = {"    location / {\n        include": "    location /kennisbank/ {\n        include"}
    with running(folder, "/kennisbank", below) as site, site.application():
        page = site.get("/kennisbank/casussen")
        files = re.findall(r'(?:href|src)="([^"]+\.(?:css|js|svg))"', page.body.decode())
        statuses = {site.get(urljoin("/kennisbank/casussen", each)).status for each in files}
        item = json.loads(site.get("/kennisbank/v1/cases?pageSize=1").body)["items"][0]
        address = item["_links"]["html"]["href"]
        redirect = site.get("/kennisbank")
        beside = site.get("/casussen")
        second = cached(site, "/kennisbank/casussen")

    assert (page.status, statuses, second.status) == (200, {200}, 200)
    assert address.startswith(f"https://{HOST}/kennisbank/casussen/")
    assert (redirect.status, redirect.headers["location"].partition("//")[2]) == (
        301,
        f"{HOST}:{site.https_port}/kennisbank/",
    )
    assert (beside.status, "api-version" in beside.headers) == (404, False)
