"""The vendor's sample client, in PHP with cURL, and what it sends byte for byte."""

import asyncio
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.dialects.wolkvox.conftest import Crm
from tests.rig.interpreters import find_php

CLIENT = Path(__file__).parent / "client.php"
BODY = """{
    "operation": "%s",
    "wolkvox-id": "%s",
    "case-type": "Request",
    "responsible": "ann@%s",
    "owner": "dia@%s",
    "contact": "grace@acme.example",
    "description": "Edited by PHP",
    "form": {},
    "status": "open",
    "priority": "low",
    "attachments": []
}"""


def expected(id: str) -> str:
    """The answer, byte for byte."""
    return (
        '{ "code": 200, "error": "null", "msg": "Succesfully update record", '
        f'"data": {{ "wolkvox_id": "{id}" }} }}'
    )


async def test_the_sample_client_in_php_works_unchanged(crm: Crm, served: str) -> None:
    id = await crm.inserted()
    running = await asyncio.create_subprocess_exec(
        find_php(),
        str(CLIENT),
        served,
        crm.token,
        crm.operation,
        id,
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await running.communicate()
    assert said.decode() == expected(id)
    assert (await crm.seen(id))["description"] == "Edited by PHP"


@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded"])
@pytest.mark.parametrize("slashes", ["/", "//"])
async def test_its_bytes_are_understood(crm: Crm, served: str, kind: str, slashes: str) -> None:
    id = await crm.inserted()
    body = (BODY % (crm.operation, id, crm.operation, crm.operation)).encode()
    host = urlsplit(served).netloc
    head = (
        f"POST {slashes}server/API/v2/cases/updateCaseAttachment.php HTTP/1.1\r\n"
        f"Host: {host}\r\nAccept: */*\r\nAccept-Encoding: deflate, gzip, br, zstd\r\n"
        f"WOLKVOX-token: {crm.token}\r\nContent-Type: {kind}\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    name, _, port = host.partition(":")
    reader, writer = await asyncio.open_connection(name, int(port))
    writer.write(head.encode() + body)
    await writer.drain()
    answer = (await reader.read()).decode()
    writer.close()
    assert answer.startswith("HTTP/1.1 200 ")
    assert answer.partition("\r\n\r\n")[2] == expected(id)
