"""/v1/batches, and /v1/vocabularies/{scheme}/terms/{id}/merges: many drafts at once."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from sqlalchemy.orm import Session

from kb.database import now
from kb.editors.batches import lifecycle, merging, publishing
from kb.editors.batches.lifecycle import Author, BatchState
from kb.editors.batches.operations import MERGE
from kb.editors.batches.publishing import Publisher
from kb.editors.batches.response_bodies import as_plan, batch_response, summary_of
from kb.editors.blueprint import (
    EditorsBlueprint,
    EditorView,
    PublisherView,
    current_editor,
    database,
)
from kb.editors.idempotency.requests import respond_once, store_response
from kb.editors.response_bodies import list_page
from kb.input_errors import Mistake
from kb.kinds import KINDS
from kb.problems import invalid_body
from kb.services import services, session
from kb.web.addresses import public_address
from kb.web.components import header_refs
from kb.web.parsing import api_parameters
from schemas import batches, publications, term_texts
from schemas.errors import flatten_errors
from schemas.lists import LanguageQuery

blp = EditorsBlueprint("batches", __name__, "One operation over many things, reviewed as one.")
BATCH = "/batches/<count:batch_id>"
MERGES = "/vocabularies/<slug:scheme>/terms/<slug:term_id>/merges"
NOT_FILTERS = ("page", "pageSize", "sort", "facets", "fields", "format", "csvSeparator", "lang")


@blp.route("/batches")
class Batches(EditorView):
    @blp.arguments(batches.BatchListQuery, location="query")
    @blp.response(200, batches.BatchList, headers=header_refs("Link"))
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """List the batches of all editors, the newest first.

        With what each does and how far it is. A submitted one of which a draft was changed since is
        a draft again.
        """
        ids = lifecycle.ids_in(session(), query.get("state", batches.STATES))
        start = (query["page"] - 1) * query["page_size"]
        page = [lifecycle.read(session(), each) for each in ids[start : start + query["page_size"]]]
        return list_page([summary_of(each.batch, each) for each in page], len(ids), query)

    @blp.arguments(batches.BatchQuery, location="query")
    @blp.arguments(batches.NewBatch)
    @blp.response(201, batches.Batch, headers=header_refs("ETag", "Location"))
    @blp.alt_response(200, schema=batches.Batch)
    @blp.alt_responses(409)
    def post(self, query: dict[str, Any], body: dict[str, Any]) -> Response:
        """Do one thing to many public things at once, as drafts that are reviewed together.

        `replace-text` finds literal text, no pattern, and leaves ids and addresses alone;
        `add-term`, `replace-term` and `remove-term` are about terms of one vocabulary. A thing with
        an open draft is left to its writer, and listed under `skipped`. With `dryRun` nothing is
        written, and `before` and `after` say what would become of each thing. At most 500 things.
        """
        operation, selection = body["operation"], body["selection"]
        slugs = _selected(selection)
        editor = current_editor()

        by, title = Author(editor.owner, now()), body["title"]
        if query["dry_run"] == "true":
            reading = session()
            planned = lifecycle.preview(reading, operation, selection, slugs, title=title, by=by)
            return as_plan(_response(reading, planned))

        def make(writing: Session) -> Response:
            state = lifecycle.make(writing, operation, selection, slugs, title=title, by=by)
            return _response(writing, state, status=201)

        return respond_once(make)


@blp.route(MERGES)
class Merges(EditorView):
    @blp.arguments(batches.BatchQuery, location="query")
    @blp.arguments(term_texts.TermMerge)
    @blp.response(201, batches.Batch, headers=header_refs("ETag", "Location"))
    @blp.alt_response(200, schema=batches.Batch)
    @blp.alt_responses(409)
    def post(
        self, query: dict[str, Any], body: dict[str, Any], scheme: str, term_id: str
    ) -> Response:
        """Merge a term into another, everywhere, as one batch that is reviewed.

        Whatever has the term gets the other, once; two texts of one ingredient come one after the
        other (`joined`). The names of the term become synonyms of the other, and it is deprecated
        with the other as its successor. A thing with an open draft of its own keeps it: that draft
        and the public text both get the other term when the batch is published (`alongside`).
        """
        operation = {"name": MERGE, "scheme": scheme, "term": term_id, "successor": body["into"]}
        by = Author(current_editor().owner, now())
        if query["dry_run"] == "true":
            merging.check_terms(session(), scheme, term_id, body["into"])
            planned = lifecycle.preview_merge(session(), operation, by=by)
            return as_plan(_response(session(), planned))

        def make(writing: Session) -> Response:
            merging.check_terms(writing, scheme, term_id, body["into"])
            state = lifecycle.merge(writing, operation, by=by)
            return _response(writing, state, status=201)

        return respond_once(make)


@blp.route(BATCH)
class OneBatch(EditorView):
    @blp.arguments(LanguageQuery, location="query")
    @blp.response(200, batches.Batch, headers=header_refs("ETag"))
    def get(self, _query: dict[str, Any], batch_id: int) -> Response:
        """Read a batch: each thing with what changes, how far it is, and what you may do.

        `before` and `after` have the keys that change. Its ETag stands for all its drafts, and goes
        into If-Match.
        """
        return _response(session(), lifecycle.read(session(), batch_id))

    @blp.arguments(LanguageQuery, location="query")
    @blp.if_match
    @blp.response(204)
    def delete(self, _query: dict[str, Any], batch_id: int, etags: set[str]) -> None:
        """Discard a batch with all its drafts; each can be brought back for 90 days.

        By who made it, or a publisher.
        """
        editor = current_editor()

        def discard(session: Session) -> None:
            state = lifecycle.lock(session, batch_id, etags)
            lifecycle.discard(session, state, editor=editor, at=now())

        database().write(discard)


@blp.route(f"{BATCH}/items")
class Items(EditorView):
    @blp.arguments(LanguageQuery, location="query")
    @blp.if_match
    @blp.response(200, batches.Batch, headers=header_refs("ETag"))
    def post(self, _query: dict[str, Any], batch_id: int, etags: set[str]) -> Response:
        """Extend a merge with what has come to have the term since it was begun.

        The batch is a draft again. Without this it cannot be published.
        """
        who = current_editor().owner

        def extend(session: Session) -> Response:
            state = lifecycle.lock(session, batch_id, etags)
            lifecycle.extend(session, state, by=Author(who, now()))
            return _response(session, lifecycle.read(session, batch_id))

        return respond_once(extend)


@blp.route(f"{BATCH}/items/<slug:item_type>/<slug:item_id>")
class OneItem(EditorView):
    @blp.arguments(LanguageQuery, location="query")
    @blp.if_match
    @blp.response(200, batches.Batch, headers=header_refs("ETag"))
    def delete(
        self,
        _query: dict[str, Any],
        batch_id: int,
        item_type: str,
        item_id: str,
        etags: set[str],
    ) -> Response:
        """Take one thing out of a batch; its draft is discarded.

        A merge is whole or nothing (409).
        """
        editor = current_editor()

        def take_out(session: Session) -> Response:
            state = lifecycle.lock(session, batch_id, etags)
            lifecycle.take_out(session, state, item_type, item_id, editor=editor, at=now())
            return _response(session, lifecycle.read(session, batch_id))

        return database().write(take_out)


@blp.route(f"{BATCH}/reviews")
class BatchReviews(EditorView):
    @blp.arguments(LanguageQuery, location="query")
    @blp.if_match
    @blp.arguments(publications.Review)
    @blp.response(200, batches.Batch, headers=header_refs("ETag"))
    def post(
        self, _query: dict[str, Any], body: dict[str, Any], batch_id: int, etags: set[str]
    ) -> Response:
        """Submit all drafts of a batch, take that back, or return them with a note.

        As for one draft: `return` is for publishers and needs a note.
        """
        editor, decision, note = current_editor(), body["decision"], body["note"]
        if decision == "return":
            editor.must_be("publisher")
            if note is None:
                raise invalid_body([("/note", Mistake("required"))])

        def review(session: Session) -> Response:
            state, by = lifecycle.lock(session, batch_id, etags), Author(editor.owner, now())
            if decision == "submit":
                lifecycle.submit(session, state, by=by, note=note)
            elif decision == "retract":
                lifecycle.retract(session, state, editor=editor, at=by.at, note=note)
            else:
                lifecycle.return_to_author(session, state, by=by, note=note or "")
            return _response(session, lifecycle.read(session, batch_id))

        return respond_once(review)


@blp.route(f"{BATCH}/publications")
class BatchPublications(PublisherView):
    @blp.arguments(LanguageQuery, location="query")
    @blp.if_match
    @blp.arguments(batches.BatchPublication)
    @blp.response(201, batches.BatchPublished)
    def post(
        self, _query: dict[str, Any], body: dict[str, Any], batch_id: int, etags: set[str]
    ) -> Response:
        """Publish all drafts of a batch at once, or none: the approval, by another than its author.

        Everything that is wrong with any of them is told at once, with its place in `items`.
        """
        four_eyes, who = services().settings.four_eyes, current_editor().owner

        def publish(session: Session) -> publishing.Published:
            state = lifecycle.lock(session, batch_id, etags)
            by = Publisher(who, now(), body["note"], four_eyes)
            published = publishing.publish(session, state, by)
            store_response(session, _published(published, searchable=False))
            return published

        published = database().write(publish)
        services().vocabulary.look()
        return _published(published, searchable=services().after_publication(published.change))


def _selected(selection: dict[str, Any]) -> list[str]:
    """The ids of a selection. Raises InvalidInput for filters that the list has not."""
    if "ids" in selection:
        ids: list[str] = selection["ids"]
        return ids
    kind = KINDS[selection["type"]]
    schema = kind.query_schema()()
    filters = selection["filters"]
    errors = [(f"/{name}", Mistake("unknown-key", {"value": name})) for name in NOT_FILTERS]
    errors = [each for each in errors if each[0][1:] in filters]
    sent = {name: _sent(value) for name, value in filters.items() if name not in NOT_FILTERS}
    errors += flatten_errors(schema.validate(sent), schema)
    if errors:
        placed = [(f"/selection/filters{pointer}", mistake) for pointer, mistake in errors]
        raise invalid_body(placed)
    slugs = services().select_ids(kind.name, api_parameters(schema.load(sent)))
    lifecycle.check_size(len(slugs), batches.MAX_THINGS)
    return slugs


def _sent(value: Any) -> Any:
    """A value of a filter as a query string has it."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return str(value) if is_number else value


def _response(session: Session, state: BatchState, **options: Any) -> Response:
    four_eyes = services().settings.four_eyes
    response = batch_response(session, state, current_editor(), four_eyes=four_eyes, **options)
    if response.status_code == 201:
        response.headers["Location"] = public_address(f"/v1/batches/{state.batch.id}")
    return response


def _published(published: publishing.Published, *, searchable: bool) -> Response:
    body = {"change": published.change, "published": published.texts, "searchable": searchable}
    response = jsonify(body)
    response.status_code = 201
    return response
