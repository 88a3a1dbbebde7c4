"""Customers: taken down, found again, and one made of two."""

import pytest

from nowserving.actions import customers
from nowserving.actions.cases import history, see
from nowserving.actions.customers import Given, KeyTaken, Known
from nowserving.actions.house import House
from nowserving.actions.open_case import open_case
from nowserving.actions.sample_work import BackOffice
from nowserving.actions.search import find
from nowserving.cases.admission import Request
from nowserving.cases.finding import Filter
from nowserving.cases.work import InACircle, Opening
from nowserving.kit.problems import Forbidden, Invalid, NotFound
from nowserving.people.actor import Actor


async def taken_down(house: House, who: Actor, name: str, **more: object) -> Known:
    contact = {"name": name, **{k: v for k, v in more.items() if k in ("phone", "email")}}
    rest = {k: v for k, v in more.items() if k in ("keys", "fields")}
    async with house.acting(who) as act:
        return await customers.create(act, given=Given(contact=contact, **rest))  # type: ignore[arg-type]


async def test_a_customer_is_known_by_a_key_in_any_case(house: House, program: Actor) -> None:
    given = Given(contact={"name": "Ana Roy"}, fields={"city": "Bern"})
    async with house.acting(program) as act:
        first, new = await customers.upsert(act, kind="id", value="S-0012a", given=given)
        assert new
    async with house.acting(program) as act:
        given = Given(contact={"phone": "030 123456"}, fields={"city": None, "zip": "3000"})
        again, new = await customers.upsert(act, kind="id", value="s-0012A", given=given)
    assert (new, again.customer.id, again.customer.name) == (False, first.customer.id, "Ana Roy")
    assert (again.customer.phone, again.customer.fields) == ("+4930123456", {"zip": "3000"})
    assert (again.customer.version, again.keys) == (2, {"id": "s-0012A"})
    async with house.acting(program) as act:
        found = await customers.keyed(act, kind="id", value="S-0012A")
        assert found is not None
        assert found.customer == again.customer
        assert await customers.keyed(act, kind="passport", value="S-0012A") is None
        with pytest.raises(KeyTaken):
            taken = Given(contact={"name": "Bo"}, keys={"id": "s-0012a"})
            await customers.create(act, given=taken)


async def test_what_cannot_be_kept_is_refused(house: House, program: Actor) -> None:
    for wrong in (
        Given(),
        Given(contact={"name": " "}),
        Given(contact={"name": "A", "email": "nobody"}),
        Given(contact={"name": "A", "phone": "x"}),
        Given(contact={"name": "A"}, keys={"id": " "}),
        Given(contact={"name": "A"}, fields={"x": "\0"}),
    ):
        async with house.acting(program) as act:
            with pytest.raises(Invalid):
                await customers.create(act, given=wrong)
    async with house.acting(program) as act:
        with pytest.raises(NotFound):
            await customers.change(act, customer_id=act.new_id(), given=Given())


async def test_they_are_found_by_name_phone_mail_number_key_and_field(
    house: House, program: Actor
) -> None:
    ada = await taken_down(house, program, "Ada Lovelace", phone="030 123456")
    zoe = await taken_down(house, program, "zoë ÖZIL", email="zoe@example.org")
    max_ = await taken_down(house, program, "Max", keys={"id": "007-x"}, fields={"city": "Łódź"})
    for text, expected in (
        ("", [ada, max_, zoe]),
        ("LOVE ada", [ada]),
        ("ozil", [zoe]),
        ("030 1234", [ada]),
        ("+49 30 123456", [ada]),
        ("zoe@exam", [zoe]),
        (f"{max_.customer.number} max", [max_]),
        ("007", [max_]),
        ("lodz", [max_]),
        ("nobody", []),
    ):
        async with house.acting(program) as act:
            page = await customers.find(act, text=text)
            counted = await customers.count(act, text=text)
        assert [one.id for one in page.customers] == [one.customer.id for one in expected], text
        assert counted == len(expected)


async def test_pages_of_customers_follow_each_other(house: House, program: Actor) -> None:
    names = ["Éa", "eb", "Ec", "ED", "ee", "ee", "Ąb", "Z", "İnci"]
    for name in names:
        await taken_down(house, program, name)
    seen, after = [], None
    while True:
        async with house.acting(program) as act:
            page = await customers.find(act, after=after, most=2)
        seen += [one.name for one in page.customers]
        after = page.after
        if after is None:
            break
    assert seen == ["Ąb", "Éa", "eb", "Ec", "ED", "ee", "ee", "İnci", "Z"]


async def test_cases_and_keys_follow_a_customer_who_is_merged(
    house: House, program: Actor, back_office: BackOffice
) -> None:
    keys = {"id": "1", "card": "c1"}
    one = await taken_down(house, program, "Ada L.", phone="030 123456", keys=keys)
    other = await taken_down(house, program, "Ada Lovelace", keys={"id": "2"})
    async with house.acting(program) as act:
        request = Request(service_id=back_office.service.id, customer_id=one.customer.id)
        case = (await open_case(act, Opening(request, title="x"))).case
    async with house.acting(program) as act:
        merged = await customers.merge(act, customer_id=one.customer.id, into_id=other.customer.id)
    assert (merged.customer.name, merged.customer.phone) == ("Ada Lovelace", "+4930123456")
    assert merged.keys == {"id": "2", "card": "c1"}
    async with house.acting(program) as act:
        gone = await customers.see(act, customer_id=one.customer.id)
        sight = await see(act, case_id=case.id)
        facts = await history(act, case_id=case.id, after=1, most=9)
        page = await find(act, wanted=Filter(customer_id=other.customer.id))
        archived = await customers.find(act, archived=True)
    assert (gone.customer.archived, gone.customer.merged_into_id) == (True, other.customer.id)
    assert sight.case.customer_id == other.customer.id
    assert [(fact.kind, '"changed":["customer_id"]' in fact.data) for fact in facts] == [
        ("case.corrected", True)
    ]
    assert [found.id for found in page.cases] == [case.id]
    assert [found.id for found in archived.customers] == [one.customer.id]
    async with house.acting(program) as act:
        given = Given(contact={"email": "ada@example.org"})
        known, new = await customers.upsert(act, kind="id", value="1", given=given)
    assert (new, known.customer.id) == (False, other.customer.id)
    async with house.acting(program) as act:
        with pytest.raises(InACircle):
            await customers.merge(act, customer_id=other.customer.id, into_id=one.customer.id)


async def test_another_name_is_found_at_the_customers_cases_too(
    house: House, program: Actor, back_office: BackOffice
) -> None:
    known = await taken_down(house, program, "Ada", phone="030 123456")
    async with house.acting(program) as act:
        request = Request(service_id=back_office.service.id, customer_id=known.customer.id)
        await open_case(act, Opening(request, title="x"))
    async with house.acting(program) as act:
        given = Given(contact={"name": "Countess of Lovelace"})
        await customers.change(act, customer_id=known.customer.id, given=given)
    for person, count in (("countess", 1), ("030 123456", 1), ("earl", 0)):
        async with house.acting(program) as act:
            assert len((await find(act, wanted=Filter(person=person))).cases) == count


async def test_agents_see_customers_and_do_not_change_them(
    house: House, program: Actor, ann: Actor
) -> None:
    known = await taken_down(house, program, "Ada")
    async with house.acting(ann) as act:
        seen = await customers.see(act, customer_id=known.customer.id)
        assert seen.customer == known.customer
        with pytest.raises(Forbidden):
            await customers.create(act, given=Given(contact={"name": "Bo"}))


async def test_what_happens_to_a_customer_is_in_the_journal_without_a_name(
    house: House, program: Actor
) -> None:
    known = await taken_down(house, program, "Ada", email="ada@example.org")
    async with house.acting(program) as act:
        given = Given(contact={"name": "Augusta"}, archived=True)
        await customers.change(act, customer_id=known.customer.id, given=given)
        facts = await act.store.journal.of(known.customer.id)
    assert [(fact.kind, fact.version) for fact in facts] == [
        ("customer.created", 1),
        ("customer.changed", 2),
    ]
    assert '"changed":["name","archived"]' in facts[1].data
    assert not any(word in fact.data for fact in facts for word in ("Ada", "Augusta", "example"))
