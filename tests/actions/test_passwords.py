"""New passwords."""

import pytest

from nowserving.actions.house import House
from nowserving.actions.passwords import set_password
from nowserving.actions.sample import Sample
from nowserving.actions.sign_in import sign_in, signed_in
from nowserving.kit.problems import Problem
from nowserving.people.staff import UnknownCaller, WeakPassword, WrongPassword, strong


async def test_a_new_password_ends_the_sessions_and_the_old_one(
    house: House, branch: Sample
) -> None:
    of = branch.organization.id
    secret, _ = await sign_in(house, organization_id=of, login="ann", password="Passw0rd!")
    await set_password(house, organization_id=of, login="ann", password="N3w-Passw0rd!")
    with pytest.raises(UnknownCaller):
        await signed_in(house, secret)
    with pytest.raises(WrongPassword):
        await sign_in(house, organization_id=of, login="ann", password="Passw0rd!")
    secret, _ = await sign_in(house, organization_id=of, login="ann", password="N3w-Passw0rd!")
    assert (await signed_in(house, secret)).agent.login == "ann"


async def test_the_last_five_passwords_cannot_be_used_again(house: House, branch: Sample) -> None:
    async def change(password: str) -> type[Problem] | None:
        try:
            await set_password(
                house, organization_id=branch.organization.id, login="ann", password=password
            )
        except WeakPassword as refused:
            return type(refused)
        return None

    assert await change("Passw0rd!") is WeakPassword
    for at in range(1, 5):
        assert await change(f"Passw0rd!{at}") is None
    assert await change("Passw0rd!") is WeakPassword
    assert await change("Passw0rd!5") is None
    assert await change("Passw0rd!") is None


@pytest.mark.parametrize(
    "password", ["Sh0rt!a", "passw0rd!", "PASSW0RD!", "Password!", "Passw0rdd"]
)
def test_a_password_needs_four_kinds_of_characters_and_eight_of_them(password: str) -> None:
    assert not strong(password)
    assert strong("Passw0rd!")
