"""What the operator can do on the command line beside a server: the office's actions, by name.

Each command takes and answers what can be said in JSON, so that it is the same whether it is
done here or by a server that runs (`main/side_door.py`).
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from nowserving.actions import deliveries, endpoints
from nowserving.actions.act import Act
from nowserving.actions.endpoint_terms import discreet
from nowserving.actions.endpoints import Faring, Shown
from nowserving.actions.house import House
from nowserving.kit.problems import Invalid, NotFound
from nowserving.main.tokens import COMMANDS as TOKENS
from nowserving.people.actor import system
from nowserving.places.directory import Directory
from nowserving.places.replays import Replay

Command = Callable[[Act, Mapping[str, Any]], Awaitable[Any]]

OPERATOR = "operator"
PAGE = 200


async def obey(house: House, command: str, given: Mapping[str, Any]) -> Any:
    """Do what a command says, in the organization named in `given` or the only one."""
    if command not in COMMANDS:
        raise Invalid(reason=f"this server knows no command {command}")
    organization_id = await _organization(house, given.get("organization"))
    async with house.acting(system(organization_id, OPERATOR)) as act:
        done = await COMMANDS[command](act, given)
    return msgspec.json.decode(msgspec.json.encode(done))


async def _add(act: Act, given: Mapping[str, Any]) -> Any:
    directory = await act.directory()
    terms = {name: given[name] for name in _TERMS if given.get(name) is not None}
    terms |= {
        name: [find(directory, text) for text in given[name]]
        for name, find in (("unit_ids", _unit), ("service_ids", _service))
        if given.get(name)
    }
    shown = await endpoints.add(act, **terms, trusted=bool(given.get("trusted")))
    return _said(shown) | {"secret": shown.secret}


async def _list(act: Act, given: Mapping[str, Any]) -> Any:
    found: list[Faring] = []
    while True:
        after = found[-1].shown.endpoint.id if found else None
        part = await endpoints.page(act, after=after, most=PAGE)
        found += part
        if len(part) < PAGE:
            return [_faring(one) | {"url": discreet(one.shown.endpoint.url)} for one in found]


async def _show(act: Act, given: Mapping[str, Any]) -> Any:
    return _faring(await endpoints.show(act, endpoint_id=_id(given)))


async def _pause(act: Act, given: Mapping[str, Any]) -> Any:
    return _said(await endpoints.pause(act, endpoint_id=_id(given)))


async def _resume(act: Act, given: Mapping[str, Any]) -> Any:
    return _said(await endpoints.resume(act, endpoint_id=_id(given)))


async def _confirm(act: Act, given: Mapping[str, Any]) -> Any:
    return _said(await endpoints.confirm(act, endpoint_id=_id(given)))


async def _roll(act: Act, given: Mapping[str, Any]) -> Any:
    hours = given.get("both_for_hours")
    shown = await endpoints.roll_secret(
        act,
        endpoint_id=_id(given),
        both_for=None if hours is None else timedelta(hours=hours),
        secret=given.get("secret"),
    )
    return _said(shown) | {"secret": shown.secret}


async def _delete(act: Act, given: Mapping[str, Any]) -> Any:
    await endpoints.remove(act, endpoint_id=_id(given))
    return {"id": given["id"], "state": "deleted"}


async def _test(act: Act, given: Mapping[str, Any]) -> Any:
    return _replay_said(await deliveries.send_test(act, endpoint_id=_id(given)))


async def _replay(act: Act, given: Mapping[str, Any]) -> Any:
    case = given.get("case")
    asked = await deliveries.replay(
        act,
        endpoint_id=_id(given),
        subject_id=None if case is None else _uuid(str(case), "case"),
        version=given.get("version"),
        since=_instant(given, "since"),
        until=_instant(given, "until"),
        after=given.get("after"),
        up_to=given.get("up_to"),
        only_failed=bool(given.get("only_failed")),
    )
    return _replay_said(asked)


async def _progress(act: Act, given: Mapping[str, Any]) -> Any:
    return _replay_said(await deliveries.show_replay(act, replay_id=_id(given)))


def _instant(given: Mapping[str, Any], name: str) -> datetime | None:
    text = given.get(name)
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(field=name, reason="a date and time like 2026-01-31T10:00Z") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _replay_said(replay: Replay) -> dict[str, Any]:
    return {
        "id": replay.id,
        "endpoint_id": replay.endpoint_id,
        "state": replay.state,
        "total": replay.total,
        "seen": replay.seen,
        "told": replay.told,
    }


COMMANDS: Mapping[str, Command] = {
    "add": _add,
    "list": _list,
    "show": _show,
    "pause": _pause,
    "resume": _resume,
    "confirm": _confirm,
    "roll": _roll,
    "delete": _delete,
    "test": _test,
    "replay": _replay,
    "progress": _progress,
    **TOKENS,
}
_TERMS = (
    "dialect",
    "url",
    "name",
    "kinds",
    "authorization",
    "secret",
    "settings",
    "headers",
    "concurrency",
    "rate",
)


def _said(shown: Shown) -> dict[str, Any]:
    endpoint = shown.endpoint
    return {
        "id": endpoint.id,
        "name": endpoint.name,
        "dialect": endpoint.dialect,
        "url": endpoint.url,
        "state": endpoint.state,
        "why": endpoint.why,
        "kinds": endpoint.kinds,
        "unit_ids": endpoint.unit_ids,
        "service_ids": endpoint.service_ids,
        "authorization": endpoint.authorization,
        "settings": {name: one for name, one in endpoint.settings.items() if name != "allowed"},
        "header_names": shown.header_names,
        "concurrency": endpoint.concurrency,
        "rate": endpoint.rate,
        "trusted": endpoint.trusted,
        "confirmed": endpoint.confirmed,
        "created_at": endpoint.created_at,
    }


def _faring(one: Faring) -> dict[str, Any]:
    last = one.health.last
    return _said(one.shown) | {
        "failing_since": one.shown.endpoint.failing_since,
        "waiting": one.health.waiting,
        "last_attempt": last and {"at": last.at, "status": last.status, "error": last.error},
    }


async def _organization(house: House, slug: str | None) -> UUID:
    if slug is not None:
        return (await house.organization_called(slug)).id
    known = await house.organizations()
    if not known:
        raise NotFound(what="organization")
    if len(known) > 1:
        reason = f"say which with --organization: {', '.join(one.slug for one in known)}"
        raise Invalid(reason=reason)
    return known[0].id


def _id(given: Mapping[str, Any]) -> UUID:
    try:
        return UUID(str(given.get("id")))
    except ValueError:
        raise NotFound(what="endpoint", id=given.get("id")) from None


def _unit(directory: Directory, text: str) -> UUID:
    """A unit by its number or id."""
    if text.isdecimal():
        return directory.unit_numbered(int(text)).id
    return directory.unit(_uuid(text, "unit")).id


def _service(directory: Directory, text: str) -> UUID:
    """A service by its number, external reference or id."""
    for service in directory.services.values():
        if text in (str(service.number), service.ext_ref, str(service.id)):
            return service.id
    raise NotFound(what="service", id=text)


def _uuid(text: str, what: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(what=what, id=text) from None
