"""A report as Markdown (CommonMark, with GitHub's tables); no text of it is read as markup."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from kb.decisions.report import Block, Bullets, Report, Subheading, Table, Text
from kb.web.translation import gettext

MARKUP = re.compile(r"[\\`*_{}\[\]<>|~$]|&(?=[#\w])")
AT_THE_START = re.compile(r"^(\s*)([-+=:#]|\d+(?=[.)]))")  # of a line: lists, headings, rules
BARE_ADDRESS = re.compile(r"(https?|ftp|mailto)(:)|(www)(\.)|(@)", re.IGNORECASE)


def write(report: Report) -> str:
    """The whole report; each part is parted from the next by an empty line."""
    parts = [f"# {_escaped(report.title.text)}", *map(_inline, report.head)]
    for section in report.sections:
        parts += [f"## {_escaped(section.title.text)}", *_blocks(section.blocks, 3)]
    if report.annexes:
        parts += ["---", "## " + _escaped(gettext("Annex"))]
    for section in report.annexes:
        parts += [f"### {_escaped(section.title.text)}", *_blocks(section.annex, 4)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _blocks(blocks: Sequence[Block], level: int) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, Subheading):
            yield f"{'#' * level} {_inline(block.text)}"
        elif isinstance(block, Bullets):
            yield "\n".join(f"- {_inline(item)}" for item in block.items)
        elif isinstance(block, Table):
            rows = [
                _row(_escaped(each.text) for each in block.header),
                _row("---" for _ in block.header),
            ]
            yield "\n".join([*rows, *(_row(map(_inline, row)) for row in block.rows)])
        else:
            yield _inline(block.text)


def _row(cells: Iterator[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _inline(text: Text) -> str:
    written = ""
    for run in text:
        inner = _escaped(run.text)
        bare = inner.strip()
        if not bare:
            written += inner
            continue
        marked = bare
        if run.href:
            marked = f"<{run.href}>" if run.href == run.text else f"[{bare}](<{run.href}>)"
        marked = f"**{marked}**" if run.is_strong else marked
        written += inner.replace(bare, marked)
    return _unlisted(written)


def _escaped(text: str) -> str:
    return BARE_ADDRESS.sub(_unlinked, MARKUP.sub(lambda sign: f"\\{sign[0]}", text))


def _unlinked(match: re.Match[str]) -> str:
    """What GitHub would make a link of, with a backslash in it that nobody sees."""
    return re.sub(r"[:.@]", lambda sign: f"\\{sign[0]}", match[0])


def _unlisted(text: str) -> str:
    """A text that does not begin as a list, a heading or a rule would."""
    return AT_THE_START.sub(lambda match: f"{match[1]}{_unlist(match[2])}", text)


def _unlist(start: str) -> str:
    return f"&#{ord(start[0])};{start[1:]}" if start[0].isdigit() else f"\\{start}"
