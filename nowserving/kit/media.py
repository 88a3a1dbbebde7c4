"""What a file is, by its content: the sender's name and word for it count for nothing."""

from puremagic import PureError, magic_string

HEAD = 8192
"""Bytes from the beginning that are looked at."""

BYTES = "application/octet-stream"
_OFFICE = "application/vnd.openxmlformats-officedocument."
_IN_OFFICE = {
    b"word/": _OFFICE + "wordprocessingml.document",
    b"xl/": _OFFICE + "spreadsheetml.sheet",
    b"ppt/": _OFFICE + "presentationml.presentation",
}
_CONTROLS = bytes(set(range(32)) - {9, 10, 12, 13, 27})


def media_type(head: bytes) -> str:
    """The media type of a file that begins so. Nothing is unpacked or drawn to find out."""
    if head.startswith(b"PK\x03\x04"):
        return _zipped(head)
    known = _known(head)
    if known in (None, BYTES, "text/plain"):
        return "text/plain" if head and _is_text(head) else BYTES
    return str(known)


def _known(head: bytes) -> str | None:
    try:
        found = [one for one in magic_string(head[:HEAD]) if one.mime_type]
    except (PureError, ValueError):
        return None
    return max(found, key=lambda one: one.confidence).mime_type if found else None


def _zipped(head: bytes) -> str:
    """The kind of a zip, by the names at its beginning."""
    if head[30:38] == b"mimetype":
        length = int.from_bytes(head[18:22], "little")
        told = head[38 : 38 + min(length, 100)]
        if told.startswith(b"application/") and told.isascii() and told.decode().isprintable():
            return told.decode()
    if b"[Content_Types].xml" in head:
        for folder, kind in _IN_OFFICE.items():
            if folder in head:
                return kind
    return "application/zip"


def _is_text(head: bytes) -> bool:
    if head.translate(None, _CONTROLS) != head:
        return False
    try:
        head[:HEAD].decode()
    except UnicodeDecodeError as wrong:
        return wrong.end >= len(head[:HEAD]) and wrong.reason == "unexpected end of data"
    return True
