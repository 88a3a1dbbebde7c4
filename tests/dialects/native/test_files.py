"""Files over our own API: every way in, the way out, and what is refused."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import msgspec

from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.actions.sweeping import sweep
from nowserving.cases.attachment import Limits
from tests.actions.filed import only_file, stored
from tests.dialects.native.api import Api
from tests.dialects.native.conftest import agent_of, queued

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 12_000
FORM = "multipart/form-data; boundary=xyz"


def form(*files: tuple[str, bytes]) -> bytes:
    """A form with files, as a browser sends it."""
    parts = [
        b'--xyz\r\nContent-Disposition: form-data; name="file"; filename="%b"\r\n'
        b"Content-Type: text/html\r\n\r\n%b\r\n" % (name.encode(), content)
        for name, content in files
    ]
    return b"".join(parts) + b"--xyz--\r\n"


async def in_form(api: Api, id: str, *files: tuple[str, bytes], **more: Any) -> Any:
    """Send a form."""
    headers = {"Content-Type": FORM}
    more.setdefault("expect", 201)
    return await api.ask("POST", f"/cases/{id}/files", raw=form(*files), headers=headers, **more)


async def content(api: Api, file_id: str, **headers: str) -> httpx.Response:
    """Fetch a file."""
    wanted = {name.replace("_", "-"): value for name, value in headers.items()}
    return await api.asking.get(
        f"/api/v1/files/{file_id}/content",
        headers={"Authorization": f"Bearer {api.token}", **wanted},
    )


async def test_a_form_brings_files_and_gets_them_back(api: Api) -> None:
    id = await queued(api)
    answer = await in_form(api, id, ("pass.png", PNG), ("b.txt", b"hello"))
    one, two = answer.json()["files"]
    assert (one["name"], one["media_type"], one["size"]) == ("pass.png", "image/png", len(PNG))
    assert (two["name"], two["media_type"]) == ("b.txt", "text/plain")
    assert (await api.get(f"/cases/{id}/files"))["files"] == [one, two]
    assert await api.get(f"/files/{one['id']}") == one
    got = await content(api, one["id"])
    assert (got.status_code, got.content) == (200, PNG)
    assert got.headers["etag"] == f'"{one["sha256"]}"'
    assert got.headers["content-length"] == str(len(PNG))
    for name, value in {
        "content-type": "image/png",
        "x-content-type-options": "nosniff",
        "content-disposition": "attachment; filename=\"pass.png\"; filename*=UTF-8''pass.png",
        "content-security-policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
        "cache-control": "no-store",
    }.items():
        assert got.headers[name] == value


async def test_a_part_of_a_file_can_be_fetched(api: Api) -> None:
    id = await queued(api)
    one = (await in_form(api, id, ("a.png", PNG))).json()["files"][0]
    size = len(PNG)
    for wanted, first, end in [
        ("bytes=0-0", 0, 1),
        ("bytes=1048570-1048585", 1048570, 1048586),
        (f"bytes={size - 3}-", size - 3, size),
        ("bytes=-5", size - 5, size),
        (f"bytes=10-{size * 2}", 10, size),
    ]:
        got = await content(api, one["id"], Range=wanted)
        assert (got.status_code, got.content) == (206, PNG[first:end]), wanted
        assert got.headers["content-range"] == f"bytes {first}-{end - 1}/{size}"
    for whole in ("bytes=0-1,5-6", "bytes=5-1", "lines=1-2", "bytes=-", "bytes=a-b"):
        got = await content(api, one["id"], Range=whole)
        assert (got.status_code, got.content) == (200, PNG), whole
    for none in (f"bytes={size}-", "bytes=-0"):
        got = await content(api, one["id"], Range=none)
        assert (got.status_code, got.headers["content-range"]) == (416, f"bytes */{size}")
    got = await content(api, one["id"], Range="bytes=0-0", If_Range='"another"')
    assert (got.status_code, got.content) == (200, PNG)
    got = await content(api, one["id"], If_None_Match=f'"{one["sha256"]}"')
    assert (got.status_code, got.content) == (304, b"")
    head = await api.asking.head(
        f"/api/v1/files/{one['id']}/content", headers={"Authorization": f"Bearer {api.token}"}
    )
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(size)


async def test_a_plain_body_is_a_file(api: Api) -> None:
    id = await queued(api)
    path = f"/cases/{id}/files/plain"
    added = await api.ask("POST", f"{path}?name=a%2Fb.html", raw=b"<html>x", expect=201)
    (one,) = added.json()["files"]
    assert (one["name"], one["media_type"]) == ("b.html", "text/html")
    told = {"Content-Disposition": "attachment; filename*=UTF-8''%C3%A4.txt"}
    added = await api.ask("POST", path, raw=b"x", headers=told, expect=201)
    assert added.json()["files"][0]["name"] == "ä.txt"


async def test_base64_in_json_is_a_file(api: Api) -> None:
    id = await queued(api)
    large = b64encode(PNG).decode()
    order = {
        "files": [
            {"name": "small.txt", "content": "SGVs\nbG8"},
            {"name": "large.png", "content": "data:image/png;base64," + large},
            {"name": "php.png", "content": large.replace("/", "\\/")},
        ]
    }
    raw = msgspec.json.encode(order).replace(b"\\\\/", b"\\/")
    headers = {"Content-Type": "application/json"}
    added = await api.ask("POST", f"/cases/{id}/files", raw=raw, headers=headers, expect=201)
    small, large_one, php = added.json()["files"]
    assert (small["size"], small["name"]) == (5, "small.txt")
    assert (large_one["size"], large_one["name"]) == (len(PNG), "large.png")
    assert php["sha256"] == large_one["sha256"]
    assert (await content(api, small["id"])).content == b"Hello"
    assert (await content(api, php["id"])).content == PNG


async def test_what_is_no_base64_leaves_nothing(
    api: Api, house: House, branch: Sample, tmp_path: Path
) -> None:
    id = await queued(api)
    for text in ("SGVsbG8!", "S", "data:text/plain,hello", "=SGV", "x" * 100_000 + "?", "ä" * 9):
        order = {"files": [{"name": "a", "content": "SGVsbG8="}, {"content": text}]}
        await api.post(f"/cases/{id}/files", order, expect=422)
    order = {"files": [{"name": "n" * 100_000, "content": "SGVsbG8="}]}
    await api.post(f"/cases/{id}/files", order, expect=422)
    await sweep(house)
    assert stored(tmp_path) == []
    assert (await api.get(f"/cases/{id}/files"))["files"] == []


async def test_a_repeated_request_adds_nothing(api: Api, house: House, tmp_path: Path) -> None:
    id = await queued(api)
    first = await in_form(api, id, ("a.png", PNG), key="f1")
    again = await in_form(api, id, ("a.png", PNG), key="f1")
    assert again.content == first.content
    assert again.headers["idempotency-replayed"] == "true"
    await in_form(api, id, ("a.png", PNG + b"x"), key="f1", expect=422)
    await sweep(house)
    assert len(stored(tmp_path)) == 1
    kinds = [fact["kind"] for fact in (await api.get(f"/cases/{id}/history"))["facts"]]
    assert kinds == ["case.queued", "case.attached"]


async def test_what_is_too_large_or_no_form_is_refused(api: Api, house: House) -> None:
    id = await queued(api)
    assert house.filing is not None
    house.filing.limits = Limits(file=1000, case=1500)
    await in_form(api, id, ("a", b"x" * 1001), expect=413)
    await api.ask("POST", f"/cases/{id}/files/plain", raw=b"x" * 1001, expect=413)
    await in_form(api, id, ("a", b"x" * 900), ("b", b"x" * 900), expect=409)
    for raw in (b"", b"--xyz", form(("a", b"x"))[:-20], b"--abc\r\n\r\n", b"--xyz--\r\n"):
        headers = {"Content-Type": FORM}
        await api.ask("POST", f"/cases/{id}/files", raw=raw, headers=headers, expect=422)
    for kind in ("multipart/form-data", "multipart/form-data; boundary="):
        headers = {"Content-Type": kind}
        await api.ask("POST", f"/cases/{id}/files", raw=b"x", headers=headers, expect=422)
    headers = {"Content-Type": "text/plain"}
    await api.ask("POST", f"/cases/{id}/files", raw=b"x", headers=headers, expect=415)
    assert (await api.get(f"/cases/{id}/files"))["files"] == []


async def test_what_was_sent_can_be_taken_off(
    api: Api, client: httpx.AsyncClient, branch: Sample
) -> None:
    id = await queued(api)
    one = (await in_form(api, id, ("a.png", PNG))).json()["files"][0]
    agent = await agent_of(client, branch)
    await agent.ask("DELETE", f"/files/{one['id']}", expect=403)
    await api.ask("DELETE", f"/files/{one['id']}", expect=204)
    await api.ask("DELETE", f"/files/{one['id']}", expect=404)
    assert (await content(api, one["id"])).status_code == 404


async def test_a_damaged_file_is_told_of_and_not_given_out(api: Api, tmp_path: Path) -> None:
    id = await queued(api)
    one = (await in_form(api, id, ("a.png", PNG))).json()["files"][0]
    path = only_file(tmp_path)
    path.write_bytes(PNG[:-1] + b"\0")
    got = await content(api, one["id"])
    assert (got.status_code, got.json()["type"]) == (410, "/api/v1/docs#file-damaged")
    part = await content(api, one["id"], Range="bytes=0-9")
    assert (part.status_code, part.content) == (206, PNG[:10])


async def test_a_note_may_be_for_the_customer(api: Api) -> None:
    id = await queued(api)
    await api.post(f"/cases/{id}/notes", {"text": "Only us."}, expect=201)
    told = {"text": "Bring a photo.", "visibility": "public"}
    await api.post(f"/cases/{id}/notes", told, expect=201)
    notes = (await api.get(f"/cases/{id}/notes"))["notes"]
    assert [note["visibility"] for note in notes] == ["internal", "public"]
    await api.post(f"/cases/{id}/notes", {**told, "visibility": "secret"}, expect=422)


# --- uploads in several requests ------------------------------------------------------------

TUS = {"Tus-Resumable": "1.0.0"}
STREAM = {**TUS, "Content-Type": "application/offset+octet-stream"}


async def announced(api: Api, id: str, size: int, **more: Any) -> str:
    """Begin an upload; its address."""
    metadata = f"filename {b64encode('Brücke.png'.encode()).decode()},other"
    headers = {**TUS, "Upload-Length": str(size), "Upload-Metadata": metadata}
    answer = await api.ask(
        "POST", f"/cases/{id}/uploads", headers=headers, **{"expect": 201, **more}
    )
    assert answer.headers["upload-offset"] == "0"
    return str(answer.headers["location"]).removeprefix("/api/v1")


async def more(api: Api, at: str, offset: int, raw: Any, expect: int = 204) -> httpx.Response:
    """Send more."""
    headers = {**STREAM, "Upload-Offset": str(offset)}
    return await api.ask("PATCH", at, raw=raw, headers=headers, expect=expect)


async def test_a_file_may_come_in_several_requests(api: Api, house: House, tmp_path: Path) -> None:
    id = await queued(api)
    at = await announced(api, id, len(PNG))
    half = 1_500_001
    answer = await more(api, at, 0, PNG[:half])
    assert answer.headers["upload-offset"] == str(half)
    told = await api.asking.head(
        f"/api/v1{at}", headers={"Authorization": f"Bearer {api.token}", **TUS}
    )
    assert (told.headers["upload-offset"], told.headers["upload-length"]) == (
        str(half),
        str(len(PNG)),
    )
    wrong = await more(api, at, 5, PNG[5:], expect=409)
    assert wrong.headers["upload-offset"] == str(half)
    await more(api, at, half, PNG[half:] + b"x", expect=413)
    assert (await api.get(at))["received"] == half
    answer = await more(api, at, half, PNG[half:])
    assert answer.headers["upload-offset"] == str(len(PNG))
    (one,) = (await api.get(f"/cases/{id}/files"))["files"]
    assert (one["name"], one["media_type"], one["size"]) == ("Brücke.png", "image/png", len(PNG))
    assert (await api.get(at))["file_id"] == one["id"]
    await more(api, at, len(PNG), b"")
    assert (await content(api, one["id"])).content == PNG
    await sweep(house)
    assert len(stored(tmp_path)) == 1


async def test_what_came_before_the_line_broke_is_kept(
    api: Api, served: str, tmp_path: Path
) -> None:
    id = await queued(api)
    at = await announced(api, id, len(PNG))
    host, port = served.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        f"PATCH /api/v1{at} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {api.token}\r\n"
        "Tus-Resumable: 1.0.0\r\nContent-Type: application/offset+octet-stream\r\n"
        f"Upload-Offset: 0\r\nContent-Length: {len(PNG)}\r\n\r\n".encode()
        + PNG[:2_000_000]
    )
    await writer.drain()
    while not [one for one in (tmp_path / "files").rglob("*.part") if one.stat().st_size]:
        assert not writer.is_closing()
        await asyncio.sleep(0.01)
    writer.close()
    await writer.wait_closed()
    while not (here := (await api.get(at))["received"]):
        assert here == 0
        await asyncio.sleep(0.01)
    assert here <= 2_000_000
    await more(api, at, here, PNG[here:])
    (one,) = (await api.get(f"/cases/{id}/files"))["files"]
    assert (await content(api, one["id"])).content == PNG


async def test_of_two_who_go_on_one_does(api: Api) -> None:
    id = await queued(api)
    at = await announced(api, id, 100)
    gate = asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        yield b"a" * 10
        await gate.wait()
        yield b"a" * 10

    headers = {**STREAM, "Upload-Offset": "0", "Authorization": f"Bearer {api.token}"}
    slow = asyncio.create_task(api.asking.patch(f"/api/v1{at}", content=slowly(), headers=headers))
    await asyncio.sleep(0)
    await more(api, at, 0, b"b" * 30)
    gate.set()
    lost = await slow
    assert (lost.status_code, lost.headers["upload-offset"]) == (409, "30")
    assert (await api.get(at))["received"] == 30


async def test_an_upload_is_of_who_began_it_and_can_be_given_up(
    api: Api, client: httpx.AsyncClient, branch: Sample, house: House, tmp_path: Path
) -> None:
    id = await queued(api)
    at = await announced(api, id, 100)
    await more(api, at, 0, b"x" * 50)
    agent = await agent_of(client, branch)
    await agent.get(at, expect=404)
    await more(agent, at, 50, b"x" * 50, expect=404)
    await api.ask("DELETE", at, headers=TUS, expect=204)
    await api.get(at, expect=404)
    await sweep(house)
    assert stored(tmp_path) == []


async def test_tus_is_spoken_or_refused(api: Api, house: House) -> None:
    id = await queued(api)
    options = await api.asking.options(f"/api/v1/cases/{id}/uploads")
    assert options.headers["tus-version"] == "1.0.0"
    assert options.headers["tus-extension"] == "creation,expiration,termination"
    await api.ask("POST", f"/cases/{id}/uploads", headers={"Upload-Length": "5"}, expect=412)
    for length in ("-1", "x", "", "9" * 20):
        headers = {**TUS, "Upload-Length": length}
        await api.ask("POST", f"/cases/{id}/uploads", headers=headers, expect=422)
    headers = {**TUS, "Upload-Length": str(10**12)}
    await api.ask("POST", f"/cases/{id}/uploads", headers=headers, expect=413)
    at = await announced(api, id, 5)
    headers = {**TUS, "Upload-Offset": "0", "Content-Type": "text/plain"}
    await api.ask("PATCH", at, raw=b"x", headers=headers, expect=415)
    for _ in range(19):
        await announced(api, id, 5)
    headers = {**TUS, "Upload-Length": "5"}
    await api.ask("POST", f"/cases/{id}/uploads", headers=headers, expect=409)
