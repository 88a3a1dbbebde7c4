"""The form that opens a case of a service with an inbox."""

from litestar import Response, get, post

from nowserving.actions.act import Act
from nowserving.actions.doorway import doorway
from nowserving.actions.open_case import open_case
from nowserving.actions.sign_in import SignedIn
from nowserving.cases.admission import Request
from nowserving.cases.moves import OPEN_CASE
from nowserving.cases.work import Opening
from nowserving.kit.http import AnyRequest, Reply, status_of
from nowserving.kit.ids import token
from nowserving.kit.problems import Invalid, Problem
from nowserving.places.directory import Directory
from nowserving.places.services import Service
from nowserving.web.cases.asked import id_of
from nowserving.web.cases.orders import once_of
from nowserving.web.desk.session import Form, form_of, go, who
from nowserving.web.pages import Page, page, speech_for


@get("/new")
async def ask(request: AnyRequest) -> Page:
    """What is to be known of a new case."""
    return await _form(request, await who(request), Form({}))


@post("/new", status_code=200)
async def open_one(request: AnyRequest) -> Page | Response[None]:
    """Open it, and go to its page."""
    here = await who(request)
    form = await form_of(request, here)
    house = doorway(request).house

    async def do(act: Act) -> str:
        return str((await open_case(act, _opening(await act.directory(), form))).case.id)

    try:
        reply = await house.perform(
            here.actor, do, lambda id: Reply(200, id), once=once_of(request, form)
        )
    except Problem as problem:
        return await _form(request, here, form, problem)
    return go(f"/cases/{reply.body}", said="open")


ROUTES = [ask, open_one]


def _opening(directory: Directory, form: Form) -> Opening:
    type_id = id_of(form["type"])
    service_id = id_of(form["service"])
    if service_id is None:
        raise Invalid(field="service", reason="nothing is chosen")
    service = directory.service(service_id)
    known = directory.fields_of(service.category_id)
    fields = {one.id: form[f"field-{one.id}"].strip() for one in known}
    request = Request(
        service_id=service_id,
        type_id=type_id,
        name=form["name"],
        phone=form["phone"].strip() or None,
        email=form["email"].strip() or None,
        fields={id: text for id, text in fields.items() if text},
        ask_required_fields=True,
    )
    if not form["title"].strip():
        raise Invalid(field="title", reason="say in a line what it is about")
    return Opening(
        request,
        title=form["title"],
        description=form["description"],
        priority_id=id_of(form["priority"]),
    )


async def _form(
    request: AnyRequest, here: SignedIn, form: Form, problem: Problem | None = None
) -> Page:
    directory = await doorway(request).house.directory(here.actor.organization_id)
    services = _offered(directory, here)
    asked = request.query_params.get("service") or form["service"]
    chosen = next((one for one in services if str(one.id) == asked), None)
    return page(
        request,
        "cases/new.html",
        status=status_of(problem) if problem else 200,
        speaks=speech_for(request, country=directory.organization.country),
        here=here,
        directory=directory,
        services=services,
        service=chosen or (services[0] if services else None),
        form=form,
        key=token(),
        problem=problem,
    )


def _offered(directory: Directory, here: SignedIn) -> list[Service]:
    return sorted(
        (
            service
            for service in directory.services.values()
            if not service.archived
            and not directory.lined(service)
            and here.actor.may(OPEN_CASE.needs, at=service.unit_id)
        ),
        key=lambda service: service.number,
    )
