"""An order with an idempotency key does its work once, whichever it is."""

from typing import Any

import msgspec
from sqlalchemy import func, select

from nowserving.actions.house import House
from nowserving.dialects.qflow.routes import ROUTES
from nowserving.store.engines import Statement
from nowserving.store.tables import facts
from tests.actions.booking import Surgery
from tests.dialects.qflow.conftest import Program

AT = {"ServiceId": 4, "AppointmentDateTime": "2026-03-02T10:00:00"}
LATER = {"ServiceId": 4, "AppointmentDateTime": "2026-03-02T11:00:00"}

Order = tuple[str, str, dict[str, Any]]


async def orders(qflow: Program) -> list[Order]:
    """One of each, all of which can be done now."""
    customer = (await qflow.customer("s1"))["CustomerId"]
    await qflow.customer("s2")
    number = (await qflow.said("POST", "Cases", {"ServiceId": 1}))["CaseId"]
    booked = []
    for time in ("09:00", "09:20", "09:40", "10:20"):
        reference = {"CustomerId": customer, "ExtRef": f"at {time}"}
        at = {"ServiceId": 4, "AppointmentDateTime": f"2026-03-02T{time}:00"}
        made = await qflow.said("PUT", "Appointments", {**at, **reference})
        booked.append(made["ProcessId"])
    here = {"ForceEarlyLate": True}
    return [
        ("POST", "Cases", {"ServiceId": 1}),
        ("POST", "Cases/Cancel", {"CaseId": number, "Notes": "gone"}),
        ("PUT", "Appointments", {**AT, "CustomerId": customer}),
        ("PATCH", "Appointments", {"OriginalProcessId": booked[0], **LATER}),
        ("DELETE", "Appointments", {"ProcessId": booked[1]}),
        ("POST", "Appointments/Checkin", {"ProcessId": booked[2], **here}),
        ("POST", "Appointments/CheckinExtRef", {"ExtRef": "at 10:20", **here}),
        ("POST", "Customers", {"PersonalId": "s3", "FirstName": "Eve"}),
        ("PATCH", "Customers", {"PersonalId": "s2", "FirstName": "Adam"}),
        ("PUT", "Customers", {"PersonalId": "s2", "PersonalIdNew": "s1"}),
        ("POST", "Calendars/Reserve", {**AT, "AppointmentDateTime": "2026-03-02T14:00:00"}),
    ]


async def test_every_order_is_done_once_with_its_key(
    surgery: Surgery, house: House, qflow: Program
) -> None:
    await surgery.opened(surgery.now.date())
    all_orders = await orders(qflow)
    assert {(method, path) for method, path, _ in all_orders} == {
        (one.method, one.path) for one in ROUTES if one.method != "GET"
    }
    for at, (method, path, body) in enumerate(all_orders):
        key = {"Idempotency-Key": f"key {at}"}
        first = await qflow.ask(method, path, body, headers=key)
        assert first.status_code == 200, (path, first.text)
        assert "idempotency-replayed" not in first.headers
        before = await happened(house)
        again = await qflow.ask(method, path, body, headers=key)
        assert (again.status_code, again.content) == (200, first.content), path
        assert again.headers["idempotency-replayed"] == "true"
        assert again.headers["content-type"] == first.headers["content-type"]
        assert await happened(house) == before, path
        other = await qflow.ask(method, path, {**body, "Notes": "another"}, headers=key)
        assert (other.status_code, [*other.json()]) == (422, ["Message"]), path


async def test_a_key_is_for_one_address_and_may_be_mended(qflow: Program) -> None:
    key = {"Idempotency-Key": "k"}
    assert (await qflow.ask("POST", "Cases", {}, headers=key)).status_code == 400
    first = await qflow.ask("POST", "Cases", {"ServiceId": 1}, headers=key)
    raw = msgspec.json.encode({"ServiceId": 1})
    again = await qflow.client.post(
        "/api/CASES",
        content=raw,
        headers={**key, "X-API-Key": qflow.key, "Content-Type": "application/json"},
    )
    assert (again.status_code, again.content) == (200, first.content)
    assert (await qflow.ask("POST", "Cases/Cancel", {"CaseId": 1}, headers=key)).status_code == 422
    long = {"Idempotency-Key": "k" * 256}
    refused = await qflow.ask("POST", "Cases", {"ServiceId": 1}, headers=long)
    assert (refused.status_code, "Idempotency-Key" in refused.json()["Message"]) == (400, True)


_COUNT = Statement(select(func.count()).select_from(facts))


async def happened(house: House) -> int:
    """How much has happened in all."""
    async with house.engine.reading() as connection:
        row = await connection.first(_COUNT)
    assert row is not None
    return int(row[0])
