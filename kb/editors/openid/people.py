"""Who somebody is and what they may do, by what their identity provider says of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kb.editors.openid.errors import SignInRefused
from kb.settings import Settings, split_values

NAMES = ("name", "preferred_username", "email")  # the first that there is
Claims = Mapping[str, Any]


def needed_claims(settings: Settings) -> set[str]:
    """The claims without which more is to be read at the provider."""
    role = settings.oidc_role_claim
    email = {"email"} if settings.oidc_email_domains else set[str]()
    return {role if "://" in role else role.partition(".")[0], "name", *email}


def role_of(claims: Claims, settings: Settings) -> str:
    """What somebody may do here: `publisher` when both apply. Raises SignInRefused."""
    _check_domain(claims, split_values(settings.oidc_email_domains))
    values = set(_texts(_at(claims, settings.oidc_role_claim)))
    if values & set(split_values(settings.oidc_publisher_values)):
        return "publisher"
    if values & set(split_values(settings.oidc_editor_values)):
        return "editor"
    raise SignInRefused("no-role", person=person(claims))


def person(claims: Claims) -> str:
    """How the provider calls somebody; its own number for them when it has no name."""
    texts = (claims.get(name) for name in NAMES)
    return next((text for text in texts if isinstance(text, str) and text.strip()), claims["sub"])


def _check_domain(claims: Claims, domains: tuple[str, ...]) -> None:
    """Raise SignInRefused for who has no address in these domains, or one that is not verified."""
    if not domains:
        return
    email = claims.get("email")
    domain = email.rpartition("@")[2].lower() if isinstance(email, str) else ""
    is_unverified = claims.get("email_verified", True) not in {True, "true"}
    if is_unverified or domain not in {each.lower().removeprefix("@") for each in domains}:
        raise SignInRefused("other-domain", person=person(claims))


def _at(claims: Claims, name: str) -> Any:
    """The claim of this name, or at this path of keys (`realm_access.roles`)."""
    if name in claims:
        return claims[name]
    value: Any = claims
    for key in name.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _texts(value: Any) -> list[str]:
    """A text, or those of a list."""
    return [
        each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str)
    ]
