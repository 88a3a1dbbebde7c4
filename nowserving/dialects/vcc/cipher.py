"""The encryption of a webhook's body, byte by byte as PHP's openssl_encrypt does it.

The key is not derived but padded with NUL or cut to the cipher's length; an empty
initialization vector is one of NULs. CTR has no padding and no authentication tag, CBC the
padding of PKCS #7. The body is base64 text.
"""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.padding import PKCS7

IV_BYTES = 16


@dataclass(frozen=True, slots=True)
class Method:
    """One of the ciphers that can be chosen."""

    key_bytes: int
    mode: type[modes.CTR | modes.CBC]


METHODS: Mapping[str, Method] = {
    f"aes-{bits}-{name}": Method(bits // 8, mode)
    for bits in (256, 192, 128)
    for name, mode in (("ctr", modes.CTR), ("cbc", modes.CBC))
}
"""By the names that PHP and OpenSSL have for them."""


def encrypted(body: bytes, *, cipher: str, key: str, iv: bytes) -> bytes:
    """The body as base64 of its ciphertext. `iv`: 16 bytes, or none."""
    method = METHODS[cipher]
    whole = key.encode().ljust(method.key_bytes, b"\0")[: method.key_bytes]
    if method.mode is modes.CBC:
        padding = PKCS7(AES.block_size).padder()
        body = padding.update(body) + padding.finalize()
    doing = Cipher(AES(whole), method.mode(iv or bytes(IV_BYTES))).encryptor()
    return b64encode(doing.update(body) + doing.finalize())
