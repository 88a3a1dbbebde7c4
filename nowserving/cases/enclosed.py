"""What comes with a mail: files, pictures in its text, mails that were passed on."""

import mimetypes
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from nowserving.cases.attachment import named

FILES_AT_MOST = 50
"""Files that are taken from one mail."""

_BODY = ("text/plain", "text/html")
_NOT_TAKEN = {
    "en": "Files that were not taken: {names}",
    "de": "Nicht angenommene Dateien: {names}",
    "ar": "ملفات لم تُقبل: {names}",
}


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A file in a mail; `name` is what its sender called it."""

    name: str
    content: bytes


def enclosed(mail: EmailMessage) -> Iterator[Enclosed]:
    """The files in a mail, in their order; a mail in it is one file, whatever is in that."""
    waiting: list[Any] = [mail]
    while waiting:
        part = waiting.pop()
        if part.get_content_maintype() == "multipart":
            inner = part.get_payload()
            waiting += reversed(inner) if isinstance(inner, list) else []
        elif not _is_text(part):
            yield Enclosed(_name(part), _content(part))


def with_refused(text: str, refused: Collection[str], *, language: str, at_most: int) -> str:
    """What somebody wrote, and which of their files were not taken; never too long."""
    if not refused:
        return text[:at_most]
    said = _NOT_TAKEN.get(language.partition("-")[0], _NOT_TAKEN["en"])
    told = said.format(names=", ".join(named(name) for name in refused))[: at_most // 2]
    return f"{text[: at_most - len(told) - 2]}\n\n{told}".strip()


def _is_text(part: Any) -> bool:
    """Is it what is read as the mail itself?"""
    if part.get_content_type() not in _BODY:
        return False
    return _said(part, "get_content_disposition") != "attachment" and not _said(
        part, "get_filename"
    )


def _name(part: Any) -> str:
    given = _said(part, "get_filename")
    if given:
        return given.replace("\0", "").encode(errors="ignore").decode()
    kind = part.get_content_type()
    ending = ".eml" if kind == "message/rfc822" else mimetypes.guess_extension(kind) or ""
    return f"{part.get_content_maintype()}{ending}"


def _content(part: Any) -> bytes:
    try:
        inner = part.get_payload()
        if isinstance(inner, list):
            return b"\n".join(one.as_bytes() for one in inner)
        return bytes(part.get_payload(decode=True) or b"")
    except (KeyError, LookupError, ValueError, AttributeError, TypeError):
        return b""  # a part that the standard library cannot write again


def _said(part: Any, question: str) -> str:
    """An answer of the standard library, or nothing where a header makes it stumble."""
    try:
        return str(getattr(part, question)() or "")
    except (KeyError, LookupError, ValueError, AttributeError, TypeError):
        return ""
