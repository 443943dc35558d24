"""The cookies of who signs in, and the proof that a request comes from a page of ours."""

from __future__ import annotations

import hmac
from datetime import datetime

from flask import current_app, request
from werkzeug.wrappers import Response

from kb.database import now
from kb.editors import sessions
from kb.editors.sessions import OpenSession
from kb.problems import Forbidden
from kb.services import services
from kb.translation import N_
from kb.web.origins import check_origin

CSRF_HEADER = "X-CSRF-Token"  # of requests that a script makes
CSRF_FIELD = "csrf"  # of forms at the desk
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
SESSION = "kb_session"
SIGN_IN = "kb_sign_in"  # of a browser that is at the identity provider
CACHED = "kb.session"  # in the environment of a request, where it was looked up


def cookie_name(name: str = SESSION) -> str:
    """The name of a cookie; behind https one that no insecure page can set (RFC 6265bis).

    `__Host-` keeps neighbouring sites from it too, but such a cookie holds for the whole host.
    """
    if not _is_secure():
        return name
    return f"__Secure-{name}" if current_app.config["KB_PUBLIC_PATH"] else f"__Host-{name}"


def session_id() -> str | None:
    """What the cookie of this request has."""
    return request.cookies.get(cookie_name())


def browser_secret() -> str | None:
    """What the browser that was sent to the identity provider has of us; None without."""
    return request.cookies.get(cookie_name(SIGN_IN))


def current_session() -> OpenSession | None:
    """The session of this request's cookie, looked up once; None without one that is in force."""
    if CACHED not in request.environ:
        number = session_id()
        issuer = services().settings.oidc_issuer
        request.environ[CACHED] = number and sessions.find(
            services().database, number, now(), issuer
        )
    opened: OpenSession | None = request.environ[CACHED]
    return opened


def end_session() -> None:
    """Delete the session that the cookie of this request names."""
    number = session_id()
    if number is not None:
        services().database.write(lambda session: sessions.end(session, number, now()))


def set_cookie(response: Response, number: str, ends_at: datetime) -> None:
    """Let the browser show the id of a session until that ends: to us alone, and to no script."""
    _set(response, SESSION, number, ends_at, "Strict")


def set_browser_secret(response: Response, secret: str, ends_at: datetime) -> None:
    """Let the browser that goes to the identity provider be recognised when it comes back.

    It comes from another website then, so this one is `Lax`.
    """
    _set(response, SIGN_IN, secret, ends_at, "Lax")


def delete_cookie(response: Response, name: str = SESSION) -> None:
    """Let the browser forget the id of a session, or what `set_browser_secret` gave it."""
    response.delete_cookie(
        cookie_name(name),
        path=_path(),
        secure=_is_secure(),
        httponly=True,
        samesite="Strict" if name == SESSION else "Lax",
    )


def _set(response: Response, name: str, value: str, ends_at: datetime, same_site: str) -> None:
    response.set_cookie(
        cookie_name(name),
        value,
        expires=ends_at,
        path=_path(),
        secure=_is_secure(),
        httponly=True,
        samesite=same_site,
    )


def check_forgery(opened: OpenSession) -> None:
    """See that a page of ours made a request that writes. Raises Forbidden.

    A browser adds the cookie by itself, also when another page had the request made: only a page
    of ours knows the secret of the session. In the API it stands in the header alone.
    """
    if request.method in SAFE_METHODS:
        return
    check_origin()
    sent = request.headers.get(CSRF_HEADER)
    if sent is None and not request.path.startswith("/v1/"):
        sent = request.form.get(CSRF_FIELD)
    if sent is None or not hmac.compare_digest(sent.encode(), opened.csrf.encode()):
        raise Forbidden(
            N_(
                "This was not sent from a page of your present session. Go back, load the page "
                "anew and send it again; programs send the header X-CSRF-Token or a token."
            )
        )


def _path() -> str:
    path: str = current_app.config["KB_PUBLIC_PATH"]
    return path or "/"


def _is_secure() -> bool:
    url: str = current_app.config["KB_PUBLIC_URL"]
    return url.startswith("https:")
