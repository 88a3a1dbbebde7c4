"""Seeing what was told to other systems, and telling it again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from nowserving.actions.act import Act
from nowserving.actions.outside import Language
from nowserving.cases.case import Case
from nowserving.cases.moves import QUEUE_UP, State
from nowserving.kit.clock import micros
from nowserving.kit.facts import Fact
from nowserving.kit.problems import Forbidden, Invalid, NotFound
from nowserving.people.permissions import Permission
from nowserving.places.directory import Directory
from nowserving.places.endpoints import Endpoint
from nowserving.places.replays import (
    NothingParked,
    NotTold,
    Replay,
    ReplayEnded,
    ReplayState,
    Source,
)
from nowserving.places.services import Service
from nowserving.store.deliveries import Attempt, Spoken, Wanted
from nowserving.store.lanes import Rest

RECENT = 300
"""The newest facts among which a trial finds one to tell."""

AGO_AT_MOST = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One fact for one endpoint: each attempt, what was said in one of them, and what is left.

    `spoken` and `answer` are those of `attempt`; None if they are kept no longer. `lane` is
    where the case stands for this endpoint.
    """

    endpoint: Endpoint | None
    attempt: Attempt
    attempts: Sequence[Attempt]
    spoken: Spoken | None
    answer: bytes | None
    lane: Rest | None

    @property
    def taken(self) -> bool:
        """Has the endpoint taken it?"""
        return any(one.taken for one in self.attempts)

    @property
    def waits(self) -> bool:
        """Has it yet to be told for the first time?"""
        return self.lane is not None and self.lane.head < self.attempt.version


async def search(
    act: Act,
    *,
    wanted: Wanted,
    fact_id: UUID | None = None,
    before: UUID | None = None,
    most: int = 50,
) -> list[Attempt]:
    """The newest attempts of a kind, newest first; `before`: older than this one.

    `fact_id`: at telling this fact. NotFound for an endpoint, a case or a fact that there is not.
    """
    must_manage(act)
    if wanted.endpoint_id is not None:
        await an_endpoint(act, wanted.endpoint_id)
    if wanted.subject_id is not None:
        await act.look.cases.get(wanted.subject_id)
    if fact_id is not None:
        fact = await act.look.feed.called(fact_id)
        if fact is None:
            raise NotFound(what="fact", id=fact_id)
        if wanted.subject_id not in (None, fact.subject_id):
            return []
        wanted = replace(wanted, subject_id=fact.subject_id, version=fact.version)
    return await act.look.deliveries.search(wanted, before=before, most=most)


async def show(act: Act, *, endpoint_id: UUID, attempt_id: UUID) -> Delivery:
    """The delivery to which an attempt belongs; NotFound if there was none."""
    must_manage(act)
    attempt = await act.look.deliveries.attempt(endpoint_id, attempt_id)
    if attempt is None:
        raise NotFound(what="attempt", id=attempt_id)
    spoken, answer = await act.look.deliveries.content(attempt)
    endpoints = await act.look.endpoints.some([endpoint_id])
    return Delivery(
        endpoint=endpoints.get(endpoint_id),
        attempt=attempt,
        attempts=await act.look.deliveries.of_fact(
            endpoint_id, attempt.subject_id, attempt.version
        ),
        spoken=spoken,
        answer=answer,
        lane=await act.look.lanes.lane(endpoint_id, attempt.subject_id),
    )


async def parked(act: Act, *, endpoint_id: UUID | None = None, most: int = 100) -> list[Rest]:
    """Cases that an endpoint does not take and that nobody tries any more."""
    must_manage(act)
    if endpoint_id is not None:
        await an_endpoint(act, endpoint_id)
    return await act.look.lanes.parked(endpoint_id, most)


async def resume(act: Act, *, endpoint_id: UUID, subject_id: UUID) -> None:
    """Try at once to tell what an endpoint has yet to be told about a case.

    Raises NothingParked if that is nothing, or is on its way; NotFound if it never was told
    anything about it.
    """
    must_manage(act)
    endpoint = await an_endpoint(act, endpoint_id)
    if await act.look.lanes.lane(endpoint.id, subject_id) is None:
        raise NotFound(what="lane", id=subject_id)
    if not await act.store.lanes.resume(endpoint.id, subject_id, act.now):
        raise NothingParked(endpoint=endpoint_id, subject=subject_id)


async def send_test(act: Act, *, endpoint_id: UUID) -> Replay:
    """Tell an endpoint something, once, marked as a trial; the replay shows what came of it.

    It is told the newest thing that happened of those it wants to hear of and of which its
    language has surely something to say, or something made up. Raises NotTold if it is disabled.
    """
    must_manage(act)
    endpoint = await an_endpoint(act, endpoint_id)
    if not endpoint.state.told:
        raise NotTold(endpoint=endpoint_id)
    return await _ask(act, endpoint, Source.TEST, await _trial(act, endpoint), total=1)


async def replay(
    act: Act,
    *,
    endpoint_id: UUID,
    subject_id: UUID | None = None,
    version: int | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    after: int | None = None,
    up_to: int | None = None,
    only_failed: bool = False,
) -> Replay:
    """Tell an endpoint again, in order for each case, beside what is new.

    One fact (`subject_id`, `version`), a part of the feed by time (`since`, `until`) or by
    position (behind `after`, up to `up_to`), or with `only_failed` what it did not take of what
    it was told within the time. What has yet to be told for the first time stays on its lane,
    which is hurried. Raises Invalid if nothing of this is given, NotFound for an unknown fact.
    """
    must_manage(act)
    endpoint = await an_endpoint(act, endpoint_id)
    if subject_id is not None:
        return await _replay_fact(act, endpoint, subject_id, version)
    if only_failed:
        return await _replay_failed(act, endpoint, since, until)
    if since is None and after is None:
        raise Invalid(field="since", reason="say from when or from where on")
    head = (await act.look.feed.head())[1]
    if after is None:
        after = await act.look.feed.position_at(_since(act, since))
    begin = min(max(after, 0), head)  # the feed has no other places, however large the number
    end = max(begin, min(up_to if up_to is not None else head, head))
    wish = {"after": begin, "up_to": end, "since": since, "until": until}
    return await _ask(act, endpoint, Source.FEED, wish, total=end - begin)


async def replays(act: Act, *, endpoint_id: UUID | None = None, most: int = 50) -> list[Replay]:
    """The newest replays and trials, newest first."""
    must_manage(act)
    if endpoint_id is not None:
        await an_endpoint(act, endpoint_id)
    return await act.look.replays.newest(endpoint_id, most)


async def show_replay(act: Act, *, replay_id: UUID) -> Replay:
    """One replay; NotFound if there is none."""
    must_manage(act)
    found = await act.look.replays.get(replay_id)
    if found is None:
        raise NotFound(what="replay", id=replay_id)
    return found


async def cancel(act: Act, *, replay_id: UUID) -> Replay:
    """End a replay; what is on its way still arrives. ReplayEnded if it has ended."""
    found = await show_replay(act, replay_id=replay_id)
    if not await act.store.replays.cancel(replay_id, act.now):
        raise ReplayEnded(replay=replay_id)
    return replace(found, state=ReplayState.CANCELED, due=None, ended_at=act.now)


async def in_trouble(act: Act) -> list[Endpoint]:
    """Endpoints that fail or were disabled because of it, for whoever can do something about it.

    Nobody else is told; they get an empty list.
    """
    if not act.actor.may_everywhere(Permission.MANAGE_INTEGRATIONS):
        return []
    return [one for one in await act.look.endpoints.all() if one.in_trouble]


def must_manage(act: Act) -> None:
    """Forbidden unless the actor looks after what other systems are told."""
    if not act.actor.may_everywhere(Permission.MANAGE_INTEGRATIONS):
        raise Forbidden(permission=Permission.MANAGE_INTEGRATIONS)


async def an_endpoint(act: Act, id: UUID) -> Endpoint:
    """An endpoint that is not deleted; NotFound if there is none."""
    found = await act.look.endpoints.some([id])
    if id not in found:
        raise NotFound(what="endpoint", id=id)
    return found[id]


async def _replay_fact(
    act: Act, endpoint: Endpoint, subject_id: UUID, version: int | None
) -> Replay:
    if version is None:
        raise Invalid(field="version", reason="say which version of the subject")
    facts = await act.look.journal.of(subject_id, after=version - 1, most=1)
    if not facts or facts[0].version != version:
        raise NotFound(what="fact", id=subject_id, version=version)
    wish = {"subject_id": subject_id, "version": version}
    return await _ask(act, endpoint, Source.FACT, wish, total=1)


async def _replay_failed(
    act: Act, endpoint: Endpoint, since: datetime | None, until: datetime | None
) -> Replay:
    begin = _since(act, since)
    # What fails from now on is still being tried.
    end = min(until, act.now) if until is not None else act.now
    total = await act.look.replays.count_failed(endpoint.id, since=begin, until=end)
    wish = {"since": begin, "until": end}
    return await _ask(act, endpoint, Source.FAILED, wish, total=total)


def _since(act: Act, since: datetime | None) -> datetime:
    longest = act.now - AGO_AT_MOST
    return longest if since is None else max(since, longest)


async def _ask(
    act: Act, endpoint: Endpoint, source: Source, wish: Mapping[str, Any], *, total: int
) -> Replay:
    asked = Replay(
        organization_id=endpoint.organization_id,
        id=act.new_id(),
        endpoint_id=endpoint.id,
        state=ReplayState.WAITING,
        wish={"source": source, **wish},
        total=total,
        created_by=act.actor.principal,
        created_at=act.now,
        due=act.now,
    )
    await act.store.replays.add(asked)
    return asked


async def _trial(act: Act, endpoint: Endpoint) -> Mapping[str, Any]:
    language = act.house.outside.language(endpoint.dialect)
    for fact in await act.look.feed.newest(RECENT):
        if _can_be_tried(fact, endpoint, language):
            return {"subject_id": fact.subject_id, "version": fact.version}
    made_up = _made_up(act, await act.directory(), endpoint)
    return {
        "subject_id": made_up.id,
        "version": 1,
        "kind": QUEUE_UP.fact,
        "made_up": msgspec.json.encode({"case": made_up}).decode(),
    }


def _can_be_tried(fact: Fact, endpoint: Endpoint, language: Language) -> bool:
    if fact.kind not in language.kinds or not _is_among(fact.kind, endpoint.kinds):
        return False
    if language.differences and fact.version > 1:
        return False  # perhaps nothing of it has changed
    return _is_there(msgspec.json.decode(fact.data, type=_Placed).case, endpoint)


class _Place(msgspec.Struct):
    """Where a case is."""

    unit_id: UUID | None = None
    service_id: UUID | None = None


class _Placed(msgspec.Struct):
    """What a fact says of where it happened; of anything but a case it is not asked."""

    case: _Place = msgspec.field(default_factory=_Place)


def _is_there(place: _Place | Service, endpoint: Endpoint) -> bool:
    units, services = endpoint.unit_ids, endpoint.service_ids
    service_id = place.id if isinstance(place, Service) else place.service_id
    return (units is None or place.unit_id in units) and (
        services is None or service_id in services
    )


def _is_among(kind: str, patterns: Sequence[str]) -> bool:
    return any(kind == one or (one[-1:] == "*" and kind.startswith(one[:-1])) for one in patterns)


def _made_up(act: Act, directory: Directory, endpoint: Endpoint) -> Case:
    """A case that nobody opened: somebody who waits, where the endpoint wants to hear of it."""
    open_now = [one for one in directory.services.values() if not one.archived]
    wanted = (one for one in open_now if _is_there(one, endpoint))
    service = next(wanted, open_now[0] if open_now else None)
    if service is None:
        raise Invalid(field="endpoint_id", reason="there is no service to make up a case of")
    kind = directory.types_of(service)[0]
    return Case(
        organization_id=act.actor.organization_id,
        id=act.new_id(),
        number=0,
        version=1,
        state=State.WAITING,
        unit_id=service.unit_id,
        queue_id=service.queue_id,
        service_id=service.id,
        category_id=service.category_id,
        type_id=kind.id,
        parent_id=None,
        customer_id=None,
        channel=kind.channels[0],
        language=directory.organization.languages[0],
        day=act.now.date(),
        sequence=0,
        prefix=service.prefix,
        ticket_number=0,
        suffix="",
        priority=0,
        rank=micros(act.now),
        callable_at=micros(act.now),
        opened_at=act.now,
        joined_at=act.now,
        reference_at=act.now,
        state_at=act.now,
    )
