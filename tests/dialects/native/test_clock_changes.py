"""Both changes of the clock, in six zones, from the opened day to the check-in, over the API.

What the wall shows is found out here by walking through the day in world time, minute by
minute, and not by the rules under test.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import icalendar
from sqlalchemy import text

from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.people.actor import system
from nowserving.store.engines import Statement
from tests.bookings.test_wall import CHANGES
from tests.dialects.native.api import Api
from tests.dialects.native.conftest import Surgery, program_of, surgery_of

DAY = 1440
MINUTES = 20
"""How long an appointment of the sample takes."""

ZONE = Statement(text("update units set time_zone = :zone"))
ROUNDS = sorted(
    (day, name) for name, (forward, _, back, _) in CHANGES.items() for day in (forward, back)
)


async def test_from_the_opened_day_to_the_check_in(
    client: httpx.AsyncClient, house: House, branch: Sample
) -> None:
    """Twelve days in one house: its unit is now here, now there."""
    for index, (day, name) in enumerate(ROUNDS):
        now = datetime.combine(day, datetime.min.time(), UTC) - timedelta(days=2)
        house.clock = lambda now=now: now  # type: ignore[misc]
        await _settle_in(house, branch, name)
        api, wall = await program_of(client, branch), _wall(day, ZoneInfo(name))
        whole = [{"start": 0, "end": DAY}]
        here = await surgery_of(api, day=day.isoformat(), hours=whole, index=9 + index)
        await _opened_by_template(api, here.service["id"], day, ZoneInfo(name))
        before, after = await _vacancies(api, here, wall)
        first, second = [await _booked(api, here, start, wall) for start in (before, after)]
        await _skipped_is_not_sold(api, here, wall)
        await _moved_there_and_back(api, here, first, before, wall)
        await _listed_and_filed(api, here, (first, second), day)
        await _checked_in(house, client, branch, first, second)


async def _opened_by_template(api: Api, service: str, day: date, zone: ZoneInfo) -> None:
    """Nine in the morning is nine in the morning, the day before and the day after."""
    days = [(day + timedelta(days=at)).isoformat() for at in (-1, 0, 1)]
    await api.post(f"/services/{service}/open-days", {"first": days[0], "last": days[2]})
    path = f"/services/{service}/calendars?first={days[0]}&last={days[2]}"
    opened = [one["calendar"] for one in (await api.get(path))["calendars"]]
    assert {one["day"] for one in opened} == set(days)
    for one in opened:
        for vacancy in (await api.get(f"/calendars/{one['id']}/vacancies"))["vacancies"]:
            shown = _instant(vacancy["starts_at"]).astimezone(zone)
            assert (shown.date().isoformat(), shown.hour * 60 + shown.minute) == (
                one["day"],
                vacancy["start"],
            )


async def _settle_in(house: House, branch: Sample, zone: str) -> None:
    """The unit is in another zone from now on."""
    async with house.engine.writing() as connection:
        await connection.run(ZONE, zone=zone)
    async with house.acting(system(branch.organization.id, "test")) as act:
        await act.store.places.changed()
    house.forget_directory(branch.organization.id)
    house.bookings.forget_all()


def _wall(day: date, zone: ZoneInfo) -> Mapping[int, datetime]:
    """When the wall first shows each minute of a day; a minute that it skips is not there."""
    at = datetime.combine(day, datetime.min.time(), UTC) - timedelta(hours=15)
    shown: dict[int, datetime] = {}
    for _ in range(DAY + 30 * 60):
        local = at.astimezone(zone)
        if local.date() == day:
            shown.setdefault(local.hour * 60 + local.minute, at)
        at += timedelta(minutes=1)
    return shown


async def _vacancies(api: Api, here: Surgery, wall: Mapping[int, datetime]) -> tuple[int, int]:
    """What is offered is on the wall and does not overlap; the two around the change."""
    found = (await api.get(f"/calendars/{here.calendar['id']}/vacancies"))["vacancies"]
    at = [_instant(one["starts_at"]) for one in found]
    assert at == [wall[one["start"]] for one in found]
    steps = [later - earlier for earlier, later in pairwise(at)]
    assert min(steps) == timedelta(minutes=MINUTES)
    starts = [one["start"] for one in found]
    assert all(set(range(start, start + MINUTES)) <= wall.keys() for start in starts)
    assert len(starts) >= len(wall) // MINUTES - 2
    change = _change(wall)
    before = max((start for start in starts if start < change), default=starts[0])
    return before, min(start for start in starts if start > before)


def _change(wall: Mapping[int, datetime]) -> int:
    """The first minute that does not follow the one before it, in time or on the wall."""
    minutes = sorted(wall)
    for earlier, later in pairwise(minutes):
        if wall[later] - wall[earlier] != timedelta(minutes=1) or later - earlier != 1:
            return later
    return minutes[0]  # the day begins late


async def _booked(
    api: Api, here: Surgery, start: int, wall: Mapping[int, datetime]
) -> dict[str, Any]:
    order = {"calendar_id": here.calendar["id"], "start": start}
    made = await api.post("/appointments", order, expect=201)
    _is_at(made["appointment"], start, wall)
    return dict(made)


def _is_at(appointment: dict[str, Any], start: int, wall: Mapping[int, datetime]) -> None:
    at = _instant(appointment["starts_at"])
    assert (appointment["start"], at) == (start, wall[start])
    assert _instant(appointment["ends_at"]) == at + timedelta(minutes=MINUTES)
    assert _instant(appointment["case"]["appointment_at"]) == at


async def _skipped_is_not_sold(api: Api, here: Surgery, wall: Mapping[int, datetime]) -> None:
    for start in sorted(set(range(DAY)) - wall.keys())[:: MINUTES // 2]:
        order = {"calendar_id": here.calendar["id"], "start": start}
        refused = await api.post("/appointments", order, expect=409)
        others = refused["details"]["alternatives"]
        assert len(others) == 3
        assert all(_instant(one["starts_at"]) == wall[one["start"]] for one in others)


async def _moved_there_and_back(
    api: Api, here: Surgery, made: dict[str, Any], start: int, wall: Mapping[int, datetime]
) -> None:
    """Over the change, and back."""
    case = made["appointment"]["case"]["id"]
    for to in (1400, start):
        order = {"calendar_id": here.calendar["id"], "start": to}
        free = (await api.get(f"/calendars/{here.calendar['id']}/vacancies"))["vacancies"]
        order["start"] = min((one["start"] for one in free), key=lambda one: abs(one - to))
        moved = await api.post(f"/cases/{case}/reschedule", order)
        _is_at(moved["appointment"], order["start"], wall)
    assert moved["appointment"]["start"] == start


async def _listed_and_filed(
    api: Api, here: Surgery, made: tuple[dict[str, Any], ...], day: date
) -> None:
    unit = here.service["unit_id"]
    listed = (await api.get(f"/units/{unit}/appointments?first={day}&last={day}"))["appointments"]
    times = {one["case"]["id"]: one["starts_at"] for one in listed}
    for one in made:
        seen = one["appointment"]
        assert times[seen["case"]["id"]] == seen["starts_at"]
        file = icalendar.Calendar.from_ical((await api.asking.get(one["ics_url"])).content)
        (event,) = file.walk("VEVENT")
        assert isinstance(event, icalendar.Event)
        assert event.start == _instant(seen["starts_at"])
        assert event.end == _instant(seen["ends_at"])


async def _checked_in(
    house: House, client: httpx.AsyncClient, branch: Sample, *made: dict[str, Any]
) -> None:
    """The windows are of time that passes, whatever the wall shows meanwhile."""

    async def at(one: dict[str, Any], minutes: int, expect: int) -> dict[str, Any]:
        now = _instant(one["appointment"]["starts_at"]) + timedelta(minutes=minutes)
        house.clock = lambda: now
        api = await program_of(client, branch)
        case = one["appointment"]["case"]["id"]
        return dict(await api.post(f"/cases/{case}/check-in", {}, expect=expect))

    first, second = made
    for one in made:
        early = await at(one, -31, 409)
        assert early["type"].endswith("#too-early-to-check-in")
    late = await at(first, 31, 409)
    assert late["type"].endswith("#too-late-to-check-in")
    assert (await at(first, -30, 200))["state"] == "waiting"
    assert (await at(second, 30, 200))["state"] == "waiting"


def _instant(told: str) -> datetime:
    return datetime.fromisoformat(told).astimezone(UTC)
