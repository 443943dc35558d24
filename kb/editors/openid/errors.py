"""Why somebody could not sign in at their organisation."""

from __future__ import annotations

from typing import Literal

Reason = Literal["unknown", "declined", "not-right", "no-role", "other-domain"]
RETRY_AFTER = 30  # seconds, after which a provider that was away may be back


class ProviderUnavailable(Exception):
    """The identity provider does not answer, or not as OpenID Connect has it; the text is for logs.

    Nobody's token, code or secret is in the text.
    """


class SignInRefused(Exception):
    """Somebody came back from the identity provider, and cannot be let in.

    `unknown`: no such sign-in was begun in this browser, or too long ago, or it has ended already.
    `declined`: the provider or the visitor broke it off. `not-right`: what the provider says of
    this sign-in does not hold. `no-role` and `other-domain`: this is not somebody who may come in.
    """

    def __init__(self, reason: Reason, text: str = "", person: str = "") -> None:
        super().__init__(text or reason)
        self.reason = reason
        self.person = person  # who the provider says it is, for the page that refuses them
