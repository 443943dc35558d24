"""From an empty Debian machine: steps without root are done, of others the names are looked up."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from kb.settings import Settings
from tests.deploy.test_container import as_command

ROOT = Path(__file__).parents[2]
NAME = "kennis.voorbeeld.nl"
OTHERS = ("apt-get", "useradd", "git", "make", "systemctl", "systemd-run", "certbot", "nginx")


@pytest.fixture(scope="module")
def steps() -> list[str]:
    """The commands of the section, in their order."""
    page = (ROOT / "docs" / "operating.md").read_text("utf-8")
    section = page.partition("## Installing on a Debian server\n")[2].partition("\n## ")[0]
    return re.findall(r"^ {8}(\S.*)$", section.partition("**Upgrading**")[0], re.MULTILINE)


@pytest.fixture(scope="module")
def machine(steps: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that stands for `/`, after the steps that put files in place."""
    folder = tmp_path_factory.mktemp("machine")
    for name in ("etc/systemd/system", "etc/nginx/snippets", "etc/nginx/conf.d", "var/backups"):
        (folder / name).mkdir(parents=True)
    for step in steps:
        if step.split()[0] in OTHERS:
            continue
        here = re.sub(r"(?<= )/(etc|var)/", rf"{folder}/\1/", step)
        here = here.replace("/opt/kennisbank", str(ROOT)).replace("YOUR.NAME", NAME)
        here = here.replace(" -o kennisbank -g kennisbank", "")
        subprocess.run(here, shell=True, check=True, cwd=folder)
    return folder


def test_the_steps_go_from_programs_to_a_token(steps: list[str]) -> None:
    assert len(steps) == 15
    assert steps[0].startswith("apt-get install")
    assert " token create " in steps[-1]


def test_units_and_settings_are_in_place(machine: Path) -> None:
    units = {file.name for file in (machine / "etc/systemd/system").iterdir()}
    text = (machine / "etc/kennisbank.env").read_text()
    pairs = dict(re.findall(r"^(KB_\w+)=(.*)$", text, re.MULTILINE))

    assert units == {file.name for file in (ROOT / "deploy/systemd").glob("kb*")}
    assert Settings.from_environment(pairs).public_url == f"https://{NAME}"
    assert (machine / "etc/kennisbank.env").stat().st_mode & 0o777 == 0o600
    assert (machine / "var/backups/kennisbank").stat().st_mode & 0o777 == 0o700


def test_what_is_enabled_is_installed(steps: list[str], machine: Path) -> None:
    enabled = next(step for step in steps if "enable --now" in step).split()[3:]

    assert enabled
    assert all((machine / "etc/systemd/system" / name).is_file() for name in enabled)


def test_nginx_has_the_name_and_finds_its_snippet(steps: list[str], machine: Path) -> None:
    text = (machine / "etc/nginx/conf.d/kennisbank.conf").read_text()
    certificate = next(step for step in steps if step.startswith("certbot"))

    assert "kennisbank.example.org" not in text
    assert f"/etc/letsencrypt/live/{NAME}/fullchain.pem" in text
    assert " -d YOUR.NAME " in certificate
    assert re.findall(r"root (\S+);", text) == re.findall(r"-w (\S+)", certificate)
    for snippet in re.findall(r"include (\S+);", text):
        assert (machine / "etc/nginx" / snippet).is_file()


def test_commands_of_ours_and_targets_of_make_are_there(steps: list[str]) -> None:
    target = next(step for step in steps if step.startswith("make")).split()[-1]
    words = steps[-1].partition("/bin/kb ")[2].split()

    as_command(words)
    assert f"\n{target}:" in (ROOT / "Makefile").read_text()
