"""What other systems were told, and telling them again."""

from base64 import b64encode
from typing import Any
from uuid import UUID

from msgspec import UNSET

from nowserving.actions import deliveries
from nowserving.actions.act import Act
from nowserving.actions.doorway import Doorway
from nowserving.dialects.native import say
from nowserving.dialects.native import shapes_deliveries as shapes
from nowserving.dialects.native.operations import Chapter
from nowserving.kit.problems import NotFound
from nowserving.places.organization import Organization
from nowserving.places.replays import NothingParked, NotTold, Replay, ReplayEnded
from nowserving.store import lanes
from nowserving.store.deliveries import Spoken, Wanted

CHAPTER = Chapter(
    "Deliveries",
    "What endpoints were told, with each attempt, what was said and what came back; kept for 30 "
    "days. A replay tells again what happened: with the same `webhook-id`, marked with "
    "`webhook-replay: true`, in order for each case, and never before what is new.",
)


def say_replay(_here: Doorway, _organization: Organization, one: Replay) -> shapes.ReplayAt:
    """A replay."""
    return _replay(one)


@CHAPTER.get("/deliveries", raises=(NotFound,))
async def get_deliveries(act: Act, query: shapes.AttemptsPage) -> shapes.Attempts:
    """Attempts at telling, newest first."""
    wanted = Wanted(
        endpoint_id=_given(query.endpoint_id),
        subject_id=_given(query.case_id),
        kind=_given(query.kind),
        status=_given(query.status),
        taken=_given(query.taken),
        since=_given(query.since),
        until=_given(query.until),
    )
    found = await deliveries.search(
        act,
        wanted=wanted,
        fact_id=_given(query.fact_id),
        before=None if query.before is UNSET else UUID(query.before),
        most=query.limit + 1,
    )
    shown = found[: query.limit]
    return shapes.Attempts(
        attempts=[say.like(one, shapes.AttemptAt) for one in shown],
        next=shown[-1].id if len(found) > len(shown) else None,
    )


@CHAPTER.get("/endpoints/{endpoint_id}/deliveries/{attempt_id}")
async def get_delivery(act: Act, endpoint_id: UUID, attempt_id: UUID) -> shapes.DeliveryOf:
    """The delivery to which an attempt belongs, and what was said and answered in it."""
    found = await deliveries.show(act, endpoint_id=endpoint_id, attempt_id=attempt_id)
    return shapes.DeliveryOf(
        endpoint_id=endpoint_id,
        endpoint_state=None if found.endpoint is None else found.endpoint.state,
        taken=found.taken,
        attempt=say.like(found.attempt, shapes.AttemptAt),
        attempts=[say.like(one, shapes.AttemptAt) for one in found.attempts],
        request=None if found.spoken is None else _spoken(found.spoken),
        answer=None if found.answer is None else found.answer.decode(errors="replace"),
        lane=None if found.lane is None else _rest(found.lane),
    )


@CHAPTER.get("/deliveries/parked", raises=(NotFound,))
async def get_parked(act: Act, query: shapes.OfEndpoint) -> shapes.Rests:
    """Cases that an endpoint does not take and that nobody tries any more."""
    found = await deliveries.parked(act, endpoint_id=_given(query.endpoint_id), most=query.limit)
    return shapes.Rests([_rest(one) for one in found])


@CHAPTER.post("/endpoints/{endpoint_id}/lanes/{subject_id}/resume", raises=(NothingParked,))
async def resume_lane(act: Act, endpoint_id: UUID, subject_id: UUID) -> None:
    """Try at once to tell what an endpoint has yet to be told about a case."""
    await deliveries.resume(act, endpoint_id=endpoint_id, subject_id=subject_id)


@CHAPTER.post(
    "/endpoints/{endpoint_id}/test",
    say=say_replay,
    status=202,
    at=lambda one: f"/replays/{one.id}",
    raises=(NotTold,),
)
async def send_test(act: Act, endpoint_id: UUID) -> Replay:
    """Tell an endpoint something once, marked with `webhook-test: true`.

    The replay that is answered shows what came of it.
    """
    return await deliveries.send_test(act, endpoint_id=endpoint_id)


@CHAPTER.post(
    "/endpoints/{endpoint_id}/replays",
    say=say_replay,
    status=202,
    at=lambda one: f"/replays/{one.id}",
    example={"since": "2026-11-25T08:00:00Z", "only_failed": True},
)
async def ask_replay(act: Act, endpoint_id: UUID, order: shapes.AskReplay) -> Replay:
    """Tell an endpoint again what happened."""
    return await deliveries.replay(
        act,
        endpoint_id=endpoint_id,
        subject_id=order.case_id,
        version=order.version,
        since=order.since,
        until=order.until,
        after=order.after,
        up_to=order.up_to,
        only_failed=order.only_failed,
    )


@CHAPTER.post(
    "/endpoints/{endpoint_id}/deliveries/{attempt_id}/replay",
    say=say_replay,
    status=202,
    at=lambda one: f"/replays/{one.id}",
)
async def replay_delivery(act: Act, endpoint_id: UUID, attempt_id: UUID) -> Replay:
    """Tell once more what this attempt told."""
    found = await deliveries.show(act, endpoint_id=endpoint_id, attempt_id=attempt_id)
    return await deliveries.replay(
        act,
        endpoint_id=endpoint_id,
        subject_id=found.attempt.subject_id,
        version=found.attempt.version,
    )


@CHAPTER.get("/replays", raises=(NotFound,))
async def get_replays(act: Act, query: shapes.OfEndpoint) -> shapes.Replays:
    """The newest replays and trials."""
    found = await deliveries.replays(act, endpoint_id=_given(query.endpoint_id), most=query.limit)
    return shapes.Replays([_replay(one) for one in found])


@CHAPTER.get("/replays/{replay_id}")
async def get_replay(act: Act, replay_id: UUID) -> shapes.ReplayAt:
    """How a replay stands."""
    return _replay(await deliveries.show_replay(act, replay_id=replay_id))


@CHAPTER.post("/replays/{replay_id}/cancel", say=say_replay, raises=(ReplayEnded,))
async def cancel_replay(act: Act, replay_id: UUID) -> Replay:
    """End a replay; what is on its way still arrives."""
    return await deliveries.cancel(act, replay_id=replay_id)


def _given(value: Any) -> Any:
    return None if value is UNSET else value


def _replay(one: Replay) -> shapes.ReplayAt:
    plain = {name: getattr(one, name) for name in shapes.ReplayAt.__struct_fields__}
    return shapes.ReplayAt(**plain)


def _rest(one: lanes.Rest) -> shapes.Rest:
    is_parked = one.due is None and one.lease is None and one.tail > one.head
    return shapes.Rest(
        endpoint_id=one.endpoint_id,
        subject_id=one.subject_id,
        head=one.head,
        tail=one.tail,
        attempt=one.attempt,
        due=one.due,
        parked=is_parked,
        gap=one.gap,
    )


def _spoken(one: Spoken) -> shapes.SpokenTo:
    try:
        body, is_base64 = one.body.decode(), False
    except UnicodeDecodeError:
        body, is_base64 = b64encode(one.body).decode(), True
    return shapes.SpokenTo(one.method, one.url, dict(one.headers), body, is_base64)
