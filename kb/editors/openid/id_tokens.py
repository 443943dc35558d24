"""ID tokens: what an identity provider has signed, checked before anything in it is believed."""

from __future__ import annotations

from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from kb.editors.openid.errors import SignInRefused

ALGORITHMS = (  # with a key pair: who verifies cannot sign. Never `none`, never HS256
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA"),
)
LEEWAY_SECONDS = 60  # that clocks may differ
MAX_SUBJECT_LENGTH = 255  # by the standard


class UnknownKey(Exception):
    """No key that we know has signed this; the provider may have new ones."""


def verify(
    text: str,
    keys: KeySet,
    *,
    algorithms: list[str],
    issuer: str,
    client_id: str,
    nonce: str,
    access_token: str,
) -> dict[str, Any]:
    """The claims of an ID token that was made for us, now, for this sign-in.

    Raises UnknownKey, SignInRefused.
    """
    try:
        token = jwt.decode(text, keys, algorithms=algorithms)
    except (InvalidKeyIdError, BadSignatureError) as error:
        raise UnknownKey(type(error).__name__) from None
    except (JoseError, ValueError, TypeError) as error:
        raise SignInRefused("not-right", f"ID token: {type(error).__name__}") from None
    claims = CodeIDToken(
        token.claims,
        token.header,
        options={
            "iss": {"essential": True, "value": issuer},
            "aud": {"essential": True, "value": client_id},
        },
        params={"nonce": nonce, "client_id": client_id, "access_token": access_token},
    )
    try:
        claims.validate(leeway=LEEWAY_SECONDS)
    except (JoseError, ValueError, TypeError) as error:
        raise SignInRefused("not-right", f"ID token: {error}") from None
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= MAX_SUBJECT_LENGTH:
        raise SignInRefused("not-right", "ID token: sub")
    return dict(claims)
