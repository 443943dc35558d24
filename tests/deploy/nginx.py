"""A real nginx with the files of `deploy/nginx`, before a real `kb serve`."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path

import kb.web.headers
from tests.conftest import need, until

FILES = Path(__file__).parents[2] / "deploy" / "nginx"
HOST = "kennisbank.example.org"
PUBLIC_CACHE = kb.web.headers.PUBLIC_CACHE.replace("max-age=60", "max-age=1")
SERVE = """
import os

import kb.web.headers

kb.web.headers.PUBLIC_CACHE = os.environ["PUBLIC_CACHE"]
from kb.cli.main import main

main(["serve"])
"""
# As Debian's own file does, down to what ours must not take over from it.
MAIN = """
daemon off; {user} pid {folder}/pid; worker_processes 1; error_log {folder}/error.log;
events {{ worker_connections 768; }}
http {{
    {temporary}
    types_hash_max_size 2048;
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3;
    access_log {folder}/access.log;
    gzip on;
    set_real_ip_from 127.0.0.0/8; real_ip_header X-Test-Visitor;
    include conf.d/*.conf;
}}
"""


@dataclass(frozen=True)
class Answer:
    """What came back; names of headers in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def cached(self) -> str:
        """What nginx says of its cache, as HIT."""
        return self.headers.get("x-cache-status", "")


@dataclass
class Site:
    """nginx and the application behind it."""

    folder: Path
    http_port: int
    https_port: int
    kb_port: int
    environment: dict[str, str]

    def get(self, path: str, **headers: str) -> Answer:
        """Ask by https; `_` in names of headers is `-`."""
        return self.send("GET", path, None, **headers)

    def send(self, method: str, path: str, body: bytes | None, **headers: str) -> Answer:
        """The same with a body; nobody looks at who signed the certificate."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection = HTTPSConnection("127.0.0.1", self.https_port, timeout=60, context=context)
        return self._send(connection, path, method, body, headers)

    def get_insecurely(self, path: str, **headers: str) -> Answer:
        """Ask by http."""
        connection = HTTPConnection("127.0.0.1", self.http_port, timeout=60)
        return self._send(connection, path, "GET", None, headers)

    @staticmethod
    def _send(
        connection: HTTPConnection,
        path: str,
        method: str,
        body: bytes | None,
        headers: Mapping[str, str],
    ) -> Answer:
        sent = {"Host": HOST} | {name.replace("_", "-"): each for name, each in headers.items()}
        try:
            connection.request(method, path, body, sent)
            response = connection.getresponse()
            names = {name.lower(): each for name, each in response.getheaders()}
            return Answer(response.status, names, response.read())
        finally:
            connection.close()

    @property
    def logs(self) -> str:
        """All that nginx has written into files, its cache too."""
        files = [file for file in self.folder.rglob("*") if file.is_file()]
        return "".join(file.read_text("latin-1") for file in files if "data" not in file.parts)

    @contextmanager
    def application(self) -> Iterator[None]:
        """Serve until the block ends."""
        with (self.folder / "data" / "server.log").open("a") as out:
            command = [sys.executable, "-c", SERVE]
            process = subprocess.Popen(command, env=self.environment, stdout=out, stderr=out)
            try:
                until(lambda: process.poll() is None and listens(self.kb_port))
                yield
            finally:
                process.terminate()
                process.wait(60)


def listens(port: int) -> bool:
    """Whether somebody answers there."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
        return True
    return False


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def program() -> str:
    """The nginx of this machine, or the test is skipped."""
    place = shutil.which("nginx") or "/usr/sbin/nginx"
    need("nginx", Path(place).exists(), "apt-get install nginx")
    return place


def install(folder: Path, ports: tuple[int, int, int], replaced: Mapping[str, str]) -> list[str]:
    """Put the files below a folder as Debian has them; returns the command that runs nginx."""
    http, https, kb = ports
    need("openssl", shutil.which("openssl") is not None, "apt-get install openssl")
    certificate = ["-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")]
    request = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj".split()
    subprocess.run([*request, f"/CN={HOST}", *certificate], check=True, capture_output=True)
    places = {
        "listen [::]:80;": "",
        "listen [::]:443 ssl http2;": "",
        "listen 80;": f"listen 127.0.0.1:{http};",
        "listen 443 ": f"listen 127.0.0.1:{https} ",
        "server 127.0.0.1:8000;": f"server 127.0.0.1:{kb};",
        f"/etc/letsencrypt/live/{HOST}/": f"{folder}/",
        "/var/cache/kennisbank": f"{folder}/cache",
        "/var/log/nginx/": f"{folder}/",
        "/var/www/html": f"{folder}/html",
        **replaced,
    }
    for name, place in (("kennisbank.conf", "conf.d"), ("kennisbank-proxy.conf", "snippets")):
        content = (FILES / name).read_text()
        for old, new in places.items():
            content = content.replace(old, new)
        (folder / place).mkdir()
        (folder / place / name).write_text(content)
    temporary = "".join(
        f"{each}_temp_path {folder}/{each};"
        for each in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.geteuid() == 0 else ""  # else its workers may not read the folder
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder, temporary=temporary, user=user))
    return [program(), "-p", str(folder), "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf"]


@contextmanager
def running(
    folder: Path, path: str = "", replaced: Mapping[str, str] | None = None, **settings: str
) -> Iterator[Site]:
    """nginx alone, before an application that can be started; stopped when the block ends.

    `folder` has the data of the application in `data`; `path` is that of its public address;
    `replaced` are texts of the configuration, and what stands there instead.
    """
    http, https, kb = free_ports(3)
    command = install(folder, (http, https, kb), replaced or {})
    environment = os.environ | {
        "PUBLIC_CACHE": PUBLIC_CACHE,
        "KB_DATA_DIR": str(folder / "data"),
        "KB_PORT": str(kb),
        "KB_PUBLIC_URL": f"https://{HOST}{path}",
        "KB_TRUSTED_PROXIES": "1",
        "KB_WORKERS": "1",
        **settings,
    }
    process = subprocess.Popen(command)
    try:
        until(lambda: listens(https))
        yield Site(folder, http, https, kb, environment)
    finally:
        process.terminate()
        process.wait(20)
