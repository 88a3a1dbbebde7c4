"""What receivers of webhooks work out, for whoever looks for their mistake: nothing is kept.

Standard Webhooks (https://www.standardwebhooks.com), Cubu's HMAC, and the encryption of
VCC Live's webhooks, which is that of PHP's openssl_encrypt.
"""

import hmac
from base64 import b64decode, b64encode
from binascii import Error, unhexlify

from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.padding import PKCS7


class CannotRead(ValueError):
    """What was entered is not what it should be; the text says what it is."""


def standard_signature(secret: str, *, id: str, timestamp: str, body: bytes) -> str:
    """`v1,<MAC>` over id, timestamp and body; CannotRead if the secret is no base64."""
    try:
        key = b64decode(secret.strip().removeprefix("whsec_"), validate=True)
    except Error:
        raise CannotRead("secret") from None
    signed = f"{id.strip()}.{timestamp.strip()}.".encode() + body
    return f"v1,{b64encode(hmac.digest(key, signed, 'sha256')).decode()}"


def cubu_signature(secret: str, body: bytes) -> str:
    """`HMAC <MAC>` over the body alone, keyed with the secret's text."""
    return f"HMAC {b64encode(hmac.digest(secret.encode(), body, 'sha256')).decode()}"


def same_signature(expected: str, given: str) -> bool:
    """Is one of the given signatures the expected one? Several are separated by blanks."""
    if expected.startswith("HMAC "):
        return hmac.compare_digest(expected.encode(), given.strip().encode())
    return any(hmac.compare_digest(expected.encode(), one.encode()) for one in given.split())


def vcc_decrypted(key: str, *, iv: str, body: str, cipher: str = "aes-256-ctr") -> bytes:
    """The plain text. The key is filled up with NUL or cut, as PHP does; `iv` is hex or empty."""
    padded = key.encode()[:32].ljust(32, b"\0")
    try:
        vector = unhexlify(iv.strip())[:16].ljust(16, b"\0")
    except Error:
        raise CannotRead("iv") from None
    try:
        secret = b64decode("".join(body.split()), validate=True)
    except Error:
        raise CannotRead("body") from None
    mode = modes.CBC(vector) if cipher.lower() == "aes-256-cbc" else modes.CTR(vector)
    try:
        decryptor = Cipher(AES256(padded), mode).decryptor()
        plain = decryptor.update(secret) + decryptor.finalize()
        if isinstance(mode, modes.CBC):
            unpadder = PKCS7(128).unpadder()
            plain = unpadder.update(plain) + unpadder.finalize()
    except ValueError:
        raise CannotRead("body") from None
    return plain
