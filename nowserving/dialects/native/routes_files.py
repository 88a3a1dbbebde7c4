"""Files on cases: put there, listed, fetched, taken away; and erasing a person."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response

from nowserving.actions import erase, files
from nowserving.actions.act import Act
from nowserving.actions.doorway import doorway
from nowserving.actions.downloads import answer_file
from nowserving.actions.files import Opened, Received, Tray, attach, may_attach, tray
from nowserving.actions.replies import Once, once
from nowserving.cases.attachment import (
    Attachment,
    FileDamaged,
    FileHeld,
    FilesOff,
    Limits,
    NoRoom,
    named,
)
from nowserving.dialects.native import orders, say, shapes
from nowserving.dialects.native.answering import sent
from nowserving.dialects.native.operations import Chapter, Wire
from nowserving.dialects.native.strict import read
from nowserving.dialects.native.tus import OtherType
from nowserving.kit.base64_stream import decoded, decoded_text
from nowserving.kit.disposition import name_in
from nowserving.kit.http import AnyRequest, Reply, body_parts
from nowserving.kit.long_json import split
from nowserving.kit.multipart import form_parts
from nowserving.kit.problems import Invalid
from nowserving.people.actor import Actor

CHAPTER = Chapter(
    "Files",
    "Files on a case: sent as a form, as base64 in JSON, as they are, or in several requests. "
    "What a file is, we find out by its content; its name is only a text. Where a scanner for "
    "malware is set up, a file is held back until it is clean.",
)
FORM, JSON = "multipart/form-data", "application/json"

_FORM_SCHEMA = {
    "type": "object",
    "required": ["file"],
    "properties": {"file": {"type": "string", "format": "binary"}},
}
_WIRE = {
    FORM: {"schema": _FORM_SCHEMA, "example": {"file": "..."}},
    JSON: {
        "schema": {"$ref": "#/components/schemas/AddFiles"},
        "example": {"files": [{"name": "hello.txt", "content": "SGVsbG8="}]},
    },
}
_REFUSED = (NoRoom, FilesOff)


@CHAPTER.get("/cases/{case_id}/files")
async def get_files(act: Act, case_id: UUID) -> shapes.Files:
    """The files on a case."""
    return _files(await files.files_of(act, case_id=case_id))


@CHAPTER.post(
    "/cases/{case_id}/files",
    status=201,
    wire=Wire(takes=_WIRE, order=orders.AddFiles, once=True),
    answer=shapes.Files,
    raises=(*_REFUSED, OtherType),
)
async def add_files(request: AnyRequest, actor: Actor, case_id: UUID) -> Response[bytes]:
    """Put files on a case, all or none of them.

    In a form every part that has a file name is taken, whatever the part is called.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _WIRE:
        raise OtherType(types=sorted(_WIRE))
    limits = await _may_attach(request, actor, case_id)
    async with tray(doorway(request).house, actor) as opened:
        received = await (_in_form if kind == FORM else _in_json)(request, opened, limits)
        return await _attach(request, actor, case_id, received)


@CHAPTER.post(
    "/cases/{case_id}/files/plain",
    status=201,
    wire=Wire(
        takes={"*/*": {"schema": {}, "example": "..."}}, asks=("Content-Disposition",), once=True
    ),
    answer=shapes.Files,
    raises=_REFUSED,
)
async def add_plain_file(
    request: AnyRequest, actor: Actor, case_id: UUID, query: orders.PlainFile
) -> Response[bytes]:
    """Put one file on a case: the body is the file, whatever its type is said to be."""
    limits = await _may_attach(request, actor, case_id)
    name = query.name or name_in(request.headers.get("content-disposition", ""))
    async with tray(doorway(request).house, actor) as opened:
        received = await opened.take(body_parts(request, limits.file), name=name)
        return await _attach(request, actor, case_id, [received])


@CHAPTER.get("/files/{file_id}")
async def get_file(act: Act, file_id: UUID) -> shapes.File:
    """What is known of a file."""
    return say.file(await files.file(act, file_id=file_id))


@CHAPTER.get(
    "/files/{file_id}/content",
    wire=Wire(
        gives="*/*",
        asks=("Range", "If-Range"),
        tells=("ETag", "Accept-Ranges", "Content-Range", "Content-Disposition"),
        also={206: "A part of the file.", 416: "The file has no such part."},
    ),
    raises=(FileHeld, FileDamaged, FilesOff),
)
async def download(request: AnyRequest, actor: Actor, file_id: UUID) -> Response[Any]:
    """The file itself, or a part of it. It is checked before it is given out."""
    async with doorway(request).house.acting(actor) as act:
        opened = await Opened.of(act, file_id=file_id)
    return await answer_file(request, opened)


@CHAPTER.delete("/files/{file_id}", raises=_REFUSED)
async def remove_file(act: Act, file_id: UUID) -> None:
    """Take a file off its case for good.

    Your own; whoever may change cases takes off any.
    """
    await files.detach(act, file_id=file_id)


@CHAPTER.post("/cases/{case_id}/erase")
async def erase_case(act: Act, case_id: UUID) -> shapes.Case:
    """Erase what is personal in a case: contact, fields, texts, notes and files."""
    return say.case(await erase.erase_case(act, case_id=case_id))


@CHAPTER.post("/customers/{customer_id}/erase")
async def erase_customer(act: Act, customer_id: UUID) -> shapes.Erased:
    """Erase a person: what we know of them, and what is personal in each of their cases."""
    erased = await erase.erase_customer(act, customer_id=customer_id)
    return shapes.Erased([say.case(case) for case in erased])


async def _may_attach(request: AnyRequest, actor: Actor, case_id: UUID) -> Limits:
    async with doorway(request).house.acting(actor) as act:
        return await may_attach(act, case_id=case_id)


async def _attach(
    request: AnyRequest, actor: Actor, case_id: UUID, received: list[Received]
) -> Response[bytes]:
    def answer(made: list[Attachment]) -> Reply:
        return Reply(201, msgspec.json.encode(_files(made)).decode())

    reply = await doorway(request).house.perform(
        actor,
        lambda act: attach(act, case_id=case_id, files=received),
        answer,
        once=_once(request, received),
    )
    return sent(reply)


def _once(request: AnyRequest, received: list[Received]) -> Once | None:
    """The same request is one with the same files under the same names."""
    asked = [part for one in received for part in (one.name, one.sha256)]
    key = request.headers.get("idempotency-key")
    return once(key, request.method, request.scope["path"], *asked)


async def _in_form(request: AnyRequest, opened: Tray, limits: Limits) -> list[Received]:
    body = body_parts(request, limits.case + limits.file)
    received = [
        await opened.take(part.parts, name=part.filename)
        async for part in form_parts(request.headers["content-type"], body)
        if part.filename is not None
    ]
    if not received:
        raise Invalid(field="file", reason="there is no file in the form")
    return received


async def _in_json(request: AnyRequest, opened: Tray, limits: Limits) -> list[Received]:
    async def take(text: AsyncIterator[bytes]) -> Received:
        return await opened.take(decoded(text), name="")

    parts = await split(body_parts(request, (limits.case + limits.file) * 4 // 3), take)
    order = read(parts.json, orders.AddFiles)
    received = []
    if sum(parts.of(one.content) is not None for one in order.files) != len(parts.taken):
        raise Invalid(reason="a text is too long")
    for one in order.files:
        large = parts.of(one.content)
        here = large or await opened.take(_each(decoded_text(one.content)), name="")
        received.append(replace(here, name=named(one.name)))
    return received


async def _each(parts: Any) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


def _files(found: list[Attachment]) -> shapes.Files:
    return shapes.Files([say.file(one) for one in found])
