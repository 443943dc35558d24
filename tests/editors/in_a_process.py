"""One request in a process of its own, at the moment that is wanted.

python -m tests.editors.in_a_process FOLDER DATABASE_URL < REQUEST
where the first line of REQUEST is JSON and the second, of anything, says go.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from kb.app import create_app
from kb.settings import Settings
from tests.conftest import PUBLIC_URL, KnowledgeBase

Request = dict[str, Any]  # what Werkzeug's test client takes


def at_once(kb: KnowledgeBase, *requests: Request) -> list[dict[str, Any]]:
    """Ask all of these at the same moment, each in a process: status, headers and body of each."""
    settings: Settings = kb.app.extensions["kb"].settings
    command = [sys.executable, "-m", "tests.editors.in_a_process", str(settings.data_dir)]
    processes = [
        subprocess.Popen(
            [*command, settings.database_url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        for _ in requests
    ]
    for process, request in zip(processes, requests, strict=True):
        _say(process, json.dumps(request))
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        _say(process, "go")
    answers = [process.communicate(timeout=60)[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * len(processes)
    return [json.loads(answer) for answer in answers]


def _say(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{line}\n")
    process.stdin.flush()


def main() -> None:
    """Get ready, wait, ask, and tell."""
    folder, url = sys.argv[1:]
    settings = Settings(data_dir=Path(folder), database_url=url, public_url=PUBLIC_URL)
    client = create_app(settings, follow=False).test_client()
    request = json.loads(sys.stdin.readline())
    client.get("/health/ready")  # everything is open before the start
    print("ready", flush=True)
    sys.stdin.readline()
    answer = client.open(**request)
    told = {"status": answer.status_code, "headers": dict(answer.headers), "text": answer.text}
    print(json.dumps(told))


if __name__ == "__main__":
    main()
