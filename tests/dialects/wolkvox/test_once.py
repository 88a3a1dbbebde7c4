"""A request with an idempotency key does its work once, whichever it is."""

from base64 import b64encode
from typing import Any

import httpx
from sqlalchemy import func, select

from nowserving.actions.house import House
from nowserving.dialects.wolkvox.routes import HANDLERS, PREFIX
from nowserving.store.engines import Statement
from nowserving.store.tables import facts
from tests.dialects.wolkvox.conftest import Crm

QUESTIONS = ("query", "list", "token")
LARGE = b64encode(bytes(range(256)) * 400).decode()
SMALL = b64encode(b"hello").decode()

Order = tuple[str, str, dict[str, Any]]


async def orders(crm: Crm) -> list[Order]:
    """One of each, all of which can be done now."""
    ids = [await crm.inserted() for _ in range(4)]
    person = {"namecontact": "Ada", "emailcontact": "ada@acme.example"}
    cases = {"module": "cases"}
    return [
        ("POST", "/cases/insert.php", crm.case),
        ("POST", "/cases/insertAttach.php", {**crm.case, "attachments": [SMALL, LARGE, LARGE]}),
        ("POST", "/cases/update.php", {"wolkvox-id": ids[0], "status": "Solved"}),
        ("POST", "/cases/updateCaseAttachment.php", {"wolkvox-id": ids[0], "attachments": [SMALL]}),
        ("POST", "/custom/insert.php", {"module": "contacts", "fields": person}),
        ("POST", "/custom/insertMany.php", {**cases, "fields": [crm.case, crm.case]}),
        ("POST", "/custom/update.php", {**cases, "wolkvox-id": ids[1], "fields": {"form": {}}}),
        ("PUT", "/custom/updateMany.php", {**cases, "fields": [{"wolkvox-id": ids[1]}]}),
        ("POST", "/custom/delete.php", {**cases, "wolkvox-id": ids[2:], "multiple": True}),
    ]


async def test_every_order_is_done_once_with_its_key(house: House, crm: Crm) -> None:
    all_orders = await orders(crm)
    paths = {path for handler in HANDLERS for path in handler.paths}
    writing = {path for path in paths if not path.rpartition("/")[2].startswith(QUESTIONS)}
    assert {path for _, path, _ in all_orders} == writing
    for at, (method, path, body) in enumerate(all_orders):
        key = f"key {at}"
        first = await ask(crm, method, path, body, key)
        assert first.status_code == 200, (path, first.text)
        assert "idempotency-replayed" not in first.headers
        before = await happened(house)
        again = await ask(crm, method, path, body, key)
        assert (again.status_code, again.content) == (200, first.content), path
        assert again.headers["idempotency-replayed"] == "true"
        assert await happened(house) == before, path
        other = await ask(crm, method, path, {**body, "x": 1}, key)
        assert (other.status_code, other.json()["code"]) == (422, 422), path


async def test_a_form_is_the_same_whatever_its_boundary(house: House, crm: Crm) -> None:
    answers = []
    for boundary, content in (("one", b"hello"), ("two", b"hello"), ("three", b"hello!")):
        parts = [("file", ("a.txt", content, "text/plain"))]
        kind = f"multipart/form-data; boundary={boundary}"
        headers = {"Wolkvox-Token": crm.token, "Idempotency-Key": "form", "Content-Type": kind}
        path = f"{PREFIX}/cases/insert.php"
        fields = {name: value for name, value in crm.case.items() if name != "form"}
        answers.append(await crm.client.post(path, data=fields, files=parts, headers=headers))
    assert [one.status_code for one in answers] == [200, 200, 422], answers[0].text
    assert answers[1].content == answers[0].content


async def test_a_refused_request_may_be_mended_and_a_key_must_be_one(crm: Crm) -> None:
    path = "/cases/insert.php"
    assert (await ask(crm, "POST", path, {}, "k")).status_code == 400
    assert (await ask(crm, "POST", path, crm.case, "k")).status_code == 200
    refused = await ask(crm, "POST", path, crm.case, "k" * 256)
    assert (refused.status_code, "IDEMPOTENCY-KEY" in refused.json()["msg"]) == (400, True)


async def ask(crm: Crm, method: str, path: str, body: dict[str, Any], key: str) -> httpx.Response:
    """Ask with a key."""
    return await crm.client.request(
        method,
        f"{PREFIX}{path}",
        json={"operation": crm.operation, **body},
        headers={"Wolkvox-Token": crm.token, "Idempotency-Key": key},
    )


_COUNT = Statement(select(func.count()).select_from(facts))


async def happened(house: House) -> int:
    """How much has happened in all."""
    async with house.engine.reading() as connection:
        row = await connection.first(_COUNT)
    assert row is not None
    return int(row[0])
