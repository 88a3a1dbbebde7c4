"""What agents write at the desk: remarks that save themselves, reasons, and when to be back."""

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import httpx
import msgspec
import pytest

from nowserving.actions import cases, desk
from nowserving.actions.erase import erase_case
from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.cases.case import Case, Note
from nowserving.cases.moves import State
from nowserving.kit.problems import Invalid
from nowserving.people.actor import Actor, system
from nowserving.store.engines.lazily import Looking
from nowserving.store.store import Store
from tests.web.desk.rig import Desk, at_desk, place, take_numbers

TIME = r"\d\d:\d\d"


@pytest.fixture
async def case(house: House, branch: Sample, program: Actor) -> Case:
    """Somebody in the line."""
    (case,) = await take_numbers(house, branch, program, 1)
    return case


@pytest.fixture
async def ann_serves(client: httpx.AsyncClient, branch: Sample, case: Case) -> Desk:
    """Ann, with the person called to her desk."""
    ann = await at_desk(client, branch, "ann", 1)
    await ann.post("/desk/next")
    return ann


def store_of(house: House, branch: Sample) -> Store:
    return Store(Looking(house.engine), branch.organization.id)


async def texts_on(house: House, branch: Sample, case_id: UUID) -> list[str]:
    return [note.text for note in await notes_on(house, branch, case_id)]


async def notes_on(house: House, branch: Sample, case_id: UUID) -> list[Note]:
    return await store_of(house, branch).cases.notes(case_id)


async def test_a_remark_saves_itself_and_is_its_authors_until_it_is_done(
    client: httpx.AsyncClient, house: House, branch: Sample, case: Case, ann_serves: Desk
) -> None:
    ann = ann_serves
    saved = await ann.post(f"/desk/case/{case.id}/draft", text="Brought <i>pho")
    assert re.fullmatch(f"Saved {TIME}", saved.text), saved.text
    await ann.post(f"/desk/case/{case.id}/draft", text="Brought <i>photos")
    shown = (await ann.get("/desk")).text
    assert ">Brought &lt;i&gt;photos</textarea>" in shown
    assert re.search(f"data-saved>Saved {TIME}<", shown)
    assert await notes_on(house, branch, case.id) == []
    kinds = [fact.kind for fact in await store_of(house, branch).journal.of(case.id)]
    assert kinds == ["case.queued", "case.called"]
    eve = await at_desk(client, branch, "eve", 2)
    assert "photos" not in (await eve.get("/desk")).text
    await ann.post(f"/desk/case/{case.id}/note", text="Brought two photos")
    assert await texts_on(house, branch, case.id) == ["Brought two photos"]
    assert "&lt;i&gt;" not in (await ann.get("/desk")).text


@pytest.mark.parametrize("form", [{}, {"draft": "Called back twice"}], ids=["saved", "newer"])
async def test_what_was_being_written_is_a_note_when_the_case_is_put_away(
    house: House, branch: Sample, case: Case, ann_serves: Desk, form: dict[str, str]
) -> None:
    await ann_serves.post(f"/desk/case/{case.id}/draft", text="Called back")
    assert (await ann_serves.post(f"/desk/case/{case.id}/start", **form)).status_code == 303
    assert await notes_on(house, branch, case.id) == []
    assert (await ann_serves.post(f"/desk/case/{case.id}/resolve", **form)).status_code == 303
    assert await texts_on(house, branch, case.id) == [form.get("draft", "Called back")]


async def test_a_draft_that_arrives_after_its_note_is_not_kept(
    case: Case, ann_serves: Desk
) -> None:
    await ann_serves.post(f"/desk/case/{case.id}/note", text="All done here")
    await ann_serves.post(f"/desk/case/{case.id}/draft", text="All done")
    assert "All done</textarea>" not in (await ann_serves.get("/desk")).text


async def test_a_refused_move_leaves_the_draft_as_it_is(
    house: House, branch: Sample, case: Case, ann_serves: Desk
) -> None:
    await ann_serves.post(f"/desk/case/{case.id}/draft", text="Not yet")
    refused = await ann_serves.post(f"/desk/case/{case.id}/transfer", queue=str(uuid4()))
    assert refused.status_code == 404
    assert "Not yet</textarea>" in (await ann_serves.get("/desk")).text
    assert await notes_on(house, branch, case.id) == []


async def test_nobody_writes_on_a_case_of_another_organization(
    client: httpx.AsyncClient, other_branch: Sample, case: Case
) -> None:
    stranger = Desk(client)
    await stranger.sign_in("ann", organization="other")
    await stranger.sit(other_branch)
    assert (await stranger.post(f"/desk/case/{case.id}/draft", text="x")).status_code == 404
    forged = Desk(client, csrf="guessed", cookies=stranger.cookies)
    assert (await forged.post(f"/desk/case/{case.id}/draft", text="x")).status_code == 403


async def test_somebody_is_put_on_hold_until_a_time_and_for_a_reason(
    house: House, branch: Sample, case: Case, ann_serves: Desk
) -> None:
    unit, _, _ = place(branch, 1)
    zone = (await house.directory(branch.organization.id)).unit(unit).zone
    back = (datetime.now(zone) + timedelta(hours=2)).replace(second=0, microsecond=0)
    form = {"reason": "Fetches a photo", "back": back.strftime("%H:%M")}
    assert (await ann_serves.post(f"/desk/case/{case.id}/hold", **form)).status_code == 303
    store = store_of(house, branch)
    held = await store.cases.get(case.id)
    assert (held.state, held.back_at) == (State.ON_HOLD, back.astimezone(UTC))
    assert re.search(f"back {TIME}", (await ann_serves.get("/desk")).text)
    (reason,) = await notes_on(house, branch, case.id)
    assert reason.text == "Fetches a photo"
    fact = (await store.journal.of(case.id))[-1]
    assert msgspec.json.decode(fact.data)["note_id"] == str(reason.id)
    assert "photo" not in fact.data
    assert (await ann_serves.post(f"/desk/case/{case.id}/start")).status_code == 303
    assert (await store.cases.get(case.id)).back_at is None


async def test_nobody_is_expected_back_in_the_past(
    house: House, case: Case, ann: Actor, ann_serves: Desk
) -> None:
    for back in (timedelta(0), timedelta(days=400)):
        async with house.acting(ann) as act:
            with pytest.raises(Invalid):
                await desk.hold(act, case_id=case.id, back_at=act.now + back)
    refused = await ann_serves.post(f"/desk/case/{case.id}/hold", back="soon")
    assert refused.status_code == 400


async def test_a_reason_to_call_off_is_a_note_and_in_no_fact(
    house: House, branch: Sample, case: Case, program: Actor
) -> None:
    async with house.acting(program) as act:
        await cases.cancel(act, case_id=case.id, reason="Moved to Aunt Mary")
    (note,) = await notes_on(house, branch, case.id)
    fact = (await store_of(house, branch).journal.of(case.id))[-1]
    assert (note.text, note.author) == ("Moved to Aunt Mary", program.name)
    assert (fact.kind, "Mary" in fact.data) == ("case.canceled", False)


async def test_a_lead_frees_whom_somebody_without_a_desk_has_left(
    client: httpx.AsyncClient, house: House, branch: Sample, case: Case, ann: Actor
) -> None:
    async with house.acting(ann) as act:
        await desk.call(act, case_id=case.id, desk_id=None)
    way = f'formaction="/desk/case/{case.id}/return"'
    bob = await at_desk(client, branch, "bob", 2)
    assert way not in (await bob.get("/desk")).text
    eve = await at_desk(client, branch, "eve", 3)
    assert way in (await eve.get("/desk")).text
    assert (await eve.post(f"/desk/case/{case.id}/return")).status_code == 303
    assert (await store_of(house, branch).cases.get(case.id)).state is State.WAITING


async def test_what_is_erased_of_a_case_is_no_draft_any_more(
    house: House, branch: Sample, case: Case, ann_serves: Desk
) -> None:
    await ann_serves.post(f"/desk/case/{case.id}/draft", text="Lives in the mill")
    async with house.acting(system(branch.organization.id, "tidy")) as act:
        await erase_case(act, case_id=case.id)
    assert "Lives in the mill" not in (await ann_serves.get("/desk")).text
