"""An agent's own state at the desk: clocked in and out, a break with its reason, a desk taken."""

import re

import httpx
import pytest

from nowserving.actions import attendance
from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.people.actor import Actor, system
from nowserving.people.attendance import Leaving, Presence, Reason
from nowserving.places.organization import BackOfficeTask
from nowserving.web.desk.said import PRESENCES, REASONS
from tests.web.desk.rig import Desk, at_desk, place, take_numbers


@pytest.fixture
async def tracked(house: House, branch: Sample) -> BackOfficeTask:
    """The organization keeps attendance, and has a task for the back office."""
    async with house.acting(system(branch.organization.id, "test")) as act:
        task = BackOfficeTask(branch.organization.id, act.new_id(), "Filing")
        await act.store.places.add([task])
        await attendance.track(act, tracked=True)
    return task


async def of(house: House, agent: Actor) -> attendance.Present:
    async with house.acting(agent) as act:
        return await attendance.presence(act)


async def test_a_day_at_the_desk_by_plain_forms(
    client: httpx.AsyncClient, house: House, ann: Actor, branch: Sample, tracked: BackOfficeTask
) -> None:
    desk = Desk(client)
    await desk.sign_in("ann")
    assert "Clock in and open the desk" in (await desk.get("/desk/place")).text
    await desk.sit(branch)
    came = (await of(house, ann)).attendance
    assert (came.presence, came.unit_id is None, came.workspace_id is None) == (
        Presence.AVAILABLE,
        False,
        False,
    )
    assert 'class="tag good"' in (await desk.get("/desk")).text
    assert "Open the desk" in (await desk.get("/desk/place")).text

    went = await desk.post("/desk/me/pause", reason="break", description="left over")
    shown = await desk.get(went.headers["location"])
    assert "You take nobody for now." in shown.text
    assert "You take nobody now." in shown.text
    paused = (await of(house, ann)).attendance
    assert (paused.reason, paused.description) == (Reason.BREAK, None)
    await desk.post("/desk/me/pause", task=str(tracked.id))
    assert (await of(house, ann)).attendance.reason is Reason.BACK_OFFICE
    assert "Filing" in (await desk.get("/desk")).text
    why = await desk.post("/desk/me/pause", reason="other", description=" ")
    assert why.status_code == 400
    assert "<title>Error: Say in a few words why." in why.text
    await desk.post("/desk/me/pause", reason="other", description="Fire <b>drill</b>")
    assert "Fire &lt;b&gt;drill&lt;/b&gt;" in (await desk.get("/desk")).text

    back = await desk.post("/desk/me/back")
    assert back.headers["location"] == "/desk?said=back"
    assert (await of(house, ann)).presence is Presence.AVAILABLE
    gone = await desk.post("/desk/me/leave", why="end_of_shift")
    assert gone.headers["location"] == "/desk?said=leave"
    assert (await desk.get("/desk?said=leave")).headers["location"] == "/desk/place"
    assert (await of(house, ann)).presence is Presence.AWAY
    async with house.acting(ann) as act:
        kinds = [fact.kind for fact in await act.look.journal.of(ann.id)]  # type: ignore[arg-type]
    assert kinds[0] == "agent.clocked_in"
    assert kinds[-1] == "agent.clocked_out"


@pytest.mark.usefixtures("tracked")
async def test_who_serves_somebody_cannot_take_a_break_and_who_is_away_cannot_serve(
    client: httpx.AsyncClient, house: House, ann: Actor, branch: Sample, program: Actor
) -> None:
    await take_numbers(house, branch, program, 2)
    desk = await at_desk(client, branch, "ann", 1)
    await desk.post("/desk/next")
    shown = (await desk.get("/desk")).text
    assert "Finish with the person at your desk first" in shown
    assert "/desk/me/pause" not in shown
    refused = await desk.post("/desk/me/pause", {"x-fragment": "1"}, reason="break")
    assert refused.status_code == 409
    assert "Finish with the person at your desk first" in refused.text
    async with house.acting(ann) as act:
        await attendance.clock_out(act, why=Leaving.END_OF_SHIFT)
    assert (await desk.get("/desk/now")).status_code == 401


async def test_the_same_press_twice_is_one_and_what_is_no_order_is_not_found(
    client: httpx.AsyncClient, house: House, ann: Actor, branch: Sample, tracked: BackOfficeTask
) -> None:
    desk = await at_desk(client, branch, "ann", 1)
    key = {"idempotency-key": "once", "x-fragment": "1"}
    for _ in range(2):
        answer = await desk.post("/desk/me/pause", dict(key), reason="meeting")
        assert answer.status_code == 200
        assert "You take nobody now." in answer.text
    version = (await of(house, ann)).attendance.version
    assert (await desk.post("/desk/me/dance")).status_code == 404
    for wrong in ({"reason": "dance"}, {"task": "x"}, {}):
        assert (await desk.post("/desk/me/pause", **wrong)).status_code == 400
    assert (await desk.post("/desk/me/pause", task=str(branch.client.id))).status_code == 404
    forged = Desk(client, "guessed", desk.cookies)
    assert (await forged.post("/desk/me/back")).status_code == 403
    assert (await of(house, ann)).attendance.version == version


async def test_nothing_of_it_shows_where_attendance_is_not_kept(
    client: httpx.AsyncClient, branch: Sample
) -> None:
    desk = await at_desk(client, branch, "ann", 1)
    shown = (await desk.get("/desk")).text
    assert re.search(r'<div id="me"[^>]*>\s*</div>', shown)
    assert (await desk.post("/desk/me/come")).status_code == 403


async def test_whose_desk_was_taken_over_is_told_by_whom(
    client: httpx.AsyncClient, branch: Sample, tracked: BackOfficeTask
) -> None:
    ann = await at_desk(client, branch, "ann", 1)
    bob = Desk(client)
    await bob.sign_in("bob")
    unit, desk, space = map(str, place(branch, 1))
    asked = await bob.post("/desk/place", unit=unit, desk=desk, workspace=space)
    assert asked.status_code == 409
    assert "Take over Counter 1 from Ann Example" in asked.text
    await bob.post("/desk/place", unit=unit, desk=desk, workspace=space, take_over=desk)
    assert (await ann.get("/desk")).headers["location"] == "/desk/place"
    assert "Bob Sample has taken over Counter 1." in (await ann.get("/desk/place")).text


def test_every_state_and_reason_has_a_name() -> None:
    assert set(PRESENCES) == set(Presence)
    assert set(REASONS) == set(Reason)
