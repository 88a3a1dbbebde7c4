"""Q-Flow's own ways: counting only, forcing, booking anew, and who may ask."""

from dataclasses import replace

import httpx
import pytest

from nowserving.actions.house import House
from nowserving.dialects.qflow.prefix import Terms
from nowserving.main.settings import BadSettings, Settings
from nowserving.places.hooks import HookKind
from nowserving.store.engines import Looking
from nowserving.store.store import Store
from tests.actions.booking import Surgery
from tests.dialects.qflow.conftest import Program
from tests.hooks.asked import add_hook, asked_far


async def facts_of(house: House, qflow: Program, number: int) -> list[tuple[str, str]]:
    """What happened to a case: kind, and the fact as it is kept."""
    store = Store(Looking(house.engine), qflow.made.organization.id)
    case = await store.case_lists.numbered(number)
    return [(fact.kind, fact.data) for fact in await store.journal.of(case.id)]


async def test_what_is_only_counted_is_in_no_line_board_or_average(
    surgery: Surgery, qflow: Program
) -> None:
    body = {"ServiceId": 2, "AutoClose": True}
    number = (await qflow.said("POST", "Cases", body))["CaseId"]
    assert await qflow.said("GET", "Tickets/Waiting/1") == []
    assert await qflow.said("GET", "Tickets/Called/1") == []
    case = await qflow.said("GET", f"Cases/{number}")
    assert (case["EntityStatus"], case["CaseStatus"], case["Ticket"]) == (8, 1, "")
    (unit,) = await qflow.said("GET", "Statistics/Units")
    assert (unit["TodayCount"], unit["TodayServiceCount"], unit["TodayWaitCount"]) == (1, 1, 0)
    assert (unit["TodayAvgWaitTime"], unit["TodayAvgServiceTime"], unit["TodaySLA"]) == (0, 0, 0)


async def test_a_forced_status_says_so_in_the_journal(
    surgery: Surgery, house: House, qflow: Program
) -> None:
    number = (await qflow.said("POST", "Cases", {"ServiceId": 1}))["CaseId"]
    body = {"CaseId": number, "Status": 17, "Notes": "left in secret"}
    assert await qflow.said("POST", "Cases/Cancel", body) == "NoShow"
    kind, data = (await facts_of(house, qflow, number))[-1]
    assert kind == "case.missed"
    assert '"forced":true' in data
    assert not any("secret" in data for _, data in await facts_of(house, qflow, number))


async def test_who_is_asked_before_refuses_in_their_own_words(house: House, qflow: Program) -> None:
    answer = {"allow": False, "message": "Pay first."}
    async with asked_far(lambda post: answer) as far:
        await add_hook(house, qflow.made.organization.id, HookKind.QUEUE_UP, far.url)
        refused = await qflow.ask("POST", "Cases", {"ServiceId": 1})
    assert (refused.status_code, refused.json()["Message"]) == (409, "Pay first.")


async def test_forcing_an_appointment_to_its_end_frees_its_time(
    surgery: Surgery, qflow: Program
) -> None:
    await surgery.opened(surgery.now.date())
    customer = (await qflow.customer("s1"))["CustomerId"]
    body = {
        "ServiceId": 4,
        "CustomerId": customer,
        "AppointmentDateTime": "2026-03-02T10:00:00+01:00",
    }
    first = await qflow.said("PUT", "Appointments", body)
    assert (await qflow.ask("PUT", "Appointments", body)).status_code == 409
    cancelled = await qflow.said("POST", "Cases/Cancel", {"ProcessId": first["ProcessId"]})
    assert cancelled == "Cancelled"
    await qflow.said("PUT", "Appointments", body)


async def test_what_a_client_says_of_a_person_is_in_no_fact(
    surgery: Surgery, house: House, qflow: Program
) -> None:
    body = {"ServiceId": 1, "Subject": "secret", "Notes": "secret", "ExtRef": "secret"}
    number = (await qflow.said("POST", "Cases", body))["CaseId"]
    assert not any("secret" in data for _, data in await facts_of(house, qflow, number))


async def test_a_held_time_is_for_whoever_has_its_number(surgery: Surgery, qflow: Program) -> None:
    await surgery.opened(surgery.now.date())
    customer = (await qflow.customer("s1"))["CustomerId"]
    at = {"ServiceId": 4, "AppointmentDateTime": "2026-03-02T10:00:00"}
    held = (await qflow.said("POST", "Calendars/Reserve", at))["ReservedSlotId"]
    body = {**at, "CustomerId": customer}
    assert (await qflow.ask("PUT", "Appointments", body)).status_code == 409
    booked = await qflow.said("PUT", "Appointments", {**body, "ReservedSlotId": held})
    assert booked["ReservedSlotId"] == held
    gone = await qflow.ask("PUT", "Appointments", {**body, "ReservedSlotId": held})
    assert (gone.status_code, gone.json()["ErrorNumber"]) == (409, 58725)


async def test_the_second_who_books_anew_changes_nothing(surgery: Surgery, qflow: Program) -> None:
    await surgery.opened(surgery.now.date())
    customer = (await qflow.customer("s1"))["CustomerId"]
    body = {"ServiceId": 4, "CustomerId": customer, "AppointmentDateTime": "2026-03-02T10:00:00"}
    number = (await qflow.said("PUT", "Appointments", body))["ProcessId"]
    taken = {**body, "AppointmentDateTime": "2026-03-02T10:20:00"}
    await qflow.said("PUT", "Appointments", taken)
    move = {"OriginalProcessId": number, "AppointmentDateTime": "2026-03-02T10:20:00"}
    assert (await qflow.ask("PATCH", "Appointments", move)).status_code == 409
    assert (await qflow.said("GET", f"Appointments/{number}"))["CurrentEntityStatus"] == 0


async def test_each_way_to_say_who_one_is_can_be_turned_off(
    client: httpx.AsyncClient, app: object, qflow: Program
) -> None:
    state = app.app.state  # type: ignore[attr-defined]
    by_key = {"X-API-Key": qflow.key}
    by_basic = {"Authorization": f"Basic {qflow.basic}"}
    for terms, key, basic in (
        (Terms(), 200, 200),
        (Terms(basic=False), 200, 401),
        (Terms(api_key=False), 401, 200),
    ):
        state.qflow = terms
        assert (await client.get("/API/Units", headers=by_key)).status_code == key
        assert (await client.get("/API/Units", headers=by_basic)).status_code == basic
        told = (await client.get("/API/Units")).headers["www-authenticate"]
        assert ("Basic" in told, "ApiKey" in told) == (terms.basic, terms.api_key)


async def test_nobody_sees_what_is_anothers(qflow: Program, other_branch: object) -> None:
    number = (await qflow.said("POST", "Cases", {"ServiceId": 1}))["CaseId"]
    theirs = Program(qflow.client, other_branch)  # type: ignore[arg-type]
    assert (await theirs.ask("GET", f"Cases/{number}")).status_code == 404


async def test_our_own_api_is_where_it_was(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/v1/openapi.json")).status_code == 200


def test_the_prefix_is_an_address(settings: Settings) -> None:
    replace(settings, qflow_prefix="/wrapper/API").check()
    for wrong in ("", "API", "/API/", "/a b"):
        with pytest.raises(BadSettings):
            replace(settings, qflow_prefix=wrong).check()
