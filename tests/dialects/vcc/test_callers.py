"""Who may ask the Database API: a program with its secret, from where it is registered."""

from dataclasses import replace

import pytest

from nowserving.actions.addresses import register_addresses
from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.kit.problems import Forbidden, Invalid, NotFound
from nowserving.people.actor import Actor, system
from tests.dialects.vcc.conftest import Program

PATHS = ("/projects", "/projects/2", "/projects/2/tickets", "/users", "/nothing/here")


@pytest.mark.parametrize(
    ("user", "password"),
    [
        ("demo", "{id}.wrong"),
        ("demo", "{id}"),
        ("demo", "{secret}"),
        ("demo", "{other}.{secret}"),
        ("other", "{id}.{secret}"),
        ("nobody", "{id}.{secret}"),
        ("", ""),
    ],
)
async def test_wrong_credentials_are_told_to_sign_in(
    vcc: Program, other_branch: Sample, user: str, password: str
) -> None:
    known = {"id": vcc.made.client.id, "secret": vcc.made.client_secret}
    password = password.format(**known, other=other_branch.client.id)
    answer = await vcc.client.get("/v2/projects", auth=(user, password))
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic ")
    assert answer.json()["errors"][0]["errormessage"] == "error.unauthorized"


@pytest.mark.parametrize("header", ["", "Basic", "Basic %%%", "Basic ZGVtbw==", "Bearer x"])
async def test_what_is_no_basic_is_told_to_sign_in(vcc: Program, header: str) -> None:
    answer = await vcc.client.get("/v2/projects", headers={"Authorization": header})
    assert answer.status_code == 401


async def test_many_wrong_tries_are_slowed_down_and_right_ones_not(vcc: Program) -> None:
    statuses = [
        (await vcc.client.get("/v2/projects", auth=("demo", "x.y"))).status_code for _ in range(40)
    ]
    assert (statuses[0], statuses[-1]) == (401, 429)
    assert [(await vcc.ask("/projects")).status_code for _ in range(40)] == [200] * 40


async def test_another_organization_sees_its_own(vcc: Program, other_branch: Sample) -> None:
    await vcc.post("/projects/2/records", {"form": {"name": "Ada"}})
    other = Program(vcc.client, other_branch)
    assert (await other.rows(2))[1] == 0
    assert (await vcc.rows(2))[1] == 1


@pytest.mark.parametrize(
    ("networks", "status"),
    [
        (None, 200),
        (("127.0.0.0/8",), 200),
        (("192.0.2.0/24", "127.0.0.1/32"), 200),
        (("192.0.2.0/24",), 403),
        (("2001:db8::/32",), 403),
        ((), 403),
    ],
)
async def test_a_program_asks_from_where_it_is_registered(
    house: House, vcc: Program, networks: tuple[str, ...] | None, status: int
) -> None:
    async with house.acting(system(vcc.made.organization.id, "operator")) as act:
        await register_addresses(act, client_id=vcc.made.client.id, networks=networks)
    assert (await vcc.ask("/projects")).status_code == status


async def test_addresses_are_registered_by_those_who_manage_programs(
    house: House, branch: Sample, ann: Actor
) -> None:
    operator, client_id = system(branch.organization.id, "operator"), branch.client.id
    async with house.acting(operator) as act:
        kept = await register_addresses(act, client_id=client_id, networks=["192.0.2.7/24"])
        assert kept == ("192.0.2.0/24",)
        with pytest.raises(Invalid):
            await register_addresses(act, client_id=client_id, networks=["everywhere"])
        with pytest.raises(Invalid):
            await register_addresses(act, client_id=client_id, networks=["::1"] * 101)
        with pytest.raises(NotFound):
            await register_addresses(act, client_id=house.ids(act.now), networks=None)
    async with house.acting(ann) as act:
        with pytest.raises(Forbidden):
            await register_addresses(act, client_id=client_id, networks=None)


def test_addresses_are_compared_as_addresses(branch: Sample) -> None:
    client = replace(branch.client, addresses=("192.0.2.0/24", "2001:db8::/32"))
    assert client.may_call_from("192.0.2.7")
    assert client.may_call_from("::ffff:192.0.2.7")
    assert client.may_call_from("2001:db8::1")
    for address in ("192.0.3.7", "2001:db9::1", "", "localhost", "192.0.2.7.example"):
        assert not client.may_call_from(address)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", PATHS)
async def test_what_is_not_offered_is_refused_in_this_form(
    vcc: Program, method: str, path: str
) -> None:
    answer = await vcc.client.request(method, f"/v2{path}", auth=(vcc.user, vcc.password))
    assert answer.status_code == (404 if path == "/nothing/here" else 405)
    assert answer.json()["errors"][0]["errorcode"] == answer.status_code
