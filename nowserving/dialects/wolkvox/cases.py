"""The calls below `cases/`: insert, edit, look for, and the history of notes."""

from collections.abc import Mapping
from dataclasses import replace
from mimetypes import guess_extension
from typing import Any

from litestar import Response, post

from nowserving.actions import work
from nowserving.actions.act import Act
from nowserving.actions.api_tokens import notes_for_company
from nowserving.actions.cases import correct
from nowserving.actions.discard import retype
from nowserving.actions.doorway import doorway
from nowserving.actions.files import Received, attach, detach
from nowserving.actions.open_case import open_case
from nowserving.actions.settling import agreed_on_status
from nowserving.cases.admission import Request
from nowserving.cases.attachment import NAME_AT_MOST
from nowserving.cases.case import Case
from nowserving.cases.correction import Correction
from nowserving.cases.work import Opening
from nowserving.dialects.wolkvox.answering import found, sent, written
from nowserving.dialects.wolkvox.names import (
    case_id,
    case_with,
    contact_called,
    fields_called,
    kind_called,
    status_called,
    type_called,
    urgency_called,
    user_called,
)
from nowserving.dialects.wolkvox.queries import RECORDS_AT_MOST, cases_by, field_called
from nowserving.dialects.wolkvox.rows import note_row
from nowserving.dialects.wolkvox.wire import Asked, Given, asked
from nowserving.dialects.wolkvox.words import INSERTED, UPDATED
from nowserving.kit.http import AnyRequest
from nowserving.people.tokens import TokenKind

NEEDED = ("case-type", "responsible", "owner", "contact", "description", "status", "priority")


@post(["/cases/insert.php", "/cases/insertAttach.php"], status_code=200)
async def insert_case(request: AnyRequest) -> Response[bytes]:
    """Create a case, as JSON with base64 or as a form with files."""
    async with asked(request, files=True) as wanted:
        reply = await doorway(request).house.perform(
            wanted.bearer.actor,
            lambda act: insert(act, wanted, wanted.given),
            lambda case: written(INSERTED, case_id(case)),
            once=wanted.once,
        )
    return sent(reply)


@post(["/cases/update.php", "/cases/updateCaseAttachment.php"], status_code=200)
async def update_case(request: AnyRequest) -> Response[bytes]:
    """Edit a case: what is left out stays as it is."""
    async with asked(request, files=True) as wanted:
        reply = await doorway(request).house.perform(
            wanted.bearer.actor,
            lambda act: edit(act, wanted, wanted.given),
            lambda case: written(UPDATED, case_id(case)),
            once=wanted.once,
        )
    return sent(reply)


@post("/cases/queryCases.php", status_code=200)
async def query_cases(request: AnyRequest) -> Response[bytes]:
    """The cases in which a field has a value, newest first."""
    async with asked(request) as wanted:
        rows = await rows_by_field(request, wanted)
    return sent(found(rows))


@post("/cases/listHistoryNote.php", status_code=200)
async def list_history_note(request: AnyRequest) -> Response[bytes]:
    """The public notes on cases of the company that an external token is bound to."""
    async with asked(request, TokenKind.EXTERNAL) as wanted:
        given, bearer = wanted.given, wanted.bearer
        given.needed("field")
        name, value = field_called(given.must("field")), given.must("value")
        async with doorway(request).house.acting(bearer.actor) as act:
            cases = await cases_by(
                act,
                field=name,
                value=value,
                most=RECORDS_AT_MOST,
                operation=wanted.operation,
                of_company=bearer.token.customer_id,
            )
            notes = await notes_for_company(
                act,
                token=bearer.token,
                cases=[case for case, _ in cases],
                most=given.limit(RECORDS_AT_MOST),
            )
            units = (await act.directory()).units
    return sent(found([note_row(case, note, units[case.unit_id].zone) for case, note in notes]))


async def rows_by_field(request: AnyRequest, wanted: Asked) -> list[Mapping[str, Any]]:
    """The records of cases that a request asks for by `field` and `value`."""
    wanted.given.needed("field", "value")
    name = field_called(wanted.given.must("field"))
    async with doorway(request).house.acting(wanted.bearer.actor) as act:
        cases = await cases_by(
            act,
            field=name,
            value=wanted.given.must("value"),
            most=wanted.given.limit(RECORDS_AT_MOST),
            operation=wanted.operation,
        )
    return [row for _, row in cases]


async def insert(act: Act, wanted: Asked, given: Given) -> Case:
    """Open the case that a request describes, with its files."""
    given.needed(*NEEDED)
    directory = await act.directory()
    service, kind = kind_called(directory, given.must("case-type"))
    status = status_called(directory, kind.id, given.must("status"))
    urgency = urgency_called(directory, given.must("priority"))
    responsible = await user_called(act, "responsible", given.must("responsible"), wanted.operation)
    owner = await user_called(act, "owner", given.must("owner"), wanted.operation)
    contact = await contact_called(act, given.must("contact"))
    opening = Opening(
        Request(
            service_id=service.id,
            type_id=kind.id,
            customer_id=contact.id,
            use_customer_contact=True,
            fields=fields_called(directory, service, given.object("form")),
            priority=urgency.level,
            ask_required_fields=True,
        ),
        description=given.must("description"),
        solution=given.text("solution"),
        status_id=status.id,
        priority_id=urgency.id,
        owner_id=owner.id,
        assigned_to=responsible.id,
    )
    case = (await open_case(act, opening)).case
    await put_files(act, case, wanted)
    return case


async def edit(act: Act, wanted: Asked, given: Given) -> Case:
    """Change what a request says of a case, and add its files."""
    given.needed("wolkvox-id")
    case = await case_with(act, given.must("wolkvox-id"))
    directory = await act.directory()
    service, type_id = directory.services[case.service_id], case.type_id
    if (name := given.text("case-type")) is not None:
        type_id = type_called(directory, service, name).id
    label, solution = given.text("status"), given.text("solution")
    status = None if label is None else status_called(directory, type_id, label)
    if status is not None:  # before anything is written: nothing may be held meanwhile
        await agreed_on_status(
            act, case_id=case.id, status_id=status.id, solution=solution, type_id=type_id
        )
    if name is not None:
        case = await retype(act, case_id=case.id, type_id=type_id)
    await _assign(act, case, wanted, given)
    correction = await _correction(act, case, given)
    if correction.changed():
        await correct(act, case_id=case.id, correction=correction)
    if status is not None and (status.id != case.status_id or solution is not None):
        await work.set_status(act, case_id=case.id, status_id=status.id, solution=solution)
    await put_files(act, case, wanted)
    return case


async def put_files(act: Act, case: Case, wanted: Asked) -> None:
    """Put the files of a request on a case, with the others or, if so set, in their place."""
    if not wanted.files:
        return
    present = await act.store.files.of(case.id)
    if wanted.bearer.token.replaces_files:
        for one in present:
            await detach(act, file_id=one.id)
    files = [_named(one, at) for at, one in enumerate(wanted.files, len(present) + 1)]
    await attach(act, case_id=case.id, files=files)


def _named(one: Received, at: int) -> Received:
    """A file that came without a name gets one; any other keeps its own."""
    if one.name not in ("", "file"):
        return one
    return replace(
        one, name=f"attachment-{at}{guess_extension(one.media_type) or '.bin'}"[:NAME_AT_MOST]
    )


async def _assign(act: Act, case: Case, wanted: Asked, given: Given) -> None:
    to = {}
    for field, name in (("assigned_to", "responsible"), ("owner_id", "owner")):
        text = given.text(name)
        if text is not None:
            agent = await user_called(act, name, text, wanted.operation)
            if agent.id != getattr(case, field):
                to[field] = agent.id
    if to:
        await work.assign(act, case_id=case.id, to=to)


async def _correction(act: Act, case: Case, given: Given) -> Correction:
    """What is to be otherwise in the case beside its status and people."""
    directory = await act.directory()
    service = directory.services[case.service_id]
    texts: dict[str, str | None] = {}
    also: dict[str, Any] = {}
    priority = None
    if (description := given.text("description")) is not None:
        texts["description"] = description
    if given.text("status") is None and (solution := given.text("solution")) is not None:
        texts["solution"] = solution
    if (contact := given.text("contact")) is not None:
        customer = await contact_called(act, contact)
        if customer.id != case.customer_id:
            also["customer_id"] = customer.id
    if (label := given.text("priority")) is not None:
        urgency = urgency_called(directory, label)
        if urgency.id is None:
            priority = urgency.level if urgency.level != case.priority else None
        elif urgency.id != case.priority_id:
            also["priority_id"] = urgency.id
    fields = fields_called(directory, service, given.object("form"))
    return Correction(priority=priority, fields=fields, texts=texts, also=also)
