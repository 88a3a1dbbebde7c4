"""Appointments over our own API, on both engines."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import icalendar
import pytest

from nowserving.actions.house import House
from tests.dialects.native.api import Api
from tests.dialects.native.conftest import Places, Surgery, agent_of, surgery_of, to_come


async def test_from_the_vacancy_to_the_call(api: Api, surgery: Surgery, places: Places) -> None:
    calendar, service = surgery.calendar, surgery.service
    listed = await api.get(f"/services/{service['id']}/vacancies?limit=2&first={to_come(2)}")
    first, second = listed["vacancies"]
    assert (first["start"], second["start"], first["minutes"]) == (480, 500, 20)
    more = await api.get(
        f"/services/{service['id']}/vacancies?limit=2&first={to_come(2)}&after={listed['next']}"
    )
    assert [one["start"] for one in more["vacancies"]] == [520, 540]

    held = await api.post(f"/calendars/{calendar['id']}/holds", {"start": 500}, expect=201)
    order = {"calendar_id": calendar["id"], "start": 500, "hold_id": held["id"], "name": "Ada"}
    made = await api.post("/appointments", order, expect=201)
    booked = made["appointment"]
    case = booked["case"]
    assert (case["state"], case["ticket"], case["appointment_at"]) == (
        "planned",
        "D1",
        booked["starts_at"],
    )
    file = await api.get(f"/appointments/{case['id']}")
    assert file["appointment"] == booked
    assert (file["contact"]["name"], file["code"]) == ("Ada", made["code"])

    held = await api.post(f"/calendars/{calendar['id']}/holds", {"start": 600}, expect=201)
    kept = await api.post(f"/holds/{held['id']}/longer", {"minutes": 30})
    assert (kept["id"], kept["start"]) == (held["id"], 600)
    assert kept["until"] > held["until"]
    to = {"calendar_id": calendar["id"], "start": 600}
    taken = await api.post(f"/cases/{case['id']}/reschedule", to, expect=409)
    assert taken["type"] == "/api/v1/docs#slot-taken"
    to["hold_id"] = held["id"]
    moved = await api.post(f"/cases/{case['id']}/reschedule", to)
    assert (moved["appointment"]["start"], moved["code"]) == (600, made["code"])
    vacant = await api.get(f"/calendars/{calendar['id']}/vacancies")
    assert 500 in [one["start"] for one in vacant["vacancies"]]
    assert 600 not in [one["start"] for one in vacant["vacancies"]]

    early = await api.post(f"/cases/{case['id']}/check-in", {}, expect=409)
    assert early["type"] == "/api/v1/docs#too-early-to-check-in"
    arrived = await api.post(f"/cases/{case['id']}/check-in", {"override": True})
    assert (arrived["state"], arrived["ticket"]) == ("waiting", "D1")
    called = await api.post(f"/cases/{case['id']}/call")
    assert called["state"] == "called"
    kinds = [fact["kind"] for fact in (await api.get(f"/cases/{case['id']}/history"))["facts"]]
    assert kinds == ["case.planned", "case.rescheduled", "case.arrived", "case.called"]
    assert "Ada" not in str(await api.get(f"/cases/{case['id']}/history"))


async def test_fifty_want_one_time_at_once(api: Api, surgery: Surgery) -> None:
    order = {"calendar_id": surgery.calendar["id"], "start": 600}
    answers = await asyncio.gather(
        *(
            api.asking.post(
                "/api/v1/appointments",
                json=order,
                headers={"Authorization": f"Bearer {api.token}", "Idempotency-Key": f"k{at}"},
            )
            for at in range(50)
        )
    )
    assert sorted(one.status_code for one in answers) == [201] + [409] * 49
    for refused in (one.json() for one in answers if one.status_code == 409):
        assert refused["type"] == "/api/v1/docs#slot-taken"
        assert [one["start"] for one in refused["details"]["alternatives"]] == [580, 620, 560]


async def test_a_request_that_is_repeated_books_once(api: Api, surgery: Surgery) -> None:
    order = {"calendar_id": surgery.calendar["id"], "start": 600}
    first = await api.ask("POST", "/appointments", order, key="b1", expect=201)
    again = await api.ask("POST", "/appointments", order, key="b1", expect=201)
    assert (again.content, again.headers["idempotency-replayed"]) == (first.content, "true")
    assert again.headers["location"] == first.headers["location"]
    listed = await api.get(f"/calendars/{surgery.calendar['id']}/appointments")
    assert len(listed["appointments"]) == 1
    refused = await api.post("/appointments", {**order, "start": 620}, key="b1", expect=422)
    assert refused["type"] == "/api/v1/docs#key-reused"


async def test_alternatives_come_from_other_calendars_if_one_has_none(api: Api) -> None:
    only = [{"start": 600, "end": 620}]
    here = await surgery_of(api, hours=only)
    there = await surgery_of(api, days=3, hours=only)
    order = {"calendar_id": here.calendar["id"], "start": 600}
    await api.post("/appointments", order, expect=201)
    refused = await api.post("/appointments", order, expect=409)
    (other,) = refused["details"]["alternatives"]
    assert (other["calendar_id"], other["start"]) == (there.calendar["id"], 600)


async def test_a_plan_is_set_and_its_days_are_opened(api: Api, surgery: Surgery) -> None:
    path = f"/services/{surgery.service['id']}"
    plan = await api.get(f"{path}/booking-plan")
    seat = {"agent_id": None, "capacity": 2, "suits": ["interpreter"]}
    template = {**plan["template"], "seats": [seat] * 2}
    rules = {**plan["rules"], "notice": 45, "compensates": True, "overbooked": 2}
    changed = await api.post(f"{path}/booking-plan", {"template": template, "rules": rules})
    assert changed["template"] == template
    assert changed["rules"] == rules
    days = {"first": to_come(10), "last": to_come(11)}
    made = (await api.post(f"{path}/open-days", days))["calendars"]
    assert [(one["day"], one["index"]) for one in made] == [
        (day, index) for day in days.values() for index in (0, 1)
    ]
    listed = await api.get(f"{path}/calendars?first={days['first']}&last={days['last']}")
    assert [one["calendar"] for one in listed["calendars"]] == made
    assert made[0]["stats"]["appointments"] == 0
    again = await api.post(f"{path}/calendars", {"day": days["first"]}, expect=409)
    assert again["type"] == "/api/v1/docs#already-open"


async def test_calendars_are_closed_switched_allocated_and_blocked(
    api: Api, agent: Api, surgery: Surgery
) -> None:
    path = f"/calendars/{surgery.calendar['id']}"
    me = (await agent.get("/me"))["id"]
    assert (await api.post(f"{path}/allocate", {"agent_id": me}))["agent_id"] == me
    assert not (await api.post(f"{path}/switch", {"public": False}))["public_active"]
    block = await api.post(
        f"{path}/block", {"start": 480, "end": 540, "reason": "Training"}, expect=201
    )
    assert (await api.get(path))["blocks"] == [block]
    assert (await api.get(f"{path}/vacancies"))["vacancies"][0]["start"] == 540
    await api.post(f"/blocks/{block['id']}/lift", expect=204)
    assert (await api.get(f"{path}/vacancies"))["vacancies"][0]["start"] == 480
    assert (await api.post(f"{path}/close"))["closed"]
    closed = await api.get(f"{path}/vacancies", expect=409)
    assert closed["type"] == "/api/v1/docs#calendar-closed"
    assert not (await api.post(f"{path}/reopen"))["closed"]
    await agent.post(f"{path}/close", expect=403)


async def test_families_series_and_the_first_time_there_is(api: Api, surgery: Surgery) -> None:
    calendar = surgery.calendar["id"]
    other = (await surgery_of(api, days=9)).calendar["id"]
    people = {"calendar_id": calendar, "start": 480, "people": [{"name": "Ada"}, {"name": "Bo"}]}
    group = (await api.post("/appointments/groups", people, expect=201))["appointments"]
    assert [one["appointment"]["start"] for one in group] == [480, 500]
    id = group[0]["appointment"]["group_id"]
    gone = await api.post(f"/appointment-groups/{id}/call-off")
    assert [case["state"] for case in gone["cases"]] == ["canceled"] * 2

    times = [{"calendar_id": one, "start": 600} for one in (calendar, other)]
    series = (await api.post("/appointments/series", {"times": times}, expect=201))["appointments"]
    id = series[0]["appointment"]["series_id"]
    one = series[0]["appointment"]["case"]["id"]
    assert (await api.post(f"/cases/{one}/call-off"))["state"] == "canceled"
    rest = await api.post(f"/appointment-series/{id}/call-off", {"reason": "moved away"})
    assert [case["id"] for case in rest["cases"]] == [series[1]["appointment"]["case"]["id"]]

    weekday = datetime.fromisoformat(to_come(9)).weekday()
    first = {"service_id": surgery.service["id"], "first": to_come(3), "weekdays": [weekday]}
    made = await api.post("/appointments/first-available", first, expect=201)
    assert (made["appointment"]["calendar_id"], made["appointment"]["start"]) == (other, 480)


async def test_a_unit_lists_its_appointments_page_by_page(api: Api, surgery: Surgery) -> None:
    calendar, ids = surgery.calendar["id"], []
    for start in (480, 500, 520, 540, 560):
        made = await api.post(
            "/appointments", {"calendar_id": calendar, "start": start}, expect=201
        )
        ids.append(made["appointment"]["case"]["id"])
    unit = surgery.service["unit_id"]
    path = f"/units/{unit}/appointments?first={to_come(2)}&last={to_come(2)}&limit=2"
    page = await api.get(path)
    found = [one["case"]["id"] for one in page["appointments"]]
    while page["next"]:
        page = await api.get(f"{path}&after={page['next']}")
        found += [one["case"]["id"] for one in page["appointments"]]
    assert found == ids


async def test_a_queue_says_how_it_merges(
    client: httpx.AsyncClient, branch: Any, places: Places
) -> None:
    eve = await agent_of(client, branch, "eve")
    queue = places.queues[0]
    assert queue["merge"] == "on_time"
    changed = await eve.post(f"/queues/{queue['id']}/merge", {"merge": "interleaved"})
    assert changed == {**queue, "merge": "interleaved"}
    assert (await eve.get("/queues"))["queues"][0]["merge"] == "interleaved"


async def test_who_is_here_is_put_into_the_calendar_of_today(api: Api, house: House) -> None:
    noon = house.clock().replace(hour=10) - timedelta(days=1)
    house.clock = lambda: noon
    whole = [{"start": 0, "end": 1440}]
    here = await surgery_of(api, day=noon.date().isoformat(), hours=whole)
    made = await api.post(f"/calendars/{here.calendar['id']}/walk-ins", {"name": "Bo"}, expect=201)
    assert made["appointment"]["case"]["state"] == "waiting"
    assert made["appointment"]["arrived_at"] is not None


async def test_a_booking_is_a_file_for_a_calendar(api: Api, surgery: Surgery) -> None:
    order = {"calendar_id": surgery.calendar["id"], "start": 600, "name": "Ada Example"}
    made = await api.post("/appointments", order, expect=201)
    answer = await api.asking.get(made["ics_url"])
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    (event,) = events_in(answer)
    seen = made["appointment"]
    assert event.start == datetime.fromisoformat(seen["starts_at"]).astimezone(UTC)
    assert event.end == datetime.fromisoformat(seen["ends_at"]).astimezone(UTC)
    assert (str(event["status"]), str(event["summary"])) == ("CONFIRMED", "D1 Advice")
    assert str(event["url"]) == made["ticket_url"]
    assert b"Ada Example" not in answer.content
    known = {"If-None-Match": answer.headers["etag"]}
    assert (await api.asking.get(made["ics_url"], headers=known)).status_code == 304
    await api.post(f"/cases/{seen['case']['id']}/call-off")
    again = await api.asking.get(made["ics_url"], headers=known)
    (event,) = events_in(again)
    assert (str(event["status"]), event.sequence) == ("CANCELLED", 2)


@pytest.mark.parametrize("whose", ["agent", "service"])
async def test_a_feed_is_subscribed_to_and_revoked(
    whose: str, api: Api, agent: Api, surgery: Surgery
) -> None:
    me = (await agent.get("/me"))["id"]
    await api.post(f"/calendars/{surgery.calendar['id']}/allocate", {"agent_id": me})
    for start in (600, 620):
        order = {"calendar_id": surgery.calendar["id"], "start": start}
        await api.post("/appointments", order, expect=201)
    asked = (
        {"agent_id": me} if whose == "agent" else {"service_id": surgery.service["id"], "index": 0}
    )
    feed = await (agent if whose == "agent" else api).post("/calendar-feeds", asked, expect=201)
    answer = await api.asking.get(feed["url"])
    assert len(events_in(answer)) == 2
    whole = icalendar.Calendar.from_ical(answer.content)
    name = {"agent": "Ann Example", "service": "Advice by appointment (1)"}[whose]
    assert str(whole["x-wr-calname"]) == name
    await agent.post("/calendar-feeds", {"service_id": surgery.service["id"]}, expect=403)
    await api.post(f"/calendar-feeds/{feed['id']}/revoke", expect=204)
    assert (await api.asking.get(feed["url"])).status_code == 404
    assert (await api.asking.get("/ical/1.nothing.ics")).status_code == 404


def events_in(answer: httpx.Response) -> list[icalendar.Event]:
    """The appointments in a file."""
    whole = icalendar.Calendar.from_ical(answer.content)
    return [one for one in whole.walk("VEVENT") if isinstance(one, icalendar.Event)]


async def test_a_time_that_suits(api: Api, surgery: Surgery) -> None:
    calendar, service = surgery.calendar, surgery.service
    asked = f"/services/{service['id']}/vacancies?limit=1&first={to_come(2)}&needs=wheelchair"
    assert (await api.get(asked))["vacancies"] == []
    order = {"calendar_id": calendar["id"], "start": 600, "needs": ["wheelchair"]}
    for path in ("/appointments", f"/calendars/{calendar['id']}/holds"):
        wanted = {n: v for n, v in order.items() if path == "/appointments" or n != "calendar_id"}
        refused = await api.post(path, wanted, expect=409)
        assert refused["type"] == "/api/v1/docs#not-suited"
    suits = {"index": 0, "suits": ["wheelchair"]}
    plan = await api.post(f"/services/{service['id']}/suits", suits)
    assert plan["template"]["seats"][0]["suits"] == ["wheelchair"]
    [vacancy] = (await api.get(asked))["vacancies"]
    assert (vacancy["calendar_id"], vacancy["suits"]) == (calendar["id"], ["wheelchair"])
    made = await api.post("/appointments", order, expect=201)
    file = await api.get(f"/appointments/{made['appointment']['case']['id']}")
    assert file["contact"]["needs"] == ["wheelchair"]
    first = {"service_id": service["id"], "first": str(to_come(2)), "needs": ["interpreter"]}
    gone = await api.post("/appointments/first-available", first, expect=409)
    assert gone["type"] == "/api/v1/docs#slot-taken"
