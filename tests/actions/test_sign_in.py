"""Signing in, where no page is in between."""

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from nowserving.actions import sign_in

RECOMMENDED = PasswordHasher()
"""With the parameters of RFC 9106 for where memory is scarce."""


@pytest.fixture(autouse=True)
def as_usual(usual_hasher: PasswordHasher, monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords are hashed as they are outside of the tests."""
    monkeypatch.setattr(sign_in, "_hasher", usual_hasher)
    monkeypatch.setattr(sign_in, "_NOBODY", sign_in._hash_of_nobody())


def test_trying_a_password_on_nobody_takes_the_usual_work_and_fails() -> None:
    with pytest.raises(VerifyMismatchError):
        sign_in._hasher.verify(sign_in._NOBODY, "whatever")
    assert not RECOMMENDED.check_needs_rehash(sign_in._NOBODY)


async def test_a_password_is_hashed_with_the_usual_work() -> None:
    hash = await sign_in.hash_password("Passw0rd!")
    assert not RECOMMENDED.check_needs_rehash(hash)
    assert await sign_in.matches(hash, "Passw0rd!")
    assert not await sign_in.matches(hash, "passw0rd!")
