"""Who is asked before something is done: in time, with nothing held, and leaving no trace."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from standardwebhooks.webhooks import Webhook

from nowserving.actions import amending, desk, search
from nowserving.actions.asked import Asked
from nowserving.actions.asking import WITHIN_HEADER
from nowserving.actions.cases import see
from nowserving.actions.gather import Queued
from nowserving.actions.house import House
from nowserving.actions.queue_up import queue_up
from nowserving.actions.replies import once
from nowserving.actions.sample import Sample
from nowserving.cases.admission import Request
from nowserving.cases.case import Case
from nowserving.cases.finding import Filter
from nowserving.cases.moves import State
from nowserving.hooks.asking import Asker
from nowserving.hooks.breaker import Breaker
from nowserving.kit.http import Reply
from nowserving.kit.problems import Stale
from nowserving.people.actor import Actor, system
from nowserving.people.customers import Customer
from nowserving.places.hooks import Hook, HookKind, HookRefused, NotConfirmed, OnFailure, Outcome
from nowserving.places.services import Channel
from nowserving.store import tables
from nowserving.store.engines import Statement
from tests.hooks.asked import SECRET, AskedFar, add_hook, asked_far, asking, noted
from tests.hooks.far import Post

DENY = OnFailure.DENY


@pytest.fixture
async def asker(house: House, branch: Sample) -> AsyncIterator[Asker]:
    """The house can ask."""
    async with asking(house) as opened:
        yield opened


class Branch:
    """The sample branch as these tests use it."""

    def __init__(self, house: House, sample: Sample, actor: Actor) -> None:
        self.house, self.id, self.actor = house, sample.organization.id, actor

    async def hook(self, kind: HookKind, far: AskedFar | str, **more: Any) -> Hook:
        url = far if isinstance(far, str) else far.url
        return await add_hook(self.house, self.id, kind, url, **more)

    async def service(self, number: int = 2) -> Any:
        directory = await self.house.directory(self.id)
        return next(one for one in directory.services.values() if one.number == number)

    async def take(self, *, key: str | None = None, **asked: Any) -> Case:
        """A number, taken through a door."""
        service = await self.service(asked.pop("number", 2))
        request = Request(service_id=service.id, **asked)
        taken: list[Queued] = []

        def say(queued: Queued) -> Reply:
            taken[:] = [queued]
            return Reply(201, str(queued.case.id))

        reply = await self.house.perform(
            self.actor, lambda act: queue_up(act, request), say, once=once(key, "take", str(asked))
        )
        return await self.case(UUID(reply.body))

    async def case(self, id: UUID) -> Case:
        async with self.house.acting(self.actor) as act:
            return (await see(act, case_id=id)).case

    async def details(self, id: UUID) -> Any:
        async with self.house.acting(self.actor) as act:
            return (await see(act, case_id=id)).details

    async def resolve(self, case: Case) -> Case:
        await self.house.perform(
            self.actor,
            lambda act: desk.resolve(act, case_id=case.id),
            lambda done: Reply(200, ""),
        )
        return await self.case(case.id)

    async def picture(self) -> dict[str, list[Any]]:
        """Every row of every table but what is noted of hooks."""
        found: dict[str, list[Any]] = {}
        async with self.house.engine.reading() as connection:
            for table in tables.metadata.sorted_tables:
                if table.name != "askings":
                    rows = await connection.all(Statement(select(*table.columns)))
                    found[table.name] = sorted(map(repr, rows))
        return found


@pytest.fixture
def here(house: House, branch: Sample, program: Actor, asker: Asker) -> Branch:
    """The sample branch, with its program acting."""
    return Branch(house, branch, program)


def saying(answer: Mapping[str, Any]) -> Callable[[Post], Mapping[str, Any]]:
    return lambda post: answer


async def test_it_is_asked_what_is_about_to_be_done(here: Branch) -> None:
    async with asked_far() as far:
        hook = await here.hook(HookKind.QUEUE_UP, far)
        case = await here.take(key="k1", name="Ada", phone="+4930123456")
    [post], [said] = far.posts, far.said
    assert Webhook(SECRET).verify(post.body, post.headers) == said
    assert said["type"] == "before.queue_up"
    assert {name: said["case"][name] for name in ("id", "ticket", "state", "lined")} == {
        "id": str(case.id),
        "ticket": str(case.ticket),
        "state": "waiting",
        "lined": True,
    }
    assert (said["contact"]["name"], said["contact"]["phone"]) == ("Ada", "+4930123456")
    assert (said["idempotency_key"], post.headers["Idempotency-Key"]) == ("k1", "k1")
    assert (said["dry_run"], said["actor"]["kind"]) == (False, "client")
    assert post.headers["Nowserving-Depth"] == "1"
    assert post.headers["Nowserving-Deadline"][:19] == said["deadline"][:19]
    assert hook.dialect == "native"


async def test_nobody_is_asked_elsewhere(here: Branch) -> None:
    async with asked_far() as far:
        await here.hook(HookKind.QUEUE_UP, far, service_ids=((await here.service(1)).id,))
        await here.take(number=2)
        assert far.posts == []
        await here.take(number=1)
    assert len(far.posts) == 1


async def test_a_refusal_leaves_nothing_behind(here: Branch, asker: Asker) -> None:
    refusal = {"allow": False, "message": {"en": "Not today.", "de": "Heute nicht."}}
    answers: list[Any] = [None]
    async with asked_far(lambda post: answers[0]) as far:
        hook = await here.hook(HookKind.QUEUE_UP, far, on_failure=DENY)
        first = await here.take(number=1)
        before = await here.picture()
        answers[0] = refusal
        with pytest.raises(HookRefused) as refused:
            await here.take(key="again", name="Ada")
        assert await here.picture() == before
        assert refused.value.details["reason"] == "Not today."
        assert (refused.value.said("de-AT"), refused.value.said("fr")) == (
            "Heute nicht.",
            "Not today.",
        )
        answers[0] = None
        case = await here.take(key="again", name="Ada")
    assert (first.number + 1, case.sequence) == (case.number, 1)
    outcomes = [one.outcome for one in await noted(here.house, asker, hook)]
    assert outcomes == [Outcome.AGREED, Outcome.REFUSED, Outcome.AGREED]


async def test_what_it_changes_is_changed(here: Branch, house: House) -> None:
    directory = await house.directory(here.id)
    tag = next(iter(directory.tags))
    kinds = directory.types_of(await here.service(2))
    changes = {
        "state": "pending",
        "type_id": str(kinds[0].id),
        "channel": "video",
        "name": "Grace",
        "email": "grace@navy.example",
        "tag_ids": [str(tag)],
        "priority": 2,
    }
    async with asked_far(saying({"changes": changes})) as far:
        await here.hook(HookKind.QUEUE_UP, far)
        case = await here.take(name="Ada", type_id=kinds[1].id)
    assert (case.state, case.type_id, case.channel) == (
        State.PENDING,
        kinds[0].id,
        Channel.VIDEO,
    )
    assert (case.tag_ids, case.priority) == ((tag,), 2)
    details = await here.details(case.id)
    assert (details.name, details.email) == ("Grace", "grace@navy.example")


async def test_a_change_that_would_not_do_is_left_out_and_noted(here: Branch, asker: Asker) -> None:
    changes = {
        "phone": "not a number",
        "customer_id": str(UUID(int=5)),
        "channel": "chat",
        "fields": {"no-such-field": "x"},
        "name": "Grace",
    }
    async with asked_far(saying({"changes": changes})) as far:
        hook = await here.hook(HookKind.QUEUE_UP, far)
        case = await here.take(name="Ada")
    details = await here.details(case.id)
    assert (details.name, details.phone, case.customer_id) == ("Grace", None, None)
    [noted_] = await noted(here.house, asker, hook)
    assert noted_.outcome is Outcome.CHANGED
    assert noted_.dropped == ("channel", "customer_id", "fields", "phone")


async def test_an_answer_of_another_form_does_not_count(here: Branch, asker: Asker) -> None:
    async with asked_far(saying({"allow": True, "surprise": 1})) as far:
        hook = await here.hook(HookKind.QUEUE_UP, far)
        await here.take()
        assert len(far.posts) == 1
    [one] = await noted(here.house, asker, hook)
    assert (one.outcome, one.status) == (Outcome.FAILED, 200)
    assert "surprise" in str(one.error)


@pytest.mark.parametrize("policy", list(OnFailure))
@pytest.mark.parametrize("trouble", ["slow", "down", "500", "broken off", "too long"])
async def test_who_does_not_answer_has_agreed_or_not(
    here: Branch, policy: OnFailure, trouble: str
) -> None:
    async def never(post: Post) -> None:
        await asyncio.Event().wait()

    troubles: dict[str, Callable[[Post], Any]] = {
        "slow": never,
        "down": lambda post: None,
        "500": lambda post: 500,
        # It agrees, and then the network is gone.
        "broken off": lambda post: b'HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{"allow": tr',
        "too long": saying({"allow": True, "message": "x" * 70_000}),
    }
    async with asked_far(troubles[trouble]) as far:
        url = "http://127.0.0.1:9/" if trouble == "down" else far.url
        await here.hook(HookKind.QUEUE_UP, url, on_failure=policy, milliseconds=200)
        if policy is OnFailure.ALLOW:
            assert (await here.take()).sequence == 1
            return
        before = await here.picture()
        with pytest.raises(NotConfirmed):
            await here.take()
        assert await here.picture() == before


async def test_what_is_said_back_of_our_secrets_is_not_noted(here: Branch, house: House) -> None:
    def says_back(post: Post) -> bytes:
        said = f"{post.path} {post.headers['X-Gate']} {post.headers[WITHIN_HEADER]}".encode()
        return b"HTTP/1.1 500 No\r\nContent-Length: %d\r\n\r\n" % len(said) + said

    own = house.vault.lock(json.dumps({"X-Gate": "sesame-too"}))
    async with asking(house) as asker, asked_far(says_back) as far:
        hook = await here.hook(HookKind.QUEUE_UP, f"{far.url}?token=open-up", headers=own)
        await here.take()
        [one] = await noted(house, asker, hook)
    assert one.response == "/ask?token=••• ••• •••"


async def test_a_dead_hook_costs_nobody_their_time(here: Branch, house: House) -> None:
    async def never(post: Post) -> None:
        await asyncio.Event().wait()

    async with asking(house) as asker, asked_far(never) as far:
        hook = await here.hook(HookKind.QUEUE_UP, far, milliseconds=150)
        for _ in range(6):
            await here.take()
        assert len(far.posts) == 3
        assert len(await noted(house, asker, hook)) == 3


async def test_a_hook_that_is_back_is_asked_again(here: Branch, house: House) -> None:
    answers: list[Any] = [500]
    clock = [0.0]
    breaker = Breaker(rest=5.0, clock=lambda: clock[0])
    async with asking(house, breaker=breaker), asked_far(lambda post: answers[0]) as far:
        await here.hook(HookKind.QUEUE_UP, far)
        for _ in range(5):
            await here.take()
        assert len(far.posts) == 3
        clock[0] = 5.0
        await asyncio.gather(*(here.take() for _ in range(5)))  # one of them tries for all
        assert len(far.posts) == 4
        clock[0], answers[0] = 14.9, None
        await here.take()
        assert len(far.posts) == 4  # it rests longer each time
        clock[0] = 15.0
        await here.take()
        await here.take()
    assert len(far.posts) == 6


async def test_all_are_asked_at_once_and_the_younger_has_the_last_word(
    here: Branch, asker: Asker
) -> None:
    both = asyncio.Barrier(2)

    def meeting(name: str, email: str | None) -> Callable[[Post], Awaitable[Any]]:
        async def answer(post: Post) -> Any:
            await both.wait()
            return {"changes": {"name": name} | ({"email": email} if email else {})}

        return answer

    async with (
        asked_far(meeting("Ada", "a@b.example")) as elder,
        asked_far(meeting("Grace", None)) as younger,
    ):
        await here.hook(HookKind.QUEUE_UP, elder, milliseconds=5000, on_failure=DENY)
        await here.hook(HookKind.QUEUE_UP, younger, milliseconds=5000, on_failure=DENY)
        details = await here.details((await here.take()).id)
    assert (details.name, details.email) == ("Grace", "a@b.example")
    assert not asker._turns  # nor is anything kept of hooks that may be deleted


async def test_nothing_is_held_while_it_is_waited_for(
    here: Branch, house: House, ann: Actor, engine_name: str
) -> None:
    go = asyncio.Event()

    async def slowly(post: Post) -> None:
        await go.wait()

    async with asked_far(slowly) as far:
        await here.hook(
            HookKind.QUEUE_UP, far, milliseconds=5000, service_ids=((await here.service(2)).id,)
        )
        await here.hook(HookKind.RESOLVE, far, milliseconds=5000)
        old = await here.take(number=1)
        waiting = [
            asyncio.ensure_future(here.take(number=2)),
            asyncio.ensure_future(here.resolve(old)),
        ]
        await far.until(2)
        if engine_name == "postgres":
            assert await _in_transaction(house) == 0
        # Others write, to the same line of tickets and to the same case.
        await here.take(number=1)
        async with house.acting(ann) as act:
            await desk.note(act, case_id=old.id, text="Meanwhile.")
        assert not any(one.done() for one in waiting)
        go.set()
        await asyncio.gather(*waiting)
    assert (await here.case(old.id)).state is State.RESOLVED
    assert len(far.posts) == 2  # the case had changed, and nobody was asked twice


async def _in_transaction(house: House) -> int:
    asked = Statement(
        text(
            "select count(*) from pg_stat_activity where datname = current_database()"
            " and state like 'idle in transaction%'"
        )
    )
    async with house.engine.reading() as connection:
        row = await connection.first(asked)
    assert row is not None
    return int(row[0])


async def test_a_repeated_request_is_not_asked_about_again(here: Branch) -> None:
    async with asked_far() as far:
        await here.hook(HookKind.QUEUE_UP, far)
        first = await here.take(key="same")
        assert (await here.take(key="same")).id == first.id
    assert len(far.posts) == 1


async def test_nobody_is_asked_twice_when_the_directory_changes_meanwhile(
    here: Branch, house: House
) -> None:
    async def changing(post: Post) -> Any:
        async with house.acting(system(here.id, "test")) as act:
            await act.store.places.changed()
        return {"changes": {"name": "Grace"}}

    async with asked_far(changing) as far:
        await here.hook(HookKind.QUEUE_UP, far, milliseconds=5000, on_failure=DENY)
        case = await here.take()
    assert far.said[0]["case"]["id"] == str(case.id)
    assert (len(far.posts), (await here.details(case.id)).name) == (1, "Grace")


def test_with_the_same_answers_an_act_is_done_again_twice_at_most() -> None:
    asked = Asked()
    assert [asked.may_do_again() for _ in range(4)] == [True] * 4
    hook_id = UUID(int=1)
    asked.remember(HookKind.RESOLVE, UUID(int=2), [])
    asked._said[HookKind.RESOLVE, UUID(int=2), hook_id] = None
    assert [asked.may_do_again() for _ in range(3)] == [True, True, False]


async def test_a_case_that_changes_all_the_time_is_stale_in_the_end(
    here: Branch, house: House, ann: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with asked_far() as far:
        await here.hook(HookKind.RESOLVE, far)
        case = await here.take()
        looked = amending.ask_about

        async def then_somebody_else(*given: Any, **more: Any) -> Any:
            amended = await looked(*given, **more)
            async with house.acting(ann) as act:
                await desk.note(act, case_id=case.id, text="Meanwhile.")
            return amended

        monkeypatch.setattr(desk, "ask_about", then_somebody_else)
        with pytest.raises(Stale):
            await here.resolve(case)
    assert len(far.posts) == 1
    assert (await here.case(case.id)).version == case.version + 3


async def test_who_lost_a_race_before_anybody_was_asked_holds_nothing_while_asking(
    here: Branch, house: House
) -> None:
    async with asked_far() as far:
        await here.hook(HookKind.RESOLVE, far)
        case = await here.take()
        async with house.acting(here.actor) as act:
            act.again = True
            done = await desk.resolve(act, case_id=case.id)
    assert (done.state, len(far.posts)) == (State.RESOLVED, 1)


async def test_before_it_is_resolved_a_case_can_be_changed(
    here: Branch, house: House, branch: Sample
) -> None:
    directory = await house.directory(here.id)
    [field], tag = directory.fields.values(), next(iter(directory.tags))
    customer = Customer(
        here.id, house.ids(house.clock()), 1, "Ada", None, None, house.clock(), house.clock()
    )
    async with house.acting(system(here.id, "test")) as act:
        await act.store.people.add(customers=[customer])
    changes = {
        "fields": {"company": "Navy"},
        "tag_ids": [str(tag)],
        "customer_id": str(customer.id),
        "name": "Grace",
        "priority": 2,
    }
    async with asked_far(saying({"changes": changes})) as far:
        await here.hook(HookKind.RESOLVE, far)
        case = await here.resolve(await here.take(number=3, phone="+4930123456"))
    details = await here.details(case.id)
    assert (case.state, case.tag_ids, case.customer_id, case.priority) == (
        State.RESOLVED,
        (tag,),
        customer.id,
        0,
    )
    assert (details.name, dict(details.fields)) == ("Grace", {str(field.id): "Navy"})
    assert far.said[0]["case"]["state"] == "waiting"
    async with house.acting(here.actor) as act:
        found = await search.find(act, wanted=Filter(text="grace navy", tag_ids=(tag,)))
    assert [one.id for one in found.cases] == [case.id]


async def test_a_case_is_not_resolved_against_a_refusal(here: Branch) -> None:
    async with asked_far(saying({"allow": False, "message": "Pay first."})) as far:
        await here.hook(HookKind.RESOLVE, far)
        case = await here.take()
        before = await here.picture()
        with pytest.raises(HookRefused):
            await here.resolve(case)
        assert await here.picture() == before


async def test_an_answer_may_begin_with_a_mark_of_its_encoding(here: Branch) -> None:
    body = b'\xef\xbb\xbf{"allow": false}'
    raw = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    async with asked_far(lambda post: raw) as far:
        await here.hook(HookKind.QUEUE_UP, far)
        with pytest.raises(HookRefused):
            await here.take()


async def test_who_may_not_do_it_makes_nobody_be_asked(here: Branch, ann: Actor) -> None:
    async with asked_far() as far:
        await here.hook(HookKind.RESOLVE, far)
        case = await here.resolve(await here.take())
        with pytest.raises(Exception, match="moved on"):
            await here.resolve(case)
    assert len(far.posts) == 1


async def test_no_answer_needs_more_than_was_kept_of_a_request(here: Branch) -> None:
    """A hook that removes what its service needs is not heeded in that."""
    async with asked_far(saying({"changes": {"phone": None, "name": None}})) as far:
        await here.hook(HookKind.QUEUE_UP, far)
        case = await here.take(number=3, phone="+4930123456", name="Ada")
    details = await here.details(case.id)
    assert (details.phone, details.name) == ("+4930123456", None)


async def test_hundreds_wait_for_one_hook_at_once(here: Branch) -> None:
    async with asked_far() as far:
        await here.hook(HookKind.QUEUE_UP, far, milliseconds=5000, on_failure=DENY)
        cases = await asyncio.gather(*(here.take() for _ in range(100)))
    assert sorted(case.sequence for case in cases) == list(range(1, 101))
    assert len({json.loads(post.body)["id"] for post in far.posts}) == 100


def test_a_hook_wants_what_it_was_set_up_for() -> None:
    unit, other, service = UUID(int=1), UUID(int=2), UUID(int=3)
    hook = Hook(
        unit,
        unit,
        HookKind.BOOK,
        "native",
        "",
        "https://x.example",
        None,
        created_at=None,  # type: ignore[arg-type]
        unit_ids=(unit,),
    )
    assert [hook.wants(unit, service), hook.wants(other, service), hook.wants(None, None)] == [
        True,
        False,
        True,
    ]
    assert not replace(hook, service_ids=(other,)).wants(unit, service)
