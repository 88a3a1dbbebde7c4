"""Who is asked before a time is booked, and before somebody is checked in for one."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from nowserving.actions import arrivals, bookings, search
from nowserving.actions.house import House
from nowserving.actions.sample import Sample
from nowserving.cases.finding import Filter
from nowserving.cases.moves import State
from nowserving.people.actor import Actor
from nowserving.places.hooks import HookKind, HookRefused, OnFailure
from tests.actions.booking import Surgery
from tests.hooks.asked import add_hook, asked_far, asking
from tests.hooks.far import Post

REFUSED = {"allow": False, "message": {"en": "Not today."}}


@pytest.fixture
async def surgery(house: House, branch: Sample, program: Actor) -> AsyncIterator[Surgery]:
    """The service by appointment, in a house that can ask."""
    async with asking(house):
        yield await Surgery.of(house, branch, program)


async def hooked(surgery: Surgery, kind: HookKind, url: str, **more: Any) -> None:
    await add_hook(surgery.house, surgery.program.organization_id, kind, url, **more)


async def found(surgery: Surgery, *names: str) -> list[list[UUID]]:
    """The cases that are found by each of some names."""
    filters = [Filter(person=name) for name in names]
    pages = [await surgery.do(search.find, wanted=wanted) for wanted in filters]
    return [[case.id for case in page.cases] for page in pages]


async def test_a_booking_is_changed_and_refused(surgery: Surgery) -> None:
    calendar = await surgery.opened()
    answers: list[Mapping[str, Any]] = [{"changes": {"name": "Grace"}}]
    async with asked_far(lambda post: answers[0]) as far:
        await hooked(surgery, HookKind.BOOK, far.url)
        booked = await surgery.book(calendar, 500, name="Ada")
        assert booked.details.name == "Grace"
        assert far.said[0]["type"] == "before.book"
        assert far.said[0]["case"]["id"] == str(booked.case.id)
        assert far.said[0]["case"]["ticket"] == "D1"
        answers[0] = REFUSED
        before = await surgery.day(calendar)
        with pytest.raises(HookRefused):
            await surgery.book(calendar, 520)
        with pytest.raises(HookRefused):
            await surgery.do(lambda act: bookings.book_first_available(act, surgery.request()))
        people = [surgery.request(), surgery.request()]
        with pytest.raises(HookRefused):
            await surgery.do(
                lambda act: bookings.book_group(act, people, calendar_id=calendar.id, start=600)
            )
        assert await surgery.day(calendar) == before


async def test_about_several_appointments_all_are_asked_at_the_same_moment(
    surgery: Surgery,
) -> None:
    calendar, all_asked = await surgery.opened(), asyncio.Event()
    people = [surgery.request(name=name) for name in ("Ada", "Bo", "Chi")]

    async def answer(post: Post) -> Mapping[str, Any]:
        if len(far.posts) == len(people):
            all_asked.set()
        await all_asked.wait()
        return {"changes": {"language": "de-DE"}}

    async with asked_far(answer) as far:
        await hooked(surgery, HookKind.BOOK, far.url, on_failure=OnFailure.DENY, milliseconds=5000)
        booked = await surgery.do(
            lambda act: bookings.book_group(act, people, calendar_id=calendar.id, start=600)
        )
    assert [(one.details.name, one.case.language) for one in booked] == [
        ("Ada", "de-DE"),
        ("Bo", "de-DE"),
        ("Chi", "de-DE"),
    ]
    assert sorted(one["case"]["id"] for one in far.said) == sorted(
        str(one.case.id) for one in booked
    )


async def test_a_check_in_is_changed_and_refused(surgery: Surgery) -> None:
    calendar = await surgery.opened(surgery.now.date())
    booked = await surgery.book(calendar, 540, name="Ada")
    surgery.now += timedelta(minutes=50)
    answers: list[Mapping[str, Any]] = [REFUSED]
    async with asked_far(lambda post: answers[0]) as far:
        await hooked(surgery, HookKind.CHECK_IN, far.url)
        with pytest.raises(HookRefused):
            await surgery.do(arrivals.check_in, case_id=booked.case.id)
        assert await surgery.case(booked.case.id) == booked.case
        answers[0] = {"changes": {"name": "Grace"}}
        case = await surgery.do(arrivals.check_in, case_id=booked.case.id)
    assert case.state is State.WAITING
    seen = await surgery.do(bookings.see_appointment, case_id=case.id)
    assert seen.details == replace(booked.details, name="Grace")
    assert await found(surgery, "grace", "ada") == [[case.id], []]


async def test_a_move_is_changed_and_refused(surgery: Surgery) -> None:
    calendar = await surgery.opened()
    booked = await surgery.book(calendar, 500, name="Ada")
    answers: list[Mapping[str, Any]] = [REFUSED]

    async def moving(start: int) -> Any:
        return await surgery.do(
            bookings.move, case_id=booked.case.id, calendar_id=calendar.id, start=start
        )

    async with asked_far(lambda post: answers[0]) as far:
        await hooked(surgery, HookKind.MOVE, far.url)
        before = await surgery.day(calendar)
        with pytest.raises(HookRefused):
            await moving(600)
        assert await surgery.day(calendar) == before
        assert await surgery.case(booked.case.id) == booked.case
        question = far.said[0]
        assert (question["type"], question["case"]["id"]) == ("before.move", str(booked.case.id))
        assert (question["appointment_before"]["start"], question["appointment"]["start"]) == (
            500,
            600,
        )
        assert question["case"]["appointment_at"] == question["appointment"]["starts_at"]
        answers[0] = {"changes": {"name": "Grace"}}
        moved = await moving(600)
    assert (moved.appointment.start, moved.details.name) == (600, "Grace")
    assert await found(surgery, "grace", "ada") == [[booked.case.id], []]
    assert (await surgery.day(calendar)).slots[500].taken == 0
