"""Files in several requests, as tus 1.0.0 has it: core, creation, expiration, termination."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response

from nowserving.actions import uploads
from nowserving.actions.act import Act
from nowserving.actions.doorway import doorway
from nowserving.actions.replies import once
from nowserving.cases.attachment import FileDamaged, FilesOff, NoRoom, Upload, WrongOffset
from nowserving.dialects.native import say, shapes
from nowserving.dialects.native.answering import sent
from nowserving.dialects.native.operations import Chapter, Wire
from nowserving.dialects.native.tus import (
    OFFSET_STREAM,
    TUS,
    OtherType,
    OtherVersion,
    filename_in,
    headers_of,
    must_speak_tus,
    number_in,
)
from nowserving.kit.http import AnyRequest, Reply, body_parts
from nowserving.people.actor import Actor

CHAPTER = Chapter(
    "Uploads",
    "A file over a line that breaks: announce it, send as much as goes, ask how far it came, "
    "go on from there. This is tus 1.0.0, which many clients speak.",
)
_TOLD = ("Tus-Resumable", "Upload-Offset", "Upload-Length", "Upload-Expires")


@CHAPTER.post(
    "/cases/{case_id}/uploads",
    status=201,
    wire=Wire(
        asks=("Tus-Resumable", "Upload-Length", "Upload-Metadata"),
        tells=("Location", *_TOLD),
        once=True,
    ),
    answer=shapes.Upload,
    raises=(NoRoom, FilesOff, OtherVersion),
)
async def begin_upload(request: AnyRequest, actor: Actor, case_id: UUID) -> Response[bytes]:
    """Announce a file of so many bytes for a case. No body."""
    must_speak_tus(request)
    size = number_in(request, "Upload-Length")
    metadata = request.headers.get("upload-metadata", "")
    name = filename_in(metadata)

    async def do(act: Act) -> Upload:
        return await uploads.begin_upload(act, case_id=case_id, size=size, name=name)

    def answer(made: Upload) -> Reply:
        headers = {**headers_of(made), "Location": f"/api/v1/uploads/{made.id}"}
        return Reply(201, _json(made), headers)

    key = once(
        request.headers.get("idempotency-key"),
        *(request.method, request.scope["path"], str(size), metadata),
    )
    return sent(await doorway(request).house.perform(actor, do, answer, once=key))


@CHAPTER.get(
    "/uploads/{upload_id}",
    wire=Wire(tells=_TOLD),
    answer=shapes.Upload,
)
async def get_upload(request: AnyRequest, actor: Actor, upload_id: UUID) -> Response[bytes]:
    """How far an upload is; HEAD does as well."""
    async with doorway(request).house.acting(actor) as act:
        found = await uploads.upload(act, upload_id=upload_id)
    return sent(Reply(200, _json(found), headers_of(found)))


@CHAPTER.patch(
    "/uploads/{upload_id}",
    wire=Wire(
        takes={OFFSET_STREAM: {"schema": {}, "example": "..."}},
        asks=("Tus-Resumable", "Upload-Offset"),
        tells=_TOLD,
    ),
    raises=(NoRoom, FilesOff, WrongOffset, OtherVersion, OtherType, FileDamaged),
)
async def go_on_with_upload(request: AnyRequest, actor: Actor, upload_id: UUID) -> Response[Any]:
    """Send more of a file; with the last byte it is on its case.

    What came before the line broke is kept.
    """
    must_speak_tus(request)
    if request.headers.get("content-type") != OFFSET_STREAM:
        raise OtherType(types=[OFFSET_STREAM])
    house = doorway(request).house
    async with house.acting(actor) as act:
        found = await uploads.upload(act, upload_id=upload_id)
    here = await uploads.go_on(
        house,
        actor,
        upload_id=upload_id,
        offset=number_in(request, "Upload-Offset"),
        parts=body_parts(request, found.size),
    )
    return sent(Reply(204, "", headers_of(here)))


@CHAPTER.delete("/uploads/{upload_id}", wire=Wire(tells=("Tus-Resumable",)), raises=(OtherVersion,))
async def drop_upload(request: AnyRequest, actor: Actor, upload_id: UUID) -> Response[Any]:
    """Give an upload up; a file that has become of it stays on its case."""
    must_speak_tus(request)
    async with doorway(request).house.acting(actor) as act:
        await uploads.drop_upload(act, upload_id=upload_id)
    return sent(Reply(204, "", TUS))


def _json(upload: Upload) -> str:
    return msgspec.json.encode(say.like(upload, shapes.Upload)).decode()
