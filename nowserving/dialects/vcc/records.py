"""Database API: records, which are people in a project's line, and what became of them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Response, post

from nowserving.actions.act import Act
from nowserving.actions.case_lists import case_numbered
from nowserving.actions.desk import resolve
from nowserving.actions.directory import everyone
from nowserving.actions.doorway import doorway
from nowserving.actions.gather import Queued
from nowserving.actions.impersonation import impersonated
from nowserving.actions.queue_up import queue_up
from nowserving.actions.replies import once
from nowserving.cases.admission import Request
from nowserving.cases.case import Case
from nowserving.dialects.vcc.answering import answered, sent
from nowserving.dialects.vcc.caller import caller
from nowserving.dialects.vcc.projects import outcomes_of, project_in_path
from nowserving.dialects.vcc.wire import Given, number_in_path
from nowserving.kit.http import AnyRequest, Reply, body_of, header
from nowserving.kit.problems import Invalid, NotFound
from nowserving.people.actor import Actor
from nowserving.places.directory import Directory
from nowserving.places.services import Service

PHONES = tuple(f"phone{place}" for place in range(1, 10))
RAISED = 1
"""The priority of a premium record."""


@post("/projects/{project_id:str}/records", status_code=200)
async def add_record(request: AnyRequest) -> Response[bytes]:
    """Put somebody into the line of a project; answers the record's number."""
    actor = await caller(request)
    body = await body_of(request)
    here = doorway(request)
    async with here.house.acting(actor) as act:
        directory, service = await project_in_path(act, request)
    asked = _request(Given.body(body), directory, service)

    async def do(act: Act) -> Queued:
        return await queue_up(act, asked)

    def say(queued: Queued) -> Reply:
        return answered(queued.case.number)

    key = once(header(request, b"idempotency-key"), "add record", service.id.bytes, body)
    return sent(await here.house.perform(actor, do, say, once=key))


@post("/projects/{project_id:str}/records/{record_id:str}/dispositions", status_code=200)
async def add_disposition(request: AnyRequest) -> Response[bytes]:
    """Say what became of a record: the case ends with that outcome, for that user."""
    program = await caller(request)
    body = await body_of(request)
    given = Given.body(body)
    here = doorway(request)
    number = number_in_path(request, "record_id")
    for name in ("next_calldate", "next_contactid"):
        if given.has(name):
            raise Invalid(field=name, reason="a case cannot be put off to a time from here")
    async with here.house.acting(program) as act:
        directory, service = await project_in_path(act, request)
        case = await case_numbered(act, number=number)
        if case.service_id != service.id:
            raise NotFound(what="record", id=number)
        outcome_id = _outcome(given, directory)
        agent_id = await _agent(act, given)
    agent: Actor = await impersonated(here.house, program, agent_id=agent_id)

    async def do(act: Act) -> Case:
        description = given.text("description")
        return await resolve(act, case_id=case.id, outcome_id=outcome_id, solution=description)

    def say(_: Case) -> Reply:
        return answered(True)

    key = once(header(request, b"idempotency-key"), "add disposition", case.id.bytes, body)
    return sent(await here.house.perform(agent, do, say, once=key))


def _request(given: Given, directory: Directory, service: Service) -> Request:
    """Who is to stand in line: what the form says, and where it is silent, the first contact."""
    if not given.has("form"):
        raise Invalid(field="form", reason="is missing", required=True)
    if given.has("disposition"):
        raise Invalid(field="disposition", reason="a record begins without one")
    form = {**given.first_of("contacts"), **given.fields("form")}
    phone = given.text("phone_field") or PHONES[0]
    if phone not in PHONES:
        raise Invalid(field="phone_field", reason=f"one of {', '.join(PHONES)}")
    known = Given(form)
    return Request(
        service_id=service.id,
        name=known.text("name"),
        phone=known.text(phone),
        email=known.text("email"),
        fields=_fields(form, directory, service),
        priority=RAISED if given.flag("premium") else None,
    )


def _fields(form: Mapping[str, Any], directory: Directory, service: Service) -> dict[UUID, Any]:
    """What a form says of the project's own fields, by their names or labels."""
    named: dict[str, UUID] = {}
    for field in directory.fields_of(service.category_id):
        named |= {field.name.lower(): field.id, field.slug.lower(): field.id}
    fields: dict[UUID, Any] = {}
    for name, value in form.items():
        if name in ("name", "email", *PHONES) or value is None:
            continue
        if name.lower() not in named:
            raise Invalid(field=name, reason="there is no such field in this project")
        fields[named[name.lower()]] = value
    return fields


def _outcome(given: Given, directory: Directory) -> UUID:
    number = _needed(given, "dispositionid")
    outcome = outcomes_of(directory).get(number)
    if outcome is None:
        raise Invalid(field="dispositionid", reason="there is no such disposition")
    return outcome.id


async def _agent(act: Act, given: Given) -> UUID:
    number = _needed(given, "userid")
    for agent in await everyone(act):
        if agent.number == number:
            return agent.id
    raise Invalid(field="userid", reason="there is no such user")


def _needed(given: Given, name: str) -> int:
    number = given.number(name)
    if number is None:
        raise Invalid(field=name, reason="is missing", required=True)
    return number
