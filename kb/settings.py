"""Every setting: its type, unit and default; read once from the environment."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import quote, urlsplit

from limits import parse_many
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

Ancestors = Literal["everyone", "partners"]
Encryption = Literal["starttls", "tls", "none"]
LogFormat = Literal["text", "json"]
CHOICES = {"Ancestors": Ancestors, "Encryption": Encryption, "LogFormat": LogFormat}
MAX_SESSION_HOURS = 12
PRESENT_FILES = {
    *("KB_SMTP_PASSWORD_FILE", "KB_OIDC_CLIENT_SECRET_FILE"),
    *("KB_SEARCH_PASSWORD_FILE", "KB_SEARCH_CA_FILE"),
}
HIGHEST = {  # of a number: beyond it a slip, or more than the machine or the calendar has
    **{"KB_WORKERS": 256, "KB_THREADS": 256, "KB_DATABASE_POOL_SIZE": 1000},
    **{"KB_AUDIT_DAYS": 36_500, "KB_INDEX_WAIT": 3600},
    **{"KB_SEARCH_SHARDS": 1024, "KB_SEARCH_REPLICAS": 100, "KB_TRUSTED_PROXIES": 10},
}
OF_TESTS = "KB_TEST_"  # what variables begin with that are no settings of an installation
EMAIL = r"[A-Za-z0-9._%+-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}"  # what mailto: takes as it is


class BadSetting(ValueError):
    """A setting in the environment cannot be used; the text says which and why."""


@dataclass(frozen=True)
class Settings:
    """How this installation runs. Field `data_dir` is read from `KB_DATA_DIR`, and so on."""

    data_dir: Path = Path("var")
    database_url: str = ""  # SQLite in the data directory when empty
    database_read_url: str = ""  # a replica that lags, for anonymous readers; none when empty
    database_pool_size: int = 0  # connections for requests of a process; 2 × threads + 4 when 0
    public_url: str = ""  # without a slash at the end; where it listens when empty
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 2  # processes of the WSGI server
    threads: int = 8  # requests that each of them works on at a time
    metrics_port: int = 0  # where Prometheus reads metrics; nowhere when empty
    metrics_host: str = "127.0.0.1"
    log_format: LogFormat = "text"  # or an object of JSON on each line
    access_log: bool = False  # log each request too
    audit_days: int = 365  # that acts of editors and operators stay in the audit log
    search_report: bool = False  # count what several people looked for and did not find
    images_dir: Path | None = None  # files of images; “images” in the data directory when empty
    four_eyes: bool = True  # nobody publishes their own draft
    practice_notes: bool = True  # readers may send in experience, questions and nominations
    rate_limit: str = ""  # how often one address may ask, as “100 per minute”; empty: no limit
    rate_limit_storage: str = "memory://"  # of each process, or redis://… for all together
    trusted_proxies: int = 0  # how many proxies before us tell the visitor's address
    index_wait: float = 10.0  # seconds that a writer waits for the index lock
    search_url: str = ""  # of a shared cluster of OpenSearch, “a; b”; when empty: data directory
    search_alias: str = "kennisbank"  # begins the names of our indexes there
    search_ca_file: Path | None = None  # who vouches for its certificate; the system's when empty
    search_user: str = ""  # when it wants to know who we are
    search_password_file: Path | None = None  # the password on its only line
    search_shards: int = 1  # of an index that is made; for millions of documents more
    search_replicas: int = 1  # copies of each shard on other nodes of the cluster
    embed_ancestors: Ancestors = "everyone"  # who may frame our embeds
    publisher_name: str = ""  # the organisation behind this installation, for catalogues of data
    publisher_uri: str = ""  # its address in a register of organisations
    contact_email: str = ""  # where users of the API and readers of the pages can write to
    texts_dir: Path | None = None  # the operator's own pages, as over.md
    smtp_host: str = ""  # that takes our e-mail; nobody can follow by e-mail when empty
    smtp_port: int = 587
    smtp_encryption: Encryption = "starttls"  # from the first byte: tls; none: for this machine
    smtp_user: str = ""  # when it wants to know who we are
    smtp_password_file: Path | None = None  # the password on its only line
    mail_from: str = ""  # the address that our e-mail comes from, and that bounces go to
    mail_key_file: Path | None = None  # of addresses not confirmed yet; made in the data directory
    oidc_issuer: str = ""  # identity provider of the organisation; only tokens sign in when empty
    oidc_name: str = ""  # of the organisation, as the sign-in page calls it
    oidc_client_id: str = ""  # who we are for the provider
    oidc_client_secret_file: Path | None = None  # the secret on its only line
    oidc_scopes: str = "openid profile email"
    oidc_role_claim: str = "roles"  # where the provider says what somebody may do
    oidc_editor_values: str = ""  # values of that claim that make an editor: “a; b”
    oidc_publisher_values: str = ""  # and those that make a publisher
    oidc_email_domains: str = ""  # of who may sign in: “a.nl; b.nl”; empty: all
    oidc_session_hours: float = 12.0  # how long who signed in there stays signed in here

    def __post_init__(self) -> None:
        if not self.database_url:
            place = (self.data_dir / "kb.sqlite3").absolute()
            object.__setattr__(self, "database_url", f"sqlite:///{quote(str(place))}")
        if not self.public_url:
            here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104
            object.__setattr__(self, "public_url", f"http://{_in_address(here)}:{self.port}")

    @property
    def address(self) -> str:
        """Where the server listens: host and port."""
        return f"{_in_address(self.host)}:{self.port}"

    @property
    def metrics_address(self) -> str:
        """Where metrics are read: host and port."""
        return f"{_in_address(self.metrics_host)}:{self.metrics_port}"

    @property
    def pool_size(self) -> int:
        """Connections to the database that the requests of a process have open at most."""
        return self.database_pool_size or 2 * self.threads + 4  # each thread may read and write

    @property
    def sends_mail(self) -> bool:
        """Whether lists can be followed by e-mail."""
        return bool(self.smtp_host)

    @property
    def mail_key_path(self) -> Path:
        """The file with the key of addresses that are not confirmed yet."""
        return self.mail_key_file or self.data_dir / "mail.key"

    @property
    def images_path(self) -> Path:
        """Where the files of images live; nodes share it, or the operator copies it to each."""
        return self.images_dir or self.data_dir / "images"

    @property
    def index_dir(self) -> Path:
        """Where the search index lives; it can be made again from the database."""
        return self.data_dir / "index"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read every `KB_…` variable that is set. Raises BadSetting; nothing is guessed."""
        environment = os.environ if environment is None else environment
        values: dict[str, Any] = {
            field.name: _read(f"KB_{field.name.upper()}", field.type, text)
            for field in fields(cls)
            if (text := environment.get(f"KB_{field.name.upper()}", "").strip())
        }
        if bool(values.get("smtp_host")) != bool(values.get("mail_from")):
            raise BadSetting("KB_SMTP_HOST and KB_MAIL_FROM go together: set both, or neither.")
        if bool(values.get("smtp_user")) != bool(values.get("smtp_password_file")):
            raise BadSetting("KB_SMTP_USER and KB_SMTP_PASSWORD_FILE go together.")
        _check_identity_provider(values)
        if bool(values.get("search_user")) != bool(values.get("search_password_file")):
            raise BadSetting("KB_SEARCH_USER and KB_SEARCH_PASSWORD_FILE go together.")
        settings = cls(**values)
        if settings.metrics_port == settings.port:
            raise BadSetting("KB_METRICS_PORT must be another port than KB_PORT.")
        _check_database(settings)
        return settings


def split_values(text: str) -> tuple[str, ...]:
    """The values of a setting that has several, as “a; b”."""
    return tuple(value for part in text.split(";") if (value := part.strip()))


def slips(environment: Mapping[str, str] = os.environ) -> Iterator[str]:
    """A sentence for each variable that looks like a setting and is none: it changes nothing."""
    names = [f"KB_{field.name.upper()}" for field in fields(Settings)]
    for name, text in environment.items():
        is_ours = name.upper().startswith("KB_") and not name.startswith(OF_TESTS)
        if is_ours and name not in names and text.strip():
            meant = get_close_matches(name.upper(), names, n=1)
            hint = f"did you mean {meant[0]}?" if meant else "docs/operating.md has those that are."
            yield f"{name} is no setting and changes nothing; {hint}"


def _check_database(settings: Settings) -> None:
    """Raise BadSetting for a replica of SQLite, and for a pool that lets all threads wait."""
    if settings.database_read_url and not settings.database_url.startswith("postgresql"):
        raise BadSetting(
            "KB_DATABASE_READ_URL and KB_DATABASE_URL go together: one is a copy of the other."
        )
    if settings.pool_size <= settings.threads:  # each has a connection, and wants another to write
        raise BadSetting(
            f"KB_DATABASE_POOL_SIZE must be more than KB_THREADS ({settings.threads}), "
            f"not {settings.pool_size}."
        )


def _check_identity_provider(values: Mapping[str, Any]) -> None:
    """Raise BadSetting when what signing in at an organisation takes is not all there."""
    needed = ("oidc_issuer", "oidc_name", "oidc_client_id", "oidc_client_secret_file")
    missing = [f"KB_{name.upper()}" for name in needed if name not in values]
    if missing and any(name.startswith("oidc_") for name in values):
        raise BadSetting(f"KB_OIDC_… go together: set {' and '.join(missing)} too, or none.")
    if missing:
        return
    if not {"oidc_editor_values", "oidc_publisher_values"} & values.keys():
        raise BadSetting(
            "KB_OIDC_… go together: KB_OIDC_EDITOR_VALUES or KB_OIDC_PUBLISHER_VALUES says who "
            "may do what."
        )
    if "openid" not in values.get("oidc_scopes", "openid").split():
        raise BadSetting("KB_OIDC_SCOPES must have openid.")
    if values.get("oidc_session_hours", 1) > MAX_SESSION_HOURS:
        raise BadSetting(f"KB_OIDC_SESSION_HOURS is out of range: {MAX_SESSION_HOURS} at most.")


def is_safe_address(text: str) -> bool:
    """Whether nobody reads along: https, or a server on this machine."""
    if not _is_address(text):
        return False
    address = urlsplit(text)
    return address.scheme == "https" or address.hostname in {"127.0.0.1", "::1", "localhost"}


def _read(name: str, kind: object, text: str) -> Path | str | int | float | bool:
    """Turn the text of a setting into its type. Raises BadSetting."""
    if kind == "bool":
        if text.lower() not in {"on", "off"}:
            raise BadSetting(f"{name} must be on or off, not {text!r}.")
        return text.lower() == "on"
    choices = get_args(CHOICES.get(str(kind)))
    if choices and text not in choices:
        raise BadSetting(f"{name} must be {' or '.join(choices)}, not {text!r}.")
    if kind in {"int", "float"}:
        return _number(name, text, is_whole=kind == "int")
    if name in {"KB_DATABASE_URL", "KB_DATABASE_READ_URL"}:
        return _database_url(name, text)
    if name.startswith("KB_RATE_LIMIT"):
        return _limit(name, text)
    if name in {"KB_PUBLIC_URL", "KB_PUBLISHER_URI"}:
        if not _is_address(text):
            raise BadSetting(f"{name} must be an address like https://example.org, not {text!r}.")
        return text.rstrip("/")
    if name == "KB_OIDC_ISSUER":
        if not is_safe_address(text):
            raise BadSetting(f"{name} must be an address like https://login.example.org.")
        return text.rstrip("/")
    if name in {"KB_HOST", "KB_METRICS_HOST", "KB_SMTP_HOST"}:
        return _host(name, text)
    if name in {"KB_CONTACT_EMAIL", "KB_MAIL_FROM"} and not re.fullmatch(EMAIL, text):
        raise BadSetting(f"{name} must be an address like kennisbank@example.org, not {text!r}.")
    if name == "KB_TEXTS_DIR" and not Path(text).is_dir():
        raise BadSetting(f"{name} must be a folder that is there, not {text!r}.")
    if name == "KB_SEARCH_URL":
        return "; ".join(_node_of_cluster(name, each) for each in split_values(text))
    if name == "KB_SEARCH_ALIAS" and not re.fullmatch(r"[a-z][a-z0-9-]{0,60}", text):
        raise BadSetting(f"{name} must be small letters, digits and hyphens, not {text!r}.")
    if name in PRESENT_FILES and not Path(text).is_file():
        raise BadSetting(f"{name} must be a file that is there, not {text!r}.")
    if name in PRESENT_FILES and not _has_text(Path(text)):
        raise BadSetting(f"{name} is a file that cannot be read or is empty: {text!r}.")
    return Path(text) if kind in {"Path", "Path | None"} else text


def _has_text(file: Path) -> bool:
    """Whether we may read a file, and something is in it."""
    try:
        return bool(file.read_bytes().strip())
    except OSError:
        return False


def _number(name: str, text: str, *, is_whole: bool) -> int | float:
    """A number within what this setting can be. Raises BadSetting."""
    try:
        number = int(text) if is_whole else float(text)
    except ValueError:
        raise BadSetting(f"{name} must be a number, not {text!r}.") from None
    if name in {"KB_TRUSTED_PROXIES", "KB_SEARCH_REPLICAS"} and number == 0:
        return number
    highest = 65_535 if name.endswith("_PORT") else HIGHEST.get(name, float("inf"))
    if not 0 < number <= highest or number == float("inf"):
        at_most = f"; {highest} is the most" if number > highest else ""
        raise BadSetting(f"{name} is out of range: {text}{at_most}.")
    return number


def _database_url(name: str, text: str) -> str:
    """Where a database is. Raises BadSetting, which does not repeat it: it may hold a password."""
    kinds = ("postgresql+psycopg://", "sqlite:///")[: 2 if name == "KB_DATABASE_URL" else 1]
    if not text.startswith(kinds):
        raise BadSetting(f"{name} must begin with {' or '.join(sorted(kinds, reverse=True))}.")
    try:
        url = None if text.split("?")[0].count("@") > 1 else make_url(text)  # a half password
    except (ArgumentError, ValueError):
        url = None
    if url is None:
        raise BadSetting(
            f"{name} must be like postgresql+psycopg://user:password@host:5432/database; in a "
            "password write %40 for @ and %25 for %."
        )
    if url.drivername == "sqlite" and (url.database or ":memory:") == ":memory:":
        raise BadSetting(f"{name} must name a file, as in sqlite:////srv/kennisbank/kb.sqlite3.")
    return text


def _host(name: str, text: str) -> str:
    """A name or address to listen on; IPv6 with or without the brackets of a URL."""
    host = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    try:
        return str(ip_address(host))
    except ValueError:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.-]*", host):
            raise BadSetting(f"{name} must be a name or an IP address, not {text!r}.") from None
        return host


def _node_of_cluster(name: str, text: str) -> str:
    """Where a cluster answers, without who we are: the text is not repeated, it may hold that."""
    try:
        address = urlsplit(text)
        host, has_port = address.hostname or "", address.port != 0
    except ValueError:
        host, has_port, address = "", False, urlsplit("")
    is_plain = address.path in {"", "/"} and not address.query and not address.fragment
    if not (host and has_port and is_plain and " " not in text) or "@" in address.netloc:
        raise BadSetting(
            f"{name} must be an address like https://search.example.org:9200, or several (“a; b”), "
            "without a user or a path; KB_SEARCH_USER and KB_SEARCH_PASSWORD_FILE say who we are."
        )
    is_here = host in {"localhost", "127.0.0.1", "::1"}
    if address.scheme != "https" and not (address.scheme == "http" and is_here):
        raise BadSetting(f"{name} must begin with https://; http:// is for this machine only.")
    return text.rstrip("/")


def _in_address(host: str) -> str:
    """A host as addresses write it: IPv6 in brackets."""
    return f"[{host}]" if ":" in host else host


def _limit(name: str, text: str) -> str:
    if name == "KB_RATE_LIMIT":
        try:
            has_room = all(limit.amount > 0 for limit in parse_many(text))
        except ValueError:
            has_room = False
        if not has_room:
            raise BadSetting(f"{name} must be like “100 per minute”, not {text!r}.")
    elif text != "memory://" and not text.startswith(("redis://", "rediss://")):
        raise BadSetting(f"{name} must be memory:// or begin with redis://.")  # it may hold secrets
    elif text != "memory://" and find_spec("redis") is None:
        raise BadSetting(f"{name} needs the client: .venv/bin/pip install 'redis<8'.")
    return text


def _is_address(text: str) -> bool:
    try:
        address = urlsplit(text)
        usable = address.scheme in {"http", "https"} and address.hostname and address.port != 0
    except ValueError:
        return False
    is_plain = not address.query and not address.fragment and not re.search(r'[\s"<>\\]', text)
    return bool(usable) and is_plain
