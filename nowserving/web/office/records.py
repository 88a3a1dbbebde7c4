"""Records of the organization's own tables: looked for, added, put right, removed."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from nowserving.actions import data_records, remote_records
from nowserving.actions.act import Act
from nowserving.actions.data_records import Filed
from nowserving.actions.doorway import doorway
from nowserving.actions.field_access import hidden_in
from nowserving.actions.replies import once
from nowserving.actions.sign_in import SignedIn
from nowserving.kit.http import AnyRequest, Reply
from nowserving.kit.ids import token
from nowserving.kit.problems import Invalid, NotFound, Problem
from nowserving.people.permissions import Permission
from nowserving.places.data_tables import DataField, DataTable, DataType
from nowserving.places.hooks import NotConfirmed
from nowserving.web.desk.session import go
from nowserving.web.office.frame import office_page, who_may
from nowserving.web.office.session import Entered, entered
from nowserving.web.office.tables import PATH, SAID
from nowserving.web.pages import Page

PAGE = 50


@get("/tables/{table_id:uuid}/records")
async def show(request: AnyRequest, table_id: FromPath[UUID]) -> Page | Response[None]:
    """The records of a table, a page of them; or the one with a key, if it is looked for."""
    here = await who_may(request, Permission.MANAGE_CUSTOMERS)
    table = await _table(request, here, table_id)
    query, problem = request.query_params, None
    if value := _value(request):
        try:
            return await _found(request, here, table, query.get("slug", ""), value)
        except (NotFound, Invalid, NotConfirmed) as nothing:
            problem = nothing
    async with doorway(request).house.acting(here.actor) as act:
        page = await data_records.records_in(
            act, table_id=table_id, after=_id(query.get("after")), most=PAGE
        )
    said = SAID.get(query.get("said", ""))
    return await _listed(request, here, table, page, problem=problem, said=said)


@get("/tables/{table_id:uuid}/records/new")
async def ask(request: AnyRequest, table_id: FromPath[UUID]) -> Page:
    """The form of a new record."""
    here = await who_may(request, Permission.MANAGE_CUSTOMERS)
    table = await _table(request, here, table_id)
    return await _form(request, here, table, said={})


@post("/tables/{table_id:uuid}/records/new", status_code=200)
async def add(request: AnyRequest, table_id: FromPath[UUID]) -> Page | Response[None]:
    """Add a record."""
    here = await who_may(request, Permission.MANAGE_CUSTOMERS)
    table = await _table(request, here, table_id)
    form = await entered(request, here)
    said = _said(table, form)

    async def do(act: Act) -> None:
        await data_records.add_record(act, table_id=table_id, values=said)

    key = once(form["key"] or None, request.url.path, repr(sorted(form.fields.items())))
    try:
        await doorway(request).house.perform(here.actor, do, lambda _: Reply(200, ""), once=key)
    except Problem as problem:
        return await _form(request, here, table, said=said, key=form["key"], problem=problem)
    return go(f"{PATH}/{table_id}/records", said="add")


@get("/tables/{table_id:uuid}/records/{record_id:uuid}")
async def show_one(
    request: AnyRequest, table_id: FromPath[UUID], record_id: FromPath[UUID]
) -> Page:
    """One record."""
    here = await who_may(request, Permission.MANAGE_CUSTOMERS)
    filed = await _filed(request, here, table_id, record_id)
    return await _form(request, here, filed.table, said=filed.fields, filed=filed)


@post("/tables/{table_id:uuid}/records/{record_id:uuid}", status_code=200)
async def change(
    request: AnyRequest, table_id: FromPath[UUID], record_id: FromPath[UUID]
) -> Page | Response[None]:
    """Put it right."""
    here = await who_may(request, Permission.MANAGE_CUSTOMERS)
    filed = await _filed(request, here, table_id, record_id)
    form = await entered(request, here)
    said = _said(filed.table, form)

    async def do(act: Act) -> None:
        await data_records.change_record(act, record_id=record_id, values=said)

    try:
        await doorway(request).house.perform(here.actor, do, lambda _: Reply(200, ""))
    except Problem as problem:
        return await _form(request, here, filed.table, said=said, filed=filed, problem=problem)
    return go(f"{PATH}/{table_id}/records", said="change")


@post("/tables/{table_id:uuid}/records/{record_id:uuid}/remove", status_code=200)
async def remove(
    request: AnyRequest, table_id: FromPath[UUID], record_id: FromPath[UUID]
) -> Response[None]:
    """Remove it for good."""

    async def do(act: Act) -> None:
        await data_records.remove_record(act, record_id=record_id)

    await _do(request, table_id, record_id, do)
    return go(f"{PATH}/{table_id}/records", said="remove")


@post("/tables/{table_id:uuid}/records/{record_id:uuid}/fetch", status_code=200)
async def fetch(
    request: AnyRequest, table_id: FromPath[UUID], record_id: FromPath[UUID]
) -> Response[None]:
    """Ask the other system what it knows of it by now."""

    async def do(act: Act) -> None:
        await remote_records.fetch_record(act, record_id=record_id)

    await _do(request, table_id, record_id, do)
    return go(f"{PATH}/{table_id}/records/{record_id}")


ROUTES = [show, ask, add, show_one, change, remove, fetch]


async def _do(
    request: AnyRequest, table_id: UUID, record_id: UUID, do: Callable[[Act], Awaitable[None]]
) -> None:
    """Do something with a record that is in this table."""
    here = await who_may(request, Permission.MANAGE_CUSTOMERS)
    await entered(request, here)
    await _filed(request, here, table_id, record_id)
    await doorway(request).house.perform(here.actor, do, lambda _: Reply(200, ""))


async def _found(
    request: AnyRequest, here: SignedIn, table: DataTable, slug: str, value: str
) -> Page | Response[None]:
    """The record with a key; or what another system finds by it, that keeps this table too."""
    house = doorway(request).house
    found: list[Filed] = []

    async def by_key(act: Act) -> None:
        found.append(
            await remote_records.find_record(act, table_id=table.id, slug=slug, value=value)
        )

    async def elsewhere(act: Act) -> None:
        found.extend(await remote_records.look_elsewhere(act, table_id=table.id, text=value))

    try:
        await house.perform(here.actor, by_key, lambda _: Reply(200, ""))
    except NotFound:
        await house.perform(here.actor, elsewhere, lambda _: Reply(200, ""))
        if not found:
            raise
        return await _listed(request, here, table, data_records.Page(found, None))
    return go(f"{PATH}/{table.id}/records/{found[-1].record.id}")


async def _listed(
    request: AnyRequest,
    here: SignedIn,
    table: DataTable,
    page: data_records.Page,
    *,
    problem: Problem | None = None,
    said: str | None = None,
) -> Page:
    """Some records, and by which keys another is found."""
    async with doorway(request).house.acting(here.actor) as act:
        hidden = await hidden_in(act, table)
    return await office_page(
        request,
        "office/records.html",
        here,
        problem=problem,
        table=table,
        keys=[one for one in table.keys if one.slug not in hidden],
        page=page,
        value=_value(request),
        slug=request.query_params.get("slug", ""),
        said=said,
    )


def _value(request: AnyRequest) -> str:
    """What a record's key is to be."""
    return request.query_params.get("value", "").replace("\0", "").strip()


async def _table(request: AnyRequest, here: SignedIn, table_id: UUID) -> DataTable:
    directory = await doorway(request).house.directory(here.actor.organization_id)
    return directory.own_table(table_id)


async def _filed(request: AnyRequest, here: SignedIn, table_id: UUID, record_id: UUID) -> Filed:
    async with doorway(request).house.acting(here.actor) as act:
        filed = await data_records.see_record(act, record_id=record_id)
    if filed.table.id != table_id:
        raise NotFound(what="record", id=record_id)
    return filed


def _said(table: DataTable, form: Entered) -> dict[UUID | str, Any]:
    """What the form says of each field that it shows; nothing typed takes a value away."""
    return {
        field.slug: _typed(field, form[f"field-{field.slug}"])
        for field in table.fields
        if f"field-{field.slug}" in form.fields
    }


def _typed(field: DataField, text: str) -> Any:
    text = text.replace("\r\n", "\n").strip()
    if field.data_type is DataType.NUMBER:
        return text.replace(",", ".") or None
    return text or None


def _id(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise NotFound(what="record", id=text) from None


async def _form(
    request: AnyRequest,
    here: SignedIn,
    table: DataTable,
    *,
    said: Mapping[Any, Any],
    filed: Filed | None = None,
    key: str = "",
    problem: Problem | None = None,
) -> Page:
    details = problem.details if problem is not None else {}
    async with doorway(request).house.acting(here.actor) as act:
        hidden = await hidden_in(act, table)
    return await office_page(
        request,
        "office/record_form.html",
        here,
        problem=problem,
        table=table,
        filed=filed,
        values=said,
        fields=[one for one in table.fields if one.slug not in hidden],
        reason=str(details.get("reason", "") or details.get("slug", "")),
        key=key or token(),
    )
