"""Addresses of this door with more slashes than are needed, as a page of the vendor has them."""

import re

from litestar.types import HTTPScope

from nowserving.dialects.wolkvox.routes import PREFIX

_SLASHES = re.compile("//+")


def straighten(scope: HTTPScope) -> None:
    """Take doubled slashes out of the path, if it then leads to this door; no other changes."""
    path = scope["path"]
    if "//" in path:
        plain = _SLASHES.sub("/", path)
        if plain.startswith(f"{PREFIX}/"):
            scope["path"], scope["raw_path"] = plain, plain.encode()
