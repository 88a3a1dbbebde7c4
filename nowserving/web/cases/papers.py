"""The files of a case: put there, fetched, taken off; from its page and from the desk."""

from collections.abc import Awaitable, Callable
from hmac import compare_digest
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from nowserving.actions import files
from nowserving.actions.act import Act
from nowserving.actions.doorway import doorway
from nowserving.actions.downloads import answer_file
from nowserving.actions.files import Opened, Received, Tray, attach, may_attach, tray
from nowserving.actions.replies import once
from nowserving.actions.sign_in import SignedIn
from nowserving.kit.http import AnyRequest, Reply, body_parts
from nowserving.kit.multipart import form_parts
from nowserving.kit.problems import Forbidden, Invalid, Problem
from nowserving.web.cases.sheet import draw_case
from nowserving.web.desk.session import Form, form_of, go, who
from nowserving.web.pages import Page, same_origin


@post("/{id:uuid}/files", status_code=200)
async def add_files(request: AnyRequest, id: FromPath[UUID]) -> Page | Response[None]:
    """Put files on the case."""
    here = await who(request)
    same_origin(request)
    house = doorway(request).house
    try:
        async with house.acting(here.actor) as act:
            limits = await may_attach(act, case_id=id)
        async with tray(house, here.actor) as opened:
            body = body_parts(request, limits.case + limits.file)
            form, received = await _sent(request, here, body, opened)
            if not received:
                nothing = Invalid(field="file", reason="no file was chosen")
                return await draw_case(request, here, id, problem=nothing)

            async def do(act: Act) -> object:
                return await attach(act, case_id=id, files=received)

            return await _perform(request, here, id, form, do, verb="files")
    except Forbidden:
        raise
    except Problem as problem:
        return await draw_case(request, here, id, problem=problem)


@get("/file/{id:uuid}")
async def download(request: AnyRequest, id: FromPath[UUID]) -> Response[Any]:
    """A file, to be saved."""
    here = await who(request)
    async with doorway(request).house.acting(here.actor) as act:
        opened = await Opened.of(act, file_id=id)
    return await answer_file(request, opened)


@post("/file/{id:uuid}/remove", status_code=200)
async def remove(request: AnyRequest, id: FromPath[UUID]) -> Page | Response[None]:
    """Take a file off its case."""
    here = await who(request)
    form = await form_of(request, here)
    async with doorway(request).house.acting(here.actor) as act:
        case_id = (await files.file(act, file_id=id)).case_id

    async def do(act: Act) -> object:
        return await files.detach(act, file_id=id)

    return await _perform(request, here, case_id, form, do, verb="remove")


ROUTES = [add_files, download, remove]


async def _sent(
    request: AnyRequest, here: SignedIn, body: Any, opened: Tray
) -> tuple[Form, list[Received]]:
    """The form and its files. The token that says it is ours comes before any of them."""
    fields: dict[str, str] = {}
    received: list[Received] = []
    async for part in form_parts(request.headers.get("content-type", ""), body):
        if part.filename is None:
            fields[part.name] = await part.text()
            continue
        if not compare_digest(fields.get("csrf", "").encode(), here.session.csrf.encode()):
            raise Forbidden(reason="not sent from our own page")
        file = await opened.take(part.parts, name=part.filename)
        if part.filename or file.size:  # a browser sends an empty one if none was chosen
            received.append(file)
    return Form(fields), received


async def _perform(
    request: AnyRequest,
    here: SignedIn,
    case_id: UUID,
    form: Form,
    do: Callable[[Act], Awaitable[object]],
    *,
    verb: str,
) -> Page | Response[None]:
    """Do it once, and show the page that the form came from again."""
    key = once(form["key"] or None, request.url.path)
    try:
        await doorway(request).house.perform(here.actor, do, lambda _: Reply(204, ""), once=key)
    except Problem as problem:
        return await draw_case(request, here, case_id, problem=problem)
    return go("/desk") if form["back"] == "desk" else go(f"/cases/{case_id}", said=verb)
