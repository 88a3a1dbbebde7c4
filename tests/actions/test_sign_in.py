"""Signing in, where no page is in between."""

import pytest
from argon2.exceptions import VerifyMismatchError

from nowserving.actions import sign_in


def test_trying_a_password_on_nobody_takes_the_usual_work_and_fails() -> None:
    with pytest.raises(VerifyMismatchError):
        sign_in._hasher.verify(sign_in._NOBODY, "whatever")
    assert not sign_in._hasher.check_needs_rehash(sign_in._NOBODY)


async def test_a_password_is_hashed_with_the_usual_work() -> None:
    hash = await sign_in.hash_password("Passw0rd!")
    assert not sign_in._hasher.check_needs_rehash(hash)
    assert await sign_in.matches(hash, "Passw0rd!")
    assert not await sign_in.matches(hash, "passw0rd!")
