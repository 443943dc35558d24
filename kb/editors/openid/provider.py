"""The identity provider: what it says of itself, its keys, and what it says of who signs in.

Source: OpenID Connect Core 1.0 and Discovery 1.0; RFC 7636 (PKCE), RFC 9207 (`iss`).
"""

from __future__ import annotations

import base64
import logging
import time
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import quote_plus, urlencode

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization

from kb.editors.openid.errors import ProviderUnavailable, SignInRefused
from kb.editors.openid.id_tokens import ALGORITHMS, UnknownKey, verify
from kb.settings import Settings, is_safe_address

METADATA_PATH = "/.well-known/openid-configuration"
REDIRECT_PATH = "/redactie/aanmelden/terug"
SIGNED_OUT_PATH = "/redactie/aanmelden"
TIMEOUT_SECONDS = (3.05, 5)  # to connect, and between what is received
LIFETIME_SECONDS = 3600  # of metadata and keys
AWAY_SECONDS = 10  # in which nobody waits again for a provider that was away
BASIC = "client_secret_basic"
OUR_MISTAKES = {"invalid_client", "unauthorized_client", "unsupported_grant_type", "invalid_scope"}
log = logging.getLogger("kb.openid")


class Provider:
    """The identity provider of the settings. Nothing is asked of it before somebody signs in."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._metadata: Mapping[str, Any] = {}
        self._metadata_until = 0.0  # monotonic
        self._keys: KeySet | None = None
        self._keys_until = 0.0
        self._away_until = 0.0

    def authorization_address(self, *, state: str, nonce: str, verifier: str, anew: bool) -> str:
        """Where the browser goes to sign in; with `anew` as whom is to be typed again.

        Raises ProviderUnavailable.
        """
        address, _ = self._client().create_authorization_url(
            self._address("authorization_endpoint"),
            state=state,
            nonce=nonce,
            code_verifier=verifier,
            **({"prompt": "login"} if anew else {}),
        )
        return cast(str, address)

    def claims(self, *, code: str, verifier: str, nonce: str, needed: set[str]) -> dict[str, Any]:
        """What the provider says of who signed in, for the code that the browser brought.

        What is `needed` and not in the ID token is looked for at the UserInfo endpoint. Raises
        ProviderUnavailable, SignInRefused.
        """
        with self._client() as client:
            tokens = self._exchange(client, code, verifier)
        id_token, access_token = tokens.get("id_token"), tokens.get("access_token")
        if not isinstance(id_token, str):
            raise SignInRefused("not-right", "there is no ID token")
        claims = self._verify(id_token, nonce=nonce, access_token=str(access_token or ""))
        if needed <= claims.keys() or not self._read_metadata().get("userinfo_endpoint"):
            return claims
        more = self._get(self._address("userinfo_endpoint"), bearer=str(access_token or ""))
        if more.get("sub") != claims["sub"]:
            raise SignInRefused("not-right", "UserInfo is about somebody else")
        return {**more, **claims}

    def check_issuer(self, issuer: str | None) -> None:
        """See that the response is of this provider (RFC 9207). Raises SignInRefused."""
        metadata = self._read_metadata()
        names_itself = metadata.get("authorization_response_iss_parameter_supported") is True
        if issuer != metadata["issuer"] and (names_itself or issuer is not None):
            raise SignInRefused("not-right", "the response is of another issuer")

    def end_session_address(self) -> str | None:
        """Where somebody signs out at the provider too; None where that cannot be done."""
        try:
            if not self._read_metadata().get("end_session_endpoint"):
                return None
            address = self._address("end_session_endpoint")
        except ProviderUnavailable:
            return None
        query = {
            "client_id": self.settings.oidc_client_id,
            "post_logout_redirect_uri": f"{self.settings.public_url}{SIGNED_OUT_PATH}",
        }
        return f"{address}{'&' if '?' in address else '?'}{urlencode(query)}"

    def _client(self) -> OAuth2Session:
        """Our side of OAuth 2.0. Raises ProviderUnavailable."""
        settings, file = self.settings, self.settings.oidc_client_secret_file
        supported = self._read_metadata().get("token_endpoint_auth_methods_supported", [BASIC])
        assert file is not None
        try:
            secret = file.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ProviderUnavailable(f"KB_OIDC_CLIENT_SECRET_FILE: {error!r}") from None
        client = OAuth2Session(
            settings.oidc_client_id,
            secret,
            token_endpoint_auth_method=BASIC if BASIC in supported else "client_secret_post",
            scope=settings.oidc_scopes,
            redirect_uri=f"{settings.public_url}{REDIRECT_PATH}",
            code_challenge_method="S256",
            default_timeout=TIMEOUT_SECONDS,
        )
        client.register_client_auth_method((BASIC, _encode_basic))
        return client

    def _exchange(self, client: OAuth2Session, code: str, verifier: str) -> Mapping[str, Any]:
        """The tokens for a code. Raises ProviderUnavailable, SignInRefused."""
        try:
            tokens: Mapping[str, Any] = client.fetch_token(
                self._address("token_endpoint"),
                grant_type="authorization_code",
                code=code,
                code_verifier=verifier,
                allow_redirects=False,
            )
        except OAuthError as error:
            if error.error in OUR_MISTAKES:
                raise ProviderUnavailable(f"token endpoint: {error.error!r}") from None
            raise SignInRefused("not-right", f"token endpoint: {error.error!r}") from None
        except (requests.RequestException, ValueError) as error:
            raise ProviderUnavailable(f"token endpoint: {type(error).__name__}") from None
        return tokens

    def _verify(self, id_token: str, *, nonce: str, access_token: str) -> dict[str, Any]:
        """The claims of an ID token; with a key that is new to us once more, with new keys."""
        metadata = self._read_metadata()
        supported = set(metadata.get("id_token_signing_alg_values_supported") or ALGORITHMS)
        for attempt in (1, 2):
            try:
                return verify(
                    id_token,
                    self._read_keys(anew=attempt > 1),
                    algorithms=[each for each in ALGORITHMS if each in supported],
                    issuer=metadata["issuer"],
                    client_id=self.settings.oidc_client_id,
                    nonce=nonce,
                    access_token=access_token,
                )
            except UnknownKey as error:
                if attempt > 1:
                    raise SignInRefused("not-right", f"ID token: {error}") from None
        raise AssertionError

    def _read_metadata(self) -> Mapping[str, Any]:
        """What the provider says of itself, read once an hour; the former while it is away.

        Raises ProviderUnavailable.
        """
        if time.monotonic() < self._metadata_until:
            return self._metadata
        issuer = self.settings.oidc_issuer
        try:
            metadata = self._get(f"{issuer}{METADATA_PATH}")
            if str(metadata.get("issuer", "")).rstrip("/") != issuer:
                raise ProviderUnavailable(f"its issuer is {metadata.get('issuer')!r}")
        except ProviderUnavailable:
            if not self._metadata:
                raise
            return self._metadata
        self._metadata = metadata
        self._metadata_until = time.monotonic() + LIFETIME_SECONDS
        return metadata

    def _address(self, name: str) -> str:
        """An address in the metadata. Raises ProviderUnavailable when it is not safe."""
        address = self._read_metadata().get(name)
        if not isinstance(address, str) or not is_safe_address(address.partition("?")[0]):
            raise ProviderUnavailable(f"{name} is {address!r}")
        return address

    def _read_keys(self, *, anew: bool = False) -> KeySet:
        """The keys that the provider signs with. Raises ProviderUnavailable."""
        if self._keys is None or anew or time.monotonic() >= self._keys_until:
            try:
                self._keys = KeySet.import_key_set(
                    cast(KeySetSerialization, self._get(self._address("jwks_uri")))
                )
            except (JoseError, ValueError, TypeError, KeyError) as error:
                raise ProviderUnavailable(f"jwks_uri: {type(error).__name__}") from None
            self._keys_until = time.monotonic() + LIFETIME_SECONDS
        return self._keys

    def _get(self, address: str, *, bearer: str = "") -> dict[str, Any]:
        """The JSON object at an address of the provider. Raises ProviderUnavailable."""
        if time.monotonic() < self._away_until:
            raise ProviderUnavailable("it was away a moment ago")
        headers = {"Accept": "application/json"}
        if bearer:
            headers["Authorization"] = f"Bearer {bearer}"
        try:
            response = requests.get(
                address, headers=headers, timeout=TIMEOUT_SECONDS, allow_redirects=False
            )
            value = response.json() if response.status_code == requests.codes.ok else None
        except ValueError as error:  # no JSON
            raise ProviderUnavailable(f"{address}: {type(error).__name__}") from None
        except requests.RequestException as error:
            self._away_until = time.monotonic() + AWAY_SECONDS
            raise ProviderUnavailable(f"{address}: {type(error).__name__}") from None
        if not isinstance(value, dict):
            raise ProviderUnavailable(f"{address}: status {response.status_code}, no JSON object")
        return value


def _encode_basic(client: Any, method: str, address: str, headers: Any, body: Any) -> Any:
    """Say who we are in `Authorization`, encoded as RFC 6749 (2.3.1) has it; Authlib does not."""
    pair = f"{quote_plus(client.client_id)}:{quote_plus(client.client_secret)}"
    headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    return address, headers, body
