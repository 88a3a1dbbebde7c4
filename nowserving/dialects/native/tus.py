"""What tus 1.0.0 asks of a server beside the bytes (https://tus.io/protocols/resumable-upload)."""

from base64 import b64decode
from email.utils import format_datetime

from nowserving.cases.attachment import Upload
from nowserving.kit.http import AnyRequest
from nowserving.kit.problems import Blame, Invalid, Problem

VERSION = "1.0.0"
TUS = {"Tus-Resumable": VERSION}
EXTENSIONS = "creation,expiration,termination"
OFFSET_STREAM = "application/offset+octet-stream"


class OtherVersion(Problem):
    """The request must say that it speaks tus 1.0.0, in `Tus-Resumable`."""

    blame = Blame.INPUT


class OtherType(Problem):
    """The body must be of the type that this address takes."""

    blame = Blame.INPUT


def must_speak_tus(request: AnyRequest) -> None:
    """OtherVersion unless the client speaks ours."""
    if request.headers.get("tus-resumable") != VERSION:
        raise OtherVersion(version=VERSION)


def number_in(request: AnyRequest, name: str) -> int:
    """The number in a header; Invalid if there is none."""
    text = request.headers.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise Invalid(field=name, reason="a number is needed")
    return int(text)


def filename_in(metadata: str) -> str:
    """The `filename` of an Upload-Metadata header; empty if it says none."""
    for pair in metadata.split(","):
        name, _, encoded = pair.strip().partition(" ")
        if name in ("filename", "name"):
            try:
                return b64decode(encoded.strip(), validate=True).decode(errors="replace")
            except ValueError:
                raise Invalid(field="Upload-Metadata", reason="not base64") from None
    return ""


def headers_of(upload: Upload) -> dict[str, str]:
    """How far an upload is."""
    return {
        **TUS,
        "Upload-Offset": str(upload.received),
        "Upload-Length": str(upload.size),
        "Upload-Expires": format_datetime(upload.expires_at, usegmt=True),
    }
