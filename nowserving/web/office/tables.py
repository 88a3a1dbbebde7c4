"""Tables of records: which fields are kept of customers, and in tables of one's own."""

from dataclasses import dataclass
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from nowserving.actions import data_tables
from nowserving.actions.act import Act
from nowserving.actions.data_tables import WantedField, WantedTable
from nowserving.actions.doorway import doorway
from nowserving.actions.replies import once
from nowserving.actions.sign_in import SignedIn
from nowserving.kit.http import AnyRequest, Reply
from nowserving.kit.ids import token
from nowserving.kit.problems import Forbidden, Invalid, Problem
from nowserving.people.permissions import Permission
from nowserving.places.data_tables import Contact, DataTable, DataType
from nowserving.web.desk.session import go, who
from nowserving.web.office.frame import office_page, who_may
from nowserving.web.office.session import Entered, entered
from nowserving.web.pages import Page
from nowserving.web.words import N_

PATH = "/office/tables"
NEW_ROWS = 3
"""So many empty rows stand below the fields there are."""

ROWS_AT_MOST = 130
SAID = {"add": N_("Added."), "change": N_("Saved."), "remove": N_("Removed.")}
TYPES = {
    DataType.TEXT: N_("Text"),
    DataType.NUMBER: N_("Number"),
    DataType.DATE: N_("Date"),
    DataType.YES_NO: N_("Yes or no"),
}
CONTACTS = {
    Contact.NAME: N_("Name"),
    Contact.PHONE: N_("Phone"),
    Contact.EMAIL: N_("E-mail"),
}
TEXTS = ("name", "singular", "plural", "slug", "title", "description")


@dataclass(frozen=True, slots=True)
class Row:
    """One field in the form. `there`: it is kept already, so its kind is for good."""

    name: str = ""
    slug: str = ""
    data_type: str = DataType.TEXT
    required: bool = False
    key: bool = False
    contact: str = ""
    groups: tuple[str, ...] = ()
    there: bool = False
    dropped: bool = False


async def who_sees(request: AnyRequest) -> SignedIn:
    """Whoever manages what is kept of customers, or the places; Forbidden for others."""
    here = await who(request)
    if not any(here.actor.may_everywhere(one) for one in (_PLACES, _RECORDS)):
        raise Forbidden(permission=_RECORDS)
    return here


@get("/tables")
async def show(request: AnyRequest) -> Page:
    """Every table: that of customers, and the organization's own."""
    here = await who_sees(request)
    directory = await doorway(request).house.directory(here.actor.organization_id)
    return await office_page(
        request,
        "office/tables.html",
        here,
        tables=[directory.customers, *directory.own_tables],
        may_set=here.actor.may_everywhere(_PLACES),
        may_keep=here.actor.may_everywhere(_RECORDS),
        said=SAID.get(request.query_params.get("said", "")),
    )


@get("/tables/new")
async def ask(request: AnyRequest) -> Page:
    """The form of a new table."""
    here = await who_may(request, _PLACES)
    return await _form(
        request, here, None, form=Entered({}), rows=[Row(key=True), *_empty(NEW_ROWS)]
    )


@post("/tables/new", status_code=200)
async def add(request: AnyRequest) -> Page | Response[None]:
    """Make a table."""
    here = await who_may(request, _PLACES)
    form = await entered(request, here)
    rows = _rows(form)

    async def do(act: Act) -> None:
        await data_tables.add_table(act, wanted=_wanted(form, rows))

    key = once(form["key"] or None, request.url.path, repr(sorted(form.fields.items())))
    try:
        await doorway(request).house.perform(here.actor, do, lambda _: Reply(200, ""), once=key)
    except Problem as problem:
        return await _form(request, here, None, form=form, rows=rows, problem=problem)
    return go(PATH, said="add")


@get("/tables/{table_id:uuid}/fields")
async def show_one(request: AnyRequest, table_id: FromPath[UUID]) -> Page:
    """The form of a table that is there."""
    here = await who_may(request, _PLACES)
    table = await _table(request, here, table_id)
    texts = {name: [str(getattr(table, name))] for name in TEXTS}
    texts["groups"] = [str(one) for one in table.group_ids or ()]
    rows = [
        Row(
            name=one.name,
            slug=one.slug,
            data_type=one.data_type,
            required=one.required,
            key=one.key,
            contact=one.contact or "",
            groups=tuple(map(str, one.group_ids or ())),
            there=True,
        )
        for one in table.fields
    ]
    return await _form(request, here, table, form=Entered(texts), rows=[*rows, *_empty(NEW_ROWS)])


@post("/tables/{table_id:uuid}/fields", status_code=200)
async def change(request: AnyRequest, table_id: FromPath[UUID]) -> Page | Response[None]:
    """Say anew which fields it has."""
    here = await who_may(request, _PLACES)
    table = await _table(request, here, table_id)
    form = await entered(request, here)
    rows = _rows(form)

    async def do(act: Act) -> None:
        wanted = _wanted(form, rows)
        if table.of_customers:
            await data_tables.set_customers_table(act, wanted=wanted)
        else:
            await data_tables.set_own_table(act, table_id=table_id, wanted=wanted)

    try:
        await doorway(request).house.perform(here.actor, do, lambda _: Reply(200, ""))
    except Problem as problem:
        return await _form(request, here, table, form=form, rows=rows, problem=problem)
    return go(PATH, said="change")


@post("/tables/{table_id:uuid}/remove", status_code=200)
async def remove(request: AnyRequest, table_id: FromPath[UUID]) -> Page | Response[None]:
    """Take a table away that holds no records."""
    here = await who_may(request, _PLACES)
    await entered(request, here)

    async def do(act: Act) -> None:
        await data_tables.remove_table(act, table_id=table_id)

    await doorway(request).house.perform(here.actor, do, lambda _: Reply(200, ""))
    return go(PATH, said="remove")


ROUTES = [show, ask, add, show_one, change, remove]

_PLACES = Permission.MANAGE_PLACES
_RECORDS = Permission.MANAGE_CUSTOMERS


async def _table(request: AnyRequest, here: SignedIn, table_id: UUID) -> DataTable:
    directory = await doorway(request).house.directory(here.actor.organization_id)
    if table_id == directory.customers.id:
        return directory.customers
    return directory.own_table(table_id)


def _empty(count: int) -> list[Row]:
    return [Row() for _ in range(count)]


def _rows(form: Entered) -> list[Row]:
    """The rows of a form, in the order that was asked for."""
    placed: list[tuple[int, Row]] = []
    for at in form.all("row")[:ROWS_AT_MOST]:
        row = Row(
            name=form[f"name-{at}"].strip(),
            slug=form[f"slug-{at}"].strip(),
            data_type=form[f"type-{at}"] or DataType.TEXT,
            required=bool(form[f"required-{at}"]),
            key=bool(form[f"key-{at}"]),
            contact=form[f"contact-{at}"],
            groups=tuple(form.all(f"groups-{at}")),
            there=bool(form[f"there-{at}"]),
            dropped=bool(form[f"drop-{at}"]),
        )
        place = form[f"place-{at}"].strip()
        plain = place.isascii() and place.isdecimal() and len(place) < 5
        placed.append((int(place) if plain else 10_000, row))
    return [row for _, row in sorted(placed, key=lambda one: one[0])]


def _wanted(form: Entered, rows: list[Row]) -> WantedTable:
    """The table that the form asks for; Invalid for a kind that there is not."""
    try:
        fields = [
            WantedField(
                name=row.name,
                slug=row.slug,
                data_type=DataType(row.data_type),
                required=row.required,
                key=row.key,
                contact=Contact(row.contact) if row.contact else None,
                group_ids=[UUID(one) for one in row.groups] or None,
            )
            for row in rows
            if not row.dropped and (row.name or row.slug)
        ]
        groups = [UUID(one) for one in form.all("groups")] or None
    except ValueError:
        raise Invalid(field="fields", reason="not one of these") from None
    said = {name: form[name].replace("\r\n", "\n").strip() for name in TEXTS}
    return WantedTable(
        name=said["name"],
        singular=said["singular"],
        plural=said["plural"],
        slug=said["slug"],
        title=said["title"],
        description=said["description"],
        fields=fields,
        group_ids=groups,
    )


async def _form(
    request: AnyRequest,
    here: SignedIn,
    table: DataTable | None,
    *,
    form: Entered,
    rows: list[Row],
    problem: Problem | None = None,
) -> Page:
    details = problem.details if problem is not None else {}
    async with doorway(request).house.acting(here.actor) as act:
        groups = await data_tables.groups(act)
    return await office_page(
        request,
        "office/table_form.html",
        here,
        problem=problem,
        table=table,
        form=form,
        rows=rows,
        types=TYPES,
        contacts=CONTACTS,
        groups=groups,
        wrong=str(details.get("field", "")),
        reason=str(details.get("reason", "")),
        key=form["key"] or token(),
    )
