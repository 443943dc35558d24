"""What a command said, and the files that it reads."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

from click.testing import Result

SEED = Path(str(resources.files("seed_data")))
Run = Callable[..., Result]


def write(folder: Path, case: dict[str, Any]) -> None:
    (folder / "cases").mkdir(exist_ok=True)
    path = folder / "cases" / f"{case['id']}.json"
    path.write_text(json.dumps(case, ensure_ascii=False), "utf-8")


def succeeded(result: Result) -> str:
    """What a command that went well said to people."""
    assert result.exit_code == 0, result.output
    assert result.stdout == ""  # only what programs read goes there
    return result.stderr


def failed(result: Result) -> str:
    """What a command that went wrong said: no traceback, exit code 1."""
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit), result.exception
    return result.stderr
