"""A cluster behind TLS and a password: a real nginx before a real node."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kb.search.engine import SearchUnavailable
from tests.builders import a_case
from tests.conftest import KnowledgeBase, need, until
from tests.durability.rounds import size, take_round
from tests.opensearch import clusters

pytestmark = [pytest.mark.opensearch, pytest.mark.slow]
USER, PASSWORD = "zoekgebruiker", "zeer-geheim-wachtwoord"
READING = r"/_search$|/_search/point_in_time$|/_doc/state:$|/_count$"  # all that a reader asks for
SECRETS = (USER, PASSWORD, "127.0.0.1", "localhost", "search.test")


@dataclass(frozen=True)
class Front:
    """Where nginx answers for the node, and who vouches for it."""

    port: int
    folder: Path

    def settings(self, **others: object) -> dict[str, object]:
        """Those of a knowledge base that uses it."""
        (self.folder / "password").write_text(f"{PASSWORD}\n")
        return {
            "search_url": f"https://localhost:{self.port}",
            "search_user": USER,
            "search_password_file": self.folder / "password",
            "search_ca_file": self.folder / "ca.pem",
            **others,
        }


def certify(folder: Path, *, host: str = "localhost", days: int = 2) -> None:
    """Write a CA, and a certificate of it for a host that ends in so many days."""
    now = datetime.now(UTC)
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test CA")])
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    builder = x509.CertificateBuilder(issuer).serial_number(x509.random_serial_number())
    first = now - timedelta(days=9)
    signed = [
        builder.subject_name(issuer)
        .public_key(keys[0].public_key())
        .not_valid_before(first)
        .not_valid_after(now + timedelta(days=9))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(keys[0], hashes.SHA256()),
        builder.subject_name(subject)
        .public_key(keys[1].public_key())
        .not_valid_before(first)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(keys[0], hashes.SHA256()),
    ]
    for name, certificate in zip(("ca.pem", "server.pem"), signed, strict=True):
        (folder / name).write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "server.key").write_bytes(
        keys[1].private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


Start = Callable[..., Front]


@pytest.fixture
def start(opensearch_url: str, tmp_path: Path) -> Iterator[Start]:
    """Start nginx before the node: `start(host=…, days=…, reading=True)`."""
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    need("nginx", Path(program).exists(), "apt-get install nginx")
    with ExitStack() as stack:

        def start(*, reading: bool = False, **certificate: object) -> Front:
            folder = tmp_path / f"nginx-{len(list(tmp_path.iterdir()))}"
            folder.mkdir()
            certify(folder, **certificate)  # type: ignore[arg-type]
            (folder / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n")
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = probe.getsockname()[1]
            (folder / "nginx.conf").write_text(_config(folder, port, opensearch_url, reading))
            command = [program, "-p", str(folder), "-e", f"{folder}/error", "-c", "nginx.conf"]
            process = subprocess.Popen(command)
            stack.callback(process.wait, 10)
            stack.callback(process.terminate)
            until(lambda: _listens(port))
            return Front(port, folder)

        yield start


def _config(folder: Path, port: int, node: str, reading: bool) -> str:
    paths = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{each}_temp_path {folder}/{each}; " for each in paths)
    passing = f"proxy_pass {node}; client_max_body_size 100m;"
    locations = f"location / {{ {passing} }}"
    if reading:
        locations = f'location ~ "{READING}" {{ {passing} }} location / {{ return 403; }}'
    user = "user root; " if os.geteuid() == 0 else ""  # whose the folder is
    return (
        f"{user}daemon off; pid {folder}/pid; events {{}} http {{ access_log off; {temporary}"
        f"server {{ listen 127.0.0.1:{port} ssl; "
        f"ssl_certificate {folder}/server.pem; ssl_certificate_key {folder}/server.key; "
        f"auth_basic search; auth_basic_user_file {folder}/users; {locations} }} }}"
    )


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def opened(opensearch_url: str, tmp_path: Path) -> Iterator[Callable[..., KnowledgeBase]]:
    """Open one knowledge base with these settings of a cluster, as often as nodes serve it."""
    with ExitStack() as stack:

        def opened(**settings: object) -> KnowledgeBase:
            kb = clusters.knowledge_base(tmp_path, **{"search_url": opensearch_url, **settings})
            stack.callback(kb.close)
            return kb

        yield opened
        clusters.delete(opened().engine)


def assert_refused(kb: KnowledgeBase, log: str, *, check: str, retry_after: str) -> None:
    """Lists say when to come back, single things go on, and nobody hears a secret."""
    refused = kb.client.get("/v1/cases?q=zoekwoord")
    ready = kb.client.get("/health/ready")

    assert (refused.status_code, refused.headers["Retry-After"]) == (503, retry_after)
    assert (ready.status_code, ready.json["checks"]["search"]) == (503, check)
    assert kb.client.get("/v1/cases/tuin").status_code == 200
    public = refused.text + ready.text + log
    assert not [each for each in (*SECRETS, "zoekwoord") if each in public]


def test_all_goes_through_tls_with_a_password(
    start: Start, opened: Callable[..., KnowledgeBase]
) -> None:
    kb = opened(**start().settings())
    kb.take()

    kb.publish(a_case("tuin", title="Samen tuinieren"))

    answer = kb.client.get("/v1/cases?q=tuinieren")
    assert [item["id"] for item in answer.json["items"]] == ["tuin"]
    assert kb.client.get("/health/ready").json["checks"]["search"] == "ok"


@pytest.mark.parametrize(
    ("certificate", "address"),
    [
        ({"days": -1}, "https://localhost:{}"),
        ({"host": "search.test"}, "https://localhost:{}"),
        ({}, "https://127.0.0.1:{}"),
    ],
    ids=["expired", "of another host", "by another name"],
)
def test_the_password_goes_to_no_other_cluster(
    certificate: dict[str, object],
    address: str,
    start: Start,
    opened: Callable[..., KnowledgeBase],
    caplog: pytest.LogCaptureFixture,
) -> None:
    writer = opened()
    writer.take()
    writer.publish(a_case("tuin"))
    front = start(**certificate)

    kb = opened(**front.settings(search_url=address.format(front.port)))

    assert_refused(kb, caplog.text, check="unavailable", retry_after="5")


def test_a_certificate_that_nobody_we_trust_has_signed(
    start: Start, opened: Callable[..., KnowledgeBase], caplog: pytest.LogCaptureFixture
) -> None:
    writer = opened()
    writer.take()
    writer.publish(a_case("tuin"))
    front, other = start(), start()

    kb = opened(**front.settings(search_ca_file=other.folder / "ca.pem"))

    assert_refused(kb, caplog.text, check="unavailable", retry_after="5")


def test_a_password_that_is_refused_is_an_alarm(
    start: Start, opened: Callable[..., KnowledgeBase], caplog: pytest.LogCaptureFixture
) -> None:
    writer = opened()
    writer.take()
    writer.publish(a_case("tuin"))
    front = start()
    settings = front.settings()
    (front.folder / "password").write_text("een-ander-wachtwoord")

    kb = opened(**settings)

    assert_refused(kb, caplog.text, check="no-access", retry_after="30")
    alarms = [each for each in caplog.records if "refuses our user" in each.message]
    assert [each.levelname for each in alarms] == ["ERROR"]


def test_a_node_that_may_only_read_goes_on_reading(
    start: Start, opened: Callable[..., KnowledgeBase]
) -> None:
    writer = opened()
    writer.take()
    writer.publish(a_case("tuin"))
    reader = opened(**start(reading=True).settings())
    assert reader.client.get("/v1/cases?facets=scale").json["page"]["totalItems"] == 1

    take_round(writer.database, 1)
    with pytest.raises(SearchUnavailable):
        reader.catch_up()
    assert reader.client.get("/v1/search?q=tuin").status_code == 200
    assert reader.client.get("/health/ready").json["checks"]["search"] == "ok"

    writer.catch_up()
    until(lambda: reader.client.get("/v1/cases").json["page"]["totalItems"] == 1 + size(1))
    assert reader.client.get("/v1/suggestions?q=tu").status_code == 200
    assert reader.client.get("/v1/cases?format=csv").status_code == 200
