"""What other systems call our units and services, how long people should wait there, what they
should know before they come, and what is asked of them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from nowserving.actions.act import Act
from nowserving.actions.setting_up import alone, change, checked
from nowserving.kit.problems import Invalid
from nowserving.kit.texts import kept
from nowserving.people.permissions import Permission
from nowserving.places.codes import CodeKind, NoSuchCode
from nowserving.places.organization import Unit
from nowserving.places.services import Service

REFERENCE_AT_MOST = 200
PRICE_AT_MOST = 200
DOCUMENTS_AT_MOST = 2000
MINUTES_AT_MOST = 24 * 60
_OF_UNIT = frozenset({"ext_ref", "type_id", "wait_target"})
_ASKED = frozenset({"needs_customer", "needs_phone", "needs_email", "pends"})
_OF_SERVICE = frozenset({"ext_ref", "price", "documents"}) | _ASKED

_TEXTS = {
    "ext_ref": REFERENCE_AT_MOST,
    "price": PRICE_AT_MOST,
    "documents": DOCUMENTS_AT_MOST,
}


async def change_unit(act: Act, *, unit_id: UUID, to: Mapping[str, Any]) -> Unit:
    """Change the `ext_ref`, `type_id` (a code) or `wait_target` (minutes) of a unit."""
    directory = await act.directory()
    directory.unit(unit_id)
    if (type_id := to.get("type_id")) is not None:
        code = directory.codes.get(type_id)
        if code is None or code.kind is not CodeKind.UNIT_TYPE:
            raise NoSuchCode(field="type_id")
    act.must(Permission.MANAGE_PLACES, at=unit_id)
    seen = (await alone(act)).unit(unit_id)
    changes = _referred(checked(to, _OF_UNIT))
    if not 1 <= changes.get("wait_target", 1) <= MINUTES_AT_MOST:
        raise Invalid(field="wait_target", reason=f"1 to {MINUTES_AT_MOST} minutes")
    changed = replace(seen, **changes)
    await change(act, seen, changed)
    return changed


async def change_service(act: Act, *, service_id: UUID, to: Mapping[str, Any]) -> Service:
    """Change the `ext_ref` of a service, its `price`, and the `documents` to bring.

    And what its cases need from now on: `needs_customer`, `needs_phone`, `needs_email`; whether
    they begin pending: `pends`. Of several with the same reference the first is meant.
    """
    unit_id = (await act.directory()).service(service_id).unit_id
    act.must(Permission.MANAGE_PLACES, at=unit_id)
    seen = (await alone(act)).service(service_id)
    changed = replace(seen, **_referred(checked(to, _OF_SERVICE)))
    await change(act, seen, changed)
    return changed


def _referred(changes: dict[str, Any]) -> dict[str, Any]:
    texts = {
        name: kept(changes[name].strip(), field=name, at_most=most)
        for name, most in _TEXTS.items()
        if name in changes
    }
    return {**changes, **texts}
