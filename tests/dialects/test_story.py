"""One visit, told in every wire language and in our own, leaves the same facts.

Two organizations that are made alike live the same visit in one house, moment by moment. In one
a program says what its language can say; in the other the same is said over our own API. What
a language has no word for (SAYS) is done at the desk in both: nothing is made up for it.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.places.organization import Desk, Unit
from nowserving.places.services import Outcome, Service, ServiceType, Workspace
from tests.dialects.cubu.conftest import Program as InCubu
from tests.dialects.qflow.conftest import Program as InQFlow
from tests.dialects.story import Branch, Time, branch_of
from tests.dialects.vcc.conftest import Program as InVcc

VISIT = ("taken", "called", "started", "noted", "held", "started again", "resolved")

SAYS: dict[str, set[str]] = {
    "native": set(VISIT),
    "cubu": {"taken", "called", "started", "resolved"},
    "qflow": {"taken", "noted", "resolved"},
    "vcc": {"taken", "resolved"},
}
"""What each language can say of a visit. Cubu calls and starts in one order, as ours can too, and
knows neither notes nor holding. Q-Flow's facade has no word for agents at work, VCC Live's API
none but for how it ended. wolkvox has no lines, so no visit: its cases have a story below."""

FORCED = {"qflow": {"case.resolved"}}
"""What a program says in an agent's place: the fact names the program, and that it was forced."""

PHONE = "+4930901820"


Step = Callable[[Branch], Awaitable[None]]


# --- in our own words -----------------------------------------------------------------------


def taken(**said: Any) -> Step:
    """Somebody joins the line of the second service."""

    async def step(branch: Branch) -> None:
        order = {"service_id": branch.id(Service, 1), **said}
        if "type_id" in said:
            order["type_id"] = branch.id(ServiceType, 1)
        made = await branch.program.post("/cases", order, expect=201)
        branch.case_id = made["case"]["id"]

    return step


async def called(branch: Branch) -> None:
    """The agent calls the next one to the first desk."""
    order = {"workspace_id": branch.id(Workspace), "desk_id": branch.id(Desk)}
    found = await branch.agent.post(f"/units/{branch.id(Unit)}/call-next", order)
    assert found["id"] == branch.case_id


async def called_and_started(branch: Branch) -> None:
    """The same in one order: whoever is called is served."""
    order = {"workspace_id": branch.id(Workspace), "desk_id": branch.id(Desk)}
    found = await branch.agent.post(f"/units/{branch.id(Unit)}/start-next", order)
    assert found["id"] == branch.case_id


async def already(branch: Branch) -> None:
    """This was said with what came before."""


async def started(branch: Branch) -> None:
    await branch.agent.post(f"/cases/{branch.case_id}/start", {"desk_id": branch.id(Desk)})


async def noted(branch: Branch) -> None:
    await branch.agent.post(f"/cases/{branch.case_id}/notes", {"text": "Has all."}, expect=201)


async def noted_by_program(branch: Branch) -> None:
    await branch.program.post(f"/cases/{branch.case_id}/notes", {"text": "Has all."}, expect=201)


async def held(branch: Branch) -> None:
    await branch.agent.post(f"/cases/{branch.case_id}/hold")


async def resolved(branch: Branch) -> None:
    await branch.agent.post(f"/cases/{branch.case_id}/resolve")


async def resolved_well(branch: Branch) -> None:
    order = {"outcome_id": branch.id(Outcome), "solution": "Printed."}
    await branch.agent.post(f"/cases/{branch.case_id}/resolve", order)


AT_THE_DESK: dict[str, Step] = {
    "called": called,
    "started": started,
    "noted": noted,
    "held": held,
    "started again": started,
    "resolved": resolved,
}


# --- in the others' -------------------------------------------------------------------------


async def taken_in_cubu(branch: Branch) -> None:
    program = InCubu(branch.client, branch.made)
    await program.sign_in()
    more = {"contactPhoneNumber": PHONE, "locale": "de-DE"}
    answer = await program.queue_up(program.services[1], **more)
    assert answer.status_code == 201, answer.text
    branch.case_id = answer.json()["caseId"]


async def called_and_started_in_cubu(branch: Branch) -> None:
    for place, body in (
        ("/units/_current", {"unitId": branch.id(Unit)}),
        ("/workspaces/_current", {"workspaceId": branch.id(Workspace)}),
        ("/actions/startNext", {"workstationId": branch.id(Desk)}),
    ):
        answer = await _as_agent(branch, place, body)
    assert answer.json()["caseId"] == branch.case_id


async def resolved_in_cubu(branch: Branch) -> None:
    await _as_agent(branch, f"/cases/{branch.case_id}/actions/resolve", {})


async def _as_agent(branch: Branch, path: str, body: Any) -> httpx.Response:
    program = InCubu(branch.client, branch.made)
    await program.sign_in()
    agent = f"/{branch.made.client.application_id}/agents/{branch.made.beginning.agents[0].id}"
    answer = await branch.client.post(agent + path, json=body, headers=program.headers)
    assert answer.status_code == 200, answer.text
    return answer


async def taken_in_qflow(branch: Branch) -> None:
    program = InQFlow(branch.client, branch.made)
    body = {"ServiceId": 2, "Subject": "Passport", "Notes": "For a child"}
    await branch.take((await program.said("POST", "Cases", body))["CaseId"])


async def noted_in_qflow(branch: Branch) -> None:
    program = InQFlow(branch.client, branch.made)
    body = {"CaseId": await branch.number(), "Status": -1, "Notes": "Has all."}
    assert await program.said("POST", "Cases/Cancel", body) == "Unchanged"


async def resolved_in_qflow(branch: Branch) -> None:
    program = InQFlow(branch.client, branch.made)
    body = {"CaseId": await branch.number(), "Status": 8}
    assert await program.said("POST", "Cases/Cancel", body) == "Completed"


async def taken_in_vcc(branch: Branch) -> None:
    program = InVcc(branch.client, branch.made)
    form = {"name": "Ada", "phone1": PHONE, "email": "ada@example.com"}
    answer = await program.post("/projects/2/records", {"form": form, "premium": True})
    await branch.take(answer.json()["response"])


async def resolved_in_vcc(branch: Branch) -> None:
    program = InVcc(branch.client, branch.made)
    said = {"dispositionid": 1, "userid": 1, "description": "Printed."}
    path = f"/projects/2/records/{await branch.number()}/dispositions"
    answer = await program.post(path, said)
    assert answer.status_code == 200, answer.text


THEIRS: dict[str, dict[str, Step]] = {
    "native": {},
    "cubu": {
        "taken": taken_in_cubu,
        "called": called_and_started_in_cubu,
        "started": already,
        "resolved": resolved_in_cubu,
    },
    "qflow": {"taken": taken_in_qflow, "noted": noted_in_qflow, "resolved": resolved_in_qflow},
    "vcc": {"taken": taken_in_vcc, "resolved": resolved_in_vcc},
}

OURS: dict[str, dict[str, Step]] = {
    "native": {"taken": taken(), "resolved": resolved_well},
    "cubu": {
        "taken": taken(type_id=True, channel="face_to_face", phone=PHONE, language="de-DE"),
        "called": called_and_started,
        "started": already,
    },
    "qflow": {
        "taken": taken(title="Passport", description="For a child"),
        "noted": noted_by_program,
    },
    "vcc": {
        "taken": taken(name="Ada", phone=PHONE, email="ada@example.com", priority=1),
        "resolved": resolved_well,
    },
}
"""The same as is said in theirs, where that is not the plain step."""


async def test_a_visit_told_in_every_language_leaves_the_same_facts(
    house: House, client: httpx.AsyncClient, branch: Sample, other_branch: Sample
) -> None:
    house.clock = time = Time()
    theirs = await branch_of(house, client, branch)
    ours = await branch_of(house, client, other_branch)
    kinds = {}
    for language, says in SAYS.items():
        assert set(THEIRS[language]) == (says if language != "native" else set())
        for step in VISIT:
            time.go()
            plain = OURS[language].get(step) or AT_THE_DESK[step]
            await (THEIRS[language].get(step) or plain)(theirs)
            await plain(ours)
        facts, same = await theirs.told(), await ours.told()
        kinds[language] = [fact["kind"] for fact in facts[:-1]]
        for fact, one in zip(facts[:-1], same[:-1], strict=True):
            if fact["kind"] in FORCED.get(language, ()):
                assert fact["data"].pop("forced") is True
                assert fact.pop("actor") == "client:program"
                assert one.pop("actor") == "agent:agent 0"
        assert facts == same, language
    assert set(map(tuple, kinds.values())) == {
        (
            "case.queued",
            "case.called",
            "case.started",
            "case.noted",
            "case.held",
            "case.started",
            "case.resolved",
        )
    }
