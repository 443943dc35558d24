"""KB_PUBLIC_URL with a path: files, oEmbed and a real proxy that takes the path away."""

from __future__ import annotations

import re
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from email.message import Message
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urljoin
from urllib.request import Request, urlopen

import pytest
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from kb.app import create_app
from kb.settings import Settings
from tests.conftest import KnowledgeBase, need

PREFIX = "/kennis"
HOST = "http://kennisbank.test"
BASE = HOST + PREFIX


@pytest.fixture(scope="module")
def client(seeded: KnowledgeBase) -> FlaskClient:
    """A client of the seeded knowledge base as it answers below a path."""
    folder = Path(seeded.app.extensions["kb"].settings.data_dir)
    return create_app(Settings(data_dir=folder, public_url=BASE), serving=False).test_client()


def stripped(address: str) -> str:
    """What reaches us of an address of ours behind the proxy."""
    assert address.startswith(f"{BASE}/"), f"{address} is not below {BASE}"
    path = address.removeprefix(BASE)
    assert not path.startswith(f"{PREFIX}/"), f"{address} has the path twice"
    return path.partition("#")[0]


@pytest.mark.parametrize("path", ["/docs", "/over", "/gemengd%20wonen", "/caf%C3%A9"])
def test_any_path_will_do(seeded: KnowledgeBase, path: str) -> None:
    folder = Path(seeded.app.extensions["kb"].settings.data_dir)
    app = create_app(Settings(data_dir=folder, public_url=HOST + path), serving=False)
    client = app.test_client()

    assert client.get("/docs/docs.js", buffered=True).status_code == 200
    assert "<h1" in client.get("/over").text
    if path not in {"/docs", "/over"}:  # which only the proxy can tell from pages of ours
        assert client.get(f"{path}/docs/docs.js", buffered=True).status_code == 200


def test_links_of_answers_and_files_are_below_the_path(client: FlaskClient) -> None:
    cases = client.get("/v1/cases?pageSize=1")
    for address in re.findall(r"<([^>]+)>", cases.headers["Link"]):
        if address.startswith(HOST):
            stripped(address)
    for each in cases.json["items"][0]["_links"].values():
        stripped(each["href"])
    for path in ("/opensearch.xml", "/dcat.ttl", "/v1/cases?format=atom", "/robots.txt"):
        for address in re.findall(rf"{HOST}[^\s\"'<>]*", client.get(path).text):
            assert f"{address}/".startswith(f"{BASE}/"), (path, address)
            assert PREFIX * 2 not in address
    assert f"Disallow: {PREFIX}/v1/search\n" in client.get("/robots.txt").text


def test_oembed_takes_addresses_below_the_path_only(client: FlaskClient) -> None:
    page = cases_page(client)
    answer = client.get("/v1/oembed", query_string={"url": page})
    assert answer.status_code == 200
    assert f'src="{BASE}/embed/casus/' in answer.json["html"]
    beside = page.replace(PREFIX, f"{PREFIX}bank")
    assert client.get("/v1/oembed", query_string={"url": beside}).status_code == 404


def cases_page(client: FlaskClient) -> str:
    """The address of the page of a case."""
    address: str = client.get("/v1/cases").json["items"][0]["_links"]["html"]["href"]
    return address


@pytest.fixture
def nginx(client: FlaskClient, tmp_path: Path) -> Iterator[str]:
    """The address of a real nginx that strips the path, before the application."""
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    need("nginx", Path(program).exists(), "apt-get install nginx")
    server = make_server("127.0.0.1", 0, client.application, threaded=True)
    often = {"poll_interval": 0.01}  # seconds between two looks whether it must end
    threading.Thread(target=server.serve_forever, kwargs=often, daemon=True).start()
    probe = make_server("127.0.0.1", 0, client.application)  # a port that is free
    port = probe.port
    probe.server_close()
    temporary = "".join(
        f"{each}_temp_path {tmp_path}/{each};"
        for each in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (tmp_path / "nginx.conf").write_text(
        f"daemon off; pid {tmp_path}/pid; events {{}} http {{ access_log off; {temporary}"
        f"server {{ listen 127.0.0.1:{port}; location {PREFIX}/ "
        f"{{ proxy_pass http://127.0.0.1:{server.port}/; }} }} }}"
    )
    command = [program, "-p", str(tmp_path), "-e", f"{tmp_path}/error", "-c", "nginx.conf"]
    process = subprocess.Popen(command)
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(10)
    server.shutdown()


def fetched(address: str) -> tuple[int, str]:
    """Status and text; waits for a server that is being started."""
    for _ in range(100):
        try:
            with urlopen(address, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as error:
            return error.code, ""
        except URLError:
            time.sleep(0.05)
    raise AssertionError(f"{address} does not answer")


@pytest.mark.parametrize("page", ["/", "/embed/zoeken", "/docs", "/insluiten"])
def test_behind_nginx_pages_have_their_style_and_scripts(nginx: str, page: str) -> None:
    status, text = fetched(f"{nginx}{PREFIX}{page}")
    files = re.findall(r'(?:href|src)="([^"]+\.(?:css|js|svg))"', text)
    assert status == 200
    assert files
    for each in files:
        assert fetched(urljoin(f"{nginx}{PREFIX}{page}", each))[0] == 200, each


def test_behind_nginx_texts_are_compressed_and_304_for_who_has_them(nginx: str) -> None:
    def fetch(**headers: str) -> tuple[int, Message]:
        request = Request(f"{nginx}{PREFIX}/v1/cases", headers={"Accept-Encoding": "gzip"})
        for name, value in headers.items():
            request.add_header(name, value)
        try:
            with urlopen(request, timeout=10) as answer:
                return answer.status, answer.headers
        except HTTPError as error:
            return error.code, error.headers

    fetched(f"{nginx}{PREFIX}/v1/cases")  # it listens
    status, headers = fetch()
    assert (status, headers["Content-Encoding"]) == (200, "gzip")
    assert fetch(**{"If-None-Match": headers["ETag"]})[0] == 304
