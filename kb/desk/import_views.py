"""/redactie/importeren: a spreadsheet or JSON file goes in, always with a dry run first."""

from __future__ import annotations

from typing import Any

from flask import redirect, request
from werkzeug.wrappers import Response

from kb.desk import api
from kb.desk.blueprint import DeskBlueprint
from kb.desk.import_labels import place_label, row_changes
from kb.desk.rendering import HOME, format_minute, render_desk
from kb.editors.blueprint import current_editor
from kb.input_errors import REASONS
from kb.pages.links import link, with_query
from kb.translation import N_
from kb.vocabulary.terms import language, schemes
from kb.web.addresses import local_address
from kb.web.translation import gettext

MAX_FILE_BYTES = 2**25
FORM_OVERHEAD_BYTES = 2**16  # of a form, beside the file in it
OTHER_DRAFT = REASONS["other-draft"]
OF_OTHERS = (OTHER_DRAFT, REASONS["changed-since"])  # why a row is refused
PAGE_SIZE = 50  # rows on a page of a report
PATH = "/importeren"
OUTCOMES = {
    "created": N_("New"),
    "updated": N_("Changed"),
    "unchanged": N_("Same"),
    "rejected": N_("Refused"),
}
FORMATS = {
    "xlsx": N_("Excel workbook"),
    "csv": N_("CSV table"),
    "json": N_("JSON"),
    "ndjson": N_("JSON, a case on each line"),
}
DELIMITERS = {";": N_("semicolons"), ",": N_("commas"), "\t": N_("tabs")}
CSV = {"format": "csv", "fields": "all", "csvSeparator": "semicolon"}
FILTERS = (("kind", "kinds"), ("status", "statuses"), ("strategy", "strategies"))
TWICE = N_("Two columns go to “%(fields)s”: choose another field for one, or leave it out.")
Page = str | Response | tuple[str, int]
blp = DeskBlueprint("desk_imports", __name__, max_bytes=MAX_FILE_BYTES + FORM_OVERHEAD_BYTES)


@blp.get(PATH)
def imports() -> str:
    """Choose a file; take cases out as a spreadsheet; and what was imported before."""
    return _start_page()


@blp.post(PATH)
def upload() -> Page:
    """Upload a file, and go on to what is in it."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return _start_page(mistake=gettext("Choose a file first.")), 400
    content, name = file.read(), file.filename.replace("\\", "/").rpartition("/")[2][-200:]
    file.close()
    answer = api.call(
        "POST",
        "/import-files",
        query={"name": name},
        body=content,
        content_type="application/octet-stream",
    )
    if not answer.ok:
        mistake = answer.mistakes.get("") or answer.json["detail"]
        return _start_page(mistake=mistake), answer.status
    return redirect(link(f"{HOME}{PATH}/bestand/{answer.json['id']}"), 303)


@blp.get(f"{PATH}/tabel")
def download() -> Response:
    """Lead to the cases that a form chooses, as a workbook or as CSV that Excel opens."""
    filled = {name: value for name, value in request.args.items() if value.strip()}
    if filled.pop("format", "xlsx") == "csv":
        path, filled = "/v1/cases", {**filled, **CSV}
    else:
        path = "/v1/case-workbook"
    return redirect(with_query(local_address(path), filled), 303)


@blp.get(f"{PATH}/bestand/<slug:file_id>")
def file_columns(file_id: str) -> Page:
    """How a file was read: which column each of its columns is, or may be."""
    return _file_page(api.read(f"/import-files/{file_id}"), {})


@blp.post(f"{PATH}/bestand/<slug:file_id>")
def try_file(file_id: str) -> Page:
    """See what the file would change, or have it forgotten."""
    if request.form.get("do") == "forget":
        api.succeed(api.call("DELETE", f"/import-files/{file_id}"))
        return redirect(link(f"{HOME}{PATH}", {"done": "file-forgotten"}), 303)
    file = api.read(f"/import-files/{file_id}")
    chosen = _chosen_columns(file)
    if mistake := _columns_taken_twice(file, chosen):
        return _file_page(file, chosen, mistake), 400
    query = {
        "file": file_id,
        "dryRun": "true",
        "publish": "true" if request.form.get("publish") else "false",
        "column": [f"{header}:{name}" for header, name in chosen.items()],
    }
    answer = api.call("POST", "/imports", query=query)
    if not answer.ok:
        mistake = next(iter(answer.mistakes.values()), answer.json["detail"])
        return _file_page(file, chosen, mistake), answer.status
    return redirect(link(f"{HOME}{PATH}/{answer.json['id']}"), 303)


@blp.get(f"{PATH}/<slug:import_id>")
def report(import_id: str) -> str:
    """What an import did with each row, or would do."""
    return _report_page(api.read(f"/imports/{import_id}"))


@blp.post(f"{PATH}/<slug:import_id>")
def take_over(import_id: str) -> Page:
    """Do for good what the dry run shows; sent twice, it is done once."""
    answer = api.call(
        "POST",
        "/imports",
        query={"fromDryRun": import_id},
        headers={"Idempotency-Key": f"desk-import-{import_id}"},
    )
    api.succeed(answer)
    return redirect(link(f"{HOME}{PATH}/{answer.json['id']}", {"done": "imported"}), 303)


def _chosen_columns(file: dict[str, Any]) -> dict[str, str]:
    """The columns that were chosen, by header; the form asks for those that are not clear."""
    return {
        each["header"]: request.form.get(f"column-{number}", "")
        for number, each in enumerate(file["columns"])
        if not _is_clear(each, file)
    }


def _is_clear(column: dict[str, Any], file: dict[str, Any]) -> bool:
    """Whether a column has a name of ours, and no other column has it."""
    names = [each["name"] for each in file["columns"]]
    return column["name"] is not None and names.count(column["name"]) == 1


def _columns_taken_twice(file: dict[str, Any], chosen: dict[str, str]) -> str:
    """What is wrong with the choices: two columns for one field; empty when nothing is."""
    names = [each["name"] for each in file["columns"] if _is_clear(each, file)]
    names += [name for name in chosen.values() if name]
    twice = {name for name in names if names.count(name) > 1}
    titles = [each["title"] for each in file["choices"] if each["name"] in twice]
    if not twice:
        return ""
    return gettext(TWICE, fields=", ".join(titles or sorted(twice)))


def _start_page(mistake: str = "") -> str:
    filters = [
        (
            name,
            schemes()[scheme].labels[language()],
            [(term.id, term.label(language())) for term in schemes()[scheme].current],
        )
        for name, scheme in FILTERS
    ]
    return render_desk(
        "desk/imports.html",
        imports=api.read("/imports")["items"],
        format_minute=format_minute,
        mistake=mistake,
        filters=filters,
        max_megabytes=MAX_FILE_BYTES // 2**20,
    )


def _file_page(file: dict[str, Any], chosen: dict[str, str], mistake: str = "") -> str:
    format_text = FORMATS[file["format"]]
    delimiter_text = DELIMITERS.get(file["table"] and file["table"]["delimiter"])
    return render_desk(
        "desk/import_file.html",
        file=file,
        unclear=[each for each in file["columns"] if not _is_clear(each, file)],
        titles={each["name"]: each["title"] for each in file["choices"]},
        chosen=chosen,
        mistake=mistake,
        format_name=gettext(format_text),
        delimiter=gettext(delimiter_text) if delimiter_text else "",
        **_rights(),
    )


def _report_page(body: dict[str, Any]) -> str:
    """A page of the rows of a report, those of one outcome or all."""
    some = [row for row in body["rows"] if row["outcome"] != "unchanged"]
    outcome = request.args.get("outcome", "changes" if some else "")
    rows = [row for row in body["rows"] if outcome in ("", row["outcome"])]
    rows = some if outcome == "changes" else rows
    pages = max(1, -(-len(rows) // PAGE_SIZE))
    number = min(max(request.args.get("page", 1, type=int), 1), pages)
    shown = rows[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    schema = api.read("/schemas/case")
    return render_desk(
        "desk/import_report.html",
        report=body,
        rows=[(row, *_row_texts(row, schema)) for row in shown],
        outcome=outcome,
        outcomes=[(name, gettext(label)) for name, label in OUTCOMES.items()],
        outcome_names={name: gettext(label) for name, label in OUTCOMES.items()},
        number=number,
        pages=pages,
        empties=_empties(body["rows"]),
        number_of_changes=len(some),
        is_own=body["fileId"] and api.call("GET", f"/import-files/{body['fileId']}").ok,
        **_rights(),
    )


def _row_texts(row: dict[str, Any], schema: dict[str, Any]) -> tuple[list[Any], list[Any]]:
    """The changes of a row, and its mistakes each with where it stands.

    A row that was refused for what others did leads to its case (`leads`).
    """
    reasons = {each["detail"] for each in row["errors"]} & set(map(gettext, OF_OTHERS))
    row["leads"] = row["outcome"] != "rejected" or bool(reasons)
    for error in row["errors"]:
        if error["detail"] == gettext(OTHER_DRAFT):
            error["detail"] = _other_draft(row["id"])
    mistakes = [
        (_cell_text(error) or place_label(error.get("pointer", ""), schema), error)
        for error in row["errors"]
    ]
    return row_changes(row.get("changes", ()), schema), mistakes


def _other_draft(case_id: str) -> str:
    """Who wrote in the draft of a case, and what to do about it."""
    draft = api.call("GET", f"/cases/{case_id}/draft")
    if not draft.ok:
        return gettext("Somebody else had written in its draft. Try the file once more.")
    text = gettext("%(who)s wrote in the draft of this case. Open it, and make your change there.")
    return text % {"who": draft.json["_draft"]["author"]}


def _cell_text(error: dict[str, Any]) -> str:
    cell = error.get("cell")
    if not cell:
        return ""
    where = gettext("column %(column)s", column=cell["column"])
    return f"{where} ({cell['header']})" if cell["header"] else where


def _empties(rows: list[dict[str, Any]]) -> int:
    """How many rows make something empty that had a value."""
    return sum(
        any(each["before"] and not each["after"] for each in row.get("changes", ())) for row in rows
    )


def _rights() -> dict[str, Any]:
    """Whether who is here may publish at once, and what keeps them from it."""
    is_publisher = current_editor().role == "publisher"
    return {
        "may_publish": is_publisher and not api.read("/me")["fourEyes"],
        "is_publisher": is_publisher,
    }
