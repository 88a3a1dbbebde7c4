"""The generic calls below `custom/`, for cases, contacts and activities."""

from collections.abc import Awaitable, Callable
from datetime import UTC, timedelta
from typing import Any

from litestar import HttpMethod, Response, post, put, route

from nowserving.actions import customers
from nowserving.actions.act import Act
from nowserving.actions.discard import discard
from nowserving.actions.doorway import doorway
from nowserving.cases.case import Case
from nowserving.cases.finding import Filter
from nowserving.dialects.wolkvox.activities import insert_activity, read_time
from nowserving.dialects.wolkvox.answering import found, sent, written, wrote
from nowserving.dialects.wolkvox.cases import edit, insert, rows_by_field
from nowserving.dialects.wolkvox.contacts import (
    contact_rows,
    contacts_by,
    delete_contact,
    insert_contact,
    update_contact,
)
from nowserving.dialects.wolkvox.names import case_id, case_with, contact_id
from nowserving.dialects.wolkvox.queries import RECORDS_AT_MOST, cases_between
from nowserving.dialects.wolkvox.wire import Asked, Given, asked
from nowserving.dialects.wolkvox.words import DELETED, INSERTED, UPDATED, Unmet
from nowserving.kit.http import AnyRequest
from nowserving.kit.problems import Invalid
from nowserving.people.customers import Customer

CASES, CONTACTS, ACTIVITIES = "cases", "contacts", "wolkvox_activities"
MANY_AT_MOST = 100

Do = Callable[[Act], Awaitable[Any]]


@post("/custom/insert.php", status_code=200)
async def insert_one(request: AnyRequest) -> Response[bytes]:
    """Insert a record; without a module but with a case type it is a case."""
    async with asked(request, files=True) as wanted:
        given = wanted.given
        if given.raw("module") is None and given.raw("case-type") is not None:
            return sent(
                await doorway(request).house.perform(
                    wanted.bearer.actor,
                    lambda act: insert(act, wanted, given),
                    lambda case: written(INSERTED, case_id(case)),
                    once=wanted.once,
                )
            )
        module = _module(given, CASES, CONTACTS, ACTIVITIES)
        given.needed("fields")

        async def do(act: Act) -> Case | Customer:
            if module == ACTIVITIES:
                return await insert_activity(act, wanted, given)
            return await _insert(act, wanted, module, given.object("fields"))

        reply = await doorway(request).house.perform(
            wanted.bearer.actor,
            do,
            lambda made: written(INSERTED, _id(made)),
            once=wanted.once,
        )
    return sent(reply)


@post("/custom/insertMany.php", status_code=200)
async def insert_many(request: AnyRequest) -> Response[bytes]:
    """Insert several records, all or none."""
    async with asked(request) as wanted:
        module = _module(wanted.given, CASES, CONTACTS)
        many = _many(wanted.given)

        async def do(act: Act) -> list[Case | Customer]:
            return [await _insert(act, wanted, module, fields) for fields in many]

        reply = await doorway(request).house.perform(
            wanted.bearer.actor,
            do,
            lambda made: wrote(INSERTED, [_id(one) for one in made]),
            once=wanted.once,
        )
    return sent(reply)


@post("/custom/update.php", status_code=200)
async def update_one(request: AnyRequest) -> Response[bytes]:
    """Change a record: what is left out stays as it is."""
    async with asked(request, files=True) as wanted:
        given = wanted.given
        module = _module(given, CASES, CONTACTS)
        given.needed("wolkvox-id")

        async def do(act: Act) -> Case | Customer:
            id = given.must("wolkvox-id")
            return await _update(act, wanted, module, id, given.object("fields"))

        reply = await doorway(request).house.perform(
            wanted.bearer.actor,
            do,
            lambda made: written(UPDATED, _id(made)),
            once=wanted.once,
        )
    return sent(reply)


@put("/custom/updateMany.php", status_code=200)
async def update_many(request: AnyRequest) -> Response[bytes]:
    """Change several records, each with its id among its fields, all or none."""
    async with asked(request) as wanted:
        module = _module(wanted.given, CASES, CONTACTS)
        many = _many(wanted.given)

        async def do(act: Act) -> list[Case | Customer]:
            return [
                await _update(act, wanted, module, Given(fields).must("wolkvox-id"), fields)
                for fields in many
            ]

        reply = await doorway(request).house.perform(
            wanted.bearer.actor,
            do,
            lambda made: wrote(UPDATED, [_id(one) for one in made]),
            once=wanted.once,
        )
    return sent(reply)


@route("/custom/query.php", http_method=[HttpMethod.POST, HttpMethod.GET], status_code=200)
async def query_records(request: AnyRequest) -> Response[bytes]:
    """The records in which a field has a value."""
    async with asked(request) as wanted:
        given = wanted.given
        if _module(given, CASES, CONTACTS) == CASES:
            return sent(found(await rows_by_field(request, wanted)))
        given.needed("field", "value")
        async with doorway(request).house.acting(wanted.bearer.actor) as act:
            rows = await contacts_by(
                act,
                field=given.must("field"),
                value=given.must("value"),
                most=given.limit(RECORDS_AT_MOST),
            )
    return sent(found(rows))


@route("/custom/queryDates.php", http_method=[HttpMethod.POST, HttpMethod.GET], status_code=200)
async def query_dates(request: AnyRequest) -> Response[bytes]:
    """The records that were made between two times, both included, newest first."""
    async with asked(request) as wanted:
        given = wanted.given
        module = _module(given, CASES, CONTACTS)
        given.needed("date", "from", "to")
        if given.raw("date") not in (True, "true", 1, "1"):
            raise Invalid(field="date", reason="must be true")
        zone = wanted.bearer.organization.zone
        since = read_time("from", given.must("from"), zone).astimezone(UTC)
        until = read_time("to", given.must("to"), zone).astimezone(UTC) + timedelta(minutes=1)
        most = given.limit(RECORDS_AT_MOST)
        async with doorway(request).house.acting(wanted.bearer.actor) as act:
            if module == CASES:
                between = Filter(opened_from=since, opened_until=until)
                cases = await cases_between(
                    act, wanted=between, most=most, operation=wanted.operation
                )
                rows = [row for _, row in cases]
            else:
                people = await customers.made_between(act, since=since, until=until, most=most)
                rows = await contact_rows(act, people)
    return sent(found(rows))


@post("/custom/delete.php", status_code=200)
async def delete_records(request: AnyRequest) -> Response[bytes]:
    """Delete one record or several, all or none."""
    async with asked(request) as wanted:
        given = wanted.given
        module = _module(given, CASES, CONTACTS)
        given.needed("wolkvox-id")
        ids = _ids(given)

        async def do(act: Act) -> list[str]:
            for id in ids:
                if module == CASES:
                    await discard(act, case_id=(await case_with(act, id)).id)
                else:
                    await delete_contact(act, id)
            return ids

        several = isinstance(given.raw("wolkvox-id"), list)
        reply = await doorway(request).house.perform(
            wanted.bearer.actor,
            do,
            lambda gone: wrote(DELETED, gone) if several else written(DELETED, gone[0]),
            once=wanted.once,
        )
    return sent(reply)


async def _insert(act: Act, wanted: Asked, module: str, fields: dict[str, Any]) -> Case | Customer:
    if module == CONTACTS:
        return await insert_contact(act, fields)
    return await insert(act, wanted, Given(fields))


async def _update(
    act: Act, wanted: Asked, module: str, id: str, fields: dict[str, Any]
) -> Case | Customer:
    rest = {name: value for name, value in fields.items() if not _names_id(name)}
    if module == CONTACTS:
        return await update_contact(act, id, rest)
    return await edit(act, wanted, Given({**rest, "wolkvox-id": id}))


def _names_id(name: str) -> bool:
    return name.strip().lower().replace("_", "-") == "wolkvox-id"


def _module(given: Given, *known: str) -> str:
    module = given.must("module").strip().lower()
    if module not in known:
        raise Unmet(field="module", reason=f"one of {', '.join(known)}")
    return module


def _many(given: Given) -> list[dict[str, Any]]:
    given.needed("fields")
    many = given.objects("fields")
    if not 0 < len(many) <= MANY_AT_MOST:
        raise Invalid(field="fields", reason=f"1 to {MANY_AT_MOST} records")
    return many


def _ids(given: Given) -> list[str]:
    """The ids to delete; `multiple` says how many, but one and a list of one are the same."""
    value = given.raw("wolkvox-id")
    ids = value if isinstance(value, list) else [value]
    if not all(isinstance(id, str) for id in ids) or not 0 < len(ids) <= MANY_AT_MOST:
        raise Invalid(field="wolkvox-id", reason="must be an id or an array of ids")
    if len(ids) > 1 and given.raw("multiple") not in (True, "true", 1, "1"):
        raise Invalid(field="multiple", reason="must be true for several ids")
    return [id.strip().lower() for id in dict.fromkeys(ids)]


def _id(made: Case | Customer) -> str:
    return case_id(made) if isinstance(made, Case) else contact_id(made)
