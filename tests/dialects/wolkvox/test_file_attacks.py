"""The attack lists S5 and S6 at wolkvox' door: names that lead elsewhere, files without an end."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from nowserving.actions.files import files_of
from nowserving.actions.house import House
from nowserving.actions.sweeping import sweep
from nowserving.cases.attachment import Limits
from nowserving.dialects.wolkvox.routes import PREFIX
from nowserving.people.actor import Actor
from tests.actions.filed import beside, stored
from tests.dialects.native.test_file_attacks import BOMBS, names
from tests.dialects.wolkvox.conftest import Crm

AT_ONCE = 40
HEADER_AT_MOST = 4000
"""Bytes; with more the form is refused as one that cannot be read."""

FORM = "multipart/form-data; boundary=xyz"
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def form(fields: dict[str, Any], files: list[tuple[str, bytes]]) -> bytes:
    """A form whose files are called whatever can stand in a header at all."""
    parts = [
        f'--xyz\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
        if name != "form"
    ]
    for name, content in files:
        plain = re.sub(rb'["\r\n]', b"_", name.encode(errors="replace"))[:HEADER_AT_MOST]
        told = b'Content-Disposition: form-data; name="file"; filename="%b"' % plain
        parts.append(b"--xyz\r\n%b\r\n\r\n%b\r\n" % (told, content))
    return b"".join([*parts, b"--xyz--\r\n"])


async def test_200_names_and_every_bomb_are_files_like_others(
    house: House, operator: Actor, crm: Crm, tmp_path: Path
) -> None:
    before, headers = beside(tmp_path), {"Wolkvox-Token": crm.token, "Content-Type": FORM}
    sent = [(name, f"content {at}".encode()) for at, name in enumerate(names())]
    sent += [(f"{bomb}.jpg", content) for bomb, content in BOMBS.items()]
    kept = []
    for at in range(0, len(sent), AT_ONCE):
        body = form(crm.case, sent[at : at + AT_ONCE])
        answer = await crm.client.post(f"{PREFIX}/cases/insert.php", content=body, headers=headers)
        assert answer.status_code == 200, answer.text
        row = await crm.seen(answer.json()["data"]["wolkvox_id"])
        async with house.acting(operator) as act:
            case = await act.look.case_lists.numbered(row["idCase"])
            kept += await files_of(act, case_id=case.id)
    assert sorted(one.size for one in kept) == sorted(len(content) for _, content in sent)
    for one in kept:
        assert 1 <= len(one.name) <= 200
        assert not set(one.name) & {"/", "\\", "\0", "\r", "\n", "\u202e"}
    paths = stored(tmp_path)
    assert len(paths) == len(sent)
    assert all(ID.fullmatch(path.name) for path in paths)
    assert beside(tmp_path) == before


async def test_a_file_without_end_is_refused_at_the_limit_and_nothing_is_left(
    house: House, crm: Crm, tmp_path: Path
) -> None:
    assert house.filing is not None
    house.filing.limits = Limits(file=200_000, case=300_000)
    came = 0

    async def endless(beginning: bytes, more: bytes) -> AsyncIterator[bytes]:
        nonlocal came
        yield beginning
        for _ in range(16 * 1024):
            came += len(more)
            yield more

    begun = form(crm.case, [("a.txt", b"")]).removesuffix(b"\r\n--xyz--\r\n")
    for kind, beginning in (
        ("application/json", b'{"operation": "demo", "attachments": ["data:a/b;base64,'),
        (FORM, begun),
    ):
        came = 0
        answer = await crm.client.post(
            f"{PREFIX}/cases/insert.php",
            content=endless(beginning, b"QUFB" * 4096),
            headers={"Wolkvox-Token": crm.token, "Content-Type": kind},
        )
        assert (answer.status_code, answer.json()["error"]) == (413, "PAYLOAD TOO LARGE")
        assert came < 600_000, kind
    await sweep(house)
    assert stored(tmp_path) == []
    found = await crm.ask("/cases/queryCases.php", field="type case", value="Request")
    assert found.json()["data"] == []
