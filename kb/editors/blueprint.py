"""What the routes of editors share: whose token a request has, and which text it is based on.

A view of `for_each_kind` is made once and stands at the address of each kind that editors write.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, ClassVar, TypeVar

from flask import g, request
from flask.views import MethodView

from kb.cases.aliases import Thing
from kb.database import Database, now
from kb.editors import access
from kb.editors.editable_kind import editable_kind
from kb.editors.session_cookie import check_forgery, current_session, session_id
from kb.kinds import EDITABLE_KINDS, Kind
from kb.problems import IfMatchRequired, Unauthorized
from kb.services import services
from kb.translation import N_
from kb.web.blueprint import Blueprint, add_responses, apidoc
from kb.web.headers import keep_private
from kb.web.policy import Policy
from schemas.base import Schema

EDITOR = "kb.editor"  # in the environment of a request: who makes it
POLICY = Policy(cross_origin=True, for_programs=True)
View = TypeVar("View", bound=Callable[..., Any])


class ThingView(MethodView):
    """Addresses of one thing, of each kind that editors write; a view gets it as `thing`."""

    kind: ClassVar[Kind]

    def dispatch_request(self, **values: Any) -> Any:
        """Call the view with the kind and the id of its address as one."""
        if slug := values.pop(f"{self.kind.name}_id", None):
            values["thing"] = Thing(self.kind.name, slug)
        return super().dispatch_request(**values)


class OfKind(Schema):
    """Stands in a view of each kind for a schema of that kind: `part` of its EditableKind."""

    def __init__(self, part: str) -> None:
        super().__init__()
        self.part = part


class KindsBlueprint(Blueprint):
    """Routes that are the same for each kind that editors write."""

    def for_each_kind(
        self, below: str, *, at: str = "/{collection}", kinds: Sequence[Kind] = EDITABLE_KINDS
    ) -> Callable[[type[ThingView]], type[ThingView]]:
        """Register a view for each of these kinds: below its collection, where `<id>` is a thing.

        `at` has another place, with `{collection}` or `{kind}` in it.
        """

        def decorate(view: type[ThingView]) -> type[ThingView]:
            for kind in kinds:
                name = f"{kind.name.title()}{view.__name__}"
                path = below.replace("<id>", f"<slug:{kind.name}_id>")
                own = type(name, (view,), {"kind": kind})
                place = at.format(collection=kind.collection, kind=kind.name)
                self.route(f"{place}{path}")(own)
            return view

        return decorate

    def _store_endpoint_docs(self, endpoint: str, obj: Any, *args: Any, **options: Any) -> None:
        """Document a view of each kind with the word and the schemas of its own kind."""
        super()._store_endpoint_docs(endpoint, obj, *args, **options)
        if issubclass(obj, ThingView):
            self._docs[endpoint] = _of_kind(self._docs[endpoint], obj.kind)


def _of_kind(doc: Any, kind: Kind) -> Any:
    """A part of the API document in which `{kind}` and `OfKind` stand for those of a kind."""
    if isinstance(doc, str):
        return doc.replace("{kind}", kind.label["en"].lower())
    if isinstance(doc, OfKind):
        return getattr(editable_kind(kind.name), doc.part)()
    if isinstance(doc, dict):
        return {key: _of_kind(value, kind) for key, value in doc.items()}
    return [_of_kind(value, kind) for value in doc] if isinstance(doc, list) else doc


class EditorsBlueprint(KindsBlueprint):
    """Routes whose answers are for editors alone, and kept by nobody."""

    def __init__(self, name: str, module: str, description: str) -> None:
        super().__init__(
            name,
            module,
            POLICY,
            url_prefix="/v1",
            description=description,
            statuses=(401, 403, 503),
        )

    def if_match(self, view: View) -> View:
        """Give a view the ETags of If-Match, as `etags`. Raises IfMatchRequired."""

        @wraps(view)
        def checked(*args: Any, **kwargs: Any) -> Any:
            return view(*args, etags=if_match_etags(), **kwargs)

        apidoc(checked)["request_headers"] = ["If-Match"]
        return self.alt_responses(409, 412, 428)(checked)  # type: ignore[return-value]

    def _store_endpoint_docs(self, endpoint: str, obj: Any, *args: Any, **options: Any) -> None:
        """Document the token, and the keys that `idempotency.requests` honours."""
        super()._store_endpoint_docs(endpoint, obj, *args, **options)
        methods = self._docs[endpoint].keys() - {"parameters"}
        for method in methods:
            doc = self._docs[endpoint][method]
            doc.setdefault("manual_doc", {})["security"] = [{"token": []}]
            if method == "post" and not getattr(obj, "ignores_keys", False):
                doc["request_headers"] = ["Idempotency-Key", *doc.get("request_headers", ())]
                add_responses(doc, (409,))


def require_role(role: str) -> Callable[[View], View]:
    """Refuse who does not have this role, before anything else. Raises Unauthorized, Forbidden."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            g.editor = authenticated_editor()
            g.editor.must_be(role)
            return view(*args, **kwargs)

        guarded.role = role  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return decorate


class EditorView(MethodView):
    """Addresses for everybody with a token."""

    decorators: ClassVar[list[Any]] = [require_role("editor")]


class PublisherView(MethodView):
    """Addresses for publishers."""

    decorators: ClassVar[list[Any]] = [require_role("publisher")]


class EditorThingView(ThingView, EditorView):
    """Addresses of one thing, for everybody with a token."""


class PublisherThingView(ThingView, PublisherView):
    """Addresses of one thing, for publishers."""


def authenticated_editor() -> access.Editor:
    """Who makes this request, looked up once: by its token, or else by the cookie of a session.

    Raises Unauthorized, and Forbidden when it writes with a cookie and no page of ours sent it.
    """
    if EDITOR not in request.environ:
        header = request.headers.get("Authorization")
        is_session = header is None and session_id() is not None
        request.environ[EDITOR] = (
            _editor_of_session() if is_session else access.authenticate(database(), header, now())
        )
    editor: access.Editor = request.environ[EDITOR]
    return editor


def _editor_of_session() -> access.Editor:
    opened = current_session()
    if opened is None:
        raise Unauthorized(N_("Your session has ended; sign in again."))
    keep_private()
    check_forgery(opened)
    return opened.editor


def is_authenticated() -> bool:
    """Whether this request says whose it is, in a way that another website cannot have it say."""
    return "Authorization" in request.headers or EDITOR in request.environ


def current_editor() -> access.Editor:
    """Whose token this request has."""
    editor: access.Editor = g.editor
    return editor


def database() -> Database:
    """The database of this application."""
    return services().database


def if_match_etags() -> set[str]:
    """The ETags in If-Match, without their language; `*` names none. Raises IfMatchRequired.

    A proxy that compresses makes our tags weak, or writes `-gzip` behind them: they still name
    the same text, so an ETag counts up to its first dash.
    """
    if "If-Match" not in request.headers or request.if_match.star_tag:
        raise IfMatchRequired
    return {tag.partition("-")[0] for tag in request.if_match.as_set(include_weak=True) if tag}
