"""Signatures by Ed25519 (RFC 8032) under a key that is drawn from the workspace's: made by it, checked without it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from curate.privacy.surrogates import subkey


def sign(key: bytes, content: bytes) -> dict[str, str]:
    """The signature of some bytes, with the public key that checks it, in hexadecimal; the same each time."""
    signer = Ed25519PrivateKey.from_private_bytes(subkey(key, "signature"))
    return {"algorithm": "Ed25519", "public_key": public_key(key), "value": signer.sign(content).hex()}


def signed(key: bytes, document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with the signature of its JSON with sorted keys."""
    return {**document, "signature": sign(key, json.dumps(document, sort_keys=True).encode())}


def public_key(key: bytes) -> str:
    """The public key of a workspace: 32 bytes, in hexadecimal. To be handed to recipients on another way."""
    return Ed25519PrivateKey.from_private_bytes(subkey(key, "signature")).public_key().public_bytes_raw().hex()


def is_signed(content: bytes, signature: Any, by: str = "") -> bool:
    """Whether `signature`, as `sign` gives it, is that of the content, and by a certain public key if one is given."""
    try:
        named = str(signature["public_key"])
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(named)).verify(bytes.fromhex(signature["value"]), content)
    except (InvalidSignature, KeyError, TypeError, ValueError):
        return False
    return not by or named == by


def read_signature(path: Path) -> Any:
    """What stands in a file of a signature; None where there is none."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
