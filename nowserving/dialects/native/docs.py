"""The document and the pages people read it on."""

from pathlib import Path

import msgspec
from litestar import Response, get

from nowserving.dialects.native.openapi import document

HERE = Path(__file__).parent


@get("/openapi.json", sync_to_thread=False)
def openapi() -> Response[bytes]:
    return Response(msgspec.json.encode(document()), media_type="application/json")


PAGES = [openapi]
