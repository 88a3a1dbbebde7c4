"""What a webhook says is what its schema promises."""

from typing import Any
from uuid import UUID

import httpx
import jsonschema
import msgspec
import pytest
from sqlalchemy import bindparam, select

from nowserving.actions import attendance, desk_posts
from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.dialects.native.envelopes import enveloped
from nowserving.dialects.native.fact_schemas import BESIDE, DRAFT, SUBJECTS, address_of, schema_of
from nowserving.journal.catalogue import CATALOGUE, KINDS
from nowserving.kit.facts import Fact
from nowserving.people.actor import Actor, system
from nowserving.people.attendance import Leaving, Reason
from nowserving.store.engines import Statement
from nowserving.store.rows import columns_for
from nowserving.store.tables import facts
from tests.dialects.native.api import Api
from tests.dialects.native.conftest import Places, after, queued


async def test_every_kind_has_a_schema_at_its_address(client: httpx.AsyncClient) -> None:
    for kind in CATALOGUE:
        answer = await client.get(address_of(kind))
        assert answer.status_code == 200, kind
        assert answer.headers["content-type"] == "application/schema+json"
        schema = answer.json()
        jsonschema.Draft202012Validator.check_schema(schema)
        found = (schema["$schema"], schema["$id"], schema["title"])
        assert found == (DRAFT, address_of(kind), kind)


async def test_the_kinds_are_listed_with_their_schemas(client: httpx.AsyncClient) -> None:
    listed = (await client.get("/api/v1/facts/schemas")).json()["facts"]
    assert [one["type"] for one in listed] == [kind.name for kind in KINDS]
    assert (await client.get(listed[0]["schema"])).status_code == 200
    assert (await client.get("/api/v1/facts/schemas/case.nothing.json")).status_code == 404


def test_it_is_known_what_everything_is_that_a_fact_says() -> None:
    assert {name for kind in KINDS for name in kind.beside} <= set(BESIDE)
    assert {kind.subject for kind in KINDS} == set(SUBJECTS)


async def test_every_fact_of_a_busy_day_is_as_its_schema_says(
    house: House, branch: Sample, api: Api, ann: Actor, places: Places
) -> None:
    await a_busy_day(api, places)
    await a_day_at_work(house, branch, ann)
    happened = await facts_of(house, branch)
    assert len({fact.kind for fact in happened}) >= 22
    for fact in happened:
        for place in (None, (UUID(int=7), 7)):
            for full in (False, True):
                must_be_as_promised(fact, enveloped(fact, place, full=full, cloudevents=False))


async def test_a_schema_is_strict_where_it_matters(house: House, branch: Sample, api: Api) -> None:
    await queued(api)
    [fact] = await facts_of(house, branch)
    said = msgspec.json.decode(enveloped(fact, None, full=True, cloudevents=False))
    for wrong in (
        {**said, "type": "case.called"},
        {**said, "subject": "nobody"},
        {**said, "ver": 0},
        {**said, "data": {"case": {**said["data"]["case"], "state": "asleep"}}},
        {**said, "data": {}},
        {name: value for name, value in said.items() if name != "id"},
    ):
        with pytest.raises(jsonschema.ValidationError):
            validator(fact.kind).validate(wrong)


def must_be_as_promised(fact: Fact, body: bytes) -> None:
    validator(fact.kind).validate(msgspec.json.decode(body))


def validator(kind: str) -> Any:
    return jsonschema.Draft202012Validator(
        schema_of(kind), format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )


async def a_busy_day(api: Api, places: Places) -> None:
    """Nearly everything that can be done to a case."""
    consulting = next(queue["id"] for queue in places.queues if queue["name"] == "Consulting")
    first = await after(api, "pend", "resume", "call", "undo-call", "call", "start", "hold")
    await api.post(f"/cases/{first}/start")
    await api.post(f"/cases/{first}/return")
    await api.post(f"/cases/{first}/transfer", {"queue_id": consulting, "keep_place": True})
    await api.post(f"/cases/{first}/notes", {"text": "Came late."}, expect=201)
    await api.patch(f"/cases/{first}", {"priority": 1, "name": "Bo", "email": "bo@example.com"})
    outcome = {"outcome_id": places.outcomes[0]["id"], "solution": "Granted."}
    await api.post(f"/cases/{first}/resolve", outcome)
    await api.post(f"/cases/{first}/close")
    await api.post(f"/cases/{first}/reopen")
    await after(api, "call", "miss")
    await after(api, "cancel")
    new = await api.post("/cases", {"service_number": 1}, expect=201)
    link, nobody = new["ticket_url"].rpartition("/")[2], Api(api.asking)
    await nobody.post(f"/tickets/{link}/leave", expect=204)
    await nobody.post(f"/tickets/{link}/come-back", expect=204)


async def a_day_at_work(house: House, branch: Sample, ann: Actor) -> None:
    """Somebody comes, sits down, takes a break, and goes."""
    unit = (await house.directory(branch.organization.id)).unit_numbered(1)
    async with house.acting(system(branch.organization.id, "test")) as act:
        await attendance.track(act, tracked=True)
    house.forget_directory(branch.organization.id)
    async with house.acting(ann) as act:
        await attendance.clock_in(act, unit_id=unit.id)
    async with house.acting(ann) as act:
        await attendance.choose_unit(act, unit_id=unit.id)
    async with house.acting(ann) as act:
        counter, *_ = (await act.directory()).desks_of(unit.id)
        await desk_posts.sit_down(act, desk_id=counter.id)
    async with house.acting(ann) as act:
        await attendance.become_unavailable(act, reason=Reason.BREAK)
    async with house.acting(ann) as act:
        await attendance.become_available(act)
    async with house.acting(ann) as act:
        await attendance.clock_out(act, why=Leaving.END_OF_SHIFT)


async def facts_of(house: House, branch: Sample) -> list[Fact]:
    """Everything that has happened."""
    async with house.engine.reading() as connection:
        rows = await connection.all(_ALL, organization=branch.organization.id)
    return [Fact(*row) for row in rows]


_ALL = Statement(
    select(*columns_for(Fact, facts)).where(facts.c.organization_id == bindparam("organization"))
)
