"""Endpoints: who is told facts, in which language, and how they fare."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET

from nowserving.actions import endpoints
from nowserving.actions.act import Act
from nowserving.actions.doorway import Doorway
from nowserving.actions.endpoints import Faring, Shown
from nowserving.dialects.native import orders_webhooks as orders
from nowserving.dialects.native import shapes_webhooks as shapes
from nowserving.dialects.native.changes import Changes, ChangesPage, say_changes
from nowserving.dialects.native.operations import Chapter
from nowserving.journal.catalogue import KINDS
from nowserving.places.organization import Organization

CHAPTER = Chapter(
    "Webhooks",
    "An endpoint is an address that is told facts, at least once and in order for each case. "
    "A new one is told from now on, at first one fact in a second: it is asked with a signed "
    "`endpoint.challenge`, and when it answers with the token it is told at its own pace. Only "
    "who manages integrations of the whole organization may see and change endpoints.",
)


@CHAPTER.get("/facts/kinds")
async def get_fact_kinds(act: Act) -> shapes.FactKinds:
    """Every kind of fact that an endpoint can be told."""
    return shapes.FactKinds(
        [shapes.FactKind(one.name, one.subject, one.sentence, list(one.beside)) for one in KINDS]
    )


@CHAPTER.get("/endpoints")
async def get_endpoints(act: Act, query: orders.EndpointsPage) -> shapes.Endpoints:
    """All endpoints, and how they fare."""
    after = None if query.after is UNSET else UUID(query.after)
    found = await endpoints.page(act, after=after, most=query.limit + 1)
    shown = [_file(one) for one in found[: query.limit]]
    return shapes.Endpoints(shown, next=str(shown[-1].id) if len(found) > query.limit else None)


def _keyed(here: Doorway, organization: Organization, shown: Shown) -> shapes.KeyedEndpoint:
    return shapes.KeyedEndpoint(**_members(shown), secret=shown.secret)


@CHAPTER.post(
    "/endpoints",
    say=_keyed,
    status=201,
    at=lambda shown: f"/endpoints/{shown.endpoint.id}",
    example={
        "dialect": "native",
        "url": "https://crm.example/hooks",
        "kinds": ["case.*"],
        "name": "CRM",
    },
    shown_once=("secret",),
)
async def add_endpoint(act: Act, order: orders.AddEndpoint) -> Shown:
    """Tell an address what happens from now on.

    The answer has the secret with which facts are signed, or encrypted. Keep it: it is shown
    this once.
    """
    return await endpoints.add(act, **msgspec.structs.asdict(order))


@CHAPTER.get("/endpoints/{endpoint_id}")
async def get_endpoint(act: Act, endpoint_id: UUID) -> shapes.EndpointFile:
    """One endpoint, and how it fares."""
    return _file(await endpoints.show(act, endpoint_id=endpoint_id))


@CHAPTER.patch(
    "/endpoints/{endpoint_id}",
    say=_keyed,
    example={"version": 1, "kinds": ["case.called", "case.resolved"], "rate": 50},
    shown_once=("secret",),
)
async def change_endpoint(act: Act, endpoint_id: UUID, order: orders.ChangeEndpoint) -> Shown:
    """Change what an endpoint is told, and how.

    Another address has to confirm anew. Where a secret becomes needed, one is made and shown.
    """
    changes = {
        name: value
        for name, value in msgspec.structs.asdict(order).items()
        if name != "version" and value is not UNSET
    }
    return await endpoints.change(
        act, endpoint_id=endpoint_id, version=order.version, changes=changes
    )


@CHAPTER.delete("/endpoints/{endpoint_id}")
async def delete_endpoint(act: Act, endpoint_id: UUID) -> None:
    """Take an endpoint away: it is told nothing more, and its secret is gone."""
    await endpoints.remove(act, endpoint_id=endpoint_id)


@CHAPTER.post("/endpoints/{endpoint_id}/pause")
async def pause_endpoint(act: Act, endpoint_id: UUID) -> shapes.Endpoint:
    """Tell an endpoint nothing until it is resumed; what happens meanwhile is told then."""
    return _plain(await endpoints.pause(act, endpoint_id=endpoint_id))


@CHAPTER.post("/endpoints/{endpoint_id}/resume")
async def resume_endpoint(act: Act, endpoint_id: UUID) -> shapes.Endpoint:
    """Tell an endpoint again from where it was left, whatever it was disabled for."""
    return _plain(await endpoints.resume(act, endpoint_id=endpoint_id))


@CHAPTER.post(
    "/endpoints/{endpoint_id}/roll-secret",
    say=_keyed,
    example={"both_for_hours": 48},
    shown_once=("secret",),
)
async def roll_endpoint_secret(act: Act, endpoint_id: UUID, order: orders.RollSecret) -> Shown:
    """Give an endpoint a new secret; the old one signs beside it for a while."""
    hours = order.both_for_hours
    return await endpoints.roll_secret(
        act,
        endpoint_id=endpoint_id,
        both_for=None if hours is None else timedelta(hours=hours),
        secret=order.secret,
    )


@CHAPTER.post("/endpoints/{endpoint_id}/challenge")
async def challenge_endpoint(act: Act, endpoint_id: UUID) -> shapes.Endpoint:
    """Ask an endpoint once more whether it wants to be told."""
    return _plain(await endpoints.ask_again(act, endpoint_id=endpoint_id))


@CHAPTER.get("/endpoints/{endpoint_id}/changes")
async def get_endpoint_changes(act: Act, endpoint_id: UUID, query: ChangesPage) -> Changes:
    """Who changed what of an endpoint, the newest first."""
    await endpoints.show(act, endpoint_id=endpoint_id)
    found = await endpoints.history(
        act, endpoint_id=endpoint_id, before=query.older_than, most=query.limit + 1
    )
    return say_changes(found, query)


def _plain(shown: Shown) -> shapes.Endpoint:
    return shapes.Endpoint(**_members(shown))


def _file(one: Faring) -> shapes.EndpointFile:
    last = one.health.last
    return shapes.EndpointFile(
        **_members(one.shown),
        health=shapes.EndpointHealth(
            waiting=one.health.waiting,
            failing_since=one.shown.endpoint.failing_since,
            last_attempt=None
            if last is None
            else shapes.LastAttempt(last.at, last.status, last.error),
        ),
    )


def _members(shown: Shown) -> dict[str, Any]:
    endpoint = shown.endpoint
    named = {
        name: getattr(endpoint, name)
        for name in shapes.Endpoint.__struct_fields__
        if name not in ("has_secret", "header_names")
    }
    return named | {
        "has_secret": endpoint.secret is not None,
        "header_names": list(shown.header_names),
        "settings": {name: one for name, one in endpoint.settings.items() if name != "allowed"},
    }
