"""The attack lists S5 and S6: names that lead elsewhere, contents that are others, bombs."""

import gzip
import random
import re
import struct
import zipfile
import zlib
from collections.abc import AsyncIterator
from email.message import Message
from io import BytesIO
from pathlib import Path
from urllib.parse import quote, unquote

import httpx
import pytest

from nowserving.cases.attachment import NAME_AT_MOST, named
from nowserving.kit.disposition import as_attachment, name_in
from nowserving.kit.media import media_type
from tests.actions.filed import beside, stored
from tests.dialects.native.api import Api
from tests.dialects.native.conftest import queued

RTL, ZWSP, SLASHES = "\u202e", "\u200b", "\u2044\u2215\uff0f\uff3c\u29f8"
NUL = b"\0"
KNOWN = [
    "../../../etc/passwd",
    "..\\..\\windows\\win.ini",
    "/etc/passwd",
    "C:\\boot.ini",
    "\\\\server\\share\\x",
    "..%2f..%2fetc%2fpasswd",
    "..%252f",
    "%00.pdf",
    "a\0.pdf",
    "CON",
    "con.txt",
    "NUL",
    "LPT1.pdf",
    "com¹.txt",
    "aux .txt",
    f"invoice{RTL}fdp.exe",
    f"a{ZWSP}b.pdf",
    "x" * 10_240 + ".pdf",
    "ä" * 10_240,
    "a\r\nSet-Cookie: x=1.pdf",
    "a\nb.pdf",
    "a\u2028b\u2029c",
    "x.pdf;.exe",
    'x".pdf',
    "x';alert(1)//.pdf",
    "<script>alert(1)</script>.html",
    "=cmd|' /C calc'!A0.csv",
    f"a{SLASHES}b.pdf",
    "\uff45tc\uff0fpasswd",
    "\u0440\u0430ypal.pdf",
    ".htaccess",
    "...",
    ".",
    "..",
    "",
    " ",
    "a.pdf. . .",
    "a.pdf::$DATA",
    "\ufeffa.pdf",
    "a\x1b[31mb.pdf",
    "a\x7fb",
    "🎉" * 300 + ".png",
    "e\u0301.pdf",
    "~/.ssh/authorized_keys",
    "$(reboot).pdf",
    "`id`.pdf",
    "-rf",
    "file:///etc/passwd",
    "data:text/html,x",
    "filename*=UTF-8''x.pdf",
]


def names() -> list[str]:
    """200 names: those known to hurt somebody, and mixtures of their parts."""
    chance = random.Random(6)
    parts = ["..", "/", "\\", "%2f", "\0", "\n", RTL, ZWSP, "CON", ";", '"', ".exe", "é", "日本"]
    mixed = ["".join(chance.choices([*parts, *KNOWN[:15]], k=6)) for _ in range(200 - len(KNOWN))]
    return [*KNOWN, *mixed]


@pytest.mark.parametrize("name", names(), ids=lambda name: repr(name)[:40])
def test_a_name_is_one_line_of_text_and_leads_nowhere(name: str) -> None:
    kept = named(name)
    assert 1 <= len(kept) <= NAME_AT_MOST
    assert not set(kept) & {"/", "\\", "\0", "\r", "\n", RTL, ZWSP, "\u2028", "\u2029", "\x1b"}
    assert kept.strip(". ") or kept == "file"
    assert kept not in (".", "..", "CON", "NUL")
    assert not re.match(r"(?i)(con|nul|aux|prn|lpt1|com1)(\.|$)", kept)
    header = as_attachment(kept)
    assert header.isascii()
    assert header.isprintable()
    message = Message()
    message["Content-Disposition"] = header
    assert message.get_content_disposition() == "attachment"
    assert message.get_filename() == kept or unquote(header.rpartition("''")[2]) == kept
    assert name_in(header) == kept


async def test_200_names_go_in_and_out_and_nothing_lies_outside(api: Api, tmp_path: Path) -> None:
    before = beside(tmp_path)
    id = await queued(api)
    for at, name in enumerate(names()):
        if at and at % 90 == 0:
            id = await queued(api)
        content = f"content {at}".encode()
        added = await _send(api, id, name, content, at)
        assert added.status_code == 201, (name, added.text)
        one = added.json()["files"][0]
        got = await api.asking.get(
            f"/api/v1/files/{one['id']}/content", headers={"Authorization": f"Bearer {api.token}"}
        )
        assert got.content == content
        assert got.headers["content-disposition"] == as_attachment(one["name"])
        assert got.headers["x-content-type-options"] == "nosniff"
        assert got.headers["content-security-policy"].startswith("sandbox")
        assert "set-cookie" not in got.headers
    paths = stored(tmp_path)
    assert len(paths) == 200
    uuid = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
    assert all(uuid.fullmatch(path.name) for path in paths)
    assert beside(tmp_path) == before


async def _send(api: Api, id: str, name: str, content: bytes, at: int) -> httpx.Response:
    """By one door or another."""
    headers = {"Authorization": f"Bearer {api.token}"}
    path = f"/api/v1/cases/{id}/files"
    utf8 = name.encode(errors="replace")
    if at % 3 == 0:
        sent = f"{path}/plain?name={quote(utf8.replace(NUL, b'_'))}"
        return await api.asking.post(sent, content=content, headers=headers)
    if at % 3 == 1:
        headers["Content-Type"] = "multipart/form-data; boundary=xyz"
        plain = re.sub(rb'["\r\n]', b"_", utf8)
        body = (
            b'--xyz\r\nContent-Disposition: form-data; name="f"; filename="%b"\r\n\r\n%b\r\n--xyz--'
            b"\r\n" % (plain, content)
        )
        return await api.asking.post(path, content=body, headers=headers)
    headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(utf8, safe='')}"
    return await api.asking.post(f"{path}/plain", content=content, headers=headers)


# --- contents that are something else -------------------------------------------------------


def zipped(*names: str, content: bytes = b"x") -> bytes:
    """A zip."""
    whole = BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content)
    return whole.getvalue()


def png(width: int, height: int) -> bytes:
    """A picture of any size in a few bytes: its pixels are all alike."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + check

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" * (width // 8 + 1)) * height, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


LOL = b"".join(b'<!ENTITY l%d "%b">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
BOMBS = {
    "zip": zipped("0.txt", content=b"\0" * 20_000_000),
    "zip of traversal": zipped("../../../../tmp/evil", "/etc/passwd"),
    "gzip": gzip.compress(b"\0" * 20_000_000),
    "png 30k x 30k": png(30_000, 30_000),
    "billion laughs": b'<?xml version="1.0"?><!DOCTYPE svg [' + LOL + b"]><svg>&l9;</svg>",
    "pdf with javascript": b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>",
}


@pytest.mark.parametrize("bomb", BOMBS)
async def test_a_bomb_is_kept_as_it_is_and_never_goes_off(api: Api, bomb: str) -> None:
    id = await queued(api)
    content = BOMBS[bomb]
    added = await api.ask("POST", f"/cases/{id}/files/plain?name=a.jpg", raw=content, expect=201)
    one = added.json()["files"][0]
    assert one["size"] == len(content)
    got = await api.asking.get(
        f"/api/v1/files/{one['id']}/content",
        headers={"Authorization": f"Bearer {api.token}", "Accept-Encoding": "gzip"},
    )
    assert (got.content, got.headers.get("content-encoding")) == (content, None)
    assert got.headers["content-disposition"].startswith("attachment;")


def test_a_type_is_found_by_content_and_not_by_name() -> None:
    found = {
        b"%PDF-1.7\n": "application/pdf",
        b"\x89PNG\r\n\x1a\n" + b"\0" * 30: "image/png",
        b"\xff\xd8\xff\xe0\0\x10JFIF\0": "image/jpeg",
        b"<html><script>": "text/html",
        b"plain words": "text/plain",
        "Grüße".encode()[:-1] + b"\xc3": "text/plain",
        b"\0\1\2\3": "application/octet-stream",
        b"": "application/octet-stream",
        zipped("a.txt"): "application/zip",
        zipped("[Content_Types].xml", "word/document.xml"): (
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
        ),
        b"PK\3\4" + b"\0" * 14 + b"\x27\0\0\0" + b"\0" * 8 + b"mimetype"
        b"application/vnd.oasis.opendocument.text": "application/vnd.oasis.opendocument.text",
    }
    assert {head: media_type(head) for head in found} == found


async def test_a_gigabyte_in_a_field_is_refused_before_it_is_sent(api: Api) -> None:
    """S5 at the door: an announced size is enough to refuse; else it ends at the limit."""
    id = await queued(api)
    came = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal came
        yield b'{"files": [{"content": "'
        for _ in range(16 * 1024):
            came += 65_536
            yield b"QUFB" * 16_384

    headers = {"Authorization": f"Bearer {api.token}", "Content-Type": "application/json"}
    path = f"/api/v1/cases/{id}/files"
    announced = {**headers, "Content-Length": str(2**30)}
    refused = await api.asking.post(path, content=endless(), headers=announced)
    assert (refused.status_code, came) == (413, 0)
    refused = await api.asking.post(path, content=endless(), headers=headers)
    assert refused.status_code == 413
    assert refused.json()["type"] == "/api/v1/docs#too-large"
