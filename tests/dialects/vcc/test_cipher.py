"""Bodies are encrypted byte by byte as PHP does it."""

import subprocess
from base64 import b64decode, b64encode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nowserving.dialects.vcc.cipher import METHODS, encrypted
from tests.rig.interpreters import find_php

PLAIN = b'{"action":"delete","ticket":{"ticketId":21}}'
KEY = "very secret key"
COUNTED = bytes(range(16))

VECTORS = {
    ("aes-256-ctr", COUNTED): "2NRUswPcapLj8R0hr9BgcG5JETywrrnbs5yGOFtqrOSG1In+lxr3P+vl/Qk=",
    ("aes-256-ctr", b""): "cMF1eivMHCj9RakU5qnQ9Yvy1UQHPqGBudba5XdS4bfNcfuWY6uA+HdjtE8=",
}
"""Of the reference, worked out with OpenSSL's command line."""

DECRYPT = """
[, $cipher, $key, $iv, $body] = $argv;
echo base64_encode(@openssl_decrypt($body, $cipher, base64_decode($key), 0, hex2bin($iv)));
"""


@pytest.mark.parametrize(("cipher", "iv"), VECTORS)
def test_the_vectors_of_the_reference(cipher: str, iv: bytes) -> None:
    assert encrypted(PLAIN, cipher=cipher, key=KEY, iv=iv).decode() == VECTORS[cipher, iv]


def test_no_initialization_vector_is_one_of_nuls() -> None:
    for cipher in METHODS:
        none, nuls = (encrypted(PLAIN, cipher=cipher, key=KEY, iv=iv) for iv in (b"", bytes(16)))
        assert none == nuls


def test_counter_mode_adds_nothing_and_chaining_a_padding() -> None:
    for cipher in METHODS:
        size = len(b64decode(encrypted(PLAIN, cipher=cipher, key=KEY, iv=COUNTED)))
        assert size == (len(PLAIN) if cipher.endswith("ctr") else 48)


@pytest.mark.parametrize("cipher", METHODS)
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    body=st.binary(min_size=1, max_size=100),
    key=st.text(st.characters(codec="utf-8"), min_size=1, max_size=40),
    iv=st.sampled_from([b"", COUNTED, bytes(16)]) | st.binary(min_size=16, max_size=16),
)
def test_php_reads_what_we_write(cipher: str, body: bytes, key: str, iv: bytes) -> None:
    said = encrypted(body, cipher=cipher, key=key, iv=iv)
    read = subprocess.run(
        [find_php(), "-r", DECRYPT, "--", cipher, b64encode(key.encode()), iv.hex(), said],
        capture_output=True,
        check=True,
    )
    assert b64decode(read.stdout) == body, read.stderr
