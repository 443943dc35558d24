"""The units of systemd: it takes them, finds them hardened, and they run commands that we have."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from kb.cli.main import main
from kb.settings import Settings
from tests.conftest import need

UNITS = Path(__file__).parents[2] / "deploy" / "systemd"
SERVICES = sorted(UNITS.glob("*.service"))
TIMERS = sorted(UNITS.glob("*.timer"))
MOST_EXPOSURE = 15  # tenths, of 100; systemd calls what is below 20 “OK”
COMMAND = re.compile(r"^ExecStart(?:Pre)?=/opt/kennisbank/\.venv/bin/kb (.+)$", re.MULTILINE)


def analyze(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run systemd-analyze, or skip the test where there is none."""
    program = shutil.which("systemd-analyze")
    need("systemd", program is not None, "apt-get install systemd")
    assert program is not None
    command = [program, *(str(word) for word in words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    here = Path(sys.executable).with_name("kb")
    for unit in (*SERVICES, *TIMERS):
        content = unit.read_text().replace("/opt/kennisbank/.venv/bin/kb", str(here))
        (tmp_path / unit.name).write_text(content)

    result = analyze("verify", *sorted(tmp_path.iterdir()))

    assert [line for line in result.stderr.splitlines() if "kb" in line.partition(":")[0]] == []
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_systemd_finds_the_services_hardened(unit: Path) -> None:
    threshold = f"--threshold={MOST_EXPOSURE}"

    result = analyze("security", "--offline=true", threshold, unit)

    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_services_run_commands_that_there_are(unit: Path) -> None:
    commands = COMMAND.findall(unit.read_text())

    assert len(commands) == unit.read_text().count("\nExecStart")
    for words in map(str.split, commands):
        command: click.Command = main
        while isinstance(command, click.Group) and words and words[0] in command.commands:
            command = command.commands[words.pop(0)]
        if words and isinstance(command, click.Group):
            command = command.commands["create"]  # kb backup FILE
        assert command is not main, unit.name
        command.make_parser(click.Context(command)).parse_args(list(words))


def test_a_drill_that_begins_with_a_backup_waits_for_it() -> None:
    """As `systemctl start kb-backup.service kb-backup-verify.service` does, on the first day."""
    (after,) = re.findall(r"^After=(.+)$", (UNITS / "kb-backup-verify.service").read_text(), re.M)

    assert "kb-backup.service" in after.split()


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_services_wait_for_the_database_of_this_machine(unit: Path) -> None:
    assert re.search(r"^After=.*\bpostgresql\.service\b", unit.read_text(), re.M)


def test_each_timer_starts_a_service() -> None:
    assert len(TIMERS) == 4
    for timer in TIMERS:
        assert timer.with_suffix(".service") in SERVICES


def test_the_settings_are_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    text = (UNITS / "kennisbank.env").read_text()
    pairs = dict(re.findall(r"^#?(KB_\w+)=(.*)$", text, re.MULTILINE))

    settings = Settings.from_environment(pairs)

    names = {f"KB_{name.upper()}" for name in vars(settings)}
    assert {"KB_METRICS_PORT", "KB_SEARCH_URL", "KB_DATABASE_READ_URL"} <= pairs.keys() <= names
    assert settings.trusted_proxies == 1
