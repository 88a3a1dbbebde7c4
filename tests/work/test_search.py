"""Finding cases: both engines find the same, page by page, and nobody sees what is not theirs."""

# ruff: noqa: RUF001  letters that look alike are the point here

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from nowserving.actions.cases import correct
from nowserving.actions.desk import note
from nowserving.actions.house import House
from nowserving.actions.queue_up import queue_up
from nowserving.actions.sample import Sample
from nowserving.actions.sample_work import BackOffice
from nowserving.actions.search import drop_filter, find, save_filter, saved_filters
from nowserving.cases.admission import Request
from nowserving.cases.correction import Correction
from nowserving.cases.finding import Filter, Order, words_of_case
from nowserving.cases.moves import State
from nowserving.kit.problems import Forbidden, NotFound
from nowserving.people.actor import Actor, visitor
from nowserving.places.statuses import Condition
from nowserving.store.finding import After
from tests.work.conftest import OpenOne

STORIES = [
    ("Ada Lovelace", "Broken café window", "The glass on Straße 12 is broken"),
    ("Müller, Jürgen", "Brücke gesperrt", "Die Brücke über die Spree"),
    ("محمد أحمد", "شكوى عن الضوضاء", "الضوضاء في الليل"),
    ("Zoë O'Neill", "Lärm / noise", "noise at night, again"),
    ("李小龙", "噪音投诉", "晚上很吵"),
    ("Ада Лавлейс", "Сломанное окно", "Ёлка во дворе"),
    ("Σωκράτης", "Θόρυβος", "ὁδός 7"),
    ("Nobody 1e5", "0x1f -5 3.14 v2.0", "e-mail: a_b@c-d.example http://x.example/y?z=1"),
    ("ＦＵＬＬ Ｗｉｄｔｈ", "ﬁre № ５", "ǅungla"),
    ("𝒟𝓮𝓼𝓮𝓻𝓽 𐐷𐐲𐑌", "ꙮ many eyes", "🙂 smile'); drop table cases;--"),
]
QUESTIONS = [
    *("ada", "ADA love", "strasse", "straße 12", "cafe", "muller", "Brucke", "brü spr"),
    *("احمد", "الضوض", "noise night", "larm", "o neill", "噪音", "晚上", "Ада", "елка", "окно"),
    *("σωκρατης", "ΘΟΡΥΒΟΣ", "οδος 7", "1e5", "0x1f", "3.14", "v2", "a_b", "c-d", "z=1", "full"),
    *("fire 5", "džungla", "desert", "𐐏𐐲𐑌", "ꙮ", "smile", "drop", "'", '"', "*", "nothing here"),
    *("a", "ab", "n", "b*", "NOT noise", "noise OR ada", "(noise)", "noise:", "^noise"),
]


def fits(words: Sequence[str], wanted: Filter) -> bool:
    """What both engines must agree with: each word asked for begins a word that is kept."""
    return all(any(word.startswith(asked) for word in words) for asked in wanted.words())


async def test_both_engines_find_exactly_what_begins_so(
    house: House, dia: Actor, open_one: OpenOne
) -> None:
    kept: dict[int, list[str]] = {}
    for name, title, description in STORIES:
        case = await open_one(name=name, title=title, description=description)
        async with house.acting(dia) as act:
            kept[case.number] = words_of_case(case, await act.look.cases.details(case.id), [])
    found_some = 0
    for question in QUESTIONS:
        for wanted in (Filter(text=question), Filter(person=question)):
            async with house.acting(dia) as act:
                page = await find(act, wanted=wanted)
            expected = {number for number, words in kept.items() if fits(words, wanted)}
            assert {case.number for case in page.cases} == expected, wanted
            found_some += bool(expected) and len(expected) < len(kept)
    assert found_some > 35


async def test_notes_numbers_phones_and_corrections_are_found_and_old_words_are_not(
    house: House, dia: Actor, open_one: OpenOne
) -> None:
    case = await open_one(title="Pothole", name="Bob", phone="030 123456", email="bob@example.org")

    async def found(**wanted: Any) -> bool:
        async with house.acting(dia) as act:
            return case.id in [one.id for one in (await find(act, wanted=Filter(**wanted))).cases]

    assert await found(text="pothole")
    assert await found(text=str(case.number))
    for phone in ("030 123456", "+49 30 123456", "004930123456", "30123456"):
        assert await found(person=phone), phone
    assert await found(person="bob@example.org")
    assert not await found(person="pothole")
    async with house.acting(dia) as act:
        await note(act, case_id=case.id, text="Rang back: nobody answered")
        await correct(act, case_id=case.id, correction=Correction(texts={"title": "Crater"}))
        await correct(act, case_id=case.id, correction=Correction(contact={"name": "Rob"}))
    assert await found(text="answered")
    assert await found(text="crater")
    assert not await found(text="pothole")
    assert not await found(person="bob", text="x")


async def test_a_ticket_with_a_name_is_found_too(
    house: House, branch: Sample, program: Actor
) -> None:
    directory = await house.directory(branch.organization.id)
    licences = directory.services_of(directory.unit_numbered(1).id)[2]
    async with house.acting(program) as act:
        queued = await queue_up(
            act, Request(service_id=licences.id, name="Grace Hopper", phone="030 7654321")
        )
        page = await find(act, wanted=Filter(text="hop", lined=True))
        none = await find(act, wanted=Filter(text="hop", lined=False))
        by_phone = await find(act, wanted=Filter(person="030 765 43"))
    assert [case.id for case in page.cases] == [queued.case.id]
    assert page.details[queued.case.id].name == "Grace Hopper"
    assert none.cases == []
    assert [case.id for case in by_phone.cases] == [queued.case.id]


async def test_pages_follow_each_other_without_a_hole_in_every_order(
    house: House, dia: Actor, open_one: OpenOne
) -> None:
    chance = random.Random(5)
    now = house.clock()
    cases = [
        await open_one(
            title=f"Case {at}",
            due_at=None if at % 4 == 0 else now + timedelta(hours=chance.randint(1, 5)),
        )
        for at in range(14)
    ]
    with_deadline = [case for case in cases if case.due_at]
    expected = {
        Order.NEWEST: sorted(cases, key=lambda case: case.id, reverse=True),
        Order.OLDEST: sorted(cases, key=lambda case: case.id),
        Order.DUE: sorted(with_deadline, key=lambda case: (case.due_at, case.id)),
    }
    for order, wanted in expected.items():
        seen: list[int] = []
        after: After | None = None
        while True:
            async with house.acting(dia) as act:
                page = await find(act, wanted=Filter(order=order), after=after, most=4)
            seen += [case.number for case in page.cases]
            after = page.after
            if after is None:
                break
        assert seen == [case.number for case in wanted]


async def test_each_condition_narrows(
    house: House, dia: Actor, open_one: OpenOne, back_office: BackOffice, branch: Sample
) -> None:
    statuses = {one.name: one for one in back_office.statuses}
    tag = next(iter((await house.directory(branch.organization.id)).tags))
    assert dia.id is not None
    inquiry = (await house.directory(branch.organization.id)).services_of(
        branch.beginning.places[0].id
    )[0]
    plain = await open_one(title="plain")
    mine = await open_one(title="mine", assigned_to=dia.id, tag_ids=(tag,))
    owned = await open_one(title="owned", owner_id=dia.id, parent_id=plain.id)
    done = await open_one(title="done", status_id=statuses["Solved"].id)
    urgent = await open_one(
        title="urgent",
        type_id=back_office.types[1].id,
        priority_id=back_office.priorities[3].id,
        due_at=house.clock() + timedelta(days=1),
    )
    everything = {plain.id, mine.id, owned.id, done.id, urgent.id}
    for wanted, expected in (
        (Filter(), everything),
        (Filter(number=mine.number), {mine.id}),
        (Filter(assigned_to=dia.id), {mine.id}),
        (Filter(unassigned=True), everything - {mine.id}),
        (Filter(owner_id=dia.id), {owned.id}),
        (Filter(parent_id=plain.id), {owned.id}),
        (Filter(tag_ids=(tag,)), {mine.id}),
        (Filter(tag_ids=(tag,), text="own"), set()),
        (Filter(status_ids=(statuses["Solved"].id, statuses["Closed"].id)), {done.id}),
        (Filter(condition=Condition.CLOSED), {done.id}),
        (Filter(condition=Condition.OPEN), everything - {done.id}),
        (Filter(states=(State.RESOLVED,)), {done.id}),
        (Filter(type_ids=(back_office.types[1].id,)), {urgent.id}),
        (Filter(priority=2), {urgent.id}),
        (Filter(due_until=house.clock() + timedelta(days=2)), {urgent.id}),
        (Filter(escalated=True), set()),
        (Filter(escalated=False, lined=False), everything),
        (Filter(service_ids=(back_office.service.id,)), everything),
        (Filter(service_ids=(inquiry.id,)), set()),
        (Filter(unit_ids=(back_office.unit.id,)), everything),
        (Filter(opened_from=mine.opened_at, opened_until=done.opened_at), {mine.id, owned.id}),
    ):
        async with house.acting(dia) as act:
            page = await find(act, wanted=wanted)
        assert {case.id for case in page.cases} == expected, wanted
    async with house.acting(dia) as act:
        page = await find(act, wanted=Filter(assigned_to=dia.id))
    assert page.names == {dia.id: dia.name}


async def test_nobody_finds_what_is_elsewhere(
    house: House,
    ann: Actor,
    *,
    program: Actor,
    open_one: OpenOne,
    branch: Sample,
    other_branch: Sample,
    back_office: BackOffice,
) -> None:
    await open_one(title="Confidential", name="Ada")
    stranger = Actor(
        other_branch.organization.id, program.kind, program.id, program.name, program.grants
    )
    elsewhere = Filter(unit_ids=(back_office.unit.id,))
    for who, count in ((ann, 0), (program, 1), (stranger, 0)):
        for wanted in (Filter(text="confidential"), Filter(person="ada"), Filter()):
            async with house.acting(who) as act:
                assert len((await find(act, wanted=wanted)).cases) == count
    for who, count in ((ann, 0), (program, 1)):
        async with house.acting(who) as act:
            assert len((await find(act, wanted=elsewhere)).cases) == count
    async with house.acting(stranger) as act:
        with pytest.raises(NotFound):
            await find(act, wanted=elsewhere)
    async with house.acting(visitor(branch.organization.id, back_office.unit.id)) as act:
        with pytest.raises(Forbidden):
            await find(act, wanted=Filter())


async def test_a_filter_is_kept_for_oneself_or_for_a_group(
    house: House, dia: Actor, ann: Actor, branch: Sample
) -> None:
    staff = branch.beginning.groups[0].id
    wanted = Filter(text="noise", condition=Condition.OPEN, order=Order.DUE)
    async with house.acting(dia) as act:
        own = await save_filter(act, name=" Mine ", wanted=wanted)
        ours = await save_filter(act, name="Ours", wanted=Filter(), group_id=staff, position=1)
        assert await saved_filters(act) == [own, ours]
        assert (own.name, own.filter) == ("Mine", wanted)
    async with house.acting(ann) as act:
        assert await saved_filters(act) == [ours]
        with pytest.raises(NotFound):
            await drop_filter(act, filter_id=own.id)
        with pytest.raises(Forbidden):
            await drop_filter(act, filter_id=ours.id)
    async with house.acting(dia) as act:
        await drop_filter(act, filter_id=ours.id)
        await drop_filter(act, filter_id=own.id)
        assert await saved_filters(act) == []
