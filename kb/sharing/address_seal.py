"""E-mail addresses before they are confirmed: recognised by a hash, readable in a link alone.

Until somebody confirms it, the database has only a keyed hash of an address. The address itself
stands in the link of the confirming e-mail, enciphered, so that logs of a web server do not have
it either. The key is a file beside the database, not in it: a copy of one is of no use alone.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from contextlib import suppress
from pathlib import Path

KEY_BYTES = 32
NONCE_BYTES = 24  # random, so that no two links are enciphered alike, and nobody guesses one
MAX_TOKEN_LENGTH = 500  # characters


class AddressSeal:
    """What one key can say of addresses."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    @classmethod
    def of_file(cls, path: Path) -> AddressSeal:
        """The key of a file, which is made when there is none. Raises OSError and ValueError."""
        if not path.exists():
            _make(path)
        key = path.read_bytes()
        if len(key) < KEY_BYTES:
            raise ValueError(f"{path} has no key of {KEY_BYTES} bytes.")
        return cls(key)

    def hash(self, address: str) -> str:
        """By which the same address is recognised, however its letters are written."""
        return hmac.new(self._key, b"hash\0" + address.casefold().encode(), "sha256").hexdigest()

    def seal(self, address: str) -> str:
        """A new random token that holds an address, for a link."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return urlsafe_b64encode(nonce + self._cipher(nonce, address.encode())).decode().rstrip("=")

    def open(self, token: str) -> str:
        """The address in a token; of one that we never gave, some text. Raises ValueError."""
        if not token.isascii() or len(token) > MAX_TOKEN_LENGTH:
            raise ValueError("this is no token")
        try:
            held = urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except NotBase64 as error:
            raise ValueError("this is no token") from error
        return self._cipher(held[:NONCE_BYTES], held[NONCE_BYTES:]).decode()

    def _cipher(self, nonce: bytes, text: bytes) -> bytes:
        """Encipher or decipher with a stream that each nonce has its own of.

        Nothing here says whether a token is ours: the database knows the hash of each that is.
        """
        keyed = hmac.new(self._key, b"stream\0" + nonce, "sha256").digest()
        stream = hashlib.shake_256(keyed).digest(len(text))
        return bytes(a ^ b for a, b in zip(text, stream, strict=True))


def hash_token(token: str) -> str:
    """What the database keeps of a token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _make(path: Path) -> None:
    """Write a new key for this user alone; of two processes at once, one wins whole."""
    part = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secrets.token_bytes(KEY_BYTES))
    with suppress(FileExistsError):
        path.hardlink_to(part)
    part.unlink()
