"""What a script reads in demo.json and the places and the port decide: ids and addresses."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from nowserving.actions.house import House
from nowserving.main.settings import Settings
from nowserving.people.actor import system
from nowserving.places.codes import CodeKind
from nowserving.places.directory import Directory
from nowserving.places.services import EntryMode


async def of_places(house: House, settings: Settings, facts: dict[str, Any]) -> dict[str, Any]:
    """What of demo.json follows from the places and the port."""
    base = settings.base_url
    directory = await house.directory(UUID(facts["organization_id"]))
    unit = directory.unit_numbered(1)
    slug = facts["organization"]
    return {
        "base_url": base,
        "token_url": f"{base}/{facts['tenant_id']}/oauth2/v2.0/token",
        "api_url": f"{base}/api/v1",
        "docs_url": f"{base}/api/v1/docs",
        "kiosk_url": f"{base}/kiosk/{slug}/{unit.number}",
        "board_url": f"{base}/board/{slug}/{unit.number}",
        "booking_url": f"{base}/book/{slug}/{unit.number}",
        "desk_url": f"{base}/desk",
        "vcc": {
            "base_url": base,
            "user": slug,
            "password": f"{facts['client_id']}.{facts['client_secret']}",
            "project_id": directory.services_of(unit.id)[0].number,
        },
        "qflow": {
            "base_url": f"{base}{settings.qflow_prefix}",
            "api_key": f"{slug}.{facts['client_id']}.{facts['client_secret']}",
            "user": slug,
            "password": f"{facts['client_id']}.{facts['client_secret']}",
            "service_id": directory.services_of(unit.id)[0].number,
            "service_ext_ref": directory.services_of(unit.id)[0].ext_ref,
            "classification_code": next(
                (one.code for one in directory.codes_of(CodeKind.CLASSIFICATION)), None
            ),
        },
        "units": [
            {"id": str(one.id), "number": one.number, "name": one.name, "time_zone": one.time_zone}
            for one in directory.units.values()
        ],
        "services": [_service(directory, service.id) for service in directory.services_of(unit.id)],
        "queues": _named(directory.queues_of(unit.id)),
        "desks": _named(directory.desks_of(unit.id)),
        "workspaces": _named(directory.workspaces_of(unit.id)),
        "outcomes": _named(sorted(directory.outcomes.values(), key=lambda one: one.position)),
        "tags": _named(list(directory.tags.values())),
        "customers_table": {
            "id": str(directory.customers.id),
            "slug": directory.customers.slug,
            "fields": [
                {"id": str(field.id), "slug": field.slug, "key": field.key}
                for field in directory.customers.fields
            ],
        },
        "calendars": await _calendars(house, directory),
        "cases_url": f"{base}/cases",
        "office_url": f"{base}/office",
        "case_service": _inbox(directory),
        "case_statuses": [
            {"id": str(one.id), "name": one.name, "condition": one.condition}
            for one in sorted(directory.statuses.values(), key=lambda one: one.position)
        ],
        "case_priorities": _named(directory.offered_priorities()),
    }


async def _calendars(house: House, directory: Directory) -> list[dict[str, Any]]:
    """The calendars of the next days, of every service that is booked."""
    found = []
    async with house.acting(system(directory.organization.id, "demo")) as act:
        for service in directory.services_of(directory.unit_numbered(1).id):
            if service.entry_mode is not EntryMode.APPOINTMENT:
                continue
            today = act.now.astimezone(directory.unit(service.unit_id).zone).date()
            last = today + timedelta(days=13)
            found += await act.look.calendars.of(service.id, today, last)
    return [
        {
            "id": str(one.id),
            "service_id": str(one.service_id),
            "day": one.day.isoformat(),
            "index": one.index,
        }
        for one in found
    ]


def _service(directory: Directory, id: UUID) -> dict[str, Any]:
    service = directory.service(id)
    return {
        "id": str(service.id),
        "number": service.number,
        "name": service.name,
        "ext_ref": service.ext_ref,
        "entry_mode": str(service.entry_mode),
        "unit_id": str(service.unit_id),
        "queue_id": str(service.queue_id),
        "needs_phone": service.needs_phone,
        "needs_email": service.needs_email,
        "needs_customer": service.needs_customer,
        "service_types": [
            {
                "id": str(kind.id),
                "number": kind.number,
                "name": kind.name,
                "minutes": kind.minutes,
                "channels": [str(channel) for channel in kind.channels],
            }
            for kind in directory.types_of(service)
        ],
        "fields": [
            {"id": str(field.id), "slug": field.slug, "name": field.name}
            for field in directory.fields_of(service.category_id)
        ],
    }


def _inbox(directory: Directory) -> dict[str, Any] | None:
    """The service whose cases stand in no line, if there is one."""
    for service in directory.services.values():
        if not service.archived and not directory.lined(service):
            return _service(directory, service.id)
    return None


def _named(things: Sequence[Any]) -> list[dict[str, Any]]:
    return [{"id": str(thing.id), "name": thing.name} for thing in things]
