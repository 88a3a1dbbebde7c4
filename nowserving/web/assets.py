"""Styles, modules and pictures, served as they are under an address that names their content.

One hash stands for all files together, so a module can import its neighbour by a relative
address, and whatever a browser has kept is right for ever.
"""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from litestar import Response, Router, get
from litestar.params import FromPath

from nowserving.kit.http import AnyRequest
from nowserving.web.speech import WEB

FOR_EVER = "public, max-age=31536000, immutable"
_KINDS = {".js": "text/javascript", ".css": "text/css"}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is sent."""

    kind: str
    plain: bytes
    small: bytes


def asset(name: str) -> str:
    """The address of a file: `nowserving.css`, or `board/board.js` of a surface."""
    if name not in assets():
        raise LookupError(f"there is no file {name}")
    return f"/static/{content_hash()}/{name}"


@cache
def assets() -> dict[str, Asset]:
    """Every file there is: the shared ones, and each surface's under its name."""
    shared = {path.name: path for path in (WEB / "static").iterdir() if path.is_file()}
    own = {
        f"{path.parents[1].name}/{path.name}": path
        for path in WEB.glob("*/static/*")
        if path.is_file()
    }
    return {name: _read(path) for name, path in sorted({**shared, **own}.items())}


@cache
def content_hash() -> str:
    """The hash of all files."""
    digest = hashlib.sha256()
    for name, one in assets().items():
        digest.update(f"{name}:{len(one.plain)}:".encode() + one.plain)
    return digest.hexdigest()[:12]


@get("/{version:str}/{name:path}", sync_to_thread=False, include_in_schema=False)
def serve(request: AnyRequest, version: FromPath[str], name: FromPath[Path]) -> Response[bytes]:
    """A file; kept for ever if it was asked for by its right hash."""
    found = assets().get(str(name).lstrip("/"))
    if found is None:
        return Response(b"", status_code=404, media_type="text/plain")
    headers = {
        "Cache-Control": FOR_EVER if version == content_hash() else "no-cache",
        "X-Content-Type-Options": "nosniff",
        "Vary": "Accept-Encoding",
    }
    zipped = "gzip" in request.headers.get("accept-encoding", "")
    if zipped:
        headers["Content-Encoding"] = "gzip"
    return Response(found.small if zipped else found.plain, media_type=found.kind, headers=headers)


DOOR = Router("/static", route_handlers=[serve], include_in_schema=False)


def _read(path: Path) -> Asset:
    kind = _KINDS.get(path.suffix) or mimetypes.guess_type(path.name)[0]
    plain = path.read_bytes()
    return Asset(kind or "application/octet-stream", plain, gzip.compress(plain, mtime=0))
