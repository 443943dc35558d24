"""Containerfile and compose file: what they name is there. No test builds the image."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path
from threading import Thread
from typing import Any

import click
import pytest
import yaml
from werkzeug.serving import make_server

from kb.cli.main import main
from kb.settings import Settings
from tests.conftest import KnowledgeBase

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "container"
CODE = Path("/opt/kennisbank")
COMPOSE: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text())
OURS = {name: each for name, each in COMPOSE["services"].items() if each["image"] == "kennisbank"}


def instructions() -> list[tuple[str, str]]:
    """The instructions of the Containerfile with their arguments, without the comments."""
    text = (FOLDER / "Containerfile").read_text()
    text = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", "")
    lines = [line.strip().partition(" ") for line in text.splitlines() if line.strip()]
    return [(name, argument.strip()) for name, _, argument in lines]


def arguments(name: str) -> list[str]:
    return [argument for each, argument in instructions() if each == name]


def as_command(words: list[str]) -> None:
    """Parse the words after `kb` as it does. Raises a UsageError."""
    command: click.Command = main
    words = list(words)
    while isinstance(command, click.Group) and words and words[0] in command.commands:
        command = command.commands[words.pop(0)]
    if words and isinstance(command, click.Group):
        command = command.commands["create"]  # kb backup FILE
    assert command is not main
    command.make_parser(click.Context(command)).parse_args(words)


def names_of_settings() -> set[str]:
    return {f"KB_{name.upper()}" for name in vars(Settings())}


def test_what_is_copied_is_there_and_reaches_the_builder() -> None:
    rules = (FOLDER / "Containerfile.dockerignore").read_text().splitlines()
    let_through = {rule[1:] for rule in rules if rule.startswith("!")}
    copied = [
        word for each in arguments("COPY") if "--from" not in each for word in each.split()[:-1]
    ]

    assert "*" in rules
    assert set(copied) == let_through
    assert [each for each in copied if not (ROOT / each).exists()] == []


def test_packages_of_the_image_are_pinned_with_hashes() -> None:
    installs = [line for line in arguments("RUN") if "requirements.txt" in line]

    assert len(installs) == 1
    assert "--require-hashes --only-binary :all:" in re.sub(r"\s+", " ", installs[0])
    for line in arguments("RUN"):
        assert "pip" not in line or "--require-hashes" in line or "--no-index" in line


def test_the_image_runs_as_nobody_in_particular() -> None:
    user = arguments("USER")[-1]

    assert user.isdigit()
    assert int(user) > 999
    assert f"--uid {user}" in arguments("RUN")[-1]
    assert instructions()[-1][0] == "CMD"


def test_the_image_starts_a_command_that_there_is() -> None:
    program = json.loads(arguments("ENTRYPOINT")[0])
    as_command(json.loads(arguments("CMD")[0]))
    pairs = dict(pair.split("=", 1) for pair in shlex.split(arguments("ENV")[0]))

    assert program == [str(CODE / ".venv/bin/kb")]
    assert {name for name in pairs if name.startswith("KB_")} <= names_of_settings()
    assert pairs["KB_DATA_DIR"] in json.loads(arguments("VOLUME")[0])
    assert arguments("EXPOSE") == [str(Settings().port)]


def test_the_image_looks_whether_it_is_ready(seeded: KnowledgeBase) -> None:
    command = json.loads(arguments("HEALTHCHECK")[0].partition("CMD ")[2])
    server = make_server("127.0.0.1", 0, seeded.app, threaded=True)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    here = [sys.executable, "-c", command[2].replace(":8000/", f":{server.port}/")]

    healthy = subprocess.run(here, capture_output=True, check=False).returncode
    server.shutdown()
    server.server_close()
    away = subprocess.run(here, capture_output=True, check=False).returncode

    assert command[0] == str(CODE / ".venv/bin/python")
    assert (healthy, away) == (0, 1)


@pytest.mark.parametrize("name", OURS)
def test_services_of_ours_run_commands_that_there_are(name: str) -> None:
    as_command(OURS[name].get("command") or ["serve"])


@pytest.mark.parametrize("name", OURS)
def test_services_of_ours_may_write_their_data_alone(name: str) -> None:
    service = OURS[name]
    volumes = [each.partition(":")[2] for each in service["volumes"]]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert set(volumes) == set(json.loads(arguments("VOLUME")[0]))


@pytest.mark.parametrize(
    "own",
    [{}, {"KB_METRICS_PORT": "9464", "KB_LOG_FORMAT": "json", "KB_SEARCH_REPORT": "on"}],
)
def test_settings_are_ours_and_can_be_used(own: dict[str, str]) -> None:
    chosen = {"KB_PUBLIC_URL": "https://kennisbank.example.org", **own}
    environment = OURS["kennisbank"]["environment"]
    pairs = {
        name: re.sub(
            r"\$\{(\w+):[-?](.*)\}", lambda match: chosen.get(match[1], match[2]), str(text)
        )
        for name, text in environment.items()
        if name.startswith("KB_")
    }

    assert chosen.keys() <= pairs.keys() <= names_of_settings()
    settings = Settings.from_environment(pairs)
    assert settings.trusted_proxies == 1
    assert settings.search_report == bool(own)
    assert settings.metrics_address == f"0.0.0.0:{own.get('KB_METRICS_PORT', 0)}"


def test_no_secret_is_in_the_files_and_none_comes_along() -> None:
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    for service in COMPOSE["services"].values():
        for name, text in service.get("environment", {}).items():
            assert "PASSWORD" not in name or text.startswith("/run/secrets/"), name
            assert not re.search(r"://[^/@]*:[^/@]*@", text), name
        assert {f"/run/secrets/{name}" for name in service.get("secrets", [])} <= set(
            service.get("environment", {}).values()
        )
    for secret in COMPOSE["secrets"].values():
        assert secret["file"].startswith("./secrets/")
    assert {"deploy/container/secrets/", "deploy/container/.env"} <= set(ignored)


def test_only_nginx_is_open_to_the_world() -> None:
    ports = {name: each.get("ports", []) for name, each in COMPOSE["services"].items()}

    assert ports.pop("nginx") == ["80:80", "443:443"]
    assert {port for each in ports.values() for port in each} == {"127.0.0.1:8000:8000"}


def test_files_that_are_mounted_are_there() -> None:
    made_by_the_operator = {"./kennisbank.conf"}
    for service in COMPOSE["services"].values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            is_named = source in COMPOSE["volumes"]
            is_elsewhere = source.startswith("/") or source in made_by_the_operator
            assert is_named or is_elsewhere or (FOLDER / source).is_file(), source
    assert (FOLDER / OURS["kennisbank"]["build"]["context"]).resolve() == ROOT
    assert (ROOT / OURS["kennisbank"]["build"]["dockerfile"]).is_file()


def test_services_wait_for_services_that_there_are() -> None:
    for service in COMPOSE["services"].values():
        assert set(service.get("depends_on", {})) <= COMPOSE["services"].keys()


def test_versions_of_postgresql_fit() -> None:
    client = re.search(r"postgresql-client-(\d+)", arguments("RUN")[-1])

    assert client
    assert COMPOSE["services"]["database"]["image"].rpartition(":")[2].startswith(f"{client[1]}-")


@pytest.mark.long
def test_the_steps_of_the_image_make_an_installation(tmp_path: Path) -> None:
    """What the first stage does, in a plain folder: packages come from the registry."""
    place = tmp_path / "kennisbank"
    place.mkdir()
    for name, argument in instructions():
        if name == "FROM" and "AS" not in argument:
            break
        if name == "COPY":
            *sources, target = argument.split()
            for source in sources:
                if (ROOT / source).is_dir():
                    shutil.copytree(ROOT / source, place / target)
                else:
                    shutil.copy(ROOT / source, place / target)
        if name == "RUN":
            subprocess.run(argument, shell=True, cwd=place, check=True)
    environment = os.environ | {"KB_DATA_DIR": str(tmp_path / "data")}
    command = [str(place / ".venv/bin/kb")]

    for words in (["prepare"], ["index", "check"]):
        subprocess.run([*command, *words], cwd=tmp_path, env=environment, check=True)

    assert not any(fnmatch(file.name, "*.sqlite3") for file in place.rglob("*"))
