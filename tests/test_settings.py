"""Every setting comes from the environment, or is said to be wrong."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from kb.settings import PRESENT_FILES, BadSetting, Settings, slips

EXAMPLES: dict[str, tuple[str, Any]] = {
    "KB_DATA_DIR": ("/srv/kb", Path("/srv/kb")),
    "KB_DATABASE_URL": ("postgresql+psycopg://kb@db/kb", "postgresql+psycopg://kb@db/kb"),
    "KB_DATABASE_READ_URL": ("postgresql+psycopg://db2/kb", "postgresql+psycopg://db2/kb"),
    "KB_DATABASE_POOL_SIZE": ("12", 12),
    "KB_PUBLIC_URL": ("https://wijken.example.nl/kennis/", "https://wijken.example.nl/kennis"),
    "KB_HOST": ("0.0.0.0", "0.0.0.0"),
    "KB_PORT": ("8080", 8080),
    "KB_LOG_FORMAT": ("json", "json"),
    "KB_ACCESS_LOG": ("on", True),
    "KB_AUDIT_DAYS": ("90", 90),
    "KB_SEARCH_REPORT": ("on", True),
    "KB_METRICS_PORT": ("9464", 9464),
    "KB_METRICS_HOST": ("::1", "::1"),
    "KB_WORKERS": ("4", 4),
    "KB_THREADS": ("2", 2),
    "KB_FOUR_EYES": ("off", False),
    "KB_PRACTICE_NOTES": ("off", False),
    "KB_RATE_LIMIT": ("10 per second; 1000 per hour", "10 per second; 1000 per hour"),
    "KB_RATE_LIMIT_STORAGE": ("memory://", "memory://"),
    "KB_TRUSTED_PROXIES": ("2", 2),
    "KB_INDEX_WAIT": ("2.5", 2.5),
    "KB_SEARCH_URL": (
        "https://a.example:9200/;https://b.example",
        "https://a.example:9200; https://b.example",
    ),
    "KB_SEARCH_ALIAS": ("wijken", "wijken"),
    "KB_SEARCH_CA_FILE": (__file__, Path(__file__)),
    "KB_SEARCH_USER": ("kennisbank", "kennisbank"),
    "KB_SEARCH_PASSWORD_FILE": (__file__, Path(__file__)),
    "KB_SEARCH_SHARDS": ("3", 3),
    "KB_SEARCH_REPLICAS": ("0", 0),
    "KB_EMBED_ANCESTORS": ("partners", "partners"),
    "KB_PUBLISHER_NAME": ("Gemeente Utrecht", "Gemeente Utrecht"),
    "KB_PUBLISHER_URI": ("https://ror.org/00x6h5n95", "https://ror.org/00x6h5n95"),
    "KB_CONTACT_EMAIL": ("kennisbank@wijken.example.nl", "kennisbank@wijken.example.nl"),
    "KB_TEXTS_DIR": ("/", Path("/")),
    "KB_IMAGES_DIR": ("/srv/kb-images", Path("/srv/kb-images")),
    "KB_SMTP_HOST": ("mail.example.nl", "mail.example.nl"),
    "KB_SMTP_PORT": ("25", 25),
    "KB_SMTP_ENCRYPTION": ("tls", "tls"),
    "KB_SMTP_USER": ("kennisbank", "kennisbank"),
    "KB_SMTP_PASSWORD_FILE": (__file__, Path(__file__)),
    "KB_MAIL_FROM": ("volgen@wijken.example.nl", "volgen@wijken.example.nl"),
    "KB_OIDC_ISSUER": (
        "https://login.wijken.nl/realms/wijk/",
        "https://login.wijken.nl/realms/wijk",
    ),
    "KB_OIDC_NAME": ("Gemeente Utrecht", "Gemeente Utrecht"),
    "KB_OIDC_CLIENT_ID": ("kennisbank", "kennisbank"),
    "KB_OIDC_CLIENT_SECRET_FILE": (__file__, Path(__file__)),
    "KB_OIDC_SCOPES": ("openid groups", "openid groups"),
    "KB_OIDC_ROLE_CLAIM": ("groups", "groups"),
    "KB_OIDC_EDITOR_VALUES": ("redactie; eindredactie", "redactie; eindredactie"),
    "KB_OIDC_PUBLISHER_VALUES": ("CN=Redactie,OU=Wijken", "CN=Redactie,OU=Wijken"),
    "KB_OIDC_EMAIL_DOMAINS": ("wijken.nl", "wijken.nl"),
    "KB_OIDC_SESSION_HOURS": ("8", 8.0),
    "KB_MAIL_KEY_FILE": ("/etc/kb/mail.key", Path("/etc/kb/mail.key")),
}


IDENTITY_PROVIDER = [
    f"KB_OIDC_{name}" for name in ("ISSUER", "NAME", "CLIENT_ID", "CLIENT_SECRET_FILE")
]
TOGETHER = {  # settings that mean nothing without another
    "KB_SMTP_HOST": ["KB_MAIL_FROM"],
    "KB_MAIL_FROM": ["KB_SMTP_HOST"],
    "KB_SMTP_USER": ["KB_SMTP_PASSWORD_FILE"],
    "KB_SMTP_PASSWORD_FILE": ["KB_SMTP_USER"],
    **{
        name: ["KB_OIDC_EDITOR_VALUES", *IDENTITY_PROVIDER]
        for name in EXAMPLES
        if name.startswith("KB_OIDC_")
    },
    "KB_SEARCH_USER": ["KB_SEARCH_PASSWORD_FILE"],
    "KB_SEARCH_PASSWORD_FILE": ["KB_SEARCH_USER"],
    "KB_DATABASE_READ_URL": ["KB_DATABASE_URL"],
}


@pytest.mark.parametrize("name", TOGETHER)
def test_half_of_what_goes_together_is_refused(name: str) -> None:
    with pytest.raises(BadSetting, match="go together"):
        Settings.from_environment({name: EXAMPLES[name][0]})


def test_every_setting_is_in_these_tests() -> None:
    assert {f"KB_{field.name.upper()}" for field in fields(Settings)} == set(EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_variable_is_read(name: str) -> None:
    text, expected = EXAMPLES[name]

    with_it = {other: EXAMPLES[other][0] for other in TOGETHER.get(name, ())}
    settings = Settings.from_environment({**with_it, name: text})

    assert getattr(settings, name.removeprefix("KB_").lower()) == expected


def test_the_process_environment_is_read_when_there_is_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KB_PORT", "9000")

    assert Settings.from_environment().port == 9000


def test_without_variables_it_runs_here_on_sqlite() -> None:
    settings = Settings.from_environment({})

    assert (settings.host, settings.port, settings.four_eyes) == ("127.0.0.1", 8000, True)
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.database_url == f"sqlite:///{Path('var/kb.sqlite3').absolute()}"
    assert settings.index_dir == Path("var/index")


@pytest.mark.parametrize(
    ("host", "address", "public_url"),
    [
        ("::1", "[::1]:8000", "http://[::1]:8000"),
        ("[::1]", "[::1]:8000", "http://[::1]:8000"),
        ("0:0:0:0:0:0:0:1", "[::1]:8000", "http://[::1]:8000"),
        ("::", "[::]:8000", "http://[::1]:8000"),
        ("2001:db8::7", "[2001:db8::7]:8000", "http://[2001:db8::7]:8000"),
        ("0.0.0.0", "0.0.0.0:8000", "http://127.0.0.1:8000"),
        ("localhost", "localhost:8000", "http://localhost:8000"),
    ],
)
def test_where_it_listens_is_written_as_addresses_are(
    host: str, address: str, public_url: str
) -> None:
    settings = Settings.from_environment({"KB_HOST": host})

    assert (settings.address, settings.public_url) == (address, public_url)


def test_what_is_of_others_is_left_to_them() -> None:
    others = {"KB_TEST_REQUIRE": "nginx", "KBD": "nl", "PATH": "/bin", "KB_TRUSTED_PROXY": ""}

    assert Settings.from_environment(others) == Settings()


def test_an_empty_variable_is_as_good_as_none() -> None:
    assert Settings.from_environment(dict.fromkeys(EXAMPLES, " ")) == Settings()


@pytest.mark.parametrize("word", ["on", "ON", "Off", "off"])
def test_on_and_off_may_be_written_in_capitals(word: str) -> None:
    settings = Settings.from_environment({"KB_FOUR_EYES": word})

    assert settings.four_eyes is (word.lower() == "on")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("KB_FOUR_EYES", "yes", "must be on or off, not 'yes'"),
        ("KB_PORT", "http", "must be a number, not 'http'"),
        ("KB_PORT", "80.5", "must be a number, not '80.5'"),
        ("KB_PORT", "0", "is out of range: 0"),
        ("KB_LOG_FORMAT", "xml", "must be text or json, not 'xml'"),
        ("KB_ACCESS_LOG", "yes", "must be on or off, not 'yes'"),
        ("KB_METRICS_PORT", "0", "is out of range: 0"),
        ("KB_METRICS_PORT", "8000", "must be another port than KB_PORT"),
        ("KB_METRICS_HOST", "een plek", "must be a name or an IP address"),
        ("KB_PORT", "65536", "is out of range: 65536"),
        ("KB_PORT", "-1", "is out of range: -1"),
        ("KB_WORKERS", "0", "is out of range: 0"),
        ("KB_THREADS", "0", "is out of range: 0"),
        ("KB_HOST", "http://kennis", "must be a name or an IP address"),
        ("KB_HOST", "::1::", "must be a name or an IP address"),
        ("KB_HOST", "127.0.0.1:8000", "must be a name or an IP address"),
        ("KB_WORKERS", "two", "must be a number, not 'two'"),
        ("KB_INDEX_WAIT", "nan", "is out of range: nan"),
        ("KB_INDEX_WAIT", "inf", "is out of range: inf"),
        ("KB_INDEX_WAIT", "-0.5", "is out of range: -0.5"),
        ("KB_PUBLIC_URL", "wijken.example.nl", "must be an address like https://example.org"),
        ("KB_PUBLIC_URL", "ftp://example.org", "must be an address like https://example.org"),
        ("KB_PUBLIC_URL", "https://", "must be an address like https://example.org"),
        ("KB_PUBLIC_URL", "https://example.org/?a=b", "must be an address like"),
        ("KB_PUBLIC_URL", "https://example.org/#a", "must be an address like"),
        ("KB_PUBLIC_URL", 'https://example.org/a"b', "must be an address like"),
        ("KB_PUBLIC_URL", "https://example.org/<b>", "must be an address like"),
        ("KB_PUBLIC_URL", "https://[::1", "must be an address like https://example.org"),
        ("KB_PUBLIC_URL", "https://example.org:http", "must be an address like"),
        ("KB_PUBLISHER_URI", "gm0344", "must be an address"),
        ("KB_CONTACT_EMAIL", "kennisbank", "must be an address like kennisbank@example.org"),
        ("KB_CONTACT_EMAIL", "a@b", "must be an address like kennisbank@example.org"),
        ("KB_CONTACT_EMAIL", "Redactie <a@example.org>", "must be an address like"),
        ("KB_CONTACT_EMAIL", "a@example.org?subject=x", "must be an address like"),
        ("KB_CONTACT_EMAIL", "a@example.org\nExpires: 1", "must be an address like"),
        ("KB_TEXTS_DIR", "/nergens/hier", "must be a folder that is there, not '/nergens/hier'"),
        ("KB_SEARCH_URL", "https://a.example; http://b.example", "must begin with https://"),
        ("KB_SEARCH_URL", "search.example.org", "must be an address like https://search"),
        ("KB_SEARCH_URL", "https://search.example.org/kb", "must be an address like"),
        ("KB_SEARCH_URL", "https://search.example.org:0", "must be an address like"),
        ("KB_SEARCH_URL", "https://search.example.org:x", "must be an address like"),
        ("KB_SEARCH_URL", "http://search.example.org", "must begin with https://"),
        ("KB_SEARCH_ALIAS", "Kennis*", "must be small letters, digits and hyphens"),
        ("KB_SEARCH_SHARDS", "0", "is out of range: 0"),
        ("KB_SEARCH_CA_FILE", "/nergens", "must be a file that is there, not '/nergens'"),
        ("KB_DATABASE_URL", "kb.sqlite3", "must begin with sqlite:/// or postgresql+psycopg://"),
        ("KB_DATABASE_URL", "postgres://db/kb", "must begin with sqlite:/// or postgresql"),
        ("KB_DATABASE_URL", "mysql://db/kb", "must begin with sqlite:/// or postgresql"),
        (
            "KB_DATABASE_URL",
            "postgresql+psycopg://a:b@c:d/kb",
            "must be like postgresql+psycopg://",
        ),
        ("KB_DATABASE_URL", "postgresql+psycopg://a:b#1@c:d/kb", "must be like postgresql"),
        ("KB_DATABASE_URL", "sqlite:///", "must name a file"),
        ("KB_DATABASE_URL", "sqlite:///:memory:", "must name a file"),
        ("KB_DATABASE_READ_URL", "sqlite:///kb.sqlite3", "must begin with postgresql+psycopg://."),
        ("KB_WORKERS", "100000", "is out of range: 100000; 256 is the most"),
        ("KB_AUDIT_DAYS", "999999999", "is out of range: 999999999; 36500 is the most"),
        ("KB_INDEX_WAIT", "1e300", "is out of range: 1e300; 3600 is the most"),
        ("KB_RATE_LIMIT", "0 per second", "must be like “100 per minute”, not '0 per second'"),
        ("KB_RATE_LIMIT", "10 per second; 0 per hour", "must be like “100 per minute”"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_with_the_reason(
    name: str, text: str, message: str
) -> None:
    with pytest.raises(BadSetting) as refused:
        Settings.from_environment({name: text})

    assert str(refused.value).startswith(f"{name} {message}")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("KB_TRUSTED_PROXY", "did you mean KB_TRUSTED_PROXIES?"),
        ("kb_port", "did you mean KB_PORT?"),
        ("KB_XQZ", "docs/operating.md has those that are."),
    ],
)
def test_a_name_that_is_no_setting_is_named_with_what_was_meant(name: str, hint: str) -> None:
    environment = {name: "1", "KB_PORT": "8001", "KB_TEST_REQUIRE": "npm", "HOME": "/"}

    assert list(slips(environment)) == [f"{name} is no setting and changes nothing; {hint}"]
    assert Settings.from_environment(environment).port == 8001


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"KB_OIDC_ISSUER": ""}, "set KB_OIDC_ISSUER too, or none"),
        ({"KB_OIDC_NAME": "", "KB_OIDC_CLIENT_ID": ""}, "KB_OIDC_NAME and KB_OIDC_CLIENT_ID too"),
        ({"KB_OIDC_EDITOR_VALUES": ""}, "KB_OIDC_EDITOR_VALUES or KB_OIDC_PUBLISHER_VALUES"),
        ({"KB_OIDC_ISSUER": "http://login.wijken.nl"}, "must be an address like https://"),
        ({"KB_OIDC_ISSUER": "https://login.wijken.nl?a=b"}, "must be an address like https://"),
        ({"KB_OIDC_CLIENT_SECRET_FILE": "/nergens/hier"}, "must be a file that is there"),
        ({"KB_OIDC_SCOPES": "profile email"}, "must have openid"),
        ({"KB_OIDC_SESSION_HOURS": "13"}, "is out of range: 12 at most"),
        ({"KB_OIDC_SESSION_HOURS": "0"}, "is out of range: 0"),
    ],
)
def test_an_identity_provider_is_set_whole_or_not_at_all(
    changes: dict[str, str], message: str
) -> None:
    names = ["KB_OIDC_EDITOR_VALUES", *IDENTITY_PROVIDER]
    environment = {name: EXAMPLES[name][0] for name in names}
    assert Settings.from_environment(environment).oidc_issuer

    with pytest.raises(BadSetting) as refused:
        Settings.from_environment({**environment, **changes})

    assert message in str(refused.value)


@pytest.mark.parametrize("name", sorted(PRESENT_FILES))
def test_an_empty_file_is_no_secret(name: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("\n")
    others = {other: EXAMPLES[other][0] for other in TOGETHER.get(name, ())}

    with pytest.raises(BadSetting, match=f"{name} is a file that cannot be read or is empty"):
        Settings.from_environment({**others, name: str(tmp_path / "secret")})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("KB_DATABASE_URL", "postgresql://kb:geheim@db/kb"),
        ("KB_DATABASE_URL", "postgresql+psycopg://kb:geheim@db:poort/kb"),
        ("KB_DATABASE_URL", "postgresql+psycopg://kb:ge@heim@db/kb"),  # `heim` would be the host
        ("KB_DATABASE_READ_URL", "postgresql+psycopg://kb:geheim@db:poort/kb"),
        ("KB_SEARCH_URL", "https://kb:geheim@search.example.org"),
    ],
)
def test_a_password_is_not_repeated(name: str, text: str) -> None:
    with pytest.raises(BadSetting) as refused:
        Settings.from_environment({name: text})

    assert "heim" not in str(refused.value)
