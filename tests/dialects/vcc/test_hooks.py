"""What VCC Live's receivers get: a ticket added, what changed in it, and its last state."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from nowserving.actions import desk
from nowserving.actions.cases import cancel, correct
from nowserving.actions.erase import erase_case
from nowserving.actions.house import House
from nowserving.actions.open_case import open_case
from nowserving.actions.sample import Sample
from nowserving.actions.work import merge
from nowserving.cases.admission import Request
from nowserving.cases.case import Case
from nowserving.cases.correction import Correction
from nowserving.cases.work import Opening
from nowserving.dialects.vcc.hooks import Tell
from nowserving.dialects.vcc.ticket import ALWAYS, number_in
from nowserving.journal.telling import Telling
from nowserving.kit.facts import Fact
from nowserving.people.actor import Actor, system
from nowserving.people.customers import Customer
from nowserving.places.endpoints import Endpoint
from nowserving.places.services import Outcome, Service
from nowserving.store.store import Store
from tests.dialects.vcc.conftest import KEY, a_ticket, an_endpoint, facts_of

URL = "https://r.example/vcc"

ADD = (
    "ticketId", "entityId", "contactId", "ticketNo", "title", "type", "description",
    "firstOpenTime", "lastOpenTime", "softDeadline", "status", "subStatus", "createdUserId",
    "createdUserName", "projectId", "projectName", "agentName", "agentUserName", "userId",
)  # fmt: skip
"""The documented table, in its order."""


async def told(
    house: House,
    endpoint: Endpoint,
    fact: Fact,
    *,
    chance: bytes = bytes(range(16)),
    gap: int | None = None,
) -> Telling | None:
    secrets: Sequence[str] = [KEY] if endpoint.secret else []
    async with house.engine.reading() as connection:
        store = Store(connection, fact.organization_id)
        tell = Tell(lambda size: chance[:size])
        return await tell(fact, endpoint, secrets=secrets, store=store, gap=gap)


async def said(house: House, endpoint: Endpoint, fact: Fact, *, gap: int | None = None) -> Any:
    telling = await told(house, endpoint, fact, gap=gap)
    return None if telling is None else msgspec.json.decode(telling.body)


async def everything_said(house: House, branch: Sample, case: Case, **more: Any) -> list[Any]:
    endpoint = an_endpoint(house, branch, URL, **more)
    return [await said(house, endpoint, fact) for fact in await facts_of(house, case)]


async def corrected(house: House, program: Actor, case: Case, **texts: str | None) -> Case:
    """The case after somebody put right what is personal in it."""
    async with house.acting(program) as act:
        return await correct(act, case_id=case.id, correction=Correction(texts=texts))


async def test_add_says_all_documented_keys(
    house: House, branch: Sample, program: Actor, papers: Service
) -> None:
    case = await a_ticket(house, program, papers, name="Ada")
    [add] = await everything_said(house, branch, case)
    opened = case.opened_at.astimezone(ZoneInfo("Europe/Berlin")).isoformat(timespec="seconds")
    assert opened[-6:] in ("+01:00", "+02:00")
    assert add == {
        "action": "add",
        "ticket": {
            "ticketId": case.number,
            "entityId": None,
            "contactId": None,
            "ticketNo": f"2-{case.day:%Y%m%d}-000001",
            "title": None,
            "type": "Passport",
            "description": None,
            "firstOpenTime": opened,
            "lastOpenTime": opened,
            "softDeadline": None,
            "status": "park",
            "subStatus": "waiting4agent",
            "createdUserId": None,
            "createdUserName": "Sample integration",
            "projectId": 2,
            "projectName": "Passports and identity cards",
            "agentName": None,
            "agentUserName": None,
            "userId": None,
        },
    }
    assert tuple(add["ticket"]) == ADD


async def test_add_names_the_customer_and_the_agent_who_wrote_the_ticket(
    house: House, branch: Sample, program: Actor, ann: Actor, papers: Service
) -> None:
    now = house.clock()
    customer = Customer(ann.organization_id, house.ids(now), 41, "Ada", None, None, now, now)
    async with house.engine.writing() as connection:
        await Store(connection, ann.organization_id).people.add(customers=[customer])
    case = await a_ticket(house, ann, papers, customer_id=customer.id)
    await corrected(house, program, case, cc="boss@example.com", title="Renewal")
    endpoint = an_endpoint(house, branch, URL)
    add = await said(house, endpoint, (await facts_of(house, case))[0])
    ticket = add["ticket"]
    assert (ticket["entityId"], ticket["contactId"]) == (41, 41)
    assert (ticket["createdUserId"], ticket["createdUserName"]) == (1, "Ann Example")
    assert (ticket["userId"], ticket["agentUserName"]) == (1, None)
    assert (ticket["title"], ticket["cc"]) == ("Renewal", "boss@example.com")
    assert set(ticket) == {*ADD, "cc"}


async def test_update_says_what_changed_and_the_four_fixed_keys(
    house: House, branch: Sample, program: Actor, ann: Actor, papers: Service
) -> None:
    case = await a_ticket(house, program, papers)
    async with house.acting(ann) as act:
        await desk.call(act, case_id=case.id, desk_id=None)
    async with house.acting(ann) as act:
        await desk.start(act, case_id=case.id)
    async with house.acting(ann) as act:
        await desk.note(act, case_id=case.id, text="Nothing of a ticket.")
    async with house.acting(ann) as act:
        await desk.hold(act, case_id=case.id)
    async with house.acting(ann) as act:
        await desk.resolve(act, case_id=case.id)
    add, called, started, noted, held, resolved = await everything_said(house, branch, case)
    fixed = {name: add["ticket"][name] for name in ALWAYS}
    assert called == {
        "action": "update",
        "ticket": {**fixed, "agentName": "Ann Example", "agentUserName": "ann", "userId": 1},
    }
    assert (started, noted) == (None, None)
    assert held == {"action": "update", "ticket": {**fixed, "subStatus": "waiting4entity"}}
    assert resolved == {
        "action": "update",
        "ticket": {**fixed, "status": "closed", "subStatus": "successful"},
    }


async def test_the_outcome_says_whether_a_ticket_was_closed_well(
    house: House,
    branch: Sample,
    ann: Actor,
    papers: Service,
    outcomes: Mapping[str, Outcome],
) -> None:
    case = await a_ticket(house, ann, papers)
    async with house.acting(ann) as act:
        await desk.resolve(act, case_id=case.id, outcome_id=outcomes["Papers missing"].id)
    later = house.clock() + timedelta(hours=1)
    house.clock = lambda: later
    async with house.acting(ann) as act:
        await desk.reopen(act, case_id=case.id)
    _, resolved, reopened = await everything_said(house, branch, case)
    assert resolved["ticket"]["subStatus"] == "unsuccessful"
    assert (reopened["ticket"]["status"], reopened["ticket"]["subStatus"]) == (
        "park",
        "waiting4agent",
    )
    again = datetime.fromisoformat(reopened["ticket"]["lastOpenTime"])
    assert again == later.replace(microsecond=0)


async def test_a_canceled_ticket_is_closed_and_not_deleted(
    house: House, branch: Sample, program: Actor, papers: Service
) -> None:
    case = await a_ticket(house, program, papers)
    async with house.acting(program) as act:
        await cancel(act, case_id=case.id)
    _, canceled = await everything_said(house, branch, case)
    assert canceled["action"] == "update"
    assert (canceled["ticket"]["status"], canceled["ticket"]["subStatus"]) == (
        "closed",
        "unsuccessful",
    )


async def test_what_was_put_right_is_told_and_what_was_cleared_is_null(
    house: House, branch: Sample, program: Actor, papers: Service
) -> None:
    case = await a_ticket(house, program, papers)
    case = await corrected(house, program, case, title="Renewal", cc="boss@example.com")
    endpoint = an_endpoint(house, branch, URL)
    told_first = await said(house, endpoint, (await facts_of(house, case))[1])
    await corrected(house, program, case, description="Lost.", cc=None)
    told_then = await said(house, endpoint, (await facts_of(house, case))[2])
    fixed = {name: told_first["ticket"][name] for name in ALWAYS}
    assert told_first["ticket"] == {**fixed, "title": "Renewal", "cc": "boss@example.com"}
    assert told_then["ticket"] == {**fixed, "description": "Lost.", "cc": None}


async def test_an_update_is_what_changed_since_the_receiver_last_heard(
    house: House, branch: Sample, program: Actor, ann: Actor, papers: Service
) -> None:
    case = await a_ticket(house, program, papers)
    case = await corrected(house, program, case, title="Renewal")
    async with house.acting(ann) as act:
        await desk.call(act, case_id=case.id, desk_id=None)
    async with house.acting(ann) as act:
        await desk.resolve(act, case_id=case.id)
    kinds = ("case.queued", "case.resolved")
    endpoint = an_endpoint(house, branch, URL, kinds=kinds)
    resolved = await said(house, endpoint, (await facts_of(house, case))[-1])
    assert set(resolved["ticket"]) == {
        *ALWAYS, "title", "status", "subStatus", "agentName", "agentUserName", "userId",
    }  # fmt: skip


async def test_what_was_passed_over_is_in_the_next_update(
    house: House, branch: Sample, program: Actor, ann: Actor, papers: Service
) -> None:
    case = await a_ticket(house, program, papers)
    case = await corrected(house, program, case, title="Renewal")
    async with house.acting(ann) as act:
        await desk.call(act, case_id=case.id, desk_id=None)
    case = await corrected(house, program, case, description="Lost.")
    endpoint = an_endpoint(house, branch, URL)
    newest = (await facts_of(house, case))[-1]
    serving = {"agentName", "agentUserName", "userId"}
    for gap, changed in (
        (None, {"description"}),
        (3, {"description", *serving}),
        (2, {"title", "description", *serving}),
    ):
        update = await said(house, endpoint, newest, gap=gap)
        assert (update["action"], set(update["ticket"])) == ("update", {*ALWAYS, *changed})
    whole = await said(house, endpoint, newest, gap=1)
    assert (whole["action"], set(whole["ticket"])) == ("add", set(ADD))


async def test_a_ticket_that_went_into_another_is_deleted_with_its_whole_last_state(
    house: House, branch: Sample, program: Actor, papers: Service
) -> None:
    other = await a_ticket(house, program, papers)
    case = await a_ticket(house, program, papers)
    case = await corrected(house, program, case, title="Twice", cc="boss@example.com")
    async with house.acting(system(branch.organization.id, "test")) as act:
        await merge(act, case_id=case.id, into_id=other.id)
    async with house.acting(system(branch.organization.id, "test")) as act:
        await desk.note(act, case_id=case.id, text="Nobody hears of this.")
    add, _, deleted, after = await everything_said(house, branch, case)
    assert deleted["action"] == "delete"
    assert set(deleted["ticket"]) == {*ADD, "cc"}
    assert deleted["ticket"]["ticketNo"] == add["ticket"]["ticketNo"]
    assert after is None


async def test_where_a_person_is_erased_the_receiver_is_told_to_forget(
    house: House, branch: Sample, program: Actor, papers: Service
) -> None:
    case = await a_ticket(house, program, papers, name="Ada")
    case = await corrected(house, program, case, title="Renewal", cc="boss@example.com")
    async with house.acting(system(branch.organization.id, "test")) as act:
        await erase_case(act, case_id=case.id)
    add, _, erased = await everything_said(house, branch, case)
    fixed = {name: add["ticket"][name] for name in ALWAYS}
    personal = {"title": None, "description": None, "cc": None}
    assert erased == {"action": "update", "ticket": {**fixed, **personal}}


async def test_a_case_that_stands_in_no_line_has_a_number_too(
    house: House, branch: Sample, papers: Service
) -> None:
    async with house.acting(system(branch.organization.id, "test")) as act:
        opening = Opening(Request(service_id=papers.id), counted_only=True, title="By letter")
        case = (await open_case(act, opening)).case
    add, *_ = await everything_said(house, branch, case)
    assert add["ticket"]["ticketNo"] == f"2-{case.day:%Y%m%d}-9{case.number:06d}"
    assert number_in(add["ticket"]["ticketNo"].rpartition("-")[2]) == case.number
    assert (add["action"], add["ticket"]["title"]) == ("add", "By letter")


async def test_agents_at_work_are_no_tickets(house: House, branch: Sample, ann: Actor) -> None:
    assert ann.id is not None
    now = house.clock()
    fact = Fact(
        ann.organization_id, ann.id, 1, house.ids(now), "agent.clocked_in", now, "x:y", "{}"
    )
    assert await told(house, an_endpoint(house, branch, URL), fact) is None


async def test_the_spelling_of_the_vendors_table_can_be_said_too(
    house: House, branch: Sample, program: Actor, papers: Service
) -> None:
    case = await a_ticket(house, program, papers)
    [add] = await everything_said(house, branch, case, substatus=True)
    assert add["ticket"]["substatus"] == add["ticket"]["subStatus"] == "waiting4agent"


async def test_places_in_the_address_are_filled(
    house: House, branch: Sample, program: Actor, papers: Service
) -> None:
    case = await a_ticket(house, program, papers)
    [fact] = await facts_of(house, case)
    url = URL + "/${projectId}/${ticketId}?do=${action}&iv=${iv}&other=${other}"
    telling = await told(house, an_endpoint(house, branch, url), fact)
    assert telling is not None
    assert telling.url == (
        f"{URL}/2/{case.number}?do=add&iv=000102030405060708090a0b0c0d0e0f&other=${{other}}"
    )


async def test_each_attempt_has_an_initialization_vector_of_its_own(
    house: House, branch: Sample, program: Actor, papers: Service
) -> None:
    [fact] = await facts_of(house, await a_ticket(house, program, papers))
    endpoint = an_endpoint(house, branch, URL + "?iv=${iv}", encrypt="aes-256-ctr")
    first = await told(house, endpoint, fact, chance=b"1" * 16)
    again = await told(house, endpoint, fact, chance=b"2" * 16)
    assert first is not None
    assert again is not None
    assert first.url != again.url
    assert first.body != again.body
    assert first.headers["Content-Type"] == "text/plain"
