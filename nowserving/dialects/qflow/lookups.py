"""Ours: what the numbers mean that other routes speak in (reference/qflow.md 2.10)."""

from typing import Any

from nowserving.actions.directory import seen_directory
from nowserving.dialects.qflow.ask import Ask
from nowserving.dialects.qflow.looking import by_number, service_of
from nowserving.dialects.qflow.models import SERVICES_QUERY
from nowserving.dialects.qflow.say import path_of
from nowserving.kit.problems import NotFound
from nowserving.places.codes import CodeKind
from nowserving.places.directory import Directory
from nowserving.places.organization import Unit
from nowserving.places.services import EntryMode, Service


async def list_units(ask: Ask) -> Any:
    """All units, by number."""
    async with ask.acting() as act:
        directory = await seen_directory(act)
    ordered = sorted(directory.units.values(), key=lambda one: one.number)
    return [_say_unit(directory, one) for one in ordered if not one.archived]


async def see_unit(ask: Ask) -> Any:
    """One unit."""
    async with ask.acting() as act:
        directory = await seen_directory(act)
    return _say_unit(directory, directory.unit_numbered(ask.number()))


async def list_services(ask: Ask) -> Any:
    """All services by number, or those of a unit."""
    given = ask.query(SERVICES_QUERY)
    async with ask.acting() as act:
        directory = await seen_directory(act)
    services = by_number(directory)
    if number := given.integer("UnitId"):
        unit = directory.unit_numbered(number)
        services = [one for one in services if one.unit_id == unit.id]
    return [_say_service(directory, one) for one in services]


async def see_service(ask: Ask) -> Any:
    """One service."""
    async with ask.acting() as act:
        directory = await seen_directory(act)
    for one in by_number(directory):
        if one.number == ask.number():
            return _say_service(directory, one)
    raise NotFound(what="service", id=ask.number())


async def list_types(ask: Ask) -> Any:
    """The appointment types of a service."""
    given = ask.query(SERVICES_QUERY)
    async with ask.acting() as act:
        directory, service = await service_of(act, given)
    return [
        {
            "Id": one.number,
            "Name": one.name,
            "ExtRef": str(one.number),
            "Duration": one.minutes,
            "ColorCode": one.color,
            "ServiceId": service.number,
        }
        for one in directory.types_of(service)
    ]


async def list_reasons(ask: Ask) -> Any:
    """Why an appointment may be called off; the first counts where none is named."""
    return await _codes(ask, CodeKind.CANCELLATION_REASON)


async def list_classifications(ask: Ask) -> Any:
    """What a case may be about."""
    return await _codes(ask, CodeKind.CLASSIFICATION)


async def _codes(ask: Ask, kind: CodeKind) -> Any:
    async with ask.acting() as act:
        directory = await seen_directory(act)
    word = "Code" if kind is CodeKind.CLASSIFICATION else "ExtRef"
    return [
        {"Id": one.number, "Name": one.name, word: one.code} for one in directory.codes_of(kind)
    ]


def _say_unit(directory: Directory, unit: Unit) -> dict[str, Any]:
    kind = directory.codes.get(unit.type_id) if unit.type_id else None
    parent = directory.units.get(unit.parent_id) if unit.parent_id else None
    return {
        "Id": unit.number,
        "Name": unit.name,
        "ExtRef": unit.ext_ref or None,
        "Address": unit.address or None,
        "ParentUnitId": parent.number if parent else 0,
        "TypeId": kind.number if kind else 0,
        "Path": path_of(directory, unit),
        "TimeZoneId": unit.time_zone,
        "WaitingTimeTarget": unit.wait_target * 60,
    }


def _say_service(directory: Directory, service: Service) -> dict[str, Any]:
    booked = service.entry_mode is EntryMode.APPOINTMENT
    return {
        "Id": service.number,
        "Name": service.name,
        "ExtRef": service.ext_ref or None,
        "UnitId": directory.units[service.unit_id].number,
        "ServicePrefix": service.prefix,
        "HasFIFOService": not booked and directory.lined(service),
        "HasCalendarService": booked,
    }
