"""Who may manage endpoints, what can be set of them, and that no secret is ever told again."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from nowserving.actions import endpoints
from nowserving.actions.endpoint_terms import discreet
from nowserving.actions.endpoints import Shown
from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.dialects.cubu.hooks import WEBHOOKS
from nowserving.kit.problems import Forbidden, Invalid, NotFound, Stale
from nowserving.people.actor import Actor, ActorKind, grants_of, system
from nowserving.people.permissions import Role
from nowserving.places.endpoints import EndpointState, Why
from nowserving.store.store import Store

URL = "https://r.example/hooks"


@pytest.fixture
def eve(branch: Sample) -> Actor:
    """The owner."""
    agent = branch.beginning.agents[4]
    grants = grants_of([(Role.OWNER, None)])
    return Actor(branch.organization.id, ActorKind.AGENT, agent.id, agent.name, grants)


@pytest.fixture
def operator(branch: Sample) -> Actor:
    """Whoever runs the machine."""
    return system(branch.organization.id, "operator")


async def added(house: House, actor: Actor, **more: Any) -> Shown:
    async with house.acting(actor) as act:
        return await endpoints.add(act, **{"dialect": "native", "url": URL, **more})


async def changed(house: House, actor: Actor, shown: Shown, **changes: Any) -> Shown:
    seen = shown.endpoint
    async with house.acting(actor) as act:
        return await endpoints.change(
            act, endpoint_id=seen.id, version=seen.version, changes=changes
        )


async def looked_at(house: House, actor: Actor, id: UUID) -> endpoints.Faring:
    async with house.acting(actor) as act:
        return await endpoints.show(act, endpoint_id=id)


async def test_an_endpoint_is_added_with_a_secret_that_is_shown_once(
    house: House, eve: Actor
) -> None:
    shown = await added(house, eve, name=" Our CRM ", kinds=["case.*", "case.*"], rate=20)
    assert shown.secret is not None
    assert shown.secret.startswith("whsec_")
    endpoint = shown.endpoint
    assert (endpoint.name, endpoint.kinds, endpoint.rate) == ("Our CRM", ("case.*",), 20)
    assert house.vault.unlock(endpoint.secret or b"") == shown.secret
    again = await looked_at(house, eve, endpoint.id)
    assert again.shown == replace(shown, secret=None)
    async with house.acting(eve) as act:
        told = [await endpoints.page(act), await endpoints.history(act, endpoint_id=endpoint.id)]
    assert shown.secret not in repr(told)
    assert (again.health.waiting, again.health.last) == (0, None)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OWNER])
async def test_only_owners_and_administrators_of_directory_or_integrations_may(
    house: House, branch: Sample, role: Role
) -> None:
    actor = Actor(branch.organization.id, ActorKind.AGENT, uuid4(), "x", grants_of([(role, None)]))
    if role in (Role.DIRECTORY_ADMIN, Role.INTEGRATION_ADMIN):
        await added(house, actor)
        return
    with pytest.raises(Forbidden):
        await added(house, actor)
    for what in (
        endpoints.page,
        lambda act: endpoints.show(act, endpoint_id=uuid4()),
        lambda act: endpoints.history(act, endpoint_id=uuid4()),
        lambda act: endpoints.change(act, endpoint_id=uuid4(), version=1, changes={}),
        lambda act: endpoints.pause(act, endpoint_id=uuid4()),
        lambda act: endpoints.resume(act, endpoint_id=uuid4()),
        lambda act: endpoints.remove(act, endpoint_id=uuid4()),
        lambda act: endpoints.roll_secret(act, endpoint_id=uuid4()),
        lambda act: endpoints.ask_again(act, endpoint_id=uuid4()),
        lambda act: endpoints.confirm(act, endpoint_id=uuid4()),
    ):
        async with house.acting(actor) as act:
            with pytest.raises(Forbidden):
                await what(act)


async def test_whoever_administers_some_units_only_may_not(house: House, branch: Sample) -> None:
    directory = await house.directory(branch.organization.id)
    some = frozenset(directory.units)
    grants = grants_of([(Role.DIRECTORY_ADMIN, some)])
    actor = Actor(branch.organization.id, ActorKind.AGENT, uuid4(), "x", grants)
    with pytest.raises(Forbidden):
        await added(house, actor)


async def test_nobody_but_the_operator_trusts_an_address(
    house: House, eve: Actor, operator: Actor
) -> None:
    with pytest.raises(Forbidden):
        await added(house, eve, url="http://127.0.0.1:1/", trusted=True)
    with pytest.raises(Invalid):
        await added(house, eve, settings={"allowed": True})
    shown = await added(house, operator, url="http://127.0.0.1:1/", trusted=True)
    assert shown.endpoint.trusted
    assert shown.endpoint.confirmed_at is not None
    kept = await changed(house, eve, shown, settings={"full": True})
    assert kept.endpoint.settings == {"full": True, "allowed": True}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"dialect": "klingon"}, "dialect"),
        ({"url": "http://127.0.0.1/"}, "url"),
        ({"url": "https://10.0.0.1/"}, "url"),
        ({"url": "https://u:p@r.example/"}, "url"),
        ({"url": "gopher://r.example/"}, "url"),
        ({"url": "https://r.example/#x"}, "url"),
        ({"url": "https://r.example/" + "x" * 2000}, "url"),
        ({"url": "https://r.example:22/"}, "url"),
        ({"name": "x" * 101}, "name"),
        ({"kinds": []}, "kinds"),
        ({"kinds": ["case.flew"]}, "kinds"),
        ({"kinds": ["ca*"]}, "kinds"),
        ({"kinds": ["office.*"]}, "kinds"),
        ({"unit_ids": []}, "unit_ids"),
        ({"unit_ids": [UUID(int=1)]}, "unit_ids"),
        ({"service_ids": [UUID(int=1)]}, "service_ids"),
        ({"authorization": "basic"}, "authorization"),
        ({"secret": "short"}, "secret"),
        ({"secret": "whsec_AAAA"}, "secret"),
        ({"authorization": "none", "secret": "whsec_" + "A" * 32}, "secret"),
        ({"settings": {"color": "red"}}, "settings"),
        ({"settings": {"when_stuck": "cry"}}, "settings"),
        ({"concurrency": 0}, "concurrency"),
        ({"concurrency": 33}, "concurrency"),
        ({"rate": 0}, "rate"),
        ({"headers": {"Host": "x"}}, "headers"),
        ({"headers": {"webhook-signature": "x"}}, "headers"),
        ({"headers": {"X y": "x"}}, "headers"),
        ({"headers": {"X-A": "x\r\ny: z"}}, "headers"),
        ({"headers": {"X-A": "1", "x-a": "2"}}, "headers"),
        ({"dialect": "cubu", "kinds": ["case.noted"]}, "kinds"),
        ({"dialect": "cubu", "url": "https://r.example/?x=1"}, "url"),
        ({"dialect": "cubu", "headers": {"Authorization": "x"}}, "headers"),
        ({"dialect": "cubu", "settings": {"actions": {"case.noted": "x"}}}, "settings"),
        ({"dialect": "vcc", "authorization": "hmac"}, "authorization"),
        ({"dialect": "vcc", "settings": {"encrypt": "rot13"}}, "settings"),
        ({"dialect": "vcc", "settings": {"encrypt": "aes-256-ctr", "method": "GET"}}, "settings"),
    ],
)
async def test_what_cannot_be_is_refused_by_its_field(
    house: House, eve: Actor, wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await added(house, eve, **wrong)
    assert refused.value.details["field"] == field


async def test_what_an_administrator_may_set(house: House, eve: Actor, branch: Sample) -> None:
    directory = await house.directory(branch.organization.id)
    unit, service = next(iter(directory.units)), next(iter(directory.services))
    shown = await added(
        house,
        eve,
        dialect="cubu",
        url="https://r.example/base/",
        unit_ids=[unit],
        service_ids=[service],
        secret="very secret",
        settings={"actions": {"case.queued": "joined"}},
        headers={"X-Tenant": "7"},
        concurrency=32,
    )
    assert shown.secret == "very secret"
    assert shown.header_names == ("X-Tenant",)
    endpoint = shown.endpoint
    assert endpoint.url == "https://r.example/base"
    assert endpoint.kinds == tuple(WEBHOOKS)
    assert (endpoint.unit_ids, endpoint.service_ids) == ((unit,), (service,))
    assert endpoint.settings == {"actions": {"case.queued": "joined"}}
    assert house.vault.unlock(endpoint.headers or b"") == '{"X-Tenant":"7"}'


async def test_vcc_has_a_key_only_where_it_encrypts(house: House, eve: Actor) -> None:
    plain = await added(house, eve, dialect="vcc")
    assert (plain.secret, plain.endpoint.secret, plain.endpoint.authorization) == (
        None,
        None,
        "none",
    )
    encrypted = await changed(house, eve, plain, settings={"encrypt": "aes-256-ctr"})
    assert encrypted.secret is not None
    assert len(encrypted.secret) == 32
    again = await changed(house, eve, encrypted, name="x")
    assert again.secret is None
    without = await changed(house, eve, again, settings={})
    assert without.endpoint.secret is None


async def test_a_change_is_written_over_what_was_seen_only(house: House, eve: Actor) -> None:
    shown = await added(house, eve)
    to = await changed(house, eve, shown, name="New", concurrency=3)
    assert (to.endpoint.version, to.endpoint.name, to.endpoint.concurrency) == (2, "New", 3)
    with pytest.raises(Stale):
        await changed(house, eve, shown, name="Old")
    with pytest.raises(Invalid):
        await changed(house, eve, to, secret="whsec_" + "A" * 32)
    assert (await looked_at(house, eve, shown.endpoint.id)).shown == to


async def test_who_moves_elsewhere_has_to_confirm_anew(
    house: House, eve: Actor, operator: Actor
) -> None:
    shown = await added(house, eve)
    async with house.acting(eve) as act:
        with pytest.raises(Forbidden):
            await endpoints.confirm(act, endpoint_id=shown.endpoint.id)
    async with house.acting(operator) as act:
        confirmed = await endpoints.confirm(act, endpoint_id=shown.endpoint.id)
    assert confirmed.endpoint.confirmed
    same = await changed(house, eve, confirmed, url=URL, name="x")
    assert same.endpoint.confirmed
    moved = await changed(house, eve, same, url="https://victim.example/")
    assert not moved.endpoint.confirmed
    now = house.clock() + timedelta(seconds=1)
    async with house.engine.reading() as connection:
        asked = await Store(connection, eve.organization_id).consents.unconfirmed(now)
    assert [one.endpoint.url for one in asked] == ["https://victim.example/"]


async def test_pausing_and_resuming(house: House, eve: Actor) -> None:
    shown = await added(house, eve)
    id = shown.endpoint.id
    async with house.acting(eve) as act:
        paused = await endpoints.pause(act, endpoint_id=id)
    assert (paused.endpoint.state, paused.endpoint.why) == (EndpointState.DISABLED, Why.PAUSED)
    async with house.acting(eve) as act:
        assert await endpoints.pause(act, endpoint_id=id) == paused
    async with house.acting(eve) as act:
        resumed = await endpoints.resume(act, endpoint_id=id)
    assert (resumed.endpoint.state, resumed.endpoint.why) == (EndpointState.ACTIVE, None)
    assert resumed.endpoint.version == 3


async def test_a_deleted_endpoint_is_gone_with_its_secrets(house: House, eve: Actor) -> None:
    shown = await added(house, eve, headers={"X-Key": "hush"})
    id = shown.endpoint.id
    async with house.acting(eve) as act:
        await endpoints.remove(act, endpoint_id=id)
    with pytest.raises(NotFound):
        await looked_at(house, eve, id)
    async with house.acting(eve) as act:
        assert await endpoints.page(act) == []
        verbs = [one.verb for one in await endpoints.history(act, endpoint_id=id)]
    assert verbs == ["delete", "add"]


async def test_both_secrets_sign_while_one_rolls(house: House, eve: Actor) -> None:
    shown = await added(house, eve)
    async with house.acting(eve) as act:
        rolled = await endpoints.roll_secret(act, endpoint_id=shown.endpoint.id)
    endpoint, now = rolled.endpoint, house.clock()

    def secrets(at: timedelta) -> list[str]:
        return [house.vault.unlock(one) for one in endpoint.secrets(now + at)]

    assert secrets(timedelta(hours=23)) == [rolled.secret, shown.secret]
    assert secrets(timedelta(hours=25)) == [rolled.secret]
    async with house.acting(eve) as act:
        at_once = await endpoints.roll_secret(act, endpoint_id=endpoint.id, both_for=timedelta(0))
    assert at_once.endpoint.old_secret is None
    for too_long in (timedelta(days=8), timedelta(seconds=-1)):
        async with house.acting(eve) as act:
            with pytest.raises(Invalid):
                await endpoints.roll_secret(act, endpoint_id=endpoint.id, both_for=too_long)


async def test_who_loses_a_new_secret_and_makes_another_keeps_the_one_in_use(
    house: House, eve: Actor
) -> None:
    shown = await added(house, eve)
    made = [shown.secret]
    for _ in range(3):
        async with house.acting(eve) as act:
            again = await endpoints.roll_secret(act, endpoint_id=shown.endpoint.id)
        made.insert(0, again.secret)
        signing = [house.vault.unlock(one) for one in again.endpoint.secrets(house.clock())]
        assert signing == made[:3]
    later = house.clock() + timedelta(hours=25)
    assert [house.vault.unlock(one) for one in again.endpoint.secrets(later)] == made[:1]


async def test_a_language_of_one_signature_takes_the_new_secret_at_once(
    house: House, eve: Actor
) -> None:
    shown = await added(house, eve, dialect="cubu")
    async with house.acting(eve) as act:
        rolled = await endpoints.roll_secret(act, endpoint_id=shown.endpoint.id)
        with pytest.raises(Invalid):
            await endpoints.roll_secret(
                act, endpoint_id=shown.endpoint.id, both_for=timedelta(hours=1)
            )
    assert len(rolled.endpoint.secrets(house.clock())) == 1


async def test_every_change_is_written_down_without_a_secret(house: House, eve: Actor) -> None:
    shown = await added(
        house,
        eve,
        dialect="vcc",
        url="https://r.example/?secret-key=hush&iv=${iv}",
        settings={"encrypt": "aes-256-ctr"},
        headers={"X-Key": "hush"},
    )
    to = await changed(house, eve, shown, name="New")
    async with house.acting(eve) as act:
        rolled = await endpoints.roll_secret(act, endpoint_id=to.endpoint.id)
    async with house.acting(eve) as act:
        told = await endpoints.history(act, endpoint_id=to.endpoint.id)
    assert [(one.verb, one.actor) for one in told] == [
        ("roll_secret", eve.principal),
        ("change", eve.principal),
        ("add", eve.principal),
    ]
    assert (told[1].before, told[1].after) == ({"name": ""}, {"name": "New"})
    assert told[2].after["url"] == "https://r.example/?secret-key=…&iv=${iv}"
    text = msgspec.json.encode(told).decode()
    for secret in ("hush", str(shown.secret), str(rolled.secret)):
        assert secret not in text


async def test_another_organization_has_none_of_them(
    house: House, eve: Actor, other_branch: Sample
) -> None:
    shown = await added(house, eve)
    stranger = system(other_branch.organization.id, "operator")
    async with house.acting(stranger) as act:
        assert await endpoints.page(act) == []
        assert await endpoints.history(act, endpoint_id=shown.endpoint.id) == []
        for what in (endpoints.show, endpoints.pause, endpoints.remove, endpoints.roll_secret):
            with pytest.raises(NotFound):
                await what(act, endpoint_id=shown.endpoint.id)


def test_an_address_is_told_without_what_may_be_secret_in_it() -> None:
    assert discreet("https://r.example/x") == "https://r.example/x"
    assert discreet("https://r.example/x?a=1&b=${iv}&c") == "https://r.example/x?a=…&b=${iv}&c"
